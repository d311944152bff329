//! Programs that are measured beside the product: started here, and ended with this program whatever happens to it.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::process::Process;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A server that runs beside the stack. Dropping it ends it, with all that it has started.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
    _child: Child,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let group = i32::try_from(self.process.pid).ok().and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// A command that ends with this program, even when that is killed.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// A port that nobody listens on at this moment.
///
/// # Errors
/// There is none.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("there is no free port")?.local_addr()?.port())
}

impl Peer {
    /// Starts a server and waits until it takes connections on `port`.
    ///
    /// # Errors
    /// It ends, or is not ready within a minute.
    pub(crate) async fn start(name: &str, mut command: Command, port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // Its own group: its processes end together.
        let mut child = command.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
        let pid = child.id().with_context(|| format!("{name} ended at once"))?;
        let deadline = Instant::now() + READY_WITHIN;
        while TcpStream::connect(address).await.is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("{name} ended ({status})");
            }
            if Instant::now() > deadline {
                bail!("{name} was not ready after {READY_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { address, process: Process { name: name.to_owned(), pid }, _child: child })
    }
}
