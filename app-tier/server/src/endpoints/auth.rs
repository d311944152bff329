//! Signing in and out.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    get, post, put, web,
};
use app::auth::{Granted, SESSION_DAYS};
use contract::{
    auth::{LoginRequest, Me, PasswordChange, TokenResponse},
    problem::{Code, Problem},
};
use runtime::{ApiError, ApiResult, extract::Json};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    http::CookiePolicy,
    require::{Public, Require, SessionOwn, client_address},
    respond::{json, refusal},
};

/// The cookie that only refreshing and signing out read.
const COOKIE: &str = "skydesk_refresh";
const COOKIE_PATH: &str = "/api/auth";

/// Sign in.
#[utoipa::path(tag = "auth", request_body = LoginRequest, responses((status = 200, body = TokenResponse), (status = 401, body = Problem), (status = 429, body = Problem)))]
#[post("/api/auth/login")]
pub(crate) async fn login(
    house: Public,
    request: HttpRequest,
    policy: web::Data<CookiePolicy>,
    body: Json<LoginRequest>,
) -> ApiResult<HttpResponse> {
    let address = client_address(&request).map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    let granted = app::auth::login(&house.0, body.into_inner(), &address).await.map_err(refusal)?;
    Ok(granted_response(granted, &request, **policy))
}

/// Renew the access token by the refresh cookie.
#[utoipa::path(tag = "auth", responses((status = 200, body = TokenResponse), (status = 401, body = Problem)))]
#[post("/api/auth/refresh")]
pub(crate) async fn refresh(
    house: Public,
    request: HttpRequest,
    policy: web::Data<CookiePolicy>,
) -> ApiResult<HttpResponse> {
    same_site(&request)?;
    let token = cookie_token(&request)
        .ok_or_else(|| ApiError::new(Code::Unauthenticated, "there is no refresh cookie"))?;
    let granted = app::auth::refresh(&house.0, &token).await.map_err(refusal)?;
    Ok(granted_response(granted, &request, **policy))
}

/// Sign out.
#[utoipa::path(tag = "auth", responses((status = 204)))]
#[post("/api/auth/logout")]
pub(crate) async fn logout(
    house: Public,
    request: HttpRequest,
    policy: web::Data<CookiePolicy>,
) -> ApiResult<HttpResponse> {
    same_site(&request)?;
    if let Some(token) = cookie_token(&request) {
        app::auth::logout(&house.0, &token).await.map_err(refusal)?;
    }
    let mut cookie = cookie(String::new(), &request, **policy);
    cookie.make_removal();
    Ok(HttpResponse::NoContent().cookie(cookie).finish())
}

/// Who am I, and what may I do?
#[utoipa::path(tag = "auth", responses((status = 200, body = Me)))]
#[get("/api/auth/me")]
pub(crate) async fn me(cx: Require<SessionOwn>) -> ApiResult<HttpResponse> {
    app::auth::me(&cx).await.map(json).map_err(refusal)
}

/// Change one's own password.
#[utoipa::path(tag = "auth", request_body = PasswordChange, responses((status = 204), (status = 422, body = Problem)))]
#[put("/api/auth/password")]
pub(crate) async fn change_password(
    cx: Require<SessionOwn, Json<PasswordChange>>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::auth::change_password(&cx, body).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}

fn granted_response(granted: Granted, request: &HttpRequest, policy: CookiePolicy) -> HttpResponse {
    let cookie = cookie(granted.refresh_token.expose_secret().to_owned(), request, policy);
    HttpResponse::Ok().cookie(cookie).json(granted.body)
}

fn cookie(value: String, request: &HttpRequest, policy: CookiePolicy) -> Cookie<'static> {
    let forwarded = request.headers().get("x-forwarded-proto").is_some_and(|it| it.as_bytes() == b"https");
    Cookie::build(COOKIE, value)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(policy.secure || forwarded)
        .max_age(Duration::days(SESSION_DAYS))
        .finish()
}

fn cookie_token(request: &HttpRequest) -> Option<SecretString> {
    request
        .cookie(COOKIE)
        .map(|it| SecretString::from(it.value().to_owned()))
        .filter(|it| !it.expose_secret().is_empty())
}

/// A page of another site can send the cookie along in old browsers, but no header of its own.
fn same_site(request: &HttpRequest) -> ApiResult<()> {
    if request.headers().contains_key("x-skydesk") {
        return Ok(());
    }
    Err(ApiError::new(Code::CrossSite, "the header X-Skydesk is missing"))
}
