//! What clients get: one completion object, or a stream of chunks.

use std::time::Duration;

use serde::Serialize;

use crate::engine::{Ended, Finish, Finished, Likelihood, Piece, Started, TokenLogprob};

/// What is the same in every chunk of an answer.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    pub model: String,
    /// Begins like the model file's checksum: two answers with the same one come from the same weights.
    pub fingerprint: String,
}

/// Answers being put together, one after the other.
#[derive(Debug)]
pub struct Answers {
    with_logprobs: bool,
    over: Vec<Choice>,
    text: String,
    logprobs: Vec<WireLogprob>,
}

#[derive(Debug, Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    system_fingerprint: &'a str,
    choices: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Timings>,
}

#[derive(Debug, Serialize)]
struct Choice {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<WireMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<Delta>,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    likelihood: Option<WireLikelihood>,
}

/// An extension: sums over the answer's tokens, its end included.
#[derive(Debug, Serialize)]
struct WireLikelihood {
    logprob: f32,
    allowed_logprob: f32,
}

#[derive(Debug, Serialize)]
struct WireMessage {
    role: &'static str,
    content: String,
    refusal: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

#[derive(Debug, Serialize)]
struct Logprobs {
    content: Vec<WireLogprob>,
    refusal: Option<String>,
}

#[derive(Debug, Serialize)]
struct WireLogprob {
    token: String,
    logprob: f32,
    /// An extension: among what the grammar lets through.
    allowed_logprob: f32,
    bytes: Vec<u8>,
    top_logprobs: Vec<Alternative>,
}

#[derive(Debug, Serialize)]
struct Alternative {
    token: String,
    logprob: f32,
    bytes: Vec<u8>,
}

#[derive(Debug, Serialize)]
struct Usage {
    prompt_tokens: usize,
    completion_tokens: usize,
    total_tokens: usize,
    prompt_tokens_details: PromptDetails,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: usize,
}

/// How long it took, without waiting in the queue.
#[derive(Debug, Serialize)]
struct Timings {
    prompt_ms: f64,
    predicted_ms: f64,
}

impl Answers {
    /// None yet.
    #[must_use]
    pub fn new(with_logprobs: bool) -> Self {
        Self { with_logprobs, over: Vec::new(), text: String::new(), logprobs: Vec::new() }
    }

    /// Adds a token's worth to the answer that is being written.
    pub fn push(&mut self, piece: Piece) {
        self.text.push_str(&piece.text);
        self.logprobs.extend(piece.logprob.map(WireLogprob::from));
    }

    /// The answer that is being written is over.
    pub fn end(&mut self, ended: Ended) {
        let content = std::mem::take(&mut self.text);
        let logprobs = std::mem::take(&mut self.logprobs);
        self.over.push(Choice {
            index: self.over.len(),
            message: Some(WireMessage { role: "assistant", content, refusal: None }),
            delta: None,
            logprobs: self.with_logprobs.then_some(Logprobs { content: logprobs, refusal: None }),
            finish_reason: Some(reason(ended.finish)),
            likelihood: ended.likelihood.map(WireLikelihood::from),
        });
    }

    /// The whole completion, as JSON text.
    #[must_use]
    pub fn into_body(self, envelope: &Envelope, started: Started, finished: Finished) -> String {
        let mut completion = envelope.completion("chat.completion", self.over);
        completion.usage = Some(Usage::of(started, finished));
        completion.timings = Some(Timings::of(finished));
        json(&completion)
    }
}

impl Envelope {
    /// The first chunk: who speaks.
    #[must_use]
    pub fn opening(&self) -> String {
        let delta = Delta { role: Some("assistant"), content: Some(String::new()) };
        json(&self.chunk(delta, None, None))
    }

    /// A chunk with a token's worth. None when there is nothing to tell yet.
    #[must_use]
    pub fn piece(&self, piece: Piece) -> Option<String> {
        if piece.text.is_empty() && piece.logprob.is_none() {
            return None;
        }
        let logprobs = piece.logprob.map(|it| Logprobs { content: vec![it.into()], refusal: None });
        let delta = Delta { role: None, content: Some(piece.text) };
        Some(json(&self.chunk(delta, logprobs, None)))
    }

    /// The chunk that says why the answer ended, and how likely it was.
    #[must_use]
    pub fn closing(&self, ended: Ended, finished: Finished) -> String {
        let mut chunk = self.chunk(Delta::default(), None, Some(ended));
        chunk.timings = Some(Timings::of(finished));
        json(&chunk)
    }

    /// The chunk that carries the usage, for clients that asked for it.
    #[must_use]
    pub fn usage(&self, started: Started, finished: Finished) -> String {
        let mut chunk = self.completion("chat.completion.chunk", Vec::new());
        chunk.usage = Some(Usage::of(started, finished));
        json(&chunk)
    }

    fn chunk(&self, delta: Delta, logprobs: Option<Logprobs>, ended: Option<Ended>) -> Completion<'_> {
        let choice = Choice {
            index: 0,
            message: None,
            delta: Some(delta),
            logprobs,
            finish_reason: ended.map(|it| reason(it.finish)),
            likelihood: ended.and_then(|it| it.likelihood).map(WireLikelihood::from),
        };
        self.completion("chat.completion.chunk", vec![choice])
    }

    fn completion(&self, object: &'static str, choices: Vec<Choice>) -> Completion<'_> {
        Completion {
            id: &self.id,
            object,
            created: self.created,
            model: &self.model,
            system_fingerprint: &self.fingerprint,
            choices,
            usage: None,
            timings: None,
        }
    }
}

impl Usage {
    fn of(started: Started, finished: Finished) -> Self {
        Self {
            prompt_tokens: started.prompt_tokens,
            completion_tokens: finished.completion_tokens,
            total_tokens: started.prompt_tokens + finished.completion_tokens,
            prompt_tokens_details: PromptDetails { cached_tokens: started.cached_tokens },
        }
    }
}

impl Timings {
    fn of(finished: Finished) -> Self {
        let tenths = |it: Duration| (it.as_secs_f64() * 10_000.0).round() / 10.0;
        Self { prompt_ms: tenths(finished.prompt_time), predicted_ms: tenths(finished.predicted_time) }
    }
}

impl From<Likelihood> for WireLikelihood {
    fn from(it: Likelihood) -> Self {
        Self { logprob: it.logprob, allowed_logprob: it.allowed_logprob }
    }
}

impl From<TokenLogprob> for WireLogprob {
    fn from(token: TokenLogprob) -> Self {
        let alternatives = token.alternatives.into_iter();
        Self {
            token: String::from_utf8_lossy(&token.bytes).into_owned(),
            logprob: token.logprob,
            allowed_logprob: token.allowed_logprob,
            bytes: token.bytes,
            top_logprobs: alternatives
                .map(|(bytes, logprob)| Alternative {
                    token: String::from_utf8_lossy(&bytes).into_owned(),
                    logprob,
                    bytes,
                })
                .collect(),
        }
    }
}

fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
    }
}

/// These types have string keys and finite numbers only (serde writes others as null), so this cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
