//! Crashes, zombies and fences.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use queue::{FenceError, State};
use tokio::sync::{Notify, mpsc};

use crate::harness::{Database, LONG, SHORT, Task, eventually, soon, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_workers_job_is_finished_by_another_once() {
    let db = Database::new().await;
    let begun = Arc::new(Notify::new());
    let crashing = start(worker::<SHORT, _, _>(&db, {
        let begun = Arc::clone(&begun);
        move |_, _| {
            begun.notify_one();
            std::future::pending()
        }
    }));
    let id = db.enqueue(Task::<SHORT>::new("survives")).await;
    soon(begun.notified()).await;
    crashing.crash().await;
    assert_eq!(db.job(id).await.state, State::Running);

    let finished = Arc::new(AtomicUsize::new(0));
    let act = {
        let finished = Arc::clone(&finished);
        move |_, run: queue::Run| {
            assert_eq!(run.attempt(), 2);
            finished.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        }
    };
    let others = [start(worker::<SHORT, _, _>(&db, act.clone())), start(worker::<SHORT, _, _>(&db, act))];
    let job = db.reaches(id, State::Done).await;
    for other in others {
        other.stop().await;
    }
    assert_eq!((job.attempts, finished.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_lease_is_not_taken() {
    let db = Database::new().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let act = {
        let runs = Arc::clone(&runs);
        move |_, _| {
            runs.fetch_add(1, Ordering::SeqCst);
            async {
                tokio::time::sleep(Duration::from_millis(3 * SHORT)).await;
                Ok(())
            }
        }
    };
    let workers = [start(worker::<SHORT, _, _>(&db, act.clone())), start(worker::<SHORT, _, _>(&db, act))];
    let id = db.enqueue(Task::<SHORT>::new("takes three leases")).await;
    db.reaches(id, State::Done).await;
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombies_transaction_cannot_commit() {
    let db = Database::new().await;
    db.execute("CREATE TABLE effects (label text)").await;
    let (verdict, mut verdicts) = mpsc::channel(1);
    let go = Arc::new(Notify::new());
    let zombie = start(worker::<LONG, _, _>(&db, {
        let (pool, go) = (db.pool.clone(), Arc::clone(&go));
        move |_, run| {
            let (pool, go, verdict) = (pool.clone(), Arc::clone(&go), verdict.clone());
            async move {
                go.notified().await;
                let mut conn = pool.get().await?;
                let wrote = conn
                    .transaction(async |conn| {
                        conn.batch_execute("INSERT INTO effects VALUES ('by the zombie')").await?;
                        run.fence(conn).await
                    })
                    .await;
                verdict.send((wrote, run.cancelled().is_cancelled())).await?;
                Ok(())
            }
        }
    }));
    let id = db.enqueue(Task::<LONG>::new("taken over")).await;
    db.reaches(id, State::Running).await;
    // What a second worker does after the lapse of the lease.
    db.execute("UPDATE queue_jobs SET lease_id = gen_random_uuid()").await;
    go.notify_one();

    let (wrote, cancelled) = soon(verdicts.recv()).await.unwrap();
    assert!(matches!(wrote, Err(FenceError::Lost(lost)) if lost.job == id), "{wrote:?}");
    assert!(cancelled, "a run that lost its lease is told to stop");
    zombie.stop().await;
    assert_eq!(db.text("SELECT count(*)::text AS value FROM effects").await, "0");
    assert_eq!(db.job(id).await.state, State::Running, "the outcome of a zombie is not written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_lost_its_lease_is_stopped_by_its_next_renewal() {
    let db = Database::new().await;
    let (stopped, mut stops) = mpsc::channel(1);
    let zombie = start(worker::<SHORT, _, _>(&db, move |_, run| {
        let stopped = stopped.clone();
        async move {
            run.cancelled().cancelled().await;
            stopped.send(()).await?;
            Ok(())
        }
    }));
    let id = db.enqueue(Task::<SHORT>::new("taken over")).await;
    db.reaches(id, State::Running).await;
    db.execute("UPDATE queue_jobs SET lease_id = gen_random_uuid(), due_at = now() + interval '1 hour'")
        .await;
    soon(stops.recv()).await.unwrap();
    zombie.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_keeps_claims_out_and_lets_renewals_through() {
    let db = Database::new().await;
    let (fenced, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let owner = start(worker::<SHORT, _, _>(&db, {
        let (pool, fenced, go) = (db.pool.clone(), Arc::clone(&fenced), Arc::clone(&go));
        move |_, run| {
            let (pool, fenced, go) = (pool.clone(), Arc::clone(&fenced), Arc::clone(&go));
            async move {
                let mut conn = pool.get().await?;
                conn.transaction(async |conn| {
                    run.fence(conn).await?;
                    fenced.notify_one();
                    go.notified().await;
                    Ok(())
                })
                .await
            }
        }
    }));
    let id = db.enqueue(Task::<SHORT>::new("fenced")).await;
    soon(fenced.notified()).await;
    let thief = worker::<SHORT, _, _>(&db, |_, _| async { Ok(()) });
    for _ in 0..3 {
        db.execute("UPDATE queue_jobs SET due_at = '2000-01-01'").await;
        assert_eq!(thief.run_due().await.unwrap(), 0, "the row looks lapsed, and is locked");
        let renewed = "SELECT (due_at > now())::text AS value FROM queue_jobs";
        eventually("a renewal", async || (db.text(renewed).await == "true").then_some(())).await;
    }
    go.notify_one();
    let job = db.reaches(id, State::Done).await;
    owner.stop().await;
    assert_eq!(job.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_workers_is_dead_in_the_end() {
    let db = Database::new().await;
    let id = db.enqueue(Task::<SHORT>::new("poison")).await;
    for attempt in 1..=3 {
        let victim = start(worker::<SHORT, _, _>(&db, |_, _| std::future::pending()));
        eventually("the next attempt", async || (db.job(id).await.attempts == attempt).then_some(())).await;
        victim.crash().await;
    }
    let survivor = start(worker::<SHORT, _, _>(&db, |_, _| async { Ok(()) }));
    let job = db.reaches(id, State::Dead).await;
    survivor.stop().await;
    assert_eq!(job.last_error.unwrap(), "the worker fell silent during attempt 3, the last one");
}
