//! The first page.

use contract::overview::{Overview, OverviewCosts};
use domain::simulations::whole_months;

use crate::{OpCx, Result};

/// Movers that are told of either kind.
const MOVERS: i64 = 8;

/// `GET /api/overview`
///
/// # Errors
/// PostgreSQL away.
pub async fn read(cx: &OpCx) -> Result<Overview> {
    let mut conn = cx.app.conn().await?;
    let settings = store::settings::read(&mut conn).await?;
    let figures = store::overview::read(&mut conn, settings.idle_days).await?;
    let freshness = store::syncs::list(&mut conn).await?;
    Ok(Overview {
        desktops: figures.desktops,
        connected: figures.connected,
        idle: figures.idle,
        by_state: figures.by_state,
        by_mode: figures.by_mode,
        by_region: figures.by_region,
        by_account: figures.by_account,
        freshness,
        changes_today: figures.changes_today,
    })
}

/// `GET /api/overview/costs`
///
/// # Errors
/// PostgreSQL away.
pub async fn costs(cx: &OpCx) -> Result<OverviewCosts> {
    let (month, _) = whole_months(cx.app.now().date_naive(), 1);
    let (before, _) = whole_months(month, 1);
    let mut conn = cx.app.conn().await?;
    let idle_days = store::settings::read(&mut conn).await?.idle_days;
    Ok(OverviewCosts {
        month,
        services: store::overview::costs::services(&mut conn, before, month, MOVERS).await?,
        desktops: store::overview::costs::desktops(&mut conn, before, month, MOVERS).await?,
        idle: store::overview::costs::idle(&mut conn, idle_days, month).await?,
        open: store::overview::costs::open_savings(&mut conn).await?,
    })
}
