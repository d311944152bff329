//! What clients ask for.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::ApiError;
use crate::engine::{Constraint, Message, Request, Role};

/// OpenAI's own limit.
const MAX_STOPS: usize = 4;
const MAX_STOP_BYTES: usize = 256;
/// OpenAI's own limit.
const MAX_ALTERNATIVES: usize = 20;
/// Plans to choose from, or one to judge.
const MAX_CANDIDATES: usize = 16;
const MAX_CANDIDATE_BYTES: usize = 2048;
/// More readings than anybody wants to choose from.
const MAX_RIVALS: usize = 4;
/// A conversation of more turns does not fit the contexts that this tier runs.
const MAX_MESSAGES: usize = 64;

/// The body of `POST /v1/chat/completions`.
#[derive(Debug, Deserialize)]
pub struct ChatRequest {
    /// `small`, `large`, or the name of a model file. None: the first model there is.
    pub model: Option<String>,
    messages: Vec<WireMessage>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    /// Checked and then ignored: decoding is greedy.
    temperature: Option<f32>,
    /// A GBNF grammar, as llama-server takes it.
    grammar: Option<String>,
    response_format: Option<ResponseFormat>,
    #[serde(default)]
    logprobs: Option<bool>,
    top_logprobs: Option<usize>,
    stop: Option<OneOrMany>,
    #[serde(default)]
    pub stream: bool,
    stream_options: Option<StreamOptions>,
    /// An extension: nothing is written; each of these texts comes back as a choice with its likelihood as the answer.
    #[serde(default)]
    candidates: Vec<String>,
    /// An extension: so many readings besides the answer come back as further choices, the likeliest first, where there
    /// are any that are not twenty times less likely.
    #[serde(default)]
    rivals: usize,
    /// An extension: give up after so many milliseconds, at most the server's own limit.
    deadline_ms: Option<u64>,
    n: Option<u32>,
    tools: Option<Vec<Value>>,
    functions: Option<Vec<Value>>,
    logit_bias: Option<serde_json::Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct WireMessage {
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    r#type: String,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Debug, Deserialize)]
struct ResponseFormat {
    r#type: String,
    json_schema: Option<NamedSchema>,
    /// Where llama-server's own clients put it.
    schema: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct NamedSchema {
    schema: Option<Value>,
}

impl ChatRequest {
    /// Whether a stream ends with a chunk that carries the usage.
    #[must_use]
    pub fn wants_usage_in_stream(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|it| it.include_usage)
    }

    /// What the engine is to do.
    ///
    /// # Errors
    ///
    /// The first field that cannot be honoured, by name.
    pub fn into_engine_request(self, limit: Duration) -> Result<Request, ApiError> {
        self.refuse_unsupported()?;
        self.refuse_conflicts()?;
        let constraint = self.constraint()?;
        let logprobs = self.logprobs_wanted()?;
        let max_tokens = match self.max_completion_tokens.or(self.max_tokens) {
            Some(0) => {
                return Err(ApiError::invalid("max_tokens", "invalid_value", "max_tokens is at least 1"));
            }
            it => it,
        };
        let time = self.deadline_ms.map_or(limit, |it| Duration::from_millis(it).min(limit));
        Ok(Request {
            messages: read_messages(self.messages)?,
            constraint,
            candidates: self.candidates,
            rivals: self.rivals,
            max_tokens,
            stop: read_stops(self.stop)?,
            logprobs,
            deadline: Instant::now() + time,
        })
    }

    fn refuse_unsupported(&self) -> Result<(), ApiError> {
        let unsupported =
            |param: &str, why: &str| Err(ApiError::invalid(param, "unsupported_parameter", why));
        if self.n.is_some_and(|it| it != 1) {
            return unsupported(
                "n",
                "decoding is greedy, all would be the same; `rivals` asks for other readings",
            );
        }
        if self.tools.as_ref().is_some_and(|it| !it.is_empty()) {
            return unsupported(
                "tools",
                "this server runs no tools; bind the answer by `grammar` or `response_format`",
            );
        }
        if self.functions.as_ref().is_some_and(|it| !it.is_empty()) {
            return unsupported("functions", "this server calls no functions; bind the answer by `grammar`");
        }
        if self.logit_bias.as_ref().is_some_and(|it| !it.is_empty()) {
            return unsupported("logit_bias", "decoding is greedy and unbiased");
        }
        if self.temperature.is_some_and(|it| !(0.0..=2.0).contains(&it)) {
            return Err(ApiError::invalid(
                "temperature",
                "invalid_value",
                "temperature is from 0 to 2; whatever it is, decoding is greedy",
            ));
        }
        Ok(())
    }

    fn refuse_conflicts(&self) -> Result<(), ApiError> {
        let fit = |it: &String| (1..=MAX_CANDIDATE_BYTES).contains(&it.len());
        if self.candidates.len() > MAX_CANDIDATES || !self.candidates.iter().all(fit) {
            let why = format!("at most {MAX_CANDIDATES} texts of 1 to {MAX_CANDIDATE_BYTES} bytes");
            return Err(ApiError::invalid("candidates", "invalid_value", why));
        }
        if self.rivals > MAX_RIVALS {
            let why = format!("rivals is from 0 to {MAX_RIVALS}");
            return Err(ApiError::invalid("rivals", "invalid_value", why));
        }
        let conflict = |param, why| Err(ApiError::invalid(param, "conflicting_parameters", why));
        if self.rivals > 0 && !self.candidates.is_empty() {
            return conflict("rivals", "candidates are judged, so nothing is written that could have rivals");
        }
        if self.stream && (self.rivals > 0 || !self.candidates.is_empty()) {
            return conflict("stream", "one answer is streamed; rivals and candidates come whole");
        }
        Ok(())
    }

    fn constraint(&self) -> Result<Option<Constraint>, ApiError> {
        let format = self.response_format.as_ref().map(ResponseFormat::constraint).transpose()?.flatten();
        match (&self.grammar, format) {
            (Some(_), Some(_)) => Err(ApiError::invalid(
                "grammar",
                "conflicting_parameters",
                "give either `grammar` or a `response_format` that binds the answer",
            )),
            (Some(gbnf), None) => Ok(Some(Constraint::Gbnf(gbnf.clone()))),
            (None, format) => Ok(format),
        }
    }

    fn logprobs_wanted(&self) -> Result<Option<usize>, ApiError> {
        match (self.logprobs.unwrap_or(false), self.top_logprobs) {
            (_, Some(n)) if n > MAX_ALTERNATIVES => Err(ApiError::invalid(
                "top_logprobs",
                "invalid_value",
                format!("top_logprobs is from 0 to {MAX_ALTERNATIVES}"),
            )),
            (false, Some(n)) if n > 0 => Err(ApiError::invalid(
                "top_logprobs",
                "conflicting_parameters",
                "top_logprobs needs `logprobs: true`",
            )),
            (true, n) => Ok(Some(n.unwrap_or(0))),
            (false, _) => Ok(None),
        }
    }
}

impl ResponseFormat {
    fn constraint(&self) -> Result<Option<Constraint>, ApiError> {
        let own = self.json_schema.as_ref().and_then(|it| it.schema.as_ref()).or(self.schema.as_ref());
        match (self.r#type.as_str(), own) {
            ("text", _) => Ok(None),
            ("json_schema" | "json_object", Some(schema)) => {
                Ok(Some(Constraint::JsonSchema(schema.to_string())))
            }
            ("json_object", None) => Ok(Some(Constraint::JsonObject)),
            ("json_schema", None) => Err(ApiError::invalid(
                "response_format.json_schema.schema",
                "missing_parameter",
                "response_format `json_schema` needs a schema",
            )),
            (other, _) => Err(ApiError::invalid(
                "response_format.type",
                "invalid_value",
                format!("response_format is `text`, `json_object` or `json_schema`, not `{other}`"),
            )),
        }
    }
}

fn read_messages(messages: Vec<WireMessage>) -> Result<Vec<Message>, ApiError> {
    if messages.is_empty() || messages.len() > MAX_MESSAGES {
        let why = format!("between 1 and {MAX_MESSAGES} messages are read, these are {}", messages.len());
        return Err(ApiError::invalid("messages", "invalid_value", why));
    }
    messages.into_iter().enumerate().map(|(at, it)| read_message(at, it)).collect()
}

fn read_message(at: usize, message: WireMessage) -> Result<Message, ApiError> {
    let role = match message.role.as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => {
            let why = format!("role is `system`, `user` or `assistant`, not `{other}`");
            return Err(ApiError::invalid(&format!("messages.{at}.role"), "invalid_value", why));
        }
    };
    let content = match message.content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => join_parts(at, parts)?,
        None => {
            return Err(ApiError::invalid(
                &format!("messages.{at}.content"),
                "missing_parameter",
                "no content",
            ));
        }
    };
    Ok(Message { role, content })
}

fn join_parts(at: usize, parts: Vec<Part>) -> Result<String, ApiError> {
    let mut text = String::new();
    for part in parts {
        match (part.r#type.as_str(), part.text) {
            ("text", Some(piece)) => text.push_str(&piece),
            (other, _) => {
                let why = format!("only parts of type `text` are read, not `{other}`");
                return Err(ApiError::invalid(
                    &format!("messages.{at}.content"),
                    "unsupported_parameter",
                    why,
                ));
            }
        }
    }
    Ok(text)
}

fn read_stops(stop: Option<OneOrMany>) -> Result<Vec<String>, ApiError> {
    let stops = match stop {
        None => Vec::new(),
        Some(OneOrMany::One(it)) => vec![it],
        Some(OneOrMany::Many(them)) => them,
    };
    if stops.len() > MAX_STOPS || stops.iter().any(|it| it.len() > MAX_STOP_BYTES) {
        let why = format!("at most {MAX_STOPS} stop sequences of at most {MAX_STOP_BYTES} bytes");
        return Err(ApiError::invalid("stop", "invalid_value", why));
    }
    Ok(stops)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(extra: Value) -> Result<Request, ApiError> {
        let mut body = json!({"messages": [{"role": "user", "content": "hi"}]});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        serde_json::from_value::<ChatRequest>(body).unwrap().into_engine_request(Duration::from_secs(30))
    }

    fn refused(extra: Value) -> (String, &'static str) {
        let error = read(extra).unwrap_err();
        assert_eq!(error.status, 400);
        (error.param.unwrap(), error.code)
    }

    #[test]
    fn a_bare_request_is_free_text_without_a_limit_of_its_own() {
        let request = read(json!({})).unwrap();
        assert_eq!((request.constraint, request.max_tokens, request.logprobs), (None, None, None));
    }

    #[test]
    fn both_names_of_the_token_limit_are_read_the_newer_one_first() {
        assert_eq!(read(json!({"max_tokens": 5})).unwrap().max_tokens, Some(5));
        let both = json!({"max_tokens": 5, "max_completion_tokens": 6});
        assert_eq!(read(both).unwrap().max_tokens, Some(6));
        assert_eq!(refused(json!({"max_tokens": 0})).0, "max_tokens");
    }

    #[test]
    fn every_form_of_a_constraint_is_read() {
        let gbnf = read(json!({"grammar": "root ::= \"a\""})).unwrap().constraint;
        assert_eq!(gbnf, Some(Constraint::Gbnf("root ::= \"a\"".to_owned())));
        let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "null"}}});
        let schema = Some(Constraint::JsonSchema(r#"{"type":"null"}"#.to_owned()));
        assert_eq!(read(json!({"response_format": format})).unwrap().constraint, schema);
        let flat = json!({"type": "json_object", "schema": {"type": "null"}});
        assert_eq!(read(json!({"response_format": flat})).unwrap().constraint, schema);
        let object = json!({"response_format": {"type": "json_object"}});
        assert_eq!(read(object).unwrap().constraint, Some(Constraint::JsonObject));
        assert_eq!(read(json!({"response_format": {"type": "text"}})).unwrap().constraint, None);
    }

    #[test]
    fn what_would_change_the_meaning_is_refused_by_name() {
        assert_eq!(refused(json!({"n": 2})), ("n".to_owned(), "unsupported_parameter"));
        assert_eq!(refused(json!({"tools": [{}]})).0, "tools");
        assert_eq!(refused(json!({"functions": [{}]})).0, "functions");
        assert_eq!(refused(json!({"logit_bias": {"5": 1}})).0, "logit_bias");
        assert_eq!(refused(json!({"temperature": 3})).0, "temperature");
        assert_eq!(refused(json!({"top_logprobs": 21, "logprobs": true})).0, "top_logprobs");
        assert_eq!(
            refused(json!({"top_logprobs": 2})),
            ("top_logprobs".to_owned(), "conflicting_parameters")
        );
        assert_eq!(refused(json!({"stop": ["a", "b", "c", "d", "e"]})).0, "stop");
        let two = json!({"grammar": "root ::= \"a\"", "response_format": {"type": "json_object"}});
        assert_eq!(refused(two), ("grammar".to_owned(), "conflicting_parameters"));
        assert_eq!(refused(json!({"response_format": {"type": "xml"}})).0, "response_format.type");
        assert_eq!(refused(json!({"candidates": [""]})).0, "candidates");
        assert_eq!(refused(json!({"candidates": vec!["a"; 17]})).0, "candidates");
        assert_eq!(refused(json!({"rivals": 5})).0, "rivals");
        let both = json!({"rivals": 1, "candidates": ["a"]});
        assert_eq!(refused(both), ("rivals".to_owned(), "conflicting_parameters"));
        assert_eq!(refused(json!({"rivals": 1, "stream": true})).0, "stream");
        assert_eq!(refused(json!({"messages": []})).0, "messages");
        assert_eq!(refused(json!({"messages": [{"role": "tool", "content": ""}]})).0, "messages.0.role");
        let image = json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]});
        assert_eq!(refused(image).0, "messages.0.content");
    }

    #[test]
    fn text_parts_are_joined() {
        let parts = json!([{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]);
        let request = read(json!({"messages": [{"role": "developer", "content": parts}]})).unwrap();
        assert_eq!(request.messages[0].content, "one two");
        assert_eq!(request.messages[0].role, Role::System);
    }

    #[test]
    fn a_caller_can_shorten_the_deadline_but_not_lengthen_it() {
        let now = Instant::now();
        assert!(read(json!({"deadline_ms": 50})).unwrap().deadline < now + Duration::from_secs(1));
        assert!(read(json!({"deadline_ms": 9_000_000})).unwrap().deadline < now + Duration::from_secs(31));
    }
}
