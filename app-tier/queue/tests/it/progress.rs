//! What a run says while it runs, and what it leaves for the next.

use std::{sync::Arc, time::Duration};

use diesel_async::AsyncConnection;
use queue::{Change, JobError, JobEvent, SaveError, State};
use serde_json::json;
use tokio::sync::{Notify, mpsc};

use crate::harness::{Database, LONG, SHORT, Task, eventually, soon, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_run_goes_on_from_its_checkpoint() {
    let db = Database::new().await;
    let saved = Arc::new(Notify::new());
    let crashing = start(worker::<SHORT, _, _>(&db, {
        let saved = Arc::clone(&saved);
        move |_, run| {
            let saved = Arc::clone(&saved);
            async move {
                assert_eq!(run.saved::<u32>()?, None);
                run.save(&7_u32).await?;
                saved.notify_one();
                std::future::pending().await
            }
        }
    }));
    let id = db.enqueue(Task::<SHORT>::new("page by page")).await;
    soon(saved.notified()).await;
    crashing.crash().await;

    let next = start(worker::<SHORT, _, _>(&db, |_, run| async move {
        match run.saved::<u32>()? {
            Some(7) => Ok(()),
            other => Err(JobError::fatal(format!("found {other:?}"))),
        }
    }));
    db.reaches(id, State::Done).await;
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_in_a_transaction_vanishes_with_it() {
    let db = Database::new().await;
    let pool = db.pool.clone();
    let worker = worker::<LONG, _, _>(&db, move |_, run| {
        let pool = pool.clone();
        async move {
            match (run.attempt(), run.saved::<String>()?.as_deref()) {
                (1, None) => {
                    run.save(&"kept").await?;
                    let mut conn = pool.get().await?;
                    conn.transaction(async |conn| {
                        run.save_on(conn, &"rolled back").await?;
                        Err(JobError::retry_after("crash before the commit", Duration::ZERO))
                    })
                    .await
                }
                (2, Some("kept")) => Ok(()),
                found => Err(JobError::fatal(format!("found {found:?}"))),
            }
        }
    });
    let id = db.enqueue(Task::<LONG>::new("page by page")).await;
    worker.run_due().await.unwrap();
    let job = db.job(id).await;
    assert_eq!((job.state, job.last_error), (State::Done, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zombie_cannot_save() {
    let db = Database::new().await;
    let pool = db.pool.clone();
    let (verdict, mut verdicts) = mpsc::channel(1);
    let zombie = worker::<LONG, _, _>(&db, move |_, run| {
        let (pool, verdict) = (pool.clone(), verdict.clone());
        async move {
            let mut conn = pool.get().await?;
            let taken = diesel::sql_query("UPDATE queue_jobs SET lease_id = gen_random_uuid()");
            diesel_async::RunQueryDsl::execute(taken, &mut conn).await?;
            verdict.send(run.save(&"mine").await).await?;
            Ok(())
        }
    });
    let id = db.enqueue(Task::<LONG>::new("taken over")).await;
    zombie.run_due().await.unwrap();
    let saved = soon(verdicts.recv()).await.unwrap();
    assert!(matches!(saved, Err(SaveError::Lost(lost)) if lost.job == id), "{saved:?}");
    assert_eq!(db.text("SELECT coalesce(checkpoint::text, 'none') AS value FROM queue_jobs").await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_shows_while_the_job_runs_and_its_last_word_stays() {
    let db = Database::new().await;
    let go = Arc::new(Notify::new());
    let worker = start(worker::<LONG, _, _>(&db, {
        let go = Arc::clone(&go);
        move |_, run| {
            let go = Arc::clone(&go);
            async move {
                run.progress(json!({"done": 1}));
                go.notified().await;
                for done in 2..=1000 {
                    run.progress(json!({ "done": done }));
                }
                Ok(())
            }
        }
    }));
    let id = db.enqueue(Task::<LONG>::new("counts")).await;
    eventually("the first word", async || {
        (db.job(id).await.progress == Some(json!({"done": 1}))).then_some(())
    })
    .await;
    go.notify_one();
    let job = db.reaches(id, State::Done).await;
    worker.stop().await;
    assert_eq!(job.progress, Some(json!({"done": 1000})));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_hears_of_every_change_in_order() {
    let db = Database::new().await;
    let (heard, mut hearing) = mpsc::channel::<JobEvent>(16);
    let worker = worker::<LONG, _, _>(&db, |_, run| async move {
        match run.attempt() {
            1 => Err(JobError::retry_after("once", Duration::ZERO)),
            _ => Ok(()),
        }
    })
    .on_change(move |event| {
        let heard = heard.clone();
        async move {
            heard.send(event).await.unwrap();
        }
    });
    let id = db.enqueue(Task::<LONG>::new("watched")).await;
    worker.run_due().await.unwrap();
    drop(worker);
    let mut changes = Vec::new();
    while let Some(event) = hearing.recv().await {
        assert_eq!((event.id, event.kind, event.by), (id, "task", None));
        changes.push(event.change);
    }
    let expected = [
        Change::Started { attempt: 1 },
        Change::Ended(State::Waiting),
        Change::Started { attempt: 2 },
        Change::Ended(State::Done),
    ];
    assert_eq!(changes, expected);
}
