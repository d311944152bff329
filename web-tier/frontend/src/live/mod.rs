//! What moves while the page is open: jobs from the stream, and when lists have to be read again.
//!
//! Deliberately two contexts: [`Live`] changes with every step of every job and is for progress bars; [`Epochs`]
//! changes only when something ended and is for lists.

mod batch;

use std::{collections::BTreeMap, rc::Rc};

use contract::{
    auth::Permission,
    ids::JobId,
    jobs::{Job, JobState},
    operations::OperationSummary,
};
use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub use batch::{Batch, Group};

use crate::{
    browser::{self, Listener},
    client::stream::{Heard, Place, follow},
    session::{use_client, use_session},
};

/// Counters that grow when lists have to be read again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Epochs {
    /// Desktops, changes, freshness.
    pub data: u32,
    /// Jobs and reports.
    pub jobs: u32,
    /// Operations; grows with each of their steps.
    pub operations: u32,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// The syncs that run, or the ones that ended last.
    pub syncs: Batch,
    /// Jobs whose progress a page shows: reports and evaluations.
    pub followed: BTreeMap<JobId, Job>,
    /// The last known state of whatever is no sync.
    others: BTreeMap<JobId, JobState>,
    pub epochs: Epochs,
    /// The line broke and is being tried again.
    pub lost: bool,
    /// How often something was missed.
    gaps: u32,
}

/// What happens to it.
#[derive(Debug)]
pub enum Step {
    /// These moved, at this millisecond.
    Moved(Vec<Job>, i64),
    /// These are all that wait or run.
    Unfinished(Vec<Job>, i64),
    /// These operations moved.
    Operations(Vec<OperationSummary>),
    Lost(bool),
    Resync,
    /// The reader has seen how the syncs ended.
    DismissSyncs,
}

impl Reducible for Live {
    type Action = Step;

    fn reduce(self: Rc<Self>, step: Step) -> Rc<Self> {
        let mut it = (*self).clone();
        match step {
            Step::Moved(jobs, now) => jobs.into_iter().for_each(|job| it.moved(job, now)),
            Step::Unfinished(jobs, now) => {
                it.syncs.keep_only(&jobs.iter().map(|job| job.id).collect());
                jobs.into_iter().for_each(|job| it.moved(job, now));
            }
            Step::Operations(moved) => {
                it.epochs.operations += 1;
                // What was done to desktops is written down by the same transaction.
                if moved.iter().any(|it| it.state.is_final()) {
                    it.epochs.data += 1;
                }
            }
            Step::Lost(lost) => it.lost = lost,
            Step::Resync => {
                it.gaps += 1;
                it.epochs.data += 1;
                it.epochs.jobs += 1;
                it.epochs.operations += 1;
            }
            Step::DismissSyncs => it.syncs = Batch::default(),
        }
        Rc::new(it)
    }
}

/// What somebody who presses Sync waits for. Usage and events follow by themselves and take minutes; they are under Jobs.
fn is_look(kind: &str) -> bool {
    kind.starts_with("sync_") && !matches!(kind, "sync_usage" | "sync_events" | "sync_billing")
}

/// What changes figures on pages when it ends, besides a sync: usage, events and costs, and what is reckoned from them.
fn brings_data(kind: &str) -> bool {
    kind.starts_with("sync_") || matches!(kind, "advise" | "settle_billing")
}

impl Live {
    fn moved(&mut self, job: Job, now: i64) {
        if is_look(&job.kind) {
            let was_running = self.syncs.is_running();
            let ended = job.state.is_final();
            if self.syncs.moved(job, now) {
                self.epochs.jobs += 1;
            }
            if was_running && ended && !self.syncs.is_running() {
                self.epochs.data += 1;
            }
        } else {
            let (id, state) = (job.id, job.state);
            let is_followed = matches!(job.kind.as_str(), "make_report" | "evaluate");
            let brings_data = brings_data(&job.kind);
            let known = self.others.insert(id, state);
            if is_followed {
                self.followed.insert(id, job);
            }
            if known != Some(state) {
                self.epochs.jobs += 1;
                if brings_data && state == JobState::Done {
                    self.epochs.data += 1;
                }
            }
        }
    }
}

pub type LiveHandle = UseReducerHandle<Live>;

#[derive(Debug, Properties, PartialEq)]
pub struct LiveProviderProps {
    pub children: Html,
}

/// Follows the stream for everything inside. Stands inside of a session.
#[component]
pub fn LiveProvider(props: &LiveProviderProps) -> Html {
    let session = use_session();
    let client = use_client();
    let live = use_reducer_eq(Live::default);
    let may_follow = session.may(Permission::StreamRead);
    let may_list = session.may(Permission::JobsRead);
    // A browser opens six connections to one host at most; tabs that nobody looks at must not use them up.
    let visible = use_state_eq(browser::is_visible);
    {
        let visible = visible.setter();
        use_effect_with((), move |()| {
            let look = Listener::on_window("visibilitychange", move |_| visible.set(browser::is_visible()));
            move || drop(look)
        });
    }
    let place = use_memo((), |()| Place::default());
    {
        let (client, live) = (client.clone(), live.dispatcher());
        use_effect_with(may_follow && *visible, move |may_follow| {
            let following = may_follow.then(|| {
                let told = Callback::from(move |heard| {
                    live.dispatch(match heard {
                        Heard::Connected => Step::Lost(false),
                        Heard::Lost => Step::Lost(true),
                        Heard::Jobs(jobs) => Step::Moved(jobs, browser::now().timestamp_millis()),
                        Heard::Operations(moved) => Step::Operations(moved),
                        Heard::Resync => Step::Resync,
                    });
                });
                follow(client, place, told)
            });
            move || drop(following)
        });
    }
    {
        // What was under way before this page was loaded, and after a gap. A failure only means no bars.
        let (live, gaps) = (live.dispatcher(), live.gaps);
        use_effect_with((may_list, gaps), move |(may_list, _)| {
            if *may_list {
                spawn_local(async move {
                    // Waiting ones first: one that begins in between is then seen twice, not never.
                    let mut jobs = Vec::new();
                    for query in ["state=waiting&limit=200", "state=running&limit=200"] {
                        let Ok(page) = client.jobs(query).await else { return };
                        jobs.extend(page.items);
                    }
                    live.dispatch(Step::Unfinished(jobs, browser::now().timestamp_millis()));
                });
            }
        });
    }
    let epochs = live.epochs;
    html! {
        <ContextProvider<LiveHandle> context={live}>
            <ContextProvider<Epochs> context={epochs}>{ props.children.clone() }</ContextProvider<Epochs>>
        </ContextProvider<LiveHandle>>
    }
}

/// When lists have to be read again.
#[hook]
#[must_use]
pub fn use_epochs() -> Epochs {
    use_context::<Epochs>().unwrap_or_default()
}

/// What is dear to read is not read again sooner.
const UNHURRIED_MS: i64 = 60_000;

/// The counter, but it moves once a minute at most. It does not move at all while nobody looks, because the stream is not followed
/// then.
#[hook]
#[must_use]
pub fn use_unhurried(epoch: u32) -> u32 {
    let shown = use_state_eq(|| epoch);
    let moved = use_mut_ref(browser::now);
    {
        let shown = shown.setter();
        use_effect_with(epoch, move |epoch| {
            let (epoch, last) = (*epoch, *moved.borrow());
            let timer = Timeout::new(rest((browser::now() - last).num_milliseconds()), move || {
                *moved.borrow_mut() = browser::now();
                shown.set(epoch);
            });
            move || drop(timer)
        });
    }
    *shown
}

/// What is left to wait when it moved so long ago.
fn rest(since_ms: i64) -> u32 {
    u32::try_from((UNHURRIED_MS - since_ms).clamp(0, UNHURRIED_MS)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dear_waits_for_the_rest_of_a_minute() {
        assert_eq!([0, 20_000, 60_000, 3_600_000, -5].map(rest), [60_000, 40_000, 0, 0, 60_000]);
    }

    fn job(kind: &str, state: &str) -> Job {
        let text = format!(
            r#"{{"id":7,"kind":"{kind}","state":"{state}","progress":{{}},"attempt":1,"max_attempts":5,"error":null,"requested_by":null,
            "created_at":"2026-03-03T00:00:00Z","run_at":"2026-03-03T00:00:00Z","started_at":null,"finished_at":null,"payload":{{}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn after(steps: impl IntoIterator<Item = Step>) -> Rc<Live> {
        steps.into_iter().fold(Rc::default(), |it: Rc<Live>, step| it.reduce(step))
    }

    #[test]
    fn what_follows_a_sync_brings_data_when_it_ends_and_shows_no_bar() {
        for kind in ["sync_usage", "sync_billing", "advise", "settle_billing"] {
            let moved = |state: &str| Step::Moved(vec![job(kind, state)], 0);
            let running = after([moved("running")]);
            assert!(running.syncs.is_empty() && running.epochs.data == 0, "{kind}");
            assert_eq!(after([moved("running"), moved("done")]).epochs.data, 1, "{kind}");
        }
        let report = after([Step::Moved(vec![job("make_report", "done")], 0)]);
        assert_eq!((report.epochs.data, report.epochs.jobs), (0, 1));
    }

    #[test]
    fn operations_are_read_again_with_each_step_and_data_when_one_ends() {
        let operation = |state: &str| {
            let text = format!(
                r#"{{"id":7,"action":"stop","parameters":{{}},"summary":"","state":"{state}","counts":{{"total":1,"waiting":0,"under_way":0,
                "done":1,"failed":0,"unknown":0,"cancelled":0}},"workspace_id":null,"user_name":null,"reason":"","proposed_by":"a",
                "proposed_at":"2026-03-03T00:00:00Z","expires_at":null,"decided_by":null,"decided_at":null,"decision_note":null,
                "confirmation":null,"recommendation_id":null,"predicted":null,"undo_of":null,"undone_by":null,"undoable":false,
                "job_id":null,"began_at":null,"ended_at":null}}"#
            );
            Step::Operations(vec![serde_json::from_str(&text).unwrap()])
        };
        let it = after([operation("running"), operation("running")]);
        assert_eq!((it.epochs.operations, it.epochs.data), (2, 0));
        assert_eq!(after([operation("running"), operation("partly_done")]).epochs.data, 1);
    }
}
