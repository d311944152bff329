//! The change feed: what is different from the last time Skydesk looked, and whose doing it was as far as CloudTrail tells.

use contract::{changes::Change, page::Page};
use yew::prelude::*;

use super::{
    desktops::{change_kind, desktop_link, difference},
    events::by,
};
use crate::{
    catalog::use_catalog,
    components::{
        data_age::DataAge,
        export::Export,
        filter_box::{FilterBox, Words},
        header::PageHeader,
        list::{List, use_list},
        loaded::{Skeleton, loaded},
        status::none,
        sync::SyncButton,
        table::{head, scrolling},
        time::Ago,
    },
    format::counted,
    listing::columns::{Column, ColumnKind, column},
    live::use_epochs,
    routes::Route,
};

const COLUMNS: &[Column] = &[
    column("observed_at", "Noticed", &["at"], ColumnKind::Time),
    column("kind", "Kind", &[], ColumnKind::Choice(&["appeared", "gone", "returned", "changed"])),
    column("user_name", "User", &["user"], ColumnKind::Name),
    column("field", "Field", &[], ColumnKind::Text),
    column("actor", "By", &["by"], ColumnKind::Name),
    column("account", "Account", &[], ColumnKind::Text),
    column("region", "Region", &[], ColumnKind::Text),
    column("workspace_id", "Desktop id", &["id"], ColumnKind::Name),
];

/// See the module.
#[component]
pub fn ChangesPage() -> Html {
    let catalog = use_catalog();
    let epoch = use_epochs().data;
    let list = use_list(Route::Changes, epoch, |client, asked| async move { client.changes(&asked).await });
    let total = list.total();
    html! {
        <>
            <PageHeader title="Changes" subtitle={total.map(|it| html! { <>{ counted(it, "change", "changes") }{ " " }<DataAge /></> }).unwrap_or_default()}>
                <Export source="changes" filter={list.query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            <div class="toolbar">
                <FilterBox query={list.query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={list.change.clone()}
                    placeholder="Filter: kind:gone field:state by:grace, or a user" testid="changes-filter" words={Words::PartOf("user_name")} />
            </div>
            { loaded(&list.reading, "the changes", Skeleton::Rows(14), |page| body(&list, page)) }
        </>
    }
}

fn body(list: &List<Change>, page: &Page<Change>) -> Html {
    if page.items.is_empty() {
        return list.nothing("changes", "No change matches", || {
            let hint = "From the second sync on, what is different from the one before stands here.";
            ("Nothing has changed yet", hint, html! { <SyncButton /> })
        });
    }
    let on_sort = list.on_sort();
    let header = |name: &'static str, label: &'static str| head(&list.query, name, label, true, &on_sort);
    let heads = html! {
        <>
            { header("observed_at", "Noticed") }{ header("kind", "Kind") }{ header("user_name", "User") }
            { header("field", "What") }{ header("actor", "By") }{ header("account", "Account") }
            { header("region", "Region") }{ header("workspace_id", "Desktop id") }
        </>
    };
    let rows = page.items.iter().map(|it| {
        html! {
            <tr key={it.id.to_string()}>
                <td><Ago at={it.observed_at} /></td>
                <td>{ change_kind(it.kind) }</td>
                <td>{ desktop_link(&it.workspace_id.0, &it.user_name) }</td>
                <td>{ if it.field.is_some() { difference(it) } else { none() } }</td>
                <td>{ by(it).unwrap_or_else(none) }</td>
                <td>{ &it.account }</td>
                <td>{ &it.region }</td>
                <td><code class="mono">{ &it.workspace_id.0 }</code></td>
            </tr>
        }
    });
    html! {
        <div class="panel">{ scrolling("Changes", "changes-table", heads, rows.collect()) }{ list.pager(page) }</div>
    }
}
