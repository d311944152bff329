//! The change feed.

use chrono::{DateTime, Utc};
use contract::{
    changes::{Change, ChangeBy, ChangeKind, ChangeOperation},
    ids::{ChangeId, OperationId, WorkspaceId},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::Select;
use serde_json::Value;

use crate::{Result, workspaces::Listed};

/// The columns that a list reads, for `domain::catalog::select::list`.
pub const COLUMNS: &str = "id, workspace_id, user_name, account, region, kind, field, old, new, observed_at, made_by, operation, operation_by";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    field: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    old: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    new: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    observed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    made_by: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    operation: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    operation_by: Option<String>,
}

impl From<Row> for Change {
    fn from(row: Row) -> Self {
        Change {
            id: ChangeId(row.id),
            workspace_id: WorkspaceId(row.workspace_id),
            user_name: row.user_name,
            account: row.account,
            region: row.region,
            kind: ChangeKind::parse(&row.kind).unwrap_or(ChangeKind::Changed),
            field: row.field,
            old: row.old,
            new: row.new,
            observed_at: row.observed_at,
            by: row.made_by.and_then(|it| serde_json::from_value::<ChangeBy>(it).ok()),
            operation: row
                .operation
                .zip(row.operation_by)
                .map(|(id, proposed_by)| ChangeOperation { id: OperationId(id), proposed_by }),
        }
    }
}

/// The rows of `domain::catalog::select::list` over [`COLUMNS`], and the total when there is a row to tell it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    select: Select,
) -> Result<(Vec<Listed<Change>>, Option<i64>)> {
    crate::select::list::<Row, _>(conn, select).await
}

/// The newest changes of one desktop, newest first.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn of_workspace(conn: &mut AsyncPgConnection, id: &WorkspaceId, limit: i64) -> Result<Vec<Change>> {
    let statement =
        format!("SELECT {COLUMNS} FROM ask_changes WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2");
    let rows: Vec<Row> =
        sql_query(statement).bind::<Text, _>(&id.0).bind::<BigInt, _>(limit).load(conn).await?;
    Ok(rows.into_iter().map(Change::from).collect())
}
