//! Questions that were kept.

use chrono::{DateTime, Utc};
use contract::ids::{UserId, ViewId};
use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper, define_sql_function, sql_types,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{
    Result,
    schema::{users, views},
};

define_sql_function! { fn lower(text: sql_types::Text) -> sql_types::Text; }

/// The constraint that a name of one's own that is there already breaks.
pub const NAME_TAKEN: &str = "views_name_key";

/// A view's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = views, check_for_backend(diesel::pg::Pg))]
pub struct ViewRow {
    pub id: i64,
    pub user_id: i64,
    pub name: String,
    pub plan: Value,
    pub shared: bool,
    pub on_overview: bool,
    pub report: Option<Value>,
    pub next_report_at: Option<DateTime<Utc>>,
}

/// Everything that its owner says of it.
#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = views, treat_none_as_null = true)]
pub struct Values<'a> {
    pub name: &'a str,
    pub plan: &'a Value,
    pub shared: bool,
    pub on_overview: bool,
    pub report: Option<&'a Value>,
    pub next_report_at: Option<DateTime<Utc>>,
}

/// # Errors
/// [`NAME_TAKEN`], or PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, owner: UserId, values: Values<'_>) -> Result<ViewId> {
    let row = (views::user_id.eq(owner.0), values);
    diesel::insert_into(views::table).values(row).returning(views::id).get_result(conn).await.map(ViewId)
}

/// Whether it was there and its owner's.
///
/// # Errors
/// [`NAME_TAKEN`], or PostgreSQL refuses.
pub async fn update(
    conn: &mut AsyncPgConnection,
    owner: UserId,
    id: ViewId,
    values: Values<'_>,
) -> Result<bool> {
    let own = views::table.filter(views::id.eq(id.0).and(views::user_id.eq(owner.0)));
    Ok(diesel::update(own).set(values).execute(conn).await? > 0)
}

/// The name of what was deleted; `None` when there was none of the owner's.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn delete(conn: &mut AsyncPgConnection, owner: UserId, id: ViewId) -> Result<Option<String>> {
    let own = views::table.filter(views::id.eq(id.0).and(views::user_id.eq(owner.0)));
    diesel::delete(own).returning(views::name).get_result(conn).await.optional()
}

/// How many somebody has. The lock on his row makes counting and adding one step.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn count(conn: &mut AsyncPgConnection, owner: UserId) -> Result<i64> {
    users::table.find(owner.0).select(users::id).for_update().execute(conn).await?;
    views::table.filter(views::user_id.eq(owner.0)).count().get_result(conn).await
}

/// Somebody's own and what is shared, by name, with the names of the owners.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection, user: UserId, limit: i64) -> Result<Vec<(ViewRow, String)>> {
    views::table
        .inner_join(users::table)
        .filter(views::user_id.eq(user.0).or(views::shared))
        // One's own first.
        .order((views::user_id.ne(user.0), lower(views::name), views::id))
        .limit(limit)
        .select((ViewRow::as_select(), users::username))
        .load(conn)
        .await
}

/// A view that somebody may see.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(
    conn: &mut AsyncPgConnection,
    user: UserId,
    id: ViewId,
) -> Result<Option<(ViewRow, String)>> {
    views::table
        .inner_join(users::table)
        .filter(views::id.eq(id.0).and(views::user_id.eq(user.0).or(views::shared)))
        .select((ViewRow::as_select(), users::username))
        .first(conn)
        .await
        .optional()
}

/// A view whose report is due.
#[derive(Debug)]
pub struct Due {
    pub row: ViewRow,
    /// `contract::auth::Role`
    pub role: String,
    pub disabled: bool,
}

/// The view whose report has been due longest, locked until the transaction ends. Those that another one holds are its own.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn due(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<Option<Due>> {
    let row: Option<ViewRow> = views::table
        .filter(views::next_report_at.le(now))
        .order(views::next_report_at)
        .select(ViewRow::as_select())
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let (role, disabled) =
        users::table.find(row.user_id).select((users::role, users::disabled)).first(conn).await?;
    Ok(Some(Due { row, role, disabled }))
}

/// When the next report is made; `None`: it is stopped.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn set_next_report(
    conn: &mut AsyncPgConnection,
    id: ViewId,
    at: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(views::table.find(id.0)).set(views::next_report_at.eq(at)).execute(conn).await?;
    Ok(())
}
