//! Numbers for Prometheus: a recorder, a private listener that shows it, and the two metrics of every request.
//!
//! The listener is not the API's: metrics name routes and loads, so its port stays inside the network.

use std::{io, net::TcpListener, time::Duration, time::Instant};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web,
};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

const REQUESTS: &str = "http_requests_total";
const DURATION: &str = "http_request_duration_seconds";

/// From a cached read to a question for the model.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Histograms keep every observation until they are drained.
const UPKEEP: Duration = Duration::from_secs(5);

/// Count from now on. Once per process.
///
/// # Errors
/// Something counts already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = builder()?.install_recorder()?;
    describe();
    Ok(handle)
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), &BUCKETS)
}

fn describe() {
    describe_counter!(REQUESTS, "Answered requests by method, route and status");
    describe_histogram!(DURATION, Unit::Seconds, "Time from the request's head to the answer's head");
}

/// Show what was counted at `GET /metrics` until `shutdown`.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    handle: PrometheusHandle,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let upkeep = {
        let handle = handle.clone();
        async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                handle.run_upkeep();
            }
        }
    };
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::new(handle.clone())).route("/metrics", web::get().to(show))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::select! {
        done = server => done,
        () = upkeep => Ok(()),
        () = shutdown.cancelled() => {
            handle.stop(false).await;
            Ok(())
        }
    }
}

async fn show(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}

/// Count and time each request under its route's pattern, never its path: that would make a series per id.
pub(crate) async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let method = known(request.method());
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let answer = next.call(request).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let status = status.as_u16().to_string();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status).increment(1);
    histogram!(DURATION, "method" => method, "route" => route).record(began.elapsed());
    answer
}

/// Clients may invent methods; a label may not take whatever they send.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use actix_web::{
        middleware::from_fn,
        test::{TestRequest, init_service, try_call_service},
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::{ApiError, problem};

    #[actix_web::test]
    async fn requests_are_counted_by_pattern_method_and_status() {
        let recorder = builder().unwrap().build_recorder();
        let _local = metrics::set_default_local_recorder(&recorder);
        let app = App::new()
            .route("/things/{id}", web::get().to(async || "a thing"))
            .route(
                "/broken",
                web::get().to(async || Err::<&str, _>(ApiError::internal(anyhow::anyhow!("x")))),
            )
            .configure(problem::configure)
            .wrap(from_fn(middleware));
        let app = init_service(app).await;
        for (method, address) in [
            ("GET", "/things/1"),
            ("GET", "/things/2"),
            ("BREW", "/things/2"),
            ("GET", "/broken"),
            ("GET", "/nope/3"),
        ] {
            let request =
                TestRequest::with_uri(address).method(Method::from_bytes(method.as_bytes()).unwrap());
            try_call_service(&app, request.to_request()).await.unwrap();
        }
        let text = recorder.handle().render();
        for line in [
            r#"http_requests_total{method="GET",route="/things/{id}",status="200"} 2"#,
            r#"http_requests_total{method="OTHER",route="/things/{id}",status="405"} 1"#,
            r#"http_requests_total{method="GET",route="/broken",status="500"} 1"#,
            r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
            r#"http_request_duration_seconds_count{method="GET",route="/things/{id}"} 2"#,
            r#"http_request_duration_seconds_bucket{method="GET",route="/things/{id}",le="30"} 2"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[actix_web::test]
    async fn the_private_listener_shows_them_until_shutdown() {
        let recorder = builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || counter!("seen_total").increment(3));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let server = actix_web::rt::spawn(serve(listener, recorder.handle(), shutdown.clone()));

        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        connection.write_all(request).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("seen_total 3"), "{answer}");

        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(30), server).await.unwrap().unwrap().unwrap();
    }
}
