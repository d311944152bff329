//! What asking AWS may cost.
//!
//! Invariant: nothing that AWS charges for is called before its price fits into what the month has left.

use chrono::{Datelike, NaiveDate};
use contract::{ids::AccountId, money::Money};
use diesel_async::AsyncConnection;
use store::spend::Spend;

use crate::{App, Error, Result};

/// `GetMetricData`: 0.01 USD for 1,000 metrics asked for (`CloudWatch`'s price list).
pub(crate) const METRIC: Money = Money::from_nanos(10_000);

/// Counts calls that are about to be made. `false`: they would cost more than administrators allow for the month.
pub(crate) async fn allows(
    app: &App,
    account: AccountId,
    api: &str,
    calls: i64,
    units: i64,
    price: Money,
) -> Result<bool> {
    let today = app.now().date_naive();
    let month = NaiveDate::from_ymd_opt(today.year(), today.month(), 1).unwrap_or(today);
    let cost = price.checked_mul(units).unwrap_or(Money::MAX);
    let mut conn = app.conn().await?;
    let cap = store::settings::read(&mut conn).await?.aws_monthly_cap;
    conn.transaction::<_, Error, _>(async |conn| {
        Ok(store::spend::reserve(conn, Spend { month, account, api, calls, units, cost }, cap).await?)
    })
    .await
}
