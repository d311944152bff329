//! One service as a child process.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

/// How long a service may take to end in order.
const ENDS_WITHIN: Duration = Duration::from_secs(20);

/// How a service is run, as xtask tells it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    directory: PathBuf,
    account: Option<Account>,
    /// The signal that ends it in order, without `SIG`.
    farewell: String,
}

/// The user to run as: PostgreSQL refuses to be root.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Account {
    uid: u32,
    gid: u32,
}

/// A service, running or not.
#[derive(Debug)]
pub struct Service {
    pub(crate) recipe: Recipe,
    log: PathBuf,
    child: Option<Child>,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ended_as_well_as_it_can = self.kill();
    }
}

impl Service {
    pub(crate) fn new(recipe: Recipe, logs: &Path) -> Self {
        Self { log: logs.join(format!("{}.log", recipe.name)), recipe, child: None }
    }

    /// Starts it; that it is ready is another matter.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        let Recipe { name, program, arguments, environment, directory, account, farewell } = &self.recipe;
        ensure!(self.child.is_none(), "{name} runs already");
        let output = File::options()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut command = Command::new("setpriv");
        if let Some(Account { uid, gid }) = account {
            command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
        }
        // Should the test be killed, the kernel ends the service.
        command.args(["--pdeathsig", farewell, "--"]).arg(program).args(arguments);
        command.env_clear().envs(environment).current_dir(directory);
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        self.child = Some(command.spawn().with_context(|| format!("cannot start {name}"))?);
        Ok(())
    }

    /// Ends it in order, as an administrator would.
    ///
    /// # Errors
    /// It does not run, or does not end.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(if self.recipe.farewell == "INT" { Signal::INT } else { Signal::TERM })?;
        let deadline = Instant::now() + ENDS_WITHIN;
        while self.is_running()? {
            ensure!(Instant::now() < deadline, "{} does not stop", self.recipe.name);
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child = None;
        Ok(())
    }

    /// Ends it at once, without a word: `kill -9`. One that does not run is dead already.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Freezes it and the processes it has made: connections stay open, nothing is answered.
    ///
    /// # Errors
    /// It does not run.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.signal_all(Signal::STOP)
    }

    /// Lets it go on after [`Service::pause`].
    ///
    /// # Errors
    /// It does not run.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.signal_all(Signal::CONT)
    }

    /// Whether it is there, paused or not.
    ///
    /// # Errors
    /// Nobody can tell.
    pub fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(match &mut self.child {
            Some(child) => child.try_wait()?.is_none(),
            None => false,
        })
    }

    /// What it has written so far.
    ///
    /// # Errors
    /// It was never started.
    pub fn said(&self) -> anyhow::Result<String> {
        fs::read_to_string(&self.log).with_context(|| format!("cannot read {}", self.log.display()))
    }

    fn pid(&self) -> anyhow::Result<Pid> {
        let child = self.child.as_ref().with_context(|| format!("{} does not run", self.recipe.name))?;
        Ok(Pid::from_child(child))
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.pid()?, signal).with_context(|| format!("cannot signal {}", self.recipe.name))
    }

    fn signal_all(&self, signal: Signal) -> anyhow::Result<()> {
        self.signal(signal)?;
        let pid = self.pid()?.as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        for child in children.split_whitespace().filter_map(|it| Pid::from_raw(it.parse().ok()?)) {
            // One that has ended meanwhile needs no signal.
            let _ended = kill_process(child, signal);
        }
        Ok(())
    }
}
