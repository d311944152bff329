//! A full sync of the largest estate, beside a loop that makes the same calls and stores nothing.
//!
//! Once into an empty database, which writes every row and every search index, and once more when nothing has changed,
//! which is what a schedule does all day. The pace that an administrator sets (calls a second) is raised for both, since
//! it would hide everything else; how long a sync takes at the default pace is told, too.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::process::Process;
use crate::psql;
use crate::sdk_loop::{self, Target};
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

/// The most that an administrator can set.
const UNPACED: f64 = 1000.0;
/// At the default pace it takes most of a minute.
const SYNC_WITHIN: Duration = Duration::from_mins(3);

/// Where the sandbox counts the calls that it gets.
pub(crate) const AWS_CALLS: &str = "/_sandbox/calls";

/// What a sync fills.
const EMPTY: &str = "TRUNCATE workspaces, changes, bundles, directories, known_values, sync_states, workspace_looks, sightings CASCADE";

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let settings = stack.get("/api/admin/config").await?;
    let usual = pace(&settings)?;
    let targets = sdk_loop::targets(stack).await?;
    // A sync by the clock would be in the middle of one that is measured. It stays off for what is measured later, too.
    stack.stop_schedules().await?;
    set_pace(stack, &settings, UNPACED).await?;
    let measured = beside_the_loop(stack, sheet, &targets).await;
    set_pace(stack, &settings, usual).await?;
    measured?;
    let paced = sync(stack).await?;
    let what = format!("at the default pace of {usual} calls/s for each operation and account-region");
    sheet.add(Entry::new(what, paced.seconds, "s"));
    sheet.note(&format!(
        "the others: aws_calls_per_second set to {UNPACED}, so that pacing is not what is measured"
    ));
    Ok(())
}

async fn beside_the_loop(stack: &Stack, sheet: &mut Sheet, targets: &[Target]) -> anyhow::Result<()> {
    // Connections and caches of the sandbox are warm for everybody from here on.
    sdk_loop::run(stack, targets).await?;
    for (name, empty) in [("first, into an empty database", true), ("again, nothing has changed", false)] {
        if empty {
            psql::run(stack, &[EMPTY]).await?;
        } else {
            // What autovacuum does within minutes of a first fill.
            psql::run(stack, &["VACUUM ANALYZE workspaces", "VACUUM ANALYZE known_values"]).await?;
        }
        let own = Process::own();
        let (begin, cpu) = (Instant::now(), own.cpu()?);
        let answered = sdk_loop::run(stack, targets).await?;
        let (bare, bare_cpu) = (begin.elapsed().as_secs_f64(), own.cpu()?.saturating_sub(cpu));
        let found = answered.desktops.load(Ordering::Relaxed);
        let sync = sync(stack).await?;
        let entry = Entry::new(format!("{name}: until the last job"), sync.seconds, "s")
            .beside("bare SDK loop", bare)
            .aim(Aim::RatioAtMost(1.3));
        sheet.add(entry);
        sheet.add(Entry::new(format!("{name}: desktops"), rate(found, sync.seconds), "rows/s"));
        let what = format!("{name}: CPU of server and workers");
        sheet.add(Entry::new(what, sync.product.as_secs_f64(), "s").beside("loop", bare_cpu.as_secs_f64()));
        sheet.note(&format!(
            "{name}: {found} desktops, {} calls by the product, {} pages by the loop ({} account-regions refuse something); CPU of \
             PostgreSQL {:.2} s, of the sandbox {:.2} s; questions knew the new values {:.2} s later",
            sync.calls,
            answered.pages.load(Ordering::Relaxed),
            answered.refused.load(Ordering::Relaxed),
            sync.postgres.as_secs_f64(),
            sync.sandbox.as_secs_f64(),
            sync.known_values,
        ));
    }
    Ok(())
}

/// What a sync took.
struct Sync {
    /// From the first job's row to the end of the last one that reads AWS.
    seconds: f64,
    calls: u64,
    product: Duration,
    postgres: Duration,
    sandbox: Duration,
    /// Seconds from there until questions know the new values.
    known_values: f64,
}

async fn sync(stack: &Stack) -> anyhow::Result<Sync> {
    let calls = format!("{}{AWS_CALLS}", stack.place.aws_endpoint);
    stack.http.delete(&calls).send().await?.error_for_status()?;
    let processes =
        |names: &[&str]| names.iter().map(|it| stack.process(it)).collect::<anyhow::Result<Vec<_>>>();
    let product = processes(&["skydesk", "worker-1", "worker-2"])?;
    let (postgres, sandbox) = (processes(&["postgres"])?, processes(&["sandbox"])?);
    let before = (cpu(&product)?, cpu(&postgres)?, cpu(&sandbox)?);

    let accepted = stack.post("/api/admin/sync", &json!({})).await?;
    let first =
        accepted.get("jobs").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).min();
    let first = first.context("the sync has no jobs")?;
    let deadline = Instant::now() + SYNC_WITHIN;
    let jobs = loop {
        // Rarely, because whoever asks takes CPU, too: what it took is read from the jobs' own times.
        tokio::time::sleep(Duration::from_millis(250)).await;
        let jobs = jobs_since(stack, first).await?;
        if jobs.iter().all(|it| it.finished_at.is_some()) {
            break jobs;
        }
        if Instant::now() > deadline {
            bail!("the sync was not done after {SYNC_WITHIN:?}");
        }
    };
    let after = (cpu(&product)?, cpu(&postgres)?, cpu(&sandbox)?);

    let (syncs, others): (Vec<_>, Vec<_>) = jobs.iter().partition(|it| it.kind.starts_with("sync_"));
    if let Some(dead) = syncs.iter().find(|it| it.state != "done") {
        bail!("a {} is {}", dead.kind, dead.state);
    }
    let begin = syncs.iter().map(|it| it.created_at).min().context("no job reads AWS")?;
    let end = syncs.iter().filter_map(|it| it.finished_at).max().context("no job has ended")?;
    let known =
        others.iter().filter(|it| it.kind == "refresh_known_values").filter_map(|it| it.finished_at).max();
    let counted: Value = stack.http.get(&calls).send().await?.error_for_status()?.json().await?;
    Ok(Sync {
        seconds: (end - begin).as_seconds_f64(),
        calls: counted.get("total").and_then(Value::as_u64).context("the sandbox counts no calls")?,
        product: after.0.saturating_sub(before.0),
        postgres: after.1.saturating_sub(before.1),
        sandbox: after.2.saturating_sub(before.2),
        known_values: known.map_or(0.0, |it| (it - end).as_seconds_f64()),
    })
}

/// What a job's row tells of its time.
#[derive(Debug, serde::Deserialize)]
struct Job {
    id: i64,
    kind: String,
    state: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// The jobs from this one on: those of a sync, and what they led to. There are fewer than a page has.
async fn jobs_since(stack: &Stack, first: i64) -> anyhow::Result<Vec<Job>> {
    let page = stack.get("/api/jobs?limit=100").await?;
    let jobs: Vec<Job> = serde_json::from_value(page.get("items").context("the list has no items")?.clone())?;
    Ok(jobs.into_iter().filter(|it| it.id >= first).collect())
}

fn cpu(processes: &[&Process]) -> anyhow::Result<Duration> {
    processes.iter().map(|it| it.cpu()).sum()
}

#[expect(clippy::as_conversions, reason = "rows are far below 2^53")]
fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn pace(settings: &Value) -> anyhow::Result<f64> {
    settings.get("aws_calls_per_second").and_then(Value::as_f64).context("there is no pace")
}

async fn set_pace(stack: &Stack, settings: &Value, calls_per_second: f64) -> anyhow::Result<()> {
    let mut changed = settings.clone();
    let object = changed.as_object_mut().context("the settings are no object")?;
    object.insert("aws_calls_per_second".to_owned(), json!(calls_per_second));
    // 63 days of 20,000 desktops are 360 million points; they have a measurement of their own.
    object.insert("usage_every_hours".to_owned(), json!(0));
    stack.put("/api/admin/config", &changed).await?;
    Ok(())
}
