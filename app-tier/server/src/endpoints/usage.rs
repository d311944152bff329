//! When desktops are used.

use actix_web::{HttpRequest, HttpResponse, get};
use app::usage::UsageQuery;
use contract::{ids::WorkspaceId, problem::Problem, usage::Usage};
use runtime::{
    ApiResult,
    extract::{Path, Query},
};

use crate::{
    require::{Require, WorkspacesRead},
    respond::{refusal, tagged},
};

/// When one desktop was used, and what AutoStop bills for it. Days and months are in UTC, as on AWS's bill.
#[utoipa::path(tag = "desktops",
    params(("id" = String, Path), ("days" = Option<u32>, Query, description = "How far back, 1 to 400; 63 unless told"),
        ("time_zone" = Option<String>, Query, description = "Of the picture of the week; UTC unless told")),
    responses((status = 200, body = Usage), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/api/workspaces/{id}/usage")]
pub(crate) async fn get_usage(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    id: Path<String>,
    query: Query<UsageQuery>,
) -> ApiResult<HttpResponse> {
    let id = WorkspaceId(id.into_inner());
    tagged(&request, &app::usage::of_workspace(&cx, &id, &query).await.map_err(refusal)?)
}
