//! Where things are: the checkout, the caches outside it, the local state inside it.
//!
//! It is also the only room of xtask that reads the environment.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folders that every task needs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What outlives a checkout: build artefacts, Python environments, npm packages, models.
    pub(crate) cache: PathBuf,
    /// Native build artefacts.
    pub(crate) target: PathBuf,
    /// State of this checkout's stacks. Ignored by git; removing it starts over.
    pub(crate) local: PathBuf,
}

impl Place {
    /// Finds the checkout from where cargo runs us.
    pub(crate) fn find() -> Result<Self> {
        let manifest_dir =
            variable("CARGO_MANIFEST_DIR").context("start it as `cargo xtask`, not by hand")?;
        let root = Path::new(&manifest_dir).parent().context("xtask lies in no checkout")?.to_path_buf();
        let cache = match variable("SKYDESK_CACHE") {
            Some(dir) => root.join(dir),
            None => home()?.join(".cache/skydesk"),
        };
        let target = match variable("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => cache.join("target"),
        };
        let local = root.join(".local");
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        fs::create_dir_all(&local).with_context(|| format!("cannot create {}", local.display()))?;
        Ok(Self { root, cache, target, local })
    }

    /// A release binary of the workspace.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// The built web application.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("web-tier/dist")
    }
}

/// The user's home.
pub(crate) fn home() -> Result<PathBuf> {
    variable("HOME").map(PathBuf::from).context("HOME is not set")
}

/// An environment variable; empty counts as not set, as `make` and compose files pass it.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "xtask is started by people, who talk to it by the environment"
    )]
    let value = std::env::var(name).ok();
    value.filter(|it| !it.is_empty())
}

/// What a background service gets of the user's environment. The rest stays out: a `DATABASE_URL` or `AWS_PROFILE`
/// that happens to be set in somebody's shell must not send a local stack elsewhere.
const HARMLESS: [&str; 9] =
    ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "TZ", "RUST_BACKTRACE"];

/// The variables of [`HARMLESS`] that are set.
pub(crate) fn harmless_variables() -> impl Iterator<Item = (&'static str, String)> {
    HARMLESS.into_iter().filter_map(|name| Some((name, variable(name)?)))
}

/// A program on the path, or where Debian keeps servers that a user's path leaves out.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    path.split(':')
        .map(Path::new)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(Path::new))
        .map(|dir| dir.join(name))
        .find(|it| it.is_file())
}

/// Where PostgreSQL's server programs are: Debian's newest version, which it keeps off the path, else on the path.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let mut versions: Vec<u32> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    versions
        .into_iter()
        .rev()
        .map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")))
        .chain(program("initdb").and_then(|it| it.parent().map(Path::to_path_buf)))
        .find(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
}
