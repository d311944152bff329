//! A model behind a queue: one operating-system thread owns the weights, the context and the prefixes that are kept.
//!
//! The thread takes one job at a time, in order. Callers get a stream of events over a bounded channel and cancel by
//! dropping it; the thread looks for that, and for the deadline, between tokens and between pieces of a prompt. A full
//! queue refuses at once instead of letting callers wait without bound.
//!
//! It knows nothing of HTTP. Decoding is greedy, see [`Request`].
//!
//! Invariant: an answer that was cut short never looks complete. It ends in [`Finish::Length`] or in an error.

mod archive;
mod forced;
mod grammar;
mod job;
mod judging;
mod prompt;
mod sampling;
mod session;
mod shelf;
mod text;
mod tokenizer;
mod worker;
mod writing;

use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{mpsc, watch};

use crate::measure;

pub use self::{
    grammar::{Constraint, GrammarError, MAX_BYTES as MAX_GRAMMAR_BYTES},
    job::{
        Adapter, DEFAULT_MAX_TOKENS, Ended, EngineError, Event, Finish, Finished, Likelihood, Message,
        ModelFacts, Piece, Refusal, Request, Role, Started, State, TokenLogprob,
    },
    prompt::PromptError,
    tokenizer::{Tokenizer, TokenizerError},
};
pub(crate) use self::{job::Job, session::Answered};

/// llama.cpp reads grammars by recursion; the limits in [`grammar`] fit into this with room to spare.
const STACK_BYTES: usize = 16 << 20;

/// Which model to run, and how.
#[derive(Debug, Clone)]
pub struct EngineSpec {
    /// The name under which requests ask for it.
    pub id: String,
    /// A GGUF file.
    pub path: PathBuf,
    /// A `LoRA` adapter to apply beside the weights; one that is merged into them costs nothing.
    pub adapter: Option<PathBuf>,
    /// Where prefixes outlive the process. None: they do not.
    pub archive: Option<PathBuf>,
    /// For prompts and for generation alike.
    pub threads: NonZeroUsize,
    /// Tokens of prompt and answer together; cut to what the model was trained on.
    pub context_tokens: u32,
    /// Jobs that may wait; one more may run.
    pub queue: NonZeroUsize,
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
        let answers = 1 + request.rivals + request.candidates.len();
        let (events, stream) = mpsc::channel((room + 4).saturating_mul(answers));
        self.submit(Job { request: Box::new(request), events })?;
        Ok(stream)
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
