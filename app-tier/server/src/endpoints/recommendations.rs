//! What would save money.

use actix_web::{HttpRequest, HttpResponse, get};
use contract::{page::Page, problem::Problem, recommendations::Recommendation};
use runtime::{ApiResult, extract::RawQuery};

use crate::{
    require::{Require, WorkspacesRead},
    respond::{refusal, tagged},
};

/// What to change about which desktop, the greatest saving first. Filters as for desktops.
#[utoipa::path(tag = "desktops",
    params(("sort" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<Recommendation>), (status = 400, body = Problem)))]
#[get("/api/recommendations")]
pub(crate) async fn list_recommendations(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::recommendations::list(&cx, &query.0).await.map_err(refusal)?)
}
