//! What a desktop costs day by day, by AWS's running-mode billing rules.
//!
//! On the first of a month at 00:00 UTC either the month of AlwaysOn or the base fee of AutoStop is due. An AutoStop
//! month adds its billable hours. A switch to AlwaysOn holds at once: the month's price for the days that are left is
//! added to what was billed already, and hours are free from then on. A switch to AutoStop holds from the next month.
//!
//! Deliberately ignorant of why somebody switches: [`super::what_if`] drives it. Whether AWS prorates by days or by
//! seconds is not documented; days are counted here, the day of the switch whole, so that a switch never seems cheaper
//! than it is.

use chrono::NaiveDate;
use contract::money::Money;

use super::calendar::{days_in_month, days_left};
use crate::prices::Rates;

/// How the current month is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// The next day is the first of a month whose fee is not due yet.
    None,
    Monthly,
    Hourly,
}

/// Adds up one desktop's bill.
#[derive(Debug, Clone)]
pub struct Meter {
    rates: Rates,
    /// The day that is next.
    today: NaiveDate,
    basis: Basis,
    always_on: bool,
    cost: Money,
    switches: u32,
}

impl Meter {
    /// A desktop in the given mode before `first` begins. The month of `first` is charged from that day: AlwaysOn for
    /// the days that are left, AutoStop with its whole base fee.
    #[must_use]
    pub fn new(rates: Rates, first: NaiveDate, always_on: bool) -> Self {
        Self { rates, today: first, basis: Basis::None, always_on, cost: Money::ZERO, switches: 0 }
    }

    /// The mode is asked to be another: in the evening of the day before, or, after [`Meter::renew`], in the morning.
    /// Asking for the mode that it has changes nothing.
    pub fn switch(&mut self, always_on: bool) {
        if self.always_on == always_on {
            return;
        }
        self.always_on = always_on;
        self.switches += 1;
        if always_on && self.basis == Basis::Hourly {
            self.basis = Basis::Monthly;
            self.charge(rest_of_month(self.rates.always_on_month, self.today));
        }
    }

    /// A day goes by with so many billable hours. What is no number of hours counts as none.
    pub fn day(&mut self, billable_hours: f64) {
        self.renew();
        if self.basis == Basis::Hourly && billable_hours > 0.0 {
            self.charge(
                Money::from_f64(self.rates.auto_stop_hour.to_f64() * billable_hours).unwrap_or_default(),
            );
        }
        if days_left(self.today) == 1 {
            self.basis = Basis::None;
        }
        self.today = self.today.succ_opt().unwrap_or(self.today);
    }

    /// Midnight has passed: on the first of a month its fee is due. [`Meter::day`] sees to it by itself.
    pub fn renew(&mut self) {
        if self.basis != Basis::None {
            return;
        }
        if self.always_on {
            self.basis = Basis::Monthly;
            self.charge(rest_of_month(self.rates.always_on_month, self.today));
        } else {
            self.basis = Basis::Hourly;
            self.charge(self.rates.auto_stop_month);
        }
    }

    #[must_use]
    pub fn cost(&self) -> Money {
        self.cost
    }

    /// How often the mode was changed.
    #[must_use]
    pub fn switches(&self) -> u32 {
        self.switches
    }

    #[must_use]
    pub fn always_on(&self) -> bool {
        self.always_on
    }

    /// Whether AlwaysOn is paid for the month of the next day, so that its hours cost nothing.
    #[must_use]
    pub fn month_paid(&self) -> bool {
        self.basis == Basis::Monthly
    }

    fn charge(&mut self, amount: Money) {
        self.cost = self.cost.saturating_add(amount);
    }
}

/// The month's price for the days that are left, `today` among them.
pub(super) fn rest_of_month(month: Money, today: NaiveDate) -> Money {
    month.share(days_left(today), days_in_month(today)).unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::running_mode::testing::{STANDARD, date};

    /// Cents after a month of November 2026 with `hours` a day, switched to AlwaysOn before the given day.
    fn november(always_on: bool, hours: f64, switch_on: Option<u32>) -> Money {
        let mut meter = Meter::new(STANDARD, date("2026-11-01"), always_on);
        for day in 1..=30 {
            if switch_on == Some(day) {
                meter.renew();
                meter.switch(!always_on);
            }
            meter.day(hours);
        }
        meter.cost().to_cents()
    }

    #[test]
    fn a_month_costs_its_mode() {
        assert_eq!(november(true, 24.0, None), Money::from_cents(35_00));
        assert_eq!(november(false, 0.0, None), Money::from_cents(9_75));
        assert_eq!(november(false, 5.0, None), Money::from_cents(9_75 + 150 * 30));
        assert_eq!(november(false, f64::NAN, None), Money::from_cents(9_75));
    }

    #[test]
    fn to_always_on_is_prorated_and_comes_on_top_of_what_was_billed() {
        assert_eq!(november(false, 5.0, Some(21)), Money::from_cents(9_75 + 100 * 30 + 11_67));
        assert_eq!(november(false, 5.0, Some(1)), Money::from_cents(9_75 + 35_00));
    }

    #[test]
    fn to_auto_stop_holds_from_the_next_month() {
        let mut meter = Meter::new(STANDARD, date("2026-11-01"), true);
        meter.day(8.0);
        meter.switch(false);
        for _ in 2..=30 {
            meter.day(8.0);
        }
        assert_eq!(meter.cost(), Money::from_cents(35_00));
        meter.day(2.0);
        assert_eq!((meter.cost(), meter.month_paid()), (Money::from_cents(35_00 + 9_75 + 60), false));
    }

    #[test]
    fn the_evening_before_a_month_begins_is_early_enough() {
        let mut meter = Meter::new(STANDARD, date("2026-11-30"), false);
        meter.day(1.0);
        meter.switch(true);
        meter.day(8.0);
        assert_eq!(meter.cost(), Money::from_cents(9_75 + 30 + 35_00));
    }

    #[test]
    fn asking_back_within_a_paid_month_costs_nothing() {
        let mut meter = Meter::new(STANDARD, date("2026-02-01"), true);
        meter.day(8.0);
        meter.switch(false);
        meter.switch(true);
        for _ in 2..=28 {
            meter.day(8.0);
        }
        assert_eq!((meter.cost(), meter.switches()), (Money::from_cents(35_00), 2));
    }
}
