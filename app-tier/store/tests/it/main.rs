//! The store against a real PostgreSQL, named by `SKYDESK_TEST_DATABASE_URL`; every test has a schema of its own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed; clippy knows tests by their attribute only"
)]

mod answers;
mod billing;
mod confinement;
mod estate;
mod events;
mod figures;
mod harness;
mod house;
mod known_values;
mod lists;
mod migrations;
mod overview;
mod plans;
mod pool;
mod sweeps;
mod tables;
mod tags_and_connections;
mod usage;
