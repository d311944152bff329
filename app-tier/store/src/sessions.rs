//! Signed-in browsers and their refresh tokens, of which only the SHA-256 is kept.

use chrono::{DateTime, Utc};
use contract::{ids::UserId, users::User};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::{
    Result,
    schema::{refresh_tokens, sessions, users},
    users::Row,
};

/// # Errors
/// PostgreSQL refuses.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    user: UserId,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = (sessions::id.eq(id), sessions::user_id.eq(user.0), sessions::expires_at.eq(expires_at));
    diesel::insert_into(sessions::table).values(row).execute(conn).await?;
    Ok(())
}

/// Adds a token to a session.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert_token(conn: &mut AsyncPgConnection, hash: &[u8], session: Uuid) -> Result<()> {
    let row = (refresh_tokens::hash.eq(hash), refresh_tokens::session_id.eq(session));
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn).await?;
    Ok(())
}

/// A refresh token and the session it belongs to.
#[derive(Debug, Clone)]
pub struct Token {
    pub session: Uuid,
    pub user: UserId,
    pub used_at: Option<DateTime<Utc>>,
    pub session_expires_at: DateTime<Utc>,
    pub session_revoked_at: Option<DateTime<Utc>>,
    pub user_disabled: bool,
}

/// Finds a token and locks it and its session until the transaction ends.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn lock_token(conn: &mut AsyncPgConnection, hash: &[u8]) -> Result<Option<Token>> {
    type Columns = (Uuid, i64, Option<DateTime<Utc>>, DateTime<Utc>, Option<DateTime<Utc>>);
    let found: Option<Columns> = refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::hash.eq(hash))
        .select((
            sessions::id,
            sessions::user_id,
            refresh_tokens::used_at,
            sessions::expires_at,
            sessions::revoked_at,
        ))
        .for_update()
        .first(conn)
        .await
        .optional()?;
    let Some((session, user, used_at, session_expires_at, session_revoked_at)) = found else {
        return Ok(None);
    };
    let user_disabled = users::table.find(user).select(users::disabled).first(conn).await?;
    Ok(Some(Token {
        session,
        user: UserId(user),
        used_at,
        session_expires_at,
        session_revoked_at,
        user_disabled,
    }))
}

/// # Errors
/// PostgreSQL refuses.
pub async fn mark_used(conn: &mut AsyncPgConnection, hash: &[u8], at: DateTime<Utc>) -> Result<()> {
    diesel::update(refresh_tokens::table.find(hash))
        .set(refresh_tokens::used_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// The user of a session that may still be used.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn live_user(conn: &mut AsyncPgConnection, id: Uuid, now: DateTime<Utc>) -> Result<Option<User>> {
    let row: Option<Row> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::disabled.eq(false))
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(User::from))
}

/// Ends one session.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn revoke(conn: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    let open = sessions::table.find(id).filter(sessions::revoked_at.is_null());
    diesel::update(open).set(sessions::revoked_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// Ends all sessions of a user but `except`.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn revoke_all(
    conn: &mut AsyncPgConnection,
    user: UserId,
    except: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<()> {
    let open = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::id.ne(except.unwrap_or_default()))
        .filter(sessions::revoked_at.is_null());
    diesel::update(open).set(sessions::revoked_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// Forgets what ended before `before`; how many.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn prune(conn: &mut AsyncPgConnection, before: DateTime<Utc>) -> Result<usize> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(conn).await
}
