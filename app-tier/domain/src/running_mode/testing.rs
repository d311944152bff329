//! What the tests of the engine share.

use chrono::NaiveDate;
use contract::money::{Currency, Money};

use crate::prices::{Origin, Price, Rates};

/// A Standard desktop in us-east-1.
pub(crate) const STANDARD: Rates = Rates {
    always_on_month: Money::from_cents(35_00),
    auto_stop_month: Money::from_cents(9_75),
    auto_stop_hour: Money::from_cents(30),
};

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn listed(rates: Rates) -> Price {
    Price {
        always_on_month: Some(rates.always_on_month),
        auto_stop_month: Some(rates.auto_stop_month),
        auto_stop_hour: Some(rates.auto_stop_hour),
        currency: Currency::usd(),
        origin: Origin::Listed,
        estimated: Vec::new(),
    }
}

/// The `n` days before another.
pub(crate) fn days_before(before: NaiveDate, n: u64) -> impl Iterator<Item = NaiveDate> {
    before.checked_sub_days(chrono::Days::new(n)).unwrap().iter_days().take_while(move |it| *it < before)
}
