//! The app-tier's door: HTTP in, use-cases called, problems out; and the place where all configuration is read.
//!
//! Deliberately without rules and without SQL: a handler names its permission, calls one use-case of `app` and shapes the
//! response. Invariant: every operation is in [`routes::OPERATIONS`] with its permission, or as public.

pub mod config;
pub mod endpoints;
pub mod house;
pub mod http;
pub mod openapi;
pub mod require;
pub mod respond;
pub mod routes;
