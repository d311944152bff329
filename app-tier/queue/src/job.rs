//! What a job is, and how it may end.

use std::{error::Error, fmt, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::Run;

/// Any cause.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Work that survives crashes: its fields are the payload in the table.
///
/// A job may run more than once (a worker can die after the effect and before the note of it), so its effects are
/// idempotent, or written in a transaction that calls [`Run::fence`], or remembered by [`Run::save`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Stable for ever: it is in the table.
    const KIND: &'static str;
    /// Failures and lapsed leases after which the job is dead.
    const MAX_ATTEMPTS: u16 = 8;
    /// How long a silent worker keeps the job. It is renewed at a third of it.
    const LEASE: Duration = Duration::from_secs(60);
    /// What the worker hands to each run.
    type Ctx: Clone + Send + Sync + 'static;

    /// Jobs of one kind with the same key do not wait or run beside each other: enqueueing answers with the one there.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// Do the work. Return soon after [`Run::cancelled`]; a run that does not is dropped.
    fn run(self, cx: Self::Ctx, run: Run) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// How a run ends when it does not end well.
///
/// Like `anyhow::Error` it is no `std::error::Error` itself, so that `?` turns any error into [`JobError::Retry`].
pub enum JobError {
    /// Worth another attempt: after the given time, or by the usual backoff.
    Retry { source: BoxError, after: Option<Duration> },
    /// Nothing failed, something is not ready yet: come back later. Not an attempt.
    Snooze { after: Duration },
    /// Trying again cannot help.
    Fatal { source: BoxError },
}

impl JobError {
    /// Another attempt by the usual backoff.
    pub fn retry(source: impl Into<BoxError>) -> Self {
        Self::Retry { source: source.into(), after: None }
    }

    /// Another attempt after a time that the other side named.
    pub fn retry_after(source: impl Into<BoxError>, after: Duration) -> Self {
        Self::Retry { source: source.into(), after: Some(after) }
    }

    /// Come back later; this run does not count as an attempt.
    #[must_use]
    pub fn snooze(after: Duration) -> Self {
        Self::Snooze { after }
    }

    /// Give up at once.
    pub fn fatal(source: impl Into<BoxError>) -> Self {
        Self::Fatal { source: source.into() }
    }
}

impl<E: Into<BoxError>> From<E> for JobError {
    fn from(source: E) -> Self {
        Self::retry(source)
    }
}

impl fmt::Debug for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { source, after: None } => write!(f, "retry: {}", chain(source.as_ref())),
            Self::Retry { source, after: Some(after) } => {
                write!(f, "retry after {after:?}: {}", chain(source.as_ref()))
            }
            Self::Snooze { after } => write!(f, "snooze for {after:?}"),
            Self::Fatal { source } => write!(f, "fatal: {}", chain(source.as_ref())),
        }
    }
}

/// An error with its causes in one line, short enough for a row.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    const LONGEST: usize = 4000;
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    // PostgreSQL's text cannot hold NUL, and an error must not keep a failed job from being written down.
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_becomes_a_retry_that_keeps_its_causes() {
        fn fails() -> Result<(), JobError> {
            Err(anyhow::anyhow!("connection reset").context("could not list buckets"))?;
            Ok(())
        }
        let error = fails().unwrap_err();
        assert_eq!(format!("{error:?}"), "retry: could not list buckets: connection reset");
    }

    #[test]
    fn a_chain_fits_a_text_column() {
        let error = std::io::Error::other(format!("a\0{}", "x".repeat(10_000)));
        let text = chain(&error);
        assert!(text.starts_with("ax") && text.len() == 4000, "{}", text.len());
    }
}
