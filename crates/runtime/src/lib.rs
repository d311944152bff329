//! What both servers share: environment to configuration, logs, request ids, problems, health, metrics, serving.
//!
//! It deliberately knows no resource and no database: what is here would be the same for any JSON service behind a
//! proxy. A server builds its `App` from [`serve::app`], which puts the parts in the one order that works:
//! edge (request id, headers, problems) → span and access log → metrics → panics → routes.
//!
//! Invariant: every response with a status of 400 or above that is not a health report carries a
//! [`contract::problem::Problem`] with the request's id, and no cause of an error ever leaves the process but in logs.

pub mod config;
mod edge;
pub mod extract;
pub mod health;
pub mod metrics;
mod panics;
pub mod problem;
pub mod request_id;
pub mod serve;
pub mod telemetry;
mod tls;

pub use self::{
    problem::{ApiError, ApiResult},
    request_id::RequestId,
};
