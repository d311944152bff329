//! People who sign in.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use contract::{
    ids::UserId,
    page::Page,
    problem::Problem,
    users::{NewUser, User, UserUpdate},
};
use runtime::{
    ApiResult,
    extract::{Json, Path, RawQuery},
};

use crate::{
    require::{Require, UsersManage},
    respond::{created, json, refusal, tagged},
};

/// All users.
#[utoipa::path(tag = "users", responses((status = 200, body = Page<User>)))]
#[get("/api/users")]
pub(crate) async fn list_users(
    cx: Require<UsersManage>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::users::list(&cx, &query.0).await.map_err(refusal)?)
}

/// Make a user.
#[utoipa::path(tag = "users", request_body = NewUser, responses((status = 201, body = User), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/users")]
pub(crate) async fn create_user(cx: Require<UsersManage, Json<NewUser>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let user = app::users::create(&cx, body).await.map_err(refusal)?;
    Ok(created(format!("/api/users/{}", user.id), user))
}

/// One user.
#[utoipa::path(tag = "users", params(("id" = i64, Path)), responses((status = 200, body = User), (status = 404, body = Problem)))]
#[get("/api/users/{id}")]
pub(crate) async fn get_user(cx: Require<UsersManage>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::users::find(&cx, UserId(*id)).await.map(json).map_err(refusal)
}

/// Change a user.
#[utoipa::path(tag = "users", params(("id" = i64, Path)), request_body = UserUpdate, responses((status = 200, body = User), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/api/users/{id}")]
pub(crate) async fn update_user(
    cx: Require<UsersManage, Json<UserUpdate>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::users::update(&cx, UserId(*id), body).await.map(json).map_err(refusal)
}

/// Remove a user.
#[utoipa::path(tag = "users", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[delete("/api/users/{id}")]
pub(crate) async fn delete_user(cx: Require<UsersManage>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::users::delete(&cx, UserId(*id)).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}
