//! What every list shares: its state in the address, filter text that becomes chips, columns, paging.

pub mod columns;
pub mod filter_text;
pub mod query;

use yew::prelude::*;
use yew_router::prelude::*;

use crate::client::url;
use query::ListQuery;

/// The state of the list on this page, from the address.
#[hook]
#[must_use]
pub fn use_list_query() -> ListQuery {
    let pairs = use_location().map(|it| url::pairs(it.query_str())).unwrap_or_default();
    ListQuery::from_pairs(&pairs)
}
