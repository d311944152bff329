//! The list of recommendations: filter, order and paging by the server, all of it in the address.

use contract::{page::Page, recommendations::Recommendation};
use yew::prelude::*;

use super::{
    columns::{COLUMNS, action, counted_to, data, desktop, made},
    propose::{Proposing, use_proposing},
    sums::{sums, told},
    tile, views,
};
use crate::{
    catalog::use_catalog,
    components::{
        data_age::DataAge,
        export::Export,
        filter_box::{FilterBox, Words},
        header::PageHeader,
        list::{List, OpeningRow, use_list},
        loaded::{Skeleton, loaded},
        schedules_link::SchedulesLink,
        table::{cards, head, head_number, th},
    },
    format::{counted, grouped, money},
    listing::query::ListQuery,
    live::use_epochs,
    remote::Remote,
    routes::Route,
};

/// See the module.
#[component]
pub fn SavingsPage() -> Html {
    let catalog = use_catalog();
    let epoch = use_epochs().data;
    let list =
        use_list(Route::Savings, epoch, |client, asked| async move { client.recommendations(&asked).await });
    let proposing = use_proposing();
    let total = list.total();
    let subtitle =
        total.map(|it| html! { <>{ counted(it, "recommendation", "recommendations") }{ " " }<DataAge /></> });
    html! {
        <>
            <PageHeader title="Savings" subtitle={subtitle.unwrap_or_default()}>
                <Export source="recommendations" filter={list.query.report_filter()} disabled={total == Some(0)} />
            </PageHeader>
            { match &list.reading.remote {
                Remote::Ready(page) if !page.items.is_empty() => tiles(&list.query, page),
                // Of their height, so that nothing jumps.
                Remote::Loading => html! { <div class="mb-4 h-86 sm:h-27" aria-hidden="true" /> },
                _ => Html::default(),
            } }
            <div class="toolbar flex-wrap items-center">
                { views(&Route::Savings) }
                <FilterBox query={list.query.clone()} columns={COLUMNS} catalog={catalog.0} on_change={list.change.clone()}
                    placeholder="Filter: action:terminate saves>=10, or a user" testid="savings-filter" words={Words::PartOf("user_name")} />
            </div>
            { loaded(&list.reading, "the recommendations", Skeleton::Rows(10), |page| body(&list, page, &proposing)) }
            { proposing.dialog() }
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

fn nothing(list: &List<Recommendation>) -> Html {
    list.nothing("savings", "No recommendation matches", || {
        (
            "Nothing to save yet",
            "Changes that make desktops cheaper stand here, with what they save and why. There are none while usage was not \
             read (the schedule “usage” does that), less than 14 days of it are known, or prices are not known; and none where \
             every desktop has the right mode already.",
            html! { <SchedulesLink /> },
        )
    })
}

fn body(list: &List<Recommendation>, page: &Page<Recommendation>, proposing: &Proposing) -> Html {
    if page.items.is_empty() {
        return nothing(list);
    }
    let (query, on_sort) = (&list.query, list.on_sort());
    let heads = html! {
        <>
            { head(query, "user_name", "Desktop", true, &on_sort) }{ head(query, "account", "Account", true, &on_sort) }
            { head(query, "action", "What to do", true, &on_sort) }{ th("Why") }
            { head_number(query, "saves_p50", "Saves", &on_sort) }{ head_number(query, "saves_p90", "At least", &on_sort) }
            { head_number(query, "confidence", "Sure", &on_sort) }{ head(query, "days_known", "Data", true, &on_sort) }
            { head(query, "made_at", "Made", true, &on_sort) }
        </>
    };
    let rows = page.items.iter().map(|it| row(it, proposing)).collect();
    html! {
        <div class="panel">{ cards("Recommendations", "savings-table", heads, rows) }{ list.pager(page) }</div>
    }
}

fn row(it: &Recommendation, proposing: &Proposing) -> Html {
    html! {
        <OpeningRow key={it.id.to_string()} to={Route::Desktop { id: it.workspace_id.0.clone() }} testid="savings-row">
            <td>{ desktop(it) }</td>
            <td data-label="Account"><span>{ &it.account }<span class="cell-more">{ &it.region }</span></span></td>
            <td data-label="What to do"><span>{ action(it) }<span class="mt-1 block empty:hidden">{ proposing.button(it) }</span></span></td>
            <td class="cell-text">{ &it.why }</td>
            <td class="text-right tabular" data-label="Saves">
                <span><span class="font-semibold">{ money(it.saves_p50, &it.currency) }</span><span class="cell-more">{ counted_to(it) }</span></span>
            </td>
            <td class="text-right tabular" data-label="At least">{ money(it.saves_p90, &it.currency) }</td>
            <td class="text-right tabular" data-label="Sure">{ format!("{} %", it.confidence) }</td>
            <td data-label="Data"><span>{ data(it) }</span></td>
            <td data-label="Made">{ made(it) }</td>
        </OpeningRow>
    }
}
