//! One conversation at a time on one context: reuse what the context already holds, evaluate the rest, generate.
//!
//! Invariant: `live` names exactly the tokens whose state the context holds, also after an error or a cancellation.

use std::time::Instant;

use llama_cpp_2::{
    LlamaCppError, LlamaStateSeqFlags, SeqState, context::LlamaContext, llama_batch::LlamaBatch,
    model::LlamaModel, sampling::LlamaSampler, token::LlamaToken,
};
use tokio::sync::mpsc;

use super::{
    DEFAULT_MAX_TOKENS, EngineError, Event, Finish, Finished, Job, Piece, Request, Started, TokenLogprob,
    prompt::PromptFormat,
    sampling,
    shelf::{Kept, Shelf, WORTH_KEEPING_TOKENS, shared_tokens},
    text::TextStream,
};

/// A prompt is evaluated in pieces of this many tokens. llama.cpp cannot be interrupted within one: small enough to
/// notice a cancellation in time, large enough to keep the matrix kernels busy.
pub(super) const BATCH_TOKENS: u32 = 128;
/// The context holds one sequence, and this is its number.
const SEQUENCE: i32 = 0;

type Events = mpsc::Sender<Result<Event, EngineError>>;

/// A context, and what is known of its contents.
pub(super) struct Session<'m> {
    model: &'m LlamaModel,
    format: &'m PromptFormat,
    context: LlamaContext<'m>,
    batch: LlamaBatch<'static>,
    live: Vec<i32>,
    /// The first tokens of `live` that were a prompt: what follows is an answer, which no prompt begins with.
    live_prompt: usize,
    shelf: Shelf<SeqState>,
}

/// What an answer took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answered {
    pub(crate) started: Started,
    pub(crate) finished: Finished,
    /// Tokens for which the grammar had to be asked about the whole vocabulary.
    pub(crate) searched_all: usize,
}

/// Where the logits of the next token are: index within the last batch.
#[derive(Clone, Copy)]
struct LogitsAt(i32);

impl<'m> Session<'m> {
    pub(super) fn new(model: &'m LlamaModel, context: LlamaContext<'m>, format: &'m PromptFormat) -> Self {
        let batch = LlamaBatch::new(usize::try_from(BATCH_TOKENS).unwrap_or(1), 1);
        Self { model, format, context, batch, live: Vec::new(), live_prompt: 0, shelf: Shelf::new() }
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
        let mut grammar = request.constraint.as_ref().map(|it| it.sampler(self.model)).transpose()?;

        let begun = Instant::now();
        let cached_tokens = self.reuse(&prompt);
        let started = Started { prompt_tokens: prompt.len(), cached_tokens };
        let _ = events.try_send(Ok(Event::Started(started)));
        let at = self.evaluate_prompt(prompt.get(cached_tokens..).unwrap_or_default(), &watch)?;
        let prompt_time = begun.elapsed();

        let begun = Instant::now();
        let mut answer = Answer::new(request, events, max_tokens);
        let finish = self.generate(&mut answer, grammar.as_mut(), at, &watch)?;
        answer.flush();
        let finished = Finished {
            finish,
            completion_tokens: answer.tokens,
            prompt_time,
            predicted_time: begun.elapsed(),
        };
        Ok(Answered { started, finished, searched_all: answer.searched_all })
    }

    /// States on the shelf.
    pub(super) fn kept_states(&self) -> usize {
        self.shelf.len()
    }

    /// Bytes that they take.
    pub(super) fn kept_bytes(&self) -> usize {
        self.shelf.bytes()
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
    fn evaluate(&mut self, tokens: &[i32]) -> Result<LogitsAt, EngineError> {
        self.batch.clear();
        let last = tokens.len().saturating_sub(1);
        for (at, token) in tokens.iter().enumerate() {
            let position = i32::try_from(self.live.len() + at).unwrap_or(i32::MAX);
            self.batch
                .add(LlamaToken(*token), position, &[SEQUENCE], at == last)
                .map_err(|cause| EngineError::Evaluation(cause.into()))?;
        }
        if let Err(cause) = self.context.decode(&mut self.batch) {
            // How far it got is not known.
            self.forget();
            return Err(EngineError::Evaluation(LlamaCppError::from(cause)));
        }
        self.live.extend_from_slice(tokens);
        Ok(LogitsAt(i32::try_from(last).unwrap_or_default()))
    }

    fn generate(
        &mut self,
        answer: &mut Answer<'_>,
        mut grammar: Option<&mut LlamaSampler>,
        mut at: LogitsAt,
        watch: &Watch<'_>,
    ) -> Result<Finish, EngineError> {
        let vocab = self.model.vocab();
        while answer.tokens < answer.max_tokens {
            watch.check()?;
            let logits = self.context.get_logits_ith(at.0);
            let choice =
                sampling::choose(logits, grammar.as_deref_mut()).map_err(|_none| EngineError::DeadEnd)?;
            if vocab.is_eog(choice.token) {
                return Ok(Finish::Stop);
            }
            let bytes = vocab.token_to_piece(choice.token, false, None);
            let logprob = answer.alternatives.map(|wanted| TokenLogprob {
                bytes: bytes.clone(),
                logprob: sampling::log_probability(logits, choice.token),
                alternatives: sampling::alternatives(logits, grammar.as_deref_mut(), choice, wanted)
                    .into_iter()
                    .map(|(token, logprob)| (vocab.token_to_piece(token, false, None), logprob))
                    .collect(),
            });
            if let Some(grammar) = grammar.as_deref_mut() {
                grammar.try_accept(choice.token).map_err(|_cause| EngineError::DeadEnd)?;
            }
            answer.searched_all += usize::from(choice.searched_all);
            answer.push(&bytes, logprob);
            if answer.text.is_stopped() {
                return Ok(Finish::Stop);
            }
            if answer.tokens < answer.max_tokens {
                at = self.evaluate(&[choice.token.0])?;
            }
        }
        Ok(Finish::Length)
    }
}

/// Whether to go on.
struct Watch<'a> {
    deadline: Instant,
    events: &'a Events,
    inbox: &'a mpsc::Receiver<Job>,
}

impl Watch<'_> {
    fn check(&self) -> Result<(), EngineError> {
        if self.events.is_closed() || self.inbox.is_closed() {
            return Err(EngineError::Cancelled);
        }
        if Instant::now() >= self.deadline {
            return Err(EngineError::Deadline);
        }
        Ok(())
    }
}

/// The answer as it grows.
struct Answer<'a> {
    events: &'a Events,
    text: TextStream,
    alternatives: Option<usize>,
    max_tokens: usize,
    tokens: usize,
    searched_all: usize,
}

impl<'a> Answer<'a> {
    fn new(request: &Request, events: &'a Events, max_tokens: u32) -> Self {
        Self {
            events,
            text: TextStream::new(request.stop.clone()),
            alternatives: request.logprobs,
            max_tokens: usize::try_from(max_tokens).unwrap_or(usize::MAX),
            tokens: 0,
            searched_all: 0,
        }
    }

    fn push(&mut self, bytes: &[u8], logprob: Option<TokenLogprob>) {
        self.tokens += 1;
        let text = self.text.push(bytes);
        // A full channel cannot be: it has room for every token of the context. A closed one is noticed by Watch.
        let _ = self.events.try_send(Ok(Event::Piece(Piece { text, logprob })));
    }

    fn flush(&mut self) {
        let text = self.text.finish();
        if !text.is_empty() {
            let _ = self.events.try_send(Ok(Event::Piece(Piece { text, logprob: None })));
        }
    }
}
