//! Usage of a desktop: from the points of `UserConnected` to sessions, billable hours and pictures of the week.
//!
//! `CloudWatch` says every five minutes whether a user is connected, and keeps that for 63 days. What is known of a desktop
//! is a [`Series`]; everything else is computed from it:
//!
//! ```text
//! points ─▶ Series ─▶ Session  (connected, with pauses the timer forgives)
//!             │  ▲       └───▶ Billable  (the hours of which AutoStop is paid, by day and month)
//!     stored ─┘  └─ stored             └───▶ Profile  (how the weekdays differ)
//!             └───▶ HeatMap, Activity
//! ```
//!
//! The invariant of it all: results depend on what was observed, never on how it was cut into runs, in which order it came,
//! or how often. A series is a set, and adding to it is a union.
//!
//! Time is UTC on the grid of the metric, [`SLOT`]; a month of the bill is a month in UTC. Only what people look at, days
//! and weekdays, has a time zone. Clocks that change therefore change no sum.
//!
//! What is deliberately not here: prices and advice, and the metric's other statistics.

mod activity;
mod billable;
mod daily;
mod ranges;
mod series;
mod sessions;
mod week;

use chrono::{DateTime, TimeDelta, Utc};

pub use activity::Activity;
pub use billable::{Billable, Month, Tally};
pub use daily::Day;
pub use series::Series;
pub use sessions::Session;
pub use week::{HeatMap, Profile};

/// A point stands for five minutes. `CloudWatch` names a period by its begin.
pub const SLOT: TimeDelta = TimeDelta::minutes(5);

/// Observations may be missing for so long before a figure that rests on them is an estimate.
pub const TOLERATED_GAP: TimeDelta = TimeDelta::minutes(15);

const SLOT_SECONDS: i64 = SLOT.num_seconds();

/// From an instant to another, which is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Span {
    #[must_use]
    pub const fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until }
    }

    /// Never negative.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        (self.until - self.from).max(TimeDelta::zero())
    }

    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }
}

/// How long after a disconnect AutoStop stops a desktop, `RunningModeAutoStopTimeoutInMinutes`. AWS takes whole hours; any
/// number of minutes can be computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeout {
    minutes: u16,
}

impl Timeout {
    /// AWS's default.
    pub const HOUR: Self = Self::from_minutes(60);
    /// What an advice may choose from.
    pub const CHOICES: [Self; 4] =
        [Self::HOUR, Self::from_minutes(120), Self::from_minutes(180), Self::from_minutes(240)];

    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Self {
        Self { minutes }
    }

    /// Of a desktop, as AWS tells it: none, or nonsense, is AWS's default.
    #[must_use]
    pub fn of_desktop(auto_stop_minutes: Option<i32>) -> Self {
        let told = auto_stop_minutes.and_then(|it| u16::try_from(it).ok()).filter(|it| *it > 0);
        told.map_or(Self::HOUR, Self::from_minutes)
    }

    /// The longest of these desktops' and of those that an advice may choose from: by its [`Timeout::reach`] is loaded what all of
    /// them are computed from.
    #[must_use]
    pub fn longest(of_desktops: impl IntoIterator<Item = Self>) -> Self {
        of_desktops.into_iter().chain(Self::CHOICES).max().unwrap_or_default()
    }

    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.minutes
    }

    /// How far from a month its hours may depend on what was observed: a pause of that length, counted from point to point,
    /// still belongs to one session. To compute the hours of a span exactly, load it and that much on either side.
    #[must_use]
    pub fn reach(self) -> TimeDelta {
        TimeDelta::seconds(self.seconds()) + SLOT
    }

    fn seconds(self) -> i64 {
        i64::from(self.minutes) * 60
    }
}

impl Default for Timeout {
    fn default() -> Self {
        Self::HOUR
    }
}

/// The number of the slot that an instant is in, since 1970.
fn slot_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(SLOT_SECONDS)
}

/// The first slot that does not begin before an instant.
fn slot_from(at: DateTime<Utc>) -> i64 {
    let exact = at.timestamp_subsec_nanos() == 0 && at.timestamp().rem_euclid(SLOT_SECONDS) == 0;
    slot_of(at) + i64::from(!exact)
}

/// When a slot begins.
fn begin_of(slot: i64) -> DateTime<Utc> {
    instant(slot.saturating_mul(SLOT_SECONDS))
}

/// Seconds since 1970; what no calendar has becomes its end.
fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(if seconds < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}
