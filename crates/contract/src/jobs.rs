//! Durable jobs as administrators and progress bars see them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ids::JobId, names::words};

words! {
    /// Where a job is in its life.
    pub enum JobState {
        Waiting = "waiting";
        Running = "running";
        Done = "done";
        /// Gave up; an administrator can drive it again.
        Dead = "dead";
        Cancelled = "cancelled";
    }
}

impl JobState {
    /// It will not change any more by itself.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, JobState::Done | JobState::Dead | JobState::Cancelled)
    }
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// What it works on, for people: `production / eu-west-1`.
    #[serde(default)]
    pub label: String,
    /// Things done so far.
    #[serde(default)]
    pub done: i64,
    /// Things there are, when that is known.
    #[serde(default)]
    pub total: Option<i64>,
    /// What it waits for, or why it ended as it did.
    #[serde(default)]
    pub note: Option<String>,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    /// `sync_desktops`, `make_report`, …
    pub kind: String,
    pub state: JobState,
    /// It runs, and was told to stop.
    #[serde(default)]
    pub cancel_requested: bool,
    pub progress: Progress,
    pub attempt: i32,
    pub max_attempts: i32,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Who asked; `null` for the schedule.
    pub requested_by: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it may start (again).
    pub run_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// What it was asked to do.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: serde_json::Value,
}

/// The 202 answer of an operation that made jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobsAccepted {
    pub jobs: Vec<JobId>,
}
