//! Durable jobs on PostgreSQL: leases, retries, schedules, progress.
//!
//! A [`Job`] is a serialisable value with a `run`. [`enqueue`] writes it on the caller's connection, so it commits
//! or vanishes with the caller's transaction. A [`Worker`] claims due jobs one by one under a lease, runs them
//! outside any transaction, renews the lease while they run, and writes the outcome only while the lease is its own.
//!
//! What this crate deliberately does not do: it knows nothing of the product that uses it, opens no port, reads no
//! environment, and never decides who may ask for a job. It promises *at least once*: a job may run again after a
//! crash, so its effects have to be idempotent or written through [`Run::fence`].
//!
//! Invariants:
//! - A row is changed by a run only under `id AND lease_id`; whoever lost the lease changes nothing.
//! - Times are the database's, never the worker's: leases hold between machines whose clocks differ.
//! - No connection is held while a job runs, except those that the job takes itself.

mod backoff;
mod claim;
mod database;
mod enqueue;
mod events;
mod job;
pub mod jobs;
mod listen;
mod registry;
mod run;
mod running;
pub mod schedules;
mod schema;
mod state;
mod supervise;
mod timetable;
mod worker;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};

pub use self::{
    database::Pool,
    enqueue::{EnqueueError, EnqueueOptions, Enqueued, active_with_key, enqueue},
    events::{Change, JobEvent},
    job::{BoxError, Job, JobError},
    registry::Registry,
    run::{FenceError, LeaseLost, Run, SaveError},
    state::State,
    timetable::{Timetable, TimetableError},
    worker::{Worker, WorkerError},
};

/// The tables of this crate. They are applied beside the application's own, into the same schema.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();
