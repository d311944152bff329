//! Logs: one line per event, as text or JSON, with the request's id in every line of a request.
//!
//! Variables: `LOG_FORMAT` (`text` or `json`, default `text`) and `LOG_LEVEL` (a level, or levels by module such as
//! `info,queue=debug`; default `info`). Nothing here decides what may be logged; that is for whoever logs.

use std::{fmt, str::FromStr, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, Subscriber};
use tracing_actix_web::RootSpanBuilder;
use tracing_subscriber::{
    EnvFilter, Layer,
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{ApiError, RequestId, config::Env};

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one object per line.
    Json,
}

/// It is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it can be text or json")]
pub struct UnknownFormat;

impl FromStr for LogFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UnknownFormat),
        }
    }
}

/// Which events are logged, checked.
#[derive(Debug, Clone)]
pub struct LogLevel(String);

impl Default for LogLevel {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl FromStr for LogLevel {
    type Err = tracing_subscriber::filter::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        EnvFilter::try_new(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How to log.
#[derive(Debug, Clone, Default)]
pub struct TelemetryConfig {
    pub format: LogFormat,
    pub level: LogLevel,
}

impl TelemetryConfig {
    /// Read `LOG_FORMAT` and `LOG_LEVEL`.
    pub fn from_env(env: &mut Env) -> Self {
        Self {
            format: env.parsed("LOG_FORMAT", LogFormat::default()),
            level: env.parsed("LOG_LEVEL", LogLevel::default()),
        }
    }
}

/// Log to standard error from now on. Once per process; what the `log` crate's users say is logged too.
///
/// # Errors
/// Something logs already.
pub fn init(config: &TelemetryConfig) -> Result<(), TryInitError> {
    subscriber(config, std::io::stderr).try_init()
}

fn subscriber<W>(
    config: &TelemetryConfig,
    writer: W,
) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match config.format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    // Checked when the configuration was read.
    let filter = EnvFilter::builder().parse_lossy(&config.level.0);
    tracing_subscriber::registry().with(lines).with(filter)
}

/// The span around each request and the line at its end: the access log. A cause that a response must not show is
/// logged here, once and whole.
#[derive(Debug, Clone, Copy)]
pub struct RequestSpan;

#[derive(Clone, Copy)]
struct Began(Instant);

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Began(Instant::now()));
        let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::generate);
        // The path without its query: that may hold what somebody searched for.
        tracing::info_span!(
            "request",
            request.id = %id,
            http.method = %request.method(),
            http.path = request.path(),
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let _inside = span.entered();
        match outcome {
            Ok(response) => {
                let began = response.request().extensions().get::<Began>().copied();
                let elapsed_ms = began.map(|began| began.0.elapsed().as_millis());
                let route = response.request().match_pattern();
                log(response.status().as_u16(), route.as_deref(), elapsed_ms, response.response().error());
            }
            Err(error) => {
                let status = error.as_response_error().status_code();
                log(status.as_u16(), None, None, Some(error));
            }
        }
    }
}

fn log(status: u16, route: Option<&str>, elapsed_ms: Option<u128>, error: Option<&Error>) {
    if status < 500 {
        let code = error.and_then(|error| error.as_error::<ApiError>()).map(|error| error.code().slug());
        tracing::info!(http.status = status, http.route = route, elapsed_ms, code, "Answered {status}");
        return;
    }
    let cause = error.map(|error| match error.as_error::<ApiError>() {
        Some(error) => error.cause().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause:#}")),
        None => error.to_string(),
    });
    tracing::error!(http.status = status, http.route = route, elapsed_ms, cause, "Answered {status}");
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use actix_web::{
        App,
        middleware::from_fn,
        test::{TestRequest, init_service},
        web,
    };
    use contract::problem::Code;
    use tracing_actix_web::TracingLogger;

    use super::*;
    use crate::{ApiResult, edge, panics};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// What is logged while a request named `r1` to `/{what}` is answered.
    async fn logged(format: &str, level: &str, what: &str) -> String {
        let lines = Lines::default();
        let config = TelemetryConfig { format: format.parse().unwrap(), level: level.parse().unwrap() };
        let _on = tracing::subscriber::set_default(subscriber(&config, {
            let lines = lines.clone();
            move || lines.clone()
        }));
        let app = App::new()
            .route(
                "/{what}",
                web::get().to(async |what: web::Path<String>| -> ApiResult<&'static str> {
                    tracing::debug!("inside");
                    match what.as_str() {
                        "busy" => Err(ApiError::new(Code::AssistantBusy, "wait").because(
                            anyhow::anyhow!("the queue is full").context("could not ask the model"),
                        )),
                        "panic" => std::panic::panic_any("on purpose"),
                        "absent" => {
                            Err(ApiError::new(Code::NotFound, "gone").because(anyhow::anyhow!("canary")))
                        }
                        _ => Ok("fine"),
                    }
                }),
            )
            .wrap(from_fn(panics::middleware))
            .wrap(TracingLogger::<RequestSpan>::new())
            .wrap(from_fn(edge::middleware));
        let app = init_service(app).await;
        let request =
            TestRequest::get().uri(&format!("/{what}?q=private")).insert_header(("x-request-id", "r1"));
        let _answer = actix_web::test::try_call_service(&app, request.to_request()).await;
        lines.text()
    }

    #[actix_web::test]
    async fn every_line_of_a_request_has_its_id_in_both_formats() {
        let text = logged("text", "debug", "fine").await;
        let of_ours: Vec<_> = text.lines().filter(|line| line.contains("runtime::")).collect();
        assert_eq!(of_ours.len(), 2, "{text}");
        assert!(of_ours.iter().all(|line| line.contains("request.id=r1")), "{text}");
        assert!(of_ours[1].contains("http.status=200") && of_ours[1].contains("/{what}"), "{text}");
        assert!(!text.contains("private"), "{text}");

        let json = logged("json", "info", "fine").await;
        let line: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
        assert_eq!(line["http.status"], 200, "{line}");
        assert_eq!(line["spans"][0]["request.id"], "r1", "{line}");
    }

    #[actix_web::test]
    async fn a_cause_is_logged_once_and_whole() {
        let text = logged("text", "info", "busy").await;
        assert_eq!(text.matches("could not ask the model: the queue is full").count(), 1, "{text}");
        assert!(text.contains("ERROR") && text.contains("http.status=503"), "{text}");
        assert!(
            !logged("text", "info", "absent").await.contains("canary"),
            "a refusal is no failure of ours"
        );
    }

    #[actix_web::test]
    async fn a_panic_is_logged_with_its_message_and_request() {
        let text = logged("text", "info", "panic").await;
        let line = text.lines().find(|line| line.contains("ERROR")).unwrap();
        assert!(line.contains("panicked: on purpose") && line.contains("request.id=r1"), "{text}");
    }

    #[test]
    fn wrong_settings_are_mistakes() {
        let mut env = Env::from_map([("LOG_FORMAT", "xml"), ("LOG_LEVEL", "a=b=c")]);
        TelemetryConfig::from_env(&mut env);
        let mistakes = env.finish().unwrap_err().mistakes;
        assert_eq!(
            mistakes.iter().map(|mistake| mistake.name.as_str()).collect::<Vec<_>>(),
            ["LOG_FORMAT", "LOG_LEVEL"]
        );
    }
}
