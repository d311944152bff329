//! What asking AWS may cost.
//!
//! Invariant: nothing that AWS charges for is called before its price fits into what the month has left. Pages that AWS
//! adds to a call are counted when they came. The look of *Test access*, a hundred-thousandth of a dollar, is not.

use chrono::Datelike;
use contract::{ids::AccountId, money::Money};
use diesel_async::AsyncConnection;
use store::spend::Spend;

use crate::{App, Error, Result};

/// `GetMetricData`: 0.01 USD for 1,000 metrics asked for (`CloudWatch`'s price list).
pub(crate) const METRIC: Money = Money::from_nanos(10_000);

/// Cost Explorer: 0.01 USD for each request, and each page is one (its price list).
pub(crate) const COST_REQUEST: Money = Money::from_cents(1);

/// Counts calls that are about to be made. `false`: they would cost more than administrators allow for the month.
pub(crate) async fn allows(
    app: &App,
    account: AccountId,
    api: &str,
    calls: i64,
    units: i64,
    price: Money,
) -> Result<bool> {
    let spend = spend(app, account, api, calls, units, price);
    let mut conn = app.conn().await?;
    let cap = store::settings::read(&mut conn).await?.aws_monthly_cap;
    conn.transaction::<_, Error, _>(async |conn| Ok(store::spend::reserve(conn, spend, cap).await?)).await
}

/// Counts calls that were made without being foreseen.
pub(crate) async fn count(
    app: &App,
    account: AccountId,
    api: &str,
    calls: i64,
    units: i64,
    price: Money,
) -> Result<()> {
    let spend = spend(app, account, api, calls, units, price);
    Ok(store::spend::count(&mut *app.conn().await?, spend).await?)
}

/// What people are told when [`allows`] said no.
pub(crate) fn used_up(cap: Money) -> String {
    format!(
        "AWS charges for this, and what Skydesk may spend in a month ({cap} USD) is spent. An administrator can allow more \
         under Configuration; the next month begins anew."
    )
}

fn spend<'a>(app: &App, account: AccountId, api: &'a str, calls: i64, units: i64, price: Money) -> Spend<'a> {
    let today = app.now().date_naive();
    let month = today.with_day(1).unwrap_or(today);
    Spend { month, account, api, calls, units, cost: price.checked_mul(units).unwrap_or(Money::MAX) }
}
