//! How many billable hours are still to come: the weekday profile of the last weeks, laid over the days ahead.
//!
//! - The profile is the mean of each weekday, the last weeks weighing most. Who works around the turn of the month, and
//!   hardly between, has a profile for that instead: as many working days on either side as his usage says.
//! - Absences are left out of it. Who is away now is expected to be away for half as long again as he has been, and then
//!   to come back to his profile.
//! - Of what the profile says for the next month only a part is expected: leave, illness and holidays will come, only
//!   nobody knows when.
//!
//! Deliberately simple and deterministic: no fitting, no chance, no calendar of holidays. How far a sum can be off is a
//! normal approximation: weeks vary as they did, and the profile is only as good as the weeks that it is from.

mod absence;
mod profile;

use chrono::{Days, NaiveDate};

use self::{
    absence::{absences, without},
    profile::{Day, Profile},
};
use super::{
    History, Policy,
    calendar::{days, days_between, month_end},
};

/// The 90 % point of the standard normal distribution.
const Z90: f64 = 1.281_551_565_544_6;

/// Billable hours that are to come within some days. Quantiles are of a normal distribution, none below zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    pub mean: f64,
    pub standard_deviation: f64,
    /// In one of ten cases it is less.
    pub p10: f64,
    pub p50: f64,
    /// In one of ten cases it is more.
    pub p90: f64,
}

impl Outlook {
    fn new(mean: f64, variance: f64) -> Self {
        let standard_deviation = variance.max(0.0).sqrt();
        let at = |z: f64| (mean + z * standard_deviation).max(0.0);
        Self { mean, standard_deviation, p10: at(-Z90), p50: at(0.0), p90: at(Z90) }
    }

    /// The chance that it is at most so many hours, 0 to 1.
    #[must_use]
    pub fn at_most(&self, hours: f64) -> f64 {
        if self.standard_deviation <= f64::EPSILON {
            return if self.mean <= hours { 1.0 } else { 0.0 };
        }
        normal((hours - self.mean) / self.standard_deviation)
    }
}

/// The standard normal distribution function, within 10⁻⁷ (Abramowitz and Stegun, 26.2.17).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let series = t
        * (0.319_381_53
            + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * series;
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// What one desktop's user is expected to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    profile: Profile,
    /// Until before this day the user is expected to be away.
    back: NaiveDate,
    /// From this day on only [`Policy::attendance`] of the profile is expected.
    next_month: NaiveDate,
    attendance: f64,
    /// Of the hours of a week.
    weekly_variance: f64,
    /// How many weeks the profile is from.
    weeks: f64,
    /// Days of which the hours are known, and all that were looked at.
    pub known_days: u32,
    pub days: u32,
}

impl Forecast {
    /// The forecast of the days from `history.before` on.
    #[must_use]
    pub fn new(history: History<'_>, policy: &Policy) -> Self {
        let window = history.last(usize::from(policy.weeks) * 7);
        let known: Vec<Day> = window.days().filter_map(|(date, it)| Some((date, it?))).collect();
        let profile = |days: &[Day]| Profile::new(days, history.before, policy.half_life_days.max(1.0));
        let of_all = profile(&known);
        // The weeks between two turns of the month are no absence of somebody who works around them.
        let away =
            if policy.absences && !of_all.is_monthly() { absences(&known, policy) } else { Vec::new() };
        let present = without(&known, &away);
        let away_now = away.last().filter(|it| it.until == history.before);
        let back = away_now.map_or(history.before, |it| {
            let again = f64::from(days_between(it.from, it.until)) * policy.absence_again;
            it.until.checked_add_days(whole_days(again)).unwrap_or(it.until)
        });
        Self {
            profile: if present.is_empty() { of_all } else { profile(&present) },
            back,
            next_month: month_end(history.before),
            attendance: policy.attendance,
            weekly_variance: weekly_variance(&known),
            weeks: count(known.len()) / 7.0,
            known_days: u32::try_from(known.len()).unwrap_or(u32::MAX),
            days: u32::try_from(window.hours.len()).unwrap_or(u32::MAX),
        }
    }

    /// Expected hours of one day.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> f64 {
        if date < self.back {
            0.0
        } else if date < self.next_month {
            self.profile.hours(date)
        } else {
            self.profile.hours(date) * self.attendance
        }
    }

    /// Until before which day the user is expected to be away, when he is away.
    #[must_use]
    pub fn away_until(&self, today: NaiveDate) -> Option<NaiveDate> {
        (self.back > today).then_some(self.back)
    }

    /// The hours from `from` to before `until`; of the first day only `first_share` is still to come (0 to 1).
    #[must_use]
    pub fn outlook(&self, from: NaiveDate, until: NaiveDate, first_share: f64) -> Outlook {
        let passed = (1.0 - first_share).clamp(0.0, 1.0);
        let mean = days(from, until).map(|it| self.day(it)).sum::<f64>() - self.day(from) * passed;
        let weeks = (f64::from(days_between(from, until)) - passed).max(0.0) / 7.0;
        if weeks <= 0.0 {
            return Outlook::new(0.0, 0.0);
        }
        let of_the_profile = weeks * weeks / self.weeks.max(1.0);
        Outlook::new(mean.max(0.0), self.weekly_variance * (weeks + of_the_profile))
    }
}

/// The variance of the hours of whole weeks, counted back from the last known day; with fewer than three weeks, seven
/// times that of the days.
fn weekly_variance(known: &[Day]) -> f64 {
    let weeks: Vec<f64> = known.rchunks_exact(7).map(|it| it.iter().map(|(_, hours)| hours).sum()).collect();
    if weeks.len() >= 3 {
        return variance(&weeks);
    }
    let days: Vec<f64> = known.iter().map(|(_, hours)| *hours).collect();
    variance(&days) * 7.0
}

fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let n = count(values.len());
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

/// How many, as a number to reckon with.
pub(super) fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

fn whole_days(days: f64) -> Days {
    #[expect(clippy::as_conversions, reason = "a float becomes the nearest integer within bounds")]
    let whole = days.clamp(0.0, 3650.0).round() as u64;
    Days::new(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::running_mode::testing::{date, days_before};

    /// Eight hours on working days, from a Monday on.
    fn office(weeks: usize) -> Vec<Option<f64>> {
        [8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0].map(Some).repeat(weeks)
    }

    fn forecast(before: &str, hours: &[Option<f64>]) -> Forecast {
        Forecast::new(
            History { before: date(before), hours },
            &Policy { attendance: 1.0, ..Policy::default() },
        )
    }

    #[test]
    fn the_profile_is_laid_over_the_days_ahead() {
        // 2 November 2026 is a Monday.
        let it = forecast("2026-11-02", &office(8));
        let outlook = it.outlook(date("2026-11-02"), date("2026-12-01"), 1.0);
        assert_eq!((outlook.mean, outlook.p10, outlook.p50, outlook.p90), (168.0, 168.0, 168.0, 168.0));
        assert_eq!(it.outlook(date("2026-11-02"), date("2026-11-03"), 0.25).mean, 2.0);
        assert_eq!(it.outlook(date("2026-11-02"), date("2026-11-02"), 1.0).mean, 0.0);
    }

    #[test]
    fn a_leave_is_no_part_of_the_profile_and_is_expected_to_last_for_half_as_long_again() {
        let mut hours = office(10);
        for day in hours.iter_mut().skip(56) {
            *day = Some(0.0);
        }
        let it = forecast("2026-11-02", &hours);
        // Away since Saturday, 17 October: sixteen days, and eight more.
        assert_eq!(it.away_until(date("2026-11-02")), Some(date("2026-11-10")));
        assert_eq!((it.day(date("2026-11-09")), it.day(date("2026-11-10"))), (0.0, 8.0));
        // Back for a week, the fortnight in between is no habit.
        hours.extend(office(1));
        let it = forecast("2026-11-09", &hours);
        assert_eq!((it.away_until(date("2026-11-09")), it.day(date("2026-11-10"))), (None, 8.0));
    }

    #[test]
    fn rare_use_is_no_absence() {
        let hours = [3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0].map(Some).repeat(8);
        let it = forecast("2026-11-02", &hours);
        assert_eq!((it.away_until(date("2026-11-02")), it.day(date("2026-11-02"))), (None, 3.0));
    }

    #[test]
    fn who_works_around_the_turn_of_the_month_is_expected_then() {
        let before = date("2026-11-20");
        let hours: Vec<Option<f64>> = days_before(before, 182)
            .map(|it| Some(if it.format("%d").to_string().parse::<u32>().unwrap() <= 4 { 10.0 } else { 0.0 }))
            .collect();
        let it = forecast("2026-11-20", &hours);
        assert!(it.day(date("2026-11-17")) < 0.5);
        assert!(it.day(date("2026-12-02")) > 3.0);
    }

    #[test]
    fn unknown_days_are_neither_use_nor_absence() {
        let mut hours = office(8);
        for day in hours.iter_mut().skip(42) {
            *day = None;
        }
        let it = forecast("2026-11-02", &hours);
        assert_eq!((it.known_days, it.days), (42, 56));
        assert_eq!((it.away_until(date("2026-11-02")), it.day(date("2026-11-02"))), (None, 8.0));
        let nonsense = [Some(f64::NAN), Some(-1.0), Some(25.0), Some(f64::INFINITY)];
        assert_eq!(forecast("2026-11-02", &nonsense).known_days, 0);
    }

    #[test]
    fn chances_are_those_of_the_normal_distribution() {
        let it = Outlook::new(100.0, 400.0);
        for (hours, chance) in [(100.0, 0.5), (it.p90, 0.9), (it.p10, 0.1), (139.2, 0.975)] {
            assert!((it.at_most(hours) - chance).abs() < 1e-4, "{hours}");
        }
    }
}
