//! What could not be told: what speaks for either, and what somebody says.

use chrono::{DateTime, Utc};
use contract::{
    ids::{EventId, OperationId},
    operations::{DesktopState, EvidenceEvent, OperationState},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::operations::Seen;
use serde_json::Value;

use super::work::ended;
use crate::Result;

/// Events of a desktop that are looked at: the operation's own before all others, the latest first.
const EVENTS: i32 = 10;

/// What is known of a desktop of which it could not be told.
#[derive(Debug, Clone)]
pub struct Trace {
    pub workspace_id: String,
    /// As it was last looked at; `None`: it is gone.
    pub seen: Option<Seen>,
    pub observed_at: Option<DateTime<Utc>>,
    /// The operation's own before all others, the latest first.
    pub events: Vec<EvidenceEvent>,
    /// Up to when `CloudTrail` of its place was read without a gap.
    pub events_until: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct RowOfTrace {
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    auto_stop_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    compute_type: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    tags: Option<Value>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    observed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_there: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    events_until: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct RowOfEvent {
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Nullable<Text>)]
    error_code: Option<String>,
    #[diesel(sql_type = Bool)]
    own: bool,
}

/// The unknown desktops of an operation with what was read of them since AWS was called; of `CloudTrail`'s events those called
/// `names`. `session` is the operation's own.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn traces(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    names: &[&str],
    session: &str,
) -> Result<Vec<Trace>> {
    let rows: Vec<RowOfTrace> = sql_query(
        "SELECT d.workspace_id, w.state, w.running_mode, w.auto_stop_minutes, w.compute_type, w.tags, w.observed_at,
                w.id IS NOT NULL AND w.gone_at IS NULL AS is_there, r.read_until AS events_until
         FROM operation_desktops d
         LEFT JOIN ask_workspaces w ON w.id = d.workspace_id
         LEFT JOIN event_reads r ON r.account = d.account AND r.region = d.region
         WHERE d.operation = $1 AND d.state = 'unknown'",
    )
    .bind::<BigInt, _>(id.0)
    .load(conn)
    .await?;
    let events: Vec<RowOfEvent> = sql_query(
        "SELECT d.workspace_id, n.id, n.at, n.name, n.actor, n.error_code, n.own
         FROM operation_desktops d CROSS JOIN LATERAL (
            SELECT e.id, x.at, x.entry, e.name, e.actor, coalesce(x.error_code, e.error_code) AS error_code,
                   coalesce(e.actor_arn LIKE '%:assumed-role/%' AND split_part(e.actor_arn, '/', -1) = $3, false) AS own
            FROM event_workspaces x JOIN events e ON e.account = x.account AND e.id = x.event
            WHERE x.workspace_id = d.workspace_id AND x.account = d.account AND e.name = ANY ($2)
              -- CloudTrail's times are whole seconds.
              AND x.at >= date_trunc('second', d.called_at)
            ORDER BY own DESC, x.at DESC, x.entry DESC LIMIT $4) n
         WHERE d.operation = $1 AND d.state = 'unknown' ORDER BY d.place, n.own DESC, n.at DESC, n.entry DESC",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Array<Text>, _>(names)
    .bind::<Text, _>(session)
    .bind::<Integer, _>(EVENTS)
    .load(conn)
    .await?;
    let mut traces: Vec<Trace> = rows.into_iter().map(Trace::from).collect();
    for row in events {
        if let Some(of) = traces.iter_mut().find(|it| it.workspace_id == row.workspace_id) {
            of.events.push(event(row));
        }
    }
    Ok(traces)
}

impl From<RowOfTrace> for Trace {
    fn from(row: RowOfTrace) -> Self {
        let seen = Seen {
            state: row.state.unwrap_or_default(),
            running_mode: row.running_mode,
            auto_stop_minutes: row.auto_stop_minutes,
            compute_type: row.compute_type,
            tags: row.tags.and_then(|it| serde_json::from_value(it).ok()),
        };
        Self {
            workspace_id: row.workspace_id,
            seen: row.is_there.then_some(seen),
            observed_at: row.observed_at,
            events: Vec::new(),
            events_until: row.events_until,
        }
    }
}

fn event(row: RowOfEvent) -> EvidenceEvent {
    EvidenceEvent {
        id: EventId(row.id),
        at: row.at,
        name: row.name,
        actor: row.actor,
        error_code: row.error_code,
        own: row.own,
    }
}

/// Somebody says how these went: ids and how. What is not unknown stays as it is.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn settle(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    desktops: &[(&str, DesktopState)],
    by: &str,
    at: DateTime<Utc>,
    note: &str,
) -> Result<()> {
    sql_query(
        "UPDATE operation_desktops d SET state = t.state, settled_by = $4, settled_at = $5, settled_note = $6
         FROM unnest($2::text[], $3::text[]) AS t(id, state)
         WHERE d.operation = $1 AND d.workspace_id = t.id AND d.state = 'unknown'",
    )
    .bind::<BigInt, _>(id.0)
    .bind::<Array<Text>, _>(desktops.iter().map(|it| it.0).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(desktops.iter().map(|it| it.1.name()).collect::<Vec<_>>())
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(note)
    .execute(conn)
    .await?;
    Ok(())
}

/// An operation that is unknown is what its desktops are now; what that is. When it ended stays.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn conclude(conn: &mut AsyncPgConnection, id: OperationId) -> Result<Option<OperationState>> {
    let Some(state) = ended(conn, id).await? else { return Ok(None) };
    sql_query("UPDATE operations SET state = $2 WHERE id = $1 AND state = 'unknown'")
        .bind::<BigInt, _>(id.0)
        .bind::<Text, _>(state.name())
        .execute(conn)
        .await?;
    Ok(Some(state))
}
