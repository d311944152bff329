//! A load generator that costs little: it shares the host with what it measures.
//!
//! HTTP/1.1 by hand over keep-alive connections, one request at a time on each, all on one thread. An answer is looked at
//! only as far as it takes to find its end and its status; whether it is right is checked before, by who hammers. It
//! knows answers with a `Content-Length` and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::Process;

/// An answer that takes longer is a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to send, where, and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    /// Whole requests, sent in turn, so that no two in a row are the same.
    pub(crate) requests: Arc<[Vec<u8>]>,
    pub(crate) connections: usize,
    /// Before counting begins: pools fill, statements are prepared, caches get warm.
    pub(crate) warm_up: Duration,
    pub(crate) counted: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    /// Of a hundred answers, 99 were there by then.
    pub(crate) p99: Duration,
    /// Bytes of the average answer, its head included.
    pub(crate) bytes: f64,
    /// CPU time of the server and of us in the counted time.
    pub(crate) server_cpu: Duration,
    pub(crate) own_cpu: Duration,
    pub(crate) requests: u32,
}

impl Outcome {
    /// CPU time of the server for one request, in microseconds.
    pub(crate) fn server_micros(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / f64::from(self.requests.max(1))
    }

    /// CPU time of this program for one request, in microseconds.
    pub(crate) fn own_micros(&self) -> f64 {
        self.own_cpu.as_secs_f64() * 1e6 / f64::from(self.requests.max(1))
    }
}

/// Answers of one connection.
#[derive(Debug, Default)]
struct Tally {
    micros: Vec<u32>,
    bytes: u64,
}

/// A `GET` with a bearer token, as bytes.
pub(crate) fn get(address: SocketAddr, path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nAuthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// Hammers, and watches what `server` spends on it.
///
/// # Errors
/// A connection fails, or an answer is not 200.
pub(crate) async fn hammer(load: Load, server: &Process) -> anyhow::Result<Outcome> {
    let (own, counted) = (Process::own(), load.counted);
    let warm = load.warm_up;
    let (result, from_thread) = tokio::sync::oneshot::channel();
    // A thread of its own: the connections neither wait for other tasks nor wander between cores.
    let thread = std::thread::Builder::new().name("hammer".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let tallies = runtime.map_err(anyhow::Error::from).and_then(|it| it.block_on(all(&load)));
        // Nobody listens any more only when the measurement was given up.
        let _ = result.send(tallies);
    })?;
    tokio::time::sleep(warm).await;
    let (server_before, own_before) = (server.cpu()?, own.cpu()?);
    tokio::time::sleep(counted).await;
    let (server_cpu, own_cpu) = (server.cpu()? - server_before, own.cpu()? - own_before);
    let tallies = from_thread.await.context("the load generator ended early")??;
    if thread.join().is_err() {
        bail!("the load generator panicked");
    }
    outcome(&tallies, counted, server_cpu, own_cpu)
}

async fn all(load: &Load) -> anyhow::Result<Vec<Tally>> {
    let begin = Instant::now() + load.warm_up;
    let end = begin + load.counted;
    let step = load.requests.len() / load.connections.max(1);
    futures::future::try_join_all((0..load.connections).map(|number| one(load, number * step, begin, end)))
        .await
}

/// One connection, which begins at another request than the others.
async fn one(load: &Load, first: usize, begin: Instant, end: Instant) -> anyhow::Result<Tally> {
    let mut stream = TcpStream::connect(load.address).await.context("no connection")?;
    stream.set_nodelay(true)?;
    let mut tally = Tally::default();
    let mut buffer = vec![0; 256 * 1024];
    let requests = load.requests.iter().cycle().skip(first);
    for request in requests {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let exchange = async {
            stream.write_all(request).await?;
            read_answer(&mut stream, &mut buffer).await
        };
        let bytes = tokio::time::timeout(PATIENCE, exchange).await.context("an answer took too long")??;
        let now = Instant::now();
        if sent >= begin && now < end {
            tally.micros.push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
            tally.bytes += u64::try_from(bytes)?;
        }
    }
    Ok(tally)
}

/// Reads one answer and gives its length.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<usize> {
    let (mut filled, mut whole) = (0, None);
    loop {
        let room = buffer.get_mut(filled..).filter(|it| !it.is_empty()).context("an answer is too large")?;
        let more = stream.read(room).await?;
        if more == 0 {
            bail!("the connection was closed in an answer");
        }
        filled += more;
        if whole.is_none() {
            whole = length(buffer.get(..filled).unwrap_or_default())?;
        }
        match whole {
            Some(length) if filled == length => return Ok(filled),
            Some(length) if filled > length => bail!("there is more than one answer"),
            _ => {}
        }
    }
}

/// The length of an answer whose head is there; none while it is not.
fn length(begun: &[u8]) -> anyhow::Result<Option<usize>> {
    const END_OF_HEAD: &[u8] = b"\r\n\r\n";
    let Some(end) = begun.windows(END_OF_HEAD.len()).position(|it| it == END_OF_HEAD) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(begun.get(..end).unwrap_or_default()).context("the head is no text")?;
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        bail!("the answer is: {status}");
    }
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("the answer has no length")?;
    Ok(Some(end + END_OF_HEAD.len() + length.1.trim().parse::<usize>().context("the length is no number")?))
}

fn outcome(
    tallies: &[Tally],
    counted: Duration,
    server_cpu: Duration,
    own_cpu: Duration,
) -> anyhow::Result<Outcome> {
    let mut micros: Vec<u32> = tallies.iter().flat_map(|it| it.micros.iter().copied()).collect();
    micros.sort_unstable();
    let requests = u32::try_from(micros.len())?;
    let bytes: u64 = tallies.iter().map(|it| it.bytes).sum();
    let at = |hundredth: usize| {
        let micros = micros.get(micros.len() * hundredth / 100).context("nothing was answered in time")?;
        Ok::<_, anyhow::Error>(Duration::from_micros(u64::from(*micros)))
    };
    #[expect(clippy::as_conversions, reason = "a run transfers far less than 2^53 bytes")]
    let bytes = bytes as f64 / f64::from(requests.max(1));
    Ok(Outcome {
        per_second: f64::from(requests) / counted.as_secs_f64(),
        median: at(50)?,
        p99: at(99)?,
        bytes,
        server_cpu,
        own_cpu,
        requests,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let whole = b"HTTP/1.1 200 OK\r\nX: y\r\ncontent-LENGTH: 3\r\n\r\nabc";
        assert_eq!(length(&whole[..40]).unwrap(), None);
        assert_eq!(length(whole).unwrap(), Some(whole.len()));
        assert!(length(b"HTTP/1.1 304 Not Modified\r\n\r\n").is_err());
        assert!(length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn percentiles_are_over_all_connections() {
        let tallies: Vec<_> = (0..2)
            .map(|side| Tally { micros: (1..=50).map(|it| it + 50 * side).collect(), bytes: 500 })
            .collect();
        let it =
            outcome(&tallies, Duration::from_secs(2), Duration::from_millis(50), Duration::ZERO).unwrap();
        assert_eq!((it.median.as_micros(), it.p99.as_micros()), (51, 100));
        assert_eq!((it.per_second, it.bytes, it.server_micros()), (50.0, 10.0, 500.0));
    }
}
