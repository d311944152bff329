//! Which token comes next: the most likely one that the grammar lets through.
//!
//! A grammar over the whole vocabulary costs about as much as a small model itself. So it is asked about the most likely
//! token alone, then about the [`POOL`] most likely ones, and about all of them only when those are refused. The
//! outcome is the same, since decoding is greedy: the likeliest of those let through. There is no temperature and no
//! seed: the same prompt gets the same answer.

use std::cmp::Ordering;

use llama_cpp_2::{
    sampling::LlamaSampler,
    token::{LlamaToken, data::LlamaTokenData, data_array::LlamaTokenDataArray},
};

use super::Likelihood;

/// Asking a grammar about this many tokens takes a fraction of a millisecond.
const POOL: usize = 1024;

/// The next token, and how it came about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) token: LlamaToken,
    /// The likely tokens were refused, so all were asked about.
    pub(super) searched_all: bool,
}

/// The grammar lets no token of this vocabulary through.
#[derive(Debug)]
pub(super) struct DeadEnd;

/// Picks the next token.
pub(super) fn choose(logits: &[f32], mut grammar: Option<&mut LlamaSampler>) -> Result<Choice, DeadEnd> {
    let likeliest = candidates(logits).max_by(by_likelihood).ok_or(DeadEnd)?;
    let mut best_of = |pool| let_through(pool, grammar.as_deref_mut()).into_iter().max_by(by_likelihood);
    if let Some(it) = best_of(vec![likeliest]).or_else(|| best_of(pool(logits))) {
        return Ok(Choice { token: it.id(), searched_all: false });
    }
    let found = best_of(candidates(logits).collect()).ok_or(DeadEnd)?;
    Ok(Choice { token: found.id(), searched_all: true })
}

/// The probabilities at one place, before the grammar accepts anything there.
///
/// Only the likely tokens are looked at, as in [`choose`]: finding the others would cost a pass over the whole
/// vocabulary, and together they weigh next to nothing.
pub(super) struct Weighed {
    /// What the grammar lets through, the likeliest first.
    allowed: Vec<LlamaTokenData>,
    normalizer: f32,
    allowed_normalizer: f32,
}

impl Weighed {
    /// `also` are tokens that count however unlikely they are.
    pub(super) fn at(logits: &[f32], grammar: Option<&mut LlamaSampler>, also: &[LlamaToken]) -> Self {
        let mut pool = pool(logits);
        for token in also {
            if pool.iter().all(|it| it.id() != *token) {
                pool.extend(candidate(logits, *token));
            }
        }
        let normalizer = log_sum_exp(logits);
        let is_bound = grammar.is_some();
        let mut allowed = let_through(pool, grammar);
        allowed.sort_unstable_by(|a, b| by_likelihood(b, a));
        let weights: Vec<f32> = allowed.iter().map(LlamaTokenData::logit).collect();
        let allowed_normalizer = if is_bound { log_sum_exp(&weights) } else { normalizer };
        Self { allowed, normalizer, allowed_normalizer }
    }

    /// How likely it is that one of these comes next. None: the grammar lets none of them through.
    pub(super) fn of(&self, wanted: impl Fn(LlamaToken) -> bool) -> Option<Likelihood> {
        let weights: Vec<f32> =
            self.allowed.iter().filter(|it| wanted(it.id())).map(LlamaTokenData::logit).collect();
        (!weights.is_empty()).then(|| self.likelihood(log_sum_exp(&weights)))
    }

    /// The likeliest ones that the grammar lets through.
    pub(super) fn likeliest(&self) -> impl Iterator<Item = (LlamaToken, Likelihood)> {
        self.allowed.iter().map(|it| (it.id(), self.likelihood(it.logit())))
    }

    fn likelihood(&self, logit: f32) -> Likelihood {
        // Rounding must not make anything likelier than certain.
        Likelihood {
            logprob: (logit - self.normalizer).min(0.0),
            allowed_logprob: (logit - self.allowed_normalizer).min(0.0),
        }
    }
}

fn let_through(pool: Vec<LlamaTokenData>, grammar: Option<&mut LlamaSampler>) -> Vec<LlamaTokenData> {
    let mut pool = LlamaTokenDataArray::new(pool, false);
    if let Some(grammar) = grammar {
        pool.apply_sampler(grammar);
    }
    pool.data.retain(|it| it.logit().is_finite());
    pool.data
}

/// The most likely tokens, in no order.
fn pool(logits: &[f32]) -> Vec<LlamaTokenData> {
    let mut pool: Vec<_> = candidates(logits).collect();
    if pool.len() > POOL {
        pool.select_nth_unstable_by(POOL, |a, b| by_likelihood(b, a));
        pool.truncate(POOL);
    }
    pool
}

fn by_likelihood(a: &LlamaTokenData, b: &LlamaTokenData) -> Ordering {
    a.logit().total_cmp(&b.logit())
}

fn candidate(logits: &[f32], token: LlamaToken) -> Option<LlamaTokenData> {
    let logit = usize::try_from(token.0).ok().and_then(|at| logits.get(at)).copied()?;
    Some(LlamaTokenData::new(token, if logit.is_nan() { f32::NEG_INFINITY } else { logit }, 0.0))
}

fn candidates(logits: &[f32]) -> impl Iterator<Item = LlamaTokenData> {
    (0i32..).zip(logits).map(|(id, logit)| {
        // A model file with broken weights yields NaN; it must not win a comparison.
        let logit = if logit.is_nan() { f32::NEG_INFINITY } else { *logit };
        LlamaTokenData::new(LlamaToken(id), logit, 0.0)
    })
}

fn log_sum_exp(logits: &[f32]) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    most + logits.iter().map(|it| (it - most).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_grammar_the_most_likely_token_is_chosen() {
        let choice = choose(&[0.1, 3.0, f32::NAN, -2.0], None).unwrap();
        assert_eq!(choice.token, LlamaToken(1));
        assert!(!choice.searched_all);
    }

    #[test]
    fn the_pool_holds_the_most_likely_tokens() {
        let logits: Vec<f32> = (0u16..3_000).map(|it| f32::from(it % 1_500)).collect();
        let pool = pool(&logits);
        assert_eq!(pool.len(), POOL);
        assert!(pool.iter().all(|it| it.logit() >= 987.0));
    }

    #[test]
    fn log_probabilities_are_normalized() {
        let logits = [1.0, 2.0, 3.0, 1_000.0, 999.0];
        let weighed = Weighed::at(&logits, None, &[]);
        let sum: f32 = weighed.likeliest().map(|(_, it)| it.logprob.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        assert!(weighed.likeliest().all(|(_, it)| it.logprob == it.allowed_logprob));
        assert_eq!(weighed.of(|it| it.0 == 77), None);
        let both = weighed.of(|it| it.0 >= 3).unwrap();
        assert!(both.logprob > -1e-4, "{both:?}");
    }

    #[test]
    fn a_token_that_counts_is_weighed_however_unlikely() {
        let logits: Vec<f32> = (0u16..3_000).map(|it| -f32::from(it)).collect();
        assert_eq!(Weighed::at(&logits, None, &[]).of(|it| it.0 == 2_999), None);
        let weighed = Weighed::at(&logits, None, &[LlamaToken(2_999)]);
        assert!(weighed.of(|it| it.0 == 2_999).unwrap().logprob < -2_000.0);
    }

    #[test]
    fn the_likeliest_come_first() {
        let logits: Vec<f32> = (0u8..200).map(f32::from).collect();
        let weighed = Weighed::at(&logits, None, &[]);
        let found: Vec<_> = weighed.likeliest().take(3).map(|it| it.0.0).collect();
        assert_eq!(found, [199, 198, 197]);
    }
}
