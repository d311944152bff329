//! Figures of the house itself.

use contract::overview::Count;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// Rows there are.
#[derive(Debug, QueryableByName)]
pub struct Totals {
    #[diesel(sql_type = BigInt)]
    pub desktops: i64,
    #[diesel(sql_type = BigInt)]
    pub desktops_gone: i64,
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
    #[diesel(sql_type = BigInt)]
    pub users: i64,
    #[diesel(sql_type = BigInt)]
    pub changes: i64,
    #[diesel(sql_type = BigInt)]
    pub reports: i64,
    #[diesel(sql_type = BigInt)]
    pub database_bytes: i64,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn totals(conn: &mut AsyncPgConnection) -> Result<Totals> {
    sql_query(
        "SELECT (SELECT count(*) FROM workspaces WHERE gone_at IS NULL) AS desktops,
                (SELECT count(*) FROM workspaces WHERE gone_at IS NOT NULL) AS desktops_gone,
                (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM users) AS users,
                (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM reports) AS reports,
                pg_database_size(current_database()) AS database_bytes",
    )
    .get_result(conn)
    .await
}

#[derive(QueryableByName)]
struct Outcome {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Questions of the last 24 hours by outcome.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn questions(conn: &mut AsyncPgConnection) -> Result<Vec<Count>> {
    let rows: Vec<Outcome> = sql_query(
        "SELECT outcome, count(*) FROM questions WHERE at > now() - interval '24 hours' GROUP BY outcome ORDER BY count(*) DESC, outcome",
    )
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Count { value: row.outcome, count: row.count }).collect())
}
