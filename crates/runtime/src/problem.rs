//! Refusals and failures as `application/problem+json`.
//!
//! An [`ApiError`] is what handlers return; its cause is logged once, by the access log, and never serialised.
//! Also here: answers to addresses and methods that do not exist, and what actix's own extractors complain about.

use std::{fmt, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    body::{BodySize, MessageBody},
    error::{JsonPayloadError, PathError, PayloadError, QueryPayloadError},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web,
};
use contract::problem::{Code, FieldError, Problem};

use crate::RequestId;

/// What handlers return.
pub type ApiResult<T> = Result<T, ApiError>;

/// The media type of a [`Problem`].
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A refusal or failure on its way to the client.
pub struct ApiError {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    source: Option<anyhow::Error>,
}

impl ApiError {
    /// `detail` is what happened this time, in words for the client; it is sent as it is.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, source: None }
    }

    /// Our own fault. The cause goes to the log, the client gets the request id to find it.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::new(Code::Internal, "the request id finds the cause in the log").because(source)
    }

    /// Name the fields that are wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Tell when it is worth another try; sent in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Keep the cause for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why, from the table.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The cause, which only logs may see.
    #[must_use]
    pub fn cause(&self) -> Option<&anyhow::Error> {
        self.source.as_ref()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.slug(), self.detail)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("code", &self.code)
            .field("detail", &self.detail)
            .field("errors", &self.errors)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(AsRef::as_ref)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut problem = Problem::new(self.code, &*self.detail).with_errors(self.errors.clone());
        problem.request_id = RequestId::current().map(|id| id.to_string()).unwrap_or_default();
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE)));
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        match serde_json::to_vec(&problem) {
            Ok(body) => response.body(body),
            // A struct of texts always serialises; an empty body is still an answer.
            Err(_) => response.finish(),
        }
    }
}

/// Answer for addresses that lead nowhere, and complain in problems about what actix's own extractors cannot read.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(web::JsonConfig::default().error_handler(|error, _| of_json(&error).into()))
        .app_data(web::QueryConfig::default().error_handler(|error, _| of_query(&error).into()))
        .app_data(web::PathConfig::default().error_handler(|error, _| of_path(&error).into()))
        .default_service(web::to(no_such_route));
}

/// The answer when no route took the request: the address does not exist, or not with this method.
async fn no_such_route(request: HttpRequest) -> ApiResult<HttpResponse> {
    // Routes that differ by method are told apart by guards, which the map of addresses knows nothing of.
    if request.resource_map().match_pattern(request.path()).is_some() {
        let detail = format!("{} is not answered here", request.method());
        return Err(ApiError::new(Code::MethodNotAllowed, detail));
    }
    Err(ApiError::new(Code::NotFound, "no such address"))
}

fn of_json(error: &JsonPayloadError) -> ApiError {
    match error {
        JsonPayloadError::OverflowKnownLength { limit, .. } | JsonPayloadError::Overflow { limit } => {
            too_large(*limit)
        }
        JsonPayloadError::ContentType => unsupported_type(),
        JsonPayloadError::Payload(error) => of_payload(error),
        error => ApiError::new(Code::MalformedBody, error.to_string()),
    }
}

fn of_query(error: &QueryPayloadError) -> ApiError {
    ApiError::new(Code::InvalidQuery, error.to_string())
}

pub(crate) fn of_path(error: &PathError) -> ApiError {
    ApiError::new(Code::InvalidPath, error.to_string())
}

pub(crate) fn of_payload(error: &PayloadError) -> ApiError {
    match error {
        PayloadError::Overflow => ApiError::new(Code::BodyTooLarge, "the body is larger than allowed"),
        _ => ApiError::new(Code::MalformedBody, "the body did not arrive whole"),
    }
}

pub(crate) fn too_large(limit: usize) -> ApiError {
    ApiError::new(Code::BodyTooLarge, format!("the limit is {limit} bytes"))
}

pub(crate) fn unsupported_type() -> ApiError {
    ApiError::new(Code::UnsupportedMediaType, "this request reads application/json")
}

/// A problem for a response that is an error and does not say which, as actix makes for some refusals of its own.
/// Those with a body of a type that somebody chose stay as they are.
pub(crate) fn dress(response: HttpResponse) -> HttpResponse {
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let chosen = content_type.is_some_and(|kind| !kind.starts_with("text/plain"));
    let bare = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    if !(status.is_client_error() || status.is_server_error()) || (chosen && !bare) {
        return response;
    }
    let code = match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::TooManyRequests,
        400..500 => Code::MalformedBody,
        _ => Code::Internal,
    };
    let mut dressed = ApiError::new(code, code.title()).error_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            dressed.headers_mut().append(name.clone(), value.clone());
        }
    }
    dressed
}

#[cfg(test)]
pub(crate) mod tests {
    use actix_web::{
        App,
        body::to_bytes,
        test::{TestRequest, call_service, init_service},
    };

    use super::*;

    pub(crate) async fn body_of(response: HttpResponse) -> Problem {
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), CONTENT_TYPE);
        let body = to_bytes(response.into_body()).await.ok().unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[actix_web::test]
    async fn an_error_becomes_a_problem_without_its_cause() {
        let error = ApiError::new(Code::AssistantBusy, "three questions are before yours")
            .with_errors(vec![FieldError::new("/text", "later")])
            .retry_after(Duration::from_millis(1500))
            .because(anyhow::anyhow!("canary"));
        let response = RequestId::parse("r1").unwrap().scope(async { error.error_response() }).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), "2");
        let problem = body_of(response).await;
        assert_eq!(problem.code, Code::AssistantBusy);
        assert_eq!(problem.detail, "three questions are before yours");
        assert_eq!(problem.errors, [FieldError::new("/text", "later")]);
        assert_eq!(problem.request_id, "r1");
        assert!(!serde_json::to_string(&problem).unwrap().contains("canary"));
    }

    #[actix_web::test]
    async fn the_detail_of_our_own_fault_is_constant() {
        let problem = body_of(ApiError::internal(anyhow::anyhow!("canary")).error_response()).await;
        assert_eq!((problem.code, problem.status), (Code::Internal, 500));
        assert!(!problem.detail.contains("canary"));
    }

    #[actix_web::test]
    async fn wrong_addresses_and_methods_are_told_apart() {
        #[actix_web::get("/things/{id}")]
        async fn thing() -> &'static str {
            "a thing"
        }
        let app = init_service(App::new().service(thing).configure(configure)).await;
        for (request, code) in [
            (TestRequest::get().uri("/nothing"), Code::NotFound),
            (TestRequest::delete().uri("/things/7"), Code::MethodNotAllowed),
        ] {
            let response = call_service(&app, request.to_request()).await;
            let problem = body_of(response.into_parts().1.map_into_boxed_body()).await;
            assert_eq!(problem.code, code);
        }
    }

    #[actix_web::test]
    async fn actixs_own_extractors_complain_in_problems() {
        let app = App::new()
            .route("/json", web::post().to(async |_: web::Json<u8>| ""))
            .route("/query", web::get().to(async |_: web::Query<std::collections::HashMap<String, u8>>| ""))
            .route("/path/{n}", web::get().to(async |_: web::Path<u8>| ""))
            .configure(configure);
        let app = init_service(app).await;
        for (request, code) in [
            (TestRequest::post().uri("/json").set_payload("1"), Code::UnsupportedMediaType),
            (TestRequest::post().uri("/json").set_json("text"), Code::MalformedBody),
            (TestRequest::get().uri("/query?a=b"), Code::InvalidQuery),
            (TestRequest::get().uri("/path/x"), Code::InvalidPath),
        ] {
            let response = call_service(&app, request.to_request()).await;
            let problem = body_of(response.into_parts().1.map_into_boxed_body()).await;
            assert_eq!(problem.code, code);
        }
    }

    #[actix_web::test]
    async fn a_bare_error_is_dressed_and_a_chosen_body_is_not() {
        let bare = dress(HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET")).finish());
        assert_eq!(bare.headers().get(header::ALLOW).unwrap(), "GET");
        assert_eq!(body_of(bare).await.code, Code::MethodNotAllowed);
        let text = dress(HttpResponse::InternalServerError().body("a library's words"));
        assert_eq!(body_of(text).await.code, Code::Internal);
        let chosen = dress(HttpResponse::ServiceUnavailable().json("unavailable"));
        assert_eq!(to_bytes(chosen.into_body()).await.ok().unwrap(), "\"unavailable\"");
        let fine = dress(HttpResponse::NoContent().finish());
        assert_eq!(fine.status(), 204);
    }
}
