//! To the end of the running month.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use contract::{
    billing::{Forecast, Reading},
    money::{Currency, Money},
};
use diesel_async::AsyncPgConnection;
use domain::billing::forecast::{WEEKS, outlook};
use store::billing::{Filter, GroupBy};

use super::{
    period::{Asked, month_of, next_month},
    services,
};
use crate::Result;

/// Days before this one are known whole of all accounts, in the running month: AWS needs a day. `None`: the running month is
/// not asked about, nothing of it is known yet, or an account was not read in it.
pub(super) fn known_until(readings: &[Reading], asked: &Asked, now: DateTime<Utc>) -> Option<NaiveDate> {
    let month = month_of(now.date_naive());
    if asked.until <= month || asked.from >= next_month(month) {
        return None;
    }
    // An account that was never read has no figure that could be forecast.
    let read = services(readings, asked).filter_map(|it| it.succeeded_at).min()?;
    let until = read.date_naive().checked_sub_days(Days::new(1))?;
    (until > month).then_some(until)
}

/// What each currency will come to.
pub(super) async fn costs(
    conn: &mut AsyncPgConnection,
    asked: &Asked,
    known_until: NaiveDate,
) -> Result<BTreeMap<Currency, Forecast>> {
    let month = month_of(known_until);
    let from = known_until.checked_sub_days(Days::new(WEEKS * 7)).unwrap_or(month);
    let filter = Filter { from: from.min(month), until: known_until, ..asked.filter() };
    let mut days: BTreeMap<String, BTreeMap<NaiveDate, Money>> = BTreeMap::new();
    for it in store::billing::day_sums(conn, GroupBy::Nothing, filter).await? {
        let day = days.entry(it.currency).or_default().entry(it.from).or_default();
        *day = day.saturating_add(Money::from_nanos(it.nanos));
    }
    let forecast = |(currency, days): (String, BTreeMap<NaiveDate, Money>)| {
        let it = outlook(&days, known_until)?;
        let currency = Currency(currency);
        let like = if it.by_weekday { "such a weekday" } else { "a day" };
        let how = format!(
            "Days before {known_until} as AWS charged them, and for each day that is left what {like} cost on average in the \
             {} days before, without the firsts of months; eight of ten months end in the range.",
            it.days
        );
        let forecast = Forecast {
            month,
            to_date: it.to_date,
            known_until,
            expected: it.expected,
            low: it.low,
            high: it.high,
            currency: currency.clone(),
            days: it.days,
            how,
        };
        Some((currency, forecast))
    };
    Ok(days.into_iter().filter_map(forecast).collect())
}
