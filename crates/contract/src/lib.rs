//! What travels between the tiers: wire types, ids, permissions, error codes and query plans.
//!
//! It deliberately does no I/O, reads no clock and knows no framework, so that the browser (wasm32), the servers
//! and the tests share one definition of every shape. With the `openapi` feature each type also describes itself.
//!
//! Invariant: a type that leaves a process is defined here and nowhere else.

pub mod accounts;
pub mod audit;
pub mod auth;
pub mod billing;
pub mod catalog;
pub mod changes;
pub mod evaluations;
pub mod events;
pub mod health;
pub mod ids;
pub mod jobs;
pub mod money;
mod names;
pub mod operations;
pub mod overview;
pub mod page;
pub mod problem;
pub mod query;
pub mod questions;
pub mod recommendations;
pub mod reports;
pub mod savings;
pub mod schedules;
pub mod settings;
pub mod simulations;
pub mod stats;
pub mod stream;
pub mod synonyms;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;
