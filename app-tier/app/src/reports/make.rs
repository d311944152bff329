//! The job behind a report: rows from one snapshot into a file of the work folder, and the file to its store.
//!
//! Invariant: the database connection is given back before the file is finished and put away.

use std::{path::PathBuf, sync::Arc, time::Duration};

use ::reports::{Cell, Finished, Notes, Writer};
use chrono::{DateTime, NaiveDate, Utc};
use contract::{catalog::Kind, ids::ReportId, jobs::Progress, questions::Column, reports::Format};
use diesel_async::AsyncConnection;
use domain::catalog::select;
use futures::StreamExt;
use queue::{Job, JobError, Run};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::reports::{File, ReportRow};
use tokio::sync::mpsc;

use super::Request;
use crate::{App, Error, files};

/// Rows on their way from the database to the file.
const ROWS_AHEAD: usize = 4096;
/// Rows between two looks at whether the job is to stop.
const ROWS_A_LOOK: u64 = 2048;

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
        let key = files::key(&format!("reports/{}-{}.{}", row.id, run.attempt(), format.extension()))?;
        app.files.put(&key, &finished.path, format.media_type()).await.map_err(Error::from)?;
        let now = app.now();
        let mut conn = app.conn().await?;
        conn.transaction::<_, Error, _>(async |conn| {
            run.fence(conn).await.map_err(Error::internal)?;
            let file = File {
                storage_key: key.as_str(),
                rows: i64::try_from(finished.rows).unwrap_or(i64::MAX),
                bytes: i64::try_from(finished.bytes).unwrap_or(i64::MAX),
                sha256: &finished.sha256,
            };
            Ok(store::reports::finish(conn, self.report, &file, now).await?)
        })
        .await?;
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
    let (checked, _) = request.check(row.created_at).map_err(JobError::fatal)?;
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
    let (sender, receiver) = mpsc::channel::<String>(ROWS_AHEAD);
    let folder = app.work_dir.clone();
    let format = Format::parse(&row.format).unwrap_or(Format::Csv);
    let written = tokio::task::spawn_blocking(move || write_rows(format, folder, &columns, notes, receiver));

    let cancelled = run.cancelled();
    let label = row.title.clone();
    let sent = conn
        .transaction::<_, Error, _>(async |conn| {
            store::select::confine_report(conn).await?;
            let total = store::select::total(conn, select::count_rows(&checked)).await?;
            let mut rows = std::pin::pin!(store::select::stream(conn, select::all_rows(&checked)).await?);
            let mut done: u64 = 0;
            while let Some(row) = rows.next().await {
                if sender.send(row?).await.is_err() {
                    // The writer has ended, and says why.
                    break;
                }
                done += 1;
                if done.is_multiple_of(ROWS_A_LOOK) {
                    if cancelled.is_cancelled() {
                        return Ok(false);
                    }
                    let done = i64::try_from(done).unwrap_or(i64::MAX);
                    run.progress(json!(Progress {
                        label: label.clone(),
                        done,
                        total: Some(total),
                        note: None
                    }));
                }
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
    mut rows: mpsc::Receiver<String>,
) -> Result<Finished, queue::BoxError> {
    let mut writer = Writer::create(format, &folder, columns, notes)?;
    while let Some(row) = rows.blocking_recv() {
        let values: Vec<Value> = serde_json::from_str(&row)?;
        let texts: Vec<Option<String>> = values.iter().map(composed).collect();
        let cells: Vec<Cell<'_>> = values
            .iter()
            .zip(&texts)
            .zip(columns)
            .map(|((value, text), column)| cell(value, text.as_deref(), column.kind))
            .collect();
        writer.row(&cells)?;
    }
    Ok(writer.finish()?)
}

/// Tags as one text.
fn composed(value: &Value) -> Option<String> {
    let Value::Object(them) = value else { return None };
    let pairs: Vec<_> =
        them.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
    Some(pairs.join("; "))
}

fn cell<'a>(value: &'a Value, composed: Option<&'a str>, kind: Kind) -> Cell<'a> {
    match (value, composed) {
        (_, Some(text)) => Cell::Text(text),
        (Value::Null, _) => Cell::Null,
        (Value::Bool(it), _) => Cell::Bool(*it),
        (Value::Number(it), _) => it.as_f64().map_or(Cell::Null, Cell::Number),
        (Value::String(text), _) => match kind {
            Kind::Time => text.parse::<DateTime<Utc>>().map_or(Cell::Text(text), Cell::Time),
            Kind::Date => text.parse::<NaiveDate>().map_or(Cell::Text(text), Cell::Date),
            _ => Cell::Text(text),
        },
        (Value::Array(_) | Value::Object(_), None) => Cell::Null,
    }
}
