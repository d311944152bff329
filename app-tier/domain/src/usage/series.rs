//! What is known of one desktop's connections.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::{SLOT_SECONDS, Span, begin_of, ranges::Ranges, slot_from, slot_of};

/// Two sets of slots: those that were observed, and of those the ones in which a user was connected.
///
/// Adding is a union, of points as of whole series: order, repetition and the way it was cut into runs leave no trace. Where
/// two points of one slot disagree, *connected* holds, since the metric is a maximum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// Contains all of `connected`.
    pub(super) observed: Ranges,
    pub(super) connected: Ranges,
}

impl Series {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A series as it is stored: the span that was observed, what of it was not, and when a user was connected. Instants off
    /// the grid count for the slot they are in.
    #[must_use]
    pub fn from_stored(
        observed: Span,
        gaps: impl IntoIterator<Item = Span>,
        connected: impl IntoIterator<Item = Span>,
    ) -> Self {
        let gaps: Ranges = gaps.into_iter().map(slots).collect();
        let connected: Ranges = connected.into_iter().map(slots).collect();
        let observed: Ranges = gaps.missing(&slots(observed)).into_iter().collect();
        // Whoever was seen connected was seen.
        Self { observed: observed.union(&connected), connected }
    }

    /// A point: whether a user was connected in the slot that `at` is in.
    #[inline]
    pub fn add(&mut self, at: DateTime<Utc>, connected: bool) {
        let slot = slot_of(at);
        self.observed.add(slot);
        if connected {
            self.connected.add(slot);
        }
    }

    /// Everything that either of them knows.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            observed: self.observed.union(&other.observed),
            connected: self.connected.union(&other.connected),
        }
    }

    /// What of it is known of a span, rounded out to whole slots.
    #[must_use]
    pub fn within(&self, span: Span) -> Self {
        let bounds = slots(span);
        Self {
            observed: self.observed.within(&bounds).collect(),
            connected: self.connected.within(&bounds).collect(),
        }
    }

    /// Drops what claims to be later than `now`, and says how many points that were: a clock is wrong. To be called before
    /// a series is stored, since a claim about the future must not become the past by waiting. Computations ignore such
    /// points in any case.
    pub fn drop_after(&mut self, now: DateTime<Utc>) -> u64 {
        let future = slot_of(now) + 1..i64::MAX;
        let claimed = u64::try_from(self.observed.count(&future)).unwrap_or(0);
        if claimed > 0 {
            let past = i64::MIN..future.start;
            self.observed = self.observed.within(&past).collect();
            self.connected = self.connected.within(&past).collect();
        }
        claimed
    }

    /// From the first observed slot to the end of the last one.
    #[must_use]
    pub fn observed(&self) -> Option<Span> {
        self.observed.hull().map(|it| span(&it))
    }

    /// What was not observed of [`Series::observed`], in order.
    pub fn gaps(&self) -> impl Iterator<Item = Span> + use<> {
        let gaps = self.observed.hull().map(|it| self.observed.missing(&it)).unwrap_or_default();
        gaps.into_iter().map(|it| span(&it))
    }

    /// When a user was connected, in order and apart.
    pub fn connected(&self) -> impl Iterator<Item = Span> + '_ {
        self.connected.as_slice().iter().map(span)
    }

    /// When the last slot with a user began, of those that begin by `now`.
    #[must_use]
    pub fn last_connected(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.connected.last_below(slot_of(now) + 1).map(begin_of)
    }

    /// How many points it stands for.
    #[must_use]
    pub fn points(&self) -> u64 {
        u64::try_from(self.observed.count(&(i64::MIN..i64::MAX))).unwrap_or(0)
    }
}

impl Extend<(DateTime<Utc>, bool)> for Series {
    fn extend<I: IntoIterator<Item = (DateTime<Utc>, bool)>>(&mut self, points: I) {
        for (at, connected) in points {
            self.add(at, connected);
        }
    }
}

impl FromIterator<(DateTime<Utc>, bool)> for Series {
    fn from_iter<I: IntoIterator<Item = (DateTime<Utc>, bool)>>(points: I) -> Self {
        let mut series = Self::new();
        series.extend(points);
        series
    }
}

/// All slots that a span touches.
pub(super) fn slots(span: Span) -> Range<i64> {
    slot_of(span.from)..slot_from(span.until)
}

fn span(slots: &Range<i64>) -> Span {
    debug_assert!(slots.start.checked_mul(SLOT_SECONDS).is_some(), "slots come from instants");
    Span::new(begin_of(slots.start), begin_of(slots.end))
}
