//! Reports.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    post,
};
use contract::{
    ids::ReportId,
    page::Page,
    problem::Problem,
    reports::{NewReport, Report},
};
use runtime::{
    ApiResult,
    extract::{Json, Path, Query, RawQuery},
};
use serde::Deserialize;
use tokio_util::io::ReaderStream;

use crate::{
    require::{Public, ReportsMake, Require},
    respond::{accepted, json, refusal, tagged},
};

/// Ask for a list or an answer as a file.
#[utoipa::path(tag = "reports", request_body = NewReport, responses((status = 202, body = Report), (status = 422, body = Problem)))]
#[post("/api/reports/generate")]
pub(crate) async fn generate_report(cx: Require<ReportsMake, Json<NewReport>>) -> ApiResult<HttpResponse> {
    let (cx, body) = cx.into_parts();
    let report = app::reports::request(&cx, body).await.map_err(refusal)?;
    Ok(accepted(format!("/api/reports/{}", report.id), report))
}

/// One's own reports; all of them for administrators.
#[utoipa::path(tag = "reports", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = Page<Report>)))]
#[get("/api/reports")]
pub(crate) async fn list_reports(
    cx: Require<ReportsMake>,
    request: HttpRequest,
    query: RawQuery,
) -> ApiResult<HttpResponse> {
    tagged(&request, &app::reports::list(&cx, &query.0).await.map_err(refusal)?)
}

/// State, progress and download link of a report.
#[utoipa::path(tag = "reports", params(("id" = i64, Path)), responses((status = 200, body = Report), (status = 404, body = Problem)))]
#[get("/api/reports/{id}")]
pub(crate) async fn get_report(cx: Require<ReportsMake>, id: Path<i64>) -> ApiResult<HttpResponse> {
    app::reports::find(&cx, ReportId(*id)).await.map(json).map_err(refusal)
}

/// What a signed link carries.
#[derive(Debug, Deserialize)]
pub(crate) struct Signed {
    expires: i64,
    signature: String,
}

/// The file behind a signed link.
#[utoipa::path(tag = "reports", params(("id" = i64, Path), ("expires" = i64, Query), ("signature" = String, Query)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem), (status = 410, body = Problem)))]
#[get("/api/reports/{id}/download")]
pub(crate) async fn download_report(
    house: Public,
    id: Path<i64>,
    signed: Query<Signed>,
) -> ApiResult<HttpResponse> {
    let file = app::reports::fetch(&house.0, ReportId(*id), signed.expires, &signed.signature)
        .await
        .map_err(refusal)?;
    let name = DispositionParam::Filename(file.file_name);
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header((header::CONTENT_LENGTH, file.bytes))
        // The files are compressed already, or wanted as they are.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters: vec![name],
        })
        .streaming(ReaderStream::with_capacity(file.reader, 64 * 1024)))
}
