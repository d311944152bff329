//! Telling the application what happens to jobs, while it happens.
//!
//! Events are for live views: they may be dropped when the listener is slow, and say nothing that the rows do not.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::State;

/// Events that wait for the hook. More than this are dropped: whoever watches can always read the row.
const WAITING_EVENTS: usize = 1024;
/// A hook that takes longer is given up, so that a stuck one cannot hold up a shutdown.
const HOOK_LIMIT: Duration = Duration::from_secs(5);

/// Something happened to a job in this worker.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JobEvent {
    pub id: i64,
    pub kind: &'static str,
    /// Who asked for the job.
    pub by: Option<i64>,
    pub change: Change,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A run began; 1 is the first attempt.
    Started { attempt: u16 },
    /// The run told how far it is, in the job's own words.
    Progress(Value),
    /// The run ended and left the job in this state; `Waiting` means that it will run again.
    Ended(State),
}

pub(crate) type Hook = Arc<dyn Fn(JobEvent) -> BoxFuture<'static, ()> + Send + Sync>;

/// The sending end, cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Events(Option<mpsc::Sender<JobEvent>>);

impl Events {
    pub(crate) fn send(&self, event: JobEvent) {
        if let Some(sender) = &self.0
            && let Err(mpsc::error::TrySendError::Full(event)) = sender.try_send(event)
        {
            tracing::warn!(
                job.id = event.id,
                job.kind = event.kind,
                "Dropped a job event, the listener is slow"
            );
        }
    }
}

/// A channel, and the future that feeds `hook` from it until all senders are gone.
pub(crate) fn channel(hook: Option<Hook>) -> (Events, BoxFuture<'static, ()>) {
    let Some(hook) = hook else { return (Events(None), futures::future::ready(()).boxed()) };
    let (sender, mut receiver) = mpsc::channel(WAITING_EVENTS);
    let feed = async move {
        while let Some(event) = receiver.recv().await {
            if tokio::time::timeout(HOOK_LIMIT, hook(event)).await.is_err() {
                tracing::warn!("Gave up on a listener to job events that took too long");
            }
        }
    };
    (Events(Some(sender)), feed.boxed())
}
