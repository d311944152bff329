//! The list of recommendations: filter, order and paging by the server, all of it in the address.

use contract::{page::Page, recommendations::Recommendation};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    columns::{COLUMNS, action, counted_to, data, desktop, made},
    sums::{sums, told},
};
use crate::{
    catalog::use_catalog,
    client::url,
    components::{
        data_age::DataAge,
        export::Export,
        filter_box::{FilterBox, Words},
        header::PageHeader,
        icon::Icon,
        link::go,
        loaded::{Skeleton, empty, loaded},
        pager::Pager,
        sync::SyncButton,
        table::{cards, head, head_number, th},
    },
    format::{counted, grouped, money},
    listing::{query::ListQuery, use_list_query},
    live::use_epochs,
    remote::{Remote, use_remote},
    routes::Route,
};

const DEFAULT_LIMIT: u32 = 50;

/// See the module.
#[component]
pub fn SavingsPage() -> Html {
    let navigator = use_navigator();
    let catalog = use_catalog();
    let query = use_list_query();
    let asked = url::query(&query.api_pairs(DEFAULT_LIMIT));
    let epoch = use_epochs().data;
    let reading =
        use_remote(asked, epoch, |client, asked| async move { client.recommendations(&asked).await });
    let change = {
        let navigator = navigator.clone();
        Callback::from(move |query: ListQuery| {
            if let Some(navigator) = &navigator {
                go(navigator, &Route::Savings, &query.to_pairs());
            }
        })
    };
    let on_open = Callback::from(move |id: String| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Desktop { id }, &[]);
        }
    });
    let total = reading.remote.ready().map(|it| it.total);
    let subtitle =
        total.map(|it| html! { <>{ counted(it, "recommendation", "recommendations") }{ " " }<DataAge /></> });
    html! {
        <>
            <PageHeader title="Savings" subtitle={subtitle.unwrap_or_default()}>
                <Export source="recommendations" filter={query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            { match &reading.remote {
                Remote::Ready(page) if !page.items.is_empty() => tiles(&query, page),
                // Of their height, so that nothing jumps.
                Remote::Loading => html! { <div class="mb-4 h-86 sm:h-27" aria-hidden="true" /> },
                _ => Html::default(),
            } }
            <div class="toolbar">
                <FilterBox query={query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={change.clone()}
                    placeholder="Filter: action:terminate saves>=10, or a user" testid="savings-filter" words={Words::PartOf("user_name")} />
            </div>
            { loaded(&reading, "the recommendations", Skeleton::Rows(10), |page| body(&query, page, &change, &on_open)) }
        </>
    }
}

/// How many, and what they come to.
fn tiles(query: &ListQuery, page: &Page<Recommendation>) -> Html {
    let sums = sums(&page.items);
    let shown = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
    let desktops: usize = sums.values().map(|it| it.desktops).sum();
    let on = counted(i64::try_from(desktops).unwrap_or(i64::MAX), "desktop", "desktops");
    // The sum of a page is not that of the list, and alternatives do not add up.
    let (on, of) = match (page.total > shown, desktops < page.items.len()) {
        (true, _) => (String::new(), format!("of the {} shown", grouped(shown))),
        (false, true) => (format!("on {on}"), "by the best for each desktop".to_owned()),
        (false, false) => (format!("on {on}"), String::new()),
    };
    let label = if query.is_filtered() { "Recommendations that match" } else { "Open recommendations" };
    html! {
        <div class="mb-4 grid grid-cols-1 gap-3 sm:grid-cols-3" data-testid="savings-tiles">
            { tile("savings", label, &[grouped(page.total)], on) }
            { tile("chart", "They save about", &told(&sums, |it| it.p50), of.clone()) }
            { tile("shield", "At least, each in nine of ten cases", &told(&sums, |it| it.p90), of) }
        </div>
    }
}

fn tile(icon: &'static str, label: &'static str, values: &[String], small: String) -> Html {
    html! {
        <div class="figure">
            <span class="figure-label"><Icon name={icon} />{ label }</span>
            { for values.iter().map(|it| html! { <span class="figure-value whitespace-nowrap">{ it }</span> }) }
            <span class="text-muted">{ small }</span>
        </div>
    }
}

fn nothing(query: &ListQuery, change: &Callback<ListQuery>) -> Html {
    let (title, hint, action) = if query.is_filtered() {
        let clear = query.changed(|it| {
            it.terms.clear();
            it.text.clear();
        });
        let onclick = change.reform(move |_: MouseEvent| clear.clone());
        let button =
            html! { <button type="button" class="btn btn-sm" {onclick}>{ "Clear the filter" }</button> };
        ("No recommendation matches", "Loosen the filter or search for something else.", button)
    } else {
        (
            "Nothing to save yet",
            "Changes that make desktops cheaper stand here, with what they save and why. There are none while usage was not \
             read (once a day, after a sync), less than 14 days of it are known, or prices are not known; and none where \
             every desktop has the right mode already.",
            html! { <SyncButton /> },
        )
    };
    html! { <section class="panel">{ empty("savings", title, hint, action) }</section> }
}

fn body(
    query: &ListQuery,
    page: &Page<Recommendation>,
    change: &Callback<ListQuery>,
    on_open: &Callback<String>,
) -> Html {
    if page.items.is_empty() {
        return nothing(query, change);
    }
    let on_sort = {
        let query = query.clone();
        change.reform(move |column: String| query.changed(|it| it.toggle_sort(&column)))
    };
    let heads = html! {
        <>
            { head(query, "user_name", "Desktop", true, &on_sort) }{ head(query, "account", "Account", true, &on_sort) }
            { head(query, "action", "What to do", true, &on_sort) }{ th("Why") }
            { head_number(query, "saves_p50", "Saves", &on_sort) }{ head_number(query, "saves_p90", "At least", &on_sort) }
            { head_number(query, "confidence", "Sure", &on_sort) }{ head(query, "days_known", "Data", true, &on_sort) }
            { head(query, "made_at", "Made", true, &on_sort) }
        </>
    };
    let rows = page.items.iter().map(|it| row(it, on_open)).collect();
    html! {
        <div class="panel">
            { cards("Recommendations", "savings-table", heads, rows) }
            <Pager query={query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={change.clone()} />
        </div>
    }
}

/// A click or Enter opens the desktop's page.
fn row(it: &Recommendation, on_open: &Callback<String>) -> Html {
    let id = it.workspace_id.0.clone();
    let onclick = {
        let id = id.clone();
        on_open.reform(move |_: MouseEvent| id.clone())
    };
    let onkeydown = {
        let on_open = on_open.clone();
        Callback::from(move |event: KeyboardEvent| {
            let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
            if event.key() == "Enter" && target.is_some_and(|it| it.tag_name() == "TR") {
                event.prevent_default();
                on_open.emit(id.clone());
            }
        })
    };
    html! {
        <tr key={it.id.to_string()} tabindex="0" class="cursor-pointer" {onclick} {onkeydown} data-testid="savings-row">
            <td>{ desktop(it) }</td>
            <td data-label="Account"><span>{ &it.account }<span class="cell-more">{ &it.region }</span></span></td>
            <td data-label="What to do"><span>{ action(it) }</span></td>
            <td class="cell-text">{ &it.why }</td>
            <td class="text-right tabular" data-label="Saves">
                <span><span class="font-semibold">{ money(it.saves_p50, &it.currency) }</span><span class="cell-more">{ counted_to(it) }</span></span>
            </td>
            <td class="text-right tabular" data-label="At least">{ money(it.saves_p90, &it.currency) }</td>
            <td class="text-right tabular" data-label="Sure">{ format!("{} %", it.confidence) }</td>
            <td data-label="Data"><span>{ data(it) }</span></td>
            <td data-label="Made">{ made(it) }</td>
        </tr>
    }
}
