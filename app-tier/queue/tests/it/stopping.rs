//! Shutdown and cancelling.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use queue::{JobError, State, jobs};
use tokio::sync::Notify;

use crate::harness::{Database, LONG, Task, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_worker_hands_its_jobs_back_uncounted() {
    let db = Database::new().await;
    let stopping = start(worker::<LONG, _, _>(&db, |_, run| async move {
        run.cancelled().cancelled().await;
        Err(JobError::retry("interrupted"))
    }));
    let id = db.enqueue(Task::<LONG>::new("long")).await;
    db.reaches(id, State::Running).await;
    stopping.stop().await;
    let job = db.job(id).await;
    assert_eq!((job.state, job.attempts, job.last_error), (State::Waiting, 0, None));

    let next = worker::<LONG, _, _>(&db, |_, _| async { Ok(()) });
    assert_eq!(next.run_due().await.unwrap(), 1, "it is due at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_does_not_stop_is_dropped_and_handed_back() {
    let db = Database::new().await;
    let stopping = start(worker::<LONG, _, _>(&db, |_, _| std::future::pending()));
    let id = db.enqueue(Task::<LONG>::new("stubborn")).await;
    db.reaches(id, State::Running).await;
    stopping.stop().await;
    let job = db.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Waiting, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_within_the_grace_is_done() {
    let db = Database::new().await;
    let stopping = start(worker::<LONG, _, _>(&db, |_, run| async move {
        run.cancelled().cancelled().await;
        Ok(())
    }));
    let id = db.enqueue(Task::<LONG>::new("quick")).await;
    db.reaches(id, State::Running).await;
    stopping.stop().await;
    assert_eq!(db.job(id).await.state, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_is_cancelled_at_once() {
    let db = Database::new().await;
    let id = db.enqueue(Task::<LONG>::new("unwanted")).await;
    let job = jobs::cancel(&mut *db.conn().await, id).await.unwrap();
    assert_eq!(job.state, State::Cancelled);
    assert_eq!(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap(), 0);
    let again = jobs::cancel(&mut *db.conn().await, id).await.unwrap_err();
    assert_eq!(again.to_string(), format!("job {id} is cancelled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_told_to_stop_and_then_cancelled() {
    let db = Database::new().await;
    let wound_down = Arc::new(AtomicBool::new(false));
    let worker = start(worker::<LONG, _, _>(&db, {
        let wound_down = Arc::clone(&wound_down);
        move |_, run| {
            let wound_down = Arc::clone(&wound_down);
            async move {
                // With a lease of a minute the next renewal is far: only the notification can be this quick.
                run.cancelled().cancelled().await;
                wound_down.store(true, Ordering::SeqCst);
                Err(JobError::fatal("stopped half-way"))
            }
        }
    }));
    let id = db.enqueue(Task::<LONG>::new("unwanted")).await;
    db.reaches(id, State::Running).await;
    let asked = jobs::cancel(&mut *db.conn().await, id).await.unwrap();
    assert_eq!((asked.state, asked.cancel_requested), (State::Running, true));
    let job = db.reaches(id, State::Cancelled).await;
    worker.stop().await;
    assert!(wound_down.load(Ordering::SeqCst));
    assert_eq!(job.last_error.as_deref(), Some("stopped half-way"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_finishes_before_it_hears_of_cancelling_is_done() {
    let db = Database::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(worker::<LONG, _, _>(&db, {
        let go = Arc::clone(&go);
        move |_, _| {
            let go = Arc::clone(&go);
            async move {
                go.notified().await;
                Ok(())
            }
        }
    }));
    let id = db.enqueue(Task::<LONG>::new("too late")).await;
    db.reaches(id, State::Running).await;
    jobs::cancel(&mut *db.conn().await, id).await.unwrap();
    go.notify_one();
    db.reaches(id, State::Done).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_whose_worker_is_gone_ends_with_its_lease() {
    let db = Database::new().await;
    let crashing = start(worker::<LONG, _, _>(&db, |_, _| std::future::pending()));
    let id = db.enqueue(Task::<LONG>::new("orphan")).await;
    db.reaches(id, State::Running).await;
    crashing.crash().await;
    jobs::cancel(&mut *db.conn().await, id).await.unwrap();
    db.execute("UPDATE queue_jobs SET due_at = now()").await;
    assert_eq!(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap(), 0);
    assert_eq!(db.job(id).await.state, State::Cancelled);
}
