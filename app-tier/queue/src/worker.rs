//! The worker: claims due jobs, up to so many at a time, until it is told to stop.
//!
//! It survives a PostgreSQL that goes away: it waits with growing pauses and goes on when it is back.

use std::{fmt, sync::Arc, time::Duration, time::Instant};

use diesel_async::pooled_connection::deadpool::Object;
use futures::FutureExt;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{
    Change, JobEvent, Pool, Registry,
    backoff::Backoff,
    claim::{self, Claimed},
    database::{self, Unavailable},
    events::{self, Events, Hook},
    job::chain,
    listen::listen,
    registry::KindLimits,
    running::Running,
    schedules,
    supervise::{Surroundings, supervise},
};

/// After the grace of the runs: time to write their outcomes and to tell the last events.
const LAST_WORDS: Duration = Duration::from_secs(15);

/// Runs jobs. Make one per process; replicas need not know of each other.
pub struct Worker<Ctx> {
    pool: Pool,
    registry: Arc<Registry<Ctx>>,
    cx: Ctx,
    name: String,
    concurrency: usize,
    poll_every: Duration,
    grace: Duration,
    hook: Option<Hook>,
}

/// The worker could not reach PostgreSQL.
#[derive(Debug, thiserror::Error)]
#[error("the queue is not reachable")]
pub struct WorkerError(#[source] Unavailable);

impl<Ctx: Clone + Send + Sync + 'static> Worker<Ctx> {
    /// A worker for the kinds in `registry`, whose runs each get a clone of `cx`.
    #[must_use]
    pub fn new(pool: Pool, registry: Registry<Ctx>, cx: Ctx) -> Self {
        Self {
            pool,
            registry: Arc::new(registry),
            cx,
            name: format!("pid-{}", std::process::id()),
            concurrency: 8,
            poll_every: Duration::from_millis(1500),
            grace: Duration::from_secs(20),
            hook: None,
        }
    }

    /// What administrators see beside a running job.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How many jobs run at the same time.
    #[must_use]
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.concurrency = jobs.max(1);
        self
    }

    /// How long a job may stay unseen when its notification was missed, and how often schedules are looked at.
    #[must_use]
    pub fn poll_every(mut self, period: Duration) -> Self {
        self.poll_every = period;
        self
    }

    /// How long a run may go on after it was told to stop.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Hear of what happens to this worker's jobs, one event after the other. A slow hook loses events, see
    /// [`JobEvent`]; it never slows a job.
    #[must_use]
    pub fn on_change<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(JobEvent) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.hook = Some(Arc::new(move |event| hook(event).boxed()));
        self
    }

    /// Work until `shutdown`. Then: claim nothing more, tell the runs to stop, wait for them within the grace, and
    /// hand back what is left, so that another worker takes it at once.
    pub async fn run(self, shutdown: CancellationToken) {
        let (events, feed) = events::channel(self.hook.clone());
        let feed = AbortOnDropHandle::new(tokio::spawn(feed));
        let wake = Arc::new(Notify::new());
        let around = self.surroundings(events, shutdown.clone());
        let ears = listen(self.pool.clone(), Arc::clone(&wake), around.running.clone());
        let ears = AbortOnDropHandle::new(tokio::spawn(ears));
        tracing::info!(kinds = ?self.registry.names(), "Worker {} takes up to {} jobs", self.name, self.concurrency);

        let mut runs = JoinSet::new();
        tokio::join!(self.claim_jobs(&mut runs, &around, &wake), self.keep_house(&around));

        tracing::info!("Worker {} stops, {} jobs are still running", self.name, runs.len());
        let goodbye = async { while runs.join_next().await.is_some() {} };
        if tokio::time::timeout(self.grace + LAST_WORDS, goodbye).await.is_err() {
            tracing::error!("Worker {} leaves {} jobs to the lapse of their leases", self.name, runs.len());
        }
        drop((runs, ears, around));
        if tokio::time::timeout(LAST_WORDS, feed).await.is_err() {
            tracing::warn!("Gave up on the listener to job events");
        }
    }

    /// Run what is due now, one job after the other, until nothing is; then answer how many. For tests and for
    /// working off a queue by hand.
    ///
    /// # Errors
    /// PostgreSQL is not reachable.
    pub async fn run_due(&self) -> Result<usize, WorkerError> {
        let (events, feed) = events::channel(self.hook.clone());
        let around = self.surroundings(events, CancellationToken::new());
        let work = async move {
            let limits = self.registry.limits();
            self.bury(&limits, &around.events).await?;
            let mut n_jobs = 0;
            while let Some((asked, claimed)) = self.claim(&limits).await? {
                self.start(asked, claimed, around.clone()).await;
                n_jobs += 1;
            }
            Ok(n_jobs)
        };
        let (done, ()) = tokio::join!(work, feed);
        done.map_err(WorkerError)
    }

    fn surroundings(&self, events: Events, shutdown: CancellationToken) -> Surroundings {
        Surroundings {
            pool: self.pool.clone(),
            running: Running::default(),
            events,
            shutdown,
            grace: self.grace,
        }
    }

    /// Claim and start jobs until shutdown.
    async fn claim_jobs(&self, runs: &mut JoinSet<()>, around: &Surroundings, wake: &Notify) {
        let slots = Arc::new(Semaphore::new(self.concurrency));
        let limits = self.registry.limits();
        let mut failures: u32 = 0;
        loop {
            while let Some(ended) = runs.try_join_next() {
                if let Err(error) = ended {
                    tracing::error!(%error, "A job's supervisor failed, the job waits for its lease to lapse");
                }
            }
            let slot = tokio::select! {
                biased;
                () = around.shutdown.cancelled() => return,
                Ok(slot) = Arc::clone(&slots).acquire_owned() => slot,
            };
            // Nobody else waits on `wake`, so a notification that comes while the claim is under way is kept for the
            // wait below: nothing that becomes due after the claim's snapshot is missed.
            let wait = match self.claim(&limits).await {
                Ok(Some((asked, claimed))) => {
                    failures = 0;
                    let run = self.start(asked, claimed, around.clone());
                    runs.spawn(async move {
                        run.await;
                        drop(slot);
                    });
                    continue;
                }
                Ok(None) => {
                    failures = 0;
                    self.poll_every
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    let wait = Backoff::DATABASE.after(failures);
                    tracing::warn!(error = %chain(&error), "Cannot claim jobs, trying again in {wait:?}");
                    tokio::select! {
                        () = around.shutdown.cancelled() => return,
                        () = tokio::time::sleep(wait) => continue,
                    }
                }
            };
            drop(slot);
            tokio::select! {
                () = around.shutdown.cancelled() => return,
                () = wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Schedules, and jobs whose workers do not come back, until shutdown. That is waited for between the rounds
    /// only: a transaction that is dropped half-way keeps its locks for as long as its connection lives.
    async fn keep_house(&self, around: &Surroundings) {
        let limits = self.registry.limits();
        while !around.shutdown.is_cancelled() {
            let tidied = async {
                self.bury(&limits, &around.events).await?;
                self.tick().await
            };
            match tidied.await {
                Ok(0) => {}
                Ok(made) => tracing::debug!("Enqueued {made} planned jobs"),
                Err(error) => {
                    tracing::warn!(error = %chain(&error), "Cannot look at the schedules, trying again")
                }
            }
            tokio::select! {
                () = around.shutdown.cancelled() => {}
                () = tokio::time::sleep(self.poll_every) => {}
            }
        }
    }

    async fn tick(&self) -> Result<usize, Unavailable> {
        let mut conn = database::connect(&self.pool).await?;
        let now = database::bounded(claim::now(&mut conn)).await?;
        let made = database::bounded(schedules::tick(&mut conn, now)).await;
        if matches!(made, Err(Unavailable::Silent)) {
            // Given up half-way: closing it is what ends its transaction.
            drop(Object::take(conn));
        }
        made
    }

    async fn claim(&self, limits: &KindLimits) -> Result<Option<(Instant, Claimed)>, Unavailable> {
        let mut conn = database::connect(&self.pool).await?;
        let asked = Instant::now();
        let claimed = database::bounded(claim::claim(&mut conn, limits, &self.name)).await?;
        Ok(claimed.map(|claimed| (asked, claimed)))
    }

    fn start(
        &self,
        asked: Instant,
        claimed: Claimed,
        around: Surroundings,
    ) -> impl Future<Output = ()> + use<Ctx> {
        let registry = Arc::clone(&self.registry);
        let cx = self.cx.clone();
        async move {
            // Claims ask for these kinds only.
            if let Some(kind) = registry.find(&claimed.kind) {
                supervise(claimed, asked, kind, cx, around).await;
            }
        }
    }

    async fn bury(&self, limits: &KindLimits, events: &Events) -> Result<(), Unavailable> {
        let mut conn = database::connect(&self.pool).await?;
        for job in database::bounded(claim::bury(&mut conn, limits)).await? {
            tracing::error!(
                job.id = job.id,
                job.kind = job.kind,
                "Job {} is {}, its worker is gone",
                job.id,
                job.state
            );
            if let Some(kind) = self.registry.find(&job.kind) {
                let change = Change::Ended(job.state);
                events.send(JobEvent { id: job.id, kind: kind.name, by: job.requested_by, change });
            }
        }
        Ok(())
    }
}

impl<Ctx> fmt::Debug for Worker<Ctx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name)
            .field("registry", &self.registry)
            .field("concurrency", &self.concurrency)
            .field("poll_every", &self.poll_every)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
