//! Every call to AWS about a desktop, one row for each desktop of a call: filter, order and paging by the server.

use contract::{events::Event, page::Page};
use yew::prelude::*;

use super::{UNREAD, result, views};
use crate::{
    catalog::use_catalog,
    components::{
        export::Export,
        filter_box::{FilterBox, Words},
        header::PageHeader,
        list::{List, use_list},
        loaded::{Skeleton, loaded},
        schedules_link::SchedulesLink,
        status::none,
        table::{cards, head, th},
        time::Ago,
    },
    format::{capital, counted},
    listing::columns::{Column, ColumnKind, column},
    live::use_epochs,
    pages::desktops::desktop_link,
    routes::Route,
};

/// The operations that change desktops; others are filtered by their name as well.
const OPERATIONS: &[&str] = &[
    "StartWorkspaces",
    "StopWorkspaces",
    "RebootWorkspaces",
    "RebuildWorkspaces",
    "RestoreWorkspace",
    "TerminateWorkspaces",
    "CreateWorkspaces",
    "ModifyWorkspaceProperties",
    "ModifyWorkspaceState",
    "MigrateWorkspace",
    "CreateTags",
    "DeleteTags",
];

const COLUMNS: &[Column] = &[
    column("actor", "Actor", &["by"], ColumnKind::Name),
    column("name", "Operation", &["op"], ColumnKind::Choice(OPERATIONS)),
    column("user_name", "User", &["user"], ColumnKind::Name),
    column("at", "Time", &["when"], ColumnKind::Time),
    column("error_code", "Error", &["error"], ColumnKind::Text),
    column("account", "Account", &[], ColumnKind::Text),
    column("region", "Region", &[], ColumnKind::Text),
    column("workspace_id", "Desktop id", &["desktop"], ColumnKind::Name),
    column("source_ip", "Address", &["ip"], ColumnKind::Name),
    column("user_agent", "Program", &["program"], ColumnKind::Name),
    column("source_identity", "Source identity", &[], ColumnKind::Name),
    column("actor_arn", "Actor's ARN", &["arn"], ColumnKind::Name),
    column("summary", "What was done", &["what"], ColumnKind::Name),
    column("error_message", "Error message", &[], ColumnKind::Name),
    column("read_only", "Only looked", &["looks"], ColumnKind::Bool),
    column("id", "Event id", &["event"], ColumnKind::Text),
];

/// See the module.
#[component]
pub fn CallsPage() -> Html {
    let catalog = use_catalog();
    let epoch = use_epochs().data;
    let list = use_list(Route::EventCalls, epoch, |client, asked| async move { client.events(&asked).await });
    let total = list.total();
    let subtitle = total.map(|it| html! { counted(it, "call", "calls") }).unwrap_or_default();
    html! {
        <>
            <PageHeader title="Single calls" trail={vec![(Route::Events, "Events".into())]} {subtitle}>
                <Export source="events" filter={list.query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            <div class="toolbar flex-wrap items-center">
                { views(&Route::EventCalls) }
                <FilterBox query={list.query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={list.change.clone()}
                    placeholder="Filter: by:grace op:StopWorkspaces, or a user" testid="events-filter" words={Words::PartOf("user_name")} />
            </div>
            { loaded(&list.reading, "the events", Skeleton::Rows(12), |page| body(&list, page)) }
        </>
    }
}

fn body(list: &List<Event>, page: &Page<Event>) -> Html {
    if page.items.is_empty() {
        return list
            .nothing("events", "No event matches", || (UNREAD.0, UNREAD.1, html! { <SchedulesLink /> }));
    }
    let on_sort = list.on_sort();
    let header = |name: &'static str, label: &'static str| head(&list.query, name, label, true, &on_sort);
    let heads = html! {
        <>
            { header("at", "When") }{ header("actor", "Actor") }{ header("summary", "What") }{ header("error_code", "Result") }
            { header("user_name", "Desktop") }{ header("account", "Account") }{ th("From") }
        </>
    };
    let rows = page.items.iter().map(row).collect();
    html! { <div class="panel">{ cards("Events", "events-table", heads, rows) }{ list.pager(page) }</div> }
}

fn row(it: &Event) -> Html {
    let identity = it.source_identity.as_ref().filter(|who| **who != it.actor);
    let desktop = it.workspace_id.as_ref().map_or_else(none, |id| {
        let label = it.user_name.as_deref().unwrap_or(&id.0);
        html! { <span>{ desktop_link(&id.0, label) }if it.user_name.is_some() { <code class="cell-more">{ &id.0 }</code> }</span> }
    });
    html! {
        <tr key={it.entry.clone()} data-testid="event-row">
            <td><Ago at={it.at} /></td>
            <td data-label="Actor">
                <span>
                    <span class="cell-cut font-medium" title={it.actor_arn.clone().unwrap_or_else(|| it.actor.clone())}>{ &it.actor }</span>
                    if let Some(who) = identity { <span class="cell-more">{ format!("as {who}") }</span> }
                </span>
            </td>
            <td class="cell-text">{ capital(&it.summary) }<code class="cell-more">{ &it.name }</code></td>
            <td data-label="Result" title={it.error_message.clone()}>{ result(it.error_code.as_deref()) }</td>
            <td data-label="Desktop">{ desktop }</td>
            <td data-label="Account"><span>{ &it.account }<span class="cell-more">{ &it.region }</span></span></td>
            <td data-label="From">
                <span>
                    { it.source_ip.as_ref().map_or_else(none, |ip| html! { <code class="mono">{ ip }</code> }) }
                    if let Some(agent) = &it.user_agent { <span class="cell-more cell-cut" title={agent.clone()}>{ agent }</span> }
                </span>
            </td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn columns_are_the_fields_of_an_event_and_no_two_share_a_name() {
        let text = r#"{"entry":"1","id":"e","at":"2026-11-20T08:00:00Z","name":"n","summary":"s","account":"a","region":"r",
            "workspace_id":null,"user_name":null,"actor":"a","actor_arn":null,"source_identity":null,"source_ip":null,
            "user_agent":null,"read_only":false,"error_code":null,"error_message":null}"#;
        let it = serde_json::to_value(serde_json::from_str::<Event>(text).unwrap()).unwrap();
        let fields: BTreeSet<&str> =
            it.as_object().unwrap().keys().map(String::as_str).filter(|it| *it != "entry").collect();
        assert_eq!(COLUMNS.iter().map(|it| it.name).collect::<BTreeSet<_>>(), fields);
        let names: Vec<_> = COLUMNS.iter().flat_map(|it| it.aliases.iter().chain([&it.name])).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
