//! What an applied change saved: the bill under the old settings less the bill under the new ones, on the usage seen since.
//!
//! Both bills follow AWS's running-mode billing rules: the month's fee on the first (AlwaysOn's, or AutoStop's base), hours
//! of AutoStop as they come, a switch to AlwaysOn charged at once for the days that are left, one to AutoStop from the next
//! month. What was due before the change is in both bills and left out of both. A change of compute type is charged for the
//! days that are left at the difference of the fees; AWS does not document it, so the day of the change counts whole.
//!
//! Deliberately without prices of its own and without usage of its own: both come in. A figure that would rest on too little
//! usage is not made: [`Untold`] says why.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use contract::money::Money;

use crate::{prices::Rates, running_mode::Mode, usage::Month};

/// At most this part of the days that count may be unknown, as for advice.
const MOST_MISSING: f64 = 0.25;

/// How a desktop is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    pub mode: Mode,
    pub rates: Rates,
}

/// One applied change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The day (UTC) on which it was applied.
    pub on: NaiveDate,
    /// It counts for the days before this one: the desktop was changed again, or it is today.
    pub until: NaiveDate,
    pub before: Billed,
    /// `None`: the desktop was terminated.
    pub after: Option<Billed>,
}

/// What was used of a desktop, day by day from the change on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// Billable hours of AutoStop under the old timeout and under the new one. Days without any are left out.
    pub hours: BTreeMap<NaiveDate, (u32, u32)>,
    /// Days of which nothing, or only a part, was observed.
    pub missing: u32,
}

/// Why a saving cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// The day of the change has not passed.
    TooEarly,
    /// So many of so many days are not known.
    UsageMissing { missing: u32, days: u32 },
}

impl Untold {
    /// For people.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Untold::TooEarly => "It was applied today; it can be told when a day has passed.".to_owned(),
            Untold::UsageMissing { missing, days } => {
                format!("The usage of {missing} of the {days} days since then is not known.")
            }
        }
    }
}

impl Change {
    /// Days that count.
    #[must_use]
    pub fn days(&self) -> u32 {
        u32::try_from((self.until - self.on).num_days()).unwrap_or(0)
    }

    /// What it saved in each month that it counts in; negative where it cost more. A month that has not ended is so far: the
    /// fees that are due by now, and the hours that came by now.
    ///
    /// # Errors
    /// Too little is known, see [`Untold`].
    pub fn saved(&self, used: &Used) -> Result<BTreeMap<Month, Money>, Untold> {
        let days = self.days();
        if days == 0 {
            return Err(Untold::TooEarly);
        }
        // Nobody uses what is not there.
        let needs_usage =
            self.after.is_some() && (is_hourly(self.before) || self.after.is_some_and(is_hourly));
        if needs_usage && f64::from(used.missing) > f64::from(days) * MOST_MISSING {
            return Err(Untold::UsageMissing { missing: used.missing, days });
        }
        let mut saved = BTreeMap::new();
        let mut day = self.on;
        while day < self.until {
            let month = month_of(day);
            let end = month.next().first_day().min(self.until);
            let old = self.old_bill(day, end, used);
            let new = self.new_bill(day, end, used);
            saved.insert(month, old.saturating_sub(new));
            day = end;
        }
        Ok(saved)
    }

    /// From `day` to before `end`, in one month.
    fn old_bill(&self, day: NaiveDate, end: NaiveDate, used: &Used) -> Money {
        let Billed { mode, rates } = self.before;
        let fee = if day == self.on { Money::ZERO } else { fee(self.before) };
        match mode {
            Mode::AlwaysOn => fee,
            // A terminated desktop would have stood still: nobody knows what else.
            Mode::AutoStop { .. } if self.after.is_none() => fee,
            Mode::AutoStop { .. } => fee.saturating_add(hours(rates, used, day, end, |it| it.0)),
        }
    }

    fn new_bill(&self, day: NaiveDate, end: NaiveDate, used: &Used) -> Money {
        let Some(after) = self.after else { return Money::ZERO };
        let by_the_hour = |fee: Money| fee.saturating_add(hours(after.rates, used, day, end, |it| it.1));
        if day != self.on {
            return match after.mode {
                Mode::AlwaysOn => fee(after),
                Mode::AutoStop { .. } => by_the_hour(fee(after)),
            };
        }
        // The rest of the month of the change.
        match (is_hourly(self.before), is_hourly(after)) {
            (true, false) => rest_of_month(after.rates.always_on_month, day),
            // The month is paid as AlwaysOn.
            (false, true) => Money::ZERO,
            (true, true) => by_the_hour(rest_of_month(
                after.rates.auto_stop_month.saturating_sub(self.before.rates.auto_stop_month),
                day,
            )),
            (false, false) => rest_of_month(
                after.rates.always_on_month.saturating_sub(self.before.rates.always_on_month),
                day,
            ),
        }
    }
}

/// Of what was said to be saved from one day to before another, the part of each month, by days.
#[must_use]
pub fn predicted(saves: Money, from: NaiveDate, until: NaiveDate) -> BTreeMap<Month, Money> {
    let all = u32::try_from((until - from).num_days()).unwrap_or(0);
    let mut parts = BTreeMap::new();
    let (mut day, mut given) = (from, Money::ZERO);
    while day < until {
        let end = month_of(day).next().first_day().min(until);
        // Up to here, less what earlier months got, so that the parts add up to the whole.
        let passed = u32::try_from((end - from).num_days()).unwrap_or(0);
        let so_far = saves.share(passed, all).unwrap_or_default();
        parts.insert(month_of(day), so_far.saturating_sub(given));
        (day, given) = (end, so_far);
    }
    parts
}

fn month_of(day: NaiveDate) -> Month {
    Month::of(day.and_time(chrono::NaiveTime::MIN).and_utc())
}

fn is_hourly(it: Billed) -> bool {
    it.mode != Mode::AlwaysOn
}

/// What is due on the first of a month.
fn fee(it: Billed) -> Money {
    if is_hourly(it) { it.rates.auto_stop_month } else { it.rates.always_on_month }
}

/// A month's price for the days that are left, `day` among them.
fn rest_of_month(price: Money, day: NaiveDate) -> Money {
    let month = month_of(day);
    let left = u32::try_from((month.next().first_day() - day).num_days()).unwrap_or(0);
    price.share(left, month.days()).unwrap_or_default()
}

fn hours(
    rates: Rates,
    used: &Used,
    day: NaiveDate,
    end: NaiveDate,
    which: impl Fn(&(u32, u32)) -> u32,
) -> Money {
    let hours: u32 = used.hours.range(day..end).map(|(_, it)| which(it)).sum();
    rates.auto_stop_hour.checked_mul(i64::from(hours)).unwrap_or(Money::MAX)
}

/// The days from one to before another.
pub fn days(from: NaiveDate, until: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let all = u64::try_from((until - from).num_days()).unwrap_or(0);
    (0..all).filter_map(move |n| from.checked_add_days(Days::new(n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::running_mode::bill::Meter;
    use proptest::prelude::*;

    fn rates() -> Rates {
        Rates {
            always_on_month: Money::from_cents(35_00),
            auto_stop_month: Money::from_cents(9_75),
            auto_stop_hour: Money::from_cents(30),
        }
    }

    fn dear() -> Rates {
        Rates {
            always_on_month: Money::from_cents(78_00),
            auto_stop_month: Money::from_cents(19_00),
            auto_stop_hour: Money::from_cents(68),
        }
    }

    fn auto_stop(minutes: u32) -> Billed {
        Billed { mode: Mode::AutoStop { timeout_minutes: minutes }, rates: rates() }
    }

    fn always_on() -> Billed {
        Billed { mode: Mode::AlwaysOn, rates: rates() }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn change(before: Billed, after: Option<Billed>, on: &str, until: &str) -> Change {
        Change { on: date(on), until: date(until), before, after }
    }

    /// So many hours each day, under the old and the new timeout.
    fn used(it: &Change, old: u32, new: u32) -> Used {
        Used { hours: days(it.on, it.until).map(|day| (day, (old, new))).collect(), missing: 0 }
    }

    fn cents(it: &Change, used: &Used) -> Vec<i64> {
        it.saved(used).unwrap().values().map(|it| it.to_cents().nanos() / 10_000_000).collect()
    }

    #[test]
    fn a_switch_to_always_on_pays_by_the_hours_it_spares() {
        let it = change(auto_stop(60), Some(always_on()), "2026-09-11", "2026-11-01");
        // September: 20 days of 8 h at 0.30 less 20/30 of 35; October: the base and 31 days less 35.
        assert_eq!(cents(&it, &used(&it, 8, 8)), [48_00 - 23_33, 9_75 + 74_40 - 35_00]);
        assert_eq!(cents(&it, &used(&it, 0, 0)), [-23_33, 9_75 - 35_00], "nobody came: it cost more");
    }

    #[test]
    fn a_switch_to_auto_stop_counts_from_the_next_month() {
        let it = change(always_on(), Some(auto_stop(60)), "2026-09-11", "2026-10-11");
        assert_eq!(cents(&it, &used(&it, 2, 2)), [0, 35_00 - 9_75 - 6_00]);
    }

    #[test]
    fn a_shorter_timeout_saves_its_hours_and_a_smaller_type_its_prices() {
        let it = change(auto_stop(240), Some(auto_stop(60)), "2026-09-01", "2026-09-11");
        assert_eq!(cents(&it, &used(&it, 9, 6)), [9_00]);
        let large = Billed { rates: dear(), ..auto_stop(60) };
        let it = change(large, Some(auto_stop(60)), "2026-09-16", "2026-10-02");
        // Half a month of the base's difference and 15 days of 4 h at the hour's; then the whole base and a day.
        assert_eq!(cents(&it, &used(&it, 4, 4)), [4_62 + 22_80, 9_25 + 1_52]);
    }

    #[test]
    fn a_termination_saves_the_fees_to_come() {
        let it = change(auto_stop(60), None, "2026-09-11", "2026-11-02");
        assert_eq!(cents(&it, &Used { missing: 52, ..Used::default() }), [0, 9_75, 9_75]);
    }

    #[test]
    fn without_usage_nothing_is_told() {
        let it = change(auto_stop(60), Some(always_on()), "2026-09-01", "2026-09-21");
        let half = Used { missing: 6, ..used(&it, 8, 8) };
        assert_eq!(it.saved(&half), Err(Untold::UsageMissing { missing: 6, days: 20 }));
        assert!(it.saved(&Used { missing: 5, ..half }).is_ok());
        let today = change(auto_stop(60), Some(always_on()), "2026-09-01", "2026-09-01");
        assert_eq!(today.saved(&Used::default()), Err(Untold::TooEarly));
        let both_paid =
            change(always_on(), Some(Billed { rates: dear(), ..always_on() }), "2026-09-01", "2026-09-21");
        assert!(both_paid.saved(&Used { missing: 20, ..Used::default() }).is_ok(), "AlwaysOn needs no hours");
    }

    #[test]
    fn what_was_predicted_is_shared_out_by_days() {
        let parts = predicted(Money::from_cents(30_00), date("2026-09-21"), date("2026-11-10"));
        let parts: Vec<_> = parts.values().map(|it| it.to_cents().nanos() / 10_000_000).collect();
        assert_eq!(parts, [6_00, 18_60, 5_40]);
        assert!(predicted(Money::from_cents(1), date("2026-09-21"), date("2026-09-21")).is_empty());
    }

    proptest! {
        /// The bill's own meter, run twice over whole months, tells the same.
        #[test]
        fn it_agrees_with_the_meter(
            to_always_on: bool, first in 0..700_u64, passed in 1..120_u64, hours in prop::collection::vec(0..12_u32, 160)
        ) {
            let begin = date("2026-01-01");
            let on = begin + Days::new(first);
            let until = on + Days::new(passed);
            let (old, new) = if to_always_on { (auto_stop(60), always_on()) } else { (always_on(), auto_stop(60)) };
            let it = Change { on, until, before: old, after: Some(new) };
            let used = Used { hours: days(on, until).zip(&hours).map(|(day, it)| (day, (*it, *it))).collect(), missing: 0 };
            let month = month_of(on).first_day();
            let cost = |switches: bool| {
                let mut meter = Meter::new(rates(), month, !to_always_on);
                for day in days(month, until) {
                    meter.renew_before_switch(day == on && switches, to_always_on);
                    meter.day(used.hours.get(&day).map_or(0.0, |it| f64::from(it.0)));
                }
                meter.cost()
            };
            let told = Money::checked_sum(it.saved(&used).unwrap().into_values()).unwrap();
            let metered = cost(false).saturating_sub(cost(true));
            prop_assert!((told.to_f64() - metered.to_f64()).abs() < 1e-6, "{told:?} {metered:?}");
        }
    }

    impl Meter {
        /// A switch on the first comes after the fee of the old mode was due, as everywhere in the ledger.
        fn renew_before_switch(&mut self, switches: bool, always_on: bool) {
            if switches {
                self.renew();
                self.switch(always_on);
            }
        }
    }
}
