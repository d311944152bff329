//! Parts beside the total that they are parts of.

use std::collections::BTreeMap;

use contract::money::{Currency, Money};

/// A total, its parts, and what is left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Balance {
    /// `None`: nobody told one in this currency.
    pub total: Option<Money>,
    pub parts: Money,
}

impl Balance {
    /// `total − parts`; below zero where parts were reckoned too high. Invariant: `parts + difference == total`, exactly.
    #[must_use]
    pub fn difference(self) -> Option<Money> {
        self.total.map(|it| it.saturating_sub(self.parts))
    }
}

/// One balance for each currency that a total or a part is in: parts without a total in their currency have none, and are
/// not set against another one's.
#[must_use]
pub fn reconcile<'a>(
    totals: impl IntoIterator<Item = (&'a Currency, Money)>,
    parts: impl IntoIterator<Item = (&'a Currency, Money)>,
) -> BTreeMap<Currency, Balance> {
    let mut balances = BTreeMap::<Currency, Balance>::new();
    for (currency, amount) in totals {
        let it = balances.entry(currency.clone()).or_default();
        it.total = Some(it.total.unwrap_or_default().saturating_add(amount));
    }
    for (currency, amount) in parts {
        let it = balances.entry(currency.clone()).or_default();
        it.parts = it.parts.saturating_add(amount);
    }
    balances
}
