//! How the house itself does.

use contract::{overview::Count, stats::Stats};

use crate::{OpCx, Result};

/// `GET /api/admin/stats`
///
/// # Errors
/// PostgreSQL away.
pub async fn read(cx: &OpCx) -> Result<Stats> {
    let app = &cx.app;
    let mut conn = app.conn().await?;
    let totals = store::stats::totals(&mut conn).await?;
    let questions = store::stats::questions(&mut conn).await?;
    let jobs = queue::jobs::count_by_state(&mut conn).await?;
    drop(conn);
    let pool = app.pool.status();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Stats {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: app.started_at,
        desktops: totals.desktops,
        desktops_gone: totals.desktops_gone,
        accounts: totals.accounts,
        users: totals.users,
        changes: totals.changes,
        reports: totals.reports,
        jobs: jobs.into_iter().map(|(state, count)| Count { value: state.to_string(), count }).collect(),
        questions,
        database_bytes: totals.database_bytes,
        connections_in_use: count(pool.size.saturating_sub(pool.available)),
        connections_max: count(pool.max_size),
    })
}
