//! Reports that were made: state, progress, download.

use contract::{jobs::JobState, page::Page, reports::Report};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    client::url,
    components::{
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        loaded::{Skeleton, empty, loaded},
        pager::Pager,
        status::{job_state, none},
        sync::bar,
        table::{cards, th, th_number},
        time::Ago,
    },
    exports::{Desk, use_desk},
    format::{bytes, grouped},
    listing::{query::ListQuery, use_list_query},
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

const DEFAULT_LIMIT: u32 = 50;

/// See the module.
#[component]
pub fn ReportsPage() -> Html {
    let navigator = use_navigator();
    let desk = use_desk();
    let query = use_list_query();
    let asked = url::query(&query.api_pairs(DEFAULT_LIMIT));
    let epoch = use_epochs().jobs;
    let reading = use_remote(asked, epoch, |client, asked| async move { client.reports(&asked).await });
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &Route::Reports, &query.to_pairs());
        }
    });
    html! {
        <>
            <PageHeader title="Reports" subtitle={html! { "Lists and answers as CSV or Excel" }} />
            { loaded(&reading, "the reports", Skeleton::Rows(8), |page| body(&query, page, &change, desk.as_ref())) }
        </>
    }
}

fn body(query: &ListQuery, page: &Page<Report>, change: &Callback<ListQuery>, desk: Option<&Desk>) -> Html {
    if page.items.is_empty() {
        let action =
            html! { <Go to={Route::Desktops} class="btn btn-sm btn-primary">{ "Go to the desktops" }</Go> };
        let hint = "Filter a list or ask a question, then choose CSV or Excel. The file is written in the background and kept here.";
        return html! { <section class="panel">{ empty("reports", "No reports yet", hint, action) }</section> };
    }
    let heads = html! {
        <>
            { th("Report") }{ th("Format") }{ th("State") }{ th_number("Rows") }{ th_number("Size") }
            { th("Asked by") }{ th("Asked") }{ th("File") }
        </>
    };
    html! {
        <div class="panel">
            { cards("Reports", "reports-table", heads, page.items.iter().map(|it| row(it, desk)).collect()) }
            <Pager query={query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={change.clone()} />
        </div>
    }
}

fn row(it: &Report, desk: Option<&Desk>) -> Html {
    let download = desk.filter(|_| it.download.is_some()).map(|desk| {
        let (desk, id) = (desk.clone(), it.id);
        let onclick = Callback::from(move |_: MouseEvent| desk.download(id));
        html! {
            <button type="button" class="btn btn-xs" {onclick} data-testid="report-download"><Icon name="download" />{ "Download" }</button>
        }
    });
    let number = |value: Option<String>| value.map_or_else(none, |it| html! { it });
    html! {
        <tr key={it.id.to_string()} data-testid="report-row">
            <td class="font-medium whitespace-normal min-w-48">{ &it.title }</td>
            <td class="uppercase" data-label="Format">{ it.format.extension() }</td>
            <td data-label="State">
                { job_state(it.state) }
                if it.state == JobState::Running { <div class="mt-1 w-28">{ progress(it) }</div> }
                if let Some(error) = &it.error { <p class="max-w-64 truncate text-muted text-xs" title={error.clone()}>{ error }</p> }
            </td>
            <td class="text-right" data-label="Rows">{ number(it.rows.map(grouped)) }</td>
            <td class="text-right" data-label="Size">{ number(it.bytes.map(bytes)) }</td>
            <td data-label="Asked by">{ &it.requested_by }</td>
            <td data-label="Asked"><Ago at={it.created_at} /></td>
            <td>{ download.unwrap_or_else(none) }</td>
        </tr>
    }
}

#[expect(clippy::as_conversions, reason = "a bar has a thousand pixels at most")]
fn progress(it: &Report) -> Html {
    let total = it.progress.total.filter(|it| *it > 0);
    bar(total.map_or(0.0, |total| it.progress.done as f64 / total as f64), "bar-fill")
}
