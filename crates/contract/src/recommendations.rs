//! Changes that would save money, as the engine advises them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{OperationId, RecommendationId, WorkspaceId},
    money::{Currency, Money},
    names::words,
};

/// `GET /api/recommendations`: what to change about one desktop. The greatest saving first, unless told otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recommendation {
    pub id: RecommendationId,
    pub workspace_id: WorkspaceId,
    pub user_name: String,
    pub account: String,
    pub region: String,
    pub running_mode: Option<String>,
    pub auto_stop_minutes: Option<i32>,
    pub compute_type: Option<String>,
    pub action: Action,
    /// The timeout to set, of [`Action::SetTimeout`].
    pub minutes: Option<i32>,
    /// The day from which it holds, where that is not at once.
    pub holds_from: Option<NaiveDate>,
    /// One sentence.
    pub why: String,
    /// What it saves until `saves_until` if as many hours come as are expected.
    pub saves_p50: Money,
    /// What it saves at least in nine of ten cases.
    pub saves_p90: Money,
    pub currency: Currency,
    /// The savings are of the days to before this one.
    pub saves_until: NaiveDate,
    /// The chance that it saves anything, in percent.
    pub confidence: i32,
    /// A price or a day of usage that it rests on is not exact.
    pub estimated: bool,
    /// Usage from this day to before the other.
    pub usage_from: NaiveDate,
    pub usage_until: NaiveDate,
    pub days_known: i32,
    pub days_missing: i32,
    pub prices: PriceOrigin,
    pub made_at: DateTime<Utc>,
    /// An operation that does it and has not ended.
    #[serde(default)]
    pub operation_id: Option<OperationId>,
}

words! {
    /// What could be changed.
    pub enum Action {
        ToAlwaysOn = "to_always_on", "Switch to AlwaysOn";
        ToAutoStop = "to_auto_stop", "Switch to AutoStop";
        SetTimeout = "set_timeout", "Change the timeout";
        /// Irreversible, with all its user's data.
        Terminate = "terminate", "Terminate";
    }
}

words! {
    /// Where the prices behind a figure are from.
    pub enum PriceOrigin {
        /// AWS's price list.
        Listed = "listed";
        /// The table that came with the program.
        Offline = "offline";
        /// At least one price is that of the same desktop with other volumes.
        Estimated = "estimated";
    }
}
