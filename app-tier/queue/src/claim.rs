//! The lease protocol: the only statements that move a job while workers are at it.
//!
//! Claiming commits at once; what follows is fenced by `id AND lease_id`. A lapsed lease is still its owner's until
//! another worker takes the job: renewing and finishing late succeed then, because nobody else has begun.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, IntoSql, OptionalExtension, QueryDsl, QueryResult, QueryableByName,
    sql_types::{Array, BigInt, Int4, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

use crate::{State, registry::KindLimits, schema::queue_jobs};

/// A job as its new owner receives it.
#[derive(Debug, QueryableByName)]
pub(crate) struct Claimed {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Jsonb)]
    pub(crate) payload: Value,
    #[diesel(sql_type = Int4)]
    pub(crate) attempts: i32,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) lease_id: Uuid,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub(crate) checkpoint: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(crate) requested_by: Option<i64>,
}

/// Take the first due job of the given kinds: one that waits, or one whose worker fell silent.
pub(crate) async fn claim(
    conn: &mut AsyncPgConnection,
    kinds: &KindLimits,
    worker: &str,
) -> QueryResult<Option<Claimed>> {
    // FOR UPDATE conflicts with the KEY SHARE of a fence, so a job whose transaction is about to commit is skipped.
    diesel::sql_query(
        "WITH kinds AS MATERIALIZED (
             SELECT * FROM unnest($1::text[], $2::bigint[], $3::integer[]) AS k (kind, lease_ms, max_attempts)
         )
         UPDATE queue_jobs AS job
            SET state = 'running', attempts = job.attempts + 1, lease_id = gen_random_uuid(), worker = $4,
                due_at = clock_timestamp() + kinds.lease_ms * interval '1 millisecond',
                started_at = coalesce(job.started_at, now())
           FROM kinds
          WHERE kinds.kind = job.kind
            AND job.id = (
                SELECT due.id FROM queue_jobs AS due JOIN kinds USING (kind)
                 WHERE due.state IN ('waiting', 'running') AND due.due_at <= now()
                   AND NOT due.cancel_requested AND due.attempts < kinds.max_attempts
                 ORDER BY due.priority DESC, due.due_at, due.id
                 LIMIT 1
                   FOR UPDATE OF due SKIP LOCKED)
         RETURNING job.id, job.kind, job.payload, job.attempts, job.lease_id, job.checkpoint, job.requested_by",
    )
    .bind::<Array<Text>, _>(&kinds.names)
    .bind::<Array<BigInt>, _>(&kinds.lease_ms)
    .bind::<Array<Int4>, _>(&kinds.max_attempts)
    .bind::<Text, _>(worker)
    .get_result(conn)
    .await
    .optional()
}

/// End the jobs that nobody may claim any more: those that used up their attempts without an answer, because they
/// kill their workers, and those whose cancelling outlived their worker.
pub(crate) async fn bury(conn: &mut AsyncPgConnection, kinds: &KindLimits) -> QueryResult<Vec<Buried>> {
    diesel::sql_query(
        "WITH kinds AS MATERIALIZED (
             SELECT * FROM unnest($1::text[], $2::integer[]) AS k (kind, max_attempts)
         ), lost AS MATERIALIZED (
             SELECT job.id FROM queue_jobs AS job JOIN kinds USING (kind)
              WHERE job.state IN ('waiting', 'running') AND job.due_at <= now()
                AND (job.cancel_requested OR job.attempts >= kinds.max_attempts)
                FOR UPDATE OF job SKIP LOCKED
         )
         UPDATE queue_jobs AS job
            SET state = CASE WHEN job.cancel_requested THEN 'cancelled' ELSE 'dead' END,
                last_error = CASE WHEN job.cancel_requested OR job.state = 'waiting' THEN job.last_error
                    ELSE 'the worker fell silent during attempt ' || job.attempts || ', the last one' END,
                lease_id = NULL, worker = NULL, finished_at = now()
           FROM lost WHERE job.id = lost.id
         RETURNING job.id, job.kind, job.requested_by, job.state",
    )
    .bind::<Array<Text>, _>(&kinds.names)
    .bind::<Array<Int4>, _>(&kinds.max_attempts)
    .get_results(conn)
    .await
}

/// A job that [`bury`] ended.
#[derive(Debug, QueryableByName)]
pub(crate) struct Buried {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(crate) requested_by: Option<i64>,
    #[diesel(sql_type = Text)]
    pub(crate) state: State,
}

/// What names a run in its row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    pub(crate) job: i64,
    pub(crate) id: Uuid,
}

/// Hold the lease longer. Answers whether the job shall be cancelled, or `None` when the lease is another's.
pub(crate) async fn renew(conn: &mut AsyncPgConnection, lease: Lease, ms: i64) -> QueryResult<Option<bool>> {
    #[derive(QueryableByName)]
    struct Renewed {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        cancel_requested: bool,
    }
    let renewed: Option<Renewed> = diesel::sql_query(
        "UPDATE queue_jobs SET due_at = clock_timestamp() + $3 * interval '1 millisecond'
          WHERE id = $1 AND lease_id = $2 RETURNING cancel_requested",
    )
    .bind::<BigInt, _>(lease.job)
    .bind::<SqlUuid, _>(lease.id)
    .bind::<BigInt, _>(ms)
    .get_result(conn)
    .await
    .optional()?;
    Ok(renewed.map(|renewed| renewed.cancel_requested))
}

/// Lock the job's row against being taken until the caller's transaction ends; false when it is another's already.
pub(crate) async fn fence(conn: &mut AsyncPgConnection, lease: Lease) -> QueryResult<bool> {
    // KEY SHARE keeps claims (FOR UPDATE) out and lets renewals and progress (no key columns) through.
    let own = queue_jobs::table
        .filter(queue_jobs::id.eq(lease.job))
        .filter(queue_jobs::lease_id.eq(lease.id))
        .select(queue_jobs::id)
        .for_key_share()
        .first::<i64>(conn)
        .await
        .optional()?;
    Ok(own.is_some())
}

/// Write how far the run is; false when the job is another's.
pub(crate) async fn set_progress(
    conn: &mut AsyncPgConnection,
    lease: Lease,
    progress: &Value,
) -> QueryResult<bool> {
    let rows = diesel::update(queue_jobs::table)
        .filter(queue_jobs::id.eq(lease.job))
        .filter(queue_jobs::lease_id.eq(lease.id))
        .set(queue_jobs::progress.eq(progress))
        .execute(conn)
        .await?;
    Ok(rows > 0)
}

/// Write what the next run shall know; false when the job is another's.
pub(crate) async fn set_checkpoint(
    conn: &mut AsyncPgConnection,
    lease: Lease,
    checkpoint: &Value,
) -> QueryResult<bool> {
    let rows = diesel::update(queue_jobs::table)
        .filter(queue_jobs::id.eq(lease.job))
        .filter(queue_jobs::lease_id.eq(lease.id))
        .set(queue_jobs::checkpoint.eq(checkpoint))
        .execute(conn)
        .await?;
    Ok(rows > 0)
}

/// How a run leaves its row.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) state: State,
    /// When `state` is waiting: how long.
    pub(crate) delay_ms: i64,
    /// Whether this run counts as an attempt.
    pub(crate) counts: bool,
    pub(crate) error: Option<String>,
}

/// Write the outcome and give the lease back. Answers the state that was written, or `None` when the job is another's.
pub(crate) async fn finish(
    conn: &mut AsyncPgConnection,
    lease: Lease,
    outcome: &Outcome,
    progress: Option<&Value>,
) -> QueryResult<Option<State>> {
    #[derive(QueryableByName)]
    struct Finished {
        #[diesel(sql_type = Text)]
        state: State,
    }
    // The row decides about cancelling, not the run: the request may have come after the run's last look.
    let finished: Option<Finished> = diesel::sql_query(
        "UPDATE queue_jobs
            SET state = CASE WHEN cancel_requested AND $3 <> 'done' THEN 'cancelled' ELSE $3 END,
                finished_at = CASE WHEN cancel_requested OR $3 <> 'waiting' THEN clock_timestamp() END,
                due_at = clock_timestamp() + $4 * interval '1 millisecond',
                attempts = attempts - $5,
                last_error = CASE WHEN $3 = 'waiting' THEN coalesce($6, last_error) ELSE $6 END,
                progress = coalesce($7, progress),
                lease_id = NULL, worker = NULL
          WHERE id = $1 AND lease_id = $2
         RETURNING state",
    )
    .bind::<BigInt, _>(lease.job)
    .bind::<SqlUuid, _>(lease.id)
    .bind::<Text, _>(outcome.state)
    .bind::<BigInt, _>(outcome.delay_ms)
    .bind::<SmallInt, _>(i16::from(!outcome.counts))
    .bind::<Nullable<Text>, _>(outcome.error.as_deref())
    .bind::<Nullable<Jsonb>, _>(progress)
    .get_result(conn)
    .await
    .optional()?;
    Ok(finished.map(|finished| finished.state))
}

/// The database's clock.
pub(crate) async fn now(conn: &mut AsyncPgConnection) -> QueryResult<DateTime<Utc>> {
    diesel::select(diesel::dsl::now.into_sql::<Timestamptz>()).get_result(conn).await
}
