//! How use-cases' results become responses.

use std::hash::{DefaultHasher, Hasher};

use actix_web::http::header::Header;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, EntityTag, IfNoneMatch},
};
use runtime::ApiError;
use serde::Serialize;

/// A use-case's refusal as the edge writes it.
#[must_use]
pub fn refusal(error: app::Error) -> ApiError {
    let mut refused = ApiError::new(error.code, error.detail).with_errors(error.errors);
    if let Some(wait) = error.retry_after {
        refused = refused.retry_after(wait);
    }
    match error.source {
        Some(source) => refused.because(anyhow::Error::from_boxed(source)),
        None => refused,
    }
}

/// A JSON answer with an `ETag`, or 304 when the client has it already.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn tagged<T: Serialize>(request: &HttpRequest, value: &T) -> Result<HttpResponse, ApiError> {
    Ok(tagged_json(request, serde_json::to_vec(value).map_err(ApiError::internal)?))
}

/// As [`tagged`], of what is JSON already.
pub fn tagged_json(request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
    let mut hasher = DefaultHasher::new();
    hasher.write(&body);
    let tag = EntityTag::new_weak(format!("{:016x}", hasher.finish()));
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|it| it.weak_eq(&tag)),
        _ => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(header::ETag(tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if known { response.finish() } else { response.content_type("application/json").body(body) }
}

/// A JSON answer.
pub fn json<T: Serialize>(value: T) -> HttpResponse {
    HttpResponse::Ok().json(value)
}

/// 202, with the address where to look.
pub fn accepted<T: Serialize>(location: String, value: T) -> HttpResponse {
    HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(value)
}

/// 201, with the address of what was made.
pub fn created<T: Serialize>(location: String, value: T) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(value)
}

/// The version that `If-Match` names.
///
/// # Errors
/// It names something else.
pub fn version(request: &HttpRequest) -> Result<Option<i32>, ApiError> {
    let Some(header) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default().trim_start_matches("W/").trim_matches('"');
    match text {
        "*" => Ok(None),
        other => other.parse().map(Some).map_err(|_not_a_version| {
            ApiError::new(contract::problem::Code::Stale, "If-Match is the `version` of what you read")
        }),
    }
}
