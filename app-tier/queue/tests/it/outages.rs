//! Notifications, and a PostgreSQL that goes away.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use queue::State;

use crate::harness::{Cable, Database, LONG, Task, eventually, start, worker};

/// Far beyond a test's patience, so that only a notification can find the job.
const NEVER: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_wakes_an_idle_worker() {
    let db = Database::new().await;
    let idle = start(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).poll_every(NEVER));
    // The first job may still be found by the first look; the second can only be heard of.
    let first = db.enqueue(Task::<LONG>::new("first")).await;
    db.reaches(first, State::Done).await;
    let asked = Instant::now();
    let second = db.enqueue(Task::<LONG>::new("second")).await;
    db.reaches(second, State::Done).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "took {:?}", asked.elapsed());
    idle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_sent_again_wakes_an_idle_worker() {
    let db = Database::new().await;
    let id = db.enqueue(Task::<LONG>::new("revived")).await;
    queue::jobs::cancel(&mut *db.conn().await, id).await.unwrap();
    let idle = start(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).poll_every(NEVER));
    let listens =
        "SELECT count(*)::text AS value FROM pg_stat_activity WHERE query LIKE 'LISTEN queue_jobs_' ||
                   'queue_jobs'::regclass::oid || '%'";
    eventually("the worker listens", async || (db.text(listens).await == "1").then_some(())).await;
    queue::jobs::retry(&mut *db.conn().await, id).await.unwrap();
    db.reaches(id, State::Done).await;
    idle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_finds_what_no_notification_told() {
    let db = Database::new().await;
    db.execute("ALTER TABLE queue_jobs DISABLE TRIGGER USER").await;
    let polling = start(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }));
    let id = db.enqueue(Task::<LONG>::new("unheard")).await;
    db.reaches(id, State::Done).await;
    polling.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_survives_an_outage_and_hears_again() {
    let cable = Cable::lay().await;
    let behind_cable = Database::through(|url| cable.route(url)).await;
    let worker = worker::<LONG, _, _>(&behind_cable, |_, _| async { Ok(()) }).poll_every(NEVER);
    let worker = start(worker);
    let before = behind_cable.enqueue(Task::<LONG>::new("before")).await;
    behind_cable.reaches(before, State::Done).await;

    cable.cut();
    eventually("connections fail", async || behind_cable.pool.get().await.err()).await;
    cable.mend();

    let after = behind_cable.enqueue(Task::<LONG>::new("after")).await;
    behind_cable.reaches(after, State::Done).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_waits_for_postgresql_to_come_back() {
    let cable = Arc::new(Cable::lay().await);
    let db = Database::through(|url| cable.route(url)).await;
    // Before the worker is there: it would cut the answer to this, too.
    let id = db.enqueue(Task::<LONG>::new("finishes in the dark")).await;
    let worker = start(worker::<LONG, _, _>(&db, {
        let cable = Arc::clone(&cable);
        move |_, run| {
            let cable = Arc::clone(&cable);
            async move {
                assert_eq!(run.attempt(), 1, "the outcome of the first attempt should not be lost");
                cable.cut();
                Ok(())
            }
        }
    }));
    eventually("several tries fail", async || (cable.refused() >= 5).then_some(())).await;
    cable.mend();
    let job = db.reaches(id, State::Done).await;
    assert_eq!(job.attempts, 1);
    worker.stop().await;
}
