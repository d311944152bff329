//! The change feed: what is different from the last time Skydesk looked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChangeId, EventId, OperationId, WorkspaceId},
    names::words,
};

words! {
    /// What kind of change.
    pub enum ChangeKind {
        /// Seen for the first time.
        Appeared = "appeared";
        /// A complete sweep no longer saw it.
        Gone = "gone";
        /// Seen again after it was gone.
        Returned = "returned";
        /// A field has another value.
        Changed = "changed";
    }
}

/// One change of one desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    pub id: ChangeId,
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub region: String,
    pub kind: ChangeKind,
    /// The field that changed, as it is called in a desktop; tags as `tags.NAME`. `null` unless `kind` is `changed`.
    pub field: Option<String>,
    pub old: Option<String>,
    pub new: Option<String>,
    /// When Skydesk noticed; the change itself lies between this and the look before.
    pub observed_at: DateTime<Utc>,
    /// Whose doing it was, as far as CloudTrail has told yet.
    pub by: Option<ChangeBy>,
    /// The operation of Skydesk's that made it, and who proposed that.
    #[serde(default)]
    pub operation: Option<ChangeOperation>,
}

/// The operation that a change follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeOperation {
    pub id: OperationId,
    pub proposed_by: String,
}

/// The event that a change follows from: the latest one that can have made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeBy {
    pub actor: String,
    pub event_id: EventId,
    pub at: DateTime<Utc>,
}
