//! What must hold of every advice, whatever the desktop.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::money::{Currency, Money};
use domain::{
    prices::{Origin, Price},
    running_mode::{
        Action, Advice, Desktop, History, LastConnection, Mode, OptOut, Policy, Recommendation, TimeoutHours,
        Withheld, advise,
        what_if::{Past, Rule, hindsight, simulate},
    },
};
use proptest::prelude::*;

fn price(cents: [i64; 3]) -> Price {
    let [always_on, base, hour] = cents.map(|it| Some(Money::from_cents(it)));
    Price {
        always_on_month: always_on,
        auto_stop_month: base,
        auto_stop_hour: hour,
        currency: Currency::usd(),
        origin: Origin::Listed,
        estimated: Vec::new(),
    }
}

const STANDARD: [i64; 3] = [35_00, 9_75, 30];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A desktop in daily use that nobody decided about.
fn desktop<'a>(now: &str, price: &'a Price, hours: &'a [Option<f64>]) -> Desktop<'a> {
    let now = at(now);
    Desktop {
        now,
        mode: Mode::AutoStop { timeout_minutes: 60 },
        month_paid: false,
        price,
        hours_this_month: 20.0,
        history: History { before: now.date_naive(), hours },
        timeouts: &[],
        since: at("2025-01-01T00:00:00Z"),
        last_connection: LastConnection::At(now),
        synced: true,
        standby: false,
        opt_out: None,
    }
}

fn advice(desktop: &Desktop<'_>) -> Advice {
    advise(desktop, &Policy::default())
}

fn actions(desktop: &Desktop<'_>) -> Vec<Action> {
    advice(desktop).recommendations.iter().map(|it| it.action).collect()
}

fn only(desktop: &Desktop<'_>) -> Recommendation {
    let mut all = advice(desktop).recommendations;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Eight hours on working days; 2 November 2026 is a Monday.
fn office(hours: f64) -> Vec<Option<f64>> {
    [hours, hours, hours, hours, hours, 0.0, 0.0].map(Some).repeat(9)
}

#[test]
fn the_rest_of_the_month_decides_and_what_was_billed_does_not() {
    let price = price(STANDARD);
    let hours = office(8.0);
    let mut it = desktop("2026-11-09T00:00:00Z", &price, &hours);
    let found = only(&it);
    assert_eq!(found.action, Action::ToAlwaysOn);
    assert_eq!(
        found.why,
        "After 20 hours this month about 128 more are expected until 30 November, which cost 38.40 USD by the hour and \
         25.67 in AlwaysOn."
    );
    it.hours_this_month = 300.0;
    assert_eq!(only(&it).saves_p50, found.saves_p50);
    // Two hours a day are 38 by the end of the month: below, whatever was billed before.
    let hours = office(2.0);
    assert_eq!(actions(&Desktop { history: History { hours: &hours, ..it.history }, ..it }), []);
}

#[test]
fn a_switch_waits_for_monday() {
    let price = price(STANDARD);
    let hours = &office(8.0)[..61];
    // A Saturday.
    assert_eq!(actions(&desktop("2026-11-07T00:00:00Z", &price, hours)), []);
}

#[test]
fn out_of_always_on_only_the_end_of_the_month_decides() {
    let price = price(STANDARD);
    let hours = office(2.0);
    let in_always_on =
        |now, hours| Desktop { mode: Mode::AlwaysOn, month_paid: true, ..desktop(now, &price, hours) };
    assert_eq!(actions(&in_always_on("2026-11-09T06:00:00Z", &hours)), []);
    let found = only(&in_always_on("2026-11-30T06:00:00Z", &hours));
    assert_eq!(found.action, Action::ToAutoStop { from: "2026-12-01".parse().unwrap() });
    assert_eq!(
        found.why,
        "In December 2026 about 44 hours are expected, and up to 84 hours a month AutoStop (9.75 USD and 0.30 an hour) is \
         cheaper than AlwaysOn (35.00)."
    );
    assert_eq!(actions(&in_always_on("2026-11-30T06:00:00Z", &office(8.0))), []);
}

#[test]
fn on_the_last_day_the_next_months_base_fee_decides() {
    let price = price(STANDARD);
    // Four and a half hours a day: AlwaysOn is not worth it for the last day, but for December.
    let mut hours = office(4.5);
    hours.truncate(62);
    let found = only(&desktop("2026-11-29T00:00:00Z", &price, &hours[..]).at_day("2026-11-30T23:00:00Z"));
    assert_eq!(found.action, Action::ToAlwaysOn);
    assert!(found.why.starts_with("In December 2026 about "), "{}", found.why);
    assert_eq!(found.saves_until, "2027-01-01".parse::<NaiveDate>().unwrap());
}

trait AtDay {
    fn at_day(self, now: &str) -> Self;
}

impl AtDay for Desktop<'_> {
    fn at_day(self, now: &str) -> Self {
        let now = at(now);
        Self { now, history: History { before: now.date_naive(), ..self.history }, ..self }
    }
}

#[test]
fn nothing_is_said_without_prices_usage_or_against_an_opt_out() {
    let full = price(STANDARD);
    let hours = office(8.0);
    let it = desktop("2026-11-09T00:00:00Z", &full, &hours);
    let withheld = |it: &Desktop<'_>| {
        let advice = advice(it);
        assert_eq!(advice.recommendations, []);
        advice.withheld
    };
    let partial = Price { auto_stop_hour: None, ..full.clone() };
    assert_eq!(withheld(&Desktop { price: &partial, ..it }), [Withheld::PricePartial]);
    for zero in 0..3 {
        let mut cents = STANDARD;
        cents[zero] = 0;
        assert_eq!(withheld(&Desktop { price: &price(cents), ..it }), [Withheld::PriceZero]);
    }
    let short = History { hours: &hours[..10], ..it.history };
    assert_eq!(withheld(&Desktop { history: short, ..it }), [Withheld::TooLittleUsage]);
    let mut patchy = hours.clone();
    patchy.iter_mut().step_by(3).for_each(|it| *it = None);
    let patchy = History { hours: &patchy, ..it.history };
    assert_eq!(withheld(&Desktop { history: patchy, ..it }), [Withheld::UsageMissing]);
    let opt_out = |until: &str| Some(OptOut { until: Some(until.parse().unwrap()) });
    assert_eq!(withheld(&Desktop { opt_out: opt_out("2026-11-10"), ..it }), [Withheld::OptedOut]);
    assert_eq!(withheld(&Desktop { opt_out: Some(OptOut { until: None }), ..it }), [Withheld::OptedOut]);
    assert_eq!(actions(&Desktop { opt_out: opt_out("2026-11-09"), ..it }), [Action::ToAlwaysOn]);
}

#[test]
fn only_what_is_surely_unused_can_go() {
    let price = price(STANDARD);
    let hours = [Some(0.0); 63];
    let now = at("2026-11-09T00:00:00Z");
    let long_ago = LastConnection::At(at("2026-08-01T09:00:00Z"));
    let it = Desktop { last_connection: long_ago, ..desktop("2026-11-09T00:00:00Z", &price, &hours) };
    let found = only(&it);
    assert_eq!((found.action, found.saves_p50), (Action::Terminate, Money::from_cents(9_75)));
    assert_eq!(
        found.why,
        "Nobody has connected since 1 August 2026, 99 days ago, and each month costs 9.75 USD."
    );
    let never = Desktop { last_connection: LastConnection::Never, ..it };
    assert!(only(&never).why.starts_with("Nobody has ever connected since 1 January 2025, 677 days ago"));

    let unknown = Desktop { last_connection: LastConnection::Unknown, ..it };
    for unsure in [unknown, Desktop { synced: false, ..it }] {
        assert_eq!((actions(&unsure), advice(&unsure).withheld), (vec![], vec![Withheld::ConnectionUnknown]));
    }
    let recent = LastConnection::At(now - chrono::TimeDelta::days(89));
    let mut used = hours;
    used[60] = Some(1.0);
    for needed in [
        Desktop { standby: true, ..it },
        Desktop { last_connection: recent, ..it },
        Desktop { since: now - chrono::TimeDelta::days(20), last_connection: LastConnection::Never, ..it },
        Desktop { history: History { hours: &used, ..it.history }, ..it },
    ] {
        assert_eq!(actions(&needed), []);
    }
}

#[test]
fn the_timeout_that_billed_least_is_advised() {
    let price = price(STANDARD);
    let hours = office(2.0);
    let weeks = |minutes, hours| TimeoutHours { minutes, weeks: vec![hours; 8] };
    let timeouts = [weeks(60, 15.0), weeks(120, 20.0), weeks(180, 25.0), weeks(240, 30.0)];
    let it = Desktop { timeouts: &timeouts, ..desktop("2026-11-09T00:00:00Z", &price, &hours) };
    assert_eq!(actions(&it), []);
    let four_hours = Desktop { mode: Mode::AutoStop { timeout_minutes: 240 }, ..it };
    let found = only(&four_hours);
    assert_eq!(found.action, Action::SetTimeout { minutes: 60 });
    assert_eq!(
        found.why,
        "In the last 8 weeks a timeout of 60 minutes would have billed 120 hours instead of 240 with 240 minutes, at 0.30 \
         USD an hour."
    );
    assert_eq!(found.saves_p50.to_cents(), Money::from_cents(19_29));
}

fn any_hours() -> impl Strategy<Value = Vec<Option<f64>>> {
    let day = prop_oneof![3 => Just(Some(0.0)), 6 => (1_u32..12).prop_map(|it| Some(f64::from(it))), 1 => Just(None)];
    prop::collection::vec(day, 30..190)
}

fn any_cents() -> impl Strategy<Value = [i64; 3]> {
    (1_000_i64..100_000, 100_i64..10_000, 5_i64..1_200)
        .prop_map(|(always_on, base, hour)| [always_on, base, hour])
}

fn any_now() -> impl Strategy<Value = DateTime<Utc>> {
    // Ten years, so that leap days and Februaries are among them.
    (0_i64..315_360_000).prop_map(|it| at("2024-01-01T00:00:00Z") + chrono::TimeDelta::seconds(it))
}

fn in_mode<'a>(
    now: DateTime<Utc>,
    always_on: bool,
    price: &'a Price,
    hours: &'a [Option<f64>],
) -> Desktop<'a> {
    let mode = if always_on { Mode::AlwaysOn } else { Mode::AutoStop { timeout_minutes: 60 } };
    let it = desktop("2026-11-09T00:00:00Z", price, hours);
    let history = History { before: now.date_naive(), hours };
    Desktop { now, mode, month_paid: always_on, history, last_connection: LastConnection::At(now), ..it }
}

/// How much an advice argues for AlwaysOn.
fn leaning(actions: &[Action]) -> i32 {
    let one = |it: &Action| match it {
        Action::ToAlwaysOn => 1,
        Action::ToAutoStop { .. } => -1,
        Action::SetTimeout { .. } | Action::Terminate => 0,
    };
    actions.iter().map(one).sum()
}

proptest! {
    #[test]
    fn more_hours_never_argue_for_auto_stop(
        hours in any_hours(), cents in any_cents(), now in any_now(), always_on: bool, more in 1.0..2.0,
    ) {
        let price = price(cents);
        let busier: Vec<Option<f64>> = hours.iter().map(|it| it.map(|it| it * more)).collect();
        let few = leaning(&actions(&in_mode(now, always_on, &price, &hours)));
        let many = leaning(&actions(&in_mode(now, always_on, &price, &busier)));
        prop_assert!(few <= many, "{few} {many}");
    }

    #[test]
    fn the_unit_of_the_prices_changes_nothing(
        hours in any_hours(), cents in any_cents(), now in any_now(), always_on: bool, times in 2_i64..1000,
    ) {
        let one = advice(&in_mode(now, always_on, &price(cents), &hours));
        let other = advice(&in_mode(now, always_on, &price(cents.map(|it| it * times)), &hours));
        let told = |it: &Advice| it.recommendations.iter().map(|it| it.action).collect::<Vec<_>>();
        prop_assert_eq!(told(&one), told(&other));
        for (one, other) in one.recommendations.iter().zip(&other.recommendations) {
            let apart = one.saves_p50.to_f64() * f64::from(i32::try_from(times).unwrap()) - other.saves_p50.to_f64();
            prop_assert!(apart.abs() < 1e-3, "{apart}");
        }
    }

    #[test]
    fn savings_are_never_negative_and_the_cautious_one_is_the_smaller(
        hours in any_hours(), cents in any_cents(), now in any_now(), always_on: bool,
    ) {
        for it in advice(&in_mode(now, always_on, &price(cents), &hours)).recommendations {
            prop_assert!(Money::ZERO <= it.saves_p90 && it.saves_p90 <= it.saves_p50);
            prop_assert!(it.saves_p50.is_positive() && (0.0..=1.0).contains(&it.confidence));
            prop_assert!(it.saves_until > now.date_naive() && it.why.ends_with('.'));
        }
    }

    #[test]
    fn outlooks_are_in_order_and_nobody_expects_more_than_there_is(hours in any_hours(), now in any_now()) {
        let price = price(STANDARD);
        let advice = advice(&in_mode(now, false, &price, &hours));
        for it in advice.rest_of_month.iter().chain(&advice.next_month) {
            prop_assert!(0.0 <= it.p10 && it.p10 <= it.p50 && it.p50 <= it.p90);
            prop_assert!(it.mean <= 31.0 * 24.0 && it.mean.is_finite() && it.standard_deviation.is_finite());
        }
    }

    #[test]
    fn no_rule_costs_less_than_hindsight(
        hours in any_hours(), cents in any_cents(), from in any_now(), always_on: bool, limit in 0.0..200.0,
    ) {
        let price = price(cents);
        let first = from.date_naive();
        let before = first.checked_add_days(Days::new(u64::try_from(hours.len()).unwrap())).unwrap();
        let past = Past { price: &price, always_on, history: History { before, hours: &hours }, from: first };
        let least = hindsight(&past).unwrap();
        for rule in [Rule::AlwaysOn, Rule::AutoStop, Rule::Limit { hours: limit }, Rule::Advice(Policy::default())] {
            let cost = simulate(&past, &rule).unwrap().cost;
            prop_assert!(least <= cost, "{rule:?}: {cost} below {least}");
        }
    }
}
