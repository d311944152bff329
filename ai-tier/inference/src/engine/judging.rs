//! How likely answers are that somebody else wrote: a plan by rules, or readings to choose from.
//!
//! Nothing is generated. A candidate's tokens are evaluated in one go, and only from where it leaves the one before.

use llama_cpp_2::{sampling::LlamaSampler, token::LlamaToken};

use super::{
    Ended, EngineError, Event, Finish, Likelihood, Piece, Request, TokenLogprob,
    forced::{self, Decision, Run},
    sampling::Weighed,
    session::{Session, Watch},
    shelf::shared_tokens,
};

/// Each place takes as many numbers as there are words in the vocabulary.
const JUDGED_AT_ONCE: usize = 32;

/// What is known of one candidate.
#[derive(Default)]
struct Judged {
    tokens: Vec<i32>,
    said: Vec<TokenLogprob>,
    end: Likelihood,
}

impl Session<'_> {
    /// Judges all candidates after the prompt, whose last token is not evaluated yet. Returns how many tokens they have.
    pub(super) fn judge(
        &mut self,
        request: &Request,
        prompt: &[i32],
        grammar: Option<&LlamaSampler>,
        watch: &Watch<'_>,
    ) -> Result<usize, EngineError> {
        let mut before = Judged::default();
        let mut n_tokens = 0;
        for (n, text) in request.candidates.iter().enumerate() {
            let tokens = forced::tokens_of(self.model, text.as_bytes()).ok_or(EngineError::Unfit(n))?;
            let tokens: Vec<i32> = tokens.into_iter().map(|it| it.0).collect();
            self.check_room(prompt.len(), tokens.len())?;
            n_tokens += tokens.len();
            let judged = self
                .judge_one(before, tokens, prompt, grammar.cloned(), request.logprobs.unwrap_or(0), watch)?
                .ok_or(EngineError::Unfit(n))?;
            tell(&judged, request.logprobs.is_some(), watch);
            before = judged;
        }
        Ok(n_tokens)
    }

    /// None when the grammar does not let it through.
    fn judge_one(
        &mut self,
        before: Judged,
        tokens: Vec<i32>,
        prompt: &[i32],
        mut grammar: Option<LlamaSampler>,
        alternatives: usize,
        watch: &Watch<'_>,
    ) -> Result<Option<Judged>, EngineError> {
        let shared = shared_tokens(&before.tokens, &tokens);
        let mut judged = Judged { said: before.said, ..Judged::default() };
        judged.said.truncate(shared);
        if let Some(grammar) = &mut grammar {
            for token in tokens.iter().take(shared) {
                grammar.try_accept(LlamaToken(*token)).map_err(|_cause| EngineError::DeadEnd)?;
            }
        }
        // What follows a token is told by the token: the last one that is known is evaluated again.
        let all: Vec<i32> = prompt.iter().chain(&tokens).copied().collect();
        let from = (prompt.len() + shared).saturating_sub(1);
        self.go_to(all.get(..from).unwrap_or_default(), watch)?;
        let mut run = match (&self.byte_tokens, &grammar) {
            (Some(them), Some(grammar)) => them.run(grammar),
            _ => Run::default(),
        };
        let mut at = shared;
        for piece in all.get(from..).unwrap_or_default().chunks(JUDGED_AT_ONCE) {
            watch.check()?;
            self.evaluate_each(piece)?;
            for place in (0i32..).take(piece.len()) {
                let next = tokens.get(at).map(|it| LlamaToken(*it));
                let Some(logprob) = self.judge_place(place, next, grammar.as_mut(), &mut run, alternatives)
                else {
                    return Ok(None);
                };
                match next {
                    Some(token) => {
                        if let Some(grammar) = &mut grammar {
                            grammar.try_accept(token).map_err(|_cause| EngineError::DeadEnd)?;
                        }
                        judged.said.push(logprob);
                    }
                    None => {
                        judged.end =
                            Likelihood { logprob: logprob.logprob, allowed_logprob: logprob.allowed_logprob };
                    }
                }
                at += 1;
            }
        }
        judged.tokens = tokens;
        Ok(Some(judged))
    }

    /// How likely `next` is at one place of the last batch, or the end where there is no next.
    fn judge_place(
        &self,
        place: i32,
        next: Option<LlamaToken>,
        mut grammar: Option<&mut LlamaSampler>,
        run: &mut Run,
        alternatives: usize,
    ) -> Option<TokenLogprob> {
        let vocab = self.model.vocab();
        let piece = |token| vocab.token_to_piece(token, false, None);
        let bytes = next.map(piece).unwrap_or_default();
        let mut decision = Decision::only(bytes.clone());
        if let (Some(them), Some(grammar)) = (&self.byte_tokens, grammar.as_deref_mut()) {
            let is_forced = match next {
                Some(_) => !run.bytes.is_empty() && run.bytes.starts_with(&bytes),
                None => run.bytes.is_empty() && run.ends,
            };
            if is_forced {
                run.bytes.drain(..bytes.len());
                return Some(TokenLogprob {
                    bytes,
                    logprob: 0.0,
                    allowed_logprob: 0.0,
                    alternatives: Vec::new(),
                });
            }
            decision = them.decision(grammar, bytes.clone());
            let bytes = decision.text.get(bytes.len()..).unwrap_or_default().to_vec();
            *run = Run { bytes, ends: decision.ends };
        }
        let also = next.map_or_else(|| self.ends.clone(), |it| vec![it]);
        let weighed = Weighed::at(self.context.get_logits_ith(place), grammar, &also);
        let found = match next {
            // The grammar has to let through the token itself, whatever else decides the same.
            Some(next) => {
                weighed.of(|it| it == next).and_then(|_| weighed.of(|it| decision.is_made_by(&piece(it))))
            }
            None => weighed.of(|it| vocab.is_eog(it)),
        }?;
        let found = if next.is_some() && decision.open == 0 { Likelihood::default() } else { found };
        let likeliest = weighed.likeliest().take(alternatives);
        Some(TokenLogprob {
            bytes,
            logprob: found.logprob,
            allowed_logprob: found.allowed_logprob,
            alternatives: likeliest.map(|(token, it)| (piece(token), it.logprob)).collect(),
        })
    }
}

fn tell(judged: &Judged, with_logprobs: bool, watch: &Watch<'_>) {
    let mut likelihood = judged.end;
    let mut text = Vec::new();
    for said in &judged.said {
        likelihood += Likelihood { logprob: said.logprob, allowed_logprob: said.allowed_logprob };
        text.extend_from_slice(&said.bytes);
        if with_logprobs {
            watch.tell(Event::Piece(Piece { text: String::new(), logprob: Some(said.clone()) }));
        }
    }
    watch.tell(Event::Piece(Piece { text: String::from_utf8_lossy(&text).into_owned(), logprob: None }));
    watch.tell(Event::Ended(Ended { finish: Finish::Stop, likelihood: Some(likelihood) }));
}
