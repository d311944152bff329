//! A browser for those who look at the whole stack: chromedriver, which starts Chromium when it is asked to.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::supervisor::{Farewell, Layer, Service, Supervisor};
use super::{Address, Instance, Probe};
use crate::place::program;

const READY_WITHIN: Duration = Duration::from_secs(30);

/// Starts chromedriver beside the other services and waits until it answers.
///
/// # Errors
/// It is not installed, or does not become ready.
pub(crate) fn start(instance: &Instance, supervisor: &mut Supervisor) -> Result<Address> {
    let address = Address::private(instance)?;
    supervisor.start(Service {
        name: "chromedriver".to_owned(),
        program: program("chromedriver")
            .context("chromedriver is missing; `cargo xtask setup` installs it")?,
        arguments: vec![format!("--port={}", address.port)],
        environment: Vec::new(),
        directory: instance.dir.clone(),
        account: None,
        farewell: Farewell::Term,
        layer: Layer::Program,
    })?;
    let probe = Probe { port: address.port, path: "/status" };
    supervisor.await_ready("chromedriver", READY_WITHIN, || probe.answers())?;
    Ok(address)
}
