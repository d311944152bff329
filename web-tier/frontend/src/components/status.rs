//! States as an icon and a word, in the colour of their meaning; never colour alone.

use contract::{jobs::JobState, overview::SyncState};
use yew::prelude::*;

use super::icon::Icon;
use crate::format::spoken;

/// What a state means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Good,
    /// Under way.
    Moving,
    Warning,
    Bad,
    /// Neither good nor bad.
    Calm,
}

impl Meaning {
    fn look(self) -> (&'static str, &'static str) {
        match self {
            Meaning::Good => ("check", "text-success"),
            Meaning::Moving => ("sync", "text-info"),
            Meaning::Warning => ("alert", "text-warning"),
            Meaning::Bad => ("denied", "text-error"),
            Meaning::Calm => ("circle", "text-muted"),
        }
    }
}

/// An icon and a word.
pub fn status(meaning: Meaning, word: impl Into<AttrValue>) -> Html {
    let (icon, tone) = meaning.look();
    labelled(icon, tone, &word.into())
}

fn labelled(icon: &'static str, tone: &'static str, word: &AttrValue) -> Html {
    html! { <span class={classes!("status", tone)}><Icon name={icon} /><span>{ word }</span></span> }
}

/// The state of a desktop, as AWS spells it.
pub fn desktop_state(state: &str) -> Html {
    let word = AttrValue::from(spoken(state));
    match state {
        "AVAILABLE" => status(Meaning::Good, word),
        "STOPPED" | "SUSPENDED" => labelled("stop", "text-muted", &word),
        "TERMINATED" | "TERMINATING" => labelled("circle", "text-muted", &word),
        "ERROR" | "UNHEALTHY" => status(Meaning::Bad, word),
        "IMPAIRED" | "ADMIN_MAINTENANCE" | "MAINTENANCE" => status(Meaning::Warning, word),
        "PENDING" | "STARTING" | "STOPPING" | "REBOOTING" | "REBUILDING" | "RESTORING" | "UPDATING" => {
            status(Meaning::Moving, word)
        }
        _ => status(Meaning::Calm, word),
    }
}

/// Whether somebody is connected to a desktop.
pub fn connection(state: Option<&str>) -> Html {
    match state {
        Some("CONNECTED") => status(Meaning::Good, "Connected"),
        Some("DISCONNECTED") => status(Meaning::Calm, "Disconnected"),
        Some(other) => status(Meaning::Calm, spoken(other)),
        None => none(),
    }
}

/// The word for the state of a job or a report.
#[must_use]
pub fn job_word(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "Waiting",
        JobState::Running => "Running",
        JobState::Done => "Done",
        JobState::Dead => "Failed",
        JobState::Cancelled => "Cancelled",
    }
}

/// The state of a job or a report.
pub fn job_state(state: JobState) -> Html {
    let word = AttrValue::from(job_word(state));
    match state {
        JobState::Waiting => labelled("clock", "text-muted", &word),
        JobState::Running => status(Meaning::Moving, word),
        JobState::Done => status(Meaning::Good, word),
        JobState::Dead => status(Meaning::Bad, word),
        JobState::Cancelled => labelled("stop", "text-muted", &word),
    }
}

/// What the outcome of a look at AWS means.
#[must_use]
pub fn sync_meaning(state: SyncState) -> Meaning {
    match state {
        SyncState::Never => Meaning::Calm,
        SyncState::Running => Meaning::Moving,
        SyncState::Ok => Meaning::Good,
        SyncState::Throttled => Meaning::Warning,
        SyncState::Denied | SyncState::Failed => Meaning::Bad,
    }
}

/// What is not known or does not exist.
pub fn none() -> Html {
    html! { <span class="text-muted" aria-label="none">{ "–" }</span> }
}

/// Yes or no, with a mark.
pub fn yes_no(yes: bool) -> Html {
    if yes {
        labelled("check", "text-success", &"Yes".into())
    } else {
        labelled("circle", "text-muted", &"No".into())
    }
}
