//! Prefixes that were evaluated before and are not in use now.
//!
//! The context itself holds one sequence. When the next prompt begins quite differently (another reader's rights cut
//! the catalog differently), the sequence's state is put on this shelf, and taken down again when a prompt comes that
//! begins like it. One sequence plus states in plain memory costs milliseconds to switch, while several live sequences
//! would each need room for a whole context.
//!
//! Invariant: never more than [`MAX_STATES`] states, and never more than [`MAX_BYTES`] bytes.

/// One per cut of the catalog; four roles exist.
pub(super) const MAX_STATES: usize = 4;
/// A 600-token prefix takes 14 MB with the small model and 230 MB with Phi-3-mini.
const MAX_BYTES: usize = 1 << 30;
/// Fewer tokens than this are evaluated again rather than kept: a question, its answer and the role tokens around.
pub(super) const WORTH_KEEPING_TOKENS: usize = 96;

/// States by the tokens that led to them, the most recently used last.
#[derive(Debug)]
pub(super) struct Shelf<S> {
    kept: Vec<Kept<S>>,
}

/// The state after `tokens`.
#[derive(Debug)]
pub(super) struct Kept<S> {
    pub(super) tokens: Vec<i32>,
    pub(super) state: S,
    pub(super) bytes: usize,
}

impl<S> Shelf<S> {
    pub(super) fn new() -> Self {
        Self { kept: Vec::new() }
    }

    /// Keeps a state; the least recently used ones make room.
    pub(super) fn put(&mut self, kept: Kept<S>) {
        if kept.bytes > MAX_BYTES {
            return;
        }
        self.kept.push(kept);
        while self.kept.len() > MAX_STATES || self.bytes() > MAX_BYTES {
            self.kept.remove(0);
        }
    }

    /// The state that shares most with `prompt`, and how many tokens, if they are more than `at_least`.
    ///
    /// It leaves the shelf: what it becomes is put back later. When much of it would be lost by that, because the
    /// prompt leaves it early, `lend` is asked for a copy instead.
    pub(super) fn take(
        &mut self,
        prompt: &[i32],
        at_least: usize,
        lend: impl Fn(&S) -> S,
    ) -> Option<Kept<S>> {
        let (at, shared) = self
            .kept
            .iter()
            .enumerate()
            .map(|(at, it)| (at, shared_tokens(&it.tokens, prompt)))
            .max_by_key(|(_, shared)| *shared)
            .filter(|(_, shared)| *shared > at_least)?;
        let kept = self.kept.remove(at);
        if kept.tokens.len() - shared > WORTH_KEEPING_TOKENS {
            let copy = Kept { tokens: kept.tokens.clone(), state: lend(&kept.state), bytes: kept.bytes };
            self.kept.push(copy);
        }
        Some(kept)
    }

    /// Bytes that the states take.
    pub(super) fn bytes(&self) -> usize {
        self.kept.iter().map(|it| it.bytes).sum()
    }

    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

/// How many tokens two sequences have in common from the start.
pub(super) fn shared_tokens(one: &[i32], other: &[i32]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(first: i32, n: i32) -> Vec<i32> {
        (0..n).map(|it| first * 1_000 + it).collect()
    }

    fn kept(first: i32, n: i32) -> Kept<i32> {
        Kept { tokens: tokens(first, n), state: first, bytes: 10 }
    }

    #[test]
    fn the_longest_common_beginning_wins_and_leaves_the_shelf() {
        let mut shelf = Shelf::new();
        shelf.put(kept(1, 50));
        shelf.put(kept(2, 50));
        let mut prompt = tokens(1, 40);
        prompt.push(-1);
        assert_eq!(shelf.take(&prompt, 0, |it| *it).map(|it| it.state), Some(1));
        assert_eq!(shelf.len(), 1);
        assert!(shelf.take(&prompt, 0, |it| *it).is_none());
    }

    #[test]
    fn what_the_context_already_has_is_not_fetched() {
        let mut shelf = Shelf::new();
        shelf.put(kept(1, 50));
        assert!(shelf.take(&tokens(1, 60), 50, |it| *it).is_none());
    }

    #[test]
    fn a_state_that_would_lose_much_is_lent_not_given() {
        let mut shelf = Shelf::new();
        shelf.put(kept(1, 500));
        assert!(shelf.take(&tokens(1, 100), 0, |it| *it).is_some());
        assert_eq!(shelf.len(), 1);
    }

    #[test]
    fn the_least_recently_used_state_makes_room() {
        let mut shelf = Shelf::new();
        for first in 0..=i32::try_from(MAX_STATES).unwrap() {
            shelf.put(kept(first, 50));
        }
        assert_eq!(shelf.len(), MAX_STATES);
        assert!(shelf.take(&tokens(0, 50), 0, |it| *it).is_none());
        assert!(shelf.take(&tokens(1, 50), 0, |it| *it).is_some());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut shelf = Shelf::new();
        shelf.put(Kept { bytes: MAX_BYTES + 1, ..kept(1, 50) });
        assert_eq!(shelf.len(), 0);
        shelf.put(Kept { bytes: MAX_BYTES - 5, ..kept(1, 50) });
        shelf.put(kept(2, 50));
        assert_eq!(shelf.bytes(), 10);
    }
}
