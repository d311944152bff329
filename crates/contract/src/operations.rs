//! Operations: what Skydesk does to desktops in AWS, from the proposal to the last desktop.
//!
//! Starting, stopping and rebooting happen when an operator says so; the rest is proposed, and an administrator decides.
//! No call to AWS happens inside a request: a worker takes the steps, and each desktop has an outcome of its own.

mod settling;
mod tagging;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{JobId, OperationId, RecommendationId, WorkspaceId},
    money::{Currency, Money},
    names::words,
    problem::FieldError,
};

pub use self::{
    settling::{DesktopVerdict, Evidence, EvidenceEvent, Settled, Settlement, Verdict},
    tagging::{Tagging, TaggingAccount},
};

/// The most desktops of one operation.
pub const MOST_DESKTOPS: usize = 500;
/// The longest reason of an operation, and the longest note of who settles it, in characters.
pub const MAX_NOTE_CHARS: usize = 1000;
/// Days after which nobody can approve a proposal any more.
pub const PROPOSAL_DAYS: i64 = 14;

words! {
    /// What can be done to desktops.
    pub enum OperationAction {
        Start = "start", "Start";
        Stop = "stop", "Stop";
        Reboot = "reboot", "Reboot";
        /// The system anew from its bundle, the user's volume from its last snapshot.
        Rebuild = "rebuild", "Rebuild";
        SetRunningMode = "set_running_mode", "Change running mode";
        /// The AutoStop timeout.
        SetTimeout = "set_timeout", "Change timeout";
        SetComputeType = "set_compute_type", "Change compute type";
        /// Sets and removes tags.
        Tag = "tag", "Tag";
        /// Irreversible, with all its user's data.
        Terminate = "terminate", "Terminate";
    }
}

impl OperationAction {
    /// It happens when an operator says so; the others wait for an administrator.
    #[must_use]
    pub fn is_direct(self) -> bool {
        matches!(self, Self::Start | Self::Stop | Self::Reboot)
    }
}

/// What is set. Which fields an action takes: `set_running_mode` the mode, with the timeout where it is `AUTO_STOP`;
/// `set_timeout` the timeout; `set_compute_type` the type; `tag` tags to set, names of tags that are to hold each desktop's own
/// id, and names to remove; the others none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// `AUTO_STOP`, `ALWAYS_ON`, … as AWS spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running_mode: Option<String>,
    /// Whole hours: 60, 120, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_stop_minutes: Option<i32>,
    /// `STANDARD`, `POWER`, … as AWS spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Names of tags whose value is the desktop's own id. Only of what is asked for: what a desktop is set to has the id among
    /// its `tags`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_id_tags: Vec<String>,
    /// Names of tags to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_tags: Vec<String>,
}

impl Parameters {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `POST /api/operations/preview` and `POST /api/operations`: either an action with its desktops, or a recommendation, from
/// which all of that is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewOperation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation_id: Option<RecommendationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<OperationAction>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workspace_ids: Vec<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Parameters::is_empty")]
    pub parameters: Parameters,
    /// Why, for who decides and for the audit log; [`MAX_NOTE_CHARS`] at most.
    #[serde(default)]
    pub reason: String,
    /// What the preview asks to be typed, where it asks. Not looked at by the preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
}

/// What is wrong with a reason or a note, for the field at `pointer`.
#[must_use]
pub fn check_note(pointer: &str, note: &str) -> Option<FieldError> {
    let too_long = note.trim().chars().count() > MAX_NOTE_CHARS;
    too_long.then(|| FieldError::new(pointer, format!("takes {MAX_NOTE_CHARS} characters at most")))
}

/// `POST /api/operations/{id}/approve` and `/reject`; also `/cancel` and `/undo`, which look at the note only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Why.
    #[serde(default)]
    pub note: String,
    /// To approve what is typed to be proposed is typed once more: [`OperationSummary::confirmation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
}

/// What would happen. Nothing is written by asking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    pub action: OperationAction,
    pub parameters: Parameters,
    /// What happens, in one sentence.
    pub summary: String,
    pub steps: Vec<Step>,
    pub desktops: Vec<PreviewDesktop>,
    /// Desktops that have a `problem`: with any of them the operation is refused.
    pub problems: i64,
    /// What one should know before: connected users, data that is lost, a month that is paid already.
    pub warnings: Vec<String>,
    /// What has to be typed into `confirmation`, exactly. `null`: nothing.
    pub confirmation: Option<String>,
    /// An administrator has to approve it.
    pub needs_approval: bool,
    /// And it has to be another one than who proposes it.
    pub needs_another_person: bool,
    pub undoable: bool,
    pub predicted: Option<Predicted>,
}

/// One desktop of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewDesktop {
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub region: String,
    /// As AWS spells it, when it was last looked at.
    pub aws_state: String,
    pub before: Parameters,
    pub set: Parameters,
    /// Why it cannot be done to this one, with what would help.
    pub problem: Option<String>,
}

/// What a recommendation said it would save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Predicted {
    pub saves_p50: Money,
    pub saves_p90: Money,
    pub currency: Currency,
    /// Of the days from this one to before the other.
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// The recommendation's sentence.
    pub why: String,
}

words! {
    /// Where an operation is in its life.
    pub enum OperationState {
        /// Waits for an administrator.
        Proposed = "proposed", "Proposed";
        /// Approved, or needs no approval; waits for a worker.
        Queued = "queued", "Queued";
        /// Under way, or waiting for AWS.
        Running = "running", "Running";
        /// Done to every desktop.
        Done = "done", "Done";
        /// Done to some desktops; the others say why not.
        PartlyDone = "partly_done", "Partly done";
        /// Done to none.
        Failed = "failed", "Failed";
        /// Of at least one desktop it cannot be told whether it was done. It is not tried again: somebody looks, and settles it.
        Unknown = "unknown", "Unknown";
        Rejected = "rejected", "Rejected";
        /// Withdrawn or stopped before anything was done.
        Cancelled = "cancelled", "Cancelled";
        /// Nobody decided in time.
        Expired = "expired", "Expired";
    }
}

impl OperationState {
    /// It will not change any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Proposed | Self::Queued | Self::Running)
    }
}

/// An operation as lists and live progress show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationSummary {
    pub id: OperationId,
    pub action: OperationAction,
    pub parameters: Parameters,
    /// What it does, in one sentence.
    pub summary: String,
    pub state: OperationState,
    pub counts: DesktopCounts,
    /// The only desktop, where there is but one.
    pub workspace_id: Option<WorkspaceId>,
    pub user_name: Option<String>,
    pub reason: String,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    /// When the proposal can no longer be approved; `null` for what needs no approval.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who approved or rejected it.
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decision_note: Option<String>,
    /// What had to be typed.
    pub confirmation: Option<String>,
    pub recommendation_id: Option<RecommendationId>,
    pub predicted: Option<Predicted>,
    /// It takes back this operation.
    pub undo_of: Option<OperationId>,
    /// It is taken back by this operation, which was not rejected or cancelled.
    pub undone_by: Option<OperationId>,
    /// There is something to take back, and nobody has proposed it yet.
    pub undoable: bool,
    pub job_id: Option<JobId>,
    pub began_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// `GET /api/operations/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operation {
    #[serde(flatten)]
    pub operation: OperationSummary,
    pub steps: Vec<Step>,
    pub desktops: Vec<OperationDesktop>,
}

/// How many desktops are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DesktopCounts {
    pub total: i64,
    /// Planned or waiting: nothing was asked of AWS.
    pub waiting: i64,
    /// Asked of AWS, or accepted by it.
    pub under_way: i64,
    pub done: i64,
    /// Refused here, or failed in AWS.
    pub failed: i64,
    pub unknown: i64,
    pub cancelled: i64,
}

/// One desktop of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationDesktop {
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub region: String,
    /// The step that does it.
    pub step: i32,
    pub state: DesktopState,
    /// What it was set to when the operation was proposed, of what the operation sets; once it is under way, right before.
    pub before: Parameters,
    pub set: Parameters,
    /// The intent was written down, then AWS was called.
    pub called_at: Option<DateTime<Utc>>,
    /// AWS answered.
    pub answered_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    /// AWS's error code, where it gave one.
    pub code: Option<String>,
    /// Why it failed or was refused, in AWS's words where they are AWS's; or what cannot be told.
    pub message: Option<String>,
    /// What speaks for either; `null` unless the state is `unknown` and the operation has ended.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Who said how it went, where it could not be told.
    #[serde(default)]
    pub settled: Option<Settled>,
}

words! {
    /// Where one desktop of an operation is.
    pub enum DesktopState {
        /// The operation is not approved.
        Planned = "planned", "Planned";
        /// Its turn has not come.
        Waiting = "waiting", "Waiting";
        /// AWS is called, and has not answered as far as is written down.
        Calling = "calling", "Calling AWS";
        /// AWS took it; the desktop is on its way.
        Accepted = "accepted", "Accepted by AWS";
        /// Seen as it was to become.
        Done = "done", "Done";
        /// Not asked of AWS, because it was in no state for it, or another than when it was proposed.
        Refused = "refused", "Not done";
        /// AWS refused it, or it ended otherwise.
        Failed = "failed", "Failed";
        /// It cannot be told whether it was done.
        Unknown = "unknown", "Unknown";
        Cancelled = "cancelled", "Cancelled";
    }
}

impl DesktopState {
    /// It will not change any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Planned | Self::Waiting | Self::Calling | Self::Accepted)
    }
}

/// A step of an operation, planned or taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// From 1.
    pub number: i32,
    /// What it does: "`StopWorkspaces` for 25 desktops in production, eu-west-1".
    pub label: String,
    /// The IAM action that it needs, where it calls AWS.
    pub api: Option<String>,
    /// Desktops that it is about, and those that are through it, however it went.
    pub desktops: i64,
    pub through: i64,
    pub state: StepState,
    pub began_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

words! {
    /// Where a step is.
    pub enum StepState {
        Waiting = "waiting", "Waiting";
        Running = "running", "Running";
        /// Every desktop came through it well.
        Done = "done", "Done";
        /// At least one desktop did not.
        Failed = "failed", "Failed";
        Cancelled = "cancelled", "Cancelled";
    }
}
