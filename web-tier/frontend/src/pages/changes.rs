//! The change feed: what is different from the last time Skydesk looked.

use contract::{changes::Change, page::Page};
use yew::prelude::*;
use yew_router::prelude::*;

use super::desktops::{change_kind, desktop_link, difference};
use crate::{
    catalog::use_catalog,
    client::url,
    components::{
        data_age::DataAge,
        export::Export,
        filter_box::{FilterBox, Words},
        header::PageHeader,
        link::go,
        loaded::{Skeleton, empty, loaded},
        pager::Pager,
        status::none,
        table::{head, scrolling},
        time::Ago,
    },
    format::counted,
    listing::{
        columns::{Column, ColumnKind},
        query::ListQuery,
        use_list_query,
    },
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

const DEFAULT_LIMIT: u32 = 50;

const COLUMNS: &[Column] = &[
    Column {
        name: "observed_at",
        label: "Noticed",
        aliases: &["at"],
        kind: ColumnKind::Time,
        sortable: true,
    },
    Column {
        name: "kind",
        label: "Kind",
        aliases: &[],
        kind: ColumnKind::Choice(&["appeared", "gone", "returned", "changed"]),
        sortable: true,
    },
    Column { name: "user_name", label: "User", aliases: &["user"], kind: ColumnKind::Name, sortable: true },
    Column { name: "field", label: "Field", aliases: &[], kind: ColumnKind::Text, sortable: true },
    Column { name: "account", label: "Account", aliases: &[], kind: ColumnKind::Text, sortable: true },
    Column { name: "region", label: "Region", aliases: &[], kind: ColumnKind::Text, sortable: true },
    Column {
        name: "workspace_id",
        label: "Desktop id",
        aliases: &["id"],
        kind: ColumnKind::Name,
        sortable: true,
    },
];

/// See the module.
#[component]
pub fn ChangesPage() -> Html {
    let navigator = use_navigator();
    let catalog = use_catalog();
    let query = use_list_query();
    let asked = url::query(&query.api_pairs(DEFAULT_LIMIT));
    let epoch = use_epochs().data;
    let reading = use_remote(asked, epoch, |client, asked| async move { client.changes(&asked).await });
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Changes, &query.to_pairs());
        }
    });
    let total = reading.remote.ready().map(|it| it.total);
    html! {
        <>
            <PageHeader title="Changes" subtitle={total.map(|it| html! { <>{ counted(it, "change", "changes") }{ " " }<DataAge /></> }).unwrap_or_default()}>
                <Export source="changes" filter={query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            <div class="toolbar">
                <FilterBox query={query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={change.clone()}
                    placeholder="Filter: kind:gone field:state, or a user" testid="changes-filter" words={Words::PartOf("user_name")} />
            </div>
            { loaded(&reading, "the changes", Skeleton::Rows(14), |page| body(&query, page, &change)) }
        </>
    }
}

fn body(query: &ListQuery, page: &Page<Change>, change: &Callback<ListQuery>) -> Html {
    if page.items.is_empty() {
        let (title, hint) = if query.is_filtered() {
            ("No change matches", "Loosen the filter or look further back.")
        } else {
            (
                "Nothing has changed yet",
                "From the second sync on, what is different from the one before stands here.",
            )
        };
        return html! { <section class="panel">{ empty("changes", title, hint, Html::default()) }</section> };
    }
    let on_sort = {
        let query = query.clone();
        change.reform(move |column: String| query.changed(|it| it.toggle_sort(&column)))
    };
    let header = |name: &'static str, label: &'static str| head(query, name, label, true, &on_sort);
    let heads = html! {
        <>
            { header("observed_at", "Noticed") }{ header("kind", "Kind") }{ header("user_name", "User") }
            { header("field", "What") }{ header("account", "Account") }{ header("region", "Region") }
            { header("workspace_id", "Desktop id") }
        </>
    };
    let rows = page.items.iter().map(|it| {
        html! {
            <tr key={it.id.to_string()}>
                <td><Ago at={it.observed_at} /></td>
                <td>{ change_kind(it.kind) }</td>
                <td>{ desktop_link(&it.workspace_id.0, &it.user_name) }</td>
                <td>{ if it.field.is_some() { difference(it) } else { none() } }</td>
                <td>{ &it.account }</td>
                <td>{ &it.region }</td>
                <td><code class="mono">{ &it.workspace_id.0 }</code></td>
            </tr>
        }
    });
    html! {
        <div class="panel">
            { scrolling("Changes", "changes-table", heads, rows.collect()) }
            <Pager query={query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={change.clone()} />
        </div>
    }
}
