//! Redis: what may be lost. Rate limits, cached answers and live events.
//!
//! Nothing here is the only copy of anything: an emptied Redis costs speed, never data or safety. Everything that can
//! fail returns an error at once or within [`OPERATION_TIMEOUT`], and it is the caller who decides whether that opens
//! or closes the door; each function says which is meant.
//!
//! It is the only crate that names redis, and it knows no resource of Skydesk: names and values come from its callers.

mod cache;
mod connection;
mod events;
mod limits;

pub use crate::{
    cache::CacheKey,
    connection::{Live, LiveError, OPERATION_TIMEOUT},
    events::{BadEventId, Event, EventId, Events, Notice},
    limits::{Limit, Verdict},
};
