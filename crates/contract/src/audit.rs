//! The audit log: who changed what in Skydesk. Written in the same transaction as the change itself.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::AuditId;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: DateTime<Utc>,
    /// The user's name; `system` for schedules and the command line.
    pub actor: String,
    /// `account.create`, `user.update`, `sync.start`, …
    pub action: String,
    /// What it was done to: `account:3`, `user:ada`, …
    pub subject: String,
    /// What exactly, without secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub detail: serde_json::Value,
    pub request_id: Option<String>,
    pub address: Option<String>,
}
