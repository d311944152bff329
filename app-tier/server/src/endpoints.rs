//! The operations, one module for each resource.

pub mod accounts;
pub mod admin;
pub mod ai;
pub mod auth;
pub mod billing;
pub mod events;
pub mod jobs;
pub mod operations;
pub mod overview;
pub mod recommendations;
pub mod reports;
pub mod simulations;
pub mod stream;
pub mod synonyms;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;
