//! Evaluations: how well questions whose meaning is known were read.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{Result, schema::evaluations};

/// An evaluation's row without what was missed, which is much.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = evaluations, check_for_backend(diesel::pg::Pg))]
pub struct EvaluationRow {
    pub id: i64,
    pub started_by: Option<String>,
    pub finished_at: DateTime<Utc>,
    pub model: Option<String>,
    pub catalog: String,
    pub groups: Value,
    pub median_ms: i32,
    pub p95_ms: i32,
}

/// What is written of a new one.
#[derive(Debug, Insertable)]
#[diesel(table_name = evaluations)]
pub struct NewRow<'a> {
    pub job_id: i64,
    pub started_by: Option<&'a str>,
    pub finished_at: DateTime<Utc>,
    pub model: Option<&'a str>,
    pub catalog: &'a str,
    pub groups: &'a Value,
    pub misses: &'a Value,
    pub median_ms: i32,
    pub p95_ms: i32,
}

/// So many, the newest first.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn newest(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<EvaluationRow>> {
    evaluations::table
        .order(evaluations::id.desc())
        .limit(limit)
        .select(EvaluationRow::as_select())
        .load(conn)
        .await
}

/// What was missed in one.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn misses(conn: &mut AsyncPgConnection, id: i64) -> Result<Option<Value>> {
    evaluations::table.find(id).select(evaluations::misses).first(conn).await.optional()
}

/// Writes one down, unless its job has done so before, and forgets all but the `kept` newest.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, row: NewRow<'_>, kept: i64) -> Result<()> {
    diesel::insert_into(evaluations::table).values(row).on_conflict_do_nothing().execute(conn).await?;
    let newest: Vec<i64> = evaluations::table
        .order(evaluations::id.desc())
        .limit(kept)
        .select(evaluations::id)
        .load(conn)
        .await?;
    diesel::delete(evaluations::table.filter(evaluations::id.ne_all(newest))).execute(conn).await?;
    Ok(())
}
