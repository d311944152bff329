//! Chance from a seed: `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
//!
//! Our own, since the generators of `rand` may change with its versions, and with them every year that was ever measured.
//! Not for secrets.

/// A stream of numbers that follows from its seed.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut it: u64) -> u64 {
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ (it >> 31)
}

/// The seed of one of many, which has nothing to do with its neighbours'.
pub(crate) fn of_one(seed: u64, number: u32) -> u64 {
    mixed(mixed(seed).wrapping_add(STEP.wrapping_mul(u64::from(number).wrapping_add(1))))
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A stream of its own. However much is drawn from it, this one goes on as if it were one number.
    pub(crate) fn branch(&mut self) -> Self {
        Self::new(self.next())
    }

    /// Evenly in 0..1.
    pub(crate) fn part(&mut self) -> f64 {
        let upper = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(upper) / (f64::from(u32::MAX) + 1.0)
    }

    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// Evenly in `least..most`.
    pub(crate) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.part()
    }

    /// A whole number, evenly, `most` included.
    pub(crate) fn whole(&mut self, least: i64, most: i64) -> i64 {
        let choices = u64::try_from(most - least + 1).unwrap_or(1).max(1);
        least + i64::try_from(self.next() % choices).unwrap_or(0)
    }

    /// Around `mean`, nearly as a normal distribution with deviation `spread`, and at most six of those away. A sum of
    /// twelve: unlike a logarithm or a cosine it is the same on every platform.
    pub(crate) fn around(&mut self, mean: f64, spread: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.part()).sum();
        mean + (sum - 6.0) * spread
    }

    pub(crate) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(choices.len()).ok()?.checked_sub(1)?;
        choices.get(usize::try_from(self.whole(0, last)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_paper() {
        let mut chance = Chance::new(1_234_567);
        let reference = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(reference.map(|_| chance.next()), reference);
    }

    #[test]
    fn parts_are_even_and_whole_numbers_reach_both_ends() {
        let mut chance = Chance::new(7);
        let mean = (0..10_000).map(|_| chance.part()).sum::<f64>() / 10_000.0;
        assert!((0.48..0.52).contains(&mean), "{mean}");
        let drawn: std::collections::BTreeSet<i64> = (0..100).map(|_| chance.whole(3, 6)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
