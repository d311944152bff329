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

/// The `wanted` most likely tokens that the grammar lets through, most likely first, with their log probabilities.
/// Call it before the grammar accepts `choice`. Where the choice was among the likely tokens, an alternative that is
/// not is left out: finding it would cost a pass over the whole vocabulary, and it is next to impossible anyway.
pub(super) fn alternatives(
    logits: &[f32],
    grammar: Option<&mut LlamaSampler>,
    choice: Choice,
    wanted: usize,
) -> Vec<(LlamaToken, f32)> {
    if wanted == 0 {
        return Vec::new();
    }
    let normalizer = log_sum_exp(logits);
    let pool = if choice.searched_all { candidates(logits).collect() } else { pool(logits) };
    let mut found = let_through(pool, grammar);
    found.sort_unstable_by(|a, b| by_likelihood(b, a));
    found.iter().take(wanted).map(|it| (it.id(), it.logit() - normalizer)).collect()
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

/// Log probability of one token, as the model has it before any grammar.
pub(super) fn log_probability(logits: &[f32], token: LlamaToken) -> f32 {
    let logit = usize::try_from(token.0).ok().and_then(|at| logits.get(at)).copied();
    logit.map_or(f32::NEG_INFINITY, |it| it - log_sum_exp(logits))
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
        let sum: f32 = (0..5).map(|it| log_probability(&logits, LlamaToken(it)).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        assert_eq!(log_probability(&logits, LlamaToken(77)), f32::NEG_INFINITY);
    }

    #[test]
    fn alternatives_come_in_order_of_likelihood() {
        let logits: Vec<f32> = (0u8..200).map(f32::from).collect();
        let choice = choose(&logits, None).unwrap();
        let found = alternatives(&logits, None, choice, 3);
        assert_eq!(found.iter().map(|it| it.0.0).collect::<Vec<_>>(), [199, 198, 197]);
        assert!(found.windows(2).all(|it| it[0].1 > it[1].1));
        assert!(alternatives(&logits, None, choice, 0).is_empty());
    }
}
