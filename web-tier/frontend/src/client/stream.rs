//! Following `GET /api/stream`: connects, reads, and comes back with the last id when the line breaks.
//!
//! Deliberately keeps no state of jobs; that is [`crate::live`]'s. Invariant: at most one connection per follower,
//! and none after its handle was dropped.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use contract::{jobs::Job, operations::OperationSummary};
use futures::future::{AbortHandle, Either, abortable, select};
use gloo_timers::future::TimeoutFuture;
use yew::Callback;

use super::{
    Client,
    failure::Failure,
    sse::{Event, Parser},
};

/// The server sends a sign of life more often than this; silence beyond it means a dead line.
const SILENCE_MS: u32 = 90_000;
const FIRST_PAUSE_MS: u32 = 1_000;
/// Long enough to spare a server that restarts, short enough to be noticed.
const LONGEST_PAUSE_MS: u32 = 30_000;

/// What the follower is told.
#[derive(Debug)]
pub enum Heard {
    /// The line stands.
    Connected,
    /// The line broke; it is being tried again.
    Lost,
    /// These jobs moved, oldest first.
    Jobs(Vec<Job>),
    /// These operations moved, oldest first.
    Operations(Vec<OperationSummary>),
    /// Something was missed: read again.
    Resync,
}

/// Ends the following when dropped.
#[derive(Debug)]
pub struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where a follower was, so that the next one goes on from there.
#[derive(Debug, Default)]
pub struct Place {
    last_id: RefCell<Option<String>>,
    /// Somebody has followed before.
    known: Cell<bool>,
}

/// Follows until the handle is dropped or the session ends.
#[must_use]
pub fn follow(client: Client, place: Rc<Place>, told: Callback<Heard>) -> Following {
    let (work, handle) = abortable(async move { run(&client, &place, &told).await });
    wasm_bindgen_futures::spawn_local(async {
        let _aborted = work.await;
    });
    Following(handle)
}

async fn run(client: &Client, place: &Place, told: &Callback<Heard>) {
    let mut failures = 0;
    loop {
        let mut parser = Parser::default();
        let last_id = place.last_id.borrow().clone();
        match client.open("/api/stream", last_id.as_deref()).await {
            Ok(stream) => {
                told.emit(Heard::Connected);
                if place.known.replace(true) && last_id.is_none() {
                    // Without an id to come back with, what was sent meanwhile is lost.
                    told.emit(Heard::Resync);
                }
                failures = 0;
                while let Either::Left((Some(bytes), _)) =
                    select(Box::pin(stream.next()), TimeoutFuture::new(SILENCE_MS)).await
                {
                    let events = parser.feed(&bytes);
                    if let Some(id) = events.iter().rev().find_map(|it| it.id.clone()) {
                        *place.last_id.borrow_mut() = Some(id);
                    }
                    tell(&events, told);
                }
            }
            Err(failure) if failure.code().is_some_and(|it| it.status() == 401) => {
                match client.renew().await {
                    Err(Failure::Problem(problem)) if problem.status == 401 => return,
                    Err(_) => {}
                    // A fresh token that is refused as well must not become a loop without pauses.
                    Ok(()) if failures == 0 => {
                        failures += 1;
                        continue;
                    }
                    Ok(()) => {}
                }
                told.emit(Heard::Lost);
            }
            // This role has no stream.
            Err(failure) if failure.code().is_some_and(|it| it.status() == 403) => return,
            Err(_) => told.emit(Heard::Lost),
        }
        // The server ends each stream with its token's time; that alone is no news.
        let pause = parser.retry_ms().unwrap_or(FIRST_PAUSE_MS).max(pause_ms(failures));
        TimeoutFuture::new(pause).await;
        failures += 1;
    }
}

fn tell(events: &[Event], told: &Callback<Heard>) {
    let Sorted { jobs, operations, resync } = sort_out(events);
    if !jobs.is_empty() {
        told.emit(Heard::Jobs(jobs));
    }
    if !operations.is_empty() {
        told.emit(Heard::Operations(operations));
    }
    if resync {
        told.emit(Heard::Resync);
    }
}

/// Events by what they tell of.
#[derive(Debug, Default)]
struct Sorted {
    jobs: Vec<Job>,
    operations: Vec<OperationSummary>,
    /// Something was missed. What cannot be read counts as missed.
    resync: bool,
}

fn sort_out(events: &[Event]) -> Sorted {
    let mut sorted = Sorted::default();
    for event in events {
        match event.name.as_str() {
            "job" => match serde_json::from_str(&event.data) {
                Ok(job) => sorted.jobs.push(job),
                Err(_other_version) => sorted.resync = true,
            },
            "operation" => match serde_json::from_str(&event.data) {
                Ok(operation) => sorted.operations.push(operation),
                Err(_other_version) => sorted.resync = true,
            },
            "resync" => sorted.resync = true,
            // Names that a newer server may know.
            _ => {}
        }
    }
    sorted
}

/// The pause after so many failures in a row.
fn pause_ms(failures: u32) -> u32 {
    FIRST_PAUSE_MS.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.into(), data: data.into(), id: None }
    }

    const JOB: &str = r#"{"id":7,"kind":"sync_tags","state":"running","progress":{"label":"prod / eu-west-1","done":3,"total":9},
        "attempt":1,"max_attempts":5,"error":null,"requested_by":"ada","created_at":"2026-03-03T00:00:00Z",
        "run_at":"2026-03-03T00:00:00Z","started_at":null,"finished_at":null,"payload":{}}"#;

    #[test]
    fn jobs_are_read_and_what_is_unreadable_counts_as_missed() {
        let sorted = sort_out(&[event("job", JOB), event("later", "?")]);
        assert_eq!((sorted.jobs.len(), sorted.resync), (1, false));
        assert_eq!(sorted.jobs[0].progress.total, Some(9));
        for name in ["job", "operation", "resync"] {
            assert!(sort_out(&[event(name, "{}")]).resync, "{name}");
        }
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        assert_eq!([0, 1, 2, 5, 60].map(pause_ms), [1_000, 2_000, 4_000, 30_000, 30_000]);
    }
}
