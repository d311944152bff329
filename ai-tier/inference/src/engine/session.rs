//! One conversation at a time on one context: reuse what the context already holds, evaluate the rest, then write
//! ([`super::writing`]) or judge ([`super::judging`]).
//!
//! Invariant: `live` names exactly the tokens whose state the context holds, also after an error or a cancellation.

use std::time::Instant;

use llama_cpp_2::{
    LlamaCppError, LlamaStateSeqFlags, SeqState, context::LlamaContext, llama_batch::LlamaBatch,
    model::LlamaModel, token::LlamaToken,
};
use tokio::sync::mpsc;

use super::{
    DEFAULT_MAX_TOKENS, EngineError, Event, Finish, Finished, Job, Request, Started,
    archive::Archive,
    forced::ByteTokens,
    prompt::{self, PromptFormat},
    shelf::{Kept, Shelf, WORTH_KEEPING_TOKENS, shared_tokens},
    writing::Path,
};

/// A prompt is evaluated in pieces of this many tokens. llama.cpp cannot be interrupted within one: small enough to
/// notice a cancellation in time, large enough to keep the matrix kernels busy.
pub(super) const BATCH_TOKENS: u32 = 128;
/// The context holds one sequence, and this is its number.
const SEQUENCE: i32 = 0;

type Events = mpsc::Sender<Result<Event, EngineError>>;

/// A context, and what is known of its contents.
pub(super) struct Session<'m> {
    pub(super) model: &'m LlamaModel,
    format: &'m PromptFormat,
    pub(super) context: LlamaContext<'m>,
    /// None where the vocabulary has no tokens for single bytes: then nothing is ever taken for granted.
    pub(super) byte_tokens: Option<ByteTokens>,
    /// The tokens that end an answer.
    pub(super) ends: Vec<LlamaToken>,
    batch: LlamaBatch<'static>,
    live: Vec<i32>,
    /// The first tokens of `live` that were a prompt: what follows is an answer, which no prompt begins with.
    live_prompt: usize,
    shelf: Shelf<SeqState>,
    archive: Option<Archive>,
    /// The instructions that were last seen to be in the archive, or too short for it.
    archived: Vec<String>,
}

/// What an answer took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    pub(crate) started: Started,
    pub(crate) finished: Finished,
    /// Tokens that the grammar left no choice in, and that were not asked for.
    pub(crate) forced: usize,
    /// Tokens for which the grammar had to be asked about the whole vocabulary.
    pub(crate) searched_all: usize,
}

/// Where the logits of the next token are: index within the last batch.
#[derive(Clone, Copy)]
pub(super) struct LogitsAt(pub(super) i32);

impl<'m> Session<'m> {
    pub(super) fn new(
        model: &'m LlamaModel,
        context: LlamaContext<'m>,
        format: &'m PromptFormat,
        archive: Option<Archive>,
    ) -> Self {
        let batch = LlamaBatch::new(usize::try_from(BATCH_TOKENS).unwrap_or(1), 1);
        let vocab = model.vocab();
        let ends: Vec<_> = vocab.tokens().filter(|it| vocab.is_eog(*it)).collect();
        let mut session = Self {
            model,
            format,
            context,
            byte_tokens: ByteTokens::of(model, &ends),
            ends,
            batch,
            live: Vec::new(),
            live_prompt: 0,
            shelf: Shelf::new(),
            archive,
            archived: Vec::new(),
        };
        session.take_from_archive();
        session
    }

    /// Answers one request. Events go out as they come, except the last one, which is returned.
    pub(super) fn answer(
        &mut self,
        request: &Request,
        events: &Events,
        inbox: &mpsc::Receiver<Job>,
    ) -> Result<Answered, EngineError> {
        let watch = Watch { deadline: request.deadline, events, inbox };
        watch.check()?;
        let prompt = self.format.tokens(self.model, &request.messages)?;
        let max_tokens = self.room_for(request, prompt.len())?;
        let grammar = request.constraint.as_ref().map(|it| it.sampler(self.model)).transpose()?;

        let begun = Instant::now();
        let reused = self.reuse(&prompt);
        let cached_tokens = self.evaluate_instructions(request, &prompt, reused, &watch)?;
        let started = Started { prompt_tokens: prompt.len(), cached_tokens };
        watch.tell(Event::Started(started));
        let fresh = prompt.get(self.live.len()..).unwrap_or_default();

        if !request.candidates.is_empty() {
            let last = fresh.len().saturating_sub(1);
            self.evaluate_prompt(fresh.get(..last).unwrap_or_default(), &watch)?;
            let prompt_time = begun.elapsed();
            let begun = Instant::now();
            let completion_tokens = self.judge(request, &prompt, grammar.as_ref(), &watch)?;
            let predicted_time = begun.elapsed();
            let finished = Finished { finish: Finish::Stop, completion_tokens, prompt_time, predicted_time };
            return Ok(Answered { started, finished, forced: 0, searched_all: 0 });
        }
        let mut path = Path::new(request, grammar.clone(), max_tokens);
        // What must come first is evaluated together with the prompt.
        let opening = self.begin(&mut path, &watch)?;
        let fresh: Vec<i32> = fresh.iter().copied().chain(opening).collect();
        let at = self.evaluate_prompt(&fresh, &watch)?;
        let prompt_time = begun.elapsed();

        let begun = Instant::now();
        let written = self.write(request, &prompt, path, grammar.as_ref(), at, &watch)?;
        let finished = Finished {
            finish: written.finish,
            completion_tokens: written.tokens,
            prompt_time,
            predicted_time: begun.elapsed(),
        };
        Ok(Answered { started, finished, forced: written.forced, searched_all: written.searched_all })
    }

    /// States on the shelf.
    pub(super) fn kept_states(&self) -> usize {
        self.shelf.len()
    }

    /// Bytes that they take.
    pub(super) fn kept_bytes(&self) -> usize {
        self.shelf.bytes()
    }

    /// Whether a text of so many tokens fits behind the prompt.
    pub(super) fn check_room(&self, prompt_tokens: usize, tokens: usize) -> Result<(), EngineError> {
        let context_tokens = usize::try_from(self.context.n_ctx()).unwrap_or(usize::MAX);
        if prompt_tokens.saturating_add(tokens) <= context_tokens {
            return Ok(());
        }
        let max_tokens = u32::try_from(tokens).unwrap_or(u32::MAX);
        Err(EngineError::NoRoom { prompt_tokens, max_tokens, context_tokens })
    }

    fn room_for(&self, request: &Request, prompt_tokens: usize) -> Result<u32, EngineError> {
        let context_tokens = usize::try_from(self.context.n_ctx()).unwrap_or(usize::MAX);
        let left = context_tokens.saturating_sub(prompt_tokens);
        if left == 0 || prompt_tokens == 0 {
            return Err(EngineError::PromptTooLong {
                prompt_tokens,
                limit: context_tokens.saturating_sub(1),
            });
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        match request.max_tokens {
            Some(max_tokens) if max_tokens > left => {
                Err(EngineError::NoRoom { prompt_tokens, max_tokens, context_tokens })
            }
            Some(max_tokens) => Ok(max_tokens),
            None => Ok(left.min(DEFAULT_MAX_TOKENS)),
        }
    }

    /// Brings the context to the longest known beginning of the prompt, and returns its length. The last token is
    /// always left to be evaluated, since the first choice needs its logits.
    fn reuse(&mut self, prompt: &[i32]) -> usize {
        let mut shared = shared_tokens(&self.live, prompt);
        // Taken down before anything is put up: what is put up may push the oldest state off the shelf.
        let fetched = self.shelf.take(prompt, shared, SeqState::clone);
        // What is about to be given up may be wanted again: another cut of the catalog, say.
        if self.live_prompt.min(self.live.len()).saturating_sub(shared) > WORTH_KEEPING_TOKENS {
            self.put_away();
        }
        if let Some(kept) = fetched {
            shared = self.restore(kept, prompt);
        }
        shared = shared.min(prompt.len().saturating_sub(1));
        if !self.forget_from(shared) {
            // This kind of model cannot go back to the middle of a sequence.
            self.forget();
            shared = 0;
        }
        self.live_prompt = prompt.len();
        shared
    }

    fn restore(&mut self, kept: Kept<SeqState>, prompt: &[i32]) -> usize {
        self.forget();
        match self.context.state_seq_set(&kept.state, SEQUENCE) {
            Ok(()) => {
                self.live = kept.tokens;
                shared_tokens(&self.live, prompt)
            }
            Err(cause) => {
                tracing::warn!(error = %cause, "A kept prefix could not be restored, it is evaluated again");
                self.forget();
                0
            }
        }
    }

    fn put_away(&mut self) {
        if !self.forget_from(self.live_prompt) {
            return;
        }
        match self.context.state_seq_get(SEQUENCE, LlamaStateSeqFlags::empty()) {
            Ok(state) => {
                let bytes = state.byte_len();
                self.shelf.put(Kept { tokens: self.live.clone(), state, bytes });
            }
            Err(cause) => tracing::warn!(error = %cause, "A prefix could not be kept"),
        }
    }

    /// Lays out on the shelf what an earlier process kept.
    fn take_from_archive(&mut self) {
        let Some(mut archive) = self.archive.take() else { return };
        for file in archive.files() {
            match archive.read(&file, &mut self.context, SEQUENCE) {
                Ok(tokens) => {
                    self.live = tokens;
                    self.live_prompt = self.live.len();
                    self.put_away();
                }
                Err(cause) => {
                    tracing::warn!(path = %file.display(), error = %cause, "A kept prefix cannot be read, it is removed");
                    archive.remove(&file);
                }
            }
            self.forget();
        }
        self.live_prompt = 0;
        self.archive = Some(archive);
        if self.shelf.len() > 0 {
            tracing::info!(prefixes = self.shelf.len(), "Prefixes of an earlier process are kept");
        }
    }

    /// Evaluates the instructions apart from what follows them, where their state is to outlive the process and does not
    /// yet. Returns how many of the `known` tokens of the prompt were not evaluated again for that.
    fn evaluate_instructions(
        &mut self,
        request: &Request,
        prompt: &[i32],
        known: usize,
        watch: &Watch<'_>,
    ) -> Result<usize, EngineError> {
        let Some(archive) = &self.archive else { return Ok(known) };
        let instructions = prompt::instructions(&request.messages);
        let texts = || instructions.iter().map(|it| &it.content);
        if texts().eq(&self.archived) {
            return Ok(known);
        }
        let alone = self.format.tokens(self.model, instructions).unwrap_or_default();
        let length = shared_tokens(&alone, prompt).min(prompt.len().saturating_sub(1));
        let fresh = prompt.get(..length).filter(|it| it.len() > WORTH_KEEPING_TOKENS && !archive.holds(it));
        let Some(tokens) = fresh else {
            self.archived = texts().cloned().collect();
            return Ok(known);
        };
        if !self.forget_from(length) {
            return Ok(known);
        }
        let known = self.live.len();
        self.evaluate_prompt(prompt.get(known..length).unwrap_or_default(), watch)?;
        if let Some(archive) = &mut self.archive
            && let Err(cause) = archive.write(tokens, &self.context, SEQUENCE)
        {
            tracing::warn!(error = %cause, "A prefix could not be kept on disk");
        }
        self.archived = texts().cloned().collect();
        Ok(known)
    }

    /// Brings the context to exactly these tokens.
    pub(super) fn go_to(&mut self, tokens: &[i32], watch: &Watch<'_>) -> Result<(), EngineError> {
        if !self.forget_from(shared_tokens(&self.live, tokens)) {
            self.forget();
        }
        let known = self.live.len();
        self.evaluate_prompt(tokens.get(known..).unwrap_or_default(), watch)?;
        Ok(())
    }

    /// The same, and what comes next.
    pub(super) fn evaluate_after(
        &mut self,
        tokens: &[i32],
        watch: &Watch<'_>,
    ) -> Result<LogitsAt, EngineError> {
        let known = shared_tokens(&self.live, tokens).min(tokens.len().saturating_sub(1));
        let (known, fresh) = tokens.split_at_checked(known).unwrap_or((&[], tokens));
        self.go_to(known, watch)?;
        self.evaluate_prompt(fresh, watch)
    }

    fn forget(&mut self) {
        self.context.clear_kv_cache();
        self.live.clear();
    }

    /// Cuts the sequence; false when this kind of model cannot, and then nothing is cut.
    fn forget_from(&mut self, position: usize) -> bool {
        if position >= self.live.len() {
            return true;
        }
        let from = u32::try_from(position).ok();
        let cut = self.context.clear_kv_cache_seq(u32::try_from(SEQUENCE).ok(), from, None).unwrap_or(false);
        if cut {
            self.live.truncate(position);
        }
        cut
    }

    fn evaluate_prompt(&mut self, tokens: &[i32], watch: &Watch<'_>) -> Result<LogitsAt, EngineError> {
        let piece = usize::try_from(BATCH_TOKENS).unwrap_or(1);
        let mut at = LogitsAt(0);
        for tokens in tokens.chunks(piece) {
            watch.check()?;
            at = self.evaluate(tokens)?;
        }
        Ok(at)
    }

    /// Appends tokens to the sequence.
    pub(super) fn evaluate(&mut self, tokens: &[i32]) -> Result<LogitsAt, EngineError> {
        let last = tokens.len().saturating_sub(1);
        self.decode(tokens, |at| at == last)?;
        Ok(LogitsAt(i32::try_from(last).unwrap_or_default()))
    }

    /// Appends tokens, and makes the logits after each of them to be had by its place.
    pub(super) fn evaluate_each(&mut self, tokens: &[i32]) -> Result<(), EngineError> {
        self.decode(tokens, |_| true)
    }

    fn decode(&mut self, tokens: &[i32], wants_logits: impl Fn(usize) -> bool) -> Result<(), EngineError> {
        self.batch.clear();
        for (at, token) in tokens.iter().enumerate() {
            let position = i32::try_from(self.live.len() + at).unwrap_or(i32::MAX);
            self.batch
                .add(LlamaToken(*token), position, &[SEQUENCE], wants_logits(at))
                .map_err(|cause| EngineError::Evaluation(cause.into()))?;
        }
        if let Err(cause) = self.context.decode(&mut self.batch) {
            // How far it got is not known.
            self.forget();
            return Err(EngineError::Evaluation(LlamaCppError::from(cause)));
        }
        self.live.extend_from_slice(tokens);
        Ok(())
    }
}

/// Whether to go on, and who is told.
pub(super) struct Watch<'a> {
    deadline: Instant,
    events: &'a Events,
    inbox: &'a mpsc::Receiver<Job>,
}

impl Watch<'_> {
    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.events.is_closed() || self.inbox.is_closed() {
            return Err(EngineError::Cancelled);
        }
        if Instant::now() >= self.deadline {
            return Err(EngineError::Deadline);
        }
        Ok(())
    }

    /// A full channel cannot be: it has room for every token of the context. A closed one is noticed by the next check.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.events.try_send(Ok(event));
    }
}
