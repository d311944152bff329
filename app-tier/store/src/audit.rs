//! The audit log. Rows are only ever added.

use chrono::{DateTime, Utc};
use contract::{audit::AuditEntry, ids::AuditId};
use diesel::{
    ExpressionMethods, Insertable, PgTextExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::escape_like;
use serde_json::Value;

use crate::{Result, schema::audit};

/// A line to be written, in the transaction of what it tells.
#[derive(Debug, Insertable)]
#[diesel(table_name = audit)]
pub struct NewEntry<'a> {
    pub actor: &'a str,
    pub action: &'a str,
    pub subject: &'a str,
    pub detail: Value,
    pub request_id: Option<&'a str>,
    pub address: Option<&'a str>,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, entry: NewEntry<'_>) -> Result<()> {
    diesel::insert_into(audit::table).values(entry).execute(conn).await?;
    Ok(())
}

/// What to show; absent means all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub actor: Option<String>,
    /// A part of the action, such as `account.`.
    pub action: Option<String>,
    pub since: Option<DateTime<Utc>>,
    pub before: Option<DateTime<Utc>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    at: DateTime<Utc>,
    actor: String,
    action: String,
    subject: String,
    detail: Value,
    request_id: Option<String>,
    address: Option<String>,
}

/// The newest entries before number `cursor`, newest first, and how many match in all.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &Filter,
    cursor: Option<i64>,
    limit: i64,
) -> Result<(Vec<AuditEntry>, i64)> {
    let matching = || {
        let mut query = audit::table.into_boxed();
        if let Some(actor) = &filter.actor {
            query = query.filter(audit::actor.eq(actor.clone()));
        }
        if let Some(action) = &filter.action {
            query = query.filter(audit::action.ilike(format!("%{}%", escape_like(action))));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit::at.ge(since));
        }
        if let Some(before) = filter.before {
            query = query.filter(audit::at.lt(before));
        }
        query
    };
    let total = matching().count().get_result(conn).await?;
    let rows: Vec<Row> = matching()
        .filter(audit::id.lt(cursor.unwrap_or(i64::MAX)))
        .order(audit::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    let entry = |row: Row| AuditEntry {
        id: AuditId(row.id),
        at: row.at,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail: row.detail,
        request_id: row.request_id,
        address: row.address,
    };
    Ok((rows.into_iter().map(entry).collect(), total))
}
