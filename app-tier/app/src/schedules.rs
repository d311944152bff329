//! What happens by the clock, as administrators set it.

use chrono::{DateTime, Utc};
use contract::{
    ids::ScheduleId,
    page::Page,
    problem::FieldError,
    schedules::{Schedule, ScheduleUpdate},
};
use diesel_async::AsyncConnection;
use queue::{
    TimetableError,
    schedules::{Defaults, ScheduleError, Update},
};
use serde_json::json;

use crate::{Error, OpCx, Result, housekeeping, syncs, views};

/// The schedules that the house begins with; what an administrator changed stays.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn ensure(
    conn: &mut diesel_async::AsyncPgConnection,
    now: DateTime<Utc>,
) -> std::result::Result<(), ScheduleError> {
    // Not on the hour, when everybody asks AWS.
    let often = Defaults { cron: "7,22,37,52 * * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "sync", &syncs::Schedule {}, often, now).await?;
    // Looks often whether it is time by the settings, so that a new account need not wait for its first figures.
    let usage = Defaults { cron: "*/5 * * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "usage", &syncs::ScheduleUsage {}, usage, now).await?;
    let events = Defaults { cron: "2,17,32,47 * * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "events", &syncs::ScheduleEvents {}, events, now).await?;
    // Each account is asked once a day for a few cents; looking often lets a new one have its first figures soon.
    let billing = Defaults { cron: "3-59/10 * * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "billing", &syncs::ScheduleBilling {}, billing, now).await?;
    let views = Defaults { cron: "*/5 * * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "views", &views::ReportViews {}, views, now).await?;
    let nightly = Defaults { cron: "43 3 * * *", timezone: "UTC", enabled: true };
    queue::schedules::ensure(conn, "prune", &housekeeping::Prune {}, nightly, now).await?;
    Ok(())
}

/// `GET /api/admin/schedules`
///
/// # Errors
/// PostgreSQL away.
pub async fn list(cx: &OpCx) -> Result<Page<Schedule>> {
    let rows = queue::schedules::list(&mut *cx.app.conn().await?).await?;
    let items: Vec<_> = rows.into_iter().map(wire).collect();
    Ok(Page { total: i64::try_from(items.len()).unwrap_or(i64::MAX), items, next: None })
}

/// `PUT /api/admin/schedules/{id}`
///
/// # Errors
/// There is none, or the expression or the zone is not understood.
pub async fn update(cx: &OpCx, id: ScheduleId, update: ScheduleUpdate) -> Result<Schedule> {
    let now = cx.app.now();
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let change = Update {
            cron: update.cron.as_deref(),
            timezone: update.timezone.as_deref(),
            enabled: update.enabled,
        };
        let row = queue::schedules::update(conn, id.0, change, now).await.map_err(refusal)?;
        let row = row.ok_or_else(|| Error::not_found(format_args!("schedule {id}")))?;
        cx.audit(conn, "schedule.update", &format!("schedule:{}", row.name), json!(update)).await?;
        Ok(wire(row))
    })
    .await
}

fn refusal(error: ScheduleError) -> Error {
    let pointer = match &error {
        ScheduleError::Timetable(TimetableError::Timezone(_)) => "/timezone",
        ScheduleError::Timetable(_) => "/cron",
        _ => return Error::internal(error),
    };
    Error::invalid(vec![FieldError::new(pointer, error.to_string())])
}

fn wire(row: queue::schedules::Schedule) -> Schedule {
    Schedule {
        id: ScheduleId(row.id),
        name: row.name,
        cron: row.cron,
        timezone: row.timezone,
        enabled: row.enabled,
        last_planned_at: row.last_planned,
        next_planned_at: row.next_planned,
    }
}
