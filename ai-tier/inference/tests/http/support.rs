//! A tier on a port of its own, and the words to talk to it.

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use inference::{
    config::ModelConfig,
    models::Models,
    server::{self, Tier},
};
use metrics_exporter_prometheus::PrometheusHandle;
use reqwest::{Client, Response, StatusCode};
use runtime::serve::{self, Listener, ServeConfig};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Bound on every wait in a test.
const PATIENCE: Duration = Duration::from_secs(60);
/// A process counts in one place only.
static RECORDED: OnceLock<PrometheusHandle> = OnceLock::new();

/// The generated model of architecture phi3.
pub(crate) fn tiny_model() -> PathBuf {
    model("SKYDESK_TEST_TINY_MODEL", "make it with ai-tier/inference/tests/fixture/make_tiny_phi3.py")
}

/// A `LoRA` adapter for the tiny model, and the tiny model with it merged in: as it is shipped, and without rounding.
pub(crate) fn tiny_adapter() -> [PathBuf; 3] {
    let remedy =
        "make it with ai-tier/inference/tests/fixture/make_tiny_phi3.py and ai-tier/training/merge.py";
    ["SKYDESK_TEST_TINY_ADAPTER", "SKYDESK_TEST_TINY_MERGED", "SKYDESK_TEST_TINY_MERGED_EXACT"]
        .map(|it| model(it, remedy))
}

/// The small real model.
pub(crate) fn small_model() -> PathBuf {
    model("SKYDESK_TEST_SMALL_MODEL", "get it with `skydesk-ai fetch-model`")
}

#[expect(clippy::disallowed_methods, reason = "tests have no other way to learn where the models are")]
fn model(variable: &str, remedy: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    let path = path.unwrap_or_else(|| panic!("{variable} is not set: {remedy}, or run `make test`"));
    assert!(path.is_file(), "{variable} names {}, which is no file: {remedy}", path.display());
    path
}

/// A running tier; it ends with the test.
pub(crate) struct Running {
    pub(crate) address: String,
    pub(crate) client: Client,
    shutdown: CancellationToken,
}

/// How to start one.
pub(crate) struct Setup {
    pub(crate) models: Vec<ModelConfig>,
    pub(crate) key: Option<&'static str>,
    pub(crate) deadline: Duration,
}

impl Setup {
    /// One model under the name `small`. One thread: barriers between threads cost more than the tiny model's work.
    pub(crate) fn of(path: PathBuf) -> Self {
        let model = ModelConfig {
            id: "small",
            path,
            adapter: None,
            archive: None,
            threads: NonZeroUsize::MIN,
            context_tokens: 4096,
            queue: NonZeroUsize::new(4).unwrap(),
        };
        Self { models: vec![model], key: None, deadline: PATIENCE }
    }

    pub(crate) fn without_model() -> Self {
        Self { models: Vec::new(), key: None, deadline: PATIENCE }
    }

    pub(crate) fn start(self) -> Running {
        let tier = Arc::new(Tier {
            models: Models::start(&self.models).unwrap(),
            key: self.key.map(Into::into),
            deadline: self.deadline,
            metrics: RECORDED.get_or_init(|| runtime::metrics::install().unwrap()).clone(),
        });
        let config = ServeConfig {
            address: "127.0.0.1:0".parse().unwrap(),
            tls: None,
            workers: Some(NonZeroUsize::MIN),
            grace: Duration::ZERO,
        };
        let listener = Listener::bind(&config).unwrap().abandon_with_client();
        let address = format!("http://{}", listener.address());
        let shutdown = CancellationToken::new();
        let factory = move || {
            let tier = Arc::clone(&tier);
            serve::app().configure(move |it| server::routes(it, tier))
        };
        actix_web::rt::spawn(listener.run(factory, shutdown.clone()));
        let client = Client::builder().timeout(PATIENCE).build().unwrap();
        Running { address, client, shutdown }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Running {
    /// The tiny model, loaded.
    pub(crate) async fn tiny() -> Self {
        let running = Setup::of(tiny_model()).start();
        running.ready().await;
        running
    }

    /// Waits until the models answer.
    pub(crate) async fn ready(&self) {
        self.health_until(|status, _| status == StatusCode::OK).await;
    }

    /// Asks for the health until it is as wanted.
    pub(crate) async fn health_until(&self, wanted: impl Fn(StatusCode, &Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let (status, body) = self.get("/health").await;
                if wanted(status, &body) {
                    return body;
                }
                last = body;
                tokio::task::yield_now().await;
            }
        });
        found.await.unwrap_or_else(|_elapsed| panic!("the health stayed {last}"))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let response = self.client.get(format!("{}{path}", self.address)).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(format!("{}{path}", self.address)).json(body).send().await.unwrap()
    }

    /// A chat request that has to succeed.
    pub(crate) async fn chat(&self, body: Value) -> Value {
        let response = self.post("/v1/chat/completions", &body).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// A chat request that has to fail, and how.
    pub(crate) async fn refused(&self, body: Value) -> (u16, String) {
        let response = self.post("/v1/chat/completions", &body).await;
        let status = response.status().as_u16();
        let answer: Value = response.json().await.unwrap();
        let code = answer["error"]["code"].as_str().unwrap_or_else(|| panic!("{status}: {answer}"));
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty());
        (status, code.to_owned())
    }

    /// A streamed chat request: the data of its events.
    pub(crate) async fn stream(&self, mut body: Value) -> Vec<String> {
        body["stream"] = json!(true);
        let response = self.post("/v1/chat/completions", &body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let text = response.text().await.unwrap();
        text.split("\n\n").filter_map(|it| it.strip_prefix("data: ")).map(str::to_owned).collect()
    }
}

/// A request of one message.
pub(crate) fn ask(question: &str, extra: Value) -> Value {
    let mut body = json!({"model": "small", "messages": [{"role": "user", "content": question}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    body
}

/// The text of a whole answer.
pub(crate) fn content(answer: &Value) -> &str {
    answer["choices"][0]["message"]["content"].as_str().unwrap()
}

/// How many tokens of the prompt were kept from before.
pub(crate) fn cached_tokens(answer: &Value) -> u64 {
    answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap()
}

/// How likely a choice is as a whole: `logprob` or `allowed_logprob`.
pub(crate) fn likelihood(choice: &Value, kind: &str) -> f64 {
    choice["likelihood"][kind].as_f64().unwrap_or_else(|| panic!("{choice} has no likelihood"))
}
