//! Which source a desktop's month is taken from.
//!
//! The best one that knows the whole month so far: by resource, else by tag, else days by resource with the reckoning for
//! the rest, else the reckoning. Costs carry a tag from when a desktop had it and it was activated: by tag a month is known
//! where nearly nothing of the service is without it, and exactly where nothing is. What knows a part alone is called
//! partial. Sources in different currencies are never put into one figure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use contract::{
    billing::{CostSource, CostStatus},
    money::{Currency, Money},
};

/// Where more of the month's costs lack the tag, it does not tell what a desktop costs.
const NEARLY_ALL: f64 = 0.95;
/// Rounding apart.
const ALL: f64 = 1.0 - 1e-6;

/// A desktop's month, as each source knows it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Days that were read by resource; on those without an amount nothing was charged.
    pub days_read: BTreeSet<NaiveDate>,
    /// What was charged on them.
    pub resource: BTreeMap<Currency, BTreeMap<NaiveDate, Money>>,
    /// What Cost Explorer says of the tag with the desktop's id.
    pub tag: BTreeMap<Currency, Money>,
    /// How much of what the month's desktops were charged carries the tag; see [`super::Costs::carried`].
    pub tag_carried: f64,
    pub model: Option<Modelled>,
}

/// What was reckoned.
#[derive(Debug, Clone)]
pub struct Modelled {
    pub currency: Currency,
    pub days: BTreeMap<NaiveDate, Money>,
    /// All that it rests on is known.
    pub complete: bool,
}

/// The month's part of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub currency: Currency,
    pub amount: Money,
    pub source: CostSource,
    pub status: CostStatus,
}

/// The figures of the days from `first` to `last`, usually one; none when nothing is known. `closed`: the month's bill is.
#[must_use]
pub fn choose(sources: &Sources, first: NaiveDate, last: NaiveDate, closed: bool) -> Vec<Chosen> {
    let days: Vec<NaiveDate> = first.iter_days().take_while(|it| *it <= last).collect();
    let read = days.iter().filter(|it| sources.days_read.contains(it)).count();
    let settled = if closed { CostStatus::Final } else { CostStatus::Estimated };
    if !days.is_empty() && read == days.len() && (!sources.resource.is_empty() || sources.model.is_some()) {
        return by_resource(sources, settled);
    }
    if let Some(status) = by_tag_status(sources.tag_carried, closed).filter(|_| !sources.tag.is_empty()) {
        return by_tag(sources, status);
    }
    match &sources.model {
        Some(model) if read > 0 => mixed(sources, model, &days),
        Some(model) => vec![Chosen {
            currency: model.currency.clone(),
            amount: sum(model.days.values()),
            source: CostSource::Model,
            status: reckoned(model),
        }],
        None if !sources.tag.is_empty() => by_tag(sources, CostStatus::Partial),
        None => by_resource(sources, CostStatus::Partial),
    }
}

/// What a figure by tag is where so much of the month's costs carries it; `None`: it may be a part.
#[must_use]
pub fn by_tag_status(carried: f64, closed: bool) -> Option<CostStatus> {
    match carried {
        it if it >= ALL && closed => Some(CostStatus::Final),
        it if it >= NEARLY_ALL => Some(CostStatus::Estimated),
        _ => None,
    }
}

fn by_tag(sources: &Sources, status: CostStatus) -> Vec<Chosen> {
    let chosen = |(currency, amount): (&Currency, &Money)| Chosen {
        currency: currency.clone(),
        amount: *amount,
        source: CostSource::Tag,
        status,
    };
    sources.tag.iter().map(chosen).collect()
}

/// A desktop that AWS charges nothing for on days that were read costs zero, in the currency that it is reckoned in.
fn by_resource(sources: &Sources, status: CostStatus) -> Vec<Chosen> {
    let chosen = |currency: &Currency, amount| Chosen {
        currency: currency.clone(),
        amount,
        source: CostSource::Resource,
        status,
    };
    match &sources.model {
        Some(model) if sources.resource.is_empty() => vec![chosen(&model.currency, Money::ZERO)],
        _ => sources.resource.iter().map(|(currency, days)| chosen(currency, sum(days.values()))).collect(),
    }
}

/// What was read, and for the other days what was reckoned.
fn mixed(sources: &Sources, model: &Modelled, days: &[NaiveDate]) -> Vec<Chosen> {
    let status = reckoned(model);
    let unread = days.iter().filter(|it| !sources.days_read.contains(it));
    let rest = sum(unread.filter_map(|it| model.days.get(it)));
    let mut all = by_resource(sources, CostStatus::Partial);
    match all.iter_mut().find(|it| it.currency == model.currency) {
        Some(it) => {
            it.amount = it.amount.saturating_add(rest);
            (it.source, it.status) = (CostSource::Mixed, status);
        }
        None => all.push(Chosen {
            currency: model.currency.clone(),
            amount: rest,
            source: CostSource::Model,
            status: CostStatus::Partial,
        }),
    }
    all
}

fn reckoned(model: &Modelled) -> CostStatus {
    if model.complete { CostStatus::Estimated } else { CostStatus::Partial }
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Money>) -> Money {
    amounts.copied().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn cents(days: &[(u32, i64)]) -> BTreeMap<NaiveDate, Money> {
        days.iter().map(|(at, cents)| (day(*at), Money::from_cents(*cents))).collect()
    }

    fn model(currency: &str) -> Modelled {
        Modelled {
            currency: Currency(currency.into()),
            days: cents(&[(1, 975), (2, 60), (3, 60)]),
            complete: true,
        }
    }

    fn told(sources: &Sources, closed: bool) -> Vec<(i64, &'static str, CostStatus)> {
        let chosen = choose(sources, day(1), day(3), closed);
        chosen.iter().map(|it| (it.amount.nanos() / 10_000_000, it.source.name(), it.status)).collect()
    }

    #[test]
    fn the_best_source_that_knows_the_whole_is_taken() {
        let resource = BTreeMap::from([(Currency::usd(), cents(&[(2, 90), (3, 30)]))]);
        let mut it = Sources { model: Some(model("USD")), ..Sources::default() };
        assert_eq!(told(&it, false), [(1095, "model", CostStatus::Estimated)]);
        it.resource.clone_from(&resource);
        it.days_read = [day(2), day(3)].into();
        assert_eq!(told(&it, false), [(975 + 120, "mixed", CostStatus::Estimated)]);
        it.tag = BTreeMap::from([(Currency::usd(), Money::from_cents(1080))]);
        assert_eq!(told(&it, true)[0].1, "mixed", "the tag came late in the month");
        it.tag_carried = 0.97;
        assert_eq!(told(&it, true), [(1080, "tag", CostStatus::Estimated)]);
        it.tag_carried = 1.0;
        assert_eq!(told(&it, true), [(1080, "tag", CostStatus::Final)]);
        it.days_read.insert(day(1));
        assert_eq!(told(&it, false), [(120, "resource", CostStatus::Estimated)]);
        assert_eq!(told(&it, true), [(120, "resource", CostStatus::Final)]);
    }

    #[test]
    fn a_part_is_called_a_part_and_nothing_is_nothing() {
        let part = Sources {
            resource: BTreeMap::from([(Currency::usd(), cents(&[(3, 30)]))]),
            days_read: [day(3)].into(),
            ..Sources::default()
        };
        assert_eq!(told(&part, true), [(30, "resource", CostStatus::Partial)]);
        assert_eq!(told(&Sources::default(), true), []);
        let late = BTreeMap::from([(Currency::usd(), Money::from_cents(30))]);
        let late = Sources { tag: late, tag_carried: 0.5, ..Sources::default() };
        assert_eq!(told(&late, true), [(30, "tag", CostStatus::Partial)]);
        let unknown = Modelled { complete: false, ..model("USD") };
        assert_eq!(
            told(&Sources { model: Some(unknown), ..Sources::default() }, false)[0].2,
            CostStatus::Partial
        );
    }

    #[test]
    fn currencies_stay_apart() {
        let it = Sources {
            resource: BTreeMap::from([(Currency("EUR".into()), cents(&[(2, 90)]))]),
            days_read: [day(2), day(3)].into(),
            model: Some(model("USD")),
            ..Sources::default()
        };
        assert_eq!(
            told(&it, false),
            [(90, "resource", CostStatus::Partial), (975, "model", CostStatus::Partial)]
        );
    }
}
