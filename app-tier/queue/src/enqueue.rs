//! Asking for a job, in the caller's transaction.

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, prelude::Insertable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{Job, State, schema::queue_jobs};

/// What the caller may say about a job beside its payload.
#[derive(Debug, Clone, Default)]
pub struct EnqueueOptions {
    /// Who asked; the queue only keeps the number.
    pub by: Option<i64>,
    /// Not before this time; at once when absent.
    pub run_at: Option<DateTime<Utc>>,
    /// Higher goes first among the due ones. Zero is usual.
    pub priority: i16,
}

/// The answer to [`enqueue`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    /// The job's number.
    pub id: i64,
    /// Whether a job with the same kind and key was there already; then nothing was written.
    pub existing: bool,
}

/// Why a job could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EnqueueError {
    #[error("the job's payload is not JSON")]
    Payload(#[from] serde_json::Error),
    #[error("the job could not be written")]
    Database(#[from] diesel::result::Error),
    /// Only under repeatable read, or when jobs with this key end quicker than they can be looked at.
    #[error("a job with the same key kept appearing and ending")]
    Contended,
}

#[derive(Insertable)]
#[diesel(table_name = queue_jobs)]
struct NewJob<'a> {
    kind: &'a str,
    payload: &'a Value,
    unique_key: Option<&'a str>,
    requested_by: Option<i64>,
    priority: i16,
    // NULL leaves the column's default, which is now.
    due_at: Option<DateTime<Utc>>,
}

/// Write `job` on the caller's connection: it becomes visible to workers when the caller's transaction commits, and
/// never if that rolls back.
///
/// # Errors
/// The payload does not serialise, or PostgreSQL refuses.
pub async fn enqueue<J: Job>(
    conn: &mut AsyncPgConnection,
    job: &J,
    options: EnqueueOptions,
) -> Result<Enqueued, EnqueueError> {
    let payload = serde_json::to_value(job)?;
    insert(conn, J::KIND, &payload, job.unique_key().as_deref(), &options).await
}

/// [`enqueue`] for a job whose type is not at hand.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    kind: &str,
    payload: &Value,
    unique_key: Option<&str>,
    options: &EnqueueOptions,
) -> Result<Enqueued, EnqueueError> {
    // The job in the way may end between the insert that met it and the look at it; then there is room again.
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        let inserted = diesel::insert_into(queue_jobs::table)
            .values(NewJob {
                kind,
                payload,
                unique_key,
                requested_by: options.by,
                priority: options.priority,
                due_at: options.run_at,
            })
            .on_conflict_do_nothing()
            .returning(queue_jobs::id)
            .get_result(conn)
            .await
            .optional()?;
        if let Some(id) = inserted {
            return Ok(Enqueued { id, existing: false });
        }
        if let Some(key) = unique_key
            && let Some(id) = active_with_key(conn, kind, key).await?
        {
            return Ok(Enqueued { id, existing: true });
        }
    }
    Err(EnqueueError::Contended)
}

/// The job of this kind and key that waits or runs.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn active_with_key(
    conn: &mut AsyncPgConnection,
    kind: &str,
    key: &str,
) -> diesel::QueryResult<Option<i64>> {
    queue_jobs::table
        .filter(queue_jobs::kind.eq(kind))
        .filter(queue_jobs::unique_key.eq(key))
        .filter(queue_jobs::state.eq_any([State::Waiting, State::Running]))
        .select(queue_jobs::id)
        .first(conn)
        .await
        .optional()
}
