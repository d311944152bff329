//! The outermost middleware: the request gets its id, and whatever comes back gets its headers and its problem.
//!
//! It also catches errors that middlewares return, which actix would otherwise turn into a response out of reach of
//! all of them.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use crate::{
    problem,
    request_id::{self, RequestId},
};

/// What an API answers with unless the handler says otherwise. The pages' own policy is nginx's.
const SECURITY_HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(crate) async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::of_headers(request.headers());
    request.extensions_mut().insert(id.clone());
    let work = async {
        match next.call(request).await {
            Ok(response) => {
                let (request, response) = response.map_into_boxed_body().into_parts();
                Ok(ServiceResponse::new(request, finish(response, &id)))
            }
            Err(error) => {
                let response = finish(error.error_response(), &id);
                Err(InternalError::from_response(error, response).into())
            }
        }
    };
    // Problems are made deep inside, where the request is out of reach; they take its id from the task.
    id.clone().scope(work).await
}

fn finish(response: HttpResponse, id: &RequestId) -> HttpResponse {
    let mut response = problem::dress(response);
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        insert_if_absent(headers, name, value);
    }
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(HeaderName::from_static(request_id::HEADER), id);
    }
    response
}

fn insert_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        middleware::from_fn,
        test::{TestRequest, call_service, init_service},
        web,
    };
    use contract::problem::Code;
    use uuid::Uuid;

    use super::*;
    use crate::{ApiError, problem::tests::body_of};

    #[actix_web::test]
    async fn a_sane_request_id_is_kept_and_another_is_replaced() {
        let app = App::new()
            .wrap(from_fn(middleware))
            .route("/", web::get().to(async |id: RequestId| id.to_string()));
        let app = init_service(app).await;
        let kept =
            TestRequest::get().uri("/").insert_header((request_id::HEADER, "from-nginx.1")).to_request();
        let kept = call_service(&app, kept).await;
        assert_eq!(kept.headers().get(request_id::HEADER).unwrap(), "from-nginx.1");
        assert_eq!(actix_web::test::read_body(kept).await, "from-nginx.1");

        let made = TestRequest::get().uri("/").insert_header((request_id::HEADER, "no good")).to_request();
        let made = call_service(&app, made).await;
        let made = made.headers().get(request_id::HEADER).unwrap().to_str().unwrap().to_owned();
        assert!(Uuid::parse_str(&made).is_ok(), "{made}");
    }

    #[actix_web::test]
    async fn headers_are_set_unless_the_handler_set_them() {
        let app = App::new().wrap(from_fn(middleware)).route(
            "/",
            web::get().to(async || {
                HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "max-age=60")).finish()
            }),
        );
        let response = call_service(&init_service(app).await, TestRequest::get().uri("/").to_request()).await;
        let headers = response.headers();
        assert_eq!(headers.get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY).unwrap(), "frame-ancestors 'none'");
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "max-age=60");
    }

    #[actix_web::test]
    async fn an_error_of_a_middleware_gets_id_headers_and_problem_too() {
        async fn refuse(
            _request: ServiceRequest,
            _next: Next<BoxBody>,
        ) -> Result<ServiceResponse<BoxBody>, Error> {
            Err(ApiError::new(Code::Unauthenticated, "sign in").into())
        }
        let app = App::new().wrap(from_fn(refuse)).wrap(from_fn(middleware));
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/").insert_header((request_id::HEADER, "r1")).to_request();
        let error = actix_web::test::try_call_service(&app, request).await.unwrap_err();
        let response = error.error_response();
        assert_eq!(response.headers().get(request_id::HEADER).unwrap(), "r1");
        assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
        let problem = body_of(response).await;
        assert_eq!((problem.code, problem.request_id.as_str()), (Code::Unauthenticated, "r1"));
    }
}
