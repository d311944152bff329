//! Is it ready? One question over HTTP, small enough to need no client library.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// A local service answers at once or is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// No answer that we read is larger.
const LIMIT_BYTES: u64 = 1 << 20;

/// A path that answers 200 when its service is ready.
#[derive(Debug, Clone)]
pub(crate) struct Probe {
    pub(crate) port: u16,
    pub(crate) path: &'static str,
}

impl Probe {
    /// Whether the service is ready.
    pub(crate) fn answers(&self) -> bool {
        ask(self.port, self.path).is_ok()
    }
}

/// The body of a local resource that is sent in one piece.
///
/// # Errors
/// Nobody listens, the status is not 200, or the body does not end.
pub(crate) fn get(port: u16, path: &str) -> Result<String> {
    let mut rest = String::new();
    ask(port, path)?.take(LIMIT_BYTES).read_to_string(&mut rest).context("the answer does not end")?;
    let (_, body) = rest.split_once("\r\n\r\n").context("no HTTP answer")?;
    Ok(body.to_owned())
}

/// Asks, and reads the status line: where the answer is 200, the rest is still to be read.
fn ask(port: u16, path: &str) -> Result<BufReader<TcpStream>> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("nobody listens")?;
    stream.set_read_timeout(Some(PATIENCE)).context("cannot set a time limit")?;
    stream.set_write_timeout(Some(PATIENCE)).context("cannot set a time limit")?;
    // A navigation, so that the web tier answers with its page.
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html, */*\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).context("cannot ask")?;
    let mut answer = BufReader::new(stream);
    let mut status_line = String::new();
    answer.by_ref().take(LIMIT_BYTES).read_line(&mut status_line).context("no answer")?;
    let status = status_line.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        bail!("status {status}");
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answering(answer: &'static str) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn a_service_that_answers_200_is_ready() {
        let port = answering("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfine");
        assert_eq!(get(port, "/health").unwrap(), "fine");
    }

    #[test]
    fn a_service_that_answers_503_is_not() {
        let port = answering("HTTP/1.1 503 Service Unavailable\r\n\r\n");
        assert!(!Probe { port, path: "/health" }.answers());
    }
}
