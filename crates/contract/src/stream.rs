//! What `GET /api/stream` sends: server-sent events whose data is JSON.

use serde::{Deserialize, Serialize};

use crate::{jobs::Job, operations::OperationSummary};

/// One event. Its name on the stream is the tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum StreamEvent {
    /// A job moved. Sent for those one may see.
    Job(Box<Job>),
    /// An operation moved. Sent to those who may see operations; its desktops and steps are read when somebody looks.
    Operation(Box<OperationSummary>),
    /// Events were missed (a slow reader, Redis away): read the lists again.
    Resync {},
}
