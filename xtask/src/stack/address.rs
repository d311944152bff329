//! Where services listen: two ports that people know, and private ones that are chosen once and remembered.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::Instance;
use crate::place::variable;

/// Private ports are taken from here: below the range from which the kernel takes ports for outgoing connections,
/// so that none of those can be in the way at the next start.
const PRIVATE: std::ops::Range<u16> = 20_000..32_000;

/// A port on 127.0.0.1, and the variable that changes it, if one does.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) port: u16,
    variable: Option<&'static str>,
}

impl Address {
    /// The port that a variable names, or its default.
    ///
    /// # Errors
    /// The variable holds no port.
    pub(crate) fn chosen_by(name: &'static str, default: u16) -> Result<Self> {
        let port = match variable(name) {
            Some(text) => match text.parse() {
                Ok(port) if port > 0 => port,
                _ => bail!("{name}={text} is no port; use a number from 1 to 65535"),
            },
            None => default,
        };
        Ok(Self { port, variable: Some(name) })
    }

    /// A free port that nobody has to know.
    pub(crate) fn private(instance: &Instance) -> Result<Self> {
        let taken = Ports::load(instance).map(|it| it.all()).unwrap_or_default();
        Ok(Self { port: free_port(&taken)?, variable: None })
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// # Errors
    /// Something else listens there; the message says which variable names another port.
    pub(crate) fn must_be_free(&self) -> Result<()> {
        if is_free(self.port) {
            return Ok(());
        }
        let port = self.port;
        match self.variable {
            Some(name) => bail!(
                "port {port} on 127.0.0.1 is in use by another program. Stop that, or choose another port: \
                 {name}={} make run",
                port.saturating_add(1)
            ),
            None => bail!("port {port} on 127.0.0.1 was taken by another program a moment ago; start again"),
        }
    }
}

/// The private ports of one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub(crate) postgres: u16,
    pub(crate) redis: u16,
    pub(crate) app: u16,
    pub(crate) metrics: u16,
    pub(crate) ai: u16,
    /// One per worker, for its metrics.
    pub(crate) workers: Vec<u16>,
}

impl Ports {
    /// The ports of last time where they are still free, else new ones. Remembered for the next time.
    pub(crate) fn choose(instance: &Instance) -> Result<Self> {
        let ports = match Self::load(instance) {
            Some(ports) if ports.all().iter().all(|port| is_free(*port)) => ports,
            _ => Self::new()?,
        };
        let text = serde_json::to_string_pretty(&ports).context("ports cannot be written as JSON")?;
        fs::write(Self::file(instance), text).context("cannot remember the ports")?;
        Ok(ports)
    }

    fn new() -> Result<Self> {
        let mut taken = Vec::new();
        let mut next = || -> Result<u16> {
            let port = free_port(&taken)?;
            taken.push(port);
            Ok(port)
        };
        Ok(Self {
            postgres: next()?,
            redis: next()?,
            app: next()?,
            metrics: next()?,
            ai: next()?,
            workers: vec![next()?, next()?],
        })
    }

    fn load(instance: &Instance) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(Self::file(instance)).ok()?).ok()
    }

    fn file(instance: &Instance) -> std::path::PathBuf {
        instance.dir.join("ports.json")
    }

    fn all(&self) -> Vec<u16> {
        let mut all = vec![self.postgres, self.redis, self.app, self.metrics, self.ai];
        all.extend(&self.workers);
        all
    }
}

/// A free port from [`PRIVATE`], begun at a random place so that two checkouts seldom meet.
pub(crate) fn free_port(taken: &[u16]) -> Result<u16> {
    let seed = u16::from_be_bytes(super::secrets::random_bytes()?);
    let length = PRIVATE.end - PRIVATE.start;
    (0..length)
        .map(|step| PRIVATE.start + (seed % length + step) % length)
        .find(|port| !taken.contains(port) && is_free(*port))
        .context("no port between 20000 and 32000 is free")
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Lifetime;

    fn instance(dir: &tempfile::TempDir) -> Instance {
        Instance { dir: dir.path().to_path_buf(), lifetime: Lifetime::Test }
    }

    #[test]
    fn the_second_start_finds_the_ports_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let first = Ports::choose(&instance(&dir)).unwrap();
        assert_eq!(first, Ports::choose(&instance(&dir)).unwrap());
    }

    #[test]
    fn a_port_that_somebody_took_meanwhile_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let first = Ports::choose(&instance(&dir)).unwrap();
        let _somebody = TcpListener::bind(("127.0.0.1", first.app)).unwrap();
        assert_ne!(first.app, Ports::choose(&instance(&dir)).unwrap().app);
    }

    #[test]
    fn a_taken_port_is_refused_with_the_variable_that_changes_it() {
        let somebody = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = somebody.local_addr().unwrap().port();
        let address = Address { port, variable: Some("SKYDESK_PORT") };
        let message = address.must_be_free().unwrap_err().to_string();
        assert!(message.contains("SKYDESK_PORT="), "{message}");
    }
}
