//! How long to wait before trying again.

use std::time::Duration;

use rand::RngExt;

/// Doubling waits with jitter, between `first` and `longest`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// Between attempts of one job: from five seconds to a quarter of an hour, about half an hour over eight attempts.
    pub(crate) const JOB: Self = Self { first: Duration::from_secs(5), longest: Duration::from_secs(900) };
    /// While PostgreSQL is away: quick enough to be back when it is, slow enough not to storm it.
    pub(crate) const DATABASE: Self =
        Self { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

    /// The wait after `failures` in a row (1 is the first). Half of it is random, so that jobs that failed together
    /// do not come back together.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let whole = self.first.saturating_mul(1_u32 << doublings).min(self.longest);
        whole.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_within_their_bounds() {
        for (failures, whole) in [(1, 5), (2, 10), (3, 20), (8, 640), (9, 900), (1000, 900)] {
            let whole = Duration::from_secs(whole);
            let wait = Backoff::JOB.after(failures);
            assert!(wait >= whole / 2 && wait <= whole, "{failures} failures gave {wait:?}");
        }
    }

    #[test]
    fn two_waits_differ() {
        let waits: Vec<_> = (0..8).map(|_| Backoff::JOB.after(8)).collect();
        assert!(waits.iter().any(|wait| *wait != waits[0]));
    }
}
