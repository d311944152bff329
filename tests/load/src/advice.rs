//! What a year of a fleet costs under the running-mode engine's advice, beside AWS's Cost Optimizer, either mode alone, and
//! hindsight.
//!
//! Money is measured here, not time: the figures are the same on every machine. Each desktop's year is generated from a
//! seed; every rule is followed day by day from a quarter before it on, sees only the days before, and is billed by the
//! same meter. Rules that look at a day's evening switch there for nothing, which favours the Cost Optimizer, and it is
//! given true hours, which its own count is not. Hindsight knows all of the year.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::NaiveDate;
use contract::money::Money;
use domain::prices::{Price, PriceKey, PriceList};
use domain::running_mode::what_if::{Past, Rule, hindsight, simulate};
use domain::running_mode::{History, Policy};
use domain::usage::{Series, Span, Timeout};
use fleet::{Fleet, Kind};

use crate::sheet::{Aim, Entry, Sheet};

/// The engine's settings were chosen by other ones, from 100 on.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=20;
const DESKTOPS: u32 = 200;
const YEAR: i32 = 2026;

/// Desktops as a company has them, and the limit that the Cost Optimizer comes with for each compute type.
const BUNDLES: [(&str, &str, u32, u32, f64); 8] = [
    ("us-east-1", "STANDARD", 80, 50, 85.0),
    ("us-east-1", "STANDARD", 80, 50, 85.0),
    ("us-east-1", "POWER", 175, 100, 92.0),
    ("eu-west-1", "STANDARD", 80, 50, 85.0),
    ("us-east-1", "PERFORMANCE", 80, 100, 80.0),
    ("us-east-1", "VALUE", 80, 10, 81.0),
    ("us-east-1", "POWERPRO", 175, 100, 78.0),
    ("ap-southeast-1", "POWER", 175, 100, 92.0),
];

/// What the same desktops cost under each rule.
#[derive(Debug, Clone, Copy, Default)]
struct Costs {
    engine: Money,
    optimizer: Money,
    auto_stop: Money,
    always_on: Money,
    hindsight: Money,
}

impl Costs {
    fn plus(self, other: Self) -> Self {
        let sum = |of: fn(&Self) -> Money| of(&self).saturating_add(of(&other));
        Self {
            engine: sum(|it| it.engine),
            optimizer: sum(|it| it.optimizer),
            auto_stop: sum(|it| it.auto_stop),
            always_on: sum(|it| it.always_on),
            hindsight: sum(|it| it.hindsight),
        }
    }

    /// The engine's costs by those of another rule.
    fn engine_by(&self, of: fn(&Self) -> Money) -> f64 {
        self.engine.to_f64() / of(self).to_f64()
    }
}

/// A rule that the engine is held against: its name, its costs, and how many times as much the engine may cost.
type Rival = (&'static str, fn(&Costs) -> Money, f64);

const RIVALS: [Rival; 4] = [
    ("AWS's Cost Optimizer", |it| it.optimizer, 1.0),
    ("always AutoStop", |it| it.auto_stop, 1.0),
    ("always AlwaysOn", |it| it.always_on, 1.0),
    ("hindsight", |it| it.hindsight, 1.03),
];

pub(crate) fn measure(sheet: &mut Sheet) -> anyhow::Result<()> {
    let list = PriceList::new([]).0;
    let mut by_kind = BTreeMap::<Kind, Costs>::new();
    let mut fleets = Vec::new();
    for seed in SEEDS {
        let mut whole = Costs::default();
        for (kind, costs) in costs(&list, seed)? {
            whole = whole.plus(costs);
            let sum = by_kind.entry(kind).or_default();
            *sum = sum.plus(costs);
        }
        fleets.push((seed, whole));
    }
    let all = fleets.iter().fold(Costs::default(), |sum, (_, it)| sum.plus(*it));
    for (name, of, most) in RIVALS {
        let entry = |what: String, it: &Costs| {
            Entry::new(what, it.engine.to_f64(), "USD")
                .beside(name, of(it).to_f64())
                .aim(Aim::RatioAtMost(most))
        };
        sheet.add(entry(format!("{} years of {DESKTOPS} desktops by our advice", fleets.len()), &all));
        let worst = fleets.iter().max_by(|one, other| one.1.engine_by(of).total_cmp(&other.1.engine_by(of)));
        if let Some((seed, it)) = worst {
            sheet.add(entry(format!("the worst of these fleets (seed {seed})"), it));
        }
    }
    for (kind, it) in by_kind {
        let against = RIVALS.map(|(name, of, _)| format!("{:.3} of {name}", it.engine_by(of)));
        sheet.note(&format!("{kind:?} users by our advice: {}", against.join(", ")));
    }
    Ok(())
}

/// Each desktop's user and costs.
fn costs(list: &PriceList, seed: u64) -> anyhow::Result<Vec<(Kind, Costs)>> {
    let day = |year, month| NaiveDate::from_ymd_opt(year, month, 1).context("no such day");
    let (begins, counts, ends) = (day(YEAR - 1, 10)?, day(YEAR, 1)?, day(YEAR + 1, 1)?);
    let fleet = Fleet::mixed(seed, DESKTOPS, YEAR).between(begins..ends);
    let mut all = Vec::new();
    // Neighbours differ in their user; every third is on another bundle, and the seed moves them, so that they mix.
    let turn = usize::try_from(seed)?;
    let bundles = (0..).filter_map(|n: usize| BUNDLES.get((n / 3 + turn) % BUNDLES.len()));
    for (desktop, (region, compute_type, root, user, limit)) in fleet.desktops().zip(bundles) {
        let span = Span::new(desktop.span.start, desktop.span.end);
        let connected = desktop.connections.iter().map(|it| Span::new(it.began, it.ended));
        let days = Series::from_stored(span, [], connected).days(span, Timeout::HOUR, span.until);
        let billed: BTreeMap<NaiveDate, f64> = days.iter().map(|it| (it.day, f64::from(it.hours))).collect();
        let hours: Vec<Option<f64>> = begins
            .iter_days()
            .take_while(|it| *it < ends)
            .map(|it| Some(billed.get(&it).copied().unwrap_or(0.0)))
            .collect();
        let key = PriceKey::of_desktop(region, "WINDOWS_SERVER_2022", compute_type, *root, *user);
        let price = list.lookup(&key).with_context(|| format!("no price for {key:?}"))?;
        let history = History { before: ends, hours: &hours };
        all.push((desktop.kind, under_all_rules(&price, history, counts, *limit)?));
    }
    Ok(all)
}

fn under_all_rules(
    price: &Price,
    history: History<'_>,
    from: NaiveDate,
    limit: f64,
) -> anyhow::Result<Costs> {
    let past = Past { price, always_on: false, history, from };
    let cost = |rule: Rule| simulate(&past, &rule).map(|it| it.cost).context("the price is partial");
    Ok(Costs {
        engine: cost(Rule::Advice(Policy::default()))?,
        optimizer: cost(Rule::Limit { hours: limit })?,
        auto_stop: cost(Rule::AutoStop)?,
        always_on: cost(Rule::AlwaysOn)?,
        hindsight: hindsight(&past).context("the price is partial")?,
    })
}
