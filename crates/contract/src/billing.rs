//! What AWS charges: by service, account, region and tag, and for each desktop, with where every figure is from.
//!
//! Invariants: amounts of different currencies never meet in one sum; and what desktops are charged for and the
//! difference to what AWS says of the service are, together, exactly that. Days and months are those of the bill, in UTC.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, WorkspaceId},
    money::{Currency, Money},
    names::words,
    recommendations::PriceOrigin,
};

/// The service of the desktops, by the name that Cost Explorer has for it.
pub const DESKTOPS_SERVICE: &str = "Amazon WorkSpaces";

words! {
    /// Where a figure is from. The order is that of trust, the best first.
    #[derive(PartialOrd, Ord)]
    pub enum CostSource {
        /// Cost Explorer, by service: what is on the bill.
        Service = "service", "Cost Explorer";
        /// Cost Explorer by resource: AWS tells it for the last 14 days.
        Resource = "resource", "Cost Explorer, by desktop";
        /// Cost Explorer by the tag that holds the desktop's own id.
        Tag = "tag", "Cost Explorer, by tag";
        /// Some days are known by resource, the others are modelled.
        Mixed = "mixed", "By desktop and modelled";
        /// Price × billable hours, and the month's fee.
        Model = "model", "Modelled";
    }
}

words! {
    /// How far a figure can be relied on, the best first.
    #[derive(PartialOrd, Ord)]
    pub enum CostStatus {
        /// The bill of that time is closed.
        Final = "final", "Final";
        /// It may still change: the bill is open, or something that it rests on is an estimate.
        Estimated = "estimated", "Estimated";
        /// A part of it is not known.
        Partial = "partial", "Partial";
    }
}

/// An amount and all that there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    pub amount: Money,
    pub currency: Currency,
    pub source: CostSource,
    pub status: CostStatus,
    /// When AWS was asked; for sums the oldest of it.
    pub as_of: DateTime<Utc>,
}

words! {
    /// How long a period is.
    pub enum Step {
        Day = "day", "Day";
        Month = "month", "Month";
    }
}

/// `GET /api/billing?group_by=service&by=month&from=2026-01-01&until=2026-12-01`
///
/// `group_by` is `service`, `account`, `region` or `tag:NAME`; the latter are desktops by month alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Billing {
    pub group_by: String,
    pub by: Step,
    /// `[from, until)`; whole months for months.
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// One for each currency that something was charged in; in nearly all houses one.
    pub currencies: Vec<CurrencyCosts>,
    /// How the last reading of each account went. Where it is not `ok`, figures are as old as their `as_of`.
    pub readings: Vec<Reading>,
    pub cost_tag: CostTag,
    pub asking: Asking,
}

/// All that was charged in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrencyCosts {
    pub currency: Currency,
    pub total: Figure,
    /// Each period in which something was charged, oldest first.
    pub periods: Vec<Period>,
    /// The dearest first. They add up to `total`.
    pub groups: Vec<Group>,
    /// To the end of the running month, if that is in the answer and enough is known.
    pub forecast: Option<Forecast>,
    /// Desktops beside the service that they are charged under: of each account and month, the latest first. Present
    /// where months of that service are in the answer.
    pub reconciliation: Vec<Reconciliation>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Period {
    /// Its first day.
    pub from: NaiveDate,
    pub total: Figure,
}

/// A service, account, region or value of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    pub kind: GroupKind,
    /// The value; for people's eyes in the other kinds.
    pub label: String,
    pub total: Figure,
    /// Those in which something was charged, oldest first. They add up to `total`.
    pub periods: Vec<Period>,
}

words! {
    /// What a group stands for.
    #[derive(PartialOrd, Ord)]
    pub enum GroupKind {
        /// One value.
        Value = "value", "Value";
        /// The values that are too many to list.
        Others = "others", "Others";
        /// Desktops without that tag.
        Untagged = "untagged", "Without the tag";
        /// What AWS charges for the service beyond what is known of desktops.
        Difference = "difference", "Not told by desktop";
    }
}

/// What the running month will come to: what is known of it, and for the rest what such days cost of late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    pub month: NaiveDate,
    /// Charged up to before `known_until`.
    pub to_date: Money,
    /// Days before this one are known whole.
    pub known_until: NaiveDate,
    /// To the end of the month, and between what it will most likely be (eight of ten).
    pub expected: Money,
    pub low: Money,
    pub high: Money,
    pub currency: Currency,
    /// Days that it rests on; firsts of months, with their fees, are not among them.
    pub days: u32,
    /// One sentence.
    pub how: String,
}

/// Desktops beside the service that they are charged under, of one account and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reconciliation {
    pub account_id: AccountId,
    pub account: String,
    pub month: NaiveDate,
    /// What AWS says of the service; `null`: it does not tell (see `readings`), or charges nothing in this currency.
    pub total: Option<Figure>,
    /// What is known of desktops, by source and status.
    pub parts: Vec<Part>,
    /// `total` less all parts: taxes, credits, maintenance, pools, what no source tells; and, where it is below zero,
    /// what was modelled too high. `null` without a total.
    pub difference: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Part {
    pub desktops: i64,
    pub figure: Figure,
}

/// What is read of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reading {
    pub account_id: AccountId,
    pub account: String,
    pub part: ReadingPart,
    pub state: ReadingState,
    pub tried_at: Option<DateTime<Utc>>,
    pub succeeded_at: Option<DateTime<Utc>>,
    /// The IAM action that was refused.
    pub denied_action: Option<String>,
    /// What AWS said, and what to do about it.
    pub message: Option<String>,
}

words! {
    pub enum ReadingPart {
        Services = "services", "By service and region";
        Resources = "resources", "By desktop, the last 14 days";
        Tags = "tags", "By the tag with the desktop's id";
    }
}

words! {
    pub enum ReadingState {
        Never = "never", "Never read";
        Running = "running", "Being read";
        Ok = "ok", "Read";
        Denied = "denied", "Denied";
        /// AWS has it once somebody turns it on: the message says who, and where.
        NotEnabled = "not_enabled", "Not turned on";
        /// What Skydesk may spend in a month is spent.
        Capped = "capped", "Limit reached";
        Failed = "failed", "Failed";
    }
}

/// The tag that holds each desktop's own id, by which Cost Explorer tells what desktops cost also beyond 14 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostTag {
    /// `cost_tag` of the settings.
    pub key: String,
    /// When AWS was last asked.
    pub asked_at: Option<DateTime<Utc>>,
    pub state: CostTagState,
    /// What to do next, in one or two sentences.
    pub next: String,
}

words! {
    pub enum CostTagState {
        /// No desktop has it.
        Unused = "unused", "Not in use";
        /// Desktops have it, but the account that pays has not turned it on for costs.
        Inactive = "inactive", "Not activated";
        Active = "active", "Activated";
        /// AWS does not let this account look, or was not asked yet.
        Unknown = "unknown", "Not known";
    }
}

/// What asking AWS has cost in the running month, over all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asking {
    pub month: NaiveDate,
    /// USD.
    pub spent: Money,
    /// `aws_monthly_cap` of the settings, USD.
    pub cap: Money,
}

/// `GET /api/workspaces/{id}/billing?months=13&days=35`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceBilling {
    pub workspace_id: WorkspaceId,
    /// Of which anything is known, the latest first.
    pub months: Vec<WorkspaceMonth>,
    /// The last `days` days on which anything was charged, the latest first. Fees of a month are on its first day.
    pub days: Vec<WorkspaceDay>,
    /// `null`: it has no known price.
    pub price: Option<WorkspacePrice>,
    /// Whether AWS tells costs of this desktop's account by desktop, and by tag.
    pub readings: Vec<Reading>,
    pub cost_tag: CostTag,
    /// Whether this desktop has the tag with its own id.
    pub has_cost_tag: bool,
}

/// A month of one desktop, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceMonth {
    /// Its first day.
    pub month: NaiveDate,
    /// The best that is known; what lists, sums and charts take.
    pub cost: Figure,
    /// What each source says by itself, the best first.
    pub sources: Vec<Told>,
}

/// What one source says of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Told {
    pub figure: Figure,
    /// Days of the month that it knows; by resource these may be few.
    pub days: u32,
}

/// A day of one desktop, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceDay {
    pub day: NaiveDate,
    /// The best that is known.
    pub cost: Figure,
    /// What was reckoned, whether or not AWS tells more.
    pub modelled: Option<Money>,
    /// Billable hours that the reckoning rests on.
    pub billable_hours: Option<u32>,
}

/// What is reckoned with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspacePrice {
    /// `null`: not known. Without all three nothing is modelled.
    pub always_on_month: Option<Money>,
    pub auto_stop_month: Option<Money>,
    pub auto_stop_hour: Option<Money>,
    pub currency: Currency,
    pub origin: PriceOrigin,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_of_two_is_the_greater() {
        assert!(CostStatus::Final < CostStatus::Estimated && CostStatus::Estimated < CostStatus::Partial);
        assert!(CostSource::Resource < CostSource::Model);
    }
}
