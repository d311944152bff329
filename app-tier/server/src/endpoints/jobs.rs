//! Durable jobs.

use actix_web::{HttpRequest, HttpResponse, get, post};
use contract::{ids::JobId, jobs::Job, page::Page, problem::Problem};
use runtime::{
    ApiResult,
    extract::{Path, RawQuery},
};

use crate::{
    require::{JobsCancel, JobsRead, JobsRetry, Require},
    respond::{json, refusal, tagged},
};

/// The newest jobs first; `state` and `kind` filter.
#[utoipa::path(tag = "jobs",
    params(("state" = Option<String>, Query), ("kind" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Job>)))]
#[get("/api/jobs")]
pub(crate) async fn list_jobs(
    cx: Require<JobsRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::jobs::list(&cx, &query.0).await.map_err(refusal)?)
}

/// One job.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path)), responses((status = 200, body = Job), (status = 404, body = Problem)))]
#[get("/api/jobs/{id}")]
pub(crate) async fn get_job(cx: Require<JobsRead>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::jobs::find(&cx, JobId(*id)).await.map(json).map_err(refusal)
}

/// Drive a dead job again.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path)), responses((status = 200, body = Job), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/jobs/{id}/retry")]
pub(crate) async fn retry_job(cx: Require<JobsRetry>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::jobs::retry(&cx, JobId(*id)).await.map(json).map_err(refusal)
}

/// Stop a job: at once while it waits; while it runs it is told to stop, and is cancelled when it has.
#[utoipa::path(tag = "jobs", params(("id" = i64, Path)), responses((status = 200, body = Job), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/jobs/{id}/cancel")]
pub(crate) async fn cancel_job(cx: Require<JobsCancel>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::jobs::cancel(&cx, JobId(*id)).await.map(json).map_err(refusal)
}
