//! The API as clients meet it: real routes on a real port, real PostgreSQL and Redis, the AWS sandbox.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod accounts;
mod auth;
mod billing;
mod configuration;
mod costs;
mod docs;
mod evaluations;
mod events;
mod harness;
mod hostile;
mod jobs;
mod lists;
mod model;
mod operations;
mod proposals;
mod questions;
mod reports;
mod rights;
mod settling;
mod syncs;
mod tagging;
mod unsure;
mod usage;
mod users;
mod views;
