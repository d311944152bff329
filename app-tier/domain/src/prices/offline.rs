//! The prices that came with the program, for when the price list may not be read.
//!
//! A small table of the usual Windows bundles, with the volumes each comes with. Prices change: whatever is taken from
//! here is labelled [`super::Origin::Offline`] and shown with [`AS_OF`].

use contract::money::{Currency, Money};

use super::{Licence, PriceKey, Sku, Unit};

/// The day on which the table was last compared with AWS's price list.
pub const AS_OF: &str = "2026-06-27";

const TABLE: &str = include_str!("offline.csv");

/// The table as SKUs. A line that cannot be read would be left out; a test sees to it that there is none.
pub(super) fn skus() -> impl Iterator<Item = Sku> {
    TABLE.lines().skip(1).filter_map(line).flatten()
}

fn line(line: &str) -> Option<[Sku; 3]> {
    let mut fields = line.split(',');
    let mut field = || fields.next();
    let key = PriceKey {
        region: field()?.to_owned(),
        operating_system: field()?.to_owned(),
        licence: match field()? {
            "included" => Licence::Included,
            "byol" => Licence::Byol,
            _ => return None,
        },
        compute_type: field()?.to_owned(),
        root_gib: field()?.parse().ok()?,
        user_gib: field()?.parse().ok()?,
    };
    let mut sku = |unit| {
        let price: Money = field()?.parse().ok()?;
        Some(Sku { key: key.clone(), unit, price, currency: Currency::usd() })
    };
    Some([sku(Unit::AlwaysOnMonth)?, sku(Unit::AutoStopMonth)?, sku(Unit::AutoStopHour)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::PriceList;

    #[test]
    fn every_line_is_read_and_has_a_break_even_near_a_hundred_hours() {
        let (list, contradictions) = PriceList::new([]);
        assert_eq!(contradictions, []);
        assert_eq!(skus().count(), (TABLE.lines().count() - 1) * 3);
        for sku in skus() {
            let hours = list.lookup(&sku.key).unwrap().break_even_hours().unwrap();
            assert!((75.0..105.0).contains(&hours), "{:?}: {hours}", sku.key);
        }
    }

    #[test]
    fn break_even_depends_on_the_region() {
        let hours = |region, compute_type, root, user| {
            let key = PriceKey::of_desktop(region, "WINDOWS_SERVER_2022", compute_type, root, user);
            let hours = PriceList::new([]).0.lookup(&key).unwrap().break_even_hours().unwrap();
            (hours * 10.0).round() / 10.0
        };
        assert_eq!(hours("us-east-1", "STANDARD", 80, 50), 84.2);
        assert_eq!(hours("eu-west-1", "STANDARD", 80, 50), 81.3);
        assert_eq!(hours("us-east-1", "POWER", 175, 100), 86.8);
        assert_eq!(hours("ap-southeast-1", "POWER", 175, 100), 99.0);
    }
}
