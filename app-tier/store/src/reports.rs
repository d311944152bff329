//! Reports: what was asked for, and where the file lies.

use chrono::{DateTime, Utc};
use contract::ids::{ReportId, UserId};
use diesel::{
    ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{
    Result,
    schema::{reports, users},
};

/// A report's row. State and progress are its job's.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = reports, check_for_backend(diesel::pg::Pg))]
pub struct ReportRow {
    pub id: i64,
    pub user_id: i64,
    pub job_id: i64,
    pub title: String,
    pub format: String,
    pub request: Value,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub rows: Option<i64>,
    pub bytes: Option<i64>,
    pub sha256: Option<String>,
    pub storage_key: Option<String>,
}

/// A new row.
#[derive(Debug, Insertable)]
#[diesel(table_name = reports)]
pub struct NewReportRow<'a> {
    pub user_id: i64,
    pub job_id: i64,
    pub title: &'a str,
    pub format: &'a str,
    pub request: Value,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, new: NewReportRow<'_>) -> Result<ReportId> {
    let id = diesel::insert_into(reports::table).values(new).returning(reports::id).get_result(conn).await?;
    Ok(ReportId(id))
}

/// The report's job, once it exists.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn set_job(conn: &mut AsyncPgConnection, id: ReportId, job: i64) -> Result<()> {
    diesel::update(reports::table.find(id.0)).set(reports::job_id.eq(job)).execute(conn).await?;
    Ok(())
}

/// The report and who asked for it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: ReportId) -> Result<Option<(ReportRow, String)>> {
    let found = reports::table.inner_join(users::table).filter(reports::id.eq(id.0));
    found.select((ReportRow::as_select(), users::username)).first(conn).await.optional()
}

/// The newest reports before number `cursor`, of one user or of all, and how many there are.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    user: Option<UserId>,
    cursor: Option<i64>,
    limit: i64,
) -> Result<(Vec<(ReportRow, String)>, i64)> {
    let matching = || {
        let query = reports::table.inner_join(users::table).into_boxed();
        match user {
            Some(user) => query.filter(reports::user_id.eq(user.0)),
            None => query,
        }
    };
    let total = matching().count().get_result(conn).await?;
    let rows = matching()
        .filter(reports::id.lt(cursor.unwrap_or(i64::MAX)))
        .order(reports::id.desc())
        .limit(limit)
        .select((ReportRow::as_select(), users::username))
        .load(conn)
        .await?;
    Ok((rows, total))
}

/// What the finished file is.
#[derive(Debug)]
pub struct File<'a> {
    pub storage_key: &'a str,
    pub rows: i64,
    pub bytes: i64,
    pub sha256: &'a str,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn finish(
    conn: &mut AsyncPgConnection,
    id: ReportId,
    file: &File<'_>,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::update(reports::table.find(id.0))
        .set((
            reports::storage_key.eq(file.storage_key),
            reports::rows.eq(file.rows),
            reports::bytes.eq(file.bytes),
            reports::sha256.eq(file.sha256),
            reports::finished_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Files older than `before`, to be removed.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn expired(
    conn: &mut AsyncPgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(ReportId, String)>> {
    let rows: Vec<(i64, Option<String>)> = reports::table
        .filter(reports::storage_key.is_not_null())
        .filter(reports::created_at.lt(before))
        .order(reports::id)
        .limit(limit)
        .select((reports::id, reports::storage_key))
        .load(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, key)| Some((ReportId(id), key?))).collect())
}

/// The file was removed.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn forget_file(conn: &mut AsyncPgConnection, id: ReportId) -> Result<()> {
    diesel::update(reports::table.find(id.0))
        .set(reports::storage_key.eq(None::<String>))
        .execute(conn)
        .await?;
    Ok(())
}
