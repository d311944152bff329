//! What a desktop is charged by AWS's running-mode billing rules, day by day: the third source, where AWS tells no cost by
//! desktop.
//!
//! On the first of a month, or on the day of its creation for the days that are left, a desktop owes the fee of AlwaysOn or
//! the base fee of AutoStop; AutoStop adds whole hours. A change to AlwaysOn comes on top, for the days that are left, and
//! hours are free from then on. A change to AutoStop counts from the next month. `MANUAL` is charged like AlwaysOn.
//!
//! Deliberately without maintenance that AWS does on its own, tax and credits: those are in the difference that
//! [`super::reconcile`] shows.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use contract::money::Money;

use crate::{prices::Rates, usage::Month};

/// From when on a desktop had a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeSince {
    pub since: DateTime<Utc>,
    /// AlwaysOn, or what is charged like it.
    pub always_on: bool,
}

/// A change of mode that somebody noticed: the sync, or CloudTrail. Both may tell of the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeChange {
    pub at: DateTime<Utc>,
    /// The mode before, where it is told.
    pub from_always_on: Option<bool>,
    pub to_always_on: bool,
}

/// The modes that a desktop had, from its changes in any order and the mode that it has now.
#[must_use]
pub fn modes(mut changes: Vec<ModeChange>, now_always_on: bool) -> Vec<ModeSince> {
    changes.sort_by_key(|it| it.at);
    let before = changes.first().map_or(now_always_on, |it| it.from_always_on.unwrap_or(!it.to_always_on));
    let mut modes = vec![ModeSince { since: DateTime::<Utc>::MIN_UTC, always_on: before }];
    for it in changes {
        if modes.last().is_some_and(|last| last.always_on != it.to_always_on) {
            modes.push(ModeSince { since: it.at, always_on: it.to_always_on });
        }
    }
    modes
}

/// What is known of a desktop's month.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub rates: Rates,
    /// In order of time. The first one is taken to have held before, too.
    pub modes: &'a [ModeSince],
    /// When it was made, if that is known; else it was there before.
    pub created: Option<DateTime<Utc>>,
    /// When it was found to be gone.
    pub gone: Option<DateTime<Utc>>,
    /// Billable hours of the days that have any, by the timeout that it had.
    pub hours: &'a BTreeMap<NaiveDate, u32>,
}

/// What a desktop is charged for each day of a month up to `until`, that day included. Days without a charge are left out.
#[must_use]
pub fn charges(month: Month, until: NaiveDate, basis: &Basis<'_>) -> BTreeMap<NaiveDate, Money> {
    let mut charged = BTreeMap::new();
    let (first, next) = (month.first_day(), month.next().first_day());
    let start = basis.created.map_or(first, |it| it.date_naive().max(first));
    let gone = basis.gone.map_or(NaiveDate::MAX, |it| it.date_naive());
    if start >= next || start > until || gone < start || gone < first {
        return charged;
    }
    let mut add = |day: NaiveDate, amount: Money| {
        if day <= until && !amount.is_zero() {
            let sum = charged.entry(day).or_insert(Money::ZERO);
            *sum = sum.saturating_add(amount);
        }
    };
    if always_on_at(basis, start) {
        add(start, rest_of_month(basis.rates.always_on_month, start, month));
        return charged;
    }
    add(start, rest_of_month(basis.rates.auto_stop_month, start, month));
    let switched = basis
        .modes
        .iter()
        .find(|it| it.always_on && it.since.date_naive() >= start && it.since.date_naive() < next)
        .map(|it| it.since.date_naive())
        .filter(|it| *it <= gone);
    if let Some(day) = switched {
        add(day, rest_of_month(basis.rates.always_on_month, day, month));
    }
    // Hours of the day of the change are counted: which of them came before it is not known by the day.
    let last = switched.unwrap_or(NaiveDate::MAX).min(gone);
    for (day, hours) in basis.hours.range(start..next) {
        if *day <= last {
            add(*day, basis.rates.auto_stop_hour.checked_mul(i64::from(*hours)).unwrap_or(Money::MAX));
        }
    }
    charged
}

/// Whether it was in AlwaysOn when the day began; on the day of its creation, whether it was made so.
fn always_on_at(basis: &Basis<'_>, day: NaiveDate) -> bool {
    let begins = day.and_time(NaiveTime::MIN).and_utc();
    let known = basis.modes.iter().take_while(|it| it.since <= begins).last().or(basis.modes.first());
    known.is_some_and(|it| it.always_on)
}

/// A month's fee for the days that are left, `day` among them.
fn rest_of_month(fee: Money, day: NaiveDate, month: Month) -> Money {
    fee.share((month.days() + 1).saturating_sub(day.day()), month.days()).unwrap_or(fee)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD: Rates = Rates {
        always_on_month: Money::from_cents(35_00),
        auto_stop_month: Money::from_cents(9_75),
        auto_stop_hour: Money::from_cents(30),
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// November 2026 with two hours on each of its days, up to the 20th.
    fn november(modes: &[(&str, bool)], created: Option<&str>, gone: Option<&str>) -> BTreeMap<u32, Money> {
        let modes: Vec<_> = modes.iter().map(|it| ModeSince { since: at(it.0), always_on: it.1 }).collect();
        let month = Month::of(at("2026-11-05T00:00:00Z"));
        let hours = month.first_day().iter_days().take(30).map(|it| (it, 2)).collect();
        let basis = Basis {
            rates: STANDARD,
            modes: &modes,
            created: created.map(at),
            gone: gone.map(at),
            hours: &hours,
        };
        let until = at("2026-11-20T12:00:00Z").date_naive();
        charges(month, until, &basis).into_iter().map(|(day, amount)| (day.day(), amount)).collect()
    }

    fn sum(charged: &BTreeMap<u32, Money>) -> Money {
        charged.values().copied().sum()
    }

    #[test]
    fn a_month_costs_its_mode() {
        let auto_stop = november(&[("2026-01-01T00:00:00Z", false)], None, None);
        assert_eq!((auto_stop.len(), sum(&auto_stop)), (20, Money::from_cents(9_75 + 20 * 60)));
        assert_eq!(auto_stop[&1], Money::from_cents(10_35));
        let always_on = november(&[("2026-01-01T00:00:00Z", true)], None, None);
        assert_eq!((always_on.len(), sum(&always_on)), (1, Money::from_cents(35_00)));
        assert_eq!(
            sum(&november(&[("2026-01-01T00:00:00Z", true), ("2026-11-03T08:00:00Z", false)], None, None)),
            sum(&always_on)
        );
    }

    #[test]
    fn to_always_on_is_prorated_and_hours_end() {
        let switched =
            november(&[("2026-01-01T00:00:00Z", false), ("2026-11-11T08:00:00Z", true)], None, None);
        assert_eq!(switched[&11], Money::from_cents(60).saturating_add("23.333333333".parse().unwrap()));
        assert_eq!(switched.keys().last(), Some(&11));
    }

    #[test]
    fn a_change_that_two_tell_of_is_one() {
        let change =
            |text, from_always_on, to_always_on| ModeChange { at: at(text), from_always_on, to_always_on };
        let told = vec![
            change("2026-11-11T08:10:00Z", Some(false), true),
            change("2026-11-11T08:00:00Z", None, true),
            change("2026-11-15T08:00:00Z", None, false),
        ];
        let had: Vec<_> = modes(told, false).iter().map(|it| (it.since, it.always_on)).collect();
        let since = |text| at(text);
        let first = (DateTime::<Utc>::MIN_UTC, false);
        assert_eq!(
            had,
            [first, (since("2026-11-11T08:00:00Z"), true), (since("2026-11-15T08:00:00Z"), false)]
        );
        assert_eq!(modes(Vec::new(), true), [ModeSince { since: DateTime::<Utc>::MIN_UTC, always_on: true }]);
    }

    #[test]
    fn what_is_new_pays_for_the_days_that_are_left_and_what_is_gone_no_hours() {
        let new = november(&[("2026-11-16T10:00:00Z", false)], Some("2026-11-16T10:00:00Z"), None);
        assert_eq!(new.keys().next(), Some(&16));
        assert_eq!(new[&16], Money::from_cents(60).saturating_add("4.875".parse().unwrap()));
        let gone = november(&[("2026-01-01T00:00:00Z", false)], None, Some("2026-11-03T12:00:00Z"));
        assert_eq!(gone.keys().last(), Some(&3));
        assert!(november(&[("2026-01-01T00:00:00Z", false)], None, Some("2026-10-31T12:00:00Z")).is_empty());
        assert!(november(&[("2026-11-25T00:00:00Z", true)], Some("2026-11-25T00:00:00Z"), None).is_empty());
    }
}
