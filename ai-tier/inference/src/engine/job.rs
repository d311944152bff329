//! What goes to a model's thread and what comes back. Plain values: nothing here runs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{Constraint, GrammarError, PromptError};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    /// The name that chat templates know.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// The name in the plain format.
    pub(super) fn plain_name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::User => "User",
            Self::Assistant => "Assistant",
        }
    }
}

/// One turn of the conversation.
#[derive(Debug, Clone)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

impl Message {
    /// What the asker says.
    #[must_use]
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: Role::User, content: content.into() }
    }
}

/// What to generate, or to judge. Decoding is greedy: the same request gets the same answer.
#[derive(Debug, Clone)]
pub struct Request {
    pub messages: Vec<Message>,
    /// The form of the answer, free text if none.
    pub constraint: Option<Constraint>,
    /// Nothing is written then: each of these is an answer that the model is asked the likelihood of.
    pub candidates: Vec<String>,
    /// How many other readings to write besides the likeliest answer, where there are any worth it.
    pub rivals: usize,
    /// The answer is cut after this many tokens. None: the room left in the context, at most [`DEFAULT_MAX_TOKENS`].
    pub max_tokens: Option<u32>,
    /// Sequences that end the answer and are not part of it.
    pub stop: Vec<String>,
    /// Log probabilities, with this many alternatives for each token.
    pub logprobs: Option<usize>,
    /// Waiting in the queue counts.
    pub deadline: Instant,
}

/// An answer without a limit of its own ends here.
pub const DEFAULT_MAX_TOKENS: u32 = 256;

/// What comes back, in this order: one `Started`; for each answer any number of `Piece`s and one `Ended`; one
/// `Finished`. An error ends it early.
#[derive(Debug)]
pub enum Event {
    Started(Started),
    Piece(Piece),
    Ended(Ended),
    Finished(Finished),
}

/// The prompt was accepted.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    pub prompt_tokens: usize,
    /// How many of them did not have to be evaluated, because a kept prefix begins with them.
    pub cached_tokens: usize,
}

/// One token's worth of answer.
#[derive(Debug)]
pub struct Piece {
    /// May be empty, when a character or a stop sequence is not whole yet.
    pub text: String,
    /// Where asked for. The last piece, which carries only held-back text, has none.
    pub logprob: Option<TokenLogprob>,
}

/// A token with its log probabilities. Both are 0 where the grammar left no choice: the model is not asked there.
#[derive(Debug, Clone)]
pub struct TokenLogprob {
    pub bytes: Vec<u8>,
    /// As the model has it, before any grammar.
    pub logprob: f32,
    /// Among the tokens that the grammar lets through; the same as `logprob` without one.
    pub allowed_logprob: f32,
    /// The most likely tokens at this place that the grammar lets through, the likeliest first, before any grammar.
    pub alternatives: Vec<(Vec<u8>, f32)>,
}

/// One answer is over.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub finish: Finish,
    /// Where log probabilities, rivals or a judgement were asked for.
    pub likelihood: Option<Likelihood>,
}

/// How likely a whole answer is, its end included: sums over what the model was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Likelihood {
    /// Before any grammar.
    pub logprob: f32,
    /// Among everything that the grammar lets through: the exponential of it is the answer's share of all answers.
    pub allowed_logprob: f32,
}

impl std::ops::AddAssign for Likelihood {
    fn add_assign(&mut self, other: Self) {
        self.logprob += other.logprob;
        self.allowed_logprob += other.allowed_logprob;
    }
}

/// How it all went.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    /// Of the first answer.
    pub finish: Finish,
    /// Of all answers together.
    pub completion_tokens: usize,
    pub prompt_time: Duration,
    pub predicted_time: Duration,
}

/// Why the answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// By itself, or at a stop sequence.
    Stop,
    /// Cut at the token limit: not a whole answer.
    Length,
}

/// Why an accepted job has no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Prompt(#[from] PromptError),
    #[error(transparent)]
    Grammar(#[from] GrammarError),
    #[error("the messages take {prompt_tokens} tokens, the model reads at most {limit}")]
    PromptTooLong { prompt_tokens: usize, limit: usize },
    #[error(
        "the messages take {prompt_tokens} tokens and {max_tokens} are wanted as answer, \
         together more than the {context_tokens} of the context"
    )]
    NoRoom { prompt_tokens: usize, max_tokens: u32, context_tokens: usize },
    #[error("the answer was not ready in time")]
    Deadline,
    #[error("the grammar leaves no token to go on with")]
    DeadEnd,
    #[error("the grammar does not let candidate {0} through, counted from 0")]
    Unfit(usize),
    #[error("the model could not be evaluated")]
    Evaluation(#[source] llama_cpp_2::LlamaCppError),
    #[error("nobody waits for the answer any more")]
    Cancelled,
}

/// Why a job was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the queue is full")]
    Full { retry_after: Duration },
    #[error("the model is still being loaded")]
    Loading,
    #[error("the model cannot be used: {why}")]
    Failed { why: String },
}

/// How far the model is.
#[derive(Debug, Clone)]
pub enum State {
    Loading,
    Ready(Arc<ModelFacts>),
    Failed(String),
}

/// What is known of a loaded model.
#[derive(Debug, Clone)]
pub struct ModelFacts {
    pub architecture: String,
    pub name: String,
    /// What was merged into the weights, or is applied beside them.
    pub adapter: Option<Adapter>,
    pub file_sha256: String,
    pub file_bytes: u64,
    pub parameters: u64,
    pub context_tokens: u32,
    /// Whether the file brought a chat template that is understood.
    pub has_chat_template: bool,
    /// Measured at start, on a short prompt.
    pub prompt_tokens_per_second: f64,
    /// Measured at start, under a grammar.
    pub tokens_per_second: f64,
}

/// A `LoRA` adapter that a model answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// `general.name` of its file, or the file's own name.
    pub name: String,
    pub sha256: String,
    /// Whether it is part of the model's file. Applied beside the weights it costs time at every token.
    pub merged: bool,
}

/// A job for the thread.
#[derive(Debug)]
pub(crate) struct Job {
    pub(super) request: Box<Request>,
    pub(super) events: mpsc::Sender<Result<Event, EngineError>>,
}
