//! Headers that sort, and what tables share.

use yew::prelude::*;

use super::icon::Icon;
use crate::listing::query::ListQuery;

/// A header cell; a click sorts where the server can.
pub fn head(
    query: &ListQuery,
    column: &'static str,
    label: &'static str,
    sortable: bool,
    on_sort: &Callback<String>,
) -> Html {
    if !sortable {
        return html! { <th scope="col" key={column}>{ label }</th> };
    }
    sorting(query, column, label, None, on_sort)
}

/// The same over figures, which the server always sorts by.
pub fn head_number(
    query: &ListQuery,
    column: &'static str,
    label: &'static str,
    on_sort: &Callback<String>,
) -> Html {
    sorting(query, column, label, Some("text-right"), on_sort)
}

fn sorting(
    query: &ListQuery,
    column: &'static str,
    label: &'static str,
    class: Option<&'static str>,
    on_sort: &Callback<String>,
) -> Html {
    let onclick = on_sort.reform(move |_: MouseEvent| column.to_owned());
    let sort = query.sort.as_ref().filter(|it| it.column == column);
    let (direction, icon) = match sort.map(|it| it.descending) {
        Some(false) => (Some("ascending"), "up"),
        Some(true) => (Some("descending"), "down"),
        None => (None, "sort"),
    };
    html! {
        <th scope="col" key={column} {class} aria-sort={direction}>
            <button type="button" class={classes!("sort-button", sort.map(|_| "is-sorted"))} {onclick}>
                { label }<Icon name={icon} />
            </button>
        </th>
    }
}

/// A table that scrolls inside of its box. `label` names it.
pub fn scrolling(label: &str, testid: &'static str, head: Html, body: Html) -> Html {
    boxed(label, testid, classes!("data-table"), head, body)
}

/// The same, but on a narrow screen every row is a card; its cells tell their names in `data-label`. For short lists
/// whose rows have buttons, which must not be out of sight.
pub fn cards(label: &str, testid: &'static str, head: Html, body: Html) -> Html {
    boxed(label, testid, classes!("data-table", "is-cards"), head, body)
}

fn boxed(label: &str, testid: &'static str, class: Classes, head: Html, body: Html) -> Html {
    html! {
        <div class="table-box table-tall" role="region" aria-label={label.to_owned()} tabindex="0">
            <table {class} data-testid={testid} aria-label={label.to_owned()}>
                <thead><tr>{ head }</tr></thead>
                <tbody>{ body }</tbody>
            </table>
        </div>
    }
}

/// A plain header cell.
pub fn th(label: &'static str) -> Html {
    html! { <th scope="col">{ label }</th> }
}

/// A header cell over figures.
pub fn th_number(label: &'static str) -> Html {
    html! { <th scope="col" class="text-right">{ label }</th> }
}
