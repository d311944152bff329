//! People who sign in, as administrators manage them.

use contract::{
    auth::Role,
    ids::UserId,
    page::Page,
    problem::Code,
    users::{NewUser, User, UserUpdate},
};
use diesel_async::AsyncConnection;
use secrecy::SecretString;
use serde_json::json;

use crate::{
    Error, OpCx, Result, auth,
    lists::{NumberedRequest, Pairs},
};

/// `GET /api/users`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<User>> {
    let request = NumberedRequest::read(pairs, &[])?;
    let (users, total) =
        store::users::list(&mut *cx.app.conn().await?, request.cursor.unwrap_or(0), request.fetch()).await?;
    Ok(request.answer(users, total, |it| it.id.0))
}

/// `GET /api/users/{id}`
///
/// # Errors
/// There is none.
pub async fn find(cx: &OpCx, id: UserId) -> Result<User> {
    store::users::find(&mut *cx.app.conn().await?, id)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("user {id}")))
}

/// `POST /api/users`
///
/// # Errors
/// A field is not allowed, or the name is taken.
pub async fn create(cx: &OpCx, new: NewUser) -> Result<User> {
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let hash = auth::hash_password(&cx.app, SecretString::from(new.password)).await?;
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let row = store::users::NewRow {
            username: &new.username,
            email: &new.email,
            password_hash: &hash,
            role: new.role,
            // Whoever made the user knows the password.
            must_change_password: true,
        };
        let user = store::users::insert(conn, &row).await?;
        cx.audit(conn, "user.create", &format!("user:{}", user.username), json!({"role": user.role})).await?;
        Ok(user)
    })
    .await
}

/// `PUT /api/users/{id}`: a new password, role or switching off ends the user's sessions.
///
/// # Errors
/// There is none, a field is not allowed, or nobody would be left to administer.
pub async fn update(cx: &OpCx, id: UserId, update: UserUpdate) -> Result<User> {
    let errors = update.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let hash = match &update.password {
        Some(password) => Some(auth::hash_password(&cx.app, SecretString::from(password.clone())).await?),
        None => None,
    };
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let before =
            store::users::find(conn, id).await?.ok_or_else(|| Error::not_found(format_args!("user {id}")))?;
        let demoted = update.role.is_some_and(|it| it != Role::Admin) || update.disabled == Some(true);
        if demoted {
            keep_an_admin(conn, id).await?;
        }
        let must_change = hash.as_ref().map(|_| id != cx.actor.id);
        let after = store::users::update(conn, id, &update, hash.as_ref(), must_change).await?;
        let detail = json!({
            "role": [before.role, after.role], "email": [before.email, after.email],
            "disabled": [before.disabled, after.disabled], "password": hash.is_some(),
        });
        cx.audit(conn, "user.update", &format!("user:{}", after.username), detail).await?;
        if hash.is_some() || demoted {
            store::sessions::revoke_all(conn, id, Some(cx.actor.session), now).await?;
        }
        Ok(after)
    })
    .await
}

/// `DELETE /api/users/{id}`
///
/// # Errors
/// There is none, or nobody would be left to administer.
pub async fn delete(cx: &OpCx, id: UserId) -> Result<()> {
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let user =
            store::users::find(conn, id).await?.ok_or_else(|| Error::not_found(format_args!("user {id}")))?;
        keep_an_admin(conn, id).await?;
        store::users::delete(conn, id).await?;
        cx.audit(conn, "user.delete", &format!("user:{}", user.username), json!({})).await?;
        Ok(())
    })
    .await
}

async fn keep_an_admin(conn: &mut diesel_async::AsyncPgConnection, leaving: UserId) -> Result<()> {
    let admins = store::users::lock_admins(conn).await?;
    if admins == [leaving] {
        return Err(Error::new(Code::LastAdmin, "This is the last administrator who can sign in."));
    }
    Ok(())
}
