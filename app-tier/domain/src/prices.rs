//! What a desktop costs by AWS's price list, and from how many hours a month on AlwaysOn is the cheaper mode.
//!
//! A desktop is priced by three SKUs: the month of AlwaysOn, the month of AutoStop, and the hour of AutoStop. [`product`]
//! reads them from the Price List, [`PriceList`] keeps and finds them, [`offline`] is the small table for when the list
//! may not be read.
//!
//! Deliberately no fallback without a label: every [`Price`] says where it is from and what of it is missing, and nothing
//! is ever taken from another region, operating system, licence or compute type.

pub mod offline;
pub mod product;

use std::collections::{BTreeMap, btree_map::Entry};

use contract::money::{Currency, Money};

/// What of a desktop decides its price. Texts are as the key's constructors write them, so that keys from the price list
/// and from desktops meet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PriceKey {
    /// `us-east-1`
    pub region: String,
    /// The price list's name: `Windows`, `Amazon Linux`, `Ubuntu`, … An open set.
    pub operating_system: String,
    pub licence: Licence,
    /// AWS's name: `STANDARD`, `GRAPHICS_G4DN`, … An open set.
    pub compute_type: String,
    pub root_gib: u32,
    pub user_gib: u32,
}

impl PriceKey {
    /// The key of a desktop as `DescribeWorkspaces` tells it: `operating_system` is `WINDOWS_SERVER_2022`,
    /// `AMAZON_LINUX_2` and so on. AWS does not tell the licence of a desktop. It provides Windows Server only, so the
    /// client editions of Windows (`WINDOWS_10`, `WINDOWS_11`) can only be brought.
    #[must_use]
    pub fn of_desktop(
        region: &str,
        operating_system: &str,
        compute_type: &str,
        root_gib: u32,
        user_gib: u32,
    ) -> Self {
        let system = operating_system.to_ascii_uppercase();
        let server = system.starts_with("WINDOWS_SERVER") || system == "WINDOWS";
        let brought = system.starts_with("WINDOWS") && !server;
        Self {
            region: region.to_owned(),
            operating_system: product::operating_system(operating_system),
            licence: if brought { Licence::Byol } else { Licence::Included },
            compute_type: product::compute_type(compute_type),
            root_gib,
            user_gib,
        }
    }

    fn same_but_volumes(&self, other: &PriceKey) -> bool {
        self.region == other.region
            && self.operating_system == other.operating_system
            && self.licence == other.licence
            && self.compute_type == other.compute_type
    }
}

/// Whose licence the operating system runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Licence {
    /// AWS's, or none is needed.
    Included,
    /// Brought by the customer.
    Byol,
}

/// What one SKU is the price of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// A month of AlwaysOn, whatever the hours.
    AlwaysOnMonth,
    /// The base fee of a month of AutoStop.
    AutoStopMonth,
    /// An hour of AutoStop.
    AutoStopHour,
}

impl Unit {
    pub const ALL: [Unit; 3] = [Unit::AlwaysOnMonth, Unit::AutoStopMonth, Unit::AutoStopHour];
}

/// One line of the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sku {
    pub key: PriceKey,
    pub unit: Unit,
    pub price: Money,
    pub currency: Currency,
}

/// Where a price is from, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// AWS's price list.
    Listed,
    /// The table that came with the program, as of [`offline::AS_OF`].
    Offline,
    /// At least one of the three prices is that of the same desktop with other volumes.
    Estimated,
}

/// The prices of one kind of desktop. A price that is not known is `None`, never a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub always_on_month: Option<Money>,
    pub auto_stop_month: Option<Money>,
    pub auto_stop_hour: Option<Money>,
    pub currency: Currency,
    pub origin: Origin,
    /// Which of the prices are from other volumes; not empty only if the origin is [`Origin::Estimated`].
    pub estimated: Vec<Unit>,
}

/// All three prices, each above zero: what sums and comparisons need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    pub always_on_month: Money,
    pub auto_stop_month: Money,
    pub auto_stop_hour: Money,
}

impl Price {
    #[must_use]
    pub fn of(&self, unit: Unit) -> Option<Money> {
        match unit {
            Unit::AlwaysOnMonth => self.always_on_month,
            Unit::AutoStopMonth => self.auto_stop_month,
            Unit::AutoStopHour => self.auto_stop_hour,
        }
    }

    /// Which of the three prices are not known; the price is partial unless this is empty.
    #[must_use]
    pub fn missing(&self) -> Vec<Unit> {
        Unit::ALL.into_iter().filter(|it| self.of(*it).is_none()).collect()
    }

    /// All three prices, if they are known and none of them is zero: a desktop is never free, so that a zero is a line
    /// of the list that means something else.
    #[must_use]
    pub fn rates(&self) -> Option<Rates> {
        let known = |unit| self.of(unit).filter(|it| it.is_positive());
        Some(Rates {
            always_on_month: known(Unit::AlwaysOnMonth)?,
            auto_stop_month: known(Unit::AutoStopMonth)?,
            auto_stop_hour: known(Unit::AutoStopHour)?,
        })
    }

    /// Hours a month from which AlwaysOn is cheaper than AutoStop: `(AlwaysOn − base) ÷ hour`. Zero where AlwaysOn is
    /// not dearer than the base fee alone; `None` where one of the prices is missing or zero.
    #[must_use]
    pub fn break_even_hours(&self) -> Option<f64> {
        self.rates().map(Rates::break_even_hours)
    }
}

impl Rates {
    /// See [`Price::break_even_hours`].
    #[must_use]
    pub fn break_even_hours(self) -> f64 {
        let dearer = self.always_on_month.saturating_sub(self.auto_stop_month).to_f64();
        (dearer / self.auto_stop_hour.to_f64()).max(0.0)
    }
}

/// All that is known of prices: what was listed, and behind it the offline table.
#[derive(Debug, Clone)]
pub struct PriceList {
    listed: BTreeMap<PriceKey, Entries>,
    offline: BTreeMap<PriceKey, Entries>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entries {
    currency: Currency,
    prices: BTreeMap<Unit, Money>,
}

impl Entries {
    fn complete(&self) -> bool {
        Unit::ALL.iter().all(|it| self.prices.contains_key(it))
    }
}

/// Two lines of the price list contradict each other; which one is meant cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the price list has two prices for {unit:?} of {key:?}")]
pub struct Contradiction {
    pub key: PriceKey,
    pub unit: Unit,
}

impl PriceList {
    /// A list of the given SKUs, with the offline table behind them. A SKU that contradicts an earlier one is returned
    /// beside the list, and neither of both is in it: a price that may be wrong is missing.
    #[must_use]
    pub fn new(skus: impl IntoIterator<Item = Sku>) -> (Self, Vec<Contradiction>) {
        let (listed, contradictions) = index(skus);
        (Self { listed, offline: index(offline::skus()).0 }, contradictions)
    }

    /// The prices of one kind of desktop: as listed; where nothing is listed for it, from the offline table; and single
    /// prices that neither has from the same desktop with the nearest volumes, labelled so. `None`: nothing is known.
    #[must_use]
    pub fn lookup(&self, key: &PriceKey) -> Option<Price> {
        let sources = [(&self.listed, Origin::Listed), (&self.offline, Origin::Offline)];
        let exact = sources.iter().find_map(|(source, origin)| Some((source.get(key)?, *origin)));
        // An estimate never mixes lists: prices of different dates do not belong together.
        let near = sources
            .iter()
            .filter(|(_, origin)| exact.is_none_or(|(_, exact)| exact == *origin))
            .find_map(|(source, _)| nearest(source, key));
        let (entries, mut origin) = exact.or(near.map(|it| (it, Origin::Estimated)))?;
        let near = near.filter(|it| it.currency == entries.currency);
        let mut estimated = if exact.is_none() { Unit::ALL.to_vec() } else { Vec::new() };
        let mut price = |unit| {
            entries.prices.get(&unit).copied().or_else(|| {
                let price = near?.prices.get(&unit).copied()?;
                estimated.push(unit);
                Some(price)
            })
        };
        let (always_on_month, auto_stop_month, auto_stop_hour) =
            (price(Unit::AlwaysOnMonth), price(Unit::AutoStopMonth), price(Unit::AutoStopHour));
        if !estimated.is_empty() {
            origin = Origin::Estimated;
        }
        Some(Price {
            always_on_month,
            auto_stop_month,
            auto_stop_hour,
            currency: entries.currency.clone(),
            origin,
            estimated,
        })
    }
}

/// SKUs by their key; what is contradicted is left out.
fn index(skus: impl IntoIterator<Item = Sku>) -> (BTreeMap<PriceKey, Entries>, Vec<Contradiction>) {
    let mut index = BTreeMap::<PriceKey, Entries>::new();
    let mut contradictions = Vec::new();
    for Sku { key, unit, price, currency } in skus {
        let entries = index
            .entry(key.clone())
            .or_insert_with(|| Entries { currency: currency.clone(), prices: BTreeMap::new() });
        let agrees = entries.currency == currency && entries.prices.get(&unit).is_none_or(|it| *it == price);
        if agrees {
            entries.prices.insert(unit, price);
        } else {
            contradictions.push(Contradiction { key, unit });
        }
    }
    for Contradiction { key, unit } in &contradictions {
        if let Entry::Occupied(mut entries) = index.entry(key.clone()) {
            entries.get_mut().prices.remove(unit);
        }
    }
    (index, contradictions)
}

/// The complete entry of the same desktop whose volumes differ least; of equals the smaller one.
fn nearest<'a>(source: &'a BTreeMap<PriceKey, Entries>, key: &PriceKey) -> Option<&'a Entries> {
    let apart = |it: &PriceKey| it.root_gib.abs_diff(key.root_gib) + it.user_gib.abs_diff(key.user_gib);
    source
        .iter()
        .filter(|(it, entries)| it.same_but_volumes(key) && entries.complete())
        .min_by_key(|(it, _)| (apart(it), it.root_gib, it.user_gib))
        .map(|(_, entries)| entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(user_gib: u32) -> PriceKey {
        PriceKey::of_desktop("us-west-2", "WINDOWS_SERVER_2022", "STANDARD", 80, user_gib)
    }

    fn sku(key: &PriceKey, unit: Unit, price: &str) -> Sku {
        Sku { key: key.clone(), unit, price: price.parse().unwrap(), currency: Currency::usd() }
    }

    fn all(key: &PriceKey, prices: [&str; 3]) -> Vec<Sku> {
        Unit::ALL.into_iter().zip(prices).map(|(unit, price)| sku(key, unit, price)).collect()
    }

    #[test]
    fn what_is_listed_comes_first() {
        let key = PriceKey::of_desktop("us-east-1", "WINDOWS_SERVER_2019", "STANDARD", 80, 50);
        let price = PriceList::new([]).0.lookup(&key).unwrap();
        assert_eq!((price.origin, price.always_on_month), (Origin::Offline, Some(Money::from_cents(35_00))));
        let price = PriceList::new(all(&key, ["36", "10", "0.31"])).0.lookup(&key).unwrap();
        assert_eq!((price.origin, price.always_on_month), (Origin::Listed, Some(Money::from_cents(36_00))));
    }

    #[test]
    fn a_missing_sku_is_missing_or_a_labelled_estimate() {
        let partial = vec![sku(&standard(100), Unit::AlwaysOnMonth, "38")];
        let price = PriceList::new(partial.clone()).0.lookup(&standard(100)).unwrap();
        assert_eq!(price.missing(), [Unit::AutoStopMonth, Unit::AutoStopHour]);
        assert_eq!((price.origin, price.rates(), price.break_even_hours()), (Origin::Listed, None, None));

        let skus =
            [partial, all(&standard(50), ["35", "9.75", "0.3"]), all(&standard(10), ["33", "8", "0.3"])];
        let list = PriceList::new(skus.concat()).0;
        let price = list.lookup(&standard(100)).unwrap();
        assert_eq!(price.origin, Origin::Estimated);
        assert_eq!(price.estimated, [Unit::AutoStopMonth, Unit::AutoStopHour]);
        assert_eq!(price.always_on_month, Some(Money::from_cents(38_00)));
        assert_eq!(price.auto_stop_month, Some(Money::from_cents(9_75)));
        assert_eq!(list.lookup(&standard(20)).unwrap().estimated, Unit::ALL);
    }

    #[test]
    fn nothing_is_taken_from_another_region_system_licence_or_compute_type() {
        let list = PriceList::new(all(&standard(50), ["35", "9.75", "0.3"])).0;
        for key in [
            PriceKey { region: "us-west-1".into(), ..standard(50) },
            PriceKey { operating_system: "Ubuntu".into(), ..standard(50) },
            PriceKey { licence: Licence::Byol, ..standard(50) },
            PriceKey { compute_type: "POWER".into(), ..standard(50) },
        ] {
            assert_eq!(list.lookup(&key), None, "{key:?}");
        }
    }

    #[test]
    fn contradicting_lines_are_no_price() {
        let twice =
            [sku(&standard(50), Unit::AutoStopHour, "0.3"), sku(&standard(50), Unit::AutoStopHour, "0.4")];
        let (list, contradictions) = PriceList::new(twice);
        assert_eq!(contradictions, [Contradiction { key: standard(50), unit: Unit::AutoStopHour }]);
        assert_eq!(list.lookup(&standard(50)).unwrap().missing(), Unit::ALL);
    }

    #[test]
    fn break_even_is_never_infinite_or_negative() {
        let of = |prices| {
            PriceList::new(all(&standard(50), prices)).0.lookup(&standard(50)).unwrap().break_even_hours()
        };
        assert_eq!(of(["35", "9.75", "0.25"]), Some(101.0));
        assert_eq!(of(["5", "9.75", "0.25"]), Some(0.0));
        for zero in [["0", "9.75", "0.3"], ["35", "0", "0.3"], ["35", "9.75", "0"], ["0", "0", "0"]] {
            assert_eq!(of(zero), None, "{zero:?}");
        }
    }

    #[test]
    fn desktops_meet_the_price_lists_names() {
        let of = |system| {
            let key = PriceKey::of_desktop("us-east-1", system, "POWERPRO", 175, 100);
            (key.operating_system, key.licence)
        };
        assert_eq!(of("WINDOWS_SERVER_2016"), ("Windows".to_owned(), Licence::Included));
        assert_eq!(of("WINDOWS_11"), ("Windows".to_owned(), Licence::Byol));
        assert_eq!(of("AMAZON_LINUX_2"), ("Amazon Linux".to_owned(), Licence::Included));
        assert_eq!(of("UBUNTU_22_04"), ("Ubuntu".to_owned(), Licence::Included));
    }
}
