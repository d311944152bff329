//! What servers answer, and what of it is believed. Fields that are not there are not known, never guessed.

use serde::Deserialize;

use super::{AssistantError, Judged, Written};

#[derive(Deserialize)]
pub(super) struct Completion {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Usage,
}

/// Of any completion: which weights wrote it.
#[derive(Deserialize)]
pub(super) struct Fingerprint {
    pub(super) system_fingerprint: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
    #[serde(default)]
    logprobs: Option<LogProbs>,
    #[serde(default)]
    likelihood: Option<Likelihood>,
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

/// An extension of `skydesk-ai`.
#[derive(Deserialize)]
struct Likelihood {
    logprob: f64,
    allowed_logprob: f64,
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
    /// The line that was written.
    pub(super) fn written(self) -> Result<Written, AssistantError> {
        let mut choices = self.choices.into_iter();
        let choice = choices.next().ok_or_else(|| AssistantError::Unreadable("there is no choice".into()))?;
        if choice.finish_reason.as_deref() == Some("length") {
            return Err(AssistantError::Unreadable("the line was cut off".into()));
        }
        let share = choice.likelihood.map(|it| it.allowed_logprob.exp().clamp(0.0, 1.0));
        let tokens = choice.logprobs.and_then(|it| it.content).unwrap_or_default();
        Ok(Written {
            text: choice.message.content.unwrap_or_default(),
            confidence: share.unwrap_or_else(|| mean(&tokens)),
            rivals: choices.filter_map(Choice::judged).collect(),
            prompt_tokens: self.usage.prompt_tokens,
            cached_tokens: self.usage.prompt_tokens_details.map_or(0, |it| it.cached_tokens),
            written_tokens: self.usage.completion_tokens,
        })
    }

    /// All lines with their likelihoods; those without one are left out.
    pub(super) fn judged(self) -> Vec<Judged> {
        self.choices.into_iter().filter_map(Choice::judged).collect()
    }
}

/// The geometric mean over the tokens that the model was asked for: those that could only be as they are, it was not.
fn mean(tokens: &[TokenProb]) -> f64 {
    let asked: Vec<f64> = tokens.iter().map(|it| it.logprob).filter(|it| *it != 0.0).collect();
    match u32::try_from(asked.len()) {
        _ if tokens.is_empty() => 0.0,
        Ok(0) => 1.0,
        Ok(n) => (asked.iter().sum::<f64>() / f64::from(n)).exp().clamp(0.0, 1.0),
        Err(_) => 0.0,
    }
}

impl Choice {
    fn judged(self) -> Option<Judged> {
        let likelihood = self.likelihood.filter(|_| self.finish_reason.as_deref() != Some("length"))?;
        Some(Judged {
            text: self.message.content.unwrap_or_default(),
            share: likelihood.allowed_logprob.exp().clamp(0.0, 1.0),
            logprob: likelihood.logprob,
        })
    }
}
