//! What happens by the clock.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::ScheduleId;

/// A row that makes jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    pub id: ScheduleId,
    /// `sync`, `prune`, …
    pub name: String,
    /// Five fields: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// IANA name.
    pub timezone: String,
    pub enabled: bool,
    /// The planned time of the last run.
    pub last_planned_at: Option<DateTime<Utc>>,
    /// `null` when disabled.
    pub next_planned_at: Option<DateTime<Utc>>,
}

/// `PUT /api/admin/schedules/{id}`: what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ScheduleUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}
