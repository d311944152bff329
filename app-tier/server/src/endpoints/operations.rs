//! Operations: acting on desktops, and what it saved.

use actix_web::{HttpRequest, HttpResponse, get, post};
use app::savings::SavingsQuery;
use contract::{
    ids::OperationId,
    operations::{Decision, NewOperation, Operation, OperationSummary, Preview, Settlement, Tagging},
    page::Page,
    problem::Problem,
    savings::Savings,
};
use runtime::{
    ApiResult,
    extract::{Json, Path, Query, RawQuery},
};

use crate::{
    require::{BillingRead, OperationsApprove, OperationsPropose, OperationsRead, Require},
    respond::{accepted, json, refusal, tagged},
};

fn address(id: OperationId) -> String {
    format!("/api/operations/{id}")
}

/// What would happen, step by step; nothing is written.
#[utoipa::path(tag = "operations", request_body = NewOperation, responses((status = 200, body = Preview), (status = 422, body = Problem)))]
#[post("/api/operations/preview")]
pub(crate) async fn preview_operation(
    cx: Require<OperationsPropose, Json<NewOperation>>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::operations::preview(&cx, body).await.map(json).map_err(refusal)
}

/// Start, stop or reboot desktops; propose everything else.
#[utoipa::path(tag = "operations", request_body = NewOperation, responses((status = 202, body = Operation), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/operations")]
pub(crate) async fn create_operation(
    cx: Require<OperationsPropose, Json<NewOperation>>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let made = app::operations::create(&cx, body).await.map_err(refusal)?;
    Ok(accepted(address(made.operation.id), made))
}

/// Operations, the newest first.
#[utoipa::path(tag = "operations", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query),
    ("state" = Option<String>, Query), ("open" = Option<bool>, Query), ("action" = Option<String>, Query),
    ("workspace_id" = Option<String>, Query), ("proposed_by" = Option<String>, Query)),
    responses((status = 200, body = Page<OperationSummary>), (status = 400, body = Problem)))]
#[get("/api/operations")]
pub(crate) async fn list_operations(
    cx: Require<OperationsRead>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::operations::list(&cx, &query.0).await.map_err(refusal)?)
}

/// An operation with its steps and desktops.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), responses((status = 200, body = Operation), (status = 404, body = Problem)))]
#[get("/api/operations/{id}")]
pub(crate) async fn get_operation(cx: Require<OperationsRead>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::operations::find(&cx, OperationId(*id)).await.map(json).map_err(refusal)
}

/// Approve a proposal: a worker carries it out.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), request_body = Decision,
    responses((status = 202, body = Operation), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/api/operations/{id}/approve")]
pub(crate) async fn approve_operation(
    cx: Require<OperationsApprove, Json<Decision>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let it = app::operations::approve(&cx, OperationId(*id), body).await.map_err(refusal)?;
    Ok(accepted(address(it.operation.id), it))
}

/// Reject a proposal.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), request_body = Decision,
    responses((status = 200, body = Operation), (status = 409, body = Problem)))]
#[post("/api/operations/{id}/reject")]
pub(crate) async fn reject_operation(
    cx: Require<OperationsApprove, Json<Decision>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::operations::reject(&cx, OperationId(*id), body).await.map(json).map_err(refusal)
}

/// Withdraw a proposal, or stop what has not begun; others' only for administrators.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), request_body = Decision,
    responses((status = 200, body = Operation), (status = 403, body = Problem), (status = 409, body = Problem)))]
#[post("/api/operations/{id}/cancel")]
pub(crate) async fn cancel_operation(
    cx: Require<OperationsPropose, Json<Decision>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::operations::cancel(&cx, OperationId(*id), body).await.map(json).map_err(refusal)
}

/// Propose what takes an operation back.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), request_body = Decision,
    responses((status = 202, body = Operation), (status = 409, body = Problem)))]
#[post("/api/operations/{id}/undo")]
pub(crate) async fn undo_operation(
    cx: Require<OperationsPropose, Json<Decision>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let made = app::operations::undo(&cx, OperationId(*id), body).await.map_err(refusal)?;
    Ok(accepted(address(made.operation.id), made))
}

/// Say how it went with desktops of which it could not be told. AWS is not called.
#[utoipa::path(tag = "operations", params(("id" = i64, Path)), request_body = Settlement,
    responses((status = 200, body = Operation), (status = 403, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/operations/{id}/settle")]
pub(crate) async fn settle_operation(
    cx: Require<OperationsPropose, Json<Settlement>>,
    id: Path<i64>,
) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    app::operations::settle(&cx, OperationId(*id), body).await.map(json).map_err(refusal)
}

/// How many desktops lack the tag with their own id, and which of them one operation can give it to.
#[utoipa::path(tag = "billing", responses((status = 200, body = Tagging)))]
#[get("/api/billing/tagging")]
pub(crate) async fn get_tagging(cx: Require<BillingRead>, request: HttpRequest) -> ApiResult<HttpResponse> {
    tagged(&request, &app::operations::tagging(&cx).await.map_err(refusal)?)
}

/// What applied changes were said to save, and what they saved.
#[utoipa::path(tag = "operations", params(("months" = Option<u32>, Query)), responses((status = 200, body = Savings), (status = 422, body = Problem)))]
#[get("/api/savings")]
pub(crate) async fn get_savings(
    cx: Require<OperationsRead>,
    request: HttpRequest,
    query: Query<SavingsQuery>,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::savings::ledger(&cx, &query).await.map_err(refusal)?)
}
