//! Asking for jobs.

use std::sync::{Arc, Mutex};

use diesel::result::Error as DieselError;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use queue::{EnqueueError, EnqueueOptions, Enqueued, State, enqueue, jobs};

use crate::harness::{Database, LONG, Task, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_vanishes_with_the_transaction_that_asked_for_it() {
    let db = Database::new().await;
    let rolled_back: Result<(), DieselError> = db
        .conn()
        .await
        .transaction(async |conn| {
            enqueue(conn, &Task::<LONG>::new("never"), EnqueueOptions::default()).await.unwrap();
            Err(DieselError::RollbackTransaction)
        })
        .await;
    assert_eq!(rolled_back, Err(DieselError::RollbackTransaction));
    assert_eq!(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_answers_with_the_job_that_is_there() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    let task = Task::<LONG>::keyed("sync", "account 7");
    let first = enqueue(&mut conn, &task, EnqueueOptions::default()).await.unwrap();
    let again = enqueue(&mut conn, &task, EnqueueOptions::default()).await.unwrap();
    assert_eq!(again, Enqueued { id: first.id, existing: true });
    let other = Task::<LONG>::keyed("sync", "account 8");
    assert!(!enqueue(&mut conn, &other, EnqueueOptions::default()).await.unwrap().existing);

    db.execute("UPDATE queue_jobs SET state = 'running', lease_id = gen_random_uuid()").await;
    let while_running = enqueue(&mut conn, &task, EnqueueOptions::default()).await.unwrap();
    assert_eq!(while_running, Enqueued { id: first.id, existing: true });

    db.execute("UPDATE queue_jobs SET state = 'done', lease_id = NULL, finished_at = now()").await;
    let after = enqueue(&mut conn, &task, EnqueueOptions::default()).await.unwrap();
    assert!(!after.existing && after.id != first.id, "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_transactions_with_one_key_make_one_job() {
    let db = Database::new().await;
    let (mut one, mut two) = (db.conn().await, db.conn().await);
    let task = Task::<LONG>::keyed("sync", "account 7");
    one.batch_execute("BEGIN").await.unwrap();
    let first = enqueue(&mut one, &task, EnqueueOptions::default()).await.unwrap();
    // The second insert waits for the first transaction.
    let (second, ()) = tokio::join!(enqueue(&mut two, &task, EnqueueOptions::default()), async {
        one.batch_execute("COMMIT").await.unwrap();
    });
    assert_eq!(second.unwrap(), Enqueued { id: first.id, existing: true });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_snapshot_cannot_see_is_an_error_and_no_loop() {
    let db = Database::new().await;
    let (mut old, mut new) = (db.conn().await, db.conn().await);
    let task = Task::<LONG>::keyed("sync", "account 7");
    old.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM queue_jobs").await.unwrap();
    enqueue(&mut new, &task, EnqueueOptions::default()).await.unwrap();
    let refused = enqueue(&mut old, &task, EnqueueOptions::default()).await;
    assert!(matches!(refused, Err(EnqueueError::Contended | EnqueueError::Database(_))), "{refused:?}");
    old.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_time_and_remembers_who_asked() {
    let db = Database::new().await;
    let run_at = "2999-12-31T23:59:59Z".parse().ok();
    let options = EnqueueOptions { by: Some(42), run_at, ..Default::default() };
    let id = enqueue(&mut *db.conn().await, &Task::<LONG>::new("later"), options).await.unwrap().id;
    let worker = worker::<LONG, _, _>(&db, |_, run| async move {
        assert_eq!(run.by(), Some(42));
        Ok(())
    });
    assert_eq!(worker.run_due().await.unwrap(), 0);
    db.execute("UPDATE queue_jobs SET due_at = now()").await;
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let job = jobs::find(&mut *db.conn().await, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.requested_by), (State::Done, Some(42)));
}

#[tokio::test(flavor = "multi_thread")]
async fn urgent_jobs_go_first_and_equals_in_order() {
    let db = Database::new().await;
    for (label, priority) in [("first", 0), ("second", 0), ("urgent", 10), ("idle", -10)] {
        let options = EnqueueOptions { priority, ..Default::default() };
        enqueue(&mut *db.conn().await, &Task::<LONG>::new(label), options).await.unwrap();
    }
    let order = Arc::new(Mutex::new(Vec::new()));
    let worker = worker::<LONG, _, _>(&db, {
        let order = Arc::clone(&order);
        move |label, _| {
            order.lock().unwrap().push(label);
            async { Ok(()) }
        }
    });
    worker.run_due().await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["urgent", "first", "second", "idle"]);
}
