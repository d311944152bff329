//! Everything that is known of one desktop, in groups of key and value; for the panel and the page.

use chrono::{DateTime, Utc};
use contract::{
    changes::{Change, ChangeKind},
    workspaces::Workspace,
};
use yew::prelude::*;

use super::columns::{cell, tags};
use crate::components::{
    copy::id_with_copy,
    icon::Icon,
    link::Go,
    status::{Meaning, none, status},
    time::Ago,
};
use crate::{
    browser,
    format::{self, spoken},
    pages::events::by,
    routes::Route,
};

/// A key and its value.
pub(crate) fn pair(label: &str, value: Html) -> Html {
    html! { <div class="pair"><dt>{ label.to_owned() }</dt><dd>{ value }</dd></div> }
}

/// A time as it is read and, below it, exactly and with its zone: there is room here, and fingers cannot hover.
pub(crate) fn when(at: Option<DateTime<Utc>>) -> Html {
    at.map_or_else(none, |at| {
        let exact = format::exact(browser::local(at));
        html! { <><Ago {at} /><span class="block text-muted text-xs tabular">{ exact }</span></> }
    })
}

/// What needs the reader's eye first: gone, or in error.
pub(super) fn warnings(it: &Workspace) -> Html {
    html! {
        <>
            if let Some(at) = it.gone_at {
                <p class="note note-warning">
                    <Icon name="alert" class="mt-0.5 text-warning" />
                    <span>{ "AWS no longer lists this desktop; a complete sync missed it " }<Ago {at} />{ ". What is shown is the last that was seen." }</span>
                </p>
            }
            if it.error_code.is_some() || it.error_message.is_some() {
                <p class="note note-error">
                    <Icon name="alert" class="mt-0.5 text-error" />
                    <span>
                        <code class="mono">{ it.error_code.clone().unwrap_or_default() }</code>{ " " }
                        { it.error_message.clone().unwrap_or_default() }
                    </span>
                </p>
            }
        </>
    }
}

/// The groups. `heading` is the level below that of what they stand in: `h2`, `h3`.
pub(super) fn facts(it: &Workspace, heading: &'static str) -> Html {
    let group = |title: &'static str, pairs: Html| {
        html! {
            <section class="fact-group" aria-label={title}>
                <@{heading} class="fact-title">{ title }</@>
                <dl class="pairs">{ pairs }</dl>
            </section>
        }
    };
    let of = |column: &'static str| cell(column, it);
    let volume = |gib: Option<i32>, encrypted: bool| match gib {
        Some(gib) => {
            html! { format!("{gib} GiB, {}", if encrypted { "encrypted" } else { "not encrypted" }) }
        }
        None => of(""),
    };
    html! {
        <>
            { group("Desktop", html! {
                <>
                    { pair("Id", id_with_copy(&it.id.0)) }
                    { pair("State", of("state")) }
                    { pair("Mode", html! { <>{ of("running_mode") }{ it.auto_stop_minutes.map(|min| format!(", stops after {min} min")) }</> }) }
                    { pair("Size", of("compute_type")) }
                    { pair("System", of("operating_system")) }
                    { pair("Protocol", of("protocol")) }
                    { pair("Bundle", html! { <><span class="block">{ of("bundle") }</span><span class="text-muted">{ of("bundle_id") }</span></> }) }
                    { pair("Root volume", volume(it.root_volume_gib, it.root_encrypted)) }
                    { pair("User volume", volume(it.user_volume_gib, it.user_encrypted)) }
                </>
            }) }
            { group("Connection", html! {
                <>
                    { pair("Now", of("connection")) }
                    { pair("Last connected", when(it.last_connected_at)) }
                    { pair("Checked", when(it.connection_observed_at)) }
                </>
            }) }
            { group("Place", html! {
                <>
                    { pair("Account", html! { <>{ &it.account }{ " " }<code class="mono text-muted">{ &it.account_id }</code></> }) }
                    { pair("Region", of("region")) }
                    { pair("Directory", html! { <><span class="block">{ of("directory") }</span><code class="mono text-muted">{ &it.directory_id }</code></> }) }
                    { pair("Computer", of("computer_name")) }
                    { pair("IP address", of("ip_address")) }
                    { pair("Subnet", of("subnet_id")) }
                </>
            }) }
            { group("Tags", html! {
                <>
                    { pair("Tags", tags(it)) }
                    { pair("Read", when(it.tags_observed_at)) }
                </>
            }) }
            { group("Seen", html! {
                <>
                    { pair("First", when(Some(it.first_seen_at))) }
                    { pair("Last", when(Some(it.observed_at))) }
                </>
            }) }
        </>
    }
}

/// What kind of change, with its mark.
pub(crate) fn change_kind(kind: ChangeKind) -> Html {
    match kind {
        ChangeKind::Appeared => status(Meaning::Good, "Appeared"),
        ChangeKind::Gone => status(Meaning::Warning, "Gone"),
        ChangeKind::Returned => status(Meaning::Good, "Returned"),
        ChangeKind::Changed => status(Meaning::Calm, "Changed"),
    }
}

/// What changed: field, before and after.
pub(crate) fn difference(change: &Change) -> Html {
    let Some(field) = &change.field else { return Html::default() };
    let value = |it: &Option<String>| it.as_deref().map_or("–".to_owned(), spoken);
    html! {
        <span>
            <span class="text-muted">{ field }{ ": " }</span>{ value(&change.old) }
            <Icon name="right" class="mx-0.5 inline text-muted" /><span class="sr-only">{ "to" }</span>
            <span class="font-medium">{ value(&change.new) }</span>
        </span>
    }
}

/// Changes of one desktop, newest first.
pub(super) fn timeline(changes: &[Change]) -> Html {
    if changes.is_empty() {
        return html! { <p class="text-muted">{ "Nothing has changed since Skydesk first saw it." }</p> };
    }
    html! {
        <ol class="timeline">
            { for changes.iter().map(|change| html! {
                <li key={change.id.to_string()}>
                    <div class="flex flex-wrap items-center gap-x-3">
                        { change_kind(change.kind) }
                        <span class="text-muted text-xs"><Ago at={change.observed_at} /></span>
                    </div>
                    { difference(change) }
                    if let Some(who) = by(change) { <p class="text-xs text-muted">{ "by " }{ who }</p> }
                </li>
            }) }
        </ol>
    }
}

/// A link to a desktop by its id.
pub(crate) fn desktop_link(id: &str, label: &str) -> Html {
    html! { <Go to={Route::Desktop { id: id.to_owned() }} class="link font-medium">{ label.to_owned() }</Go> }
}
