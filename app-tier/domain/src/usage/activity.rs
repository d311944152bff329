//! Whether anybody uses a desktop at all.

use chrono::{DateTime, TimeDelta, Utc};

use super::Series;

/// How a desktop is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Nothing was observed. That is no reason to end anything.
    Unknown,
    /// No connection since the first observation, and AWS knows of none before.
    Never { since: DateTime<Utc> },
    /// Used once, but not for as long as was asked about.
    Abandoned { last_used: DateTime<Utc> },
    /// Used within that time.
    Used { last_used: DateTime<Utc> },
}

impl Activity {
    /// `last_connected` is AWS's `LastKnownUserConnectionTimestamp`, which may be older than any point that is kept; new and
    /// broken desktops have none, which alone is not "never". `patience` is how long nobody may connect before a desktop
    /// counts as abandoned. What claims to be later than `now` is ignored. A connection may hide in a gap of the series:
    /// [`Series::observed_part`] says how much was seen.
    #[must_use]
    pub fn of(
        series: &Series,
        last_connected: Option<DateTime<Utc>>,
        patience: TimeDelta,
        now: DateTime<Utc>,
    ) -> Self {
        let known = last_connected.filter(|it| *it <= now);
        if let Some(last_used) = series.last_connected(now).max(known) {
            return match now - last_used > patience {
                true => Self::Abandoned { last_used },
                false => Self::Used { last_used },
            };
        }
        let observed = series.observed().map(|it| it.from).filter(|it| *it <= now);
        observed.map_or(Self::Unknown, |since| Self::Never { since })
    }

    /// How long nobody has connected, for those of which that is known.
    #[must_use]
    pub fn idle(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        match *self {
            Self::Unknown => None,
            Self::Never { since: at } | Self::Abandoned { last_used: at } | Self::Used { last_used: at } => {
                Some(now - at)
            }
        }
    }
}
