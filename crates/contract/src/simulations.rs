//! What a group of desktops would have cost under other rules.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// `GET /api/simulations`: the usage of whole calendar months, billed by today's prices under one rule after another.
///
/// It is a look back, not a forecast: everybody connects as he did. Amounts of different currencies are not added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Simulation {
    /// In the group that was asked for.
    pub desktops: i64,
    /// Of those, how many were looked at: all, or as many as an answer takes, picked by their ids, which AWS draws at
    /// random.
    pub looked_at: i64,
    /// Of those looked at, the ones that no sum has, and why.
    pub left_out: Vec<LeftOut>,
    /// The first day of the months, and the first one after them.
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// Days of desktops of which no usage is known. They count as days without use.
    pub unknown_days: i64,
    /// Desktops whose price, or some hour of whose usage, is not exact.
    pub estimated: i64,
    pub outcomes: Vec<Outcomes>,
}

/// Desktops that cannot be reckoned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOut {
    pub reason: Reason,
    pub desktops: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A running mode whose billing is not known, or one of the three prices is missing.
    NoPrice,
    /// The desktop is newer than the months, or its usage was not read for all of them.
    NotObserved,
}

impl Reason {
    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Reason::NoPrice => "without a known price",
            Reason::NotObserved => "not observed for the whole time",
        }
    }
}

/// The sums of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcomes {
    pub currency: Currency,
    pub desktops: i64,
    /// Each in the mode, and with the timeout, that it has today.
    pub as_it_is: Money,
    pub always_on: Money,
    pub auto_stop: Money,
    /// As the engine advises, followed every morning.
    pub advice: Money,
    /// The least that it could have cost, had the future been known.
    pub hindsight: Money,
    /// The rule of AWS's Cost Optimizer with one limit after another, from few hours to many.
    pub limits: Vec<AtLimit>,
    /// The desktops in AutoStop alone.
    pub timeouts: Timeouts,
}

/// To AlwaysOn when a month has more billable hours than the limit; back at the end of a month that had not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AtLimit {
    pub hours: u32,
    pub cost: Money,
    /// How often a mode was changed.
    pub switches: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeouts {
    pub desktops: i64,
    /// With the timeouts that they have.
    pub as_it_is: Money,
    pub choices: Vec<AtTimeout>,
}

/// All of them with this timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AtTimeout {
    pub minutes: u16,
    pub hours: i64,
    pub cost: Money,
}
