//! The latest events of one desktop, on its page.

use contract::events::Event;
use yew::prelude::*;

use super::result;
use crate::{
    components::{
        link::Go,
        loaded::{Skeleton, loaded},
        schedules_link::SchedulesLink,
        time::Ago,
    },
    format::{capital, counted},
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

/// More stand on the page of events.
const SHOWN: u32 = 8;

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct EventsCardProps {
    /// The desktop's id.
    pub(crate) id: String,
}

/// See the module.
#[component]
pub(crate) fn EventsCard(props: &EventsCardProps) -> Html {
    let epoch = use_epochs().data;
    let reading =
        use_remote(
            props.id.clone(),
            epoch,
            |client, id| async move { client.workspace_events(&id, SHOWN).await },
        );
    let query = vec![("workspace_id".to_owned(), props.id.clone())];
    loaded(&reading, "the events of this desktop", Skeleton::Rows(3), |page| {
        let more = page.total - i64::try_from(page.items.len()).unwrap_or(0);
        html! {
            <section class="panel" aria-label="Events" data-testid="desktop-events">
                <header class="panel-head"><h2 class="panel-title">{ "Events" }</h2></header>
                <div class="panel-body">
                    if page.items.is_empty() {
                        <div class="flex flex-col items-start gap-2">
                            <p class="text-muted">{ "CloudTrail has told nothing of this desktop yet. The schedule “events” reads it, if it is switched on." }</p>
                            <SchedulesLink />
                        </div>
                    } else {
                        <ol class="timeline">{ for page.items.iter().map(entry) }</ol>
                        if more > 0 {
                            <p class="mt-4"><Go to={Route::EventCalls} {query} class="link">{ counted(more, "event more", "events more") }</Go></p>
                        }
                    }
                </div>
            </section>
        }
    })
}

fn entry(it: &Event) -> Html {
    html! {
        <li key={it.entry.clone()}>
            <p class="break-words">{ capital(&it.summary) }</p>
            <div class="flex flex-wrap items-center gap-x-3 text-xs text-muted">
                <span>{ "by " }<span class="font-medium">{ &it.actor }</span></span><Ago at={it.at} />
                if it.error_code.is_some() { { result(it.error_code.as_deref()) } }
            </div>
        </li>
    }
}
