//! Jobs by the clock: rows that any worker may act on, so there is no leader and no double.
//!
//! The program owns what a schedule enqueues ([`ensure`]), people own when ([`update`]). Planned times that nobody
//! was there for collapse into one run.
//!
//! Invariant: a (schedule, planned time) makes at most one job, ever; a unique index keeps it.

use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper,
    prelude::{Insertable, Queryable, Selectable},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{
    EnqueueError, EnqueueOptions, Enqueued, Job, Timetable, TimetableError, enqueue,
    schema::{queue_jobs, queue_schedules},
};

/// A row that makes jobs.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable)]
#[diesel(table_name = queue_schedules, check_for_backend(diesel::pg::Pg))]
pub struct Schedule {
    pub id: i64,
    pub name: String,
    pub cron: String,
    pub timezone: String,
    pub kind: String,
    pub payload: Value,
    pub unique_key: Option<String>,
    pub enabled: bool,
    /// The planned time of the last job it made.
    pub last_planned: Option<DateTime<Utc>>,
    /// Absent while it is switched off.
    pub next_planned: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// When a new schedule runs until somebody changes it.
#[derive(Debug, Clone)]
pub struct Defaults<'a> {
    pub cron: &'a str,
    pub timezone: &'a str,
    pub enabled: bool,
}

/// What to change; absent fields stay.
#[derive(Debug, Clone, Default)]
pub struct Update<'a> {
    pub cron: Option<&'a str>,
    pub timezone: Option<&'a str>,
    pub enabled: Option<bool>,
}

/// Why a schedule could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error(transparent)]
    Timetable(#[from] TimetableError),
    #[error("the schedule's payload is not JSON")]
    Payload(#[from] serde_json::Error),
    #[error("the schedule could not be written")]
    Database(#[from] diesel::result::Error),
}

/// All schedules by name.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Schedule>> {
    queue_schedules::table.order(queue_schedules::name).select(Schedule::as_select()).load(conn).await
}

/// One schedule.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Option<Schedule>> {
    queue_schedules::table.find(id).select(Schedule::as_select()).first(conn).await.optional()
}

/// See that a schedule exists: made with `defaults`, or left at the time somebody gave it. What it enqueues is always
/// brought up to date with `job`.
///
/// # Errors
/// The defaults are no timetable, or PostgreSQL refuses.
pub async fn ensure<J: Job>(
    conn: &mut AsyncPgConnection,
    name: &str,
    job: &J,
    defaults: Defaults<'_>,
    now: DateTime<Utc>,
) -> Result<Schedule, ScheduleError> {
    #[derive(Insertable)]
    #[diesel(table_name = queue_schedules)]
    struct New<'a> {
        name: &'a str,
        cron: &'a str,
        timezone: &'a str,
        kind: &'a str,
        payload: &'a Value,
        unique_key: Option<&'a str>,
        enabled: bool,
        next_planned: Option<DateTime<Utc>>,
    }
    let next = Timetable::parse(defaults.cron, defaults.timezone)?.next_after(now)?;
    let payload = serde_json::to_value(job)?;
    let key = job.unique_key();
    let schedule = diesel::insert_into(queue_schedules::table)
        .values(New {
            name,
            cron: defaults.cron,
            timezone: defaults.timezone,
            kind: J::KIND,
            payload: &payload,
            unique_key: key.as_deref(),
            enabled: defaults.enabled,
            next_planned: defaults.enabled.then_some(next),
        })
        .on_conflict(queue_schedules::name)
        .do_update()
        .set((
            queue_schedules::kind.eq(J::KIND),
            queue_schedules::payload.eq(&payload),
            queue_schedules::unique_key.eq(key.as_deref()),
        ))
        .returning(Schedule::as_returning())
        .get_result(conn)
        .await?;
    Ok(schedule)
}

/// Change when a schedule runs. The next planned time is counted from `now`, so nothing is made up for.
/// `None` when there is no such schedule. Opens a transaction, or a savepoint within the caller's.
///
/// # Errors
/// The result is no timetable, or PostgreSQL refuses.
pub async fn update(
    conn: &mut AsyncPgConnection,
    id: i64,
    change: Update<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Schedule>, ScheduleError> {
    conn.transaction(async |conn| {
        let found: Option<Schedule> = queue_schedules::table
            .find(id)
            .select(Schedule::as_select())
            .for_update()
            .first(conn)
            .await
            .optional()?;
        let Some(schedule) = found else { return Ok(None) };
        let cron = change.cron.map_or(schedule.cron.as_str(), str::trim);
        let timezone = change.timezone.map_or(schedule.timezone.as_str(), str::trim);
        let enabled = change.enabled.unwrap_or(schedule.enabled);
        // Checked even when it is switched off, so that switching it on cannot fail later.
        let next = Timetable::parse(cron, timezone)?.next_after(now)?;
        let changed = diesel::update(queue_schedules::table.find(id))
            .set((
                queue_schedules::cron.eq(cron),
                queue_schedules::timezone.eq(timezone),
                queue_schedules::enabled.eq(enabled),
                queue_schedules::next_planned.eq(enabled.then_some(next)),
                queue_schedules::updated_at.eq(now),
            ))
            .returning(Schedule::as_returning())
            .get_result(conn)
            .await?;
        Ok(Some(changed))
    })
    .await
}

/// Remove a schedule whose subject is gone. False when there was none of that name.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn remove(conn: &mut AsyncPgConnection, name: &str) -> QueryResult<bool> {
    let rows =
        diesel::delete(queue_schedules::table.filter(queue_schedules::name.eq(name))).execute(conn).await?;
    Ok(rows > 0)
}

/// Enqueue a schedule's job now, beside its plan. `None` when there is no such schedule.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn run_now(
    conn: &mut AsyncPgConnection,
    id: i64,
    options: EnqueueOptions,
) -> Result<Option<Enqueued>, EnqueueError> {
    let Some(schedule) = find(conn, id).await? else { return Ok(None) };
    let key = schedule.unique_key.as_deref();
    enqueue::insert(conn, &schedule.kind, &schedule.payload, key, &options).await.map(Some)
}

/// Enqueue what is planned up to `now`, and plan the next time. Answers how many jobs were made. Workers call it all
/// the time; schedules that another one is at are skipped.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tick(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    #[derive(Insertable)]
    #[diesel(table_name = queue_jobs)]
    struct Planned<'a> {
        kind: &'a str,
        payload: &'a Value,
        unique_key: Option<&'a str>,
        schedule: &'a str,
        planned_at: DateTime<Utc>,
    }
    conn.transaction(async |conn| {
        let due: Vec<Schedule> = queue_schedules::table
            .filter(queue_schedules::enabled)
            .filter(queue_schedules::next_planned.le(now))
            .order(queue_schedules::next_planned)
            .select(Schedule::as_select())
            .for_update()
            .skip_locked()
            .load(conn)
            .await?;
        let mut made = 0;
        for schedule in due {
            let Some(planned_at) = schedule.next_planned else { continue };
            // Nothing is inserted when the planned time was served before, or when a job with the same key is still
            // at it: then this run collapses into that one.
            made += diesel::insert_into(queue_jobs::table)
                .values(Planned {
                    kind: &schedule.kind,
                    payload: &schedule.payload,
                    unique_key: schedule.unique_key.as_deref(),
                    schedule: &schedule.name,
                    planned_at,
                })
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            let next = Timetable::parse(&schedule.cron, &schedule.timezone)
                .and_then(|timetable| timetable.next_after(now));
            // Written by hand past `update`. Switched off, it says so in the list; failing here would stop all others.
            if let Err(error) = &next {
                tracing::error!(%error, "Switched off schedule {}, its timetable cannot be read", schedule.name);
            }
            let next = next.ok();
            diesel::update(queue_schedules::table.find(schedule.id))
                .set((
                    queue_schedules::enabled.eq(next.is_some()),
                    queue_schedules::next_planned.eq(next),
                    queue_schedules::last_planned.eq(planned_at),
                ))
                .execute(conn)
                .await?;
        }
        Ok(made)
    })
    .await
}
