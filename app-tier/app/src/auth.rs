//! Signing in: passwords, sessions, access tokens and the refresh tokens that renew them.
//!
//! An access token is a JWT of 15 minutes that names its session; a refresh token is 32 random bytes, good for one use,
//! of which only the SHA-256 is kept. A used one that comes again ends the session, unless it comes within ten seconds:
//! two tabs of one browser wake up at the same time. Invariant: an unknown user costs the same work as a wrong password.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use contract::{
    auth::{LoginRequest, Me, PasswordChange, Permission, TokenResponse},
    problem::Code,
    users::{MAX_PASSWORD_BYTES, User, UserUpdate, check_password},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use live::{Limit, Verdict};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{Actor, App, Error, OpCx, Result};

/// How long an access token works.
pub const ACCESS_SECONDS: u32 = 15 * 60;
/// How long a browser stays signed in; refreshing does not make it longer.
pub const SESSION_DAYS: i64 = 14;
/// How long after its use a refresh token is forgiven.
const REUSE_GRACE_SECONDS: i64 = 10;
/// bcrypt's cost: about a quarter of a second on a small host.
const BCRYPT_COST: u32 = 12;
/// Ten tries a minute for one name from one address.
const LOGIN_LIMIT: Limit = Limit { name: "login", burst: 10, per: Duration::from_secs(60) };
/// A hundred a minute from one address, whatever the names.
const ADDRESS_LIMIT: Limit = Limit { name: "login_address", burst: 100, per: Duration::from_secs(60) };

/// What tokens and links are signed with.
pub struct Keys {
    encode: EncodingKey,
    decode: DecodingKey,
    links: SecretString,
    bcrypt_cost: u32,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Of the installation's `SECRET_KEY`.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            encode: EncodingKey::from_secret(bytes),
            decode: DecodingKey::from_secret(bytes),
            links: secret.clone(),
            bcrypt_cost: BCRYPT_COST,
        }
    }

    /// With bcrypt at its cheapest. Never outside tests.
    #[must_use]
    pub fn quick(secret: &SecretString) -> Self {
        Self { bcrypt_cost: 4, ..Self::new(secret) }
    }

    /// Signs `text` for a link.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        // An HMAC takes keys of any length.
        Hmac::<Sha256>::new_from_slice(self.links.expose_secret().as_bytes()).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(b"link:");
                mac.update(text.as_bytes());
                URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
            },
        )
    }

    /// Whether `signature` is that of `text`.
    #[must_use]
    pub fn signed(&self, text: &str, signature: &str) -> bool {
        !signature.is_empty() && bool::from(self.sign(text).as_bytes().ct_eq(signature.as_bytes()))
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: i64,
    /// The session.
    sid: String,
    exp: i64,
    iat: i64,
    aud: String,
    iss: String,
}

const ISSUER: &str = "skydesk";

/// What a browser gets: the body, and the value of the cookie.
#[derive(Debug)]
pub struct Granted {
    pub body: TokenResponse,
    pub refresh_token: SecretString,
}

/// Signs in.
///
/// # Errors
/// Wrong credentials, too many tries, PostgreSQL away.
pub async fn login(app: &Arc<App>, request: LoginRequest, address: &str) -> Result<Granted> {
    for (limit, who) in [
        (ADDRESS_LIMIT, address.to_owned()),
        (LOGIN_LIMIT, format!("{address} {}", request.username.to_lowercase())),
    ] {
        // Fails open: without Redis people still sign in, and bcrypt slows guessing down.
        if let Ok(Verdict::Wait(wait)) = app.live.limit(limit, &who).await {
            return Err(Error::new(Code::TooManyRequests, "Too many sign-ins from here.").after(wait));
        }
    }
    let known = store::users::find_for_login(&mut *app.conn().await?, &request.username).await?;
    let (user, hash) = match known {
        Some((user, hash)) => (Some(user), hash),
        None => (None, SecretString::from(UNKNOWN_USER_HASH)),
    };
    let right = verify_password(SecretString::from(request.password), hash).await?;
    let user = user
        .filter(|user| right && !user.disabled)
        .ok_or_else(|| Error::new(Code::WrongCredentials, "No user has this name and this password."))?;
    let session = Uuid::new_v4();
    let now = app.now();
    let (refresh_token, token_hash) = new_refresh_token();
    let mut conn = app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        store::sessions::insert(conn, session, user.id, now + TimeDelta::days(SESSION_DAYS)).await?;
        store::sessions::insert_token(conn, &token_hash, session).await?;
        store::users::note_login(conn, user.id, now).await?;
        note(conn, &user.username, "session.start", Some(address)).await
    })
    .await?;
    Ok(Granted { body: access_token(app, &user, session)?, refresh_token })
}

/// A bcrypt hash (cost 12) of 32 random bytes that nobody kept.
const UNKNOWN_USER_HASH: &str = "$2b$12$eImiTXuWVxfM37uY4JANjO.uZ8oQ1b5W0qZ3pDkqhXH0rYw9o8Z6e";

/// Renews an access token. The refresh token is used up and replaced.
///
/// # Errors
/// The token is unknown, expired, used before, or its session was ended.
pub async fn refresh(app: &Arc<App>, token: &SecretString) -> Result<Granted> {
    let hash = Sha256::digest(token.expose_secret().as_bytes()).to_vec();
    let now = app.now();
    let (refresh_token, new_hash) = new_refresh_token();
    let mut conn = app.conn().await?;
    let renewed = conn
        .transaction::<_, Error, _>(async |conn| {
            let signed_out = || Error::new(Code::Unauthenticated, "The session has ended.");
            let token = store::sessions::lock_token(conn, &hash).await?.ok_or_else(signed_out)?;
            if token.session_revoked_at.is_some() || token.session_expires_at <= now || token.user_disabled {
                return Err(signed_out());
            }
            if token.used_at.is_some_and(|at| now - at > TimeDelta::seconds(REUSE_GRACE_SECONDS)) {
                store::sessions::revoke(conn, token.session, now).await?;
                if let Some(user) = store::users::find(conn, token.user).await? {
                    note(conn, &user.username, "session.token_reused", None).await?;
                }
                return Ok(Err(token.session));
            }
            if token.used_at.is_none() {
                store::sessions::mark_used(conn, &hash, now).await?;
            }
            store::sessions::insert_token(conn, &new_hash, token.session).await?;
            let user = store::users::find(conn, token.user).await?.ok_or_else(signed_out)?;
            Ok(Ok((user, token.session)))
        })
        .await?;
    drop(conn);
    match renewed {
        Ok((user, session)) => Ok(Granted { body: access_token(app, &user, session)?, refresh_token }),
        Err(session) => {
            tracing::warn!(session.id = %session, "Ended a session because a used refresh token came again");
            Err(Error::new(
                Code::TokenReused,
                "An old refresh token was used again, so the session was ended.",
            ))
        }
    }
}

/// Ends the session of a refresh token. An unknown one is signed out already.
///
/// # Errors
/// PostgreSQL away.
pub async fn logout(app: &Arc<App>, token: &SecretString) -> Result<()> {
    let hash = Sha256::digest(token.expose_secret().as_bytes()).to_vec();
    let now = app.now();
    let mut conn = app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let Some(token) = store::sessions::lock_token(conn, &hash).await? else { return Ok(()) };
        if token.session_revoked_at.is_some() {
            return Ok(());
        }
        store::sessions::revoke(conn, token.session, now).await?;
        match store::users::find(conn, token.user).await? {
            Some(user) => note(conn, &user.username, "session.end", None).await,
            None => Ok(()),
        }
    })
    .await
}

/// The audit log's line of a session. Renewing a token is none: it is the browser's act, every few minutes.
async fn note(
    conn: &mut AsyncPgConnection,
    username: &str,
    action: &str,
    address: Option<&str>,
) -> Result<()> {
    let subject = format!("user:{username}");
    let entry = store::audit::NewEntry {
        actor: username,
        action,
        subject: &subject,
        detail: json!({}),
        request_id: None,
        address,
    };
    Ok(store::audit::insert(conn, entry).await?)
}

/// Who an access token belongs to, if it still counts.
///
/// # Errors
/// It is forged, expired, or its session was ended.
pub async fn authenticate(app: &Arc<App>, token: &str) -> Result<Actor> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[ISSUER]);
    validation.set_issuer(&[ISSUER]);
    // The house's clock decides, below.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &app.keys.decode, &validation)
        .map_err(|_invalid| Error::new(Code::Unauthenticated, "The access token is not one of ours."))?
        .claims;
    let now = app.now();
    if claims.exp <= now.timestamp() {
        return Err(Error::new(Code::TokenExpired, "The access token has expired."));
    }
    let invalid = |_| Error::new(Code::Unauthenticated, "The access token is not one of ours.");
    let session: Uuid = claims.sid.parse().map_err(invalid)?;
    // Asked each time, so that ending a session or taking a role away works at once.
    let user = store::sessions::live_user(&mut *app.conn().await?, session, now)
        .await?
        .ok_or_else(|| Error::new(Code::Unauthenticated, "The session has ended."))?;
    Ok(Actor {
        id: user.id,
        username: user.username,
        role: user.role,
        session,
        must_change_password: user.must_change_password,
    })
}

/// `GET /api/auth/me`
///
/// # Errors
/// PostgreSQL away.
pub async fn me(cx: &OpCx) -> Result<Me> {
    let user = store::users::find(&mut *cx.app.conn().await?, cx.actor.id)
        .await?
        .ok_or_else(|| Error::not_found("such user"))?;
    Ok(Me {
        id: user.id,
        username: user.username,
        email: user.email,
        role: user.role,
        permissions: Permission::ALL.iter().copied().filter(|it| user.role.allows(*it)).collect(),
        must_change_password: user.must_change_password,
    })
}

/// `PUT /api/auth/password`: ends the user's other sessions.
///
/// # Errors
/// The current password is wrong, or the new one is not allowed.
pub async fn change_password(cx: &OpCx, change: PasswordChange) -> Result<()> {
    let mut errors = Vec::new();
    check_password("/new", &change.new, &mut errors);
    if change.new == change.current {
        errors.push(contract::problem::FieldError::new("/new", "is the same as before"));
    }
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let app = &cx.app;
    let (_, hash) = store::users::find_for_login(&mut *app.conn().await?, &cx.actor.username)
        .await?
        .ok_or_else(|| Error::not_found("such user"))?;
    if !verify_password(SecretString::from(change.current), hash).await? {
        return Err(Error::invalid(vec![contract::problem::FieldError::new(
            "/current",
            "is not the current password",
        )]));
    }
    let hash = hash_password(app, SecretString::from(change.new)).await?;
    let now = app.now();
    let mut conn = app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        store::users::update(conn, cx.actor.id, &UserUpdate::default(), Some(&hash), Some(false)).await?;
        cx.audit(conn, "user.password", &format!("user:{}", cx.actor.username), json!({})).await?;
        Ok(store::sessions::revoke_all(conn, cx.actor.id, Some(cx.actor.session), now).await?)
    })
    .await
}

/// bcrypt on the blocking pool.
pub(crate) async fn hash_password(app: &App, password: SecretString) -> Result<SecretString> {
    let cost = app.keys.bcrypt_cost;
    let hashed = tokio::task::spawn_blocking(move || bcrypt::hash(password.expose_secret(), cost))
        .await
        .map_err(Error::internal)?;
    Ok(SecretString::from(hashed.map_err(Error::internal)?))
}

async fn verify_password(password: SecretString, hash: SecretString) -> Result<bool> {
    // bcrypt would cut a longer one off and call it right.
    let too_long = password.expose_secret().len() > MAX_PASSWORD_BYTES;
    let checked =
        tokio::task::spawn_blocking(move || bcrypt::verify(password.expose_secret(), hash.expose_secret()));
    // A hash that cannot be read is nobody's.
    Ok(checked.await.map_err(Error::internal)?.unwrap_or(false) && !too_long)
}

fn new_refresh_token() -> (SecretString, Vec<u8>) {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = Sha256::digest(token.as_bytes()).to_vec();
    (SecretString::from(token), hash)
}

fn access_token(app: &App, user: &User, session: Uuid) -> Result<TokenResponse> {
    let now = app.now().timestamp();
    let claims = Claims {
        sub: user.id.0,
        sid: session.to_string(),
        exp: now + i64::from(ACCESS_SECONDS),
        iat: now,
        aud: ISSUER.to_owned(),
        iss: ISSUER.to_owned(),
    };
    let access_token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &app.keys.encode)
        .map_err(Error::internal)?;
    Ok(TokenResponse {
        access_token,
        expires_in: ACCESS_SECONDS,
        must_change_password: user.must_change_password,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_user_costs_a_real_comparison() {
        // A hash that bcrypt cannot read is refused at once, and the time tells which names exist.
        assert!(matches!(bcrypt::verify("anything", UNKNOWN_USER_HASH), Ok(false)));
    }
}
