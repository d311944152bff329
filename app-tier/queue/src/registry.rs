//! Which kinds of job a worker knows.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;

use crate::{Job, JobError, Run, database};

/// Runs the payload of one kind.
pub(crate) type Handler<Ctx> =
    Arc<dyn Fn(Value, Ctx, Run) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// One kind of job, with its type erased.
pub(crate) struct Kind<Ctx> {
    pub(crate) name: &'static str,
    pub(crate) lease: Duration,
    pub(crate) max_attempts: u16,
    pub(crate) handler: Handler<Ctx>,
}

/// The kinds of job that a worker takes. Others wait in the table for a worker that knows them, so an old and a new
/// release can work side by side.
pub struct Registry<Ctx> {
    kinds: HashMap<&'static str, Kind<Ctx>>,
}

impl<Ctx: Clone + Send + Sync + 'static> Registry<Ctx> {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { kinds: HashMap::new() }
    }

    /// Also take jobs of type `J`.
    ///
    /// # Panics
    /// Two types under one name would run each other's payloads; that is a mistake to find at start-up.
    #[must_use]
    pub fn register<J: Job<Ctx = Ctx>>(mut self) -> Self {
        let handler: Handler<Ctx> = Arc::new(|payload, cx, run| match serde_json::from_value::<J>(payload) {
            Ok(job) => job.run(cx, run).boxed(),
            Err(source) => {
                let error = UnreadablePayload { kind: J::KIND, source };
                futures::future::ready(Err(JobError::fatal(error))).boxed()
            }
        });
        let kind = Kind { name: J::KIND, lease: J::LEASE, max_attempts: J::MAX_ATTEMPTS.max(1), handler };
        let other = self.kinds.insert(J::KIND, kind);
        assert!(other.is_none(), "two types of job are called {:?}", J::KIND);
        self
    }

    /// Gives every kind this lease in place of its own: how soon others take the jobs of a worker that was killed.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.kinds.values_mut().for_each(|kind| kind.lease = lease);
        self
    }

    /// The names of the kinds, in alphabetical order.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.kinds.keys().copied().collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Kind<Ctx>> {
        self.kinds.get(name)
    }

    pub(crate) fn limits(&self) -> KindLimits {
        let mut limits = KindLimits::default();
        for name in self.names() {
            if let Some(kind) = self.kinds.get(name) {
                limits.names.push(name.to_owned());
                limits.lease_ms.push(database::millis(kind.lease));
                limits.max_attempts.push(i32::from(kind.max_attempts));
            }
        }
        limits
    }
}

impl<Ctx: Clone + Send + Sync + 'static> Default for Registry<Ctx> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Ctx> fmt::Debug for Registry<Ctx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.kinds.keys()).finish()
    }
}

/// The kinds as parallel arrays, the way statements take them. They come from the running program and not from the
/// rows, so a release that changes a lease changes it for jobs that wait already.
#[derive(Debug, Default)]
pub(crate) struct KindLimits {
    pub(crate) names: Vec<String>,
    pub(crate) lease_ms: Vec<i64>,
    pub(crate) max_attempts: Vec<i32>,
}

#[derive(Debug, thiserror::Error)]
#[error("the payload does not fit the job {kind:?}")]
struct UnreadablePayload {
    kind: &'static str,
    source: serde_json::Error,
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Nothing;

    impl Job for Nothing {
        const KIND: &'static str = "nothing";
        type Ctx = ();

        async fn run(self, (): (), _run: Run) -> Result<(), JobError> {
            Ok(())
        }
    }

    #[test]
    fn one_lease_for_all_takes_the_place_of_their_own() {
        let own = Registry::new().register::<Nothing>();
        assert_eq!(own.limits().lease_ms, [60_000]);
        assert_eq!(own.with_lease(Duration::from_secs(7)).limits().lease_ms, [7_000]);
    }

    #[test]
    #[should_panic(expected = "two types of job are called \"nothing\"")]
    fn one_name_cannot_be_taken_twice() {
        let _ = Registry::new().register::<Nothing>().register::<Nothing>();
    }
}
