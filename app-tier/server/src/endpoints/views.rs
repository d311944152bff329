//! Questions that were kept.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use app::views::AnswerQuery;
use contract::{
    ids::ViewId,
    page::Page,
    problem::Problem,
    questions::Answer,
    views::{NewView, View},
};
use runtime::{
    ApiResult,
    extract::{Json, Path, Query},
};

use crate::{
    require::{QuestionsAsk, Require},
    respond::{created, json, refusal, tagged},
};

/// One's own views, and those that others share.
#[utoipa::path(tag = "views", responses((status = 200, body = Page<View>)))]
#[get("/api/views")]
pub(crate) async fn list_views(cx: Require<QuestionsAsk>, request: HttpRequest) -> ApiResult<HttpResponse> {
    tagged(&request, &app::views::list(&cx).await.map_err(refusal)?)
}

/// Keep a question.
#[utoipa::path(tag = "views", request_body = NewView, responses((status = 201, body = View), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/views")]
pub(crate) async fn create_view(cx: Require<QuestionsAsk, Json<NewView>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let view = app::views::create(&cx, body).await.map_err(refusal)?;
    Ok(created(format!("/api/views/{}", view.id), view))
}

/// One view.
#[utoipa::path(tag = "views", params(("id" = i64, Path)), responses((status = 200, body = View), (status = 404, body = Problem)))]
#[get("/api/views/{id}")]
pub(crate) async fn get_view(cx: Require<QuestionsAsk>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::views::find(&cx, ViewId(*id)).await.map(json).map_err(refusal)
}

/// Ask a kept question. It counts as none.
#[utoipa::path(tag = "views", params(("id" = i64, Path), ("timezone" = Option<String>, Query)), responses((status = 200, body = Answer), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/api/views/{id}/answer")]
pub(crate) async fn answer_view(
    cx: Require<QuestionsAsk>,
    id: Path<i64>,
    query: Query<AnswerQuery>,
) -> ApiResult<HttpResponse> {
    app::views::answer(&cx, ViewId(*id), &query).await.map(json).map_err(refusal)
}

/// Change one's own view, all of it.
#[utoipa::path(tag = "views", params(("id" = i64, Path)), request_body = NewView, responses((status = 200, body = View), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[put("/api/views/{id}")]
pub(crate) async fn update_view(
    cx: Require<QuestionsAsk, Json<NewView>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::views::update(&cx, ViewId(*id), body).await.map(json).map_err(refusal)
}

/// Forget one's own view.
#[utoipa::path(tag = "views", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
#[delete("/api/views/{id}")]
pub(crate) async fn delete_view(cx: Require<QuestionsAsk>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::views::delete(&cx, ViewId(*id)).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}
