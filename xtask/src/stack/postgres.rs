//! A private PostgreSQL, owned by an unprivileged user: it refuses to run as root.
//!
//! Clients come over TCP with a password. Over its socket, in a folder that only its owner may enter, the
//! administrator comes without one; that is how roles and databases are made.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use rustix::process::geteuid;

use super::secrets::random_token;
use super::supervisor::{Account, Farewell, Layer, Service, command_as};
use super::{Instance, Lifetime};
use crate::digest::Fingerprint;
use crate::place::postgres_programs;
use crate::{command, say};

/// Who administers it, over the socket only.
const ADMINISTRATOR: &str = "postgres";

/// Where root keeps it: the unprivileged user may not be able to enter the checkout: homes are often closed to others.
const HOME_FOR_ROOT: &str = "/var/lib/skydesk-local";

/// The kernel's limit for a socket's path is 107 bytes, and the name takes some.
const LONGEST_SOCKET_DIR: usize = 85;

/// A private PostgreSQL.
#[derive(Debug)]
pub(crate) struct Postgres {
    programs: PathBuf,
    home: PathBuf,
    sockets: PathBuf,
    port: u16,
    account: Option<Account>,
    lifetime: Lifetime,
}

impl Postgres {
    /// Makes its data folder when there is none.
    pub(crate) fn prepare(instance: &Instance, port: u16) -> Result<Self> {
        let programs =
            postgres_programs().context("PostgreSQL's server is missing; `cargo xtask setup` installs it")?;
        let home = home(instance);
        let account = if geteuid().is_root() { Some(unprivileged_account()?) } else { None };
        let it =
            Self { programs, sockets: socket_dir(&home), home, port, account, lifetime: instance.lifetime };
        it.forget_strangers(instance)?;
        if !it.data().join("PG_VERSION").exists() {
            say::step("a new database", || it.initialise(instance))?;
        }
        it.own_directory(&it.sockets)?;
        Ok(it)
    }

    pub(crate) fn service(&self) -> Service {
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", self.sockets.display()),
            "unix_socket_permissions=0700".to_owned(),
            "max_connections=200".to_owned(),
            "log_line_prefix=%m [%p] ".to_owned(),
        ];
        if self.lifetime == Lifetime::Test {
            // Nobody needs a test's data after a power cut.
            settings
                .extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(String::from));
        }
        let mut arguments = vec!["-D".to_owned(), self.data().display().to_string()];
        arguments.extend(settings.into_iter().flat_map(|it| ["-c".to_owned(), it]));
        Service {
            name: "postgres".to_owned(),
            program: self.programs.join("postgres"),
            arguments,
            environment: vec![("LC_ALL".to_owned(), "C.UTF-8".to_owned())],
            directory: "/".into(),
            account: self.account,
            farewell: Farewell::Interrupt,
            layer: Layer::Store,
        }
    }

    pub(crate) fn answers(&self) -> bool {
        command::succeeds(self.client("pg_isready").args(["--quiet", "--timeout=1"]))
    }

    /// Makes a role and its database, or sets the password of the one that is there. The role may make roles
    /// and databases, as the product's migrations and tests do; it is no superuser.
    pub(crate) fn make_database(&self, role: &str, database: &str, password: &str) -> Result<()> {
        let script = format!(
            "SELECT 'CREATE ROLE {role}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec\n\
             ALTER ROLE {role} LOGIN CREATEROLE CREATEDB PASSWORD '{password}';\n\
             SELECT 'CREATE DATABASE {database} OWNER {role}' \
             WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec\n"
        );
        let path = self.home.join("roles.sql");
        write_private(&path, &script)?;
        let mut psql = self.client("psql");
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--username",
            ADMINISTRATOR,
            "--dbname=postgres",
        ]);
        let done = command::capture(psql.arg("--file").arg(&path), "making the database");
        let _ = fs::remove_file(&path);
        done.map(drop)
    }

    /// Where clients find a database.
    pub(crate) fn url(port: u16, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}")
    }

    fn initialise(&self, instance: &Instance) -> Result<()> {
        if let Some(parent) = self.home.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        self.own_directory(&self.home)?;
        let mut initdb = command_as(self.account, &self.programs.join("initdb"));
        initdb.current_dir("/").arg("-D").arg(self.data());
        initdb.args(["--username", ADMINISTRATOR, "--encoding=UTF8", "--locale=C.UTF-8"]);
        initdb.args(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        if self.lifetime == Lifetime::Test {
            initdb.arg("--no-sync");
        }
        command::run_quietly(&mut initdb, "initdb", &instance.dir.join("log/initdb.log"))?;
        let token = random_token()?;
        write_private(&self.home.join(TOKEN), &token)?;
        write_private(&instance.dir.join(TOKEN), &token)
    }

    /// Removes data that does not belong to this state folder: whoever removes `.local` wants to begin anew, and
    /// would otherwise meet accounts whose passwords went with it.
    fn forget_strangers(&self, instance: &Instance) -> Result<()> {
        let ours = fs::read_to_string(instance.dir.join(TOKEN)).unwrap_or_default();
        let its = fs::read_to_string(self.home.join(TOKEN)).unwrap_or_default();
        if self.home.exists() && (its.is_empty() || its != ours) {
            fs::remove_dir_all(&self.home)
                .with_context(|| format!("cannot remove {}", self.home.display()))?;
        }
        Ok(())
    }

    fn client(&self, name: &str) -> Command {
        let mut client = Command::new(self.programs.join(name));
        client.current_dir("/").arg("--host").arg(&self.sockets).arg("--port").arg(self.port.to_string());
        client
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// A folder that only the server's user may enter.
    fn own_directory(&self, dir: &Path) -> Result<()> {
        if !dir.exists() {
            DirBuilder::new()
                .mode(0o700)
                .create(dir)
                .with_context(|| format!("cannot create {}", dir.display()))?;
        }
        if let Some(Account { uid, gid }) = self.account {
            chown(dir, Some(uid), Some(gid))
                .with_context(|| format!("cannot hand over {}", dir.display()))?;
        }
        // Fails for a folder of somebody else's, which is what must not be trusted.
        fs::set_permissions(dir, Permissions::from_mode(0o700))
            .with_context(|| format!("{} belongs to somebody else", dir.display()))
    }
}

/// Says which state folder a data folder belongs to; in both.
const TOKEN: &str = "database-id";

/// Where an instance's database lives.
pub(crate) fn home(instance: &Instance) -> PathBuf {
    if geteuid().is_root() {
        let key = Fingerprint::default().text(&instance.dir.to_string_lossy()).finish();
        Path::new(HOME_FOR_ROOT).join(key)
    } else {
        instance.dir.join("postgres")
    }
}

fn socket_dir(home: &Path) -> PathBuf {
    let inside = home.join("socket");
    if inside.as_os_str().len() <= LONGEST_SOCKET_DIR {
        return inside;
    }
    let key = Fingerprint::default().text(&home.to_string_lossy()).finish();
    std::env::temp_dir().join(format!("skydesk-{key}"))
}

/// The user that Debian's package made for this very purpose, else the one who owns nothing.
fn unprivileged_account() -> Result<Account> {
    let users = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    match ["postgres", "nobody"].iter().find_map(|name| account_in(&users, name)) {
        Some(account) => Ok(account),
        None => bail!("root cannot run PostgreSQL, and there is neither a user `postgres` nor `nobody`"),
    }
}

fn account_in(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    fs::write(path, "").with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(path, Permissions::from_mode(0o600)).context("cannot restrict a file")?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users =
            "admin:x:0:0::/:/bin/sh\npostgresql-old:x:7:7::/:\npostgres:x:101:104:,,,:/var/lib:/bin/sh\n";
        assert_eq!(account_in(users, "postgres"), Some(Account { uid: 101, gid: 104 }));
        assert_eq!(account_in(users, "nobody"), None);
    }

    #[test]
    fn a_deep_checkout_gets_a_socket_folder_whose_name_the_kernel_takes() {
        let deep = PathBuf::from("/home/someone").join("a-long-folder-name/".repeat(6));
        assert!(socket_dir(&deep).as_os_str().len() <= LONGEST_SOCKET_DIR);
        assert_eq!(socket_dir(Path::new("/srv/skydesk")), PathBuf::from("/srv/skydesk/socket"));
    }
}
