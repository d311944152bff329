//! Errors as HTTP responses, and bodies as values.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
    web,
};
use serde::de::DeserializeOwned;

use super::{MAX_BODY_BYTES, auth::Authorized};
use crate::openai::ApiError;

/// Lets handlers return an [`ApiError`] by `?`.
#[derive(Debug)]
pub(super) struct Refused(pub(super) ApiError);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.0.retry_after_seconds() {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if self.0.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.content_type(mime()).body(self.0.body())
    }
}

pub(super) fn mime() -> &'static str {
    "application/json"
}

/// Reads a JSON body; an error names the field.
pub(super) async fn read_json<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Refused> {
    let read = payload.to_bytes_limited(MAX_BODY_BYTES).await.map_err(|_too_long| {
        ApiError::new(413, "body_too_large", format!("at most {MAX_BODY_BYTES} bytes are read"))
    })?;
    let bytes = read.map_err(|cause| ApiError::new(400, "unreadable_body", cause.to_string()))?;
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|cause| {
        let path = cause.path().to_string();
        let inner = cause.into_inner();
        let code = if inner.is_data() { "invalid_value" } else { "malformed_json" };
        ApiError {
            param: (path != "." && path != "?").then_some(path),
            ..ApiError::new(400, code, inner.to_string())
        }
    })?;
    json.end().map_err(|cause| ApiError::new(400, "malformed_json", cause.to_string()))?;
    Ok(value)
}

/// Whatever is not here.
pub(super) async fn not_found(_: Authorized) -> Result<HttpResponse, Refused> {
    Err(Refused(ApiError::new(
        404,
        "not_found",
        "there is no such address; GET /v1/models, POST /v1/chat/completions",
    )))
}

/// An address that is here, asked in a way that it does not answer to.
pub(super) async fn wrong_method(_: Authorized) -> Result<HttpResponse, Refused> {
    Err(Refused(ApiError::new(405, "method_not_allowed", "this address is not asked by that method")))
}
