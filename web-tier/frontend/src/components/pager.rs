//! The foot of a list: what is shown, page size, and the way through a seek cursor.

use yew::prelude::*;

use super::{field::select, icon::Icon};
use crate::{format, listing::query::ListQuery};

const SIZES: [u32; 4] = [25, 50, 100, 200];

#[derive(Debug, Properties, PartialEq)]
pub struct PagerProps {
    pub query: ListQuery,
    pub default_limit: u32,
    pub shown: usize,
    pub total: i64,
    pub next: Option<String>,
    pub on_change: Callback<ListQuery>,
    /// Told the size, to keep it.
    #[prop_or_default]
    pub on_size: Callback<u32>,
}

/// See the module. Going back needs the cursors of the pages before, which this keeps as long as the list is open.
#[component]
pub fn Pager(props: &PagerProps) -> Html {
    let PagerProps { query, next, .. } = props;
    let trail = use_mut_ref(Vec::<(u32, Option<String>)>::new);
    {
        let mut trail = trail.borrow_mut();
        trail.retain(|(page, _)| *page < query.page);
        trail.push((query.page, query.cursor.clone()));
    }
    let limit = query.limit.unwrap_or(props.default_limit);
    let first = i64::from(query.page.saturating_sub(1)) * i64::from(limit) + 1;
    let last = first + i64::try_from(props.shown).unwrap_or(0) - 1;
    let go_next = next.clone().map(|cursor| {
        let query = ListQuery { cursor: Some(cursor), page: query.page + 1, ..query.clone() };
        props.on_change.reform(move |_: MouseEvent| query.clone())
    });
    let go_back = (query.page > 1).then(|| {
        let (query, trail) = (query.clone(), trail.clone());
        props.on_change.reform(move |_: MouseEvent| {
            let before = query.page - 1;
            // A link leads into the middle of a list: what was before is not known, so it starts again.
            let known = trail.borrow().iter().find(|(page, _)| *page == before).cloned();
            let (page, cursor) = known.unwrap_or((1, None));
            ListQuery { cursor, page, ..query.clone() }
        })
    });
    let on_limit = {
        let (query, on_size) = (query.clone(), props.on_size.clone());
        props.on_change.reform(move |size: String| {
            let size = size.parse().ok();
            if let Some(size) = size {
                on_size.emit(size);
            }
            query.changed(|it| it.limit = size)
        })
    };
    let sizes: Vec<_> = SIZES.iter().map(|it| (it.to_string(), format!("{it} rows"))).collect();
    html! {
        <footer class="pager">
            <p class="text-muted tabular" data-testid="pager-range">
                if props.shown > 0 {
                    { format!("{}–{} of {}", format::grouped(first), format::grouped(last), format::grouped(props.total)) }
                }
            </p>
            <span class="flex-1" />
            <div class="w-28">{ select(None, Some("Rows per page"), &limit.to_string(), &sizes, on_limit, None) }</div>
            <div class="join">
                <button type="button" class="btn btn-sm join-item" aria-label="Previous page" disabled={go_back.is_none()}
                    onclick={go_back.unwrap_or_default()} data-testid="page-previous"><Icon name="left" /></button>
                <button type="button" class="btn btn-sm join-item" aria-label="Next page" disabled={go_next.is_none()}
                    onclick={go_next.unwrap_or_default()} data-testid="page-next"><Icon name="right" /></button>
            </div>
        </footer>
    }
}
