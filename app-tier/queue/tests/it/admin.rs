//! Jobs as administrators see them, and the migrations.

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::MigrationHarness;
use queue::{EnqueueOptions, JobError, State, enqueue, jobs};

use crate::harness::{Database, LONG, Task, worker};

#[tokio::test(flavor = "multi_thread")]
async fn lists_page_from_the_newest_and_filter() {
    let db = Database::new().await;
    let mut ids = Vec::new();
    for label in ["one", "two", "three", "four"] {
        ids.push(db.enqueue(Task::<LONG>::new(label)).await);
    }
    ids.reverse();
    jobs::cancel(&mut *db.conn().await, ids[1]).await.unwrap();
    let mut conn = db.conn().await;
    let all = jobs::Filter::default();
    let first = jobs::list(&mut conn, &all, None, 3).await.unwrap();
    assert_eq!(first.iter().map(|job| job.id).collect::<Vec<_>>(), ids[..3]);
    let rest = jobs::list(&mut conn, &all, Some(ids[2]), 3).await.unwrap();
    assert_eq!(rest.iter().map(|job| job.id).collect::<Vec<_>>(), ids[3..]);
    let cancelled =
        jobs::Filter { state: Some(State::Cancelled), kind: Some("task".into()), requested_by: None };
    let cancelled = jobs::list(&mut conn, &cancelled, None, 3).await.unwrap();
    assert_eq!(cancelled.iter().map(|job| job.id).collect::<Vec<_>>(), ids[1..2]);
    let others = jobs::Filter { kind: Some("other".into()), ..Default::default() };
    assert_eq!(jobs::list(&mut conn, &others, None, 3).await.unwrap(), []);

    let counts = jobs::count_by_state(&mut conn).await.unwrap();
    let expected =
        [(State::Waiting, 3), (State::Running, 0), (State::Done, 0), (State::Dead, 0), (State::Cancelled, 1)];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_job_sent_again_has_all_its_attempts_and_its_checkpoint() {
    let db = Database::new().await;
    let failing = worker::<LONG, _, _>(&db, |_, run| async move {
        run.save(&"half of it").await?;
        Err(JobError::fatal("no permission"))
    });
    let id = db.enqueue(Task::<LONG>::new("revived")).await;
    failing.run_due().await.unwrap();
    assert_eq!(db.job(id).await.state, State::Dead);

    let again = jobs::retry(&mut *db.conn().await, id).await.unwrap();
    assert_eq!((again.state, again.attempts, again.finished_at), (State::Waiting, 0, None));
    let working = worker::<LONG, _, _>(&db, |_, run| async move {
        match (run.attempt(), run.saved::<String>()?.as_deref()) {
            (1, Some("half of it")) => Ok(()),
            found => Err(JobError::fatal(format!("found {found:?}"))),
        }
    });
    working.run_due().await.unwrap();
    assert_eq!(db.job(id).await.state, State::Done);
    let done = jobs::retry(&mut *db.conn().await, id).await.unwrap_err();
    assert!(matches!(done, jobs::ChangeError::WrongState { state: State::Done, .. }), "{done}");
    let nobody = jobs::retry(&mut *db.conn().await, 999).await.unwrap_err();
    assert!(matches!(nobody, jobs::ChangeError::NotFound(999)), "{nobody}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_not_sent_again_beside_its_successor() {
    let db = Database::new().await;
    let old = db.enqueue(Task::<LONG>::keyed("sync", "account 7")).await;
    jobs::cancel(&mut *db.conn().await, old).await.unwrap();
    let new = db.enqueue(Task::<LONG>::keyed("sync", "account 7")).await;
    let refused = jobs::retry(&mut *db.conn().await, old).await.unwrap_err();
    assert!(matches!(refused, jobs::ChangeError::Duplicate { existing } if existing == new), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_jobs_that_ended_long_ago_are_forgotten() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    for label in ["old", "old too", "recent", "waiting"] {
        enqueue(&mut conn, &Task::<LONG>::new(label), EnqueueOptions::default()).await.unwrap();
    }
    let end = |days: u32, label: &str| {
        format!(
            "UPDATE queue_jobs SET state = 'done', finished_at = timestamptz '2026-11-21 00:00Z' - interval '{days} days'
              WHERE payload->>'label' = '{label}'"
        )
    };
    for (days, label) in [(40, "old"), (31, "old too"), (29, "recent")] {
        db.execute(&end(days, label)).await;
    }
    db.execute("UPDATE queue_jobs SET created_at = '2000-01-01' WHERE state = 'waiting'").await;
    let month_ago = "2026-10-22T00:00:00Z".parse().unwrap();
    assert_eq!(jobs::prune(&mut conn, month_ago, 1).await.unwrap(), 1);
    assert_eq!(jobs::prune(&mut conn, month_ago, 100).await.unwrap(), 1);
    let left = jobs::list(&mut conn, &jobs::Filter::default(), None, 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|job| job.payload["label"].as_str().unwrap()).collect();
    assert_eq!(left, ["waiting", "recent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_can_be_undone_and_done_again() {
    let db = Database::new().await;
    let conn = db.conn().await;
    let conn: AsyncPgConnection = diesel_async::pooled_connection::deadpool::Object::take(conn);
    let mut harness = AsyncMigrationHarness::new(conn);
    assert_eq!(harness.revert_all_migrations(queue::MIGRATIONS).unwrap().len(), 1);
    assert_eq!(harness.run_pending_migrations(queue::MIGRATIONS).unwrap().len(), 1);
    let mut conn = harness.into_inner();
    conn.begin_test_transaction().await.unwrap();
    enqueue(&mut conn, &Task::<LONG>::new("works again"), EnqueueOptions::default()).await.unwrap();
}
