//! Words that a house has of its own.

use chrono::{DateTime, Utc};
use contract::ids::SynonymId;
use diesel::{Insertable, OptionalExtension, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, schema::synonyms};

/// The constraint that a phrase that is there already breaks.
pub const PHRASE_TAKEN: &str = "synonyms_name_key";

/// A synonym's row, without the form that only the database compares.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = synonyms, check_for_backend(diesel::pg::Pg))]
pub struct SynonymRow {
    pub id: i64,
    pub phrase: String,
    pub means: String,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

/// What is written of a new one.
#[derive(Debug, Insertable)]
#[diesel(table_name = synonyms)]
pub struct NewRow<'a> {
    pub phrase: &'a str,
    pub name: &'a str,
    pub means: &'a str,
    pub created_by: &'a str,
    pub created_at: DateTime<Utc>,
}

/// All of them, by phrase.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection) -> Result<Vec<SynonymRow>> {
    synonyms::table.order(synonyms::name).select(SynonymRow::as_select()).load(conn).await
}

/// How many there are; nobody else adds one until the transaction ends.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn count(conn: &mut AsyncPgConnection) -> Result<i64> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('a synonym is added', 0))")
        .execute(conn)
        .await?;
    synonyms::table.count().get_result(conn).await
}

/// # Errors
/// [`PHRASE_TAKEN`], or PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, row: NewRow<'_>) -> Result<SynonymRow> {
    diesel::insert_into(synonyms::table)
        .values(row)
        .returning(SynonymRow::as_returning())
        .get_result(conn)
        .await
}

/// What was deleted; `None` when there was none.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn delete(conn: &mut AsyncPgConnection, id: SynonymId) -> Result<Option<SynonymRow>> {
    diesel::delete(synonyms::table.find(id.0))
        .returning(SynonymRow::as_returning())
        .get_result(conn)
        .await
        .optional()
}
