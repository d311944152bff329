//! The first page: what there is, how fresh it is, and what went wrong.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Capability,
    ids::{AccountId, WorkspaceId},
    money::{Currency, Money},
    names::words,
};

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

/// `GET /api/overview/costs`: where the money goes, and what could be kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewCosts {
    /// The last month that has ended, its first day.
    pub month: NaiveDate,
    /// Accounts' services that cost most more, or less, in that month than in the one before. Those without a figure in
    /// one of the two are no movers.
    pub services: Vec<ServiceMover>,
    /// Desktops, likewise; only those whose both months are known whole.
    pub desktops: Vec<DesktopMover>,
    /// What desktops cost in that month that are idle by the setting `idle_days`, by currency.
    pub idle: Vec<IdleSpend>,
    /// What the open recommendations would save, the best one of each desktop, by currency.
    pub open: Vec<OpenSavings>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceMover {
    pub account: String,
    pub service: String,
    pub currency: Currency,
    pub before: Money,
    pub after: Money,
    /// The bill may still change.
    pub estimated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DesktopMover {
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub currency: Currency,
    pub before: Money,
    pub after: Money,
    pub estimated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdleSpend {
    pub currency: Currency,
    /// Those of the idle ones whose cost is known.
    pub desktops: i64,
    pub cost: Money,
    pub estimated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSavings {
    pub currency: Currency,
    pub desktops: i64,
    pub p50: Money,
    pub p90: Money,
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

words! {
    /// The outcome of the last look.
    pub enum SyncState {
        Never = "never";
        Running = "running";
        Ok = "ok";
        Denied = "denied";
        Throttled = "throttled";
        Failed = "failed";
    }
}
