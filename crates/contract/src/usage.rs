//! When a desktop was used, and how many hours of AutoStop that makes.
//!
//! Days and months are those of the bill, in UTC. Only the picture of the week has the asker's time zone.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::WorkspaceId;

/// `GET /api/workspaces/{id}/usage?days=63&time_zone=Europe/Berlin`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    pub workspace_id: WorkspaceId,
    /// What the answer covers: `[from, until)`.
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// From the first to the last point that was ever read; `null`: usage was never read.
    pub observed_from: Option<DateTime<Utc>>,
    pub observed_until: Option<DateTime<Utc>>,
    /// Part of the covered time in which it is known whether a user was connected, 0 to 100 %, rounded down.
    pub observed_percent: u8,
    pub activity: Activity,
    /// The last connection that is known of.
    pub last_used_at: Option<DateTime<Utc>>,
    /// The timeout that hours are computed with: the desktop's own, or AWS's default of 60 minutes.
    pub timeout_minutes: u16,
    /// Oldest first.
    pub sessions: Vec<UsageSession>,
    /// Each day of the covered time on which somebody was connected or hours are billable, oldest first.
    pub days: Vec<UsageDay>,
    /// Every month that the covered time touches, from its first day, oldest first: people compare whole months.
    pub months: Vec<UsageMonth>,
    /// Billable hours of the covered time under each timeout that AWS offers to choose from.
    pub by_timeout: Vec<TimeoutHours>,
    /// Minutes connected, by weekday from Monday and hour of the day, in `time_zone`.
    pub week: Vec<Vec<u32>>,
    /// An IANA name.
    pub time_zone: String,
}

/// How a desktop is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Usage was never read.
    Unknown,
    /// No connection since the first point.
    Never,
    /// Used once, but not for as many days as `idle_days` of the settings says.
    Abandoned,
    Used,
}

/// What a person would call one use of a desktop: connections that AutoStop did not come between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageSession {
    pub began_at: DateTime<Utc>,
    /// The last five minutes in which a user was connected began then.
    pub last_seen_at: DateTime<Utc>,
    /// When AutoStop's timer ends, and with it the billing.
    pub billed_until: DateTime<Utc>,
    pub connected_minutes: u32,
    /// For more than 15 minutes nobody knows whether a user was connected, and it matters.
    pub estimated: bool,
    /// The timer has not ended.
    pub open: bool,
}

/// A day in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDay {
    pub day: NaiveDate,
    pub connected_minutes: u32,
    /// Hours that AutoStop would bill; a desktop in AlwaysOn pays none of them.
    pub billable_hours: u32,
    pub estimated: bool,
}

/// A month of the bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageMonth {
    /// Its first day.
    pub month: NaiveDate,
    pub connected_minutes: u32,
    pub billable_hours: u32,
    pub estimated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeoutHours {
    pub timeout_minutes: u16,
    pub billable_hours: u32,
}
