//! Starting a sync and following it: a bar for all of it and one per account and region.

use contract::{auth::Permission, jobs::JobState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{
    icon::Icon,
    link::Go,
    status::{self, Meaning},
};
use crate::{
    browser,
    charts::sparkline::Sparkline,
    format,
    live::{Batch, Group, LiveHandle, Step},
    notices::use_voice,
    routes::Route,
    session::{use_client, use_session},
};

/// A bar from nothing to all; the words beside it say the same.
pub fn bar(fraction: f64, tone: &'static str) -> Html {
    html! {
        <svg class="bar" width="100%" height="6" aria-hidden="true">
            <rect class="bar-track" width="100%" height="6" rx="3" />
            <rect class={tone} width={format!("{:.1}%", fraction.clamp(0.0, 1.0) * 100.0)} height="6" rx="3" />
        </svg>
    }
}

/// Starts a sync of everything, for those who may.
#[component]
pub fn SyncButton() -> Html {
    let (session, client, voice) = (use_session(), use_client(), use_voice());
    let running = use_context::<LiveHandle>().is_some_and(|it| it.syncs.is_running());
    let starting = use_state_eq(|| false);
    if !session.may(Permission::SyncRun) {
        return Html::default();
    }
    let busy = running || *starting;
    let onclick = {
        let starting = starting.setter();
        Callback::from(move |_: MouseEvent| {
            let (client, voice, starting) = (client.clone(), voice.clone(), starting.clone());
            starting.set(true);
            spawn_local(async move {
                match client.sync().await {
                    Ok(accepted) if accepted.jobs.is_empty() => voice.good("A sync is under way already"),
                    Ok(_) => voice.good("Sync started"),
                    Err(failure) => voice.bad("The sync was not started", &failure),
                }
                starting.set(false);
            });
        })
    };
    html! {
        <button type="button" class="btn btn-sm btn-primary" disabled={busy} {onclick} data-testid="sync-button">
            <Icon name="sync" />{ if busy { "Syncing" } else { "Sync now" } }
        </button>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct SyncProgressProps {
    pub live: LiveHandle,
}

/// The sync that runs or has just ended; nothing when there is none.
#[component]
pub fn SyncProgress(props: &SyncProgressProps) -> Html {
    let open = use_state_eq(|| true);
    let syncs = &props.live.syncs;
    if syncs.is_empty() {
        return Html::default();
    }
    let toggle = {
        let (now, open) = (*open, open.setter());
        Callback::from(move |_: MouseEvent| open.set(!now))
    };
    let dismiss = {
        let live = props.live.clone();
        Callback::from(move |_: MouseEvent| live.dispatch(Step::DismissSyncs))
    };
    let running = syncs.is_running();
    let (icon, tone, edge) = match (running, syncs.failed()) {
        (true, _) => ("sync", "text-info", None),
        (false, 0) => ("check", "text-success", Some("is-good")),
        (false, _) => ("alert", "text-warning", Some("is-warning")),
    };
    html! {
        <section class={classes!("flash", edge)} aria-label="Sync" data-testid="sync-progress" data-state={if running { "running" } else { "ended" }}>
            <div class="flash-line">
                <Icon name={icon} class={classes!(tone, running.then_some("turning"))} />
                <p class="font-medium">{ headline(syncs) }</p>
                <p class="text-muted tabular">{ figures(syncs) }</p>
                if running { <Sparkline values={syncs.rates()} label="Rows per second" /> }
                <span class="flex-1" />
                <span class="sr-only" role="status">{ spoken_progress(syncs) }</span>
                <button type="button" class="btn btn-xs" aria-expanded={if *open { "true" } else { "false" }} onclick={toggle}>
                    { if *open { "Hide details" } else { "Details" } }
                </button>
                if !running {
                    <button type="button" class="icon-button" aria-label="Dismiss" onclick={dismiss}><Icon name="close" /></button>
                }
            </div>
            if running { { bar(syncs.fraction(), "bar-fill") } }
            if *open {
                <ul class="flash-groups">{ for syncs.groups().iter().map(|it| group(it, running)) }</ul>
            }
            if !running && syncs.failed() > 0 {
                <p class="pt-1"><Go to={Route::Accounts} class="link">{ "Look at the accounts" }</Go></p>
            }
        </section>
    }
}

fn headline(syncs: &Batch) -> String {
    let (all, ended) = syncs.counts();
    match (syncs.is_running(), syncs.failed()) {
        (true, _) => format!("Syncing: {ended} of {all} parts"),
        (false, 0) => "Sync finished".to_owned(),
        (false, failed) => format!("Sync finished, {failed} of {all} parts failed"),
    }
}

fn figures(syncs: &Batch) -> String {
    let mut text = format::counted(syncs.rows(), "row", "rows");
    if syncs.is_running() {
        if let Some(rate) = syncs.rate().filter(|it| *it >= 1.0) {
            text.push_str(&format!(" · {}/s", format::decimal(rate.round())));
        }
        if let Some(seconds) = syncs.seconds_left(browser::now().timestamp_millis()) {
            text.push_str(&format!(" · {} left", format::left(seconds)));
        }
    }
    text
}

/// In quarters only: a screen reader is not to read every step.
fn spoken_progress(syncs: &Batch) -> String {
    if syncs.is_running() {
        format!("Sync {:.0} percent done", (syncs.fraction() * 4.0).floor() * 25.0)
    } else {
        headline(syncs)
    }
}

fn group(group: &Group, running: bool) -> Html {
    let tone = match (group.state, &group.note) {
        (JobState::Dead, _) => "bar-bad",
        (JobState::Done, Some(_)) => "bar-warning",
        (JobState::Done, None) => "bar-good",
        _ => "bar-fill",
    };
    html! {
        <li class="flash-group" key={group.label.clone()} data-testid={if running { "sync-group" } else { "sync-group-ended" }}>
            <span class="truncate font-medium" title={group.label.clone()}>{ &group.label }</span>
            <span class="text-right text-muted tabular">{ format::grouped(group.rows) }</span>
            { match (group.state, &group.note) {
                (JobState::Done, Some(_)) => status::status(Meaning::Warning, "Ended"),
                (state, _) => status::job_state(state),
            } }
            <span class="col-span-3">{ bar(group.fraction, tone) }</span>
            if let Some(note) = &group.note { <span class="col-span-3 truncate text-muted text-xs" title={note.clone()}>{ note }</span> }
        </li>
    }
}
