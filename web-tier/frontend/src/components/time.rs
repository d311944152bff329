//! Times: relative in the text, exact with zone on hover, and moving on by themselves.

use chrono::{DateTime, Utc};
use gloo_timers::callback::Interval;
use yew::prelude::*;

use crate::{browser, format};

/// Relative times are told in minutes; half of one is early enough.
const TICK_MS: u32 = 30_000;

/// The time that relative times are told from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Now(DateTime<Utc>);

#[derive(Debug, Properties, PartialEq)]
pub struct ClockProviderProps {
    pub children: Html,
}

/// Moves every [`Ago`] inside on.
#[component]
pub fn ClockProvider(props: &ClockProviderProps) -> Html {
    let now = use_state(|| Now(browser::now()));
    {
        let now = now.setter();
        use_effect_with((), move |()| {
            let timer = Interval::new(TICK_MS, move || now.set(Now(browser::now())));
            move || drop(timer)
        });
    }
    html! { <ContextProvider<Now> context={*now}>{ props.children.clone() }</ContextProvider<Now>> }
}

#[derive(Debug, Properties, PartialEq)]
pub struct AgoProps {
    pub at: DateTime<Utc>,
}

/// `3 min ago`.
#[component]
pub fn Ago(props: &AgoProps) -> Html {
    let now = use_context::<Now>();
    // What happened since the last tick is not in the future.
    let now = now.map_or_else(browser::now, |it| it.0).max(browser::now());
    html! {
        <time datetime={props.at.to_rfc3339()} title={format::exact(browser::local(props.at))} class="whitespace-nowrap">
            { format::relative(now, props.at) }
        </time>
    }
}

/// `3 min ago`, or a dash.
pub fn ago(at: Option<DateTime<Utc>>) -> Html {
    at.map_or_else(super::status::none, |at| html! { <Ago {at} /> })
}
