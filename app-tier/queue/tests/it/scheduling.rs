//! Jobs by the clock.

use chrono::{DateTime, Utc};
use queue::{
    EnqueueOptions, State, jobs,
    schedules::{self, Defaults, Schedule, ScheduleError, Update},
};

use crate::harness::{Database, LONG, Task, eventually, start, worker};

const HOURLY: Defaults<'static> = Defaults { cron: "0 * * * *", timezone: "Europe/Berlin", enabled: true };

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-21T{time}Z").parse().unwrap()
}

async fn hourly(db: &Database) -> Schedule {
    let task = Task::<LONG>::new("every hour");
    schedules::ensure(&mut *db.conn().await, "hourly", &task, HOURLY, at("06:30:00")).await.unwrap()
}

async fn tick(db: &Database, now: DateTime<Utc>) -> usize {
    schedules::tick(&mut *db.conn().await, now).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_time_makes_one_job() {
    let db = Database::new().await;
    assert_eq!(hourly(&db).await.next_planned, Some(at("07:00:00")));
    assert_eq!(tick(&db, at("06:59:59")).await, 0);
    assert_eq!(tick(&db, at("07:00:01")).await, 1);
    assert_eq!(tick(&db, at("07:00:02")).await, 0);
    let made = jobs::list(&mut *db.conn().await, &jobs::Filter::default(), None, 10).await.unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].schedule.as_deref(), made[0].planned_at), (Some("hourly"), Some(at("07:00:00"))));
    assert_eq!(made[0].payload["label"], "every hour");
    let schedule = schedules::list(&mut *db.conn().await).await.unwrap().remove(0);
    assert_eq!((schedule.last_planned, schedule.next_planned), (Some(at("07:00:00")), Some(at("08:00:00"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_tick_together_never_double() {
    let db = Database::new().await;
    for n in 0..20 {
        let task = Task::<LONG>::new(&n.to_string());
        let name = format!("schedule {n}");
        schedules::ensure(&mut *db.conn().await, &name, &task, HOURLY, at("06:30:00")).await.unwrap();
    }
    let ticks = (0..8).map(|_| tick(&db, at("07:00:01")));
    let made: usize = futures::future::join_all(ticks).await.into_iter().sum();
    // Whoever finds a row locked leaves it; a last look takes what all of them left to each other.
    let made = made + tick(&db, at("07:00:02")).await;
    assert_eq!(made, 20);
    assert_eq!(db.text("SELECT count(DISTINCT schedule)::text AS value FROM queue_jobs").await, "20");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_time_is_served_once_even_when_the_row_is_set_back() {
    let db = Database::new().await;
    hourly(&db).await;
    assert_eq!(tick(&db, at("07:00:01")).await, 1);
    worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap();
    db.execute("UPDATE queue_schedules SET next_planned = last_planned").await;
    assert_eq!(tick(&db, at("07:00:02")).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_runs_collapse_into_one() {
    let db = Database::new().await;
    hourly(&db).await;
    assert_eq!(tick(&db, at("19:20:00")).await, 1);
    let schedule = schedules::list(&mut *db.conn().await).await.unwrap().remove(0);
    assert_eq!(schedule.next_planned, Some(at("20:00:00")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_still_waits_takes_the_next_one_in() {
    let db = Database::new().await;
    let task = Task::<LONG>::keyed("sync", "account 7");
    schedules::ensure(&mut *db.conn().await, "sync", &task, HOURLY, at("06:30:00")).await.unwrap();
    assert_eq!(tick(&db, at("07:00:01")).await, 1);
    assert_eq!(tick(&db, at("08:00:01")).await, 0);
    worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap();
    assert_eq!(tick(&db, at("09:00:01")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ensuring_keeps_the_time_that_somebody_set_and_renews_what_is_done() {
    let db = Database::new().await;
    let id = hourly(&db).await.id;
    let change = Update { cron: Some(" 15 3 * * * "), enabled: Some(false), ..Default::default() };
    let changed =
        schedules::update(&mut *db.conn().await, id, change, at("06:30:00")).await.unwrap().unwrap();
    assert_eq!((changed.cron.as_str(), changed.enabled, changed.next_planned), ("15 3 * * *", false, None));
    assert_eq!(tick(&db, at("23:00:00")).await, 0, "it is switched off");

    let task = Task::<LONG>::new("of a new release");
    let kept =
        schedules::ensure(&mut *db.conn().await, "hourly", &task, HOURLY, at("06:40:00")).await.unwrap();
    assert_eq!((kept.id, kept.cron.as_str(), kept.enabled), (id, "15 3 * * *", false));
    assert_eq!(kept.payload["label"], "of a new release");

    let on = Update { enabled: Some(true), ..Default::default() };
    let on = schedules::update(&mut *db.conn().await, id, on, at("06:50:00")).await.unwrap().unwrap();
    let expected = "2026-11-22T02:15:00Z".parse().ok();
    assert_eq!(on.next_planned, expected, "03:15 in Berlin, tomorrow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timetable_that_makes_no_sense_is_refused_and_changes_nothing() {
    let db = Database::new().await;
    let before = hourly(&db).await;
    for change in [
        Update { cron: Some("99 * * * *"), ..Default::default() },
        Update { timezone: Some("Moon/Tycho"), ..Default::default() },
        Update { cron: Some("0 0 30 2 *"), enabled: Some(false), ..Default::default() },
    ] {
        let refused = schedules::update(&mut *db.conn().await, before.id, change, at("06:30:00")).await;
        assert!(matches!(refused, Err(ScheduleError::Timetable(_))), "{refused:?}");
    }
    assert_eq!(schedules::find(&mut *db.conn().await, before.id).await.unwrap(), Some(before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timetable_broken_by_hand_is_switched_off_and_stops_no_other() {
    let db = Database::new().await;
    hourly(&db).await;
    let task = Task::<LONG>::new("broken");
    let broken =
        schedules::ensure(&mut *db.conn().await, "broken", &task, HOURLY, at("06:30:00")).await.unwrap();
    db.execute("UPDATE queue_schedules SET cron = 'whenever' WHERE name = 'broken'").await;
    assert_eq!(tick(&db, at("07:00:01")).await, 2);
    let broken = schedules::find(&mut *db.conn().await, broken.id).await.unwrap().unwrap();
    assert_eq!((broken.enabled, broken.next_planned), (false, None));
    assert_eq!(tick(&db, at("08:00:01")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_can_run_now_and_be_removed() {
    let db = Database::new().await;
    let id = hourly(&db).await.id;
    let options = EnqueueOptions { by: Some(3), ..Default::default() };
    let made = schedules::run_now(&mut *db.conn().await, id, options).await.unwrap().unwrap();
    assert_eq!(db.job(made.id).await.requested_by, Some(3));
    assert!(schedules::remove(&mut *db.conn().await, "hourly").await.unwrap());
    assert!(!schedules::remove(&mut *db.conn().await, "hourly").await.unwrap());
    let gone = schedules::run_now(&mut *db.conn().await, id, EnqueueOptions::default()).await.unwrap();
    assert_eq!(gone, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ticks_by_itself() {
    let db = Database::new().await;
    hourly(&db).await;
    db.execute("UPDATE queue_schedules SET next_planned = now() - interval '1 minute'").await;
    let ticking = start(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }));
    eventually("the planned job is done", async || {
        let filter = jobs::Filter { state: Some(State::Done), ..Default::default() };
        let done = jobs::list(&mut *db.conn().await, &filter, None, 10).await.unwrap();
        (done.len() == 1).then_some(())
    })
    .await;
    ticking.stop().await;
}
