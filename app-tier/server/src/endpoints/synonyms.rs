//! Words that a house has of its own.

use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use contract::{
    ids::SynonymId,
    page::Page,
    problem::Problem,
    synonyms::{NewSynonym, Synonym},
};
use runtime::{
    ApiResult,
    extract::{Json, Path},
};

use crate::{
    require::{ConfigManage, QuestionsAsk, Require},
    respond::{created, refusal, tagged},
};

/// The house's words and what they mean in questions.
#[utoipa::path(tag = "questions", responses((status = 200, body = Page<Synonym>)))]
#[get("/api/synonyms")]
pub(crate) async fn list_synonyms(
    cx: Require<QuestionsAsk>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::synonyms::list(&cx).await.map_err(refusal)?)
}

/// Teach a word.
#[utoipa::path(tag = "questions", request_body = NewSynonym, responses((status = 201, body = Synonym), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/synonyms")]
pub(crate) async fn create_synonym(cx: Require<ConfigManage, Json<NewSynonym>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let synonym = app::synonyms::create(&cx, body).await.map_err(refusal)?;
    Ok(created(format!("/api/synonyms/{}", synonym.id), synonym))
}

/// Forget a word.
#[utoipa::path(tag = "questions", params(("id" = i64, Path)), responses((status = 204), (status = 404, body = Problem)))]
#[delete("/api/synonyms/{id}")]
pub(crate) async fn delete_synonym(cx: Require<ConfigManage>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::synonyms::delete(&cx, SynonymId(*id)).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}
