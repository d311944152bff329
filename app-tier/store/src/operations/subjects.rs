//! Desktops that somebody wants to act on.

use contract::ids::{OperationId, WorkspaceId};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::operations::Seen;
use serde_json::Value;

use crate::Result;

/// A desktop that somebody wants to act on, as it was last looked at.
#[derive(Debug, Clone)]
pub struct Subject {
    pub id: WorkspaceId,
    /// The registered account's number.
    pub account: i64,
    pub account_name: String,
    pub region: String,
    pub user_name: String,
    pub seen: Seen,
    pub connected: bool,
    pub is_gone: bool,
    /// The account has a role for operations.
    pub can_act: bool,
    /// The operation that acts on it now.
    pub busy: Option<OperationId>,
}

#[derive(QueryableByName)]
struct RowOfSubject {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    account: i64,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    auto_stop_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    compute_type: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    tags: Option<Value>,
    #[diesel(sql_type = Bool)]
    connected: bool,
    #[diesel(sql_type = Bool)]
    is_gone: bool,
    #[diesel(sql_type = Bool)]
    can_act: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    busy: Option<i64>,
}

impl From<RowOfSubject> for Subject {
    fn from(row: RowOfSubject) -> Self {
        Self {
            id: WorkspaceId(row.id),
            account: row.account,
            account_name: row.account_name,
            region: row.region,
            user_name: row.user_name,
            seen: Seen {
                state: row.state,
                running_mode: row.running_mode,
                auto_stop_minutes: row.auto_stop_minutes,
                compute_type: row.compute_type,
                tags: row.tags.and_then(|it| serde_json::from_value(it).ok()),
            },
            connected: row.connected,
            is_gone: row.is_gone,
            can_act: row.can_act,
            busy: row.busy.map(OperationId),
        }
    }
}

/// These desktops, those that there are, in no order.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn subjects(conn: &mut AsyncPgConnection, ids: &[&str]) -> Result<Vec<Subject>> {
    let rows: Vec<RowOfSubject> = sql_query(
        "SELECT w.id, w.account, a.name AS account_name, w.region, w.user_name, w.state, w.running_mode, w.auto_stop_minutes,
                w.compute_type, w.tags, coalesce(w.connection = 'CONNECTED', false) AS connected, w.gone_at IS NOT NULL AS is_gone,
                a.operator_role_arn <> '' AS can_act,
                (SELECT d.operation FROM operation_desktops d
                 WHERE d.workspace_id = w.id AND d.state IN ('waiting', 'calling', 'accepted')) AS busy
         FROM workspaces w JOIN accounts a ON a.id = w.account WHERE w.id = ANY ($1)",
    )
    .bind::<Array<Text>, _>(ids)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Subject::from).collect())
}
