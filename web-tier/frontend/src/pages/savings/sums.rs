//! What several recommendations come to. Pure.
//!
//! Invariants: amounts of different currencies never meet in one sum, and a desktop counts once. Its recommendations are
//! alternatives: a desktop that is terminated saves nothing more by a shorter timeout.

use std::collections::BTreeMap;

use contract::{
    money::{Currency, Money},
    recommendations::Recommendation,
};

use crate::format;

/// Sums in one currency, over the best recommendation of each desktop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) p50: Money,
    pub(super) p90: Money,
    pub(super) desktops: usize,
}

/// By currency, in the order of their codes.
pub(super) fn sums(items: &[Recommendation]) -> BTreeMap<Currency, Sum> {
    let mut best: BTreeMap<(&Currency, &str), &Recommendation> = BTreeMap::new();
    for it in items {
        let known = best.entry((&it.currency, &it.workspace_id.0)).or_insert(it);
        if it.saves_p50 > known.saves_p50 {
            *known = it;
        }
    }
    let mut sums: BTreeMap<Currency, Sum> = BTreeMap::new();
    for ((currency, _), it) in best {
        let sum = sums.entry(currency.clone()).or_default();
        sum.p50 = sum.p50.saturating_add(it.saves_p50);
        sum.p90 = sum.p90.saturating_add(it.saves_p90);
        sum.desktops += 1;
    }
    sums
}

/// `1,204.50 USD`, one for each currency.
pub(super) fn told(sums: &BTreeMap<Currency, Sum>, of: impl Fn(&Sum) -> Money) -> Vec<String> {
    sums.iter().map(|(currency, it)| format::money(of(it), currency)).collect()
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    pub(in super::super) fn recommendation(
        desktop: &str,
        p50: &str,
        p90: &str,
        currency: &str,
    ) -> Recommendation {
        let text = format!(
            r#"{{"id":1,"workspace_id":"{desktop}","user_name":"ada","account":"production","region":"eu-west-1",
            "running_mode":"AUTO_STOP","auto_stop_minutes":60,"compute_type":"STANDARD","action":"to_always_on","minutes":null,
            "holds_from":null,"why":"Because.","saves_p50":"{p50}","saves_p90":"{p90}","currency":"{currency}",
            "saves_until":"2027-01-01","confidence":92,"estimated":false,"usage_from":"2026-09-19","usage_until":"2026-11-21",
            "days_known":61,"days_missing":2,"prices":"listed","made_at":"2026-11-21T04:00:00Z"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::recommendation, *};

    #[test]
    fn a_desktop_counts_once_with_what_saves_most() {
        let items = [
            recommendation("ws-1", "10.10", "4", "USD"),
            recommendation("ws-1", "25.00", "0", "USD"),
            recommendation("ws-2", "0.20", "0.10", "USD"),
        ];
        let sums = sums(&items);
        assert_eq!(told(&sums, |it| it.p50), ["25.20 USD"]);
        assert_eq!(told(&sums, |it| it.p90), ["0.10 USD"]);
        assert_eq!(sums[&Currency::usd()].desktops, 2);
    }

    #[test]
    fn currencies_stay_apart() {
        let items = [recommendation("ws-1", "10", "4", "USD"), recommendation("ws-2", "70", "30", "CNY")];
        assert_eq!(told(&sums(&items), |it| it.p50), ["70.00 CNY", "10.00 USD"]);
        assert!(sums(&[]).is_empty());
    }
}
