//! Whether a tier works.

use serde::{Deserialize, Serialize};

/// `GET /health/ready`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok` or `unavailable`.
    pub status: String,
    pub checks: Vec<Check>,
}

/// One dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Check {
    pub name: String,
    pub ok: bool,
    /// What is wrong, for people; constant texts only, no cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub elapsed_ms: u64,
}

/// `GET /api/ai/health`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AiHealth {
    /// The model can be asked. Rules and chips work without it.
    pub available: bool,
    /// The model that would be asked.
    pub model: Option<String>,
    /// The name of the grammar field that the server understands.
    pub dialect: Option<String>,
    /// Why it is not available.
    pub detail: Option<String>,
}
