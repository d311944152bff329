//! Writing: the likeliest answer, and the readings that were nearly as likely.
//!
//! A rival leaves the answer where another token was likeliest, and goes on greedily from there. Its beginning is
//! known, so it costs the tokens after the fork alone. What would be written with other tokens but say the same is no
//! rival.

use llama_cpp_2::{sampling::LlamaSampler, token::LlamaToken};

use super::{
    Ended, EngineError, Event, Finish, Likelihood, Piece, Request, TokenLogprob,
    forced::Decision,
    sampling::{self, Weighed},
    session::{LogitsAt, Session, Watch},
    text::TextStream,
};

/// The natural logarithm of a twentieth: a reading less likely than this, compared with the answer, is no rival. Each
/// costs its tokens.
const WORTH: f32 = -2.996;
/// Readings that turn out to say the same as one before cost time; so many are tried for each that is wanted.
const ATTEMPTS: usize = 3;
/// Tokens that are looked at besides the chosen one.
const FORKS_AT_A_PLACE: usize = 3;

/// What all answers of a request took.
pub(super) struct Written {
    /// Of the first answer.
    pub(super) finish: Finish,
    pub(super) tokens: usize,
    pub(super) forced: usize,
    pub(super) searched_all: usize,
}

/// One answer as it grows.
pub(super) struct Path {
    grammar: Option<LlamaSampler>,
    text: TextStream,
    said: Vec<Said>,
    likelihood: Likelihood,
    forks: Vec<Fork>,
    /// How many alternatives to tell of each token. None: no log probabilities.
    alternatives: Option<usize>,
    seeks_rivals: bool,
    max_tokens: usize,
    forced: usize,
    searched_all: usize,
    /// The grammar lets nothing follow.
    is_complete: bool,
    /// Pieces wait here until it is known that the answer is worth telling. None: they are told as they come.
    held: Option<Vec<Piece>>,
}

/// One token of an answer.
#[derive(Clone)]
struct Said {
    token: LlamaToken,
    bytes: Vec<u8>,
    likelihood: Likelihood,
    logprob: Option<TokenLogprob>,
}

/// Where an answer could have gone on otherwise.
struct Fork {
    /// How many tokens come before.
    at: usize,
    /// What is said instead. Nothing: the answer could have ended here.
    instead: Vec<Said>,
    /// Nothing may follow that.
    is_complete: bool,
    /// Of everything up to and with that.
    likelihood: Likelihood,
}

impl Path {
    pub(super) fn new(request: &Request, grammar: Option<LlamaSampler>, max_tokens: u32) -> Self {
        Self {
            grammar,
            text: TextStream::new(request.stop.clone()),
            said: Vec::new(),
            likelihood: Likelihood::default(),
            forks: Vec::new(),
            alternatives: request.logprobs,
            seeks_rivals: request.rivals > 0,
            max_tokens: usize::try_from(max_tokens).unwrap_or(usize::MAX),
            forced: 0,
            searched_all: 0,
            is_complete: false,
            held: None,
        }
    }

    fn is_over(&self) -> bool {
        self.is_complete || self.text.is_stopped()
    }

    fn is_weighed(&self) -> bool {
        self.alternatives.is_some() || self.seeks_rivals
    }

    fn is_full(&self) -> bool {
        self.said.len() >= self.max_tokens
    }

    /// Adds a token that the grammar lets through.
    fn say(&mut self, said: Said, watch: &Watch<'_>) -> Result<(), EngineError> {
        if let Some(grammar) = &mut self.grammar {
            grammar.try_accept(said.token).map_err(|_cause| EngineError::DeadEnd)?;
        }
        self.likelihood += said.likelihood;
        let text = self.text.push(&said.bytes);
        self.tell(Piece { text, logprob: said.logprob.clone() }, watch);
        self.said.push(said);
        Ok(())
    }

    /// Adds a decision; all but its first token follow of necessity.
    fn say_all(
        &mut self,
        spoken: Vec<Said>,
        is_complete: bool,
        watch: &Watch<'_>,
    ) -> Result<(), EngineError> {
        for (n, said) in spoken.into_iter().enumerate() {
            if self.is_full() || self.is_over() {
                return Ok(());
            }
            self.say(said, watch)?;
            self.forced += usize::from(n > 0);
        }
        self.is_complete = is_complete;
        Ok(())
    }

    fn tell(&mut self, piece: Piece, watch: &Watch<'_>) {
        match &mut self.held {
            Some(held) => held.push(piece),
            None => watch.tell(Event::Piece(piece)),
        }
    }

    /// Tells what was held back, and that the answer is over.
    fn end(&mut self, finish: Finish, watch: &Watch<'_>) {
        for piece in self.held.take().unwrap_or_default() {
            watch.tell(Event::Piece(piece));
        }
        let text = self.text.finish();
        if !text.is_empty() {
            watch.tell(Event::Piece(Piece { text, logprob: None }));
        }
        let likelihood = self.is_weighed().then_some(self.likelihood);
        watch.tell(Event::Ended(Ended { finish, likelihood }));
    }

    /// What it says from its `at`th token on.
    fn bytes(&self, at: usize) -> Vec<u8> {
        self.said.iter().skip(at).flat_map(|it| it.bytes.iter().copied()).collect()
    }

    /// The path up to a fork and along the other way.
    fn turn(
        &self,
        fork: Fork,
        grammar: Option<LlamaSampler>,
        watch: &Watch<'_>,
    ) -> Result<Self, EngineError> {
        let mut turned = Self {
            grammar,
            text: self.text.afresh(),
            said: Vec::new(),
            likelihood: Likelihood::default(),
            forks: Vec::new(),
            forced: 0,
            searched_all: 0,
            is_complete: false,
            held: Some(Vec::new()),
            ..*self
        };
        let spoken = self.said.iter().take(fork.at).cloned().chain(fork.instead).collect();
        turned.say_all(spoken, fork.is_complete, watch)?;
        // The beginning was counted when it was written.
        turned.forced = 0;
        turned.likelihood = fork.likelihood;
        Ok(turned)
    }
}

impl Session<'_> {
    /// Says what must come first; what of it is to be evaluated is returned.
    pub(super) fn begin(&self, path: &mut Path, watch: &Watch<'_>) -> Result<Vec<i32>, EngineError> {
        let (Some(them), Some(grammar)) = (&self.byte_tokens, &path.grammar) else { return Ok(Vec::new()) };
        let run = them.run(grammar);
        let Some(tokens) = run.tokens(self.model) else { return Ok(Vec::new()) };
        let said = |token| self.said(token, Likelihood::default(), None, path.alternatives);
        let spoken: Vec<Said> = tokens.iter().map(|it| said(*it)).collect();
        path.forced += spoken.len().min(1);
        path.say_all(spoken, run.ends, watch)?;
        Ok(if path.is_over() { Vec::new() } else { tokens.into_iter().map(|it| it.0).collect() })
    }

    /// Writes the answer that `path` begins, then its rivals. `at` is what comes after the prompt and that beginning.
    pub(super) fn write(
        &mut self,
        request: &Request,
        prompt: &[i32],
        mut path: Path,
        grammar: Option<&LlamaSampler>,
        at: LogitsAt,
        watch: &Watch<'_>,
    ) -> Result<Written, EngineError> {
        let finish = self.follow(&mut path, at, watch)?;
        path.end(finish, watch);
        let mut written =
            Written { finish, tokens: path.said.len(), forced: path.forced, searched_all: path.searched_all };
        if request.rivals == 0 || finish == Finish::Length {
            return Ok(written);
        }
        let least = path.likelihood.allowed_logprob + WORTH;
        let mut texts = vec![path.bytes(0)];
        let mut rivals = Vec::new();
        let mut paths = vec![path];
        for _ in 0..request.rivals * ATTEMPTS {
            if rivals.len() == request.rivals {
                break;
            }
            let Some((from, fork)) = likeliest_fork(&mut paths, least) else { break };
            let Some(origin) = paths.get(from) else { break };
            let mut rival = origin.turn(fork, grammar.cloned(), watch)?;
            let finish = match self.go_on(&mut rival, prompt, watch) {
                // The answer is whole; what there was no time for is left out.
                Err(EngineError::Deadline) => break,
                Err(EngineError::DeadEnd) => continue,
                it => it?,
            };
            written.tokens += rival.said.len();
            written.forced += rival.forced;
            let (text, likelihood) = (rival.bytes(0), rival.likelihood.allowed_logprob);
            if finish == Finish::Stop && likelihood >= least && !texts.contains(&text) {
                rivals.push((paths.len(), likelihood));
                texts.push(text);
            }
            paths.push(rival);
        }
        rivals.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (at, _) in rivals {
            if let Some(rival) = paths.get_mut(at) {
                rival.end(Finish::Stop, watch);
            }
        }
        Ok(written)
    }

    /// Writes on from where a path has turned.
    fn go_on(&mut self, path: &mut Path, prompt: &[i32], watch: &Watch<'_>) -> Result<Finish, EngineError> {
        if path.is_over() {
            return Ok(Finish::Stop);
        }
        let mut tokens = prompt.to_vec();
        tokens.extend(path.said.iter().map(|it| it.token.0));
        let at = self.evaluate_after(&tokens, watch)?;
        self.follow(path, at, watch)
    }

    /// Writes until the answer is over.
    fn follow(
        &mut self,
        path: &mut Path,
        mut at: LogitsAt,
        watch: &Watch<'_>,
    ) -> Result<Finish, EngineError> {
        let vocab = self.model.vocab();
        while !path.is_over() {
            if path.is_full() {
                return Ok(Finish::Length);
            }
            watch.check()?;
            let logits = self.context.get_logits_ith(at.0);
            let choice =
                sampling::choose(logits, path.grammar.as_mut()).map_err(|_none| EngineError::DeadEnd)?;
            let ends = vocab.is_eog(choice.token);
            let weighed = path.is_weighed().then(|| {
                let also = if ends { &self.ends } else { std::slice::from_ref(&choice.token) };
                Weighed::at(logits, path.grammar.as_mut(), also)
            });
            path.searched_all += usize::from(choice.searched_all);
            let spoken = (!ends).then(|| self.decide(path, choice.token));
            if let Some(weighed) = weighed.as_ref().filter(|_| path.seeks_rivals) {
                self.note_forks(path, weighed, spoken.as_ref());
            }
            let Some(decision) = spoken else {
                let end = weighed.and_then(|it| it.of(|token| vocab.is_eog(token)));
                path.likelihood += end.unwrap_or_default();
                return Ok(Finish::Stop);
            };
            let spoken = self.spoken(choice.token, &decision, weighed.as_ref(), path.alternatives);
            let fresh: Vec<i32> = spoken.iter().map(|it| it.token.0).collect();
            path.say_all(spoken, decision.ends, watch)?;
            if !path.is_over() && !path.is_full() {
                at = self.evaluate(&fresh)?;
            }
        }
        Ok(Finish::Stop)
    }

    fn decide(&self, path: &Path, token: LlamaToken) -> Decision {
        let bytes = self.model.vocab().token_to_piece(token, false, None);
        match (&self.byte_tokens, &path.grammar) {
            (Some(them), Some(grammar)) => them.decision(grammar, bytes),
            _ => Decision::only(bytes),
        }
    }

    /// A decision in the vocabulary's own words. All of its likelihood is the first one's: the others follow of
    /// necessity.
    fn spoken(
        &self,
        token: LlamaToken,
        decision: &Decision,
        weighed: Option<&Weighed>,
        alternatives: Option<usize>,
    ) -> Vec<Said> {
        let piece = |token| self.model.vocab().token_to_piece(token, false, None);
        let mut likelihood = Likelihood::default();
        if decision.open > 0 {
            let mass = weighed.and_then(|it| it.of(|other| decision.is_made_by(&piece(other))));
            likelihood = mass.unwrap_or_default();
        }
        let mut told = weighed;
        let mut spoken = Vec::new();
        for token in decision.tokens(self.model, token) {
            spoken.push(self.said(token, likelihood, told.take(), alternatives));
            likelihood = Likelihood::default();
        }
        spoken
    }

    fn said(
        &self,
        token: LlamaToken,
        likelihood: Likelihood,
        weighed: Option<&Weighed>,
        alternatives: Option<usize>,
    ) -> Said {
        let piece = |token| self.model.vocab().token_to_piece(token, false, None);
        let bytes = piece(token);
        let likeliest = |wanted| weighed.into_iter().flat_map(Weighed::likeliest).take(wanted);
        let logprob = alternatives.map(|wanted| TokenLogprob {
            bytes: bytes.clone(),
            logprob: likelihood.logprob,
            allowed_logprob: likelihood.allowed_logprob,
            alternatives: likeliest(wanted).map(|(other, it)| (piece(other), it.logprob)).collect(),
        });
        Said { token, bytes, likelihood, logprob }
    }

    /// Where the answer could go on otherwise. `taken` is None where it ends.
    fn note_forks(&self, path: &mut Path, weighed: &Weighed, taken: Option<&Decision>) {
        let vocab = self.model.vocab();
        let piece = |token| vocab.token_to_piece(token, false, None);
        let at = path.said.len();
        let add = |own: Likelihood| {
            let mut all = path.likelihood;
            all += own;
            all
        };
        let mut forks = Vec::new();
        if let Some(end) = taken.and_then(|_| weighed.of(|it| vocab.is_eog(it))) {
            forks.push(Fork { at, instead: Vec::new(), is_complete: true, likelihood: add(end) });
        }
        let mut others: Vec<Decision> = Vec::new();
        for (token, own) in weighed.likeliest().filter(|it| !vocab.is_eog(it.0)) {
            if own.allowed_logprob < WORTH || others.len() == FORKS_AT_A_PLACE {
                break;
            }
            let bytes = piece(token);
            if taken.into_iter().chain(&others).any(|it| it.is_made_by(&bytes)) {
                continue;
            }
            let decision = self.decide(path, token);
            let instead = self.spoken(token, &decision, Some(weighed), path.alternatives);
            let own = instead.first().map(|it| it.likelihood).unwrap_or_default();
            forks.push(Fork { at, instead, is_complete: decision.ends, likelihood: add(own) });
            others.push(decision);
        }
        path.forks.extend(forks);
    }
}

/// Takes the likeliest fork that may lead to something else, and tells whose it is.
fn likeliest_fork(paths: &mut [Path], least: f32) -> Option<(usize, Fork)> {
    loop {
        let forks = paths.iter().enumerate().flat_map(|(path, it)| {
            it.forks.iter().enumerate().map(move |(fork, it)| (path, fork, it.likelihood.allowed_logprob))
        });
        let (path, fork, likelihood) = forks.max_by(|a, b| a.2.total_cmp(&b.2))?;
        let origin = paths.get_mut(path)?;
        let fork = origin.forks.swap_remove(fork);
        if likelihood < least {
            return None;
        }
        let rest = origin.bytes(fork.at);
        // The same text in other tokens, as far as it goes.
        let says_the_same = fork.instead.first().is_some_and(|it| rest.starts_with(&it.bytes));
        if !says_the_same {
            return Some((path, fork));
        }
    }
}
