//! What a worker writes: the intent before each call to AWS, the answer after it, and the end of each desktop.
//!
//! Every statement names the states that it changes, so that one which comes late (the desktop was cancelled meanwhile)
//! changes nothing.

use chrono::{DateTime, Utc};
use contract::{
    ids::OperationId,
    operations::{DesktopState, OperationState, Parameters},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;

use crate::Result;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A worker has begun.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn begin(conn: &mut AsyncPgConnection, id: OperationId, at: DateTime<Utc>) -> Result<()> {
    sql_query("UPDATE operations SET state = 'running', began_at = coalesce(began_at, $2) WHERE id = $1 AND state = 'queued'")
        .bind::<BigInt, _>(id.0)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// AWS is about to be called for these: their ids, AWS's state of each, and what they are set to. Answers which of them may
/// be called for: one that was cancelled meanwhile is not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn note_calls(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    desktops: &[(&str, &str, &Parameters)],
    at: DateTime<Utc>,
) -> Result<Vec<String>> {
    let rows: Vec<Named> = sql_query(
        "UPDATE operation_desktops d SET state = 'calling', state_before = t.state_before, before = t.before, called_at = $2
         FROM unnest($3::text[], $4::text[], $5::jsonb[]) AS t(id, state_before, before)
         WHERE d.operation = $1 AND d.workspace_id = t.id AND d.state IN ('waiting', 'calling') RETURNING d.workspace_id AS name",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Array<Text>, _>(desktops.iter().map(|it| it.0).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(desktops.iter().map(|it| it.1).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(desktops.iter().map(|it| json!(it.2)).collect::<Vec<_>>())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.name).collect())
}

/// AWS said that it did not take the call, and may the next time: their turn comes again.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn put_back(conn: &mut AsyncPgConnection, id: OperationId, ids: &[String]) -> Result<()> {
    sql_query(
        "UPDATE operation_desktops SET state = 'waiting', called_at = NULL WHERE operation = $1 AND workspace_id = ANY ($2)
             AND state = 'calling'",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Array<Text>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// AWS's answer for each: taken, or a code and why not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn note_answers(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    answers: &[(&str, Option<(&str, &str)>)],
    at: DateTime<Utc>,
) -> Result<()> {
    sql_query(
        "UPDATE operation_desktops d SET answered_at = $2, code = t.code, message = t.message,
             state = CASE WHEN t.code IS NULL THEN 'accepted' ELSE 'failed' END, ended_at = CASE WHEN t.code IS NOT NULL THEN $2 END
         FROM unnest($3::text[], $4::text[], $5::text[]) AS t(id, code, message)
         WHERE d.operation = $1 AND d.workspace_id = t.id AND d.state = 'calling'",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Array<Text>, _>(answers.iter().map(|it| it.0).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(answers.iter().map(|it| it.1.map(|it| it.0)).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(answers.iter().map(|it| it.1.map(|it| it.1)).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// AWS took it, as the desktop shows.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn note_accepted(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    ids: &[&str],
    at_work: bool,
    at: DateTime<Utc>,
) -> Result<()> {
    sql_query(
        "UPDATE operation_desktops SET state = 'accepted', answered_at = coalesce(answered_at, $2), at_work = at_work OR $4
         WHERE operation = $1 AND workspace_id = ANY ($3) AND state IN ('waiting', 'calling', 'accepted')",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Array<Text>, _>(ids)
    .bind::<Bool, _>(at_work)
    .execute(conn)
    .await?;
    Ok(())
}

/// These are over: id, how, a code of AWS's and why. Answers which of them were not over before.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn note_ends(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    ends: &[(String, DesktopState, Option<String>, Option<String>)],
    at: DateTime<Utc>,
) -> Result<Vec<String>> {
    let rows: Vec<Named> = sql_query(
        "UPDATE operation_desktops d SET state = t.state, code = t.code, message = t.message, ended_at = $2
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS t(id, state, code, message)
         WHERE d.operation = $1 AND d.workspace_id = t.id AND d.state IN ('waiting', 'calling', 'accepted')
         RETURNING d.workspace_id AS name",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Array<Text>, _>(ends.iter().map(|it| it.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(ends.iter().map(|it| it.1.name()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(ends.iter().map(|it| it.2.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(ends.iter().map(|it| it.3.as_deref()).collect::<Vec<_>>())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.name).collect())
}

/// If all desktops have ended, the operation has; how.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    at: DateTime<Utc>,
) -> Result<Option<OperationState>> {
    let Some(state) = ended(conn, id).await? else { return Ok(None) };
    sql_query(
        "UPDATE operations SET state = $2, ended_at = $3 WHERE id = $1 AND state IN ('queued', 'running')",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Text, _>(state.name())
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(Some(state))
}

/// How an operation ended, from how its desktops did; `None` while one of them has not.
pub(super) async fn ended(conn: &mut AsyncPgConnection, id: OperationId) -> Result<Option<OperationState>> {
    let states: Vec<Named> = sql_query("SELECT state AS name FROM operation_desktops WHERE operation = $1")
        .bind::<BigInt, _>(id.0)
        .load(conn)
        .await?;
    let states = states.iter().map(|it| DesktopState::parse(&it.name).unwrap_or(DesktopState::Unknown));
    Ok(domain::operations::ended(states))
}

/// What an operation changed of a desktop: a field of the change feed, or `gone`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched<'a> {
    pub workspace_id: &'a str,
    pub field: String,
    /// Its first change since then is the operation's.
    pub since: DateTime<Utc>,
}

/// Changes that are this operation's, unless they are another one's.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn attribute_changes(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    touched: &[Touched<'_>],
) -> Result<()> {
    sql_query(
        "UPDATE changes SET operation = $1
         FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS t(workspace, field, since)
         CROSS JOIN LATERAL (SELECT c.id FROM changes c WHERE c.workspace_id = t.workspace AND coalesce(c.field, c.kind) = t.field
             AND c.observed_at >= t.since ORDER BY c.observed_at, c.id LIMIT 1) AS first
         WHERE changes.id = first.id AND operation IS NULL",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Array<Text>, _>(touched.iter().map(|it| it.workspace_id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(touched.iter().map(|it| it.field.as_str()).collect::<Vec<_>>())
    .bind::<Array<Timestamptz>, _>(touched.iter().map(|it| it.since).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
