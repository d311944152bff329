//! The recommendations for one desktop, on its page.

use contract::recommendations::Recommendation;
use yew::prelude::*;

use super::{
    columns::{action, counted_to, data, made},
    propose::{Proposing, use_proposing},
};
use crate::{
    client::url,
    components::loaded::{Skeleton, loaded},
    format,
    live::use_epochs,
    remote::use_remote,
};

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct RecommendationsCardProps {
    /// The desktop's id.
    pub(crate) id: String,
}

/// See the module.
#[component]
pub(crate) fn RecommendationsCard(props: &RecommendationsCardProps) -> Html {
    let epoch = use_epochs().data;
    let proposing = use_proposing();
    let reading = use_remote(props.id.clone(), epoch, |client, id| async move {
        client.recommendations(&url::query(&[("workspace_id", id)])).await
    });
    loaded(&reading, "the recommendations", Skeleton::Rows(2), |page| {
        html! {
            <section class="panel" aria-label="Recommendations" data-testid="desktop-recommendations">
                <header class="panel-head"><h2 class="panel-title">{ "Recommendations" }</h2></header>
                <div class="panel-body">
                    if page.items.is_empty() {
                        <p class="text-muted">{ "Nothing would make it cheaper, as far as its usage and its prices are known." }</p>
                    } else {
                        if page.items.len() > 1 {
                            <p class="mb-3 text-muted">{ "They are alternatives; what they save does not add up." }</p>
                        }
                        <ul class="entries">{ for page.items.iter().map(|it| entry(it, &proposing)) }</ul>
                    }
                </div>
                { proposing.dialog() }
            </section>
        }
    })
}

fn entry(it: &Recommendation, proposing: &Proposing) -> Html {
    let money = |amount| format::money(amount, &it.currency);
    html! {
        <li key={it.id.to_string()}>
            <div class="flex flex-wrap items-baseline justify-between gap-x-3">
                <span>{ action(it) }</span>
                <span class="tabular text-right">
                    <span class="font-semibold">{ money(it.saves_p50) }</span>
                    <span class="cell-more">{ counted_to(it) }</span>
                </span>
            </div>
            <p class="my-1">{ &it.why }</p>
            <p class="text-xs text-muted tabular">
                { format!("At least {} in nine of ten cases; {} % sure to save. Made ", money(it.saves_p90), it.confidence) }{ made(it) }
            </p>
            <div class="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-muted">{ data(it) }</div>
            <p class="mt-2 empty:hidden">{ proposing.button(it) }</p>
        </li>
    }
}
