//! What a group of desktops would have cost in whole calendar months under other rules.
//!
//! Adds up what [`crate::running_mode::what_if`] says of each. It knows no list and no filter: whoever asks brings the
//! desktops one by one. Deliberately no forecast and no guess: a desktop without all three prices, or not observed for
//! the whole time, is counted as left out.
//!
//! Invariant: every sum of a currency is over the same desktops, so that they can be compared; the order does not matter.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contract::{
    money::{Currency, Money},
    simulations::{AtLimit, AtTimeout, LeftOut, Outcomes, Reason, Timeouts},
};

use crate::{
    prices::{Origin, Rates},
    running_mode::{
        Policy,
        what_if::{Past, Rule, hindsight, simulate},
    },
};

/// The limits that are tried, hours a month. AWS's own defaults are between 75 and 85.
pub const LIMITS: [u32; 21] =
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200];

/// One desktop, and how it was used in the months.
#[derive(Debug, Clone, Copy)]
pub struct Desktop<'a> {
    pub past: Past<'a>,
    /// In AutoStop: billable hours of the months, with its own timeout first and then with each of the choices.
    pub timeouts: Option<(u32, &'a [(u16, u32)])>,
    /// Some of the hours are not exact.
    pub estimated: bool,
}

/// What became of the desktops so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many months there are, for the fee that each of them has.
    months: u32,
    left_out: BTreeMap<Reason, i64>,
    unknown_days: i64,
    estimated: i64,
    outcomes: BTreeMap<Currency, Outcomes>,
}

impl Tally {
    #[must_use]
    pub fn new(months: u32) -> Self {
        Self { months, left_out: BTreeMap::new(), unknown_days: 0, estimated: 0, outcomes: BTreeMap::new() }
    }

    pub fn leave_out(&mut self, reason: Reason) {
        *self.left_out.entry(reason).or_default() += 1;
    }

    /// Counts a desktop in, or out.
    pub fn add(&mut self, desktop: &Desktop<'_>) {
        let Some(costs) = Costs::of(desktop, self.months) else { return self.leave_out(Reason::NoPrice) };
        self.unknown_days += i64::from(costs.unknown_days);
        self.estimated += i64::from(desktop.estimated || desktop.past.price.origin == Origin::Estimated);
        let currency = &desktop.past.price.currency;
        let sums = self.outcomes.entry(currency.clone()).or_insert_with(|| none(currency.clone()));
        sums.desktops += 1;
        for (sum, cost) in [
            (&mut sums.as_it_is, costs.as_it_is),
            (&mut sums.always_on, costs.always_on),
            (&mut sums.auto_stop, costs.auto_stop),
            (&mut sums.advice, costs.advice),
            (&mut sums.hindsight, costs.hindsight),
        ] {
            *sum = sum.saturating_add(cost);
        }
        for (sum, (cost, switches)) in sums.limits.iter_mut().zip(costs.limits) {
            sum.cost = sum.cost.saturating_add(cost);
            sum.switches += i64::from(switches);
        }
        if let Some((own, choices)) = costs.timeouts {
            add_timeouts(&mut sums.timeouts, own, &choices);
        }
    }

    #[must_use]
    pub fn left_out(&self) -> Vec<LeftOut> {
        self.left_out
            .iter()
            .map(|(reason, desktops)| LeftOut { reason: *reason, desktops: *desktops })
            .collect()
    }

    /// See [`contract::simulations::Simulation::unknown_days`].
    #[must_use]
    pub fn unknown_days(&self) -> i64 {
        self.unknown_days
    }

    /// See [`contract::simulations::Simulation::estimated`].
    #[must_use]
    pub fn estimated(&self) -> i64 {
        self.estimated
    }

    /// By currency, the one with most desktops first.
    #[must_use]
    pub fn into_outcomes(self) -> Vec<Outcomes> {
        let mut outcomes: Vec<_> = self.outcomes.into_values().collect();
        outcomes.sort_by_key(|it| std::cmp::Reverse(it.desktops));
        outcomes
    }
}

fn none(currency: Currency) -> Outcomes {
    Outcomes {
        currency,
        desktops: 0,
        as_it_is: Money::ZERO,
        always_on: Money::ZERO,
        auto_stop: Money::ZERO,
        advice: Money::ZERO,
        hindsight: Money::ZERO,
        limits: LIMITS.map(|hours| AtLimit { hours, cost: Money::ZERO, switches: 0 }).to_vec(),
        timeouts: Timeouts::default(),
    }
}

fn add_timeouts(sums: &mut Timeouts, own: Money, choices: &[AtTimeout]) {
    sums.desktops += 1;
    sums.as_it_is = sums.as_it_is.saturating_add(own);
    for choice in choices {
        match sums.choices.iter_mut().find(|it| it.minutes == choice.minutes) {
            Some(sum) => {
                sum.hours += choice.hours;
                sum.cost = sum.cost.saturating_add(choice.cost);
            }
            None => sums.choices.push(*choice),
        }
    }
}

/// What one desktop would have cost.
struct Costs {
    as_it_is: Money,
    always_on: Money,
    auto_stop: Money,
    advice: Money,
    hindsight: Money,
    limits: Vec<(Money, u32)>,
    timeouts: Option<(Money, Vec<AtTimeout>)>,
    unknown_days: u32,
}

impl Costs {
    /// `None` without all three prices.
    fn of(desktop: &Desktop<'_>, months: u32) -> Option<Self> {
        let past = &desktop.past;
        let rates = past.price.rates()?;
        let always_on = simulate(past, &Rule::AlwaysOn)?;
        let auto_stop = simulate(past, &Rule::AutoStop)?.cost;
        let limit = |hours: u32| {
            let outcome = simulate(past, &Rule::Limit { hours: f64::from(hours) })?;
            Some((outcome.cost, outcome.switches))
        };
        let timeouts = desktop.timeouts.map(|(own, choices)| {
            let of = |(minutes, hours): &(u16, u32)| AtTimeout {
                minutes: *minutes,
                hours: i64::from(*hours),
                cost: by_the_hour(rates, months, *hours),
            };
            (by_the_hour(rates, months, own), choices.iter().map(of).collect())
        });
        Some(Self {
            as_it_is: if past.always_on { always_on.cost } else { auto_stop },
            always_on: always_on.cost,
            auto_stop,
            advice: simulate(past, &Rule::Advice(Policy::default()))?.cost,
            hindsight: hindsight(past)?,
            limits: LIMITS.into_iter().map(limit).collect::<Option<_>>()?,
            timeouts,
            unknown_days: always_on.unknown_days,
        })
    }
}

/// AutoStop's fee for each month, and its hours.
fn by_the_hour(rates: Rates, months: u32, hours: u32) -> Money {
    let times = |price: Money, n: u32| price.checked_mul(i64::from(n)).unwrap_or(Money::MAX);
    times(rates.auto_stop_month, months).saturating_add(times(rates.auto_stop_hour, hours))
}

/// The whole calendar months before the one of `today`: the first day, and the first one after them.
#[must_use]
pub fn whole_months(today: NaiveDate, months: u32) -> (NaiveDate, NaiveDate) {
    let until = chrono::Datelike::with_day(&today, 1).unwrap_or(today);
    (until.checked_sub_months(chrono::Months::new(months)).unwrap_or(until), until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        prices::Price,
        running_mode::{History, testing},
    };

    const NOVEMBER: &str = "2026-11-01";

    fn past<'a>(price: &'a Price, always_on: bool, hours: &'a [Option<f64>]) -> Past<'a> {
        let history = History { before: testing::date("2026-12-01"), hours };
        Past { price, always_on, history, from: testing::date(NOVEMBER) }
    }

    #[test]
    fn each_rule_is_summed_over_the_same_desktops() {
        let price = testing::listed(testing::STANDARD);
        let (busy, idle) = ([Some(8.0); 30], [None; 30]);
        let mut tally = Tally::new(1);
        tally.add(&Desktop {
            past: past(&price, false, &busy),
            timeouts: Some((240, &[(60, 240), (120, 270)])),
            estimated: true,
        });
        tally.add(&Desktop { past: past(&price, true, &idle), timeouts: None, estimated: false });
        assert_eq!((tally.unknown_days(), tally.estimated()), (30, 1));
        let [all] = tally.into_outcomes().try_into().unwrap();
        assert_eq!((all.desktops, all.always_on), (2, Money::from_cents(70_00)));
        assert_eq!(all.auto_stop, Money::from_cents(2 * 9_75 + 240 * 30));
        assert_eq!(all.as_it_is, Money::from_cents(9_75 + 240 * 30 + 35_00));
        assert_eq!(all.hindsight, Money::from_cents(35_00 + 9_75));
        // A limit of zero hours is AlwaysOn from the first evening on; one of 200 comes too late for the busy one.
        assert!(all.limits.first().unwrap().cost < all.limits.last().unwrap().cost);
        assert_eq!((all.timeouts.desktops, all.timeouts.as_it_is), (1, Money::from_cents(9_75 + 240 * 30)));
        let longer = AtTimeout { minutes: 120, hours: 270, cost: Money::from_cents(9_75 + 270 * 30) };
        assert_eq!(all.timeouts.choices[1], longer);
    }

    #[test]
    fn nobody_is_guessed_and_currencies_stay_apart() {
        let price = testing::listed(testing::STANDARD);
        let partial = Price { auto_stop_hour: None, ..price.clone() };
        let zero = Price { auto_stop_hour: Some(Money::ZERO), ..price.clone() };
        let euros = Price { currency: Currency("EUR".to_owned()), ..price.clone() };
        let hours = [Some(1.0); 30];
        let mut tally = Tally::new(1);
        for price in [&partial, &zero, &price, &price, &euros] {
            tally.add(&Desktop { past: past(price, false, &hours), timeouts: None, estimated: false });
        }
        tally.leave_out(Reason::NotObserved);
        let counts: Vec<_> = tally.left_out().iter().map(|it| (it.reason, it.desktops)).collect();
        assert_eq!(counts, [(Reason::NoPrice, 2), (Reason::NotObserved, 1)]);
        let told: Vec<_> = tally.into_outcomes().into_iter().map(|it| (it.currency.0, it.desktops)).collect();
        assert_eq!(told, [("USD".to_owned(), 2), ("EUR".to_owned(), 1)]);
    }

    #[test]
    fn months_are_whole() {
        let months = |today, n| whole_months(testing::date(today), n);
        assert_eq!(months("2026-11-21", 1), (testing::date("2026-10-01"), testing::date(NOVEMBER)));
        assert_eq!(months("2026-01-31", 2), (testing::date("2025-11-01"), testing::date("2026-01-01")));
    }
}
