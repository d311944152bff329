//! The first page: what there is, how fresh it is, and what went wrong.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{accounts::Capability, ids::AccountId};

/// A value and how many desktops have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Count {
    pub value: String,
    pub count: i64,
}

/// `GET /api/overview`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    pub desktops: i64,
    pub connected: i64,
    /// Not connected for 30 days, or never since Skydesk knows them.
    pub idle: i64,
    pub by_state: Vec<Count>,
    pub by_mode: Vec<Count>,
    pub by_region: Vec<Count>,
    pub by_account: Vec<Count>,
    pub freshness: Vec<Freshness>,
    pub changes_today: i64,
}

/// How the last look at one capability of one account-region went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freshness {
    pub account_id: AccountId,
    pub account: String,
    pub region: String,
    pub capability: Capability,
    pub state: SyncState,
    /// When it last succeeded; what is shown is as of then.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When it was last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// Rows read by the last success.
    pub rows: i64,
    /// The IAM action that was refused, such as `sts:AssumeRole`.
    pub denied_action: Option<String>,
    /// What AWS said, shortened.
    pub message: Option<String>,
}

/// The outcome of the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    Never,
    Running,
    Ok,
    Denied,
    Throttled,
    Failed,
}

impl SyncState {
    pub const ALL: [SyncState; 6] = [
        SyncState::Never,
        SyncState::Running,
        SyncState::Ok,
        SyncState::Denied,
        SyncState::Throttled,
        SyncState::Failed,
    ];

    /// The name on the wire and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SyncState::Never => "never",
            SyncState::Running => "running",
            SyncState::Ok => "ok",
            SyncState::Denied => "denied",
            SyncState::Throttled => "throttled",
            SyncState::Failed => "failed",
        }
    }

    /// The reverse of [`SyncState::name`].
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}
