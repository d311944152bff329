//! How every list answers.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque: send it back as `cursor` for the next page. `null` on the last one.
    pub next: Option<String>,
    /// Rows that match the filter, on all pages together.
    pub total: i64,
}

/// The largest `limit` a list accepts.
pub const MAX_LIMIT: u32 = 200;
/// The `limit` when none is given.
pub const DEFAULT_LIMIT: u32 = 50;
