//! The first page.

use contract::overview::Overview;

use crate::{OpCx, Result};

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
