//! Who did what to desktops, as CloudTrail tells it.
//!
//! CloudTrail forgets after 90 days; what was read once stays. It tells of calls to AWS, not of people who sign in to
//! their desktop, and some minutes late.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::{EventId, WorkspaceId};

/// One call to AWS and one of the desktops it was about: a call for several desktops is that many of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Unique; ends the order of lists.
    pub entry: String,
    /// AWS's own, the same for all desktops of a call.
    pub id: EventId,
    pub at: DateTime<Utc>,
    /// AWS's name of the operation, such as `ModifyWorkspaceProperties`.
    pub name: String,
    /// What that was, in some words: "set running mode `ALWAYS_ON`", "stopped".
    pub summary: String,
    pub account: String,
    pub region: String,
    /// `null` for calls that name no desktop.
    pub workspace_id: Option<WorkspaceId>,
    /// Who the desktop is for, where it is known.
    pub user_name: Option<String>,
    /// Who called, by the name that people know: of a user, of a role's session, of a service.
    pub actor: String,
    pub actor_arn: Option<String>,
    /// Who took on the role, where the account makes everybody say so.
    pub source_identity: Option<String>,
    pub source_ip: Option<String>,
    pub user_agent: Option<String>,
    /// The call looked and changed nothing. Skydesk's own looks are left out.
    pub read_only: bool,
    /// Why AWS did not do it: of this desktop, or of the whole call.
    pub error_code: Option<String>,
    pub error_message: Option<String>,
}

/// `GET /api/events/actions`: events that people would call one deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Actions {
    /// What the answer covers: `[from, until)`. It begins later than asked for where there were too many events.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Latest first.
    pub items: Vec<Action>,
}

/// The same done by the same actor in one go, in as many calls and to as many desktops as it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Action {
    pub account: String,
    pub actor: String,
    /// AWS's name of the operation.
    pub name: String,
    pub summary: String,
    /// Why AWS did not do it; what it did is another action.
    pub error_code: Option<String>,
    pub began_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    /// Sorted.
    pub regions: Vec<String>,
    /// Sorted, each once.
    pub workspace_ids: Vec<WorkspaceId>,
    /// The calls, earliest first.
    pub event_ids: Vec<EventId>,
}
