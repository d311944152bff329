//! The audit log: who changed what in Skydesk.

use contract::{audit::AuditEntry, page::Page};
use yew::prelude::*;
use yew_router::prelude::*;

use super::here;
use crate::{
    client::url,
    components::{
        copy::id_with_copy,
        filter_box::{FilterBox, Words},
        link::go,
        loaded::{Skeleton, empty, loaded},
        pager::Pager,
        status::none,
        table::{scrolling, th},
        time::Ago,
    },
    listing::{
        columns::{Column, ColumnKind},
        query::ListQuery,
        use_list_query,
    },
    remote::use_remote,
};

const DEFAULT_LIMIT: u32 = 50;

/// What the server filters by; all of it compared as a whole.
const COLUMNS: &[Column] = &[
    Column { name: "actor", label: "Who", aliases: &["who"], kind: ColumnKind::Text, sortable: false },
    Column { name: "action", label: "Did", aliases: &["did"], kind: ColumnKind::Text, sortable: false },
    Column { name: "since", label: "Since", aliases: &[], kind: ColumnKind::Text, sortable: false },
    Column { name: "before", label: "Before", aliases: &[], kind: ColumnKind::Text, sortable: false },
];

/// See the module.
#[component]
pub(super) fn Audit() -> Html {
    let navigator = use_navigator();
    let query = use_list_query();
    let asked = url::query(&query.api_pairs(DEFAULT_LIMIT));
    let reading = use_remote(asked, 0, |client, asked| async move { client.audit(&asked).await });
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &here("audit"), &query.to_pairs());
        }
    });
    html! {
        <>
            <div class="toolbar">
                <FilterBox query={query.clone()} columns={COLUMNS} on_change={change.clone()} placeholder="Filter: actor:admin action:sync.start" testid="audit-filter" words={Words::Exactly("actor")} />
            </div>
            { loaded(&reading, "the audit log", Skeleton::Rows(10), |page| body(&query, page, &change)) }
        </>
    }
}

fn body(query: &ListQuery, page: &Page<AuditEntry>, change: &Callback<ListQuery>) -> Html {
    if page.items.is_empty() {
        return html! { <section class="panel">{ empty("shield", "Nothing here", "Every change in Skydesk leaves a line; none matches.", Html::default()) }</section> };
    }
    let heads = html! { <>{ th("When") }{ th("Who") }{ th("Did") }{ th("To") }{ th("Detail") }{ th("From") }{ th("Request") }</> };
    let rows = page.items.iter().map(|it| html! {
        <tr key={it.id.to_string()}>
            <td><Ago at={it.at} /></td>
            <td class="font-medium">{ &it.actor }</td>
            <td>{ &it.action }</td>
            <td>{ &it.subject }</td>
            <td>{ detail(&it.detail) }</td>
            <td>{ it.address.clone().map_or_else(none, |it| html! { <code class="mono">{ it }</code> }) }</td>
            <td>{ it.request_id.as_deref().map_or_else(none, id_with_copy) }</td>
        </tr>
    });
    html! {
        <div class="panel">
            { scrolling("Audit log", "audit-table", heads, rows.collect()) }
            <Pager query={query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={change.clone()} />
        </div>
    }
}

/// Names and values; what is nested stays JSON.
fn detail(value: &serde_json::Value) -> Html {
    match value {
        serde_json::Value::Null => none(),
        serde_json::Value::Object(fields) if fields.is_empty() => none(),
        serde_json::Value::Object(fields) => html! {
            <span class="inline-flex max-w-md flex-wrap gap-1">
                { for fields.iter().map(|(name, value)| html! {
                    <span class="tag" key={name.clone()}><span class="text-muted">{ name }{ "\u{a0}" }</span>{ value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned) }</span>
                }) }
            </span>
        },
        other => html! { <code class="mono">{ other.to_string() }</code> },
    }
}
