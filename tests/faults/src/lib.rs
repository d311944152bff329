//! The whole house, for tests that take parts of it away.
//!
//! Every service is a child process of the test: it can be stopped, killed, paused and started again at its old port.
//! How each is run comes from `cargo xtask test --only faults`, which has prepared the database and keeps none running.
//! Nothing here knows the inside of the product but the tables that a test looks into.
//!
//! Invariants: one test at a time has the house, whatever runs the tests; each begins with an empty one; no service
//! outlives its test.

mod desk;
mod house;
mod service;

use std::time::Duration;

use anyhow::bail;

pub use self::{
    desk::{Answer, Desk},
    house::{House, files_below, report_of_changes},
    service::Service,
};

/// Between two looks.
const BEAT: Duration = Duration::from_millis(25);

/// Looks until there is something to see.
///
/// # Errors
/// A look failed, or nothing came within the time.
pub async fn eventually<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = tokio::time::Instant::now() + within;
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if tokio::time::Instant::now() > deadline {
            bail!("waited {within:?} in vain: {what}");
        }
        tokio::time::sleep(BEAT).await;
    }
}

/// A number of seconds.
#[must_use]
pub const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
