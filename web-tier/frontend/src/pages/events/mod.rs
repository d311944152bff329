//! Events: who did what to desktops, as CloudTrail tells it; as deeds, as single calls, and as a card for the page of one desktop.

mod actions;
mod calls;
mod card;
mod deeds;

use contract::changes::Change;
use yew::prelude::*;

use crate::{
    components::{
        link::Go,
        segments::{Segment, segments},
        status::{Meaning, status},
    },
    routes::Route,
};

pub use actions::ActionsPage;
pub use calls::CallsPage;
pub(crate) use card::EventsCard;

/// What is said while nothing was read.
const UNREAD: (&str, &str) = (
    "No events yet",
    "The schedule “events” reads from CloudTrail who did what to desktops, the latest first; its first look takes a while. If \
     nothing comes, the schedule may be switched off, or AWS may deny it: the overview's freshness says so.",
);

/// The two ways to look at events.
fn views(here: &Route) -> Html {
    let view = |to: Route, label| Segment::new(to.clone(), Vec::new(), label, *here == to);
    segments("View", [view(Route::Events, "Actions"), view(Route::EventCalls, "Single calls")])
}

/// Whose doing a change was, leading to the operation or else to the event that says so; `None` where nobody knows.
pub(crate) fn by(it: &Change) -> Option<Html> {
    if let Some(operation) = &it.operation {
        let to = Route::Operation { id: operation.id.to_string() };
        let title = format!("Operation {} of Skydesk", operation.id);
        return Some(html! { <span {title}><Go {to} class="link">{ &operation.proposed_by }</Go></span> });
    }
    let event = it.by.as_ref()?;
    let query = vec![("id".to_owned(), event.event_id.0.clone())];
    Some(html! { <Go to={Route::EventCalls} {query} class="link">{ &event.actor }</Go> })
}

/// Whether AWS did it.
fn result(error: Option<&str>) -> Html {
    match error {
        None => status(Meaning::Good, "Done"),
        Some(code) => html! { <span title={code.to_owned()}>{ status(Meaning::Bad, "Refused") }</span> },
    }
}
