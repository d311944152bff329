//! The job behind a report: rows from one snapshot into a file of the work folder, and the file to its store.
//!
//! Invariant: the database connection is given back before the file is finished and put away.

use std::{path::PathBuf, sync::Arc, time::Duration};

use ::reports::{Cell, Finished, Notes, Writer};
use contract::{
    catalog::Kind,
    ids::{ReportId, UserId},
    jobs::Progress,
    questions::Column,
    reports::Format,
};
use diesel_async::AsyncConnection;
use domain::catalog::select;
use futures::{StreamExt, TryStreamExt};
use queue::{FenceError, Job, JobError, Run};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    reports::{File, ReportRow},
    select::{Row, RowValue},
};
use tokio::sync::mpsc;

use super::Request;
use crate::{App, Error, files};

/// Rows that go to the writer together, at most. Between two such parts the job looks whether it is to stop.
const ROWS_A_PART: usize = 512;
/// Parts on their way from the database to the file.
const PARTS_AHEAD: usize = 8;

/// Makes a report's file.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeReport {
    pub(super) report: ReportId,
}

impl Job for MakeReport {
    const KIND: &'static str = "make_report";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(self.report.to_string())
    }

    async fn run(self, app: Arc<App>, run: Run) -> Result<(), JobError> {
        let found = store::reports::find(&mut *app.conn().await?, self.report).await.map_err(Error::from)?;
        // Its user was removed meanwhile, or another run finished it.
        let Some((row, by)) = found.filter(|(row, _)| row.finished_at.is_none()) else { return Ok(()) };
        let request: Request = serde_json::from_value(row.request.clone()).map_err(JobError::fatal)?;
        let finished = write(&app, &run, &row, &request, by).await?;
        let format = Format::parse(&row.format).unwrap_or(Format::Csv);
        // Each attempt has its own, so that one which lost its lease never changes the file of another.
        let key_of = |attempt| files::key(&format!("reports/{}-{attempt}.{}", row.id, format.extension()));
        let key = key_of(run.attempt())?;
        app.files.put(&key, &finished.path, format.media_type()).await.map_err(Error::from)?;
        let now = app.now();
        let mut conn = app.conn().await?;
        let kept = conn
            .transaction::<_, Error, _>(async |conn| {
                match run.fence(conn).await {
                    Err(FenceError::Lost(_)) => return Ok(false),
                    Err(FenceError::Database(error)) => return Err(error.into()),
                    Ok(()) => {}
                }
                let file = File {
                    storage_key: key.as_str(),
                    rows: i64::try_from(finished.rows).unwrap_or(i64::MAX),
                    bytes: i64::try_from(finished.bytes).unwrap_or(i64::MAX),
                    sha256: &finished.sha256,
                };
                store::reports::finish(conn, self.report, &file, now).await?;
                Ok(true)
            })
            .await?;
        drop(conn);
        // Nobody will ever ask for the file of a run that lost its lease, nor for those of runs that were killed between
        // putting it away and saying so.
        if !kept {
            app.files.delete(&key).await.map_err(Error::from)?;
            return Err(JobError::snooze(Duration::ZERO));
        }
        for attempt in 1..run.attempt() {
            if let Err(error) = app.files.delete(&key_of(attempt)?).await {
                tracing::warn!(%error, "Could not remove what attempt {attempt} left of report {}", row.id);
            }
        }
        Ok(())
    }
}

/// Streams the rows from one snapshot into a file of the work folder.
async fn write(
    app: &Arc<App>,
    run: &Run,
    row: &ReportRow,
    request: &Request,
    by: String,
) -> Result<Finished, JobError> {
    // "Today" is the day it was asked for.
    let (checked, _) = request.check(UserId(row.user_id), row.created_at).map_err(JobError::fatal)?;
    let columns = select::columns(&checked);
    let mut conn = app.conn().await?;
    let freshness = store::syncs::list(&mut conn).await.map_err(Error::from)?;
    let notes = Notes {
        title: row.title.clone(),
        filters: request.plan.filters.iter().map(|it| (it.dimension.clone(), described(it))).collect(),
        data_as_of: freshness.iter().filter_map(|it| it.succeeded_at).min(),
        generated_at: app.now(),
        requested_by: by,
        timezone: checked.zone,
    };
    let (sender, receiver) = mpsc::channel::<Vec<Row>>(PARTS_AHEAD);
    let folder = app.work_dir.clone();
    let format = Format::parse(&row.format).unwrap_or(Format::Csv);
    let written = tokio::task::spawn_blocking(move || write_rows(format, folder, &columns, notes, receiver));

    let cancelled = run.cancelled();
    let (label, total) = (row.title.clone(), request.counted);
    let sent = conn
        .transaction::<_, Error, _>(async |conn| {
            store::select::confine_report(conn).await?;
            let rows = store::select::stream(conn, select::all_rows(&checked)).await?;
            // As many as have arrived: none waits for others, and a full part costs one hand-over.
            let mut parts = std::pin::pin!(rows.try_ready_chunks(ROWS_A_PART));
            let mut done: i64 = 0;
            while let Some(part) = parts.next().await {
                let part = part.map_err(|it| it.1)?;
                done = done.saturating_add(i64::try_from(part.len()).unwrap_or(i64::MAX));
                if sender.send(part).await.is_err() {
                    // The writer has ended, and says why.
                    break;
                }
                if cancelled.is_cancelled() {
                    return Ok(false);
                }
                let total = total.map(|it| it.max(done));
                run.progress(json!(Progress { label: label.clone(), done, total, note: None }));
            }
            drop(sender);
            Ok(true)
        })
        .await?;
    // The connection goes back before the file is finished: compressing an Excel file takes its time.
    drop(conn);
    if !sent {
        return Err(JobError::snooze(Duration::ZERO));
    }
    let finished = written.await??;
    let rows = i64::try_from(finished.rows).unwrap_or(i64::MAX);
    run.progress(json!(Progress { label, done: rows, total: Some(rows), note: None }));
    Ok(finished)
}

fn described(filter: &contract::query::Filter) -> String {
    let values: Vec<_> = filter.values.iter().map(ToString::to_string).collect();
    format!("{} {}", filter.op.label(), values.join(" or ")).trim_end().to_owned()
}

fn write_rows(
    format: Format,
    folder: PathBuf,
    columns: &[Column],
    notes: Notes,
    mut parts: mpsc::Receiver<Vec<Row>>,
) -> Result<Finished, queue::BoxError> {
    let mut writer = Writer::create(format, &folder, columns, notes)?;
    let tagged = columns.iter().any(|it| it.kind == Kind::Tags);
    let mut texts = Vec::new();
    while let Some(part) = parts.blocking_recv() {
        for row in &part {
            texts.clear();
            if tagged {
                for value in row.values() {
                    if let RowValue::Json(text) = value {
                        texts.push(composed(text)?);
                    }
                }
            }
            let mut texts = texts.iter();
            let cells: Vec<Cell<'_>> = row.values().map(|value| cell(value, &mut texts)).collect();
            writer.row(&cells)?;
        }
    }
    Ok(writer.finish()?)
}

/// Tags as one text.
fn composed(text: &str) -> serde_json::Result<Option<String>> {
    let Value::Object(them) = serde_json::from_str(text)? else { return Ok(None) };
    let pairs: Vec<_> =
        them.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    Ok(Some(pairs.join("; ")))
}

/// Takes the next of the `composed` texts for a value that has one.
fn cell<'a>(value: RowValue<'a>, composed: &mut impl Iterator<Item = &'a Option<String>>) -> Cell<'a> {
    match value {
        RowValue::Null => Cell::Null,
        RowValue::Text(text) => Cell::Text(text),
        RowValue::Integer(it) => Cell::Integer(it),
        RowValue::Number(it) => Cell::Number(it),
        RowValue::Bool(it) => Cell::Bool(it),
        RowValue::Time(it) => Cell::Time(it),
        RowValue::Date(it) => Cell::Date(it),
        RowValue::Json(_) => composed.next().and_then(Option::as_deref).map_or(Cell::Null, Cell::Text),
    }
}
