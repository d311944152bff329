//! One run from claim to outcome: the lease is kept, panics are caught, the outcome is written.

use std::{
    future::pending,
    sync::OnceLock,
    time::{Duration, Instant},
};

use metrics::{counter, histogram};
use tokio::{sync::watch, task::JoinError};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;

use crate::{
    Change, JobError, JobEvent, Pool, Run, State,
    backoff::Backoff,
    claim::{self, Claimed, Lease, Outcome},
    database::{self, Unavailable},
    events::Events,
    job::chain,
    registry::Kind,
    run::{Inner, Stop},
    running::Running,
};

/// Between two writes of progress: live enough to watch, rare enough for hundreds of jobs.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);
/// How long a dropped run may take to let go. Only one that blocks its thread takes longer.
const ABORT_LIMIT: Duration = Duration::from_secs(1);
/// How long an outcome is kept for a PostgreSQL that is away. The job would run again without it.
const KEEP_OUTCOME: Duration = Duration::from_secs(300);

/// Runs by kind and by the state that they left their job in; `lost` when they could not say.
const RUNS: &str = "job_runs_total";
/// From claim to written outcome, by kind.
const DURATION: &str = "job_run_duration_seconds";

/// What all runs of a worker share.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) pool: Pool,
    pub(crate) running: Running,
    pub(crate) events: Events,
    pub(crate) shutdown: CancellationToken,
    /// How long a run may go on after it was told to stop.
    pub(crate) grace: Duration,
}

/// Run a claimed job to its end and write the outcome. `asked` is when the claim was sent, so the lease holds at least
/// until `asked` plus its time.
pub(crate) async fn supervise<Ctx: Send + 'static>(
    claimed: Claimed,
    asked: Instant,
    kind: &Kind<Ctx>,
    cx: Ctx,
    around: Surroundings,
) {
    let began = Instant::now();
    let attempt = u16::try_from(claimed.attempts).unwrap_or(u16::MAX);
    let (progress, progress_seen) = watch::channel(None);
    let run = Run::new(Inner {
        lease: Lease { job: claimed.id, id: claimed.lease_id },
        lease_time: kind.lease,
        kind: kind.name,
        attempt,
        by: claimed.requested_by,
        checkpoint: claimed.checkpoint,
        pool: around.pool.clone(),
        cancel: CancellationToken::new(),
        stop: OnceLock::new(),
        progress,
    });
    let _listed = around.running.enter(&run);
    let report =
        |change| around.events.send(JobEvent { id: run.id(), kind: kind.name, by: run.by(), change });
    report(Change::Started { attempt });

    let span = tracing::info_span!("job", job.id = run.id(), job.kind = kind.name, job.attempt = attempt);
    // A task of its own catches panics, and can be dropped when it does not stop by itself.
    let work = (kind.handler)(claimed.payload, cx, run.clone()).instrument(span.clone());
    let mut task = AbortOnDropHandle::new(tokio::spawn(work));
    let ended = {
        let keep = async {
            tokio::join!(
                keep_lease(&run, asked),
                write_progress(&run, progress_seen, &report),
                stop_with_worker(&run, &around.shutdown),
            )
        };
        let patience = async {
            run.inner().cancel.cancelled().await;
            tokio::time::sleep(around.grace).await;
        };
        tokio::select! {
            biased;
            ended = &mut task => Some(ended),
            _ = keep => None,
            () = patience => None,
        }
    };
    let ended = match ended {
        Some(ended) => ended.map_or_else(Ended::from, Ended::Returned),
        None => {
            task.abort();
            match tokio::time::timeout(ABORT_LIMIT, &mut task).await {
                Ok(ended) => ended.map_or_else(Ended::from, Ended::Returned),
                Err(_still_blocking) => Ended::Dropped,
            }
        }
    };

    let outcome = decide(ended, run.inner().stop.get().copied(), attempt, kind.max_attempts);
    let ended = write_outcome(&run, &outcome, &around, &report).instrument(span).await;
    counter!(RUNS, "kind" => kind.name, "ended" => ended.map_or("lost", State::as_str)).increment(1);
    histogram!(DURATION, "kind" => kind.name).record(began.elapsed());
}

/// Renew the lease for as long as it is ours. Ends when it is not, having stopped the run.
async fn keep_lease(run: &Run, asked: Instant) {
    let Inner { lease, lease_time, pool, .. } = run.inner();
    let mut held_until = asked + *lease_time;
    let mut wait = *lease_time / 3;
    loop {
        tokio::time::sleep(wait).await;
        let asked = Instant::now();
        let renewed = async {
            let mut conn = database::connect(pool).await?;
            database::bounded(claim::renew(&mut conn, *lease, database::millis(*lease_time))).await
        };
        match tokio::time::timeout_at(held_until.into(), renewed).await {
            Ok(Ok(Some(cancel))) => {
                held_until = asked + *lease_time;
                wait = *lease_time / 3;
                if cancel {
                    run.stop(Stop::Asked);
                }
            }
            Ok(Ok(None)) => return run.stop(Stop::LeaseLost),
            Ok(Err(error)) => {
                tracing::warn!(job.id = run.id(), error = %chain(&error), "Could not renew a lease, trying again");
                wait = *lease_time / 12;
            }
            // From here on another worker may have the job.
            Err(_lapsed) => return run.stop(Stop::LeaseLost),
        }
    }
}

async fn write_progress(
    run: &Run,
    mut seen: watch::Receiver<Option<serde_json::Value>>,
    report: &impl Fn(Change),
) {
    while seen.changed().await.is_ok() {
        let Some(value) = seen.borrow_and_update().clone() else { continue };
        report(Change::Progress(value.clone()));
        let written = async {
            let mut conn = database::connect(&run.inner().pool).await?;
            database::bounded(claim::set_progress(&mut conn, run.inner().lease, &value)).await
        };
        // The outcome carries the last value, and a lost lease is noticed by whoever renews it.
        if let Err(error) = written.await {
            tracing::debug!(job.id = run.id(), error = %chain(&error), "Could not write a job's progress");
        }
        tokio::time::sleep(PROGRESS_EVERY).await;
    }
}

async fn stop_with_worker(run: &Run, shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    run.stop(Stop::Shutdown);
    // The others go on: a job that winds down still needs its lease.
    pending::<()>().await;
}

/// How the job's own task ended.
enum Ended {
    Returned(Result<(), JobError>),
    Panicked(String),
    /// It was told to stop and did not.
    Dropped,
}

impl From<JoinError> for Ended {
    fn from(error: JoinError) -> Self {
        match error.try_into_panic() {
            Ok(panic) => Self::Panicked(
                panic
                    .downcast_ref::<&str>()
                    .map(ToString::to_string)
                    .or_else(|| panic.downcast_ref::<String>().cloned())
                    .unwrap_or_else(|| "no message".to_owned()),
            ),
            Err(_aborted) => Self::Dropped,
        }
    }
}

fn decide(ended: Ended, stop: Option<Stop>, attempt: u16, max_attempts: u16) -> Outcome {
    let again = |delay, counts, error| Outcome {
        state: State::Waiting,
        delay_ms: database::millis(delay),
        counts,
        error,
    };
    let end = |state, error| Outcome { state, delay_ms: 0, counts: true, error };
    let failed = |error: String, after: Option<Duration>| {
        if attempt >= max_attempts {
            return end(State::Dead, Some(error));
        }
        again(after.unwrap_or_else(|| Backoff::JOB.after(attempt.into())), true, Some(error))
    };
    match (ended, stop) {
        (Ended::Returned(Ok(())), _) => end(State::Done, None),
        (Ended::Returned(Err(JobError::Fatal { source })), _) => {
            end(State::Dead, Some(chain(source.as_ref())))
        }
        (Ended::Returned(Err(JobError::Snooze { after })), _) => again(after, false, None),
        // Whoever is told to stop fails for that reason; the job is handed back as if it had not been tried.
        (Ended::Returned(Err(JobError::Retry { .. })) | Ended::Dropped, Some(_)) => {
            again(Duration::ZERO, false, None)
        }
        (Ended::Returned(Err(JobError::Retry { source, after })), None) => {
            failed(chain(source.as_ref()), after)
        }
        (Ended::Panicked(message), _) => failed(format!("panicked: {}", message.replace('\0', "")), None),
        (Ended::Dropped, None) => failed("the run was dropped".to_owned(), None),
    }
}

/// The state that the job has now; `None` when that was not for this run to say.
async fn write_outcome(
    run: &Run,
    outcome: &Outcome,
    around: &Surroundings,
    report: &impl Fn(Change),
) -> Option<State> {
    let progress = run.inner().progress.borrow().clone();
    let give_up = Instant::now() + KEEP_OUTCOME;
    let mut failures: u32 = 0;
    loop {
        let written: Result<_, Unavailable> = async {
            let mut conn = database::connect(&around.pool).await?;
            let finished = claim::finish(&mut conn, run.inner().lease, outcome, progress.as_ref());
            database::bounded(finished).await
        }
        .await;
        match written {
            Ok(Some(state)) => {
                log_end(run, outcome, state);
                report(Change::Ended(state));
                return Some(state);
            }
            Ok(None) => {
                tracing::warn!("Another worker has the job, its outcome here is dropped");
                return None;
            }
            Err(error) if Instant::now() >= give_up || around.shutdown.is_cancelled() => {
                tracing::error!(error = %chain(&error), "Could not write a job's outcome, it will run again");
                return None;
            }
            Err(error) => {
                failures = failures.saturating_add(1);
                tracing::warn!(error = %chain(&error), "Could not write a job's outcome, trying again");
                tokio::select! {
                    () = tokio::time::sleep(Backoff::DATABASE.after(failures)) => {}
                    // One last try, then the lease has to lapse.
                    () = around.shutdown.cancelled() => {}
                }
            }
        }
    }
}

fn log_end(run: &Run, outcome: &Outcome, state: State) {
    let kind = run.inner().kind;
    match (state, &outcome.error) {
        (State::Dead, error) => {
            let error = error.as_deref().unwrap_or_default();
            tracing::error!(error, "Job {} ({kind}) is dead, an administrator may send it again", run.id());
        }
        (State::Waiting, Some(error)) => {
            tracing::warn!(
                error,
                retry_in_ms = outcome.delay_ms,
                "Job {} ({kind}) failed, it will be retried",
                run.id()
            );
        }
        _ => tracing::info!(state = state.as_str(), "Job {} ({kind}) ended as {state}", run.id()),
    }
}
