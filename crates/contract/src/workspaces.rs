//! Desktops: Amazon WorkSpaces as Skydesk knows them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{changes::Change, ids::WorkspaceId};

/// One desktop. What AWS has not told (yet, or ever) is `null`, never guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workspace {
    pub id: WorkspaceId,
    /// The account's name in Skydesk.
    pub account: String,
    /// AWS's 12-digit id.
    pub account_id: String,
    pub region: String,
    pub directory_id: String,
    /// The directory's name (`corp.example.com`), once directories are synced.
    pub directory: Option<String>,
    pub bundle_id: Option<String>,
    /// The bundle's name, once bundles are synced.
    pub bundle: Option<String>,
    pub user_name: String,
    pub computer_name: Option<String>,
    pub ip_address: Option<String>,
    pub subnet_id: Option<String>,
    /// As AWS spells it (`AVAILABLE`, `STOPPED`, …). An open set: AWS adds to it.
    pub state: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    /// `AUTO_STOP`, `ALWAYS_ON` or `MANUAL`. An open set.
    pub running_mode: Option<String>,
    pub auto_stop_minutes: Option<i32>,
    /// `STANDARD`, `POWER`, … An open set.
    pub compute_type: Option<String>,
    pub root_volume_gib: Option<i32>,
    pub user_volume_gib: Option<i32>,
    pub operating_system: Option<String>,
    /// `DCV`/`WSP` or `PCOIP`; AWS gives a list.
    pub protocol: Option<String>,
    pub root_encrypted: bool,
    pub user_encrypted: bool,
    /// `CONNECTED`, `DISCONNECTED` or `UNKNOWN`; `null`: AWS has no row for this desktop.
    pub connection: Option<String>,
    pub last_connected_at: Option<DateTime<Utc>>,
    /// When AWS was last asked about the connection; `null`: never successfully.
    pub connection_observed_at: Option<DateTime<Utc>>,
    /// `null`: tags were never read.
    pub tags: Option<BTreeMap<String, String>>,
    pub tags_observed_at: Option<DateTime<Utc>>,
    pub first_seen_at: DateTime<Utc>,
    /// When the desktop itself was last read from AWS.
    pub observed_at: DateTime<Utc>,
    /// When a complete sweep no longer saw it. Such rows are kept.
    pub gone_at: Option<DateTime<Utc>>,
}

/// `GET /api/workspaces/{id}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceDetail {
    #[serde(flatten)]
    pub workspace: Workspace,
    /// The newest changes first, at most 50.
    pub changes: Vec<Change>,
}
