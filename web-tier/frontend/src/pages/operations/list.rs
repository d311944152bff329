//! All operations: what waits for approval, what is under way, and how the others went.

use contract::{operations::OperationSummary, page::Page};
use yew::prelude::*;

use super::{
    look::{operation_link, operation_state, progress},
    open::use_open_operations,
};
use crate::{
    components::{
        filter_box::{FilterBox, Words},
        header::PageHeader,
        link::Go,
        list::{List, OpeningRow, use_list},
        loaded::{Skeleton, loaded},
        segments::{Segment, segments},
        status::none,
        table::{cards, th, th_number},
        time::Ago,
    },
    format::{counted, money},
    listing::{
        columns::{Column, ColumnKind, column},
        query::{ListQuery, Term},
    },
    live::use_epochs,
    pages::desktops::desktop_link,
    routes::Route,
};

/// What people look for, as the list is asked for it.
const VIEWS: [(&str, Option<(&str, &str)>); 7] = [
    ("All", None),
    ("To approve", Some(("state", "proposed"))),
    ("Open", Some(("open", "true"))),
    ("Done", Some(("state", "done"))),
    ("Partly done", Some(("state", "partly_done"))),
    ("Failed", Some(("state", "failed"))),
    ("Not known", Some(("state", "unknown"))),
];

const COLUMNS: &[Column] = &[
    column("action", "Action", &["do"], ColumnKind::Choice(ACTIONS)),
    column("state", "State", &[], ColumnKind::Choice(STATES)),
    column("open", "Not ended", &[], ColumnKind::Bool),
    column("proposed_by", "Proposed by", &["by"], ColumnKind::Text),
    column("workspace_id", "Desktop id", &["desktop"], ColumnKind::Text),
];

const ACTIONS: &[&str] = &[
    "start",
    "stop",
    "reboot",
    "rebuild",
    "set_running_mode",
    "set_timeout",
    "set_compute_type",
    "tag",
    "terminate",
];

const STATES: &[&str] = &[
    "proposed",
    "queued",
    "running",
    "done",
    "partly_done",
    "failed",
    "unknown",
    "rejected",
    "cancelled",
    "expired",
];

/// See the module.
#[component]
pub fn OperationsPage() -> Html {
    let epoch = use_epochs().operations;
    let waiting = use_open_operations().waiting();
    let list =
        use_list(Route::Operations, epoch, |client, asked| async move { client.operations(&asked).await });
    let subtitle =
        list.total().map(|it| html! { counted(it, "operation", "operations") }).unwrap_or_default();
    html! {
        <>
            <PageHeader title="Operations" {subtitle} />
            <div class="toolbar flex-wrap items-center">
                { views(&list.query, waiting) }
                <FilterBox query={list.query.clone()} columns={COLUMNS} on_change={list.change.reform(|it| single(&it))}
                    placeholder="Filter: do:terminate by:grace, or a desktop's id" testid="operations-filter" words={Words::Exactly("workspace_id")} />
            </div>
            { loaded(&list.reading, "the operations", Skeleton::Rows(8), |page| body(&list, page)) }
        </>
    }
}

/// The list takes one value of each column: the last that was said.
fn single(list: &ListQuery) -> ListQuery {
    let mut terms = Vec::<Term>::new();
    for term in &list.terms {
        terms.retain(|it| it.column != term.column);
        terms.push(term.clone());
    }
    ListQuery { terms, ..list.clone() }
}

fn views(list: &ListQuery, waiting: usize) -> Html {
    let is_ours = |it: &Term| matches!(it.column.as_str(), "state" | "open");
    let chosen: Vec<(&str, &str)> = list
        .terms
        .iter()
        .filter(|it| is_ours(it))
        .map(|it| (it.column.as_str(), it.value.as_str()))
        .collect();
    let view = |(label, condition): &(&'static str, Option<(&str, &str)>)| {
        let current = chosen.iter().copied().eq(condition.iter().copied());
        let query = list.changed(|it| {
            it.terms.retain(|it| !is_ours(it));
            it.terms.extend(condition.map(|(column, value)| Term::is(column, value)));
        });
        let waiting = if *label == "To approve" { waiting } else { 0 };
        Segment { waiting, ..Segment::new(Route::Operations, query.to_pairs(), *label, current) }
    };
    segments("State", VIEWS.iter().map(view))
}

fn body(list: &List<OperationSummary>, page: &Page<OperationSummary>) -> Html {
    if page.items.is_empty() {
        return list.nothing("operations", "No operation matches", || {
            let hint = "Choose desktops to start, stop or reboot them, or propose a change; what is done to them stands here, step by step.";
            ("Nothing was done yet", hint, html! { <Go to={Route::Desktops} class="btn btn-sm">{ "Choose desktops" }</Go> })
        });
    }
    let heads = html! {
        <>{ th("Operation") }{ th("State") }{ th("Desktops") }{ th_number("Saves") }{ th("Proposed by") }{ th("Decided by") }{ th("When") }</>
    };
    let rows = page.items.iter().map(row).collect();
    html! { <div class="panel">{ cards("Operations", "operations-table", heads, rows) }{ list.pager(page) }</div> }
}

fn row(it: &OperationSummary) -> Html {
    let who =
        it.workspace_id.as_ref().map(|id| desktop_link(&id.0, it.user_name.as_deref().unwrap_or(&id.0)));
    html! {
        <OpeningRow key={it.id.to_string()} to={Route::Operation { id: it.id.to_string() }} testid="operation-row">
            <td class="cell-text">
                <span class="text-sm">{ operation_link(it) }</span>
                if !it.reason.is_empty() { <span class="cell-more">{ &it.reason }</span> }
            </td>
            <td data-label="State">{ operation_state(it.state) }</td>
            <td data-label="Desktops"><span>{ progress(it) }<span class="block">{ who.unwrap_or_default() }</span></span></td>
            <td class="text-right tabular" data-label="Saves">
                { it.predicted.as_ref().map_or_else(none, |it| html! { money(it.saves_p50, &it.currency) }) }
            </td>
            <td data-label="Proposed by">{ &it.proposed_by }</td>
            <td data-label="Decided by">{ it.decided_by.as_ref().map_or_else(none, |it| html! { it }) }</td>
            <td data-label="When"><Ago at={it.proposed_at} /></td>
        </OpeningRow>
    }
}

#[cfg(test)]
mod tests {
    use contract::operations::{OperationAction, OperationState};

    use super::*;

    #[test]
    fn choices_are_those_of_the_contract() {
        assert_eq!(ACTIONS, OperationAction::ALL.iter().map(|it| it.name()).collect::<Vec<_>>());
        assert_eq!(STATES, OperationState::ALL.iter().map(|it| it.name()).collect::<Vec<_>>());
    }

    #[test]
    fn the_last_value_of_a_column_is_the_one() {
        let pairs = [("state", "done"), ("action", "stop"), ("state", "failed")];
        let list = ListQuery::from_pairs(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(single(&list).terms, [Term::is("action", "stop"), Term::is("state", "failed")]);
    }
}
