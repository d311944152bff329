//! Events that people would call one deed: "stopped 40 desktops" is two calls at least.
//!
//! Invariant: the result depends on the set of events only, not on their order or on how often one is given.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use contract::{
    events::{Action, Event},
    ids::{EventId, WorkspaceId},
};

/// The same done again within this time belongs to it.
pub const TOGETHER: TimeDelta = TimeDelta::minutes(10);

/// What is the same about events of one action: account, actor, operation, what it was in words, and whether it failed.
type Same = (String, String, String, String, Option<String>);
/// What tells calls of one action apart, in the order of time.
type Call = (DateTime<Utc>, EventId, String, Option<WorkspaceId>);

/// The actions that these events are, latest first. Each event is in one of them.
///
/// An action goes on as long as the next event of its kind comes within [`TOGETHER`]; one that goes on beyond the events
/// given is cut.
#[must_use]
pub fn actions(events: impl IntoIterator<Item = Event>) -> Vec<Action> {
    let mut alike: BTreeMap<Same, BTreeSet<Call>> = BTreeMap::new();
    for it in events {
        let same = (it.account, it.actor, it.name, it.summary, it.error_code);
        alike.entry(same).or_default().insert((it.at, it.id, it.region, it.workspace_id));
    }
    let mut actions = Vec::new();
    for (same, calls) in alike {
        let mut run: Vec<Call> = Vec::new();
        for call in calls {
            if run.last().is_some_and(|last| call.0 - last.0 > TOGETHER) {
                actions.extend(action(&same, std::mem::take(&mut run)));
            }
            run.push(call);
        }
        actions.extend(action(&same, run));
    }
    // Stable: those that end together stay in the order of what they are.
    actions.sort_by_key(|it| std::cmp::Reverse(it.ended_at));
    actions
}

/// Calls in the order of time as one action; `None` without a call.
fn action(same: &Same, calls: Vec<Call>) -> Option<Action> {
    let (began_at, ended_at) = (calls.first()?.0, calls.last()?.0);
    let (account, actor, name, summary, error_code) = same.clone();
    let mut event_ids: Vec<EventId> = Vec::new();
    let (mut regions, mut workspaces) = (BTreeSet::new(), BTreeSet::new());
    for (_, id, region, workspace) in calls {
        // The desktops of one call follow each other.
        if event_ids.last() != Some(&id) {
            event_ids.push(id);
        }
        regions.insert(region);
        workspaces.extend(workspace);
    }
    Some(Action {
        account,
        actor,
        name,
        summary,
        error_code,
        began_at,
        ended_at,
        regions: regions.into_iter().collect(),
        workspace_ids: workspaces.into_iter().collect(),
        event_ids,
    })
}
