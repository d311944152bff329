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
};
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
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Live {
    /// The syncs that run, or the ones that ended last.
    pub syncs: Batch,
    /// Jobs that make reports.
    pub reports: BTreeMap<JobId, Job>,
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
            Step::Lost(lost) => it.lost = lost,
            Step::Resync => {
                it.gaps += 1;
                it.epochs.data += 1;
                it.epochs.jobs += 1;
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
            let (id, state, is_report) = (job.id, job.state, job.kind == "make_report");
            let known = self.others.insert(id, state);
            if is_report {
                self.reports.insert(id, job);
            }
            if known != Some(state) {
                self.epochs.jobs += 1;
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
