//! Desktops beside the service that they are charged under: parts and difference are, together, exactly what AWS says.

use contract::billing::{DESKTOPS_SERVICE, Part, Reconciliation};
use yew::prelude::*;

use super::figure::{badge, figure};
use crate::{
    components::{
        more::use_more,
        status::none,
        table::{cards, th, th_number},
    },
    format::{counted, money},
};

/// Rows until more are wanted: those of the latest months.
const FEW: usize = 6;

#[derive(Debug, Properties, PartialEq)]
pub(super) struct ReconciledProps {
    pub(super) items: Vec<Reconciliation>,
}

/// See the module; nothing where the answer has none.
#[component]
pub(super) fn Reconciled(props: &ReconciledProps) -> Html {
    let items = &props.items;
    let more = use_more(items.len(), FEW);
    if items.is_empty() {
        return Html::default();
    }
    let heads = html! { <>{ th("Account") }{ th("Month") }{ th_number("AWS says") }{ th("Known of desktops") }{ th_number("Not told by desktop") }</> };
    let rows = items.iter().take(more.rows).map(row).collect();
    html! {
        <section class="panel" data-testid="reconciliation">
            <header class="panel-head"><h2 class="panel-title">{ format!("{DESKTOPS_SERVICE}: desktops beside the bill") }</h2></header>
            { cards("Reconciliation", "reconciliation-table", heads, rows) }
            { more.foot() }
            <p class="chart-note px-4 pb-3">
                { "Not told by desktop: what AWS says less what is known of desktops, such as taxes, credits, pools and what no source tells. \
                   Below zero, desktops were modelled too high." }
            </p>
        </section>
    }
}

fn row(it: &Reconciliation) -> Html {
    html! {
        <tr key={format!("{}-{}", it.account_id, it.month)}>
            <td class="font-medium">{ &it.account }</td>
            <td data-label="Month">{ it.month.format("%b %Y").to_string() }</td>
            <td class="text-right" data-label="AWS says">{ it.total.as_ref().map_or_else(unknown, figure) }</td>
            <td data-label="Known of desktops">
                <ul class="flex flex-col gap-1">
                    { for it.parts.iter().map(part) }
                    if it.parts.is_empty() { <li class="text-muted">{ "Nothing" }</li> }
                </ul>
            </td>
            <td class="text-right tabular" data-label="Not told by desktop">{ it.difference.zip(it.total.as_ref()).map_or_else(none, |(amount, total)| html! { money(amount, &total.currency) }) }</td>
        </tr>
    }
}

/// The service of that account and month was not read.
fn unknown() -> Html {
    html! { <span class="text-muted">{ "Not read" }</span> }
}

fn part(it: &Part) -> Html {
    html! {
        <li class="flex flex-wrap items-center gap-x-2">
            <span class="tabular">{ money(it.figure.amount, &it.figure.currency) }</span>
            <span class="text-muted">{ counted(it.desktops, "desktop", "desktops") }</span>{ badge(&it.figure) }
        </li>
    }
}
