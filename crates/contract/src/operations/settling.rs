//! Settling what could not be told: what speaks for either, and what a person says in the end.
//!
//! Nothing of it asks AWS for anything. Evidence is what Skydesk has read anyway; the verdict is always a person's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Parameters;
use crate::{
    ids::{EventId, WorkspaceId},
    names::words,
};

words! {
    /// Whether it was done to a desktop.
    pub enum Verdict {
        Done = "done", "Done";
        NotDone = "not_done", "Not done";
    }
}

/// `POST /api/operations/{id}/settle`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Desktops of which it is not known; those that are left out stay so.
    pub desktops: Vec<DesktopVerdict>,
    /// How it was found out. Needed.
    #[serde(default)]
    pub note: String,
    /// [`Settlement::word`], typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
}

/// What somebody found out about one desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DesktopVerdict {
    pub workspace_id: WorkspaceId,
    pub verdict: Verdict,
}

impl Settlement {
    /// What has to be typed: the desktop's id where it is one, else the deed and how many.
    #[must_use]
    pub fn word(desktops: &[DesktopVerdict]) -> String {
        match desktops {
            [one] => one.workspace_id.0.clone(),
            many => format!("settle {} desktops", many.len()),
        }
    }
}

/// What Skydesk has read that speaks for either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// As AWS spells it, when it was last looked at. `null`: the desktop is gone.
    pub aws_state: Option<String>,
    /// When that was.
    pub observed_at: Option<DateTime<Utc>>,
    /// Of what the operation sets, what it is now.
    pub now: Parameters,
    /// `CloudTrail`'s calls of this kind for this desktop since Skydesk called, the latest first; a handful.
    pub events: Vec<EvidenceEvent>,
    /// Up to when `CloudTrail` was read without a gap; it tells of a call some minutes late. `null`: never.
    pub events_until: Option<DateTime<Utc>>,
    /// What follows, where something does. It is a proposal: nothing is settled by it.
    pub verdict: Option<Verdict>,
    /// Why that follows, or why nothing does.
    pub why: String,
}

/// A call that `CloudTrail` has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceEvent {
    pub id: EventId,
    pub at: DateTime<Utc>,
    /// AWS's name of the operation, such as `RebootWorkspaces`.
    pub name: String,
    pub actor: String,
    /// Why AWS did not do it to this desktop, or to none.
    pub error_code: Option<String>,
    /// It was called in this operation's own session, whose name nobody else uses.
    pub own: bool,
}

/// What somebody said about a desktop of which it could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settled {
    pub by: String,
    pub at: DateTime<Utc>,
    /// How it was found out.
    pub note: String,
}
