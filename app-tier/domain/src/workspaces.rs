//! Desktops as a sync sees them, and what is different from the last time.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::usage::Series;

/// A desktop as `DescribeWorkspaces` tells it. Enumerations stay texts: AWS adds values without asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenWorkspace {
    pub id: String,
    pub directory_id: String,
    pub bundle_id: Option<String>,
    pub user_name: String,
    pub computer_name: Option<String>,
    pub ip_address: Option<String>,
    pub subnet_id: Option<String>,
    pub state: String,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub running_mode: Option<String>,
    pub auto_stop_minutes: Option<i32>,
    pub compute_type: Option<String>,
    pub root_volume_gib: Option<i32>,
    pub user_volume_gib: Option<i32>,
    pub operating_system: Option<String>,
    /// Several are joined by a comma.
    pub protocol: Option<String>,
    pub root_encrypted: bool,
    pub user_encrypted: bool,
    /// It is kept for a desktop in another region, and unused as long as nothing happens to that one.
    pub standby: bool,
}

/// A bundle as `DescribeWorkspaceBundles` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBundle {
    pub id: String,
    pub name: String,
    pub owner: Option<String>,
    pub compute_type: Option<String>,
}

/// A directory as `DescribeWorkspaceDirectories` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDirectory {
    pub id: String,
    pub name: Option<String>,
    pub alias: Option<String>,
    pub state: Option<String>,
}

/// A row of `DescribeWorkspacesConnectionStatus`. Desktops that are new or broken have none, which is not "never".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenConnection {
    pub workspace_id: String,
    pub state: String,
    pub checked_at: Option<DateTime<Utc>>,
    pub last_connected_at: Option<DateTime<Utc>>,
}

/// The tags of one desktop. `tag:GetResources` answers only for what is or was tagged: absence means no tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenTags {
    pub workspace_id: String,
    pub tags: BTreeMap<String, String>,
}

/// What the metric of one desktop says of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUsage {
    pub workspace_id: String,
    /// Only what AWS told: where it has no point, nothing was observed.
    pub series: Series,
    /// AWS answered for the whole span. Where it did not, the span is to be asked for again.
    pub complete: bool,
}
