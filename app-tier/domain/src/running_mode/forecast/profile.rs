//! The usual hours of each weekday, and around the turn of a month.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::super::calendar::{days_between, days_left};

/// The turn of a month is at most so many working days on either side of its end: what is closed, paid and reported by
/// the month. How many they are, usage says.
const LONGEST_TURN: u32 = 5;
/// Turns that are so many times as busy as other working days are a habit. A leave in the midst of a month does less.
const BUSY: f64 = 3.0;
/// A month turns once while each weekday comes four times: its habit is learned from days so many times as old.
const TURN_MEMORY: f64 = 3.0;

/// A known day and its hours.
pub(super) type Day = (NaiveDate, f64);

/// Usual hours by weekday, Monday first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Profile {
    week: [f64; 7],
    turn: Option<Turn>,
}

/// The turn of the month of somebody who works then, and hardly between.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turn {
    /// So many working days on either side of a month's end belong to it.
    reach: u32,
    /// Usual hours of each of them.
    hours: f64,
}

impl Profile {
    /// From known days, of which those weigh half that are `half_life_days` older than others.
    pub(super) fn new(days: &[Day], before: NaiveDate, half_life_days: f64) -> Self {
        let weight = |half_life: f64| move |date| (-f64::from(days_between(date, before)) / half_life).exp2();
        let long = weight(half_life_days * TURN_MEMORY);
        let Some((turn, between)) = Turn::found(days, long) else {
            return Self { week: weekday_means(days, weight(half_life_days), |hours| hours), turn: None };
        };
        // The turns of half a year have too few days of each weekday to tell those apart.
        let of_weekends = days.iter().filter(|(date, _)| turn_distance(*date).is_none());
        let weekend = Sum::of(of_weekends.map(|(date, hours)| Sum::one(*hours, long(*date)))).mean();
        let week = [between, between, between, between, between, weekend, weekend];
        Self { week, turn: Some(turn) }
    }

    /// Whether the turn of the month is another time than the rest of it.
    pub(super) fn is_monthly(&self) -> bool {
        self.turn.is_some()
    }

    pub(super) fn hours(&self, date: NaiveDate) -> f64 {
        let turn = self.turn.filter(|it| turn_distance(date).is_some_and(|distance| distance <= it.reach));
        turn.map_or_else(|| of_weekday(&self.week, date), |it| it.hours)
    }
}

impl Turn {
    /// The turn, and the usual hours of working days outside of it. Of all turns that are busy enough the one that tells
    /// working days apart best: what varies between the two sorts of days is most.
    fn found(days: &[Day], weight: impl Fn(NaiveDate) -> f64) -> Option<(Self, f64)> {
        let mut by_distance = BTreeMap::<u32, Sum>::new();
        for (date, hours) in days {
            if let Some(distance) = turn_distance(*date) {
                let sum = by_distance.entry(distance).or_default();
                *sum = sum.plus(Sum::one(*hours, weight(*date)));
            }
        }
        let candidate = |reach| {
            let turn = Sum::of(by_distance.range(..=reach).map(|it| *it.1));
            let other = Sum::of(by_distance.range(reach + 1..).map(|it| *it.1));
            let (hours, between) = (turn.mean(), other.mean());
            let apart = turn.weight * other.weight * (hours - between).powi(2);
            (apart > 0.0 && hours > BUSY * between).then_some((apart, Self { reach, hours }, between))
        };
        let best = (1..=LONGEST_TURN).filter_map(candidate).max_by(|one, other| one.0.total_cmp(&other.0))?;
        Some((best.1, best.2))
    }
}

/// How many working days it is to the nearer end of the month, the day itself among them. `None` at weekends. Public
/// holidays are not known.
fn turn_distance(date: NaiveDate) -> Option<u32> {
    let weekday = date.weekday().num_days_from_monday();
    let since = working_days((weekday + 35 - date.day0()) % 7, date.day());
    let until = working_days(weekday, days_left(date));
    (weekday < WORKING_DAYS).then_some(since.min(until))
}

/// From Monday on.
const WORKING_DAYS: u32 = 5;

/// Working days among so many in a row, of which the first is so many days after Monday.
fn working_days(first: u32, days: u32) -> u32 {
    let rest = (first..first + days % 7).filter(|it| it % 7 < WORKING_DAYS);
    days / 7 * WORKING_DAYS + rest.map(|_| 1).sum::<u32>()
}

/// Hours by their weights, added up.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    hours: f64,
    weight: f64,
}

impl Sum {
    fn one(hours: f64, weight: f64) -> Self {
        Self { hours: hours * weight, weight }
    }

    fn of(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), Self::plus)
    }

    fn plus(self, other: Self) -> Self {
        Self { hours: self.hours + other.hours, weight: self.weight + other.weight }
    }

    /// Nothing of nothing.
    fn mean(self) -> f64 {
        if self.weight > 0.0 { self.hours / self.weight } else { 0.0 }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::running_mode::testing::{date, days_before};

    #[test]
    fn working_days_are_counted_to_the_nearer_end() {
        // 1 and 30 November 2026 are a Sunday and a Monday.
        for (day, distance) in [
            ("2026-11-01", None),
            ("2026-11-02", Some(1)),
            ("2026-11-09", Some(6)),
            ("2026-11-16", Some(11)),
            ("2026-11-17", Some(10)),
            ("2026-11-27", Some(2)),
            ("2026-11-30", Some(1)),
            ("2027-02-28", None),
        ] {
            assert_eq!(turn_distance(date(day)), distance, "{day}");
        }
    }

    #[test]
    fn how_long_a_turn_is_is_told_from_usage() {
        let before = date("2026-11-20");
        for reach in 1..=LONGEST_TURN {
            let of = |it: NaiveDate| turn_distance(it).filter(|it| *it <= reach).map_or(0.0, |_| 9.0);
            let days: Vec<Day> = days_before(before, 182).map(|it| (it, of(it))).collect();
            let profile = Profile::new(&days, before, 28.0);
            assert_eq!(profile.turn.map(|it| it.reach), Some(reach));
            for it in before.iter_days().take(40) {
                assert!((profile.hours(it) - of(it)).abs() < 1e-9, "{it}");
            }
        }
    }

    #[test]
    fn who_works_every_day_has_no_turn() {
        let before = date("2026-11-20");
        let office = |it: NaiveDate| if turn_distance(it).is_some() { 8.0 } else { 0.0 };
        let days: Vec<Day> = days_before(before, 182).map(|it| (it, office(it))).collect();
        assert!(!Profile::new(&days, before, 28.0).is_monthly());
        // Nor does anybody of whom only a turn is known.
        let turn: Vec<Day> = days_before(date("2026-11-07"), 14).map(|it| (it, office(it))).collect();
        assert!(!Profile::new(&turn, date("2026-11-07"), 28.0).is_monthly());
    }
}
