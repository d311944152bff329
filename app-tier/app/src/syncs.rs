//! Reading AWS: one durable job for each (account, region, capability), each on its own.
//!
//! A job writes page by page and keeps its place, so that another worker goes on where one was killed. What fails is
//! noted in `sync_states` and leaves what was read before as it was. Only a complete sweep says that something is gone.

mod billing;
mod events;
mod sweeps;
mod usage;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use cloud::CloudError;
use contract::{
    accounts::Capability,
    ids::{AccountId, JobId},
    jobs::{JobsAccepted, Progress},
    overview::SyncState,
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use queue::{EnqueueOptions, Job, JobError, Run, enqueue};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use store::{syncs::Target, workspaces::Look};

pub use self::billing::{SettleBilling, SyncBilling};
use self::{
    billing::enqueue_billing,
    events::sweep_events,
    sweeps::{sweep_bundles, sweep_connections, sweep_desktops, sweep_tags},
    usage::sweep_usage,
};
use crate::{App, Error, OpCx, Result, accounts, spend};

/// `POST /api/admin/sync`: a job for everything that is registered. Those under way already are not doubled.
///
/// # Errors
/// PostgreSQL away.
pub async fn start(cx: &OpCx) -> Result<JobsAccepted> {
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let jobs = enqueue_all(conn, Some(cx.actor.id.0)).await?;
        enqueue_what_follows(conn, cx.app.now()).await?;
        cx.audit(conn, "sync.start", "accounts", json!({"jobs": jobs.len()})).await?;
        Ok(JobsAccepted { jobs })
    })
    .await
}

async fn enqueue_all(conn: &mut AsyncPgConnection, by: Option<i64>) -> Result<Vec<JobId>> {
    let mut jobs = Vec::new();
    for place in places(conn).await? {
        // Connections are asked for by desktop, so they come after the desktops: see SyncDesktops.
        jobs.push(enqueue(conn, &SyncDesktops(place.clone()), options(by)).await?.id);
        jobs.push(enqueue(conn, &SyncBundles(place), options(by)).await?.id);
    }
    Ok(jobs.into_iter().map(JobId).collect())
}

/// Who asks for all of it does not want to wait for the schedules of usage, events and costs either, where they are on.
async fn enqueue_what_follows(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<()> {
    let follows = [ScheduleUsage::KIND, ScheduleEvents::KIND, ScheduleBilling::KIND];
    let schedules = queue::schedules::list(conn).await?;
    for it in schedules.iter().filter(|it| it.enabled && follows.contains(&it.kind.as_str())) {
        let run_at = Some(now + BEHIND_DESKTOPS);
        queue::schedules::run_now(conn, it.id, EnqueueOptions { run_at, ..behind() }).await?;
    }
    Ok(())
}

/// Where it is time to, by the settings.
async fn enqueue_usage(conn: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<()> {
    let hours = store::settings::read(conn).await?.usage_every_hours;
    if hours == 0 {
        return Ok(());
    }
    let every = TimeDelta::hours(i64::from(hours));
    for place in places(conn).await? {
        if usage_is_due(conn, &place, every, now).await? {
            enqueue(conn, &SyncUsage(place), behind()).await?;
        }
    }
    Ok(())
}

async fn enqueue_events(conn: &mut AsyncPgConnection) -> Result<()> {
    for place in places(conn).await? {
        enqueue(conn, &SyncEvents(place), behind()).await?;
    }
    Ok(())
}

fn options(by: Option<i64>) -> EnqueueOptions {
    EnqueueOptions { by, ..EnqueueOptions::default() }
}

/// For what takes minutes: whatever else is due goes first.
fn behind() -> EnqueueOptions {
    EnqueueOptions { priority: -1, ..EnqueueOptions::default() }
}

macro_rules! schedule_job {
    ($(#[$doc:meta])* $name:ident, $kind:literal, |$conn:ident, $now:ident| $enqueue:expr) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        pub struct $name {}

        impl Job for $name {
            const KIND: &'static str = $kind;
            type Ctx = Arc<App>;

            fn unique_key(&self) -> Option<String> {
                Some(String::new())
            }

            async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
                let $now = app.now();
                let mut conn = app.conn().await?;
                conn.transaction::<_, Error, _>(async |$conn| {
                    run.fence($conn).await.map_err(Error::internal)?;
                    $enqueue.await.map(drop)
                })
                .await?;
                Ok(())
            }
        }
    };
}

schedule_job!(
    /// By the clock: as [`start`].
    Schedule, "schedule_syncs", |conn, _now| enqueue_all(conn, None)
);
schedule_job!(
    /// By the clock: usage. Apart from the desktops, because the first reading of a large estate takes minutes, and costs.
    ScheduleUsage, "schedule_usage", |conn, now| enqueue_usage(conn, now)
);
schedule_job!(
    /// By the clock: who did what. The first look back takes minutes at the pace that AWS allows.
    ScheduleEvents, "schedule_events", |conn, _now| enqueue_events(conn)
);
schedule_job!(
    /// By the clock: costs.
    ScheduleBilling, "schedule_billing", |conn, now| enqueue_billing(conn, now)
);

/// An account-region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    account: AccountId,
    region: String,
}

macro_rules! sync_job {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $capability:ident, $sweep:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Place);

        impl Job for $name {
            const KIND: &'static str = $kind;
            type Ctx = Arc<App>;

            fn unique_key(&self) -> Option<String> {
                Some(format!("{}/{}", self.0.account, self.0.region))
            }

            async fn run(self, app: Arc<App>, run: Run) -> std::result::Result<(), JobError> {
                let Some(sweep) = begin(app, run, self.0, Capability::$capability).await? else { return Ok(()) };
                let outcome = $sweep(&sweep).await;
                end(&sweep, outcome).await
            }
        }
    };
}

sync_job!(
    /// Desktops; then tags and connections of those that there are.
    SyncDesktops, "sync_desktops", Desktops, sweep_desktops
);
sync_job!(
    /// Bundles and directories: the names behind ids.
    SyncBundles, "sync_bundles", Bundles, sweep_bundles
);
sync_job!(
    /// Tags, in one paged call for all desktops.
    SyncTags, "sync_tags", Tags, sweep_tags
);
sync_job!(
    /// Who is connected, and when last, in batches of 25.
    SyncConnections, "sync_connection_status", ConnectionStatus, sweep_connections
);
sync_job!(
    /// When desktops were used, as often as the settings say.
    SyncUsage, "sync_usage", Usage, sweep_usage
);
sync_job!(
    /// Who did what to desktops.
    SyncEvents, "sync_events", Events, sweep_events
);

/// Every region of every account.
async fn places(conn: &mut AsyncPgConnection) -> Result<Vec<Place>> {
    let accounts = store::accounts::list(conn).await?;
    let of = |it: contract::accounts::Account| {
        let account = it.id;
        it.regions.into_iter().map(move |region| Place { account, region })
    };
    Ok(accounts.into_iter().flat_map(of).collect())
}

/// A reading that began a little later than usual does not put off the next one by a whole round.
const USAGE_SLACK: TimeDelta = TimeDelta::minutes(30);

/// What a sync of a few thousand desktops takes.
const BEHIND_DESKTOPS: TimeDelta = TimeDelta::seconds(20);

/// Whether it is time to read the usage of a place. It is not before its desktops are known.
async fn usage_is_due(
    conn: &mut AsyncPgConnection,
    place: &Place,
    every: TimeDelta,
    now: DateTime<Utc>,
) -> Result<bool> {
    let target = |capability| Target { account: place.account, region: &place.region, capability };
    let seen = store::syncs::succeeded_at(conn, target(Capability::Desktops)).await?.is_some();
    let last = store::syncs::succeeded_at(conn, target(Capability::Usage)).await?;
    Ok(seen && last.is_none_or(|last| now - last >= every - USAGE_SLACK.min(every / 2)))
}

/// One look at one capability of one account-region.
struct Sweep {
    app: Arc<App>,
    run: Run,
    place: Place,
    capability: Capability,
    session: cloud::Session,
    label: String,
    /// This run of it.
    began: DateTime<Utc>,
}

/// How long one run of a long sweep may be.
const TURN: TimeDelta = TimeDelta::seconds(60);

/// What a killed run leaves for the next.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    /// When the sweep began, which names it: what it came across is kept under this time.
    began: DateTime<Utc>,
    /// Where AWS goes on; for connections the last desktop asked about.
    token: Option<String>,
    done: i64,
}

/// Notes that a look begins. `None` when somebody removed the account or the region meanwhile.
async fn begin(
    app: Arc<App>,
    run: Run,
    place: Place,
    capability: Capability,
) -> std::result::Result<Option<Sweep>, JobError> {
    let mut conn = app.conn().await?;
    let account = store::accounts::find(&mut conn, place.account).await?;
    let Some(account) = account.filter(|it| it.regions.contains(&place.region)) else { return Ok(None) };
    let target = Target { account: place.account, region: &place.region, capability };
    let began = app.now();
    store::syncs::begin(&mut conn, target, began).await?;
    let rate = store::settings::read(&mut conn).await?.aws_calls_per_second;
    drop(conn);
    let session = accounts::session(&app, &account, &place.region, rate).await;
    let label = format!("{} / {}", account.name, place.region);
    let sweep = Sweep { app, run, place, capability, session, label, began };
    // Named before AWS is asked, so that also a look that is denied at once has a name.
    sweep.progress(0, None);
    Ok(Some(sweep))
}

/// Notes how a look ended.
async fn end(sweep: &Sweep, outcome: Swept) -> std::result::Result<(), JobError> {
    let target =
        Target { account: sweep.place.account, region: &sweep.place.region, capability: sweep.capability };
    let now = sweep.app.now();
    let error = match outcome {
        Ok(rows) => return Ok(store::syncs::succeed(&mut *sweep.app.conn().await?, target, now, rows).await?),
        Err(SweepError::Job(error)) => return Err(error),
        Err(SweepError::Capped) => {
            let mut conn = sweep.app.conn().await?;
            let cap = store::settings::read(&mut conn).await?.aws_monthly_cap;
            let said = spend::used_up(cap);
            return Ok(store::syncs::fail(&mut conn, target, SyncState::Failed, now, None, &said).await?);
        }
        Err(SweepError::Cloud(error)) => error,
    };
    let state = match &error {
        error if error.is_denial() => SyncState::Denied,
        CloudError::Throttled { .. } => SyncState::Throttled,
        _ => SyncState::Failed,
    };
    let mut said = error.for_people();
    if state != SyncState::Denied {
        said.push_str(". Skydesk tries again by itself; until then it shows what it saw before.");
    }
    let note = Progress { label: sweep.label.clone(), note: Some(said.clone()), ..Progress::default() };
    sweep.run.progress(json!(note));
    store::syncs::fail(&mut *sweep.app.conn().await?, target, state, now, error.denied_action(), &said)
        .await?;
    match error {
        // The next scheduled look tries again; trying at once changes no policy.
        _ if state == SyncState::Denied => Ok(()),
        error @ CloudError::TokenRejected { .. } => {
            sweep.run.save(&None::<Mark>).await?;
            Err(JobError::retry(error))
        }
        error => Err(JobError::retry(error)),
    }
}

/// Why a sweep ended early: AWS, what it would cost, or our own side.
enum SweepError {
    Cloud(CloudError),
    Capped,
    Job(JobError),
}

impl From<CloudError> for SweepError {
    fn from(error: CloudError) -> Self {
        Self::Cloud(error)
    }
}

impl From<Error> for SweepError {
    fn from(error: Error) -> Self {
        Self::Job(JobError::retry(error))
    }
}

type Swept = std::result::Result<i64, SweepError>;

impl Sweep {
    /// A look now, as part of the sweep that the mark belongs to.
    fn look(&self, mark: &Mark) -> Look<'_> {
        let Place { account, region } = &self.place;
        Look { account: *account, region, began: mark.began, at: self.app.now() }
    }

    /// Where an earlier run stopped. One that stopped at the end leaves no token: the sweep begins anew, with its count.
    fn mark(&self) -> Mark {
        let fresh = || Mark { began: self.app.now(), token: None, done: 0 };
        saved::<Option<Mark>>(&self.run).flatten().filter(|it| it.token.is_some()).unwrap_or_else(fresh)
    }

    fn progress(&self, done: i64, total: Option<i64>) {
        let progress = Progress { label: self.label.clone(), done, total, note: None };
        self.run.progress(json!(progress));
    }

    /// Keeps the place in the transaction of what was written, which a run that lost its lease cannot commit.
    async fn keep(&self, conn: &mut AsyncPgConnection, mark: &Mark) -> Result<()> {
        self.run.save_on(conn, &Some(mark)).await.map_err(Error::internal)
    }

    /// As [`Sweep::stopped`]; and what takes long gives its place at the worker to what waits, and goes on after it.
    fn pause(&self) -> std::result::Result<(), SweepError> {
        if self.app.now() - self.began > TURN {
            return Err(SweepError::Job(JobError::snooze(std::time::Duration::ZERO)));
        }
        self.stopped()
    }

    fn stopped(&self) -> std::result::Result<(), SweepError> {
        if self.run.cancelled().is_cancelled() {
            return Err(SweepError::Job(JobError::snooze(std::time::Duration::ZERO)));
        }
        Ok(())
    }
}

fn saved<T: DeserializeOwned>(run: &Run) -> Option<T> {
    // A place that an older release kept otherwise is no place: begin anew.
    run.saved().unwrap_or_default()
}
