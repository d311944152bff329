//! What a job holds while it runs: its number, its lease, its voice.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use diesel_async::AsyncPgConnection;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    Pool,
    claim::{self, Lease},
    database::{self, Unavailable},
};

/// One run of one job. Clones are the same run.
#[derive(Clone)]
pub struct Run(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) lease: Lease,
    pub(crate) lease_time: Duration,
    pub(crate) kind: &'static str,
    pub(crate) attempt: u16,
    pub(crate) by: Option<i64>,
    pub(crate) checkpoint: Option<Value>,
    pub(crate) pool: Pool,
    pub(crate) cancel: CancellationToken,
    pub(crate) stop: OnceLock<Stop>,
    pub(crate) progress: watch::Sender<Option<Value>>,
}

/// Why a run was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody cancelled the job.
    Asked,
    /// The worker is going down.
    Shutdown,
    /// The job is, or may be, another worker's.
    LeaseLost,
}

/// The job belongs to another run, or to nobody: this run must not have effects any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease of job {job} was lost")]
pub struct LeaseLost {
    pub job: i64,
}

/// Why a transaction could not be fenced.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    #[error(transparent)]
    Lost(#[from] LeaseLost),
    #[error("the lease could not be checked")]
    Database(#[from] diesel::result::Error),
}

/// Why a checkpoint could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error(transparent)]
    Lost(#[from] LeaseLost),
    #[error("the checkpoint is not JSON")]
    Json(#[from] serde_json::Error),
    #[error("the checkpoint could not be written")]
    Database(#[source] crate::BoxError),
}

impl Run {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The job's number.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.0.lease.job
    }

    /// Which attempt this is, from 1. Runs that snoozed or were handed back by a stopping worker are not counted.
    #[must_use]
    pub fn attempt(&self) -> u16 {
        self.0.attempt
    }

    /// Who asked for the job.
    #[must_use]
    pub fn by(&self) -> Option<i64> {
        self.0.by
    }

    /// Fires when the run should end: the job was cancelled, the worker stops, or the lease was lost. The run is
    /// dropped when it goes on for longer than the worker's grace.
    #[must_use]
    pub fn cancelled(&self) -> CancellationToken {
        self.0.cancel.clone()
    }

    /// Tell how far the job is, in its own words. Cheap and never blocks: a few times a second the latest value is
    /// written to the row, and the last one always is.
    pub fn progress(&self, value: Value) {
        self.0.progress.send_replace(Some(value));
    }

    /// What an earlier run of this job left by [`Run::save`].
    ///
    /// # Errors
    /// It has another shape than `T`; an older release may have written it.
    pub fn saved<T: DeserializeOwned>(&self) -> Result<Option<T>, serde_json::Error> {
        self.0.checkpoint.as_ref().map(T::deserialize).transpose()
    }

    /// Keep `state` for a run that has to go on from here. It is on disk when this returns.
    ///
    /// # Errors
    /// The lease was lost, or PostgreSQL refused.
    pub async fn save<T: Serialize + Sync>(&self, state: &T) -> Result<(), SaveError> {
        let state = serde_json::to_value(state)?;
        let wrote = async {
            let mut conn = database::connect(&self.0.pool).await?;
            database::bounded(claim::set_checkpoint(&mut conn, self.0.lease, &state)).await
        };
        let own = wrote.await.map_err(|error: Unavailable| SaveError::Database(error.into()))?;
        self.own(own).map_err(SaveError::Lost)
    }

    /// Like [`Run::save`], as part of the caller's transaction: the effects and the note of them commit together.
    ///
    /// # Errors
    /// The lease was lost, or PostgreSQL refused; the caller's transaction has to roll back.
    pub async fn save_on<T: Serialize + Sync>(
        &self,
        conn: &mut AsyncPgConnection,
        state: &T,
    ) -> Result<(), SaveError> {
        let state = serde_json::to_value(state)?;
        let own = claim::set_checkpoint(conn, self.0.lease, &state)
            .await
            .map_err(|error| SaveError::Database(error.into()))?;
        self.own(own).map_err(SaveError::Lost)
    }

    /// Prove, inside the caller's transaction, that this run still owns the job, and keep it so until that ends.
    /// Without it a run that was taken for dead could commit beside the one that replaced it.
    ///
    /// # Errors
    /// The lease was lost, or PostgreSQL refused; the caller's transaction has to roll back.
    pub async fn fence(&self, conn: &mut AsyncPgConnection) -> Result<(), FenceError> {
        let own = claim::fence(conn, self.0.lease).await?;
        self.own(own).map_err(FenceError::Lost)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Tell the run to stop. The first reason counts.
    pub(crate) fn stop(&self, why: Stop) {
        if self.0.stop.set(why).is_ok() {
            tracing::info!(job.id = self.id(), job.kind = self.0.kind, reason = ?why, "Stopping a job");
        }
        self.0.cancel.cancel();
    }

    fn own(&self, own: bool) -> Result<(), LeaseLost> {
        if own {
            return Ok(());
        }
        self.stop(Stop::LeaseLost);
        Err(LeaseLost { job: self.id() })
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("id", &self.id())
            .field("kind", &self.0.kind)
            .field("attempt", &self.attempt())
            .finish_non_exhaustive()
    }
}
