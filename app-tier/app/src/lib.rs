//! The use-cases: what the house does when somebody, or the clock, asks for something.
//!
//! The only place that opens transactions, writes audit rows and enqueues jobs, and the only one that knows all of store,
//! live, cloud, assistant and reports. Deliberately knows no HTTP. Invariant: no function here holds a database connection
//! across a call to AWS, the model, Redis or the file store.

pub mod accounts;
pub mod audit;
pub mod auth;
pub mod billing;
pub mod bootstrap;
pub mod context;
pub mod error;
pub mod evaluations;
pub mod events;
pub mod files;
pub mod housekeeping;
pub mod jobs;
pub mod lists;
pub mod migrations;
pub mod operations;
pub mod overview;
pub mod questions;
pub mod recommendations;
pub mod reports;
pub mod savings;
pub mod schedules;
pub mod settings;
pub mod simulations;
pub mod spend;
pub mod stats;
pub mod stream;
pub mod syncs;
pub mod synonyms;
pub mod usage;
pub mod users;
pub mod views;
pub mod workspaces;

pub use context::{Actor, App, Clock, OpCx};
pub use error::{Error, Result};

/// The jobs of the house, for a worker.
#[must_use]
pub fn registry() -> queue::Registry<std::sync::Arc<App>> {
    queue::Registry::new()
        .register::<syncs::Schedule>()
        .register::<syncs::SyncDesktops>()
        .register::<syncs::SyncBundles>()
        .register::<syncs::SyncTags>()
        .register::<syncs::SyncConnections>()
        .register::<syncs::ScheduleUsage>()
        .register::<syncs::ScheduleEvents>()
        .register::<syncs::SyncUsage>()
        .register::<syncs::SyncEvents>()
        .register::<syncs::ScheduleBilling>()
        .register::<syncs::SyncBilling>()
        .register::<syncs::SettleBilling>()
        .register::<questions::RefreshKnownValues>()
        .register::<recommendations::Advise>()
        .register::<operations::RunOperation>()
        .register::<reports::MakeReport>()
        .register::<views::ReportViews>()
        .register::<evaluations::Evaluate>()
        .register::<housekeeping::Prune>()
}
