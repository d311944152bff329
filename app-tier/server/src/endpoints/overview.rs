//! The first page.

use actix_web::{HttpRequest, HttpResponse, get};
use contract::overview::{Overview, OverviewCosts};
use runtime::ApiResult;

use crate::{
    require::{BillingRead, Require, WorkspacesRead},
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

/// What cost more and what less in the last month, what idle desktops cost, and what the open recommendations would save.
#[utoipa::path(tag = "desktops", responses((status = 200, body = OverviewCosts)))]
#[get("/api/overview/costs")]
pub(crate) async fn get_overview_costs(
    cx: Require<BillingRead>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::overview::costs(&cx).await.map_err(refusal)?)
}
