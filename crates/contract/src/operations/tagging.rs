//! Giving every desktop the cost tag: how many lack it, and which of them the next operation can take.

use serde::{Deserialize, Serialize};

use crate::ids::WorkspaceId;

/// `GET /api/billing/tagging`: desktops and the tag `cost_tag` of the settings, as the last sync saw them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tagging {
    pub key: String,
    /// Desktops that have it with their own id as its value.
    pub desktops_with: i64,
    /// Those that lack it or have another value: the sum of `proposed`, `blocked` and `ready`.
    pub desktops_without: i64,
    /// Of those: an operation that has not ended gives it to them.
    pub proposed: i64,
    /// Of those: nobody can give it to them now. Their account has no role for operations, their tags were never read, or
    /// another operation is at them.
    pub blocked: i64,
    /// Of those: an operation can give it to them.
    pub ready: i64,
    /// The first of the ready ones, by account and region: as many as one operation takes.
    pub workspace_ids: Vec<WorkspaceId>,
    /// By account, those with desktops.
    pub accounts: Vec<TaggingAccount>,
}

/// The same of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaggingAccount {
    pub account: String,
    pub desktops_with: i64,
    pub desktops_without: i64,
    /// It has a role for operations.
    pub can_act: bool,
}
