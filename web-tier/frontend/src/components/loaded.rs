//! The one place where a read turns into what is seen: skeleton, data, stale data, or what failed and what to do.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::{copy::Copy, icon::Icon};
use crate::{
    browser,
    client::failure::Failure,
    format,
    remote::{Reading, Remote},
};

/// Sooner than this, a skeleton would only flicker.
const SKELETON_AFTER_MS: u32 = 150;

/// What stands in for data that are on their way; of about their height, so that nothing jumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skeleton {
    Rows(usize),
    Cards(usize),
    Block,
}

/// A read as it is seen. `what` names it in an error: `the desktops`.
pub fn loaded<T>(
    reading: &Reading<T>,
    what: &'static str,
    skeleton: Skeleton,
    ready: impl FnOnce(&Rc<T>) -> Html,
) -> Html {
    match &reading.remote {
        Remote::Loading => html! { <Waiting {skeleton} {what} /> },
        Remote::Failed(failure) => {
            html! { <FailureBox failure={failure.clone()} {what} again={reading.again.clone()} /> }
        }
        Remote::Ready(data) => html! {
            <div class={classes!("loaded", reading.pending.then_some("is-pending"), reading.stale.as_ref().map(|_| "is-stale"))}
                aria-busy={if reading.pending { "true" } else { "false" }}>
                { stale(reading, what) }
                <div class="loaded-body">{ ready(data) }</div>
            </div>
        },
    }
}

fn stale<T>(reading: &Reading<T>, what: &'static str) -> Html {
    let Some(failure) = &reading.stale else { return Html::default() };
    let as_of = reading.as_of.map(|at| format!(" Shown as of {}.", format::clock(browser::local(at))));
    html! {
        <div class="note note-warning mb-3" role="status">
            <Icon name="alert" class="mt-0.5 text-warning" />
            <p class="flex-1">
                { format!("Reading {what} again failed: {}.", failure.title()) }{ as_of }
            </p>
            <button type="button" class="btn btn-xs" onclick={reading.again.reform(|_| ())}>{ "Try again" }</button>
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct WaitingProps {
    skeleton: Skeleton,
    what: AttrValue,
}

#[component]
fn Waiting(props: &WaitingProps) -> Html {
    let late = use_state_eq(|| false);
    {
        let late = late.setter();
        use_effect_with((), move |()| {
            let timer = Timeout::new(SKELETON_AFTER_MS, move || late.set(true));
            move || drop(timer)
        });
    }
    let visible = if *late { "visible" } else { "invisible" };
    let body = match props.skeleton {
        Skeleton::Rows(count) => html! {
            <div class="panel p-0">
                { for (0..count).map(|_| html! { <div class="skeleton-row"><span class="skeleton h-3 w-full" /></div> }) }
            </div>
        },
        Skeleton::Cards(count) => html! {
            <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
                { for (0..count).map(|_| html! { <div class="skeleton h-24 rounded-box" /> }) }
            </div>
        },
        Skeleton::Block => html! { <div class="skeleton h-64 w-full rounded-box" /> },
    };
    html! {
        <div class={visible} aria-busy="true">
            <span class="sr-only" role="status">{ format!("Loading {}", props.what) }</span>
            { body }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct FailureBoxProps {
    pub failure: Failure,
    /// What could not be read or done: `the desktops`.
    pub what: AttrValue,
    #[prop_or_default]
    pub again: Option<Callback<()>>,
}

/// What failed, whose it is, what to do, and the request id to copy.
#[component]
pub fn FailureBox(props: &FailureBoxProps) -> Html {
    let FailureBoxProps { failure, what, again } = props;
    let detail = failure.detail();
    html! {
        <section class="panel flex flex-col items-start gap-2 p-6" role="alert" data-testid="failure">
            <p class="flex items-center gap-2 font-semibold">
                <Icon name="alert" class="text-error" />{ failure.title() }
            </p>
            <p>
                { format!("Skydesk could not get {what}. ") }
                if !detail.is_empty() { { detail } }
            </p>
            <p class="text-muted">{ failure.remedy() }</p>
            <div class="mt-2 flex flex-wrap items-center gap-3">
                if let Some(again) = again {
                    <button type="button" class="btn btn-sm" onclick={again.reform(|_| ())}>
                        <Icon name="sync" />{ "Try again" }
                    </button>
                }
                <span class="tag">{ failure.origin() }</span>
                if let Some(id) = failure.request_id() {
                    <span class="inline-flex items-center gap-1 text-muted">
                        { "Request " }<code class="mono">{ id }</code><Copy text={id.to_owned()} what="request id" />
                    </span>
                }
            </div>
        </section>
    }
}

/// What would be here, and how it gets here.
pub fn empty(icon: &'static str, title: &str, hint: &str, action: Html) -> Html {
    html! {
        <div class="empty" data-testid="empty">
            <span class="empty-mark"><Icon name={icon} /></span>
            <p class="font-semibold">{ title }</p>
            <p class="max-w-md text-muted">{ hint }</p>
            { action }
        </div>
    }
}
