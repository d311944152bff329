//! The savings ledger: what changes that Skydesk made were said to save, and what they saved, by month and by change.

use std::rc::Rc;

use contract::{
    money::Money,
    operations::Parameters,
    savings::{Savings, SavingsItem, SavingsSource, SavingsTotal},
};
use yew::prelude::*;

use super::{
    columns::prices,
    months::{Months, months},
    tile, views,
};
use crate::{
    charts::{columns::Columns, panel::ChartPanel},
    components::{
        header::PageHeader,
        icon::Icon,
        link::Go,
        loaded::{Skeleton, empty, loaded},
        more::{ROWS, use_more},
        status::none,
        table::{cards, th, th_number},
        time::Ago,
    },
    format::{self, counted, grouped},
    live::use_epochs,
    pages::{
        desktops::desktop_link,
        operations::{change, differing},
    },
    remote::use_remote,
    routes::Route,
};

/// See the module.
#[component]
pub fn LedgerPage() -> Html {
    let epochs = use_epochs();
    let reading = use_remote((), epochs.data.wrapping_add(epochs.operations), |client, ()| async move {
        client.savings().await
    });
    let subtitle = reading.remote.ready().map(|it| {
        html! { format!("Reckoned to {}", format::day(it.until)) }
    });
    html! {
        <>
            <PageHeader title="Savings ledger" trail={vec![(Route::Savings, "Savings".into())]} subtitle={subtitle.unwrap_or_default()} />
            <div class="toolbar">{ views(&Route::Ledger) }</div>
            { loaded(&reading, "the savings", Skeleton::Block, |it| {
                if it.items.is_empty() {
                    let hint = "Once a proposed change is approved and done, what it was said to save and what it saved stand here, month by month.";
                    let go = html! { <Go to={Route::Savings} class="btn btn-sm">{ "Look at the recommendations" }</Go> };
                    return html! { <section class="panel">{ empty("savings", "No change was applied yet", hint, go) }</section> };
                }
                html! { <Body savings={it.clone()} /> }
            }) }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    savings: Rc<Savings>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let it = &props.savings;
    let more = use_more(it.items.len(), ROWS);
    html! {
        <div class="flex flex-col gap-4">
            if it.cut {
                <p class="note note-warning"><Icon name="alert" class="mt-0.5 text-warning" /><span>{ "There are more changes than are looked at; the oldest are left out of every figure." }</span></p>
            }
            { for it.total.iter().map(tiles) }
            { for it.total.iter().map(|total| chart(it, total)) }
            <div class="panel">
                { cards("Changes that were made", "ledger-table", heads(), it.items.iter().take(more.rows).map(row).collect()) }
                    { more.foot() }
            </div>
        </div>
    }
}

fn tiles(it: &SavingsTotal) -> Html {
    let money = |amount: Option<_>| {
        amount.map_or_else(|| "–".to_owned(), |amount| format::money(amount, &it.currency))
    };
    let untold = (it.untold > 0).then(|| format!("{} of them cannot be told", grouped(it.untold)));
    html! {
        <div class="grid grid-cols-1 gap-3 sm:grid-cols-3" data-testid="ledger-tiles">
            { tile("savings", "Saved so far", &[money(it.realised)], "by the usage since".to_owned()) }
            { tile("chart", "Said to save", &[money(it.predicted)], "over all their days".to_owned()) }
            { tile("operations", "Changes", &[grouped(it.changes)], untold.unwrap_or_default()) }
        </div>
    }
}

fn chart(it: &Savings, total: &SavingsTotal) -> Html {
    let Months { data, estimated, table, summary } = months(it, &total.currency);
    let title = if it.total.len() > 1 {
        format!("Savings by month, {}", total.currency)
    } else {
        "Savings by month".to_owned()
    };
    let note = html! { <p class="chart-note">{ "Saved: the bill under the old settings less the one under the new, both reckoned from the usage seen since and the prices of the day of the change. Said: what the recommendations said of the same changes." }</p> };
    html! {
        <ChartPanel title={title.clone()} {table} file={format!("savings-{}.csv", total.currency)} {note} testid="ledger-months">
            if data.is_known() {
                <Columns {data} {title} {estimated} {summary} />
            } else {
                <p class="py-8 text-center text-muted">{ "No saving can be told yet; each change below says why." }</p>
            }
        </ChartPanel>
    }
}

fn heads() -> Html {
    html! { <>{ th("Desktop") }{ th("Change") }{ th_number("Said to save") }{ th_number("Saved") }{ th("How it is known") }{ th("By") }{ th("Applied") }</> }
}

fn row(it: &SavingsItem) -> Html {
    let money = |amount: Option<Money>| match (amount, &it.currency) {
        (Some(amount), Some(currency)) => html! { format::money(amount, currency) },
        (Some(amount), None) => html! { format::cents(amount.to_f64()) },
        (None, _) => none(),
    };
    let operation = Route::Operation { id: it.operation_id.to_string() };
    let (before, after) = differing(&it.before, &it.after);
    html! {
        <tr key={format!("{}-{}", it.operation_id, it.workspace_id)} data-testid="ledger-row">
            <td>{ desktop_link(&it.workspace_id.0, &it.user_name) }<span class="cell-more">{ format!("{} / {}", it.account, it.region) }</span></td>
            <td data-label="Change">
                <span><Go to={operation} class="link">{ it.action.label() }</Go>if it.after != Parameters::default() { <span class="cell-more">{ change(&before, &after) }</span> }</span>
            </td>
            <td class="text-right tabular" data-label="Said to save">
                <span>{ money(it.predicted) }if let Some(day) = it.predicted_until.filter(|_| it.predicted.is_some()) { <span class="cell-more">{ format!("to {}", format::day(day.pred_opt().unwrap_or(day))) }</span> }</span>
            </td>
            <td class="text-right tabular" data-label="Saved">
                <span><span class="font-semibold">{ money(it.realised) }</span>if let Some(day) = it.counts_until { <span class="cell-more">{ format!("counts to {}", format::day(day)) }</span> }</span>
            </td>
            <td class="cell-text">{ known(it) }</td>
            <td data-label="By">{ &it.proposed_by }</td>
            <td data-label="Applied"><Ago at={it.applied_at} /></td>
        </tr>
    }
}

/// Where the figure is from, or why there is none.
fn known(it: &SavingsItem) -> Html {
    if let Some(why) = &it.untold {
        return html! { <span class="text-muted">{ why }</span> };
    }
    let missing = (it.days_missing > 0)
        .then(|| counted(i64::from(it.days_missing), "day of usage missing", "days of usage missing"));
    let SavingsSource::Modelled = it.source;
    html! {
        <span class="cell-tags">
            <span class="tag" title="Reckoned from the usage seen since and the prices of the day it was applied">{ "Modelled" }</span>
            { for it.prices.map(prices) }
            if it.estimated { <span class="tag tag-weak">{ "Estimated" }</span> }
            if let Some(missing) = missing { <span class="tag">{ missing }</span> }
        </span>
    }
}
