//! For administrators: sync, statistics, configuration, schedules, audit.

use actix_web::{HttpRequest, HttpResponse, get, post, put};
use contract::{
    audit::AuditEntry,
    evaluations::Evaluations,
    ids::ScheduleId,
    jobs::JobsAccepted,
    page::Page,
    problem::Problem,
    schedules::{Schedule, ScheduleUpdate},
    settings::Settings,
    stats::Stats,
};
use runtime::{
    ApiResult,
    extract::{Json, Path, RawQuery},
};

use crate::{
    require::{AuditRead, ConfigManage, Require, StatsRead, SyncRun},
    respond::{accepted, json, refusal, tagged},
};

/// Read all accounts now.
#[utoipa::path(tag = "admin", responses((status = 202, body = JobsAccepted)))]
#[post("/api/admin/sync")]
pub(crate) async fn start_sync(cx: Require<SyncRun>) -> ApiResult<HttpResponse> {
    let jobs = app::syncs::start(&cx).await.map_err(refusal)?;
    Ok(accepted("/api/jobs".to_owned(), jobs))
}

/// How the house itself does.
#[utoipa::path(tag = "admin", responses((status = 200, body = Stats)))]
#[get("/api/admin/stats")]
pub(crate) async fn get_stats(cx: Require<StatsRead>) -> ApiResult<HttpResponse> {
    app::stats::read(&cx).await.map(json).map_err(refusal)
}

/// What administrators set.
#[utoipa::path(tag = "admin", responses((status = 200, body = Settings)))]
#[get("/api/admin/config")]
pub(crate) async fn get_config(cx: Require<ConfigManage>) -> ApiResult<HttpResponse> {
    cx.app.settings().await.map(json).map_err(refusal)
}

/// Set it.
#[utoipa::path(tag = "admin", request_body = Settings, responses((status = 200, body = Settings), (status = 422, body = Problem)))]
#[put("/api/admin/config")]
pub(crate) async fn put_config(cx: Require<ConfigManage, Json<Settings>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::settings::write(&cx, body).await.map(json).map_err(refusal)
}

/// How well questions are read here.
#[utoipa::path(tag = "admin", responses((status = 200, body = Evaluations)))]
#[get("/api/admin/evaluations")]
pub(crate) async fn list_evaluations(cx: Require<ConfigManage>) -> ApiResult<HttpResponse> {
    app::evaluations::list(&cx).await.map(json).map_err(refusal)
}

/// Put the questions whose meaning is known to the rules and the model.
#[utoipa::path(tag = "admin", responses((status = 202, body = JobsAccepted)))]
#[post("/api/admin/evaluations")]
pub(crate) async fn start_evaluation(cx: Require<ConfigManage>) -> ApiResult<HttpResponse> {
    let jobs = app::evaluations::start(&cx).await.map_err(refusal)?;
    Ok(accepted("/api/admin/evaluations".to_owned(), jobs))
}

/// What happens by the clock.
#[utoipa::path(tag = "admin", responses((status = 200, body = Page<Schedule>)))]
#[get("/api/admin/schedules")]
pub(crate) async fn list_schedules(cx: Require<ConfigManage>) -> ApiResult<HttpResponse> {
    app::schedules::list(&cx).await.map(json).map_err(refusal)
}

/// Change when it happens.
#[utoipa::path(tag = "admin", params(("id" = i64, Path)), request_body = ScheduleUpdate, responses((status = 200, body = Schedule), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[put("/api/admin/schedules/{id}")]
pub(crate) async fn update_schedule(
    cx: Require<ConfigManage, Json<ScheduleUpdate>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::schedules::update(&cx, ScheduleId(*id), body).await.map(json).map_err(refusal)
}

/// Who changed what; `actor`, `action` (a part), `since` and `before` filter.
#[utoipa::path(tag = "admin",
    params(("actor" = Option<String>, Query), ("action" = Option<String>, Query), ("since" = Option<String>, Query), ("before" = Option<String>, Query),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<AuditEntry>)))]
#[get("/api/audit")]
pub(crate) async fn list_audit(
    cx: Require<AuditRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::audit::list(&cx, &query.0).await.map_err(refusal)?)
}
