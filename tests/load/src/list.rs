//! `GET /api/workspaces?limit=50`: the page that people look at most, over many connections at once.
//!
//! Beside it: the same SELECT by pgbench, which is what PostgreSQL alone could do on this host, and the same JSON by
//! FastAPI. That all three give the same columns and the same total is looked at first; whatever differs ends the
//! measurement. No request asks for what the one before did, none is conditional.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::hammer::{self, Load, Outcome, hammer};
use crate::peer::{self, Peer};
use crate::process::Process;
use crate::psql;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

const CONNECTIONS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(3);
const COUNTED: Duration = Duration::from_secs(15);
/// Rows between two places where requests begin: of 20,000 desktops that makes 500 pages, each asked for in its turn.
const STRIDE: usize = 40;
const PAGE: &str = "/api/workspaces?limit=50";

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let desktops = stack.filled().await?;
    // What the sync wrote is tidied away now, not while one of the three is measured.
    psql::run(stack, &["VACUUM ANALYZE"]).await?;
    let python = start_python(stack).await?;
    let python_url = format!("http://{}", python.address);
    the_same(stack, &python_url).await?;

    let ours: SocketAddr =
        stack.place.app_url.trim_start_matches("http://").parse().context("BENCH_APP_URL")?;
    let product = run(stack, ours, &stack.place.app_url, stack.process("skydesk")?).await?;
    let floor = pgbench(stack, "list.sql", CONNECTIONS).await?;
    let beside = run(stack, python.address, &python_url, &python.process).await?;

    let what = format!("pages of 50 among {desktops} desktops, {CONNECTIONS} connections");
    let of = |name: &str, aim| {
        Entry::new(what.clone(), product.per_second, "requests/s")
            .beside(name, if name == FASTAPI { beside.per_second } else { floor.per_second })
            .aim(aim)
    };
    sheet.add(of(FASTAPI, Aim::RatioAtLeast(15.0)));
    sheet.add(of("the same SELECT by pgbench", Aim::RatioAtLeast(0.5)));
    sheet.add(Entry::new("median", millis(product.median), "ms").beside(FASTAPI, millis(beside.median)));
    sheet.add(Entry::new("p99", millis(product.p99), "ms").beside(FASTAPI, millis(beside.p99)));
    sheet.add(Entry::new("p99", millis(product.p99), "ms").beside("pgbench", millis(floor.p99)));
    sheet.add(
        Entry::new("CPU of the server for one request, PostgreSQL's apart", product.server_micros(), "µs")
            .beside(FASTAPI, beside.server_micros()),
    );
    sheet.note(&format!(
        "an answer has {:.0} bytes with its head, FastAPI's {:.0}; the load generator took {:.0} µs of CPU for one request \
         ({:.0} % of one core)",
        product.bytes,
        beside.bytes,
        product.own_micros(),
        100.0 * product.own_cpu.as_secs_f64() / COUNTED.as_secs_f64(),
    ));
    sheet.note(
        "product and FastAPI check token, session and user of each request with a query of their own; pgbench does not",
    );
    Ok(())
}

const FASTAPI: &str = "FastAPI + SQLAlchemy + uvicorn, 2 workers";

async fn start_python(stack: &Stack) -> anyhow::Result<Peer> {
    let port = peer::free_port()?;
    let mut uvicorn = peer::command(&stack.place.peers_python);
    uvicorn.args(["-m", "uvicorn", "list_server:app", "--host", "127.0.0.1", "--port", &port.to_string()]);
    uvicorn.args(["--workers", "2", "--loop", "uvloop", "--http", "httptools"]);
    // A line for each request into a file, as the product writes one.
    uvicorn.stdout(tempfile::tempfile()?);
    uvicorn.current_dir(&stack.place.peers_dir);
    uvicorn.env("PYTHONDONTWRITEBYTECODE", "1");
    uvicorn.env("DATABASE_URL", &stack.place.database_url).env("SECRET_KEY", &stack.place.secret_key);
    Peer::start("FastAPI", uvicorn, port).await
}

/// All three tell the same columns and the same total, and the two servers the very same rows.
async fn the_same(stack: &Stack, python: &str) -> anyhow::Result<()> {
    let token = stack.token().await?;
    let (ours, theirs) =
        (page(stack, &stack.place.app_url, &token, PAGE).await?, page(stack, python, &token, PAGE).await?);
    ensure!(ours.total == theirs.total, "totals differ: ours {}, FastAPI's {}", ours.total, theirs.total);
    for (ours, theirs) in ours.items.iter().zip(&theirs.items) {
        same_item(ours, theirs)?;
    }
    ensure!(ours.items.len() == theirs.items.len(), "pages differ in length");
    ensure!(ours.next.is_some() && theirs.next.is_some(), "there is no second page");

    let script = statement(&stack.place.peers_dir).await?;
    let statement: String = script.lines().filter(|it| !it.starts_with('\\')).collect::<Vec<_>>().join("\n");
    let row = format!(
        "SELECT row_to_json(p)::text FROM ({}) p LIMIT 1",
        statement.replace(":letters", "0").trim_end().trim_end_matches(';')
    );
    let mut row: Value =
        serde_json::from_str(&psql::run(stack, &[&row]).await?).context("psql gave no row")?;
    let total = row.as_object_mut().and_then(|it| it.remove("total"));
    ensure!(
        total == Some(ours.total.into()),
        "totals differ: ours {}, the statement's {total:?}",
        ours.total
    );
    let first = ours.items.first().context("the list is empty")?;
    ensure!(
        columns(&row) == columns(first),
        "columns of the statement: {:?}, ours: {:?}",
        columns(&row),
        columns(first)
    );
    Ok(())
}

fn columns(row: &Value) -> BTreeSet<&str> {
    row.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// Times may be written with more or fewer noughts; all else is the same.
fn same_item(ours: &Value, theirs: &Value) -> anyhow::Result<()> {
    ensure!(
        columns(ours) == columns(theirs),
        "columns differ: ours {:?}, FastAPI's {:?}",
        columns(ours),
        columns(theirs)
    );
    for (name, value) in ours.as_object().into_iter().flatten() {
        let other = theirs.get(name).unwrap_or(&Value::Null);
        let is_time = name.ends_with("_at") && value.is_string();
        let same = if is_time { moment(value)? == moment(other)? } else { value == other };
        ensure!(same, "{name} differs: ours {value}, FastAPI's {other}");
    }
    Ok(())
}

fn moment(value: &Value) -> anyhow::Result<chrono::DateTime<chrono::FixedOffset>> {
    let text = value.as_str().context("a time is no text")?;
    chrono::DateTime::parse_from_rfc3339(text).with_context(|| format!("{text} is no time"))
}

/// A page as it came.
#[derive(Debug, serde::Deserialize)]
struct Page {
    items: Vec<Value>,
    next: Option<String>,
    total: u64,
}

async fn page(stack: &Stack, base: &str, token: &str, path: &str) -> anyhow::Result<Page> {
    let answer = stack.http.get(format!("{base}{path}")).bearer_auth(token).send().await?;
    let status = answer.status();
    if !status.is_success() {
        bail!("{base}{path}: {status}: {}", answer.text().await?);
    }
    answer.json().await.with_context(|| format!("{base}{path} gives no page"))
}

/// Walks a server's own pages for places to begin at, then hammers it.
async fn run(stack: &Stack, address: SocketAddr, base: &str, server: &Process) -> anyhow::Result<Outcome> {
    let token = stack.token().await?;
    let mut requests = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let more = cursor.as_ref().map(|it| format!("&cursor={it}")).unwrap_or_default();
        let path = format!("/api/workspaces?limit={STRIDE}{more}");
        let Some(next) = page(stack, base, &token, &path).await?.next else { break };
        requests.push(hammer::get(address, &format!("{PAGE}&cursor={next}"), &token));
        cursor = Some(next);
    }
    ensure!(requests.len() >= CONNECTIONS, "there are too few desktops for different pages");
    let load = Load {
        address,
        requests: requests.into(),
        connections: CONNECTIONS,
        warm_up: WARM_UP,
        counted: COUNTED,
    };
    hammer(load, server).await
}

async fn statement(peers: &Path) -> anyhow::Result<String> {
    let path = peers.join("list.sql");
    tokio::fs::read_to_string(&path).await.with_context(|| format!("cannot read {}", path.display()))
}

/// What pgbench found.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// Runs a script of the peers for as long as the product is measured.
pub(crate) async fn pgbench(stack: &Stack, script: &str, connections: usize) -> anyhow::Result<Floor> {
    let logs = tempfile::tempdir()?;
    let mut pgbench = peer::command(&stack.place.postgres_bin.join("pgbench"));
    pgbench.args(["--no-vacuum", "--protocol=prepared", "--jobs=2"]);
    pgbench.arg(format!("--client={connections}")).arg(format!("--time={}", COUNTED.as_secs()));
    pgbench.arg("--file").arg(stack.place.peers_dir.join(script));
    // Each tenth transaction is noted: enough for a percentile, too few to cost anything.
    pgbench.args(["--log", "--sampling-rate=0.1", "--log-prefix=floor"]);
    pgbench.arg(&stack.place.database_url).current_dir(logs.path());
    let output = pgbench
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await
        .context("cannot start pgbench")?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    Ok(Floor {
        per_second: tps.with_context(|| format!("pgbench tells no tps:\n{text}"))?,
        median: percentile(logs.path(), 50)?,
        p99: percentile(logs.path(), 99)?,
    })
}

/// From pgbench's log: client, transaction, microseconds, and more.
fn percentile(logs: &Path, hundredth: usize) -> anyhow::Result<Duration> {
    let mut micros: Vec<u64> = Vec::new();
    for entry in std::fs::read_dir(logs)? {
        let text = std::fs::read_to_string(entry?.path())?;
        micros.extend(text.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<u64>().ok()));
    }
    micros.sort_unstable();
    let at = micros.get(micros.len() * hundredth / 100).context("pgbench wrote no log")?;
    Ok(Duration::from_micros(*at))
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
