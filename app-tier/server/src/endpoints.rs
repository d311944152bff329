//! The operations, one module for each resource.

pub mod accounts;
pub mod admin;
pub mod ai;
pub mod auth;
pub mod jobs;
pub mod overview;
pub mod reports;
pub mod stream;
pub mod users;
pub mod workspaces;
