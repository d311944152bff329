//! Extractors that answer with problems naming the field, where actix's own would answer with a line of text.
//!
//! They check shape, not sense: a value that parses and is not allowed is for the use-case to refuse.

use std::{future::Ready, ops::Deref, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    web::{self, BytesMut},
};
use contract::problem::{Code, FieldError};
use futures::{FutureExt, StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as FieldPath, Segment};

use crate::{ApiError, problem};

/// The largest JSON body that [`Json`] reads, in bytes. Put another one in the `app_data` of an app, scope or resource.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(256 * 1024)
    }
}

/// A client that sends slower than this is cut off, so that it cannot hold a connection for ever.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A JSON body as a `T`.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<BodyLimit>().copied().unwrap_or_default().0;
        let accepted = is_json(request.content_type());
        let announced = request
            .headers()
            .get(actix_web::http::header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let payload = payload.take();
        async move {
            if !accepted {
                return Err(problem::unsupported_type());
            }
            if announced.is_some_and(|length| length > limit) {
                return Err(problem::too_large(limit));
            }
            let late = |_| ApiError::new(Code::MalformedBody, "the body took too long to arrive");
            let body = tokio::time::timeout(BODY_TIME, read(payload, limit)).await.map_err(late)??;
            parse_json(&body).map(Self)
        }
        .boxed_local()
    }
}

fn is_json(content_type: &str) -> bool {
    let kind = content_type.trim();
    kind.eq_ignore_ascii_case("application/json")
        || (kind.len() > 5 && kind.get(kind.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case("+json")))
}

async fn read(mut payload: Payload, limit: usize) -> Result<BytesMut, ApiError> {
    let mut body = BytesMut::new();
    let mut payload = Pin::new(&mut payload);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| problem::of_payload(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(problem::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `body` as a `T`, or a problem whose `errors` point into it.
///
/// # Errors
/// It is no JSON, or has another shape.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if !error.inner().is_data() {
            return not_json(error.inner());
        }
        let text = error.inner().to_string();
        // The position is for humans who read files; the pointer says it better.
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _position)| text);
        let field = FieldError::new(pointer(error.path(), missing_field(text)), text);
        ApiError::new(Code::MalformedBody, "the body has another shape than this request reads")
            .with_errors(vec![field])
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> ApiError {
    let detail = format!("the body is not JSON: line {}, column {}", error.line(), error.column());
    ApiError::new(Code::MalformedBody, detail)
}

/// Serde reports a missing field at its parent; clients want it at the field.
fn missing_field(text: &str) -> Option<&str> {
    text.strip_prefix("missing field `")?.strip_suffix('`')
}

/// A JSON pointer (RFC 6901).
fn pointer(path: &FieldPath, missing: Option<&str>) -> String {
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        // Which variant was tried is no place in the document.
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.chain(missing.map(str::to_owned)).map(|segment| format!("/{segment}")).collect()
}

/// The query string as a `T`, whose fields are the parameters. A parameter that repeats needs [`RawQuery`].
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T> Query<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        std::future::ready(parse_query(request.query_string()).map(Self))
    }
}

fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let text = error.inner().to_string();
        let parameter = error.path().iter().find_map(|segment| match segment {
            Segment::Map { key } => Some(key.as_str()),
            _ => None,
        });
        let parameter = parameter.or_else(|| missing_field(&text)).unwrap_or_default();
        ApiError::new(Code::InvalidQuery, "the query string is not understood")
            .with_errors(vec![FieldError::new(parameter, &*text)])
    })
}

/// The query string as it came: decoded pairs in their order, repeated names included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawQuery(pub Vec<(String, String)>);

impl RawQuery {
    /// All values of one parameter.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for RawQuery {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        std::future::ready(Ok(Self(pairs)))
    }
}

/// The variable parts of the address as a `T`.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T> Path<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // Ready at once: actix's own extractor has the address at hand. Its error carries no code of ours.
        let parts = web::Path::<T>::from_request(request, payload).into_inner();
        let parts = parts.map_err(|error| ApiError::new(Code::InvalidPath, error.to_string()));
        std::future::ready(parts.map(|parts| Self(parts.into_inner())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpResponse,
        test::{TestRequest, call_service, init_service},
    };
    use serde::Deserialize;

    use super::*;
    use crate::problem::tests::body_of;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Booking {
        #[expect(dead_code, reason = "only its shape is of interest")]
        title: String,
        #[serde(default)]
        #[expect(dead_code, reason = "only its shape is of interest")]
        guests: Vec<Guest>,
    }

    #[derive(Debug, Deserialize)]
    struct Guest {
        #[expect(dead_code, reason = "only its shape is of interest")]
        age: u8,
    }

    async fn refusal<T: DeserializeOwned>(body: &str) -> (Code, String, Vec<FieldError>) {
        let error = parse_json::<T>(body.as_bytes()).err().unwrap();
        let problem = body_of(actix_web::ResponseError::error_response(&error)).await;
        (problem.code, problem.detail, problem.errors)
    }

    #[actix_web::test]
    async fn a_wrong_shape_is_named_by_a_pointer() {
        for (body, pointer, words) in [
            (r#"{"title":"x","guests":[{"age":1},{"age":300}]}"#, "/guests/1/age", "invalid value"),
            (r#"{"title":"x","guests":[{}]}"#, "/guests/0/age", "missing field `age`"),
            (r#"{"guests":[]}"#, "/title", "missing field `title`"),
            (r#"{"title":"x","a/b~c":1}"#, "/a~1b~0c", "unknown field"),
            ("7", "", "invalid type"),
        ] {
            let (code, _, errors) = refusal::<Booking>(body).await;
            assert_eq!(code, Code::MalformedBody);
            assert!(errors.len() == 1 && errors[0].detail.contains(words), "{errors:?}");
            assert_eq!(errors[0].pointer, pointer, "{body}");
            assert!(!errors[0].detail.contains("line"), "{errors:?}");
        }
    }

    #[actix_web::test]
    async fn what_is_no_json_is_named_by_its_position() {
        for (body, place) in
            [("{\"title\":", "line 1, column 9"), ("", "line 1, column 0"), ("{} {}", "line 1, column 4")]
        {
            let (code, detail, errors) = refusal::<serde_json::Value>(body).await;
            assert_eq!((code, errors.len()), (Code::MalformedBody, 0));
            assert!(detail.contains(place), "{body:?}: {detail}");
        }
    }

    #[actix_web::test]
    async fn type_and_size_of_a_body_are_checked() {
        let app = App::new().app_data(BodyLimit(16)).route(
            "/",
            web::post().to(async |body: Json<String>| HttpResponse::Ok().body(body.into_inner())),
        );
        let app = init_service(app).await;
        let json = ("content-type", "application/json; charset=utf-8");
        for (request, status) in [
            (TestRequest::post().insert_header(json).set_payload("\"fits\""), 200),
            (
                TestRequest::post()
                    .insert_header(("content-type", "application/x+JSON"))
                    .set_payload("\"fits\""),
                200,
            ),
            (TestRequest::post().set_payload("\"fits\""), 415),
            (TestRequest::post().insert_header(("content-type", "text/plain")).set_payload("\"fits\""), 415),
            (TestRequest::post().insert_header(json).set_payload("\"a bit too long\""), 200),
            (TestRequest::post().insert_header(json).set_payload("\"now it is too long\""), 413),
            (TestRequest::post().insert_header(json).insert_header(("content-length", "17")), 413),
        ] {
            assert_eq!(call_service(&app, request.uri("/").to_request()).await.status(), status);
        }
    }

    #[actix_web::test]
    async fn a_wrong_parameter_is_named() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Page {
            limit: u8,
            q: Option<String>,
        }
        let page: Page = parse_query("limit=7&q=a%20b").unwrap();
        assert_eq!((page.limit, page.q.as_deref()), (7, Some("a b")));
        for (query, parameter) in
            [("limit=many", "limit"), ("limit=300", "limit"), ("q=x", "limit"), ("limit=1&sort=x", "sort")]
        {
            let error = parse_query::<Page>(query).unwrap_err();
            let problem = body_of(actix_web::ResponseError::error_response(&error)).await;
            assert_eq!(problem.code, Code::InvalidQuery);
            assert_eq!(problem.errors[0].pointer, parameter, "{query}: {:?}", problem.errors);
        }
    }

    #[actix_web::test]
    async fn repeated_parameters_keep_their_order() {
        let request = TestRequest::get().uri("/?region=a&state=x&region=b%2Fc").to_http_request();
        let query = RawQuery::extract(&request).await.unwrap();
        assert_eq!(query.all("region").collect::<Vec<_>>(), ["a", "b/c"]);
        assert_eq!(query.all("none").count(), 0);
    }

    #[actix_web::test]
    async fn an_address_that_does_not_parse_is_refused() {
        let app = App::new().route("/{n}", web::get().to(async |n: Path<u8>| n.to_string()));
        let app = init_service(app).await;
        let fine = call_service(&app, TestRequest::get().uri("/7").to_request()).await;
        assert_eq!(actix_web::test::read_body(fine).await, "7");
        let wrong = call_service(&app, TestRequest::get().uri("/seven").to_request()).await;
        assert_eq!(body_of(wrong.into_parts().1.map_into_boxed_body()).await.code, Code::InvalidPath);
    }
}
