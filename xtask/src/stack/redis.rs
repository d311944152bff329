//! A private Redis. Nothing in it has to survive (design: `FLUSHALL` costs speed, never data), so it writes no disk.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Instance;
use super::supervisor::{Farewell, Layer, Service};
use crate::place::program;

const PATIENCE: Duration = Duration::from_secs(1);

/// A private Redis.
#[derive(Debug)]
pub(crate) struct Redis {
    port: u16,
    configuration: PathBuf,
    directory: PathBuf,
}

impl Redis {
    /// Writes its configuration. The password goes there and not on the command line, which every user can read.
    pub(crate) fn prepare(instance: &Instance, port: u16, password: &str) -> Result<Self> {
        let directory = instance.dir.join("redis");
        fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let configuration = directory.join("redis.conf");
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true).mode(0o600);
        let mut file = options.open(&configuration).context("cannot write redis.conf")?;
        write!(
            file,
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave \"\"\nappendonly no\nmaxmemory 256mb\n"
        )
        .context("cannot write redis.conf")?;
        Ok(Self { port, configuration, directory })
    }

    pub(crate) fn service(&self) -> Service {
        Service {
            name: "redis".to_owned(),
            program: program("redis-server").unwrap_or_else(|| "redis-server".into()),
            arguments: vec![self.configuration.display().to_string()],
            environment: Vec::new(),
            directory: self.directory.clone(),
            account: None,
            farewell: Farewell::Term,
            layer: Layer::Store,
        }
    }

    /// Any answer will do: without the password it is a refusal, and that comes from a server that is ready.
    pub(crate) fn answers(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
            let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(b"PING\r\n")?;
            let mut first = [0];
            stream.read_exact(&mut first)?;
            Ok(matches!(first, [b'-' | b'+']))
        };
        ask().unwrap_or(false)
    }

    /// Where clients find it. With the user's name, as some clients take an absent one for an empty one.
    pub(crate) fn url(port: u16, password: &str) -> String {
        format!("redis://default:{password}@127.0.0.1:{port}/0")
    }
}
