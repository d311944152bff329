//! Laws of costs: what may not depend on how pages came, and what always adds up.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::{
    billing::CostSource,
    money::{Currency, Money},
};
use domain::{
    billing::{
        CostLine, Costs,
        calendar::{may_close, months_to_read},
        choose::{Modelled, Sources, choose},
        forecast::outlook,
        model::{Basis, ModeSince, charges},
        reconcile::reconcile,
    },
    prices::{Origin, Price, Rates},
    usage::Month,
};
use proptest::prelude::*;

fn day(back: u64) -> NaiveDate {
    "2026-11-30".parse::<NaiveDate>().unwrap().checked_sub_days(Days::new(back)).unwrap()
}

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![4 => Just("USD"), 1 => Just("EUR"), 1 => Just("CNY")].prop_map(|it| Currency(it.into()))
}

/// Credits are below zero, and much costs nothing.
fn money() -> impl Strategy<Value = Money> {
    prop_oneof![1 => Just(0), 1 => -1_000_000_000_000..0_i64, 4 => 0..1_000_000_000_000_i64]
        .prop_map(Money::from_nanos)
}

fn line() -> impl Strategy<Value = CostLine> {
    (0..40_u64, "[a-d]", "[xy]", money(), currency(), any::<bool>()).prop_map(
        |(back, service, region, amount, currency, estimated)| CostLine {
            from: day(back),
            keys: vec![service, region],
            amount,
            currency,
            estimated,
        },
    )
}

/// As AWS tells them: each group once.
fn lines() -> impl Strategy<Value = Vec<CostLine>> {
    prop::collection::vec(line(), 0..60).prop_map(|lines| {
        let mut costs = Costs::default();
        costs.add(lines);
        costs.lines().collect()
    })
}

fn costs(lines: impl IntoIterator<Item = CostLine>) -> Costs {
    let mut costs = Costs::default();
    costs.add(lines);
    costs
}

fn november(back: u64) -> NaiveDate {
    day(back % 30)
}

proptest! {
    #[test]
    fn order_and_repetition_of_pages_do_not_matter(lines in lines(), size in 1..9_usize, order: Vec<u8>) {
        let whole = costs(lines.clone());
        let pages: Vec<_> = lines.chunks(size).collect();
        let mut shuffled = Costs::default();
        for pick in &order {
            if let Some(page) = pages.get(usize::from(*pick) % pages.len().max(1)) {
                shuffled.add(page.iter().cloned());
            }
        }
        for page in pages.iter().rev() {
            shuffled.add(page.iter().cloned());
        }
        prop_assert_eq!(&shuffled, &whole);
        prop_assert!(shuffled.adds_up_to(&whole));
    }

    #[test]
    fn a_lost_page_is_noticed_where_it_held_a_cent(lines in lines(), lost in 0..60_usize) {
        let whole = costs(lines.clone());
        if let Some(gone) = lines.get(lost) {
            let rest = costs(lines.iter().filter(|it| *it != gone).cloned());
            let cent = Money::from_cents(1).nanos();
            prop_assert_eq!(rest.adds_up_to(&whole), gone.amount.nanos().abs() <= cent);
        }
    }

    #[test]
    fn parts_and_difference_are_the_total_in_each_currency(
        totals in prop::collection::vec((currency(), money()), 0..20),
        parts in prop::collection::vec((currency(), money()), 0..200),
    ) {
        let of = |amounts: &[(Currency, Money)], it: &Currency| -> Money {
            amounts.iter().filter(|(currency, _)| currency == it).map(|it| it.1).sum()
        };
        let pairs = |amounts: &'_ [(Currency, Money)]| amounts.to_vec();
        let (told, known) = (pairs(&totals), pairs(&parts));
        let balances = reconcile(told.iter().map(|it| (&it.0, it.1)), known.iter().map(|it| (&it.0, it.1)));
        for (currency, it) in &balances {
            let told = totals.iter().any(|it| it.0 == *currency);
            prop_assert_eq!(it.total, told.then(|| of(&totals, currency)));
            prop_assert_eq!(it.parts, of(&parts, currency));
            prop_assert_eq!(it.difference().and_then(|left| it.parts.checked_add(left)), it.total);
        }
        let named: BTreeSet<_> = totals.iter().chain(&parts).map(|it| it.0.clone()).collect();
        prop_assert_eq!(balances.into_keys().collect::<BTreeSet<_>>(), named);
    }

    #[test]
    fn a_closed_month_stays_closed(now in 0..4000_i64, later in 0..4000_i64, closed in prop::collection::btree_set(0..14_usize, 0..14)) {
        let at = |days: i64| DateTime::<Utc>::from_timestamp(1_700_000_000 + days * 86_400, 0).unwrap();
        let all = months_to_read(at(now), &BTreeSet::new());
        let closed: BTreeSet<_> = closed.into_iter().map(|it| all[it]).filter(|it| may_close(*it, at(now))).collect();
        let known = closed.iter().map(|it| it.first_day()).collect();
        let asked = months_to_read(at(now + later), &known);
        prop_assert!(asked.iter().all(|it| !closed.contains(it)));
        prop_assert!(asked.contains(&Month::of(at(now + later))), "the running month is always asked for");
        prop_assert!(closed.iter().all(|it| may_close(*it, at(now + later))));
    }

    #[test]
    fn the_choice_is_made_of_what_is_known_and_never_mixes_currencies(
        resource in prop::collection::vec((currency(), 0..30_u64, money()), 0..30),
        read in prop::collection::btree_set(0..30_u64, 0..30),
        tag in prop::collection::btree_map(currency(), money(), 0..2),
        model in prop::option::of((currency(), prop::collection::btree_map(0..30_u64, money(), 0..30), any::<bool>())),
        closed: bool,
        tag_carried in 0.0..1.0_f64,
    ) {
        let days_read: BTreeSet<_> = read.into_iter().map(november).collect();
        let mut sources = Sources { days_read, tag, tag_carried, ..Sources::default() };
        for (currency, back, amount) in resource {
            if sources.days_read.contains(&november(back)) {
                sources.resource.entry(currency).or_default().insert(november(back), amount);
            }
        }
        sources.model = model.map(|(currency, days, complete)| Modelled {
            currency,
            days: days.into_iter().map(|(back, amount)| (november(back), amount)).collect(),
            complete,
        });
        let chosen = choose(&sources, day(29), day(0), closed);
        let currencies: BTreeSet<_> = chosen.iter().map(|it| it.currency.clone()).collect();
        prop_assert_eq!(currencies.len(), chosen.len(), "one figure for each currency");
        for it in &chosen {
            let resource: Money = sources.resource.get(&it.currency).into_iter().flat_map(|it| it.values()).copied().sum();
            let model = sources.model.as_ref().filter(|model| model.currency == it.currency);
            let expected = match it.source {
                CostSource::Resource => resource,
                CostSource::Tag => sources.tag[&it.currency],
                CostSource::Model | CostSource::Mixed => {
                    let unread = model.unwrap().days.iter().filter(|it| !sources.days_read.contains(it.0));
                    resource.saturating_add(unread.map(|it| *it.1).sum())
                }
                CostSource::Service => unreachable!("a service is no desktop"),
            };
            prop_assert_eq!(it.amount, expected, "{:?}", it);
        }
        let known = !sources.resource.is_empty() || !sources.tag.is_empty() || sources.model.is_some();
        prop_assert_eq!(!chosen.is_empty(), known);
    }

    #[test]
    fn a_month_is_never_dearer_than_base_hours_and_the_rest_of_always_on(
        hours in prop::collection::btree_map(0..30_u64, 0..25_u32, 0..30),
        switches in prop::collection::btree_map(0..60_i64, any::<bool>(), 0..4),
        until in 0..30_u64,
    ) {
        let rates = Rates {
            always_on_month: Money::from_cents(35_00),
            auto_stop_month: Money::from_cents(9_75),
            auto_stop_hour: Money::from_cents(30),
        };
        let hours: BTreeMap<_, _> = hours.into_iter().map(|(back, hours)| (november(back), hours)).collect();
        let begin: DateTime<Utc> = "2026-10-15T12:00:00Z".parse().unwrap();
        let modes: Vec<_> = switches
            .into_iter()
            .map(|(at, always_on)| ModeSince { since: begin + chrono::TimeDelta::days(at), always_on })
            .collect();
        let basis = Basis { rates, modes: &modes, created: None, gone: None, hours: &hours };
        let month = Month::of("2026-11-10T00:00:00Z".parse().unwrap());
        let all = charges(month, day(until), &basis);
        let sum: Money = all.values().copied().sum();
        let worked: u32 = hours.iter().filter(|it| *it.0 <= day(until)).map(|it| *it.1).sum();
        let most = 44_75 + 30 * i64::from(worked);
        prop_assert!(sum >= rates.auto_stop_month && sum <= Money::from_cents(most));
        prop_assert!(all.keys().all(|it| *it <= day(until) && *it >= day(29)));
        // More days are known, what was charged stays.
        let longer = charges(month, day(0), &basis);
        prop_assert!(all.iter().all(|(day, amount)| longer[day] == *amount));
    }

    #[test]
    fn a_forecast_is_never_below_what_is_charged_unless_credits_come(
        costs in prop::collection::btree_map(0..80_u64, 0..1_000_000_000_000_i64, 0..80),
        until in 0..30_u64,
    ) {
        let days = costs.into_iter().map(|(back, nanos)| (day(back), Money::from_nanos(nanos))).collect();
        if let Some(it) = outlook(&days, day(until)) {
            prop_assert!(it.to_date <= it.low && it.low <= it.expected && it.expected <= it.high);
        }
    }
}

#[test]
fn a_price_of_zero_is_no_price_to_reckon_with() {
    let price = Price {
        always_on_month: Some(Money::ZERO),
        auto_stop_month: Some(Money::from_cents(9_75)),
        auto_stop_hour: Some(Money::from_cents(30)),
        currency: Currency::usd(),
        origin: Origin::Listed,
        estimated: Vec::new(),
    };
    // So there is no Rates, no model, and no figure that looks exact.
    assert_eq!(price.rates(), None);
    assert_eq!(choose(&Sources::default(), day(29), day(0), false), []);
}
