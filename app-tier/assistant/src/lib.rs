//! The client of the ai-tier: it sends a prompt and a grammar, and gets a line back with how sure the model was.
//!
//! Deliberately knows no catalog and sees no row: what a line means, and whether it may be believed, `domain` and `app`
//! decide. Every call has a deadline. Servers differ in the name of the grammar field; which one this is, is found out
//! once by a question whose answer only the grammar can bring about.

use std::{sync::Arc, time::Duration};

use contract::health::AiHealth;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// Where the ai-tier is.
#[derive(Debug, Clone)]
pub struct AssistantConfig {
    /// Without a path: `http://127.0.0.1:11434`.
    pub url: String,
    pub api_key: Option<SecretString>,
    /// The `model` of requests.
    pub model: String,
    /// For one reading.
    pub timeout: Duration,
}

/// The name of the grammar field at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `grammar`: skydesk-ai, llama-server, llama-cpp-python.
    Grammar,
    /// `structured_outputs.grammar`: vLLM, which ignores the other one silently.
    StructuredOutputs,
}

impl Dialect {
    const ALL: [Dialect; 2] = [Dialect::Grammar, Dialect::StructuredOutputs];

    /// For `/api/ai/health`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Grammar => "grammar",
            Dialect::StructuredOutputs => "structured_outputs",
        }
    }
}

/// Why there is no reading.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssistantError {
    #[error("the language model does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the language model is busy")]
    Busy { retry_after: Option<Duration> },
    #[error("the language model keeps to no grammar")]
    NoGrammar,
    #[error("the language model's server refuses the request: {0}")]
    Refused(String),
    #[error("the language model's server sends something unknown")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The same for every question, so that the server can keep what it made of it.
    pub instructions: &'a str,
    pub question: &'a str,
    /// GBNF with the rule `root`.
    pub grammar: &'a str,
    pub max_tokens: u32,
}

/// What the model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub text: String,
    /// The geometric mean of the tokens' probabilities; 0 when the server tells none.
    pub confidence: f64,
    pub prompt_tokens: u32,
    /// Of the prompt, those that the server had kept.
    pub cached_tokens: u32,
    pub written_tokens: u32,
}

/// The ai-tier. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Assistant(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    config: AssistantConfig,
    dialect: OnceCell<Dialect>,
}

impl Assistant {
    /// Calls nobody: the ai-tier may start later, or never.
    ///
    /// # Errors
    /// The machine has no usable TLS set-up.
    pub fn new(config: AssistantConfig) -> Result<Self, AssistantError> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(1))
            .timeout(config.timeout)
            .build()
            .map_err(|error| AssistantError::Unavailable(error.into()))?;
        Ok(Self(Arc::new(Inner { http, config, dialect: OnceCell::new() })))
    }

    /// Whether it can be asked, for people. Never an error.
    pub async fn health(&self) -> AiHealth {
        let down =
            |detail: String| AiHealth { available: false, model: None, dialect: None, detail: Some(detail) };
        match self.models().await {
            Err(error) => down(error.to_string()),
            Ok(models) => match self.dialect().await {
                Err(error) => down(error.to_string()),
                Ok(dialect) => AiHealth {
                    available: true,
                    model: models.into_iter().next(),
                    dialect: Some(dialect.name().to_owned()),
                    detail: None,
                },
            },
        }
    }

    /// Writes one line in the grammar.
    ///
    /// # Errors
    /// See [`AssistantError`]. A line that was cut off is [`AssistantError::Unreadable`].
    pub async fn write(&self, task: Task<'_>) -> Result<Written, AssistantError> {
        let dialect = self.dialect().await?;
        self.ask(dialect, task).await
    }

    async fn models(&self) -> Result<Vec<String>, AssistantError> {
        #[derive(Deserialize)]
        struct Models {
            data: Vec<Model>,
        }
        #[derive(Deserialize)]
        struct Model {
            id: String,
        }
        let request =
            self.authorised(self.0.http.get(self.url("/v1/models"))).timeout(Duration::from_secs(2));
        let models: Models = answer(request).await?;
        Ok(models.data.into_iter().map(|it| it.id).collect())
    }

    async fn dialect(&self) -> Result<Dialect, AssistantError> {
        self.0.dialect.get_or_try_init(|| self.probe()).await.copied()
    }

    /// No model says this word of its own accord.
    async fn probe(&self) -> Result<Dialect, AssistantError> {
        const WORD: &str = "zq7";
        let grammar = format!("root ::= \"{WORD}\"");
        let task = Task {
            instructions: "Answer with yes.",
            question: "Are you there?",
            grammar: &grammar,
            max_tokens: 16,
        };
        for dialect in Dialect::ALL {
            match self.ask(dialect, task).await {
                Ok(written) if written.text.trim() == WORD => {
                    tracing::info!("The language model's server takes grammars as {}", dialect.name());
                    return Ok(dialect);
                }
                Ok(_) | Err(AssistantError::Refused(_) | AssistantError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(AssistantError::NoGrammar)
    }

    async fn ask(&self, dialect: Dialect, task: Task<'_>) -> Result<Written, AssistantError> {
        let mut body = json!({
            "model": self.0.config.model,
            "messages": [{"role": "system", "content": task.instructions}, {"role": "user", "content": task.question}],
            "max_tokens": task.max_tokens,
            "temperature": 0,
            "logprobs": true,
        });
        if let Value::Object(fields) = &mut body {
            match dialect {
                Dialect::Grammar => fields.insert("grammar".to_owned(), json!(task.grammar)),
                Dialect::StructuredOutputs => {
                    fields.insert("structured_outputs".to_owned(), json!({"grammar": task.grammar}))
                }
            };
        }
        let request = self.authorised(self.0.http.post(self.url("/v1/chat/completions"))).json(&body);
        let completion: Completion = answer(request).await?;
        completion.written()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.config.url.trim_end_matches('/'))
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.0.config.api_key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }
}

async fn answer<T: serde::de::DeserializeOwned>(
    request: reqwest::RequestBuilder,
) -> Result<T, AssistantError> {
    let response = request.send().await.map_err(|error| AssistantError::Unavailable(error.into()))?;
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|it| it.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Err(AssistantError::Busy { retry_after }),
        status if status.is_success() => {
            response.json().await.map_err(|error| AssistantError::Unreadable(error.into()))
        }
        status if status.is_client_error() => {
            let text: String = response.text().await.unwrap_or_default().chars().take(200).collect();
            Err(AssistantError::Refused(format!("{status} {text}")))
        }
        status => Err(AssistantError::Unavailable(status.to_string().into())),
    }
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
    #[serde(default)]
    logprobs: Option<LogProbs>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

#[derive(Deserialize)]
struct LogProbs {
    content: Option<Vec<TokenProb>>,
}

#[derive(Deserialize)]
struct TokenProb {
    logprob: f64,
}

#[derive(Default, Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: u32,
}

impl Completion {
    fn written(self) -> Result<Written, AssistantError> {
        let choice = self
            .choices
            .into_iter()
            .next()
            .ok_or_else(|| AssistantError::Unreadable("there is no choice".into()))?;
        if choice.finish_reason.as_deref() == Some("length") {
            return Err(AssistantError::Unreadable("the line was cut off".into()));
        }
        let tokens = choice.logprobs.and_then(|it| it.content).unwrap_or_default();
        let mean = tokens.iter().map(|it| it.logprob).sum::<f64>()
            / f64::from(u32::try_from(tokens.len().max(1)).unwrap_or(u32::MAX));
        Ok(Written {
            text: choice.message.content.unwrap_or_default(),
            confidence: if tokens.is_empty() { 0.0 } else { mean.exp().clamp(0.0, 1.0) },
            prompt_tokens: self.usage.prompt_tokens,
            cached_tokens: self.usage.prompt_tokens_details.map_or(0, |it| it.cached_tokens),
            written_tokens: self.usage.completion_tokens,
        })
    }
}

#[cfg(test)]
mod tests {
    use wiremock::{
        Mock, MockServer, Request, ResponseTemplate,
        matchers::{method, path},
    };

    use super::*;

    fn assistant(server: &MockServer) -> Assistant {
        assistant_at(server.uri())
    }

    fn assistant_at(url: String) -> Assistant {
        let config = AssistantConfig {
            url,
            api_key: Some(SecretString::from("k")),
            model: "small".into(),
            timeout: Duration::from_secs(2),
        };
        Assistant::new(config).unwrap()
    }

    const TASK: Task<'static> =
        Task { instructions: "i", question: "q", grammar: "root ::= \"count\"", max_tokens: 8 };

    /// A server that obeys grammars under `field` and otherwise says yes.
    async fn server_obeying(field: &'static str) -> MockServer {
        let server = MockServer::start().await;
        let obey = move |request: &Request| {
            let body: Value = request.body_json().unwrap();
            let grammar = match field {
                "grammar" => &body["grammar"],
                "structured_outputs" => &body["structured_outputs"]["grammar"],
                _ => &Value::Null,
            };
            let text = grammar
                .as_str()
                .map_or("yes", |it| it.trim_start_matches("root ::= \"").trim_end_matches('"'));
            ResponseTemplate::new(200).set_body_json(json!({
                "choices": [{"message": {"content": text}, "finish_reason": "stop",
                    "logprobs": {"content": [{"logprob": -0.5}, {"logprob": -1.5}]}}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 7}}}))
        };
        Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(obey).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn the_dialect_is_found_by_who_obeys() {
        for field in ["grammar", "structured_outputs"] {
            let server = server_obeying(field).await;
            let assistant = assistant(&server);
            let written = assistant.write(TASK).await.unwrap();
            assert_eq!(written.text, "count");
            assert!((written.confidence - (-1.0_f64).exp()).abs() < 1e-9);
            assert_eq!((written.prompt_tokens, written.cached_tokens, written.written_tokens), (9, 7, 2));
            assert_eq!(assistant.dialect().await.unwrap().name(), field);
        }
    }

    #[tokio::test]
    async fn a_server_without_grammar_is_not_used() {
        let server = server_obeying("neither").await;
        assert!(matches!(assistant(&server).write(TASK).await, Err(AssistantError::NoGrammar)));
    }

    #[tokio::test]
    async fn busy_and_away_are_told_apart() {
        let server = MockServer::start().await;
        let busy = ResponseTemplate::new(429).insert_header("retry-after", "3");
        Mock::given(method("POST")).respond_with(busy).mount(&server).await;
        let error = assistant(&server).write(TASK).await.unwrap_err();
        assert!(matches!(error, AssistantError::Busy { retry_after: Some(it) } if it.as_secs() == 3));
        assert!(!assistant(&server).health().await.available);

        // Nobody listens where a listener has been.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let away = assistant_at(format!("http://{address}"));
        assert!(matches!(away.write(TASK).await, Err(AssistantError::Unavailable(_))));
        assert!(!away.health().await.available);
    }

    #[tokio::test]
    async fn a_line_that_was_cut_off_is_not_read() {
        let server = server_obeying("grammar").await;
        let assistant = assistant(&server);
        assistant.write(TASK).await.unwrap();
        server.reset().await;
        let cut = json!({"choices": [{"message": {"content": "cou"}, "finish_reason": "length"}]});
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(200).set_body_json(cut))
            .mount(&server)
            .await;
        assert!(matches!(assistant.write(TASK).await, Err(AssistantError::Unreadable(_))));
    }

    #[tokio::test]
    async fn health_names_the_model() {
        let server = server_obeying("structured_outputs").await;
        let models = json!({"data": [{"id": "small-1"}]});
        Mock::given(method("GET"))
            .and(path("/v1/models"))
            .respond_with(ResponseTemplate::new(200).set_body_json(models))
            .mount(&server)
            .await;
        let health = assistant(&server).health().await;
        assert!(health.available);
        assert_eq!(health.model.as_deref(), Some("small-1"));
        assert_eq!(health.dialect.as_deref(), Some("structured_outputs"));
    }
}
