//! What a group of desktops would have cost under other rules.

use actix_web::{HttpRequest, HttpResponse, get};
use contract::{problem::Problem, simulations::Simulation};
use runtime::{ApiResult, extract::RawQuery};

use crate::{
    require::{Require, WorkspacesRead},
    respond::{refusal, tagged},
};

/// Whole calendar months of the desktops that the filters leave, billed under one rule after another. Filters as for
/// desktops.
#[utoipa::path(tag = "desktops",
    params(("months" = Option<u32>, Query, description = "1 to 12, the latest ones")),
    responses((status = 200, body = Simulation), (status = 400, body = Problem)))]
#[get("/api/simulations")]
pub(crate) async fn simulate(
    cx: Require<WorkspacesRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::simulations::run(&cx, &query.0).await.map_err(refusal)?)
}
