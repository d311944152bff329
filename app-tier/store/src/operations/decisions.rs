//! What people do with operations: propose, approve, reject, cancel.

use chrono::{DateTime, Utc};
use contract::{
    ids::{OperationId, RecommendationId, UserId, WorkspaceId},
    operations::{OperationAction, OperationState, Parameters, Predicted},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Date, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

use crate::Result;

/// An operation to be.
#[derive(Debug)]
pub struct NewOperationRow<'a> {
    pub action: OperationAction,
    pub parameters: &'a Parameters,
    pub reason: &'a str,
    pub proposer: UserId,
    pub proposed_by: &'a str,
    pub proposed_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub confirmation: Option<&'a str>,
    pub recommendation: Option<RecommendationId>,
    pub predicted: Option<&'a Predicted>,
    pub undo_of: Option<OperationId>,
}

/// One of its desktops.
#[derive(Debug)]
pub struct NewDesktop<'a> {
    pub id: &'a WorkspaceId,
    pub account: i64,
    pub account_name: &'a str,
    pub region: &'a str,
    pub user_name: &'a str,
    pub group: i32,
    pub before: &'a Parameters,
    pub set: &'a Parameters,
}

/// Writes a proposal with its desktops, all planned.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    new: &NewOperationRow<'_>,
    desktops: &[NewDesktop<'_>],
) -> Result<OperationId> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let predicted = new.predicted;
    let Id { id } = sql_query(
        "INSERT INTO operations (action, parameters, state, reason, proposer, proposed_by, proposed_at, expires_at, confirmation,
             recommendation, predicted_p50, predicted_p90, predicted_currency, predicted_from, predicted_until, predicted_why, undo_of)
         VALUES ($1, $2, 'proposed', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id",
    )
    .bind::<Text, _>(new.action.name())
    .bind::<Jsonb, _>(json!(new.parameters))
    .bind::<Text, _>(new.reason)
    .bind::<BigInt, _>(new.proposer.0)
    .bind::<Text, _>(new.proposed_by)
    .bind::<Timestamptz, _>(new.proposed_at)
    .bind::<Nullable<Timestamptz>, _>(new.expires_at)
    .bind::<Nullable<Text>, _>(new.confirmation)
    .bind::<Nullable<BigInt>, _>(new.recommendation.map(|it| it.0))
    .bind::<Nullable<BigInt>, _>(predicted.map(|it| it.saves_p50.nanos()))
    .bind::<Nullable<BigInt>, _>(predicted.map(|it| it.saves_p90.nanos()))
    .bind::<Nullable<Text>, _>(predicted.map(|it| it.currency.0.as_str()))
    .bind::<Nullable<Date>, _>(predicted.map(|it| it.from))
    .bind::<Nullable<Date>, _>(predicted.map(|it| it.until))
    .bind::<Nullable<Text>, _>(predicted.map(|it| it.why.as_str()))
    .bind::<Nullable<BigInt>, _>(new.undo_of.map(|it| it.0))
    .get_result(conn)
    .await?;
    macro_rules! column {
        ($it:ident => $value:expr) => {
            desktops.iter().map(|$it| $value).collect::<Vec<_>>()
        };
    }
    sql_query(
        "INSERT INTO operation_desktops (operation, place, workspace_id, account, account_name, region, user_name, call_group, state, before, set)
         SELECT $1, t.place, t.workspace_id, t.account, t.account_name, t.region, t.user_name, t.call_group, 'planned', t.before, t.set
         FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::jsonb[], $9::jsonb[])
             WITH ORDINALITY AS t(workspace_id, account, account_name, region, user_name, call_group, before, set, place)",
    )
    .bind::<BigInt, _>(id)
    .bind::<Array<Text>, _>(column!(it => it.id.0.as_str()))
    .bind::<Array<BigInt>, _>(column!(it => it.account))
    .bind::<Array<Text>, _>(column!(it => it.account_name))
    .bind::<Array<Text>, _>(column!(it => it.region))
    .bind::<Array<Text>, _>(column!(it => it.user_name))
    .bind::<Array<Integer>, _>(column!(it => it.group))
    .bind::<Array<Jsonb>, _>(column!(it => json!(it.before)))
    .bind::<Array<Jsonb>, _>(column!(it => json!(it.set)))
    .execute(conn)
    .await?;
    Ok(OperationId(id))
}

/// Who approved or rejected it, and why.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn decide(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    by: &str,
    at: DateTime<Utc>,
    note: &str,
) -> Result<()> {
    sql_query("UPDATE operations SET decided_by = $2, decided_at = $3, decision_note = $4 WHERE id = $1")
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(at)
        .bind::<Nullable<Text>, _>(Some(note).filter(|it| !it.is_empty()))
        .execute(conn)
        .await?;
    Ok(())
}

/// Hands it to a worker.
///
/// # Errors
/// [`super::BUSY`]: another operation acts on one of the desktops; or PostgreSQL refuses.
pub async fn queue(conn: &mut AsyncPgConnection, id: OperationId, job: i64) -> Result<()> {
    sql_query("UPDATE operations SET state = 'queued', job_id = $2 WHERE id = $1")
        .bind::<BigInt, _>(id.0)
        .bind::<BigInt, _>(job)
        .execute(conn)
        .await?;
    sql_query("UPDATE operation_desktops SET state = 'waiting' WHERE operation = $1 AND state = 'planned'")
        .bind::<BigInt, _>(id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Nothing is done any more to desktops whose turn has not come; how many that are. If all have ended by that, it is over
/// with `state`.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn cancel_waiting(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    state: OperationState,
    at: DateTime<Utc>,
) -> Result<usize> {
    let cancelled = sql_query(
        "UPDATE operation_desktops SET state = 'cancelled', ended_at = $2 WHERE operation = $1 AND state IN ('planned', 'waiting')",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    sql_query(
        "UPDATE operations SET state = $2, ended_at = $3 WHERE id = $1
         AND NOT EXISTS (SELECT FROM operation_desktops WHERE operation = $1 AND state <> 'cancelled')",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Text, _>(state.name())
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(cancelled)
}
