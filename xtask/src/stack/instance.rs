//! One stack's folder of state, and the lock that keeps two from sharing it.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::postgres;
use crate::interrupt;
use crate::place::Place;

/// How long a running stack may take to stop; its own limits are shorter.
const STOPPED_WITHIN: Duration = Duration::from_secs(60);

/// Whether the state outlives the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// The user's data: found again at the next start.
    Kept,
    /// A test's: begins empty, and nothing waits for the disk.
    Test,
    /// A measurement's: begins empty, and what is written is as safe as the user's, which costs what it costs.
    Bench,
}

/// One stack's folder of state.
#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) dir: PathBuf,
    pub(crate) lifetime: Lifetime,
}

impl Instance {
    /// The stack that `make run` starts.
    pub(crate) fn users(place: &Place) -> Self {
        Self { dir: place.local.clone(), lifetime: Lifetime::Kept }
    }

    /// An empty one for tests. What an earlier run left, its logs included, is removed.
    pub(crate) fn fresh(place: &Place, name: &str) -> Result<Self> {
        let it = Self { dir: place.local.join(name), lifetime: Lifetime::Test };
        if it.dir.exists() {
            fs::remove_dir_all(&it.dir).with_context(|| format!("cannot remove {}", it.dir.display()))?;
        }
        fs::create_dir_all(&it.dir).with_context(|| format!("cannot create {}", it.dir.display()))?;
        Ok(it)
    }

    /// An empty one to be measured, as [`Instance::fresh`] otherwise.
    pub(crate) fn measured(place: &Place) -> Result<Self> {
        Ok(Self { lifetime: Lifetime::Bench, ..Self::fresh(place, "bench")? })
    }

    /// Stands for all of a checkout's tests, which are not to run twice at once.
    pub(crate) fn of_tests(place: &Place) -> Result<Self> {
        let it = Self { dir: place.local.join("tests"), lifetime: Lifetime::Test };
        fs::create_dir_all(&it.dir).with_context(|| format!("cannot create {}", it.dir.display()))?;
        Ok(it)
    }

    /// Removes what a test wrote; its logs stay, as somebody may want to read them.
    pub(crate) fn discard(&self) {
        if self.lifetime != Lifetime::Kept {
            let _ = fs::remove_dir_all(postgres::home(self));
            for scrap in ["work", "nginx", "sandbox", "redis"] {
                let _ = fs::remove_dir_all(self.dir.join(scrap));
            }
        }
    }
}

/// Held while a stack runs. The kernel releases it with the process, so a stale one cannot exist.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock and leaves our process id for [`ask_to_stop`].
    ///
    /// # Errors
    /// A stack over this folder is running already.
    pub(crate) fn take(instance: &Instance) -> Result<Self> {
        let file = open(instance)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => match instance.lifetime {
                Lifetime::Kept => {
                    bail!("Skydesk is already running from this checkout; `make down` stops it")
                }
                Lifetime::Test | Lifetime::Bench => {
                    bail!("tests are already running from this checkout; wait for them, or stop them")
                }
            },
            Err(TryLockError::Error(e)) => return Err(e).context("cannot lock the state folder"),
        }
        fs::write(pid_file(instance), std::process::id().to_string())
            .context("cannot write the process id")?;
        Ok(Self { _file: file })
    }
}

/// Asks the running stack to stop, waits until it has, and says whether there was one.
pub(crate) fn ask_to_stop(instance: &Instance) -> Result<bool> {
    let file = open(instance)?;
    if file.try_lock().is_ok() {
        return Ok(false);
    }
    let pid = fs::read_to_string(pid_file(instance))
        .ok()
        .and_then(|it| it.trim().parse().ok())
        .and_then(Pid::from_raw);
    let pid =
        pid.context("the stack runs, but its process id is not known; stop it with Ctrl-C where it runs")?;
    kill_process(pid, Signal::TERM).context("cannot signal the running stack")?;
    let deadline = Instant::now() + STOPPED_WITHIN;
    while file.try_lock().is_err() {
        if Instant::now() > deadline {
            bail!(
                "process {} does not stop; its logs are in {}",
                pid.as_raw_nonzero(),
                instance.dir.join("log").display()
            );
        }
        interrupt::pause(Duration::from_millis(100))?;
    }
    Ok(true)
}

fn open(instance: &Instance) -> Result<File> {
    let path = instance.dir.join("lock");
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))
}

fn pid_file(instance: &Instance) -> PathBuf {
    instance.dir.join("pid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stack_of_one_checkout_is_refused_until_the_first_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let instance = Instance { dir: dir.path().to_path_buf(), lifetime: Lifetime::Kept };
        let first = Lock::take(&instance).unwrap();
        assert!(Lock::take(&instance).unwrap_err().to_string().contains("make down"));
        drop(first);
        Lock::take(&instance).unwrap();
    }

    #[test]
    fn stopping_what_does_not_run_is_no_error() {
        let dir = tempfile::tempdir().unwrap();
        let instance = Instance { dir: dir.path().to_path_buf(), lifetime: Lifetime::Test };
        assert!(!ask_to_stop(&instance).unwrap());
    }
}
