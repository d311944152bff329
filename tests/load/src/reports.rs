//! Report files as the product makes them, beside PostgreSQL's own CSV and Python's `XlsxWriter`.
//!
//! The tables are filled with rows that nobody has, and emptied of them again. Ours is the whole job: asked for by the
//! API, from its start to the finished file in its store. Both others only write: `COPY` straight to a file, `XlsxWriter`
//! in `constant_memory` mode from a cursor over the same rows.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::peer;
use crate::process::Process;
use crate::psql;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

const CSV_ROWS: u64 = 1_000_000;
const XLSX_ROWS: u64 = 200_000;
const MADE_WITHIN: Duration = Duration::from_mins(3);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// A change feed of a large company, and more desktops than AWS sells. Their account tells them from real ones.
const FILL: [&str; 4] = [
    "INSERT INTO accounts (name, account_id, role_arn, regions) VALUES ('Bench', '999999999999', 'arn:aws:iam::999999999999:role/none', '{}')",
    "INSERT INTO changes (workspace_id, account, region, user_name, kind, field, old, new, observed_at)
     SELECT 'ws-' || lpad(to_hex(n % 20000), 9, '0'), a.id, (ARRAY['eu-west-1', 'us-east-1'])[1 + n % 2], 'user.' || n % 17000, 'changed',
            (ARRAY['state', 'running_mode', 'compute_type', 'tags.Team'])[1 + n % 4],
            CASE WHEN n % 50 = 0 THEN 'a, \"quoted\" one' ELSE 'AVAILABLE' END, CASE WHEN n % 7 > 0 THEN 'STOPPED' END,
            now() - n * interval '1 second'
     FROM accounts a, generate_series(1, 1000000) AS n WHERE a.account_id = '999999999999'",
    "INSERT INTO workspaces (id, account, region, directory_id, user_name, computer_name, state, running_mode, compute_type,
            root_volume_gib, user_volume_gib, root_encrypted, last_connected_at, first_seen_at, observed_at)
     SELECT 'ws-bench' || lpad(n::text, 7, '0'), a.id, 'eu-west-1', 'd-1', 'user.' || n, 'PC-' || n, 'AVAILABLE', 'AUTO_STOP', 'STANDARD',
            80 + n % 100, 10 + n % 50, n % 3 = 0, now() - n * interval '1 minute', now(), now()
     FROM accounts a, generate_series(1, 200000) AS n WHERE a.account_id = '999999999999'",
    "VACUUM ANALYZE changes, workspaces",
];

const CLEAR: [&str; 4] = [
    "DELETE FROM changes WHERE account = (SELECT id FROM accounts WHERE account_id = '999999999999')",
    "DELETE FROM workspaces WHERE account = (SELECT id FROM accounts WHERE account_id = '999999999999')",
    "DELETE FROM accounts WHERE account_id = '999999999999'",
    "VACUUM FULL ANALYZE changes, workspaces",
];

/// As the list of changes, in its columns and its order.
const COPY: &str = "COPY (SELECT id, workspace_id, user_name, account, region, kind, field, old, new, observed_at FROM ask_changes
    WHERE account = 'Bench' ORDER BY id DESC) TO STDOUT (FORMAT csv, HEADER)";

const XLSX_COLUMNS: [&str; 12] = [
    "id",
    "user_name",
    "computer_name",
    "account",
    "region",
    "state",
    "running_mode",
    "compute_type",
    "root_volume_gib",
    "user_volume_gib",
    "root_encrypted",
    "last_connected_at",
];

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    psql::run(stack, &FILL).await?;
    let measured = side_by_side(stack, sheet).await;
    psql::run(stack, &CLEAR).await?;
    measured
}

async fn side_by_side(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    // Once unmeasured: what PostgreSQL reads is in its memory for both.
    copy(stack, &folder.path().join("warm.csv")).await?;
    let bare = copy(stack, &folder.path().join("copy.csv")).await?;
    let request = json!({"source": "changes", "filter": {"account": "Bench"}, "format": "csv"});
    let csv = report(stack, &request, CSV_ROWS).await?;
    let rate = |rows: u64, seconds: f64| f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / seconds;
    sheet.add(
        Entry::new("CSV of 1,000,000 × 10", rate(CSV_ROWS, csv.seconds), "rows/s")
            .beside("COPY … TO STDOUT CSV by psql", rate(CSV_ROWS, bare.seconds))
            .aim(Aim::RatioAtLeast(0.5)),
    );
    sheet.add(
        Entry::new("CSV: peak memory of the worker", csv.peak, "MiB")
            .beside("psql", bare.peak)
            .aim(Aim::AtMost(100.0)),
    );

    let python = xlsxwriter(stack, &folder.path().join("peer.xlsx")).await?;
    let request = json!({"source": "workspaces", "format": "xlsx", "plan": {"entity": "workspaces", "columns": XLSX_COLUMNS,
        "filters": [{"dimension": "account", "op": "is", "values": ["Bench"]}]}});
    let xlsx = report(stack, &request, XLSX_ROWS).await?;
    sheet.add(
        Entry::new("XLSX of 200,000 × 12", rate(XLSX_ROWS, xlsx.seconds), "rows/s")
            .beside("Python's XlsxWriter, constant_memory", rate(XLSX_ROWS, python.seconds))
            .aim(Aim::RatioAtLeast(5.0)),
    );
    sheet.add(
        Entry::new("XLSX: peak memory of the worker", xlsx.peak, "MiB")
            .beside("Python", python.peak)
            .aim(Aim::AtMost(100.0)),
    );
    sheet.note(&format!(
        "from a job's start to its end: CSV {:.2} s ({:.0} MiB), XLSX {:.2} s ({:.1} MiB); alone: COPY {:.2} s, XlsxWriter {:.2} s; \
         CPU of the worker {:.2} s and {:.2} s",
        csv.seconds,
        csv.file,
        xlsx.seconds,
        xlsx.file,
        bare.seconds,
        python.seconds,
        csv.cpu.as_secs_f64(),
        xlsx.cpu.as_secs_f64(),
    ));
    Ok(())
}

/// What making a file took.
struct Made {
    seconds: f64,
    /// MiB that were resident at most.
    peak: f64,
    /// MiB.
    file: f64,
    cpu: Duration,
}

/// Asks for a report and waits for it.
async fn report(stack: &Stack, request: &Value, rows: u64) -> anyhow::Result<Made> {
    let workers = ["worker-1", "worker-2"].map(|it| stack.process(it));
    let workers = workers.into_iter().collect::<anyhow::Result<Vec<&Process>>>()?;
    for it in &workers {
        it.forget_peak()?;
    }
    let before = workers.iter().map(|it| it.cpu()).sum::<anyhow::Result<Duration>>()?;
    let asked = stack.post("/api/reports/generate", request).await?;
    let id = asked.get("id").and_then(Value::as_i64).context("the report has no id")?;
    let deadline = Instant::now() + MADE_WITHIN;
    let report = loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let report = stack.get(&format!("/api/reports/{id}")).await?;
        match report.get("state").and_then(Value::as_str) {
            Some("done") => break report,
            Some("waiting" | "running") if Instant::now() < deadline => {}
            state => bail!("the report is {state:?}: {report}"),
        }
    };
    if report.get("rows").and_then(Value::as_u64) != Some(rows) {
        bail!("the report has other rows than {rows}: {report}");
    }
    // Up to when the file was in its store; the job's own end follows at once.
    let job = report.get("job_id").and_then(Value::as_i64).context("the report has no job")?;
    let job = stack.get(&format!("/api/jobs/{job}")).await?;
    let seconds = (time(&report, "finished_at")? - time(&job, "started_at")?).as_seconds_f64();
    let peaks = workers.iter().map(|it| it.peak()).collect::<anyhow::Result<Vec<u64>>>()?;
    let after = workers.iter().map(|it| it.cpu()).sum::<anyhow::Result<Duration>>()?;
    let bytes = report.get("bytes").and_then(Value::as_f64).unwrap_or_default();
    Ok(Made {
        seconds,
        peak: mebibytes(peaks.into_iter().max().unwrap_or_default()),
        file: bytes / MEBIBYTE,
        cpu: after.saturating_sub(before),
    })
}

fn time(value: &Value, name: &str) -> anyhow::Result<DateTime<Utc>> {
    let text = value.get(name).and_then(Value::as_str).with_context(|| format!("there is no {name}"))?;
    Ok(text.parse()?)
}

/// The floor of a CSV file.
async fn copy(stack: &Stack, path: &Path) -> anyhow::Result<Made> {
    let mut psql = psql::client(stack);
    psql.args(["--command", COPY]).stdout(std::fs::File::create(path)?);
    let begin = Instant::now();
    let mut child = psql.spawn().context("cannot start psql")?;
    let peak = awaited(&mut child).await?;
    Ok(Made { seconds: begin.elapsed().as_secs_f64(), peak, file: 0.0, cpu: Duration::ZERO })
}

/// The peer of an Excel file. It tells its own seconds: starting Python is no part of them.
async fn xlsxwriter(stack: &Stack, path: &Path) -> anyhow::Result<Made> {
    let mut python = peer::command(&stack.place.peers_python);
    python.arg(stack.place.peers_dir.join("xlsx_writer.py")).arg(path);
    python.env("DATABASE_URL", &stack.place.database_url).stdout(Stdio::piped());
    let output = python.output().await.context("cannot start Python")?;
    if !output.status.success() {
        bail!("the Python peer failed ({})", output.status);
    }
    let told: Value = serde_json::from_slice(&output.stdout).context("the Python peer tells no JSON")?;
    let figure =
        |name| told.get(name).and_then(Value::as_f64).with_context(|| format!("the peer tells no {name}"));
    if told.get("rows").and_then(Value::as_u64) != Some(XLSX_ROWS) {
        bail!("the Python peer has written other rows: {told}");
    }
    Ok(Made { seconds: figure("seconds")?, peak: figure("peak_mib")?, file: 0.0, cpu: Duration::ZERO })
}

/// Waits for the end, and answers the last peak that was seen, in MiB.
async fn awaited(child: &mut tokio::process::Child) -> anyhow::Result<f64> {
    let process = Process { name: "psql".to_owned(), pid: child.id().context("psql ended at once")? };
    let mut peak = 0;
    loop {
        // A process that has just ended has no memory to tell of.
        peak = process.peak().unwrap_or(peak);
        match tokio::time::timeout(Duration::from_millis(20), child.wait()).await {
            Ok(status) => {
                let status = status?;
                anyhow::ensure!(status.success(), "psql ended ({status})");
                return Ok(mebibytes(peak));
            }
            Err(_still_running) => {}
        }
    }
}

#[expect(clippy::as_conversions, reason = "memory of a process is far below 2^53 bytes")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MEBIBYTE
}
