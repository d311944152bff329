//! What pages with a list have in common: its state in the address, a page of it from the server, order and paging, rows that
//! lead somewhere, and what is said when there is nothing.

use std::future::Future;

use contract::page::Page;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;
use yew_router::prelude::*;

use super::{link::go, loaded::empty, pager::Pager};
use crate::{
    client::{Client, failure::Failure, url},
    listing::{query::ListQuery, use_list_query},
    remote::{Reading, use_remote},
    routes::Route,
};

/// Rows of a page until the reader chooses.
const DEFAULT_LIMIT: u32 = 50;

/// A list on its page.
#[derive(Debug)]
pub struct List<T> {
    pub query: ListQuery,
    /// Goes to the same list, changed.
    pub change: Callback<ListQuery>,
    pub reading: Reading<Page<T>>,
}

/// The list of the page `here`; `load` is told the query string.
#[hook]
pub fn use_list<T, Fut>(here: Route, epoch: u32, load: impl Fn(Client, String) -> Fut + 'static) -> List<T>
where
    T: 'static,
    Fut: Future<Output = Result<Page<T>, Failure>> + 'static,
{
    let navigator = use_navigator();
    let query = use_list_query();
    let reading = use_remote(url::query(&query.api_pairs(DEFAULT_LIMIT)), epoch, load);
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &here, &query.to_pairs());
        }
    });
    List { query, change, reading }
}

impl<T> List<T> {
    /// How many match, once it is known.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        self.reading.remote.ready().map(|it| it.total)
    }

    /// Told a column by its header.
    #[must_use]
    pub fn on_sort(&self) -> Callback<String> {
        on_sort(&self.query, &self.change)
    }

    /// The foot below a page of it.
    pub fn pager(&self, page: &Page<T>) -> Html {
        html! {
            <Pager query={self.query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={self.change.clone()} />
        }
    }

    /// What is said of a page without rows; `otherwise` is title, hint and action of a list that nothing narrows.
    pub fn nothing(
        &self,
        icon: &'static str,
        no_match: &str,
        otherwise: impl FnOnce() -> (&'static str, &'static str, Html),
    ) -> Html {
        nothing(&self.query, &self.change, icon, no_match, otherwise)
    }
}

/// Orders a list by the column of a header.
#[must_use]
pub fn on_sort(query: &ListQuery, change: &Callback<ListQuery>) -> Callback<String> {
    let query = query.clone();
    change.reform(move |column: String| query.changed(|it| it.toggle_sort(&column)))
}

/// See [`List::nothing`].
pub fn nothing(
    query: &ListQuery,
    change: &Callback<ListQuery>,
    icon: &'static str,
    no_match: &str,
    otherwise: impl FnOnce() -> (&'static str, &'static str, Html),
) -> Html {
    let words = if query.is_filtered() {
        let clear = query.cleared();
        let onclick = change.reform(move |_: MouseEvent| clear.clone());
        let button =
            html! { <button type="button" class="btn btn-sm" {onclick}>{ "Clear the filter" }</button> };
        empty(icon, no_match, "Loosen the filter or look for something else.", button)
    } else {
        let (title, hint, action) = otherwise();
        empty(icon, title, hint, action)
    };
    html! { <section class="panel">{ words }</section> }
}

#[derive(Debug, Properties, PartialEq)]
pub struct OpeningRowProps {
    /// Where it leads.
    pub to: Route,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// Its cells; one of them has a link to the same place, for those who cannot click rows.
    pub children: Html,
}

/// A row of a table; a click or Enter opens what it is about.
#[component]
pub fn OpeningRow(props: &OpeningRowProps) -> Html {
    let navigator = use_navigator();
    let open = {
        let to = props.to.clone();
        Callback::from(move |()| {
            if let Some(navigator) = &navigator {
                go(navigator, &to, &[]);
            }
        })
    };
    let onclick = open.reform(|_: MouseEvent| ());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        if event.key() == "Enter" && target.is_some_and(|it| it.tag_name() == "TR") {
            event.prevent_default();
            open.emit(());
        }
    });
    html! {
        <tr tabindex="0" class="cursor-pointer" {onclick} {onkeydown} data-testid={props.testid.clone()}>
            { props.children.clone() }
        </tr>
    }
}
