//! Jobs as administrators see them: lists, counts, cancelling, sending dead ones again, and forgetting old ones.
//!
//! Nothing here runs a job; whoever may call these is for the caller to decide.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper,
    dsl::{count_star, now},
    prelude::{Queryable, Selectable},
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{State, enqueue::active_with_key, schema::queue_jobs};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = queue_jobs, check_for_backend(diesel::pg::Pg))]
pub struct JobRow {
    pub id: i64,
    pub kind: String,
    pub payload: Value,
    pub unique_key: Option<String>,
    /// The schedule that made it, with `planned_at`.
    pub schedule: Option<String>,
    pub planned_at: Option<DateTime<Utc>>,
    pub requested_by: Option<i64>,
    pub priority: i16,
    pub state: State,
    /// While it waits: when it may start. While it runs: when its lease lapses unless it is renewed.
    pub due_at: DateTime<Utc>,
    pub attempts: i32,
    /// The worker that runs it.
    pub worker: Option<String>,
    /// It runs, and was told to stop.
    pub cancel_requested: bool,
    pub progress: Option<Value>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Which jobs to list; absent means all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub kind: Option<String>,
    pub requested_by: Option<i64>,
}

/// Why a job could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no job {0}")]
    NotFound(i64),
    #[error("job {id} is {state}")]
    WrongState { id: i64, state: State },
    #[error("job {existing} with the same key waits or runs already")]
    Duplicate { existing: i64 },
    #[error("the job could not be changed")]
    Database(#[from] diesel::result::Error),
}

/// The newest `limit` jobs before the job `before`, newest first.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &Filter,
    before: Option<i64>,
    limit: u16,
) -> QueryResult<Vec<JobRow>> {
    let mut query = queue_jobs::table
        .order(queue_jobs::id.desc())
        .limit(limit.into())
        .select(JobRow::as_select())
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(queue_jobs::state.eq(state));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(queue_jobs::kind.eq(kind));
    }
    if let Some(by) = filter.requested_by {
        query = query.filter(queue_jobs::requested_by.eq(by));
    }
    if let Some(before) = before {
        query = query.filter(queue_jobs::id.lt(before));
    }
    query.load(conn).await
}

/// One job.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<JobRow>> {
    queue_jobs::table.find(id).select(JobRow::as_select()).first(conn).await.optional()
}

/// Those of the given jobs that exist, in no order.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find_all(conn: &mut AsyncPgConnection, ids: &[i64]) -> QueryResult<Vec<JobRow>> {
    queue_jobs::table.filter(queue_jobs::id.eq_any(ids)).select(JobRow::as_select()).load(conn).await
}

/// How many jobs are in each state; every state is there.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn count_by_state(conn: &mut AsyncPgConnection) -> QueryResult<BTreeMap<State, i64>> {
    let counted: Vec<(State, i64)> = queue_jobs::table
        .group_by(queue_jobs::state)
        .select((queue_jobs::state, count_star()))
        .load(conn)
        .await?;
    Ok(State::ALL.into_iter().map(|state| (state, 0)).chain(counted).collect())
}

/// Send a dead or cancelled job again, with all its attempts and from its last checkpoint. Opens a transaction, or a
/// savepoint within the caller's.
///
/// # Errors
/// It is neither dead nor cancelled, or a job with its key has taken its place.
pub async fn retry(conn: &mut AsyncPgConnection, id: i64) -> Result<JobRow, ChangeError> {
    conn.transaction(async |conn| {
        let job = lock(conn, id).await?;
        if !matches!(job.state, State::Dead | State::Cancelled) {
            return Err(ChangeError::WrongState { id, state: job.state });
        }
        if let Some(key) = &job.unique_key
            && let Some(existing) = active_with_key(conn, &job.kind, key).await?
        {
            return Err(ChangeError::Duplicate { existing });
        }
        let changed = diesel::update(queue_jobs::table.find(id))
            .set((
                queue_jobs::state.eq(State::Waiting),
                queue_jobs::attempts.eq(0),
                queue_jobs::due_at.eq(now),
                queue_jobs::cancel_requested.eq(false),
                queue_jobs::finished_at.eq(None::<DateTime<Utc>>),
            ))
            .returning(JobRow::as_returning())
            .get_result(conn)
            .await?;
        Ok(changed)
    })
    .await
}

/// Cancel a job: at once while it waits; while it runs it is told to stop, and is `cancelled` when it has. A run that
/// comes to a good end before it hears of it is `done`. Opens a transaction, or a savepoint within the caller's.
///
/// # Errors
/// It has ended already.
pub async fn cancel(conn: &mut AsyncPgConnection, id: i64) -> Result<JobRow, ChangeError> {
    conn.transaction(async |conn| {
        let job = lock(conn, id).await?;
        let changed = match job.state {
            State::Waiting => {
                diesel::update(queue_jobs::table.find(id))
                    .set((queue_jobs::state.eq(State::Cancelled), queue_jobs::finished_at.eq(now)))
                    .returning(JobRow::as_returning())
                    .get_result(conn)
                    .await?
            }
            State::Running => {
                diesel::update(queue_jobs::table.find(id))
                    .set(queue_jobs::cancel_requested.eq(true))
                    .returning(JobRow::as_returning())
                    .get_result(conn)
                    .await?
            }
            state => return Err(ChangeError::WrongState { id, state }),
        };
        Ok(changed)
    })
    .await
}

/// Forget jobs that ended before `ended_before`, at most `limit` of them. Answers how many; call again until it is
/// less than `limit`. Dead ones go too: nobody sent them again in all that time.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn prune(
    conn: &mut AsyncPgConnection,
    ended_before: DateTime<Utc>,
    limit: u32,
) -> QueryResult<usize> {
    diesel::sql_query(
        "DELETE FROM queue_jobs WHERE id IN (
             SELECT id FROM queue_jobs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)",
    )
    .bind::<Timestamptz, _>(ended_before)
    .bind::<BigInt, _>(i64::from(limit))
    .execute(conn)
    .await
}

/// The row, kept as it is until the transaction ends. NO KEY, so that it does not wait for a fenced transaction.
async fn lock(conn: &mut AsyncPgConnection, id: i64) -> Result<JobRow, ChangeError> {
    queue_jobs::table
        .find(id)
        .select(JobRow::as_select())
        .for_no_key_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(ChangeError::NotFound(id))
}
