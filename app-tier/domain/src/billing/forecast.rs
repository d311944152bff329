//! What the running month will come to: simple enough to be checked by hand.
//!
//! The days that are known whole, and for each day that is left what such a weekday cost on the average of the last eight
//! weeks. The first of a month is no such day: monthly fees are on it. The range is what the same days varied by, so that
//! eight of ten months end in it if days are independent.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use contract::money::Money;

/// Days that are looked back upon.
pub const WEEKS: u64 = 8;
/// With fewer there is no forecast.
const LEAST_DAYS: usize = 5;
/// From so many days on weekdays are told apart.
const WEEKDAY_DAYS: usize = 14;
/// Eight of ten of what is spread normally lie within so many standard deviations.
const EIGHT_OF_TEN: f64 = 1.281_551_6;

/// To the end of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// What the days before `known_until` cost.
    pub to_date: Money,
    pub known_until: NaiveDate,
    pub expected: Money,
    pub low: Money,
    pub high: Money,
    /// Days that it rests on.
    pub days: u32,
    pub by_weekday: bool,
}

/// The outlook of the month that `known_until` is in, from the cost of each day; a day that is missing within the eight
/// weeks before, and after the first one, cost nothing. `None`: too little is known.
#[must_use]
pub fn outlook(days: &BTreeMap<NaiveDate, Money>, known_until: NaiveDate) -> Option<Outlook> {
    let first = known_until.with_day(1)?;
    let next = first.checked_add_months(chrono::Months::new(1))?;
    let back = known_until.checked_sub_days(Days::new(WEEKS * 7))?;
    let begins = (*days.keys().next()?).max(back);
    let cost = |day: NaiveDate| days.get(&day).copied().unwrap_or_default();
    let usual: Vec<NaiveDate> =
        begins.iter_days().take_while(|it| *it < known_until).filter(|it| it.day() != 1).collect();
    if usual.len() < LEAST_DAYS {
        return None;
    }
    let by_weekday = usual.len() >= WEEKDAY_DAYS;
    let like = |weekday: Weekday| -> Vec<f64> {
        let same = usual.iter().filter(|it| !by_weekday || it.weekday() == weekday);
        same.map(|it| cost(*it).to_f64()).collect()
    };
    let to_date: Money = days.range(first..known_until).map(|it| *it.1).sum();
    let (mut rest, mut variance) = (0.0, 0.0);
    for day in known_until.iter_days().take_while(|it| *it < next) {
        let (mean, spread) = moments(&like(day.weekday()));
        rest += mean;
        variance += spread;
    }
    let range = Money::from_f64(variance.sqrt() * EIGHT_OF_TEN)?;
    let expected = to_date.saturating_add(Money::from_f64(rest)?);
    Some(Outlook {
        to_date,
        known_until,
        expected,
        low: expected.saturating_sub(range).max(to_date.min(expected)),
        high: expected.saturating_add(range),
        days: u32::try_from(usual.len()).unwrap_or(u32::MAX),
        by_weekday,
    })
}

/// Mean and variance; zero for nothing.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX)).max(1.0);
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 100 on firsts, 10 on workdays, 2 at weekends.
    fn costs(from: &str, until: &str) -> BTreeMap<NaiveDate, Money> {
        let cost = |it: NaiveDate| match (it.day(), it.weekday()) {
            (1, _) => 100,
            (_, Weekday::Sat | Weekday::Sun) => 2,
            _ => 10,
        };
        let days = day(from).iter_days().take_while(|it| *it < day(until));
        days.map(|it| (it, Money::from_cents(cost(it) * 100))).collect()
    }

    #[test]
    fn weekdays_and_fees_are_told_apart() {
        let until = day("2026-11-20");
        let it = outlook(&costs("2026-06-01", "2026-11-20"), until).unwrap();
        let whole: Money = costs("2026-11-01", "2026-12-01").values().copied().sum();
        assert_eq!((it.expected, it.low, it.high), (whole, whole, whole));
        assert!(it.by_weekday && it.to_date < whole);
        assert_eq!(it.days, 8 * 7 - 2, "without two firsts");
    }

    #[test]
    fn a_few_days_are_one_mean_and_too_few_are_none() {
        let until = day("2026-11-09");
        let it = outlook(&costs("2026-11-01", "2026-11-09"), until).unwrap();
        assert!(!it.by_weekday && it.low < it.expected && it.expected < it.high);
        assert_eq!(outlook(&costs("2026-11-01", "2026-11-05"), day("2026-11-05")), None);
        assert_eq!(outlook(&BTreeMap::new(), until), None);
    }

    #[test]
    fn what_is_charged_already_is_the_least() {
        let wild = BTreeMap::from_iter((0..30).map(|n| {
            (
                day("2026-10-20").checked_add_days(Days::new(n)).unwrap(),
                Money::from_cents(i64::try_from(n % 7 * 900).unwrap()),
            )
        }));
        let it = outlook(&wild, day("2026-11-28")).unwrap();
        assert!(it.to_date <= it.low && it.low <= it.expected && it.expected < it.high);
    }
}
