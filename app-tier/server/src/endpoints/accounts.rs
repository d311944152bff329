//! Registered AWS accounts.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use contract::{
    accounts::{AccessReport, Account, NewAccount},
    ids::AccountId,
    page::Page,
    problem::Problem,
};
use runtime::{
    ApiResult,
    extract::{Json, Path},
};

use crate::{
    require::{AccountsRead, AccountsWrite, Require},
    respond::{created, json, refusal, tagged, version},
};

/// All accounts.
#[utoipa::path(tag = "accounts", responses((status = 200, body = Page<Account>)))]
#[get("/api/accounts")]
pub(crate) async fn list_accounts(
    cx: Require<AccountsRead>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::accounts::list(&cx).await.map_err(refusal)?)
}

/// Register an account.
#[utoipa::path(tag = "accounts", request_body = NewAccount, responses((status = 201, body = Account), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/accounts")]
pub(crate) async fn create_account(cx: Require<AccountsWrite, Json<NewAccount>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let account = app::accounts::create(&cx, body).await.map_err(refusal)?;
    Ok(created(format!("/api/accounts/{}", account.id), account))
}

/// One account.
#[utoipa::path(tag = "accounts", params(("id" = i64, Path)), responses((status = 200, body = Account), (status = 404, body = Problem)))]
#[get("/api/accounts/{id}")]
pub(crate) async fn get_account(cx: Require<AccountsRead>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::accounts::find(&cx, AccountId(*id)).await.map(json).map_err(refusal)
}

/// Change an account; with `If-Match` only if its `version` is still that one.
#[utoipa::path(tag = "accounts", params(("id" = i64, Path)), request_body = NewAccount, responses((status = 200, body = Account), (status = 404, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)))]
#[put("/api/accounts/{id}")]
pub(crate) async fn update_account(
    cx: Require<AccountsWrite, Json<NewAccount>>,
    request: HttpRequest,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let version = version(&request)?;
    app::accounts::update(&cx, AccountId(*id), body, version).await.map(json).map_err(refusal)
}

/// Remove an account with everything known of it.
#[utoipa::path(tag = "accounts", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
#[delete("/api/accounts/{id}")]
pub(crate) async fn delete_account(cx: Require<AccountsWrite>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::accounts::delete(&cx, AccountId(*id)).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Try what the account's role allows.
#[utoipa::path(tag = "accounts", params(("id" = i64, Path)), responses((status = 200, body = AccessReport), (status = 404, body = Problem)))]
#[post("/api/accounts/{id}/test")]
pub(crate) async fn test_account(cx: Require<AccountsWrite>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::accounts::test(&cx, AccountId(*id)).await.map(json).map_err(refusal)
}
