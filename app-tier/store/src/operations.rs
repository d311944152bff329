//! Operations: what was proposed, decided and done, desktop by desktop.
//!
//! Proposals and decisions are written in `decisions`, what a worker writes before and after each call to AWS in `work`, what
//! people say of that which could not be told in `settle`.
//! Invariant: at any time at most one operation may act on a desktop. [`BUSY`] is the index that keeps it.

mod decisions;
mod settle;
mod subjects;
mod tagging;
mod work;

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    ids::{JobId, OperationId, RecommendationId, WorkspaceId},
    money::{Currency, Money},
    operations::{
        DesktopCounts, DesktopState, OperationAction, OperationDesktop, OperationState, OperationSummary,
        Parameters, Predicted, Settled,
    },
};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::operations::{self as rules, steps::step_of};
use serde_json::Value;

pub use self::{
    decisions::{NewDesktop, NewOperationRow, cancel_waiting, decide, insert, queue},
    settle::{Trace, conclude, settle, traces},
    subjects::{Subject, subjects},
    tagging::{tagging, uses_tag},
    work::{
        Touched, attribute_changes, begin, finish, note_accepted, note_answers, note_calls, note_ends,
        put_back,
    },
};
use crate::Result;

/// The index that a second operation on a desktop breaks.
pub const BUSY: &str = "operation_desktops_busy";

/// An operation, and what only the house looks at.
#[derive(Debug, Clone)]
pub struct OperationRow {
    pub summary: OperationSummary,
    /// `None`: somebody who is gone.
    pub proposer: Option<i64>,
}

/// What a list may ask for; an empty one is everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    pub state: Option<OperationState>,
    /// Those that have not ended; `false`: those that have.
    pub open: Option<bool>,
    pub action: Option<OperationAction>,
    pub workspace_id: Option<&'a str>,
    pub proposed_by: Option<&'a str>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Jsonb)]
    parameters: Value,
    #[diesel(sql_type = Text)]
    current_state: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    proposer: Option<i64>,
    #[diesel(sql_type = Text)]
    proposed_by: String,
    #[diesel(sql_type = Timestamptz)]
    proposed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    decided_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    decision_note: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    confirmation: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    recommendation: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    predicted_p50: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    predicted_p90: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    predicted_currency: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    predicted_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    predicted_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    predicted_why: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    undo_of: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    undone_by: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    job_id: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    began_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    desktops: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    under_way: i64,
    #[diesel(sql_type = BigInt)]
    done: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
    #[diesel(sql_type = BigInt)]
    unknown: i64,
    #[diesel(sql_type = BigInt)]
    cancelled: i64,
    #[diesel(sql_type = Nullable<Text>)]
    workspace_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_name: Option<String>,
}

/// The state with `$1` as now: a proposal whose time is over has expired.
const STATE: &str = "CASE WHEN o.state = 'proposed' AND o.expires_at <= $1 THEN 'expired' ELSE o.state END";

fn select(condition: &str) -> String {
    format!(
        "SELECT o.*, {STATE} AS current_state, d.*,
            (SELECT max(u.id) FROM operations u WHERE u.undo_of = o.id AND u.state NOT IN ('rejected', 'cancelled')
                AND NOT (u.state = 'proposed' AND u.expires_at <= $1)) AS undone_by
         FROM operations o CROSS JOIN LATERAL (
            SELECT count(*) AS desktops,
                count(*) FILTER (WHERE state IN ('planned', 'waiting')) AS waiting,
                count(*) FILTER (WHERE state IN ('calling', 'accepted')) AS under_way,
                count(*) FILTER (WHERE state = 'done') AS done,
                count(*) FILTER (WHERE state IN ('refused', 'failed')) AS failed,
                count(*) FILTER (WHERE state = 'unknown') AS unknown,
                count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
                min(workspace_id) AS workspace_id, min(user_name) AS user_name
            FROM operation_desktops WHERE operation = o.id) d
         WHERE {condition}"
    )
}

impl From<Row> for OperationRow {
    fn from(row: Row) -> Self {
        // The table holds no other words.
        let action = OperationAction::parse(&row.action).unwrap_or(OperationAction::Tag);
        let state = OperationState::parse(&row.current_state).unwrap_or(OperationState::Unknown);
        let parameters = parameters(row.parameters);
        let predicted = || {
            Some(Predicted {
                saves_p50: Money::from_nanos(row.predicted_p50?),
                saves_p90: Money::from_nanos(row.predicted_p90?),
                currency: Currency(row.predicted_currency?),
                from: row.predicted_from?,
                until: row.predicted_until?,
                why: row.predicted_why?,
            })
        };
        let only = |it: Option<String>| it.filter(|_| row.desktops == 1);
        let lost =
            matches!(action, OperationAction::Reboot | OperationAction::Rebuild | OperationAction::Terminate);
        let summary = OperationSummary {
            id: OperationId(row.id),
            action,
            summary: rules::sentence(action, &parameters, usize::try_from(row.desktops).unwrap_or(0)),
            parameters,
            state,
            counts: DesktopCounts {
                total: row.desktops,
                waiting: row.waiting,
                under_way: row.under_way,
                done: row.done,
                failed: row.failed,
                unknown: row.unknown,
                cancelled: row.cancelled,
            },
            workspace_id: only(row.workspace_id).map(WorkspaceId),
            user_name: only(row.user_name),
            reason: row.reason,
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            expires_at: row.expires_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            decision_note: row.decision_note,
            confirmation: row.confirmation,
            recommendation_id: row.recommendation.map(RecommendationId),
            predicted: predicted(),
            undo_of: row.undo_of.map(OperationId),
            undone_by: row.undone_by.map(OperationId),
            undoable: !lost && state.is_final() && row.done > 0 && row.undone_by.is_none(),
            job_id: row.job_id.map(JobId),
            began_at: row.began_at,
            ended_at: row.ended_at,
        };
        Self { summary, proposer: row.proposer }
    }
}

/// As an operation writes them; those of another release may have another shape.
fn parameters(value: Value) -> Parameters {
    serde_json::from_value(value).unwrap_or_default()
}

/// # Errors
/// PostgreSQL refuses.
pub async fn find(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    now: DateTime<Utc>,
) -> Result<Option<OperationRow>> {
    let row: Option<Row> = sql_query(select("o.id = $2"))
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(id.0)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(OperationRow::from))
}

/// As [`find`], and nobody else decides about it until the transaction ends.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn lock(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    now: DateTime<Utc>,
) -> Result<Option<OperationRow>> {
    sql_query("SELECT FROM operations WHERE id = $1 FOR NO KEY UPDATE")
        .bind::<BigInt, _>(id.0)
        .execute(conn)
        .await?;
    find(conn, id, now).await
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The newest before number `cursor`, and how many there are.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: Filter<'_>,
    cursor: Option<i64>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<(Vec<OperationSummary>, i64)> {
    let matching = format!(
        "($2::text IS NULL OR {STATE} = $2)
         AND ($3::bool IS NULL OR ({STATE} IN ('proposed', 'queued', 'running')) = $3)
         AND ($4::text IS NULL OR o.action = $4)
         AND ($5::text IS NULL OR EXISTS (SELECT FROM operation_desktops m WHERE m.operation = o.id AND m.workspace_id = $5))
         AND ($6::text IS NULL OR o.proposed_by = $6)"
    );
    let page = format!("{} AND o.id < $7 ORDER BY o.id DESC LIMIT $8", select(&matching));
    macro_rules! filtered {
        ($statement:expr) => {
            sql_query($statement)
                .bind::<Timestamptz, _>(now)
                .bind::<Nullable<Text>, _>(filter.state.map(OperationState::name))
                .bind::<Nullable<Bool>, _>(filter.open)
                .bind::<Nullable<Text>, _>(filter.action.map(OperationAction::name))
                .bind::<Nullable<Text>, _>(filter.workspace_id)
                .bind::<Nullable<Text>, _>(filter.proposed_by)
        };
    }
    let rows: Vec<Row> = filtered!(page)
        .bind::<BigInt, _>(cursor.unwrap_or(i64::MAX))
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await?;
    let count: Count = filtered!(format!("SELECT count(*) AS n FROM operations o WHERE {matching}"))
        .get_result(conn)
        .await?;
    Ok((rows.into_iter().map(|it| OperationRow::from(it).summary).collect(), count.n))
}

/// A desktop of an operation, with what only the worker looks at.
#[derive(Debug, Clone)]
pub struct DesktopRow {
    pub desktop: OperationDesktop,
    /// The registered account's number.
    pub account: i64,
    pub group: i32,
    pub state_before: Option<String>,
    pub at_work: bool,
}

#[derive(QueryableByName)]
struct RowOfDesktop {
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = BigInt)]
    account: i64,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Integer)]
    call_group: i32,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Jsonb)]
    before: Value,
    #[diesel(sql_type = Jsonb)]
    set: Value,
    #[diesel(sql_type = Nullable<Text>)]
    state_before: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    called_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    at_work: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    message: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    settled_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    settled_note: Option<String>,
}

impl From<RowOfDesktop> for DesktopRow {
    fn from(row: RowOfDesktop) -> Self {
        let settled = || Some(Settled { by: row.settled_by?, at: row.settled_at?, note: row.settled_note? });
        let desktop = OperationDesktop {
            workspace_id: WorkspaceId(row.workspace_id),
            user_name: row.user_name,
            account: row.account_name,
            region: row.region,
            step: step_of(row.call_group),
            state: DesktopState::parse(&row.state).unwrap_or(DesktopState::Unknown),
            before: parameters(row.before),
            set: parameters(row.set),
            called_at: row.called_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            code: row.code,
            message: row.message,
            evidence: None,
            settled: settled(),
        };
        Self {
            desktop,
            account: row.account,
            group: row.call_group,
            state_before: row.state_before,
            at_work: row.at_work,
        }
    }
}

/// The desktops in the order in which they were named.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn desktops(conn: &mut AsyncPgConnection, id: OperationId) -> Result<Vec<DesktopRow>> {
    let rows: Vec<RowOfDesktop> =
        sql_query("SELECT * FROM operation_desktops WHERE operation = $1 ORDER BY place")
            .bind::<BigInt, _>(id.0)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(DesktopRow::from).collect())
}
