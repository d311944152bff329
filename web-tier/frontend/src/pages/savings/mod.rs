//! Savings: what to change about which desktop so that it costs less, as a list and as a card for the page of one desktop;
//! the ledger of what was changed; and what other rules would have cost.

mod card;
mod columns;
mod ledger;
mod list;
mod months;
mod outcomes;
mod propose;
mod sums;
mod what_if;

use yew::prelude::*;

use crate::{
    components::{
        icon::Icon,
        segments::{Segment, segments},
    },
    routes::Route,
};

pub(crate) use card::RecommendationsCard;
pub(crate) use columns::prices;
pub use ledger::LedgerPage;
pub use list::SavingsPage;
pub use what_if::WhatIfPage;

/// What could be saved, what was, and what would have been.
fn views(here: &Route) -> Html {
    let view = |to: Route, label| Segment::new(to.clone(), Vec::new(), label, *here == to);
    let all = [
        view(Route::Savings, "Recommendations"),
        view(Route::Ledger, "Ledger"),
        view(Route::WhatIf, "What if"),
    ];
    segments("View", all)
}

/// A figure, or one for each currency.
fn tile(icon: &'static str, label: &'static str, values: &[String], small: String) -> Html {
    html! {
        <div class="figure">
            <span class="figure-label"><Icon name={icon} />{ label }</span>
            { for values.iter().map(|it| html! { <span class="figure-value whitespace-nowrap">{ it }</span> }) }
            <span class="text-muted">{ small }</span>
        </div>
    }
}
