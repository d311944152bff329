//! Jobs as administrators see them and as progress bars follow them.

use std::collections::BTreeMap;

use contract::{
    ids::JobId,
    jobs::{Job, JobState, Progress},
    page::Page,
    problem::{Code, FieldError},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use queue::{
    State,
    jobs::{ChangeError, Filter, JobRow},
};
use serde_json::json;

use crate::{
    Error, OpCx, Result,
    lists::{NumberedRequest, Pairs},
};

/// `GET /api/jobs`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<Job>> {
    let request = NumberedRequest::read(pairs, &["state", "kind"])?;
    let state = match request.filter("state") {
        None => None,
        Some(text) => Some(text.parse::<State>().map_err(|_unknown| {
            let names: Vec<_> = State::ALL.iter().map(|it| it.as_str()).collect();
            Error::with_fields(
                Code::InvalidQuery,
                vec![FieldError::new("state", format!("is none of: {}", names.join(", ")))],
            )
        })?),
    };
    let filter = Filter { state, kind: request.filter("kind").map(str::to_owned), requested_by: None };
    let mut conn = cx.app.conn().await?;
    let limit = u16::try_from(request.fetch()).unwrap_or(u16::MAX);
    let rows = queue::jobs::list(&mut conn, &filter, request.cursor, limit).await?;
    let counts = queue::jobs::count_by_state(&mut conn).await?;
    let total = counts.iter().filter(|(it, _)| state.is_none_or(|state| state == **it)).map(|(_, n)| n).sum();
    let jobs = named(&mut conn, rows).await?;
    Ok(request.answer(jobs, total, |it| it.id.0))
}

/// `GET /api/jobs/{id}`
///
/// # Errors
/// There is none.
pub async fn find(cx: &OpCx, id: JobId) -> Result<Job> {
    let mut conn = cx.app.conn().await?;
    let row = queue::jobs::find(&mut conn, id.0)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("job {id}")))?;
    one(&mut conn, row).await
}

/// `POST /api/jobs/{id}/retry`: drives a dead job again.
///
/// # Errors
/// There is none, or it is not dead.
pub async fn retry(cx: &OpCx, id: JobId) -> Result<Job> {
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = queue::jobs::retry(conn, id.0).await.map_err(|error| match error {
            ChangeError::NotFound(_) => Error::not_found(format_args!("job {id}")),
            ChangeError::WrongState { state, .. } => Error::new(
                Code::WrongState,
                format!("Job {id} is {state}; only dead and cancelled ones are driven again."),
            ),
            ChangeError::Duplicate { existing } => {
                Error::new(Code::WrongState, format!("Job {existing} does the same and is under way."))
            }
            ChangeError::Database(error) => error.into(),
        })?;
        cx.audit(conn, "job.retry", &format!("job:{id}"), json!({"kind": row.kind})).await?;
        one(conn, row).await
    })
    .await
}

/// `POST /api/jobs/{id}/cancel`: ends a job that waits at once, and tells one that runs to stop.
///
/// A run that comes to a good end before it hears of it is done, not cancelled: what it did is not taken back.
///
/// # Errors
/// There is none, or it has ended already.
pub async fn cancel(cx: &OpCx, id: JobId) -> Result<Job> {
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = queue::jobs::cancel(conn, id.0).await.map_err(|error| match error {
            ChangeError::NotFound(_) => Error::not_found(format_args!("job {id}")),
            ChangeError::WrongState { state, .. } => {
                Error::new(Code::WrongState, format!("Job {id} is {state}; it has ended already."))
            }
            error @ ChangeError::Duplicate { .. } => Error::internal(error),
            ChangeError::Database(error) => error.into(),
        })?;
        if row.kind == <crate::operations::RunOperation as queue::Job>::KIND {
            return Err(Error::new(
                Code::WrongState,
                "This job is an operation's: cancel the operation, which tells what has begun and what has not.",
            ));
        }
        cx.audit(conn, "job.cancel", &format!("job:{id}"), json!({"kind": row.kind})).await?;
        one(conn, row).await
    })
    .await
}

async fn one(conn: &mut AsyncPgConnection, row: JobRow) -> Result<Job> {
    named(conn, vec![row]).await?.pop().ok_or_else(|| Error::internal("one row became none"))
}

/// Rows with the names of those who asked.
pub(crate) async fn named(conn: &mut AsyncPgConnection, rows: Vec<JobRow>) -> Result<Vec<Job>> {
    let ids: Vec<i64> = rows.iter().filter_map(|it| it.requested_by).collect();
    let names: BTreeMap<i64, String> = store::users::names(conn, &ids).await?.into_iter().collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let by = row.requested_by.and_then(|it| names.get(&it).cloned());
            wire(row, by)
        })
        .collect())
}

/// A row for the wire.
pub(crate) fn wire(row: JobRow, requested_by: Option<String>) -> Job {
    Job {
        id: JobId(row.id),
        kind: row.kind,
        state: wire_state(row.state),
        // The row keeps the wish after the job has ended; by then it says nothing any more.
        cancel_requested: row.cancel_requested && row.state == State::Running,
        progress: row.progress.map(progress).unwrap_or_default(),
        attempt: row.attempts,
        // No kind of ours sets its own.
        max_attempts: i32::from(<crate::housekeeping::Prune as queue::Job>::MAX_ATTEMPTS),
        error: row.last_error,
        requested_by,
        created_at: row.created_at,
        run_at: row.due_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        payload: row.payload,
    }
}

/// Progress as our jobs write it; that of an older release may have another shape.
pub(crate) fn progress(value: serde_json::Value) -> Progress {
    serde_json::from_value(value).unwrap_or_default()
}

pub(crate) fn wire_state(state: State) -> JobState {
    match state {
        State::Waiting => JobState::Waiting,
        State::Running => JobState::Running,
        State::Done => JobState::Done,
        State::Dead => JobState::Dead,
        State::Cancelled => JobState::Cancelled,
    }
}
