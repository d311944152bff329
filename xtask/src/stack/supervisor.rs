//! Services: started in the background, logged to a file each, restarted within bounds, stopped with us.
//!
//! Invariant: no service outlives this process. An orderly stop signals each service's process group; should we be
//! killed, the kernel signals them, as `setpriv --pdeathsig` has asked it to. That wish is tied to the *thread* that
//! starts a process, so services are started from the main thread only.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::place::harmless_variables;
use crate::{command, interrupt, say};

/// How often we look whether a service has ended.
const BEAT: Duration = Duration::from_millis(100);

/// A service that ends more often than this within [`RESTARTS_COUNT_FOR`] is broken, and the stack with it.
const RESTARTS: usize = 5;
const RESTARTS_COUNT_FOR: Duration = Duration::from_mins(10);

/// How long services may take to end. Workers hand their jobs back, PostgreSQL writes a checkpoint.
const STOP_WITHIN: Duration = Duration::from_secs(15);

/// A user to run as, when we are root and the service must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// The signal that ends a service in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// What most understand.
    Term,
    /// PostgreSQL: roll back, checkpoint, end; it would wait for its clients on `TERM`.
    Interrupt,
}

/// When a service is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    /// First: whoever talks to the stores.
    Program,
    /// Last: whoever keeps data.
    Store,
}

/// How to run one service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) directory: PathBuf,
    pub(crate) account: Option<Account>,
    pub(crate) farewell: Farewell,
    pub(crate) layer: Layer,
}

/// All services of a stack.
#[derive(Debug)]
pub(crate) struct Supervisor {
    log_dir: PathBuf,
    running: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    service: Service,
    /// `None` between an end and the restart.
    child: Option<Child>,
    ends: VecDeque<Instant>,
}

impl Supervisor {
    /// Nothing runs yet; logs go to files in `log_dir`.
    pub(crate) fn new(log_dir: PathBuf) -> Result<Self> {
        fs::create_dir_all(&log_dir).with_context(|| format!("cannot create {}", log_dir.display()))?;
        Ok(Self { log_dir, running: Vec::new() })
    }

    /// Starts a service. Its earlier log is kept as `NAME.log.1`.
    pub(crate) fn start(&mut self, service: Service) -> Result<()> {
        interrupt::check()?;
        let log = self.log_of(&service.name);
        if log.exists() {
            let _ = fs::rename(&log, log.with_extension("log.1"));
        }
        let child = spawn(&service, &log)?;
        self.running.push(Running { service, child: Some(child), ends: VecDeque::new() });
        Ok(())
    }

    /// Waits until `is_ready`, which must not block for long.
    ///
    /// # Errors
    /// Any service has ended, the time is over, or the user asked to stop.
    pub(crate) fn await_ready(
        &mut self,
        name: &str,
        within: Duration,
        is_ready: impl Fn() -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + within;
        while !is_ready() {
            for it in &mut self.running {
                if let Some(status) = it.has_ended()? {
                    let log = log_file(&self.log_dir, &it.service.name);
                    bail!(
                        "{} ended ({status}). {} ends with:\n{}",
                        it.service.name,
                        log.display(),
                        command::tail(&log)
                    );
                }
            }
            if Instant::now() > deadline {
                let log = self.log_of(name);
                let within = say::seconds(within);
                bail!(
                    "{name} was not ready after {within}. {} ends with:\n{}",
                    log.display(),
                    command::tail(&log)
                );
            }
            interrupt::pause(BEAT / 2)?;
        }
        Ok(())
    }

    /// Keeps services running until the user asks to stop.
    ///
    /// # Errors
    /// [`interrupt::Interrupted`], which is the usual way out; or a service that ends again and again.
    pub(crate) fn watch(&mut self) -> Result<()> {
        loop {
            interrupt::pause(BEAT)?;
            for it in &mut self.running {
                it.keep_running(&self.log_dir)?;
            }
        }
    }

    /// Stops everything: programs first, then stores. Does not fail; what does not end is killed.
    pub(crate) fn stop(&mut self) {
        for layer in [Layer::Program, Layer::Store] {
            let mut ending: Vec<Running> = Vec::new();
            for it in std::mem::take(&mut self.running) {
                if it.service.layer == layer { ending.push(it) } else { self.running.push(it) }
            }
            end(ending);
        }
    }

    /// Name and process id of each service that runs.
    pub(crate) fn processes(&self) -> impl Iterator<Item = (&str, u32)> {
        self.running.iter().filter_map(|it| Some((it.service.name.as_str(), it.child.as_ref()?.id())))
    }

    /// How each service is run, in the order of starting.
    pub(crate) fn services(&self) -> impl Iterator<Item = &Service> {
        self.running.iter().map(|it| &it.service)
    }

    fn log_of(&self, name: &str) -> PathBuf {
        log_file(&self.log_dir, name)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    fn has_ended(&mut self) -> Result<Option<std::process::ExitStatus>> {
        match &mut self.child {
            Some(child) => child.try_wait().with_context(|| format!("cannot wait for {}", self.service.name)),
            None => Ok(None),
        }
    }

    /// Restarts a service that has ended, after a pause that doubles.
    fn keep_running(&mut self, log_dir: &Path) -> Result<()> {
        let name = &self.service.name;
        let log = log_file(log_dir, name);
        if let Some(status) = self.has_ended()? {
            let name = &self.service.name;
            say::line(&format!(
                "! {name} ended ({status}). {} ends with:\n{}",
                log.display(),
                command::tail(&log)
            ));
            sweep(self.child.take());
            self.ends.push_back(Instant::now());
            self.ends.retain(|end| end.elapsed() < RESTARTS_COUNT_FOR);
            if self.ends.len() > RESTARTS {
                bail!("{name} ended {} times; its log is {}", self.ends.len(), log.display());
            }
        }
        if self.child.is_none() && self.pause_is_over() {
            say::line(&format!("  starting {} again", self.service.name));
            self.child = Some(spawn(&self.service, &log)?);
        }
        Ok(())
    }

    fn pause_is_over(&self) -> bool {
        let doublings = u32::try_from(self.ends.len().saturating_sub(1)).unwrap_or(u32::MAX).min(5);
        self.ends.back().is_none_or(|end| end.elapsed() >= Duration::from_secs(1) * 2_u32.pow(doublings))
    }
}

/// A command that runs as another user, or as ourselves.
pub(crate) fn command_as(account: Option<Account>, program: &Path) -> Command {
    let Some(account) = account else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    drop_privileges(&mut command, account);
    command.arg("--").arg(program);
    command
}

fn drop_privileges(setpriv: &mut Command, account: Account) {
    setpriv
        .arg(format!("--reuid={}", account.uid))
        .arg(format!("--regid={}", account.gid))
        .arg("--clear-groups");
}

fn spawn(service: &Service, log: &Path) -> Result<Child> {
    let output = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let errors = output.try_clone().context("cannot share a log file")?;
    let mut command = Command::new("setpriv");
    if let Some(account) = service.account {
        drop_privileges(&mut command, account);
    }
    // setpriv sets it last, as a change of user would clear it.
    command.arg("--pdeathsig").arg(service.farewell.name());
    command.arg("--").arg(&service.program).args(&service.arguments);
    command.env_clear().envs(harmless_variables());
    command.envs(service.environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(&service.directory);
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    // Its own group: Ctrl-C at the terminal reaches us alone, and we stop services in order.
    command.process_group(0);
    command.spawn().with_context(|| format!("cannot start {}", service.name))
}

fn end(mut ending: Vec<Running>) {
    for it in &ending {
        if let Some(child) = &it.child {
            let _ = kill_process_group(Pid::from_child(child), it.service.farewell.signal());
        }
    }
    let deadline = Instant::now() + STOP_WITHIN;
    while Instant::now() < deadline
        && ending.iter_mut().any(|it| it.child.is_some() && matches!(it.has_ended(), Ok(None)))
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    for it in ending {
        if let Some(mut child) = it.child {
            if matches!(child.try_wait(), Ok(None)) {
                say::line(&format!(
                    "! {} did not stop within {}; killed",
                    it.service.name,
                    say::seconds(STOP_WITHIN)
                ));
            }
            sweep(Some(child));
        }
    }
}

/// Kills what is left of a service's process group, such as a browser that its driver forgot.
fn sweep(child: Option<Child>) {
    if let Some(mut child) = child {
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let _ = child.wait();
    }
}

fn log_file(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.log"))
}

impl Farewell {
    /// The signal's name without `SIG`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Term => "TERM",
            Self::Interrupt => "INT",
        }
    }

    fn signal(self) -> Signal {
        match self {
            Self::Term => Signal::TERM,
            Self::Interrupt => Signal::INT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(name: &str, script: &str) -> Service {
        Service {
            name: name.to_owned(),
            program: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            environment: Vec::new(),
            directory: "/".into(),
            account: None,
            farewell: Farewell::Term,
            layer: Layer::Program,
        }
    }

    fn is_alive(pid: &str) -> bool {
        // A zombie has no command line.
        fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|it| !it.is_empty())
    }

    fn pid_from(file: &Path) -> Option<String> {
        fs::read_to_string(file).ok().filter(|it| it.ends_with('\n')).map(|it| it.trim().to_owned())
    }

    #[test]
    fn a_service_and_what_it_started_end_with_the_supervisor() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let mut supervisor = Supervisor::new(dir.path().join("log")).unwrap();
        let script = format!("sleep 1000 & echo $! > {}; wait", pid_file.display());
        supervisor.start(shell("parent", &script)).unwrap();
        supervisor.await_ready("parent", Duration::from_secs(10), || pid_from(&pid_file).is_some()).unwrap();
        let grandchild = pid_from(&pid_file).unwrap();
        assert!(is_alive(&grandchild));
        drop(supervisor);
        let deadline = Instant::now() + Duration::from_secs(10);
        while is_alive(&grandchild) {
            assert!(Instant::now() < deadline, "process {grandchild} is still there");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_service_that_ends_while_starting_is_reported_with_its_last_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut supervisor = Supervisor::new(dir.path().to_path_buf()).unwrap();
        supervisor.start(shell("db", "echo 'no such column' >&2; exit 1")).unwrap();
        let error = supervisor.await_ready("db", Duration::from_secs(10), || false).unwrap_err().to_string();
        assert!(error.contains("db ended (exit status: 1)"), "{error}");
        assert!(error.contains("    no such column"), "{error}");
    }

    #[test]
    fn a_service_sees_its_own_settings_and_not_those_of_the_users_shell() {
        let dir = tempfile::tempdir().unwrap();
        let mut supervisor = Supervisor::new(dir.path().to_path_buf()).unwrap();
        let seen = dir.path().join("seen");
        let mut service =
            shell("env", &format!("env > {0}.new && mv {0}.new {0}; sleep 1000", seen.display()));
        service.environment.push(("AWS_REGION".to_owned(), "eu-west-1".to_owned()));
        supervisor.start(service).unwrap();
        supervisor.await_ready("env", Duration::from_secs(10), || seen.exists()).unwrap();
        let seen = fs::read_to_string(seen).unwrap();
        assert!(seen.contains("AWS_REGION=eu-west-1\n"), "{seen}");
        // cargo sets it for this test, as a shell might set anything.
        assert!(!seen.contains("CARGO_"), "{seen}");
    }
}
