//! How operations, their desktops and their steps are told: words, marks and bars.

use contract::operations::{
    DesktopCounts, DesktopState, OperationState, OperationSummary, Parameters, StepState,
};
use yew::prelude::*;

use crate::{
    components::{
        icon::Icon,
        link::Go,
        status::{Meaning, none, status},
        sync::bar,
    },
    format::{self, spoken},
    routes::Route,
};

/// What is set, in words: `AutoStop after 2 h`, `Team = red, without Old`.
#[must_use]
pub(super) fn parameters(it: &Parameters) -> String {
    let hours = |minutes: i32| format::span(u32::try_from(minutes).unwrap_or(0));
    let mut words = Vec::new();
    match (&it.running_mode, it.auto_stop_minutes) {
        (Some(mode), Some(minutes)) => words.push(format!("{} after {}", spoken(mode), hours(minutes))),
        (Some(mode), None) => words.push(spoken(mode)),
        (None, Some(minutes)) => words.push(hours(minutes)),
        (None, None) => {}
    }
    words.extend(it.compute_type.as_deref().map(spoken));
    words.extend(it.tags.iter().map(|(name, value)| format!("{name} = {value}")));
    words.extend(it.own_id_tags.iter().map(|name| format!("{name} = its own id")));
    words.extend(it.remove_tags.iter().map(|name| format!("without {name}")));
    words.join(", ")
}

/// What it was and what it is to be; a dash for what sets nothing.
pub(crate) fn change(before: &Parameters, set: &Parameters) -> Html {
    let (before, set) = (parameters(before), parameters(set));
    match (before.is_empty(), set.is_empty()) {
        (_, true) => none(),
        (true, false) => html! { <span class="font-medium">{ set }</span> },
        (false, false) => html! {
            <span>
                { before }<Icon name="right" class="mx-0.5 inline text-muted" /><span class="sr-only">{ "to" }</span>
                <span class="font-medium">{ set }</span>
            </span>
        },
    }
}

/// What is different between the two, of each.
#[must_use]
pub(crate) fn differing(before: &Parameters, after: &Parameters) -> (Parameters, Parameters) {
    let (mut one, mut other) = (before.clone(), after.clone());
    if one.running_mode == other.running_mode && one.auto_stop_minutes == other.auto_stop_minutes {
        (one.running_mode, one.auto_stop_minutes) = (None, None);
        (other.running_mode, other.auto_stop_minutes) = (None, None);
    }
    if one.compute_type == other.compute_type {
        (one.compute_type, other.compute_type) = (None, None);
    }
    one.tags.retain(|name, value| after.tags.get(name) != Some(value));
    other.tags.retain(|name, value| before.tags.get(name) != Some(value));
    (one, other)
}

pub(crate) fn operation_state(state: OperationState) -> Html {
    let (meaning, word) = match state {
        OperationState::Proposed => (Meaning::Warning, "Waits for approval"),
        OperationState::Running => (Meaning::Moving, state.label()),
        OperationState::Done => (Meaning::Good, state.label()),
        OperationState::PartlyDone => (Meaning::Warning, state.label()),
        OperationState::Failed => (Meaning::Bad, state.label()),
        OperationState::Unknown => (Meaning::Bad, "Not known"),
        OperationState::Queued
        | OperationState::Rejected
        | OperationState::Cancelled
        | OperationState::Expired => (Meaning::Calm, state.label()),
    };
    status(meaning, word)
}

pub(super) fn desktop_state(state: DesktopState) -> Html {
    let meaning = match state {
        DesktopState::Planned | DesktopState::Waiting | DesktopState::Cancelled => Meaning::Calm,
        DesktopState::Calling | DesktopState::Accepted => Meaning::Moving,
        DesktopState::Done => Meaning::Good,
        DesktopState::Refused => Meaning::Warning,
        DesktopState::Failed | DesktopState::Unknown => Meaning::Bad,
    };
    let word = if state == DesktopState::Unknown { "Not known" } else { state.label() };
    status(meaning, word)
}

pub(super) fn step_state(state: StepState) -> Html {
    let meaning = match state {
        StepState::Waiting | StepState::Cancelled => Meaning::Calm,
        StepState::Running => Meaning::Moving,
        StepState::Done => Meaning::Good,
        StepState::Failed => Meaning::Bad,
    };
    status(meaning, state.label())
}

/// How many desktops it is about, and once it began how many are through it: a bar and the words beside it.
pub(super) fn progress(it: &OperationSummary) -> Html {
    let (through, total) = (through(&it.counts), it.counts.total);
    let tone = match it.state {
        OperationState::Proposed
        | OperationState::Queued
        | OperationState::Rejected
        | OperationState::Cancelled
        | OperationState::Expired => {
            return html! { <span>{ format::counted(total, "desktop", "desktops") }</span> };
        }
        OperationState::Running => "bar-fill",
        OperationState::Done => "bar-good",
        OperationState::PartlyDone => "bar-warning",
        OperationState::Failed | OperationState::Unknown => "bar-bad",
    };
    html! {
        <span class="flex min-w-36 flex-col gap-1">
            <span class="tabular">{ counts(&it.counts) }</span>
            { bar(fraction(through, total), tone) }
        </span>
    }
}

/// Desktops that nothing more happens to.
fn through(it: &DesktopCounts) -> i64 {
    it.done + it.failed + it.unknown + it.cancelled
}

/// Of nothing, none is done.
#[must_use]
pub(super) fn fraction(part: i64, whole: i64) -> f64 {
    #[expect(clippy::as_conversions, reason = "a bar has a thousand pixels at most")]
    let fraction = part as f64 / whole.max(1) as f64;
    fraction
}

/// `18 of 25 done, 2 failed`
#[must_use]
pub(super) fn counts(it: &DesktopCounts) -> String {
    let mut words = vec![format!("{} of {} done", format::grouped(it.done), format::grouped(it.total))];
    let more = [(it.failed, "failed"), (it.unknown, "not known"), (it.cancelled, "cancelled")];
    words.extend(
        more.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", format::grouped(*n))),
    );
    words.join(", ")
}

/// An operation by what it does.
pub(crate) fn operation_link(it: &OperationSummary) -> Html {
    let to = Route::Operation { id: it.id.to_string() };
    html! { <Go {to} class="link" testid="operation-link">{ &it.summary }</Go> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_told_in_words() {
        let said = |json: &str| parameters(&serde_json::from_str(json).unwrap());
        assert_eq!(said(r#"{"running_mode":"AUTO_STOP","auto_stop_minutes":120}"#), "AutoStop after 2 h");
        assert_eq!(said(r#"{"running_mode":"ALWAYS_ON"}"#), "AlwaysOn");
        assert_eq!(said(r#"{"auto_stop_minutes":60}"#), "1 h");
        assert_eq!(said(r#"{"tags":{"Team":"red"},"remove_tags":["Old"]}"#), "Team = red, without Old");
        assert_eq!(said(r#"{"own_id_tags":["Id"]}"#), "Id = its own id");
        assert_eq!(said("{}"), "");
    }

    #[test]
    fn only_what_differs_is_told() {
        let of = |json: &str| serde_json::from_str::<Parameters>(json).unwrap();
        let before = of(
            r#"{"running_mode":"AUTO_STOP","auto_stop_minutes":180,"compute_type":"POWER","tags":{"a":"1","b":"2"}}"#,
        );
        let after = of(r#"{"running_mode":"ALWAYS_ON","compute_type":"POWER","tags":{"a":"1","b":"3"}}"#);
        let (one, other) = differing(&before, &after);
        assert_eq!(parameters(&one), "AutoStop after 3 h, b = 2");
        assert_eq!(parameters(&other), "AlwaysOn, b = 3");
    }

    #[test]
    fn counts_name_only_what_there_is() {
        let all =
            DesktopCounts { total: 1200, done: 1000, failed: 2, unknown: 0, ..DesktopCounts::default() };
        assert_eq!(counts(&all), "1,000 of 1,200 done, 2 failed");
        assert_eq!(through(&all), 1002);
        assert_eq!((fraction(0, 0), fraction(1, 4)), (0.0, 0.25));
    }
}
