//! A model behind a queue: one operating-system thread owns the weights, the context and the prefixes that are kept.
//!
//! The thread takes one job at a time, in order. Callers get a stream of events over a bounded channel and cancel by
//! dropping it; the thread looks for that, and for the deadline, between tokens and between pieces of a prompt. A full
//! queue refuses at once instead of letting callers wait without bound.
//!
//! It knows nothing of HTTP. Decoding is greedy, see [`Request`].
//!
//! Invariant: an answer that was cut short never looks complete. It ends in [`Finish::Length`] or in an error.

mod grammar;
mod prompt;
mod sampling;
mod session;
mod shelf;
mod text;
mod worker;

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot, watch};

use crate::measure;

pub(crate) use self::session::Answered;
pub use self::{
    grammar::{Constraint, GrammarError, MAX_BYTES as MAX_GRAMMAR_BYTES},
    prompt::PromptError,
};

/// llama.cpp reads grammars by recursion; the limits in [`grammar`] fit into this with room to spare.
const STACK_BYTES: usize = 16 << 20;

/// Which model to run, and how.
#[derive(Debug, Clone)]
pub struct EngineSpec {
    /// The name under which requests ask for it.
    pub id: String,
    /// A GGUF file.
    pub path: PathBuf,
    /// For prompts and for generation alike.
    pub threads: NonZeroUsize,
    /// Tokens of prompt and answer together; cut to what the model was trained on.
    pub context_tokens: u32,
    /// Jobs that may wait; one more may run.
    pub queue: NonZeroUsize,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
}

impl Role {
    /// The name that chat templates know.
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// The name in the plain format.
    fn plain_name(self) -> &'static str {
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

/// What to generate. Decoding is greedy: the same request gets the same answer.
#[derive(Debug, Clone)]
pub struct Request {
    pub messages: Vec<Message>,
    /// The form of the answer, free text if none.
    pub constraint: Option<Constraint>,
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

/// What comes back, in this order: one `Started`, any number of `Piece`s, one `Finished`. An error ends it early.
#[derive(Debug)]
pub enum Event {
    Started(Started),
    Piece(Piece),
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

/// A token with its log probability, as the model has it before any grammar.
#[derive(Debug)]
pub struct TokenLogprob {
    pub bytes: Vec<u8>,
    pub logprob: f32,
    /// The most likely tokens at this place that the grammar lets through, the likeliest first.
    pub alternatives: Vec<(Vec<u8>, f32)>,
}

/// How it went.
#[derive(Debug, Clone, Copy)]
pub struct Finished {
    pub finish: Finish,
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

/// A job for the thread.
#[derive(Debug)]
pub(crate) enum Job {
    Generate { request: Request, events: mpsc::Sender<Result<Event, EngineError>> },
    Render { messages: Vec<Message>, reply: oneshot::Sender<Result<Rendered, EngineError>> },
}

/// Messages as the model sees them.
#[derive(Debug)]
pub struct Rendered {
    pub prompt: String,
    pub tokens: usize,
}

/// The handle to a model's thread. Dropping it ends the thread, after the token it is at.
#[derive(Debug)]
pub struct Engine {
    id: String,
    file_name: String,
    jobs: Option<mpsc::Sender<Job>>,
    state: watch::Receiver<State>,
    pace: Arc<Pace>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts the thread and returns at once; the model is loaded over there.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(spec: EngineSpec) -> std::io::Result<Self> {
        let (jobs, inbox) = mpsc::channel(spec.queue.get());
        let (state, state_seen) = watch::channel(State::Loading);
        let pace = Arc::new(Pace::default());
        let id = spec.id.clone();
        let file_name =
            spec.path.file_name().map_or_else(|| spec.id.clone(), |it| it.to_string_lossy().into_owned());
        let thread =
            std::thread::Builder::new().name(format!("model-{id}")).stack_size(STACK_BYTES).spawn({
                let pace = Arc::clone(&pace);
                move || worker::run(&spec, inbox, &state, &pace)
            })?;
        Ok(Self { id, file_name, jobs: Some(jobs), state: state_seen, pace, thread: Some(thread) })
    }

    /// The name under which requests ask for it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the model's file, without its folder.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// How far the model is.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Jobs that wait now, without the one that runs.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.jobs.as_ref().map_or(0, |it| it.max_capacity() - it.capacity())
    }

    /// Hands a job in.
    ///
    /// # Errors
    ///
    /// When the model is not ready, or as many jobs wait as may.
    pub fn generate(&self, request: Request) -> Result<mpsc::Receiver<Result<Event, EngineError>>, Refusal> {
        // Room for every event there can be: the thread never waits for a slow reader. Tokens are bounded by the
        // context, and the channel grows as it is filled.
        let room = match self.state() {
            State::Ready(facts) => usize::try_from(facts.context_tokens).unwrap_or(usize::MAX >> 4),
            State::Loading => return Err(Refusal::Loading),
            State::Failed(why) => return Err(Refusal::Failed { why }),
        };
        let (events, stream) = mpsc::channel(room + 4);
        self.submit(Job::Generate { request, events })?;
        Ok(stream)
    }

    /// Writes messages as the model would see them, without generating anything.
    ///
    /// # Errors
    ///
    /// As [`Self::generate`].
    pub fn render(
        &self,
        messages: Vec<Message>,
    ) -> Result<oneshot::Receiver<Result<Rendered, EngineError>>, Refusal> {
        let (reply, rendered) = oneshot::channel();
        self.submit(Job::Render { messages, reply })?;
        Ok(rendered)
    }

    fn submit(&self, job: Job) -> Result<(), Refusal> {
        match self.state() {
            State::Ready(_) => {}
            State::Loading => return Err(Refusal::Loading),
            State::Failed(why) => return Err(Refusal::Failed { why }),
        }
        let stopped = || Refusal::Failed { why: "its thread has ended".to_owned() };
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        let sent = jobs.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => {
                measure::queue_full(&self.id);
                Refusal::Full { retry_after: self.pace.of_jobs(self.waiting()) }
            }
            mpsc::error::TrySendError::Closed(_) => stopped(),
        });
        measure::queue_depth(&self.id, self.waiting());
        sent
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let Some(thread) = self.thread.take() else { return };
        // Loading cannot be interrupted, and nothing is lost by leaving it to the end of the process.
        if matches!(self.state(), State::Loading) {
            return;
        }
        if thread.join().is_err() {
            tracing::error!(model = self.id, "The model's thread ended in a panic");
        }
    }
}

/// How long a job takes of late, for `Retry-After`.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    milliseconds: AtomicU64,
}

impl Pace {
    /// Takes one more job into the moving average. Only the model's thread writes.
    fn record(&self, took: Duration) {
        let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX >> 4);
        let before = self.milliseconds.load(Ordering::Relaxed);
        let now = if before == 0 { took } else { (before * 7 + took) / 8 };
        self.milliseconds.store(now, Ordering::Relaxed);
    }

    /// How long this many jobs will take; at least a second, so that nobody comes back at once.
    fn of_jobs(&self, jobs: usize) -> Duration {
        let each = self.milliseconds.load(Ordering::Relaxed);
        let all = each.saturating_mul(u64::try_from(jobs).unwrap_or(u64::MAX));
        Duration::from_millis(all).clamp(Duration::from_secs(1), Duration::from_secs(120))
    }
}
