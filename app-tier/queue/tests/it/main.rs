//! The queue against a real PostgreSQL, named by `SKYDESK_TEST_DATABASE_URL`; every test has a schema of its own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed; clippy knows tests by their attribute only"
)]

mod admin;
mod enqueueing;
mod harness;
mod leases;
mod outages;
mod outcomes;
mod progress;
mod scheduling;
mod stopping;
