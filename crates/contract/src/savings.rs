//! The savings ledger: what applied changes were said to save, and what they saved.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{OperationId, WorkspaceId},
    money::{Currency, Money},
    operations::{OperationAction, Parameters},
    recommendations::PriceOrigin,
};

/// `GET /api/savings`: changes of running mode, timeout and compute type and terminations that Skydesk made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Savings {
    /// The first month of the answer, its first day.
    pub from: NaiveDate,
    /// The day it was reckoned on: later days are in no figure that is `realised`.
    pub until: NaiveDate,
    /// Latest first; a month has one for each currency.
    pub months: Vec<SavingsMonth>,
    /// The changes, latest first.
    pub items: Vec<SavingsItem>,
    /// Over all months, one for each currency.
    pub total: Vec<SavingsTotal>,
    /// There are more changes than are looked at; the oldest are left out of every figure.
    pub cut: bool,
}

/// One month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavingsMonth {
    /// Its first day.
    pub month: NaiveDate,
    pub currency: Currency,
    /// What the recommendations said for this month, of the changes that have one. `null`: none has.
    pub predicted: Option<Money>,
    /// What the changes whose savings can be told saved; negative where they cost more. `null`: none can be told.
    pub realised: Option<Money>,
    /// Of the changes in `realised`, what was said for this month: what the two can be compared by.
    pub predicted_of_realised: Option<Money>,
    /// The month has not ended: `realised` is so far.
    pub so_far: bool,
    /// Changes that count in this month.
    pub changes: i64,
    /// Of those, the ones whose saving cannot be told; each says why.
    pub untold: i64,
    /// A price or a day of usage under `realised` is not exact.
    pub estimated: bool,
}

/// One change of one desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavingsItem {
    pub operation_id: OperationId,
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub region: String,
    pub action: OperationAction,
    pub before: Parameters,
    /// Empty after a termination.
    pub after: Parameters,
    pub applied_at: DateTime<Utc>,
    pub proposed_by: String,
    /// It counts for the days before this one: that of the desktop's next change or end, or a year later. `null`: it still
    /// counts.
    pub counts_until: Option<NaiveDate>,
    /// What the recommendation said, over all its days. `null`: there was none.
    pub predicted: Option<Money>,
    pub predicted_until: Option<NaiveDate>,
    /// What it saved so far, over the months of the answer; `null` when it cannot be told.
    pub realised: Option<Money>,
    pub currency: Option<Currency>,
    /// Why `realised` is `null`.
    pub untold: Option<String>,
    /// How `realised` was come by.
    pub source: SavingsSource,
    /// Where the prices are from, as they were when it was applied. `null`: there were none.
    pub prices: Option<PriceOrigin>,
    /// A price or a day of usage is not exact.
    pub estimated: bool,
    /// Days whose usage is not known, of those that count.
    pub days_missing: i32,
}

/// How a realised saving was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SavingsSource {
    /// The bill under the old settings less the bill under the new ones, both reckoned from the usage seen since and the
    /// prices of the day it was applied.
    Modelled,
}

/// Over all months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavingsTotal {
    pub currency: Currency,
    pub predicted: Option<Money>,
    pub realised: Option<Money>,
    pub changes: i64,
    pub untold: i64,
}
