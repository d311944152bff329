//! Questions in plain words.

use actix_web::{HttpResponse, get, post};
use contract::{
    catalog::Catalog,
    health::AiHealth,
    problem::Problem,
    questions::{QuestionRequest, QuestionResponse},
};
use runtime::{ApiResult, extract::Json};

use crate::{
    require::{QuestionsAsk, Require},
    respond::{json, refusal},
};

/// Ask, or run a plan.
#[utoipa::path(tag = "ask", request_body = QuestionRequest, responses((status = 200, body = QuestionResponse), (status = 422, body = Problem), (status = 429, body = Problem)))]
#[post("/api/ai/query")]
pub(crate) async fn ask(cx: Require<QuestionsAsk, Json<QuestionRequest>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::questions::ask(&cx, body).await.map(json).map_err(refusal)
}

/// Whether the language model can be asked. Everything but unusual phrasings works without.
#[utoipa::path(tag = "ask", responses((status = 200, body = AiHealth)))]
#[get("/api/ai/health")]
pub(crate) async fn ai_health(cx: Require<QuestionsAsk>) -> ApiResult<HttpResponse> {
    Ok(json(app::questions::health(&cx).await))
}

/// What can be asked, as one's rights cut it.
#[utoipa::path(tag = "ask", responses((status = 200, body = Catalog)))]
#[get("/api/ai/catalog")]
pub(crate) async fn get_catalog(cx: Require<QuestionsAsk>) -> ApiResult<HttpResponse> {
    Ok(json(app::questions::catalog(&cx)))
}
