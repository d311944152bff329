//! The usual hours of each weekday, and around the turn of a month.

use chrono::{Datelike, NaiveDate};

use super::super::calendar::{days_between, days_left};

/// So many days on either side of a month's end are its turn: what is closed, paid and reported by the month.
const TURN_DAYS: u32 = 5;
/// Turns that are so many times as busy as other days are a habit. A leave in the midst of a month does less.
const BUSY: f64 = 3.0;

/// A known day and its hours.
pub(super) type Day = (NaiveDate, f64);

/// Usual hours by weekday, Monday first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Profile {
    turn: [f64; 7],
    between: [f64; 7],
}

impl Profile {
    /// From known days, of which those weigh half that are `half_life_days` older than others.
    pub(super) fn new(days: &[Day], before: NaiveDate, half_life_days: f64) -> Self {
        let weight = |date| (-f64::from(days_between(date, before)) / half_life_days).exp2();
        let usual = weekday_means(days, weight, |hours| hours);
        let busy = |turn: bool| {
            let (mut used, mut expected) = (0.0, 0.0);
            for (date, hours) in days.iter().filter(|(date, _)| is_turn(*date) == turn) {
                used += hours * weight(*date);
                expected += of_weekday(&usual, *date) * weight(*date);
            }
            (expected > 0.0).then_some(used / expected)
        };
        match (busy(true), busy(false)) {
            (Some(turn), Some(between)) if turn > BUSY * between => {
                Self { turn: usual.map(|it| it * turn), between: usual.map(|it| it * between) }
            }
            _ => Self { turn: usual, between: usual },
        }
    }

    /// Whether the turn of the month is another time than the rest of it.
    pub(super) fn is_monthly(&self) -> bool {
        self.turn != self.between
    }

    pub(super) fn hours(&self, date: NaiveDate) -> f64 {
        of_weekday(if is_turn(date) { &self.turn } else { &self.between }, date)
    }
}

fn is_turn(date: NaiveDate) -> bool {
    date.day() <= TURN_DAYS || days_left(date) <= TURN_DAYS
}

/// The weighted mean of `of` by weekday. A weekday that is not known at all is as the mean of the others.
pub(super) fn weekday_means(
    days: &[Day],
    weight: impl Fn(NaiveDate) -> f64,
    of: impl Fn(f64) -> f64,
) -> [f64; 7] {
    let mut sums = [(0.0, 0.0); 7];
    for (date, hours) in days {
        if let Some((sum, n)) = sums.get_mut(weekday(*date)) {
            let weight = weight(*date);
            *sum += of(*hours) * weight;
            *n += weight;
        }
    }
    let means = sums.map(|(sum, n)| (n > 0.0).then_some(sum / n));
    let known = || means.iter().flatten();
    let mean_of_known = known().sum::<f64>() / super::count(known().count()).max(1.0);
    means.map(|it| it.unwrap_or(mean_of_known))
}

pub(super) fn of_weekday(means: &[f64; 7], date: NaiveDate) -> f64 {
    means.get(weekday(date)).copied().unwrap_or(0.0)
}

fn weekday(date: NaiveDate) -> usize {
    usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0)
}
