//! The first start: an administrator, the schedules, and accounts that a set-up file names.

use contract::{accounts::NewAccount, auth::Role, problem::FieldError, users::check_password};
use diesel_async::AsyncConnection;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::{App, Error, Result, auth, schedules};

/// The first administrator's name.
pub const ADMIN: &str = "admin";

/// Makes the administrator if there is no user yet. With `password` as given and to be kept, without it one that is made
/// up, returned once, and to be changed at the first sign-in.
///
/// # Errors
/// The password is not allowed, or PostgreSQL is away.
pub async fn admin(app: &App, password: Option<SecretString>) -> Result<Option<SecretString>> {
    if let Some(password) = &password {
        let mut errors: Vec<FieldError> = Vec::new();
        check_password("SKYDESK_ADMIN_PASSWORD", password.expose_secret(), &mut errors);
        if !errors.is_empty() {
            return Err(Error::invalid(errors));
        }
    }
    let made_up = password.is_none();
    let password = password.unwrap_or_else(make_up);
    let hash = auth::hash_password(app, password.clone()).await?;
    let now = app.now();
    let mut conn = app.conn().await?;
    let made = conn
        .transaction::<_, Error, _>(async |conn| {
            schedules::ensure(conn, now).await.map_err(Error::internal)?;
            if store::users::list(conn, 0, 1).await?.1 > 0 {
                return Ok(false);
            }
            let row = store::users::NewRow {
                username: ADMIN,
                email: "",
                password_hash: &hash,
                role: Role::Admin,
                must_change_password: made_up,
            };
            store::users::insert(conn, &row).await?;
            note(conn, "user.create", &format!("user:{ADMIN}")).await?;
            Ok(true)
        })
        .await?;
    Ok((made && made_up).then_some(password))
}

/// Registers those accounts whose number is not registered yet; how many. Those that are registered without a role for
/// operations, as before there were any, get the one that is named.
///
/// # Errors
/// A field is not allowed, a name is taken, or PostgreSQL is away.
pub async fn accounts(app: &App, wanted: &[NewAccount]) -> Result<usize> {
    let errors: Vec<_> = wanted.iter().flat_map(NewAccount::check).collect();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let mut conn = app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let known: Vec<_> = store::accounts::list(conn).await?.into_iter().map(|it| it.account_id).collect();
        let mut registered = 0;
        for account in wanted.iter().filter(|it| !known.contains(&it.account_id)) {
            let account = store::accounts::insert(conn, account).await?;
            note(conn, "account.create", &format!("account:{}", account.id)).await?;
            registered += 1;
        }
        for account in wanted.iter().filter(|it| known.contains(&it.account_id)) {
            if store::accounts::add_operator_role(conn, account).await? {
                note(conn, "account.update", &format!("account number:{}", account.account_id)).await?;
            }
        }
        Ok(registered)
    })
    .await
}

async fn note(conn: &mut diesel_async::AsyncPgConnection, action: &str, subject: &str) -> store::Result<()> {
    let entry = store::audit::NewEntry {
        actor: "system",
        action,
        subject,
        detail: json!({}),
        request_id: None,
        address: None,
    };
    store::audit::insert(conn, entry).await
}

/// 20 letters and digits without those that are read wrongly: about 115 bits.
fn make_up() -> SecretString {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letter = || LETTERS.get(rand::random_range(0..LETTERS.len())).copied().map_or('x', char::from);
    let text: String = std::iter::repeat_with(letter).take(20).collect();
    SecretString::from(text)
}
