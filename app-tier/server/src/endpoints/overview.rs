//! The first page.

use actix_web::{HttpRequest, HttpResponse, get};
use contract::overview::Overview;
use runtime::ApiResult;

use crate::{
    require::{Require, WorkspacesRead},
    respond::{refusal, tagged},
};

/// What there is, how fresh it is, and what went wrong.
#[utoipa::path(tag = "desktops", responses((status = 200, body = Overview)))]
#[get("/api/overview")]
pub(crate) async fn get_overview(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::overview::read(&cx).await.map_err(refusal)?)
}
