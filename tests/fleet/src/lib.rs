//! A year of desktops and the people who use them, made from a seed: what cost rules and session reconstruction are
//! tried on when no real fleet is at hand.
//!
//! People differ by [`Kind`], by their own habits, and over time: they take leave, fall ill, keep public holidays, work
//! more or less as the year goes on, change their role, go away. The truth is a desktop's [`Connection`]s, to the second;
//! what can be observed of it are its [points](Desktop::points), as `CloudWatch` reports `UserConnected`, and
//! [what arrives](Desktop::reported) of those.
//!
//! Deliberately ignorant of the product: no price, no running mode, no billing rule. Who is judged by these years must not
//! have written them.
//!
//! The same seed gives the same year on every machine: no clock, no library's generator, and no function of floating
//! point numbers whose result the platform may choose.

mod absence;
mod calendar;
mod chance;
mod habits;
mod kind;
mod points;

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::{chance::Chance, habits::Habits};
pub use crate::{
    kind::Kind,
    points::{Faults, Points},
};

/// Where people are. They keep the same holidays; what differs is the clock, and when it changes.
const ZONES: [Tz; 4] = [Tz::Europe__Berlin, Tz::Europe__London, Tz::America__New_York, Tz::Asia__Singapore];

/// A company's desktops between two dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    seed: u64,
    size: u32,
    kinds: Option<Kind>,
    days: Range<NaiveDate>,
}

/// A time during which a client was connected, whole seconds. `ended` is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    pub began: DateTime<Utc>,
    pub ended: DateTime<Utc>,
}

/// A desktop, who uses it, and when he was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desktop {
    /// Unique in its fleet, and of the form that AWS gives.
    pub id: String,
    pub kind: Kind,
    /// Where its user is.
    pub zone: Tz,
    /// When the desktop's year begins, and its end, which is no part of it. Both are midnights in UTC.
    pub span: Range<DateTime<Utc>>,
    /// In order of time, apart from each other.
    pub connections: Vec<Connection>,
    seed: u64,
}

impl Fleet {
    /// `size` desktops of all kinds, in the proportions of [`Kind::share`], over the calendar year (UTC).
    #[must_use]
    pub fn mixed(seed: u64, size: u32, year: i32) -> Self {
        let first_day = |year| NaiveDate::from_yo_opt(year, 1).unwrap_or_default();
        Self { seed, size, kinds: None, days: first_day(year)..first_day(year.saturating_add(1)) }
    }

    /// The same with nobody but users of one kind.
    #[must_use]
    pub fn only(self, kind: Kind) -> Self {
        Self { kinds: Some(kind), ..self }
    }

    /// The same between other dates (UTC); the second one is no part of it.
    #[must_use]
    pub fn between(self, days: Range<NaiveDate>) -> Self {
        Self { days, ..self }
    }

    /// One desktop after the other. Each depends on seed and number alone, not on the fleet's size.
    pub fn desktops(&self) -> impl Iterator<Item = Desktop> + '_ {
        (0..self.size).map(|number| self.desktop(number))
    }

    fn desktop(&self, number: u32) -> Desktop {
        let seed = chance::of_one(self.seed, number);
        let mut chance = Chance::new(seed);
        let kind = self.kinds.unwrap_or_else(|| Kind::of(number));
        let zone = *chance.one_of(&ZONES).unwrap_or(&Tz::UTC);
        let span = midnight(self.days.start)..midnight(self.days.end);
        let habits = Habits::of(kind, &self.days, &mut chance);
        let connections = habits.connections(&self.days, zone, &mut chance);
        Desktop {
            id: format!("ws-{:04x}{number:05x}", seed >> 48),
            kind,
            zone,
            connections: within(connections, &span),
            span,
            seed,
        }
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

/// In order, without overlap, and nothing outside of the span: a person east of Greenwich begins his year in the old one.
fn within(mut connections: Vec<Connection>, span: &Range<DateTime<Utc>>) -> Vec<Connection> {
    connections.sort_by_key(|it| it.began);
    let mut apart: Vec<Connection> = Vec::with_capacity(connections.len());
    for it in connections {
        let it = Connection { began: it.began.max(span.start), ended: it.ended.min(span.end) };
        if it.began >= it.ended {
            continue;
        }
        match apart.last_mut() {
            Some(last) if it.began <= last.ended => last.ended = last.ended.max(it.ended),
            _ => apart.push(it),
        }
    }
    apart
}
