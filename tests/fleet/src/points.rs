//! What can be seen from outside: `UserConnected` every five minutes, and what becomes of it on the way.

use std::iter::Peekable;
use std::ops::Range;
use std::slice;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Connection, Desktop, chance::Chance};

const PERIOD: i64 = 300;

/// What goes wrong between a desktop and who asks for its metric. Zero is never.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Faults {
    /// Stretches without points a year, on average; each 20 minutes to 10 hours.
    pub gaps_a_year: f64,
    /// The part of single points that are lost, 0..1.
    pub lost: f64,
    /// The part of points that come twice, 0..1.
    pub doubled: f64,
    /// The part of points whose time is some seconds late, 0..1.
    pub late: f64,
    /// Points arrive in pages of so many, and those of a page in any order. One keeps the order.
    pub page: usize,
}

impl Faults {
    /// As bad as a bad year gets.
    pub const ROUGH: Self = Self { gaps_a_year: 30.0, lost: 0.002, doubled: 0.01, late: 0.02, page: 288 };
}

/// A desktop's points in order of time. See [`Desktop::points`].
#[derive(Debug, Clone)]
pub struct Points<'a> {
    seconds: Range<i64>,
    connections: Peekable<slice::Iter<'a, Connection>>,
}

impl Desktop {
    /// `UserConnected` by `Maximum` over five minutes: for each period from the span's begin to its end when it begins, and
    /// whether anybody was connected in it.
    #[must_use]
    pub fn points(&self) -> Points<'_> {
        Points {
            seconds: self.span.start.timestamp()..self.span.end.timestamp(),
            connections: self.connections.iter().peekable(),
        }
    }

    /// What arrives of the points: some missing, some twice, some late, out of order by page. Always the same for the same
    /// desktop and faults.
    #[must_use]
    pub fn reported(&self, faults: Faults) -> Vec<(DateTime<Utc>, bool)> {
        let mut chance = Chance::new(self.seed ^ 0x6761_7073);
        let mut arrived = Vec::new();
        let mut silent_until = self.span.start;
        let silence = faults.gaps_a_year / (365.0 * 288.0);
        for (at, connected) in self.points() {
            if chance.happens(silence) {
                silent_until = at + TimeDelta::minutes(chance.whole(20, 600));
            }
            if at < silent_until || chance.happens(faults.lost) {
                continue;
            }
            let late = if chance.happens(faults.late) { chance.whole(1, PERIOD - 1) } else { 0 };
            let point = (at + TimeDelta::seconds(late), connected);
            arrived.push(point);
            if chance.happens(faults.doubled) {
                arrived.push(point);
            }
        }
        for page in arrived.chunks_mut(faults.page.max(1)) {
            shuffle(page, &mut chance);
        }
        arrived
    }
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T], chance: &mut Chance) {
    for last in (1..items.len()).rev() {
        let other = i64::try_from(last).map(|it| chance.whole(0, it));
        if let Some(other) = other.ok().and_then(|it| usize::try_from(it).ok()) {
            items.swap(last, other);
        }
    }
}

impl Iterator for Points<'_> {
    type Item = (DateTime<Utc>, bool);

    fn next(&mut self) -> Option<Self::Item> {
        if self.seconds.is_empty() {
            return None;
        }
        let begins = self.seconds.start;
        self.seconds.start = begins + PERIOD;
        let ends = self.seconds.start;
        while self.connections.next_if(|it| it.ended.timestamp() <= begins).is_some() {}
        let connected = self.connections.peek().is_some_and(|it| it.began.timestamp() < ends);
        Some((DateTime::from_timestamp(begins, 0)?, connected))
    }
}
