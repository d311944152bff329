//! What AWS charges.

use actix_web::{HttpRequest, HttpResponse, get};
use app::billing::{BillingQuery, WorkspaceBillingQuery};
use contract::{
    billing::{Billing, WorkspaceBilling},
    ids::WorkspaceId,
    problem::Problem,
};
use runtime::{
    ApiResult,
    extract::{Path, Query},
};

use crate::{
    require::{BillingRead, Require},
    respond::{refusal, tagged},
};

/// What AWS charges, by service, account, region or the values of a tag; by day or month; with the outlook to the end of the
/// running month, and desktops beside the service they are charged under. Days and months are in UTC, as on the bill.
#[utoipa::path(tag = "billing",
    params(("group_by" = Option<String>, Query, description = "service, account, region, or tag: and a tag's key; service unless told"),
        ("by" = Option<String>, Query, description = "day or month; month unless told. By tag months alone"),
        ("from" = Option<String>, Query, description = "First day; twelve months or 30 days back unless told"),
        ("until" = Option<String>, Query, description = "The day after the last one; whole months for months"),
        ("service" = Option<String>, Query), ("account" = Option<String>, Query, description = "Its name"),
        ("region" = Option<String>, Query)),
    responses((status = 200, body = Billing), (status = 400, body = Problem)))]
#[get("/api/billing")]
pub(crate) async fn get_billing(
    cx: Require<BillingRead>,
    request: HttpRequest,
    query: Query<BillingQuery>,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::billing::of_house(&cx, &query).await.map_err(refusal)?)
}

/// What one desktop costs, each month and of late each day, by every source that knows.
#[utoipa::path(tag = "billing",
    params(("id" = String, Path), ("months" = Option<u32>, Query, description = "How many, 1 to 60; 13 unless told"),
        ("days" = Option<u32>, Query, description = "How many, 1 to 100; 35 unless told")),
    responses((status = 200, body = WorkspaceBilling), (status = 400, body = Problem), (status = 404, body = Problem)))]
#[get("/api/workspaces/{id}/billing")]
pub(crate) async fn get_workspace_billing(
    cx: Require<BillingRead>,
    request: HttpRequest,
    id: Path<String>,
    query: Query<WorkspaceBillingQuery>,
) -> ApiResult<HttpResponse> {
    let id = WorkspaceId(id.into_inner());
    tagged(&request, &app::billing::of_workspace(&cx, &id, &query).await.map_err(refusal)?)
}
