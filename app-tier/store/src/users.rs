//! People who sign in.

use chrono::{DateTime, Utc};
use contract::{
    auth::Role,
    ids::UserId,
    users::{User, UserUpdate},
};
use diesel::{
    AsChangeset, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, define_sql_function, sql_types,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::{ExposeSecret, SecretString};

use crate::{Result, schema::users};

define_sql_function! { fn lower(text: sql_types::Text) -> sql_types::Text; }

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Row {
    id: i64,
    username: String,
    email: String,
    role: String,
    disabled: bool,
    must_change_password: bool,
    created_at: DateTime<Utc>,
    last_login_at: Option<DateTime<Utc>>,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        User {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            // The table's CHECK holds the column to the names of Role; the least role is the safe reading of any other.
            role: Role::parse(&row.role).unwrap_or(Role::Requester),
            disabled: row.disabled,
            must_change_password: row.must_change_password,
            created_at: row.created_at,
            last_login_at: row.last_login_at,
        }
    }
}

/// The constraint that a taken name breaks.
pub const NAME_TAKEN: &str = "users_username_key";

/// A new row, with the password already hashed.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub username: &'a str,
    pub email: &'a str,
    pub password_hash: &'a SecretString,
    pub role: Role,
    pub must_change_password: bool,
}

/// # Errors
/// [`NAME_TAKEN`], or PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewRow<'_>) -> Result<User> {
    #[derive(Insertable)]
    #[diesel(table_name = users)]
    struct Values<'a> {
        username: &'a str,
        email: &'a str,
        password_hash: &'a str,
        role: &'a str,
        must_change_password: bool,
    }
    let values = Values {
        username: new.username,
        email: new.email,
        password_hash: new.password_hash.expose_secret(),
        role: new.role.name(),
        must_change_password: new.must_change_password,
    };
    let row: Row = diesel::insert_into(users::table)
        .values(values)
        .returning(Row::as_returning())
        .get_result(conn)
        .await?;
    Ok(row.into())
}

/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: UserId) -> Result<Option<User>> {
    let row: Option<Row> = users::table.find(id.0).select(Row::as_select()).first(conn).await.optional()?;
    Ok(row.map(User::from))
}

/// The user of that name, without regard to case, and the hash of the password.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find_for_login(
    conn: &mut AsyncPgConnection,
    username: &str,
) -> Result<Option<(User, SecretString)>> {
    let found: Option<(Row, String)> = users::table
        .filter(lower(users::username).eq(username.to_lowercase()))
        .select((Row::as_select(), users::password_hash))
        .first(conn)
        .await
        .optional()?;
    Ok(found.map(|(row, hash)| (row.into(), SecretString::from(hash))))
}

/// All users after the one with number `after`, by number, and how many there are.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection, after: i64, limit: i64) -> Result<(Vec<User>, i64)> {
    let rows: Vec<Row> = users::table
        .filter(users::id.gt(after))
        .order(users::id)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .await?;
    let total = users::table.count().get_result(conn).await?;
    Ok((rows.into_iter().map(User::from).collect(), total))
}

/// Changes what is given. `password_hash` goes with a new password.
///
/// # Errors
/// PostgreSQL refuses; `NotFound` when there is no such user.
pub async fn update(
    conn: &mut AsyncPgConnection,
    id: UserId,
    update: &UserUpdate,
    password_hash: Option<&SecretString>,
    must_change_password: Option<bool>,
) -> Result<User> {
    #[derive(AsChangeset)]
    #[diesel(table_name = users)]
    struct Changes<'a> {
        email: Option<&'a str>,
        role: Option<&'a str>,
        disabled: Option<bool>,
        password_hash: Option<&'a str>,
        must_change_password: Option<bool>,
    }
    let changes = Changes {
        email: update.email.as_deref(),
        role: update.role.map(Role::name),
        disabled: update.disabled,
        password_hash: password_hash.map(ExposeSecret::expose_secret),
        must_change_password,
    };
    // diesel refuses an UPDATE of nothing, which a PUT of nothing is.
    let changed = diesel::update(users::table.find(id.0))
        .set(changes)
        .returning(Row::as_returning())
        .get_result::<Row>(conn)
        .await;
    match changed {
        Err(diesel::result::Error::QueryBuilderError(_)) => {
            find(conn, id).await?.ok_or(diesel::result::Error::NotFound)
        }
        other => other.map(User::from),
    }
}

/// # Errors
/// PostgreSQL refuses.
pub async fn note_login(conn: &mut AsyncPgConnection, id: UserId, at: DateTime<Utc>) -> Result<()> {
    diesel::update(users::table.find(id.0)).set(users::last_login_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// Whether there was one.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn delete(conn: &mut AsyncPgConnection, id: UserId) -> Result<bool> {
    Ok(diesel::delete(users::table.find(id.0)).execute(conn).await? > 0)
}

/// Administrators who can sign in; their rows stay locked until the transaction ends, so that two removals at the same
/// time cannot both leave the other as the last.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn lock_admins(conn: &mut AsyncPgConnection) -> Result<Vec<UserId>> {
    let ids: Vec<i64> = users::table
        .filter(users::role.eq(Role::Admin.name()))
        .filter(users::disabled.eq(false))
        .order(users::id)
        .select(users::id)
        .for_update()
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// The names of some users.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn names(conn: &mut AsyncPgConnection, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    users::table.filter(users::id.eq_any(ids)).select((users::id, users::username)).load(conn).await
}
