//! Desktops and the change feed.

use actix_web::{HttpRequest, HttpResponse, get};
use contract::{
    changes::Change,
    ids::WorkspaceId,
    page::Page,
    problem::Problem,
    workspaces::{Workspace, WorkspaceDetail},
};
use runtime::{
    ApiResult,
    extract::{Path, RawQuery},
};

use crate::{
    require::{Require, WorkspacesRead},
    respond::{json, refusal, tagged, tagged_json},
};

/// Desktops. Any column filters (`?state=STOPPED&state=ERROR`, `min_root_volume_gib=100`, `tags.Team=x`), `not_` negates,
/// an empty value means none; `gone=true|any` for those that no longer exist.
#[utoipa::path(tag = "desktops",
    params(("q" = Option<String>, Query, description = "Part of user, computer name, id or tags"), ("sort" = Option<String>, Query, description = "A column; `-` before it descends"),
        ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query), ("gone" = Option<String>, Query)),
    responses((status = 200, body = Page<Workspace>), (status = 400, body = Problem)))]
#[get("/api/workspaces")]
pub(crate) async fn list_workspaces(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    Ok(tagged_json(&request, app::workspaces::list(&cx, &query.0).await.map_err(refusal)?.0))
}

/// One desktop with its latest changes.
#[utoipa::path(tag = "desktops", params(("id" = String, Path)), responses((status = 200, body = WorkspaceDetail), (status = 404, body = Problem)))]
#[get("/api/workspaces/{id}")]
pub(crate) async fn get_workspace(cx: Require<WorkspacesRead>, id: Path<String>) -> ApiResult<HttpResponse> {
    app::workspaces::find(&cx, &WorkspaceId(id.into_inner())).await.map(json).map_err(refusal)
}

/// What is different from the last look. Filters as for desktops.
#[utoipa::path(tag = "desktops",
    params(("sort" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Change>), (status = 400, body = Problem)))]
#[get("/api/changes")]
pub(crate) async fn list_changes(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::workspaces::changes(&cx, &query.0).await.map_err(refusal)?)
}
