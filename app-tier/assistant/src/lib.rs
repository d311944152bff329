//! The client of the ai-tier: it sends a prompt and a grammar, and gets a line back with how sure the model was.
//!
//! Deliberately knows no catalog and sees no row: what a line means, and whether it may be believed, `domain` and `app`
//! decide. Every call has a deadline. Servers differ in the name of the grammar field, and some tell no probabilities;
//! what this one does, is found out once by a question whose answer only the grammar can bring about. Only `skydesk-ai`
//! tells rivals and judges lines that it did not write; with any other server there are none.

mod wire;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use contract::health::AiHealth;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use wire::{Completion, Fingerprint};

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
    #[error("the language model's server fails: {0}")]
    Failed(StatusCode),
    #[error("the language model keeps to no grammar")]
    NoGrammar,
    #[error("the language model's server judges nothing that it did not write")]
    NoJudgement,
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
    /// So many other lines are to be told besides the likeliest, where there are any. Each costs its tokens.
    pub rivals: u32,
}

/// What the model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub text: String,
    /// The line's part in everything that the grammar allows, from 0 to 1. Where the server does not tell, the geometric
    /// mean of the probabilities of the tokens that it asked the model for; 0 when it tells none of these either.
    pub confidence: f64,
    /// Other lines that the model might as well have written, the likeliest first. Those that are twenty times less
    /// likely are none.
    pub rivals: Vec<Judged>,
    pub prompt_tokens: u32,
    /// Of the prompt, those that the server had kept.
    pub cached_tokens: u32,
    pub written_tokens: u32,
}

/// A line and how likely the model holds it to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub text: String,
    /// Its part in everything that the grammar allows, from 0 to 1.
    pub share: f64,
    /// The same without the grammar, as a natural logarithm: how much the line is what the model would say anyway.
    pub logprob: f64,
}

/// For what needs no reading.
const SOON: Duration = Duration::from_secs(2);
/// No model says this of its own accord.
const WORD: &str = "zq7";
const ROLL_CALL: Task<'static> = Task {
    instructions: "Answer with yes.",
    question: "Are you there?",
    grammar: "root ::= \"zq7\"",
    max_tokens: 16,
    rivals: 0,
};

/// The ai-tier. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Assistant {
    inner: Arc<Inner>,
    model: Arc<str>,
    timeout: Duration,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    config: AssistantConfig,
    manners: OnceCell<Manners>,
    /// It wrote a line of its own when it was to judge others; it is not asked for that again.
    judges_nothing: AtomicBool,
}

/// What the server at the other end understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Manners {
    dialect: Dialect,
    /// Some servers fail when they are asked for probabilities that they were not started for.
    tells_logprobs: bool,
}

impl Manners {
    /// In the order of trying.
    const ALL: [Manners; 4] = [
        Manners { dialect: Dialect::Grammar, tells_logprobs: true },
        Manners { dialect: Dialect::StructuredOutputs, tells_logprobs: true },
        Manners { dialect: Dialect::Grammar, tells_logprobs: false },
        Manners { dialect: Dialect::StructuredOutputs, tells_logprobs: false },
    ];
}

impl Assistant {
    /// Calls nobody: the ai-tier may start later, or never.
    ///
    /// # Errors
    /// The machine has no usable TLS set-up.
    pub fn new(config: AssistantConfig) -> Result<Self, AssistantError> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(1))
            .build()
            .map_err(|error| AssistantError::Unavailable(error.into()))?;
        let (model, timeout) = (config.model.as_str().into(), config.timeout);
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                config,
                manners: OnceCell::new(),
                judges_nothing: AtomicBool::new(false),
            }),
            model,
            timeout,
        })
    }

    /// The same server, asked for another of its models, which has so much time for a reading.
    #[must_use]
    pub fn with_model(&self, model: &str, timeout: Duration) -> Self {
        Self { inner: Arc::clone(&self.inner), model: model.into(), timeout }
    }

    /// The name of the model that is asked.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether it can be asked, for people. Never an error.
    pub async fn health(&self) -> AiHealth {
        let down =
            |detail: String| AiHealth { available: false, model: None, dialect: None, detail: Some(detail) };
        match self.models().await {
            Err(error) => down(error.to_string()),
            Ok(models) => match self.manners().await {
                Err(error) => down(error.to_string()),
                Ok(manners) => AiHealth {
                    available: true,
                    model: models.into_iter().next(),
                    dialect: Some(manners.dialect.name().to_owned()),
                    detail: None,
                },
            },
        }
    }

    /// What changes with the weights of the model that is asked; its name where the server does not tell. `None`: it cannot
    /// be asked, or has no time.
    pub async fn fingerprint(&self) -> Option<String> {
        let body = self.body(self.manners().await.ok()?, ROLL_CALL);
        let told: Fingerprint = answer(self.completions().timeout(SOON).json(&body)).await.ok()?;
        Some(told.system_fingerprint.unwrap_or_else(|| self.model().to_owned()))
    }

    /// Writes one line in the grammar.
    ///
    /// # Errors
    /// See [`AssistantError`]. A line that was cut off is [`AssistantError::Unreadable`].
    pub async fn write(&self, task: Task<'_>) -> Result<Written, AssistantError> {
        let manners = self.manners().await?;
        self.ask(manners, task).await
    }

    /// How likely the model holds each of these lines to be the answer. Nothing is written.
    ///
    /// # Errors
    /// See [`AssistantError`]. A line that the grammar does not allow is [`AssistantError::Refused`].
    pub async fn judge(&self, task: Task<'_>, lines: &[&str]) -> Result<Vec<Judged>, AssistantError> {
        if self.inner.judges_nothing.load(Ordering::Relaxed) {
            return Err(AssistantError::NoJudgement);
        }
        let manners = self.manners().await?;
        let mut body = self.body(manners, task);
        set(&mut body, "candidates", json!(lines));
        // A server that ignores the field writes one line instead, which is not worth much waiting.
        set(&mut body, "rivals", json!(0));
        let completion: Completion = answer(self.completions().json(&body)).await?;
        let judged = completion.judged();
        let is_whole =
            judged.len() == lines.len() && judged.iter().zip(lines).all(|(it, line)| it.text == *line);
        if is_whole {
            return Ok(judged);
        }
        self.inner.judges_nothing.store(true, Ordering::Relaxed);
        Err(AssistantError::NoJudgement)
    }

    /// The models that the server has, by the names under which requests ask for them.
    ///
    /// # Errors
    /// See [`AssistantError`].
    pub async fn models(&self) -> Result<Vec<String>, AssistantError> {
        #[derive(Deserialize)]
        struct Models {
            data: Vec<Model>,
        }
        #[derive(Deserialize)]
        struct Model {
            id: String,
        }
        let request = self.authorised(self.inner.http.get(self.url("/v1/models"))).timeout(SOON);
        let models: Models = answer(request).await?;
        Ok(models.data.into_iter().map(|it| it.id).collect())
    }

    async fn manners(&self) -> Result<Manners, AssistantError> {
        self.inner.manners.get_or_try_init(|| self.probe()).await.copied()
    }

    /// Asks for a word that only the grammar can bring about.
    async fn probe(&self) -> Result<Manners, AssistantError> {
        let mut outcome = AssistantError::NoGrammar;
        for manners in Manners::ALL {
            match self.ask(manners, ROLL_CALL).await {
                Ok(written) if written.text.trim() == WORD => {
                    let name = manners.dialect.name();
                    tracing::info!(
                        logprobs = manners.tells_logprobs,
                        "The model's server takes grammars as {name}"
                    );
                    return Ok(manners);
                }
                Ok(_) | Err(AssistantError::Refused(_) | AssistantError::Unreadable(_)) => {}
                // It may fail at the one field and not at the other.
                Err(error @ AssistantError::Failed(StatusCode::INTERNAL_SERVER_ERROR)) => outcome = error,
                Err(error) => return Err(error),
            }
        }
        Err(outcome)
    }

    async fn ask(&self, manners: Manners, task: Task<'_>) -> Result<Written, AssistantError> {
        let request = self.completions().json(&self.body(manners, task));
        let completion: Completion = answer(request).await?;
        completion.written()
    }

    fn body(&self, manners: Manners, task: Task<'_>) -> Value {
        let mut body = json!({
            "model": &*self.model,
            "messages": [{"role": "system", "content": task.instructions}, {"role": "user", "content": task.question}],
            "max_tokens": task.max_tokens,
            "temperature": 0,
            "rivals": task.rivals,
        });
        if manners.tells_logprobs {
            set(&mut body, "logprobs", json!(true));
            // llama-cpp-python's server tells nothing without.
            set(&mut body, "top_logprobs", json!(1));
        }
        match manners.dialect {
            Dialect::Grammar => set(&mut body, "grammar", json!(task.grammar)),
            Dialect::StructuredOutputs => {
                set(&mut body, "structured_outputs", json!({"grammar": task.grammar}));
            }
        }
        body
    }

    fn completions(&self) -> reqwest::RequestBuilder {
        self.authorised(self.inner.http.post(self.url("/v1/chat/completions"))).timeout(self.timeout)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.inner.config.url.trim_end_matches('/'))
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.inner.config.api_key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }
}

fn set(body: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = body {
        fields.insert(name.to_owned(), value);
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
    let status = response.status();
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(AssistantError::Busy { retry_after }),
        status if status.is_success() => {
            response.json().await.map_err(|error| AssistantError::Unreadable(error.into()))
        }
        status if status.is_client_error() => {
            let text: String = response.text().await.unwrap_or_default().chars().take(200).collect();
            Err(AssistantError::Refused(format!("{status} {text}")))
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Err(AssistantError::Unavailable(status.to_string().into()))
        }
        status => Err(AssistantError::Failed(status)),
    }
}

#[cfg(test)]
mod tests;
