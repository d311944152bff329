//! How the house itself does.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::overview::Count;

/// `GET /api/admin/stats`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stats {
    pub version: String,
    /// Of the server process that answered.
    pub started_at: DateTime<Utc>,
    pub desktops: i64,
    /// Rows kept of desktops that no longer exist.
    pub desktops_gone: i64,
    pub accounts: i64,
    pub users: i64,
    pub changes: i64,
    pub reports: i64,
    pub jobs: Vec<Count>,
    /// Questions of the last 24 hours by who read them; refused and asked back too.
    pub questions: Vec<Count>,
    pub database_bytes: i64,
    /// Database connections of this process: in use, and the bound.
    pub connections_in_use: u32,
    pub connections_max: u32,
}
