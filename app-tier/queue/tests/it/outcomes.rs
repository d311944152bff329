//! How a run's end becomes the job's state.

use std::time::Duration;

use queue::{JobError, State};

use crate::harness::{Database, LONG, Task, worker};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_tried_again_after_the_time_it_asked_for() {
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |_, run| async move {
        match run.attempt() {
            1 => Err(JobError::retry_after(anyhow::anyhow!("slow down"), Duration::ZERO)),
            _ => Ok(()),
        }
    });
    let id = db.enqueue(Task::<LONG>::new("second time lucky")).await;
    assert_eq!(worker.run_due().await.unwrap(), 2);
    let job = db.job(id).await;
    assert_eq!((job.state, job.attempts, job.last_error), (State::Done, 2, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_is_counted_by_how_it_left_its_job() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let counted = recorder.handle();
    // The whole process counts from here on; tests beside this one may add to the same numbers.
    metrics::set_global_recorder(recorder).unwrap();
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |_, run| async move {
        match run.attempt() {
            1 => Err(JobError::retry_after(anyhow::anyhow!("slow down"), Duration::ZERO)),
            _ => Ok(()),
        }
    });
    db.enqueue(Task::<LONG>::new("second time lucky")).await;
    assert_eq!(worker.run_due().await.unwrap(), 2);
    let shown = counted.render();
    for ended in ["waiting", "done"] {
        let label = format!("ended=\"{ended}\"");
        assert!(shown.lines().any(|it| it.starts_with("job_runs_total") && it.contains(&label)), "{shown}");
    }
    assert!(shown.contains("job_run_duration_seconds"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_waits_by_the_usual_backoff() {
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |_, _| async {
        Err(anyhow::anyhow!("no route").context("could not list desktops"))?;
        Ok(())
    });
    let id = db.enqueue(Task::<LONG>::new("fails")).await;
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let job = db.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Waiting, 1));
    assert_eq!(job.last_error.unwrap(), "could not list desktops: no route");
    let wait = db.text("SELECT (due_at - now() > interval '1 second')::text AS value FROM queue_jobs").await;
    assert_eq!(wait, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_too_often_is_dead() {
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |_, run| async move {
        Err(JobError::retry_after(format!("failure {}", run.attempt()), Duration::ZERO))
    });
    let id = db.enqueue(Task::<LONG>::new("never works")).await;
    assert_eq!(worker.run_due().await.unwrap(), 3);
    let job = db.job(id).await;
    assert_eq!((job.state, job.attempts), (State::Dead, 3));
    assert_eq!(job.last_error.unwrap(), "failure 3");
    assert!(job.finished_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_failure_is_not_tried_again() {
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |_, _| async { Err(JobError::fatal("no such account")) });
    let id = db.enqueue(Task::<LONG>::new("pointless")).await;
    assert_eq!(worker.run_due().await.unwrap(), 1);
    let job = db.job(id).await;
    assert_eq!((job.state, job.last_error.as_deref()), (State::Dead, Some("no such account")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_is_not_an_attempt() {
    let db = Database::new().await;
    let snoozing =
        worker::<LONG, _, _>(&db, |_, _| async { Err(JobError::snooze(Duration::from_secs(3600))) });
    let id = db.enqueue(Task::<LONG>::new("waits for AWS")).await;
    for _ in 0..5 {
        db.execute("UPDATE queue_jobs SET due_at = now()").await;
        assert_eq!(snoozing.run_due().await.unwrap(), 1);
        let job = db.job(id).await;
        assert_eq!((job.state, job.attempts, job.last_error), (State::Waiting, 0, None));
    }
    assert_eq!(snoozing.run_due().await.unwrap(), 0, "it sleeps");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failed_attempt_and_the_worker_lives() {
    let db = Database::new().await;
    let worker = worker::<LONG, _, _>(&db, |label, _| async move {
        assert_ne!(label, "panics", "on purpose");
        Ok(())
    });
    let panics = db.enqueue(Task::<LONG>::new("panics")).await;
    let next = db.enqueue(Task::<LONG>::new("next")).await;
    assert_eq!(worker.run_due().await.unwrap(), 2);
    let job = db.job(panics).await;
    assert_eq!((job.state, job.attempts), (State::Waiting, 1));
    let error = job.last_error.unwrap();
    assert!(error.starts_with("panicked: ") && error.contains("on purpose"), "{error}");
    assert_eq!(db.job(next).await.state, State::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_of_another_shape_is_dead_at_once() {
    let db = Database::new().await;
    let id = db.enqueue(Task::<LONG>::new("from an old release")).await;
    db.execute(r#"UPDATE queue_jobs SET payload = '{"name": 1}'"#).await;
    assert_eq!(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap(), 1);
    let job = db.job(id).await;
    assert_eq!(job.state, State::Dead);
    let error = job.last_error.unwrap();
    assert!(error.starts_with("the payload does not fit the job \"task\": missing field"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_the_worker_does_not_know_waits_for_one_that_does() {
    let db = Database::new().await;
    let id = db.enqueue(Task::<LONG>::new("from a newer release")).await;
    db.execute("UPDATE queue_jobs SET kind = 'unheard_of', attempts = 99").await;
    assert_eq!(worker::<LONG, _, _>(&db, |_, _| async { Ok(()) }).run_due().await.unwrap(), 0);
    assert_eq!(db.job(id).await.state, State::Waiting);
}
