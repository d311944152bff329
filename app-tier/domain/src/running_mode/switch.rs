//! When to switch between AlwaysOn and AutoStop.
//!
//! Hours that were billed are sunk; only what is still to come decides, and all of it is compared as cost:
//!
//! - Out of AutoStop, a switch holds at once. It is worth it today if the hours of every stretch from today on, by the
//!   hour, cost more than AlwaysOn for the same days: the rest of the month is the longest stretch, and a shorter one that
//!   is not worth it (a weekend, the rest of a leave) means that it is better to switch after it. This is AWS's
//!   billing rule `AlwaysOn × days left ÷ days in month < hour × expected hours`, and waiting where that is cheaper.
//! - Whoever ends the month in AlwaysOn has the choice for the next one for nothing, whoever ends it in AutoStop pays the
//!   base fee first. That is added to the longest stretch; on the last day it often decides.
//! - Out of AlwaysOn, a switch holds from the next month, so that there is nothing to decide before its end is near.
//!   Then the next month is compared: AlwaysOn against the base fee, its hours, and the possibility to switch in its midst.
//!
//! Every condition is of the form "expected hours cost more than …", which is why more hours never argue for AutoStop.

use chrono::NaiveDate;
use contract::money::Money;

use super::{
    calendar::{days, days_in_month, month_end},
    forecast::{Forecast, Outlook, count},
};
use crate::prices::Rates;

/// A switch that is worth it, and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Switch {
    pub(super) always_on: bool,
    /// The days that the saving is of: to before this one.
    pub(super) until: NaiveDate,
    /// With the hours that are expected.
    pub(super) saves: Money,
    /// With so many hours, or so few, that in nine of ten cases it is more; zero where it may save nothing.
    pub(super) saves_p90: Money,
    /// The chance that it saves anything, 0 to 1.
    pub(super) chance: f64,
    /// What decided: this month or the next one, its hours, and what they are compared with.
    pub(super) decided: Decided,
    pub(super) hours: Outlook,
    pub(super) break_even: f64,
}

/// Which hours made a switch worth it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    ThisMonth,
    NextMonth,
}

/// What lies ahead of one desktop, in units of its currency.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    always_on: f64,
    base: f64,
    hour: f64,
    today: NaiveDate,
    /// Expected hours of the days that are left of this month, today's rest first, and of the next month.
    rest: Vec<f64>,
    next: Vec<f64>,
    rest_outlook: Outlook,
    next_outlook: Outlook,
}

impl Ahead {
    pub(super) fn new(rates: Rates, forecast: &Forecast, today: NaiveDate, share_of_today: f64) -> Self {
        let turn = month_end(today);
        let expected = |from, until| days(from, until).map(|it| forecast.day(it)).collect::<Vec<f64>>();
        let mut rest = expected(today, turn);
        if let Some(first) = rest.first_mut() {
            *first *= share_of_today;
        }
        Self {
            always_on: rates.always_on_month.to_f64(),
            base: rates.auto_stop_month.to_f64(),
            hour: rates.auto_stop_hour.to_f64(),
            today,
            rest,
            next: expected(turn, month_end(turn)),
            rest_outlook: forecast.outlook(today, turn, share_of_today),
            next_outlook: forecast.outlook(turn, month_end(turn), 1.0),
        }
    }

    /// Out of a month that is billed by the hour.
    pub(super) fn to_always_on(&self) -> Option<Switch> {
        let a_day = self.always_on / f64::from(days_in_month(self.today));
        let mut used = 0.0;
        let mut paid = 0.0;
        let mut rest = self.rest.iter().peekable();
        while let Some(hours) = rest.next() {
            used += hours * self.hour;
            paid += a_day;
            if rest.peek().is_some() && used <= paid {
                return None;
            }
        }
        let saves = |scale| used * scale - paid + self.better_begun(scale);
        let (decided, hours, break_even) = if used > paid {
            (Decided::ThisMonth, self.rest_outlook, paid / self.hour)
        } else {
            (Decided::NextMonth, self.next_outlook, self.break_even())
        };
        let turn = month_end(self.today);
        worth(Switch {
            always_on: true,
            until: if self.better_begun(1.0) > 0.0 { month_end(turn) } else { turn },
            saves: money(saves(1.0)),
            saves_p90: money(saves(ratio(hours.p10, hours.mean))),
            chance: 1.0 - hours.at_most(break_even),
            decided,
            hours,
            break_even,
        })
    }

    /// Hours of a whole month.
    fn break_even(&self) -> f64 {
        ((self.always_on - self.base) / self.hour).max(0.0)
    }

    /// What the next month costs less for whoever has the choice of its mode than for whoever begins it by the hour.
    /// `scale` stands for more or fewer hours.
    fn better_begun(&self, scale: f64) -> f64 {
        (self.next_by_the_hour(scale) - self.always_on).max(0.0)
    }

    /// Out of a month that is paid as a whole: which mode the next one is to begin with. `is_always_on` is the mode that
    /// is set now.
    pub(super) fn next_month(&self, is_always_on: bool) -> Option<Switch> {
        let saves = |scale| {
            let dearer = self.always_on - self.next_by_the_hour(scale);
            if is_always_on { dearer } else { -dearer }
        };
        let hours = self.next_outlook;
        let break_even = self.break_even();
        let below = hours.at_most(break_even);
        let unlucky = if is_always_on { hours.p90 } else { hours.p10 };
        worth(Switch {
            always_on: !is_always_on,
            until: month_end(month_end(self.today)),
            saves: money(saves(1.0)),
            saves_p90: money(saves(ratio(unlucky, hours.mean))),
            chance: if is_always_on { below } else { 1.0 - below },
            decided: Decided::NextMonth,
            hours,
            break_even,
        })
    }

    /// A month that begins in AutoStop, with the best day to switch in its midst, if there is one.
    fn next_by_the_hour(&self, scale: f64) -> f64 {
        let days = count(self.next.len());
        let mut used = 0.0;
        let mut best = self.always_on;
        for (past, hours) in (1_u32..).zip(&self.next) {
            used += hours * scale * self.hour;
            best = best.min(used + self.always_on * (1.0 - f64::from(past) / days));
        }
        self.base + best
    }
}

fn worth(switch: Switch) -> Option<Switch> {
    switch.saves.is_positive().then_some(switch)
}

fn money(units: f64) -> Money {
    Money::from_f64(units).unwrap_or_default().max(Money::ZERO)
}

/// How much of the expected hours a quantile is; the same when none are expected.
fn ratio(quantile: f64, mean: f64) -> f64 {
    if mean > 0.0 { quantile / mean } else { 1.0 }
}
