//! Everything that is known of one desktop, in groups of key and value; for the panel and the page.

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
    status::{Meaning, status},
    time::{Ago, ago},
};
use crate::{format::spoken, routes::Route};

/// A key and its value.
fn pair(label: &str, value: Html) -> Html {
    html! { <div class="pair"><dt>{ label.to_owned() }</dt><dd>{ value }</dd></div> }
}

fn group(title: &str, pairs: Html) -> Html {
    html! {
        <section class="fact-group" aria-label={title.to_owned()}>
            <h3 class="fact-title">{ title.to_owned() }</h3>
            <dl class="pairs">{ pairs }</dl>
        </section>
    }
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

/// The groups.
pub(super) fn facts(it: &Workspace) -> Html {
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
                    { pair("Bundle", html! { <><span class="block">{ of("bundle") }</span>{ of("bundle_id") }</> }) }
                    { pair("Root volume", volume(it.root_volume_gib, it.root_encrypted)) }
                    { pair("User volume", volume(it.user_volume_gib, it.user_encrypted)) }
                </>
            }) }
            { group("Connection", html! {
                <>
                    { pair("Now", of("connection")) }
                    { pair("Last connected", of("last_connected_at")) }
                    { pair("Asked", ago(it.connection_observed_at)) }
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
                    { pair("Read", ago(it.tags_observed_at)) }
                </>
            }) }
            { group("Seen", html! {
                <>
                    { pair("First", of("first_seen_at")) }
                    { pair("Last", of("observed_at")) }
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
                </li>
            }) }
        </ol>
    }
}

/// A link to a desktop by its id.
pub(crate) fn desktop_link(id: &str, label: &str) -> Html {
    html! { <Go to={Route::Desktop { id: id.to_owned() }} class="link font-medium">{ label.to_owned() }</Go> }
}
