//! What days that have passed would have cost under another rule.
//!
//! Each rule runs day by day and sees what it would have seen: the days before. [`hindsight`] sees all of them and is the
//! least that any rule could have cost. Deliberately no forecast here: a simulation of the past is exact where usage and
//! prices are, and says how many days of it are not known.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use contract::money::{Currency, Money};

use super::{
    History, Policy,
    bill::{Meter, rest_of_month},
    calendar::{days_between, days_left, month_end},
    forecast, switch,
};
use crate::prices::{Price, Rates};

/// How it is decided which mode a desktop is in.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Always in one mode.
    AlwaysOn,
    AutoStop,
    /// To AlwaysOn at the end of any day by which the month had more billable hours than the limit, back to AutoStop on the
    /// month's last day if it had not: the rule of AWS's Cost Optimizer.
    Limit {
        hours: f64,
    },
    /// What this engine advises, followed every morning.
    Advice(Policy),
}

/// One desktop's past.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    pub price: &'a Price,
    /// The mode in which it was before the first day.
    pub always_on: bool,
    /// Daily billable hours; a rule may look at all of them that are past.
    pub history: History<'a>,
    /// The bill is from this day to the end of the history; days before it only let rules get going.
    pub from: NaiveDate,
}

/// What a desktop would have cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub cost: Money,
    pub switches: u32,
    /// Days without known usage; they count as days without use.
    pub unknown_days: u32,
}

/// What one desktop would have cost under a rule. `None` without all three prices.
#[must_use]
pub fn simulate(past: &Past<'_>, rule: &Rule) -> Option<Outcome> {
    let rates = past.price.rates()?;
    let first = past.history.days().next().map_or(past.history.before, |(date, _)| date);
    let always_on = match rule {
        Rule::AlwaysOn => true,
        Rule::AutoStop => false,
        Rule::Limit { .. } | Rule::Advice(_) => past.always_on,
    };
    let mut meter = Meter::new(rates, first, always_on);
    let mut before = (Money::ZERO, 0);
    let mut unknown_days = 0;
    let mut this_month = 0.0;
    for (n, (date, hours)) in past.history.days().enumerate() {
        if date == past.from {
            before = (meter.cost(), meter.switches());
        }
        if let Rule::Advice(policy) = rule {
            let known = History { before: date, hours: past.history.hours.get(..n).unwrap_or_default() };
            follow(&mut meter, rates, known, policy);
        }
        let hours = hours.unwrap_or_else(|| {
            unknown_days += u32::from(date >= past.from);
            0.0
        });
        meter.day(hours);
        this_month += hours;
        let last_day = days_left(date) == 1;
        if let Rule::Limit { hours: limit } = rule {
            if this_month > *limit {
                meter.switch(true);
            } else if last_day {
                meter.switch(false);
            }
        }
        if last_day {
            this_month = 0.0;
        }
    }
    Some(Outcome {
        cost: meter.cost().saturating_sub(before.0),
        switches: meter.switches() - before.1,
        unknown_days,
    })
}

/// Does what the engine advises on the morning after `known`.
fn follow(meter: &mut Meter, rates: Rates, known: History<'_>, policy: &Policy) {
    meter.renew();
    // Nothing is to be decided about a paid month until its end is near: a forecast would be for nothing.
    if meter.month_paid() && days_left(known.before) > policy.notice_days {
        return;
    }
    let Ok(forecast) = forecast(known, policy) else { return };
    let now = known.before.and_time(NaiveTime::MIN).and_utc();
    if let Some(it) = switch(now, meter.always_on(), meter.month_paid(), rates, &forecast, policy) {
        meter.switch(it.always_on);
    }
}

/// The costs of several desktops under a rule, by currency: amounts of different ones are not added. Desktops without
/// all three prices are counted, not guessed.
#[must_use]
pub fn simulate_all<'a>(
    pasts: impl IntoIterator<Item = Past<'a>>,
    rule: &Rule,
) -> (BTreeMap<Currency, Money>, u32) {
    let mut costs = BTreeMap::<Currency, Money>::new();
    let mut without_price = 0;
    for past in pasts {
        match simulate(&past, rule) {
            Some(outcome) => {
                let sum = costs.entry(past.price.currency.clone()).or_default();
                *sum = sum.saturating_add(outcome.cost);
            }
            None => without_price += 1,
        }
    }
    (costs, without_price)
}

/// The least that the days from `past.from` on could have cost, whoever had decided and whatever he had known: over
/// every month the best of both modes and of every day to switch on. `None` without all three prices.
///
/// A switch to AlwaysOn after the last hour of a month is free here, so that no rule, however late in the day it acts,
/// can be below.
#[must_use]
pub fn hindsight(past: &Past<'_>) -> Option<Money> {
    let rates = past.price.rates()?;
    let known = past.history.days().map(|(date, it)| (date, it.unwrap_or(0.0)));
    let days: Vec<(NaiveDate, f64)> = known.filter(|(date, _)| *date >= past.from).collect();
    // With the free switch at a month's end both modes are open to every month, and months do not depend on each other.
    let mut total = Money::ZERO;
    let mut rest = days.as_slice();
    while let Some((first, _)) = rest.first() {
        let length = usize::try_from(days_between(*first, month_end(*first))).unwrap_or(1).max(1);
        let (month, later) = rest.split_at(length.min(rest.len()));
        total = total.saturating_add(best_month(rates, month));
        rest = later;
    }
    Some(total)
}

fn best_month(rates: Rates, month: &[(NaiveDate, f64)]) -> Money {
    let Some((first, _)) = month.first() else { return Money::ZERO };
    let mut by_the_hour = rates.auto_stop_month;
    let mut best = rest_of_month(rates.always_on_month, *first);
    for (date, hours) in month {
        best = best.min(by_the_hour.saturating_add(rest_of_month(rates.always_on_month, *date)));
        let spent = Money::from_f64(rates.auto_stop_hour.to_f64() * hours).unwrap_or_default();
        by_the_hour = by_the_hour.saturating_add(spent);
    }
    best.min(by_the_hour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::running_mode::testing::{STANDARD, date, listed};

    fn cost(hours: &[Option<f64>], rule: &Rule) -> Money {
        let price = listed(STANDARD);
        let history = History { before: date("2026-12-01"), hours };
        let past = Past { price: &price, always_on: false, history, from: date("2026-11-01") };
        simulate(&past, rule).unwrap().cost.to_cents()
    }

    #[test]
    fn a_limit_is_acted_on_in_the_evening_and_only_on_the_last_day_back() {
        // 5 hours a day: above 85 after the 18th, AlwaysOn for the twelve days from the 19th on.
        let month = [Some(5.0); 30];
        let limit = Rule::Limit { hours: 85.0 };
        assert_eq!(cost(&month, &limit), Money::from_cents(9_75 + 18 * 150 + 14_00));
        assert_eq!(cost(&month, &Rule::AutoStop), Money::from_cents(9_75 + 45_00));
        assert_eq!(cost(&month, &Rule::AlwaysOn), Money::from_cents(35_00));
        // October was busy and AlwaysOn from the 19th on; November is below the limit and AlwaysOn to its end.
        let two = [[Some(5.0); 31].as_slice(), &[Some(1.0); 30]].concat();
        assert_eq!(cost(&two, &limit), Money::from_cents(35_00));
    }

    #[test]
    fn hindsight_switches_on_the_best_day() {
        let price = listed(STANDARD);
        let mut month = vec![Some(0.0); 20];
        month.extend([Some(10.0); 10]);
        let history = History { before: date("2026-12-01"), hours: &month };
        let past = Past { price: &price, always_on: true, history, from: date("2026-11-01") };
        assert_eq!(hindsight(&past).unwrap().to_cents(), Money::from_cents(9_75 + 11_67));
    }

    #[test]
    fn unknown_days_are_counted_and_desktops_without_a_price_too() {
        let price = listed(STANDARD);
        let partial = Price { auto_stop_hour: None, ..price.clone() };
        let hours = [Some(1.0), None, Some(f64::NAN)];
        let history = History { before: date("2026-11-04"), hours: &hours };
        let past = Past { price: &price, always_on: false, history, from: date("2026-11-01") };
        assert_eq!(simulate(&past, &Rule::AutoStop).unwrap().unknown_days, 2);
        let (costs, without) = simulate_all([past, Past { price: &partial, ..past }], &Rule::AutoStop);
        assert_eq!(costs, BTreeMap::from([(Currency::usd(), Money::from_cents(10_05))]));
        assert_eq!((without, hindsight(&Past { price: &partial, ..past })), (1, None));
    }
}
