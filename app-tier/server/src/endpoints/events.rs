//! Who did what to desktops.

use actix_web::{HttpRequest, HttpResponse, get};
use app::events::ActionsQuery;
use contract::{
    events::{Actions, Event},
    ids::WorkspaceId,
    page::Page,
    problem::Problem,
};
use runtime::{
    ApiResult,
    extract::{Path, Query, RawQuery},
};

use crate::{
    require::{Require, WorkspacesRead},
    respond::{refusal, tagged},
};

/// Calls to AWS about desktops, a row for each desktop of a call, latest first. Filters as for desktops; calls that only
/// looked are left out unless `read_only=true` asks for them.
#[utoipa::path(tag = "desktops",
    params(("sort" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Event>), (status = 400, body = Problem)))]
#[get("/api/events")]
pub(crate) async fn list_events(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::events::list(&cx, &query.0).await.map_err(refusal)?)
}

/// What was done, latest first: events of the same actor, operation and parameters within ten minutes are one action.
#[utoipa::path(tag = "desktops",
    params(("from" = Option<String>, Query, description = "A time; seven days before `until` unless told"),
        ("until" = Option<String>, Query, description = "A time; now unless told"), ("workspace_id" = Option<String>, Query)),
    responses((status = 200, body = Actions), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/api/events/actions")]
pub(crate) async fn list_actions(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: Query<ActionsQuery>,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::events::actions(&cx, &query).await.map_err(refusal)?)
}

/// Calls to AWS about one desktop, latest first. Filters as for all events.
#[utoipa::path(tag = "desktops",
    params(("id" = String, Path), ("sort" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Event>), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/api/workspaces/{id}/events")]
pub(crate) async fn list_workspace_events(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    id: Path<String>,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    let id = WorkspaceId(id.into_inner());
    tagged(&request, &app::events::of_workspace(&cx, &id, &query.0).await.map_err(refusal)?)
}
