//! Refusals and failures: `{"error": {"message", "type", "param", "code"}}`, which OpenAI clients turn into exceptions.

use std::time::Duration;

use serde::Serialize;

use crate::engine::{EngineError, GrammarError, PromptError, Refusal};

/// An answer that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status it travels under.
    pub status: u16,
    /// The field at fault, where there is one.
    pub param: Option<String>,
    /// Stable; clients may match on it.
    pub code: &'static str,
    pub message: String,
    pub retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct Body<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: &'static str,
}

impl ApiError {
    /// The request is at fault, in this field.
    pub(crate) fn invalid(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::new(400, code, message) }
    }

    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, param: None, code, message: message.into(), retry_after: None }
    }

    /// As JSON text.
    #[must_use]
    pub fn body(&self) -> String {
        let error = Inner {
            message: &self.message,
            r#type: self.kind(),
            param: self.param.as_deref(),
            code: self.code,
        };
        serde_json::to_string(&Body { error }).unwrap_or_default()
    }

    /// `Retry-After` in whole seconds, rounded up.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after.map(|it| it.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
    }

    fn kind(&self) -> &'static str {
        match self.status {
            401 => "authentication_error",
            429 => "rate_limit_error",
            504 => "timeout_error",
            400..500 => "invalid_request_error",
            _ => "server_error",
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Full { retry_after } => {
                Self { retry_after: Some(retry_after), ..Self::new(429, "queue_full", message) }
            }
            Refusal::Loading => {
                Self { retry_after: Some(Duration::from_secs(2)), ..Self::new(503, "model_loading", message) }
            }
            Refusal::Failed { .. } => Self::new(503, "model_unavailable", message),
        }
    }
}

impl From<EngineError> for ApiError {
    fn from(cause: EngineError) -> Self {
        let message = cause.to_string();
        match cause {
            EngineError::Prompt(PromptError::Null | PromptError::Template(_)) => {
                Self::invalid("messages", "invalid_messages", message)
            }
            EngineError::Grammar(GrammarError::UnusableSchema) => {
                Self::invalid("response_format", "invalid_json_schema", message)
            }
            EngineError::Grammar(_) => Self::invalid("grammar", "invalid_grammar", message),
            EngineError::PromptTooLong { .. } => {
                Self::invalid("messages", "context_length_exceeded", message)
            }
            EngineError::NoRoom { .. } => Self::invalid("max_tokens", "context_length_exceeded", message),
            EngineError::Deadline => Self::new(504, "deadline_exceeded", message),
            EngineError::DeadEnd => Self::invalid("grammar", "grammar_dead_end", message),
            EngineError::Unfit(n) => {
                Self::invalid(&format!("candidates.{n}"), "candidate_not_in_grammar", message)
            }
            EngineError::Evaluation(_) => Self::new(500, "evaluation_failed", message),
            EngineError::Cancelled => Self::new(503, "shutting_down", "the server is shutting down"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_shape_clients_expect() {
        let error = ApiError::from(EngineError::Grammar(GrammarError::Unparsable));
        let body: serde_json::Value = serde_json::from_str(&error.body()).unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(body["error"]["code"], "invalid_grammar");
        assert_eq!(body["error"]["param"], "grammar");
        assert!(body["error"]["message"].as_str().unwrap().contains("root"));
    }

    #[test]
    fn a_full_queue_says_when_to_come_back_in_whole_seconds() {
        let error = ApiError::from(Refusal::Full { retry_after: Duration::from_millis(1_200) });
        assert_eq!((error.status, error.retry_after_seconds()), (429, Some(2)));
    }
}
