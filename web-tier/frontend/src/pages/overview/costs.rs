//! Money on the first page: what is spent, what moved, what is idle, what could be saved and what was.

use std::rc::Rc;

use contract::{
    auth::Permission,
    billing::{Billing, Step},
    money::{Currency, Money},
    overview::OverviewCosts,
    savings::Savings,
};
use yew::prelude::*;

use super::movers::{Movers, movers};
use crate::{
    browser,
    charts::{columns::Columns, panel::ChartPanel, table::Table},
    components::{
        icon::Icon,
        link::Go,
        loaded::{Skeleton, loaded},
    },
    format::{self, counted},
    live::use_epochs,
    pages::costs::{Chart, Look, chart},
    remote::use_remote,
    routes::Route,
    session::use_session,
};

/// See the module. Nothing for who may not see costs.
#[component]
pub(super) fn CostsOverview() -> Html {
    if use_session().may(Permission::BillingRead) {
        html! { <Costs /> }
    } else {
        Html::default()
    }
}

#[component]
fn Costs() -> Html {
    let epoch = use_epochs().data;
    let costs = use_remote((), epoch, |client, ()| async move { client.overview_costs().await });
    let billing = use_remote((), epoch, |client, ()| async move {
        let look = Look::default();
        let (from, until) = look.range(browser::now().date_naive());
        client.billing(&look.group_by, look.by, from, until).await
    });
    let savings = use_remote((), epoch, |client, ()| async move { client.savings().await });
    let (bill, ledger) = (billing.remote.ready().cloned(), savings.remote.ready().cloned());
    html! {
        <>
            { loaded(&costs, "what moved", Skeleton::Cards(4), |it| html! {
                <div class="flex flex-col gap-4">
                    { tiles(it, bill.as_deref(), ledger.as_deref()) }
                    <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                        { loaded(&billing, "the costs", Skeleton::Block, |it| html! { <Trend billing={it.clone()} /> }) }
                        { moved(it) }
                    </div>
                </div>
            }) }
        </>
    }
}

/// A figure for each currency, that of the most first; what is not known is a dash.
fn amounts<'a>(of: impl IntoIterator<Item = (Money, &'a Currency)>) -> Vec<String> {
    let told: Vec<_> = of.into_iter().map(|(amount, currency)| format::money(amount, currency)).collect();
    if told.is_empty() { vec!["–".to_owned()] } else { told }
}

fn tiles(it: &OverviewCosts, billing: Option<&Billing>, savings: Option<&Savings>) -> Html {
    let month = it.month.format("%B").to_string();
    let forecasts = billing.into_iter().flat_map(|it| &it.currencies).filter_map(|it| it.forecast.as_ref());
    let forecast = amounts(forecasts.clone().map(|it| (it.expected, &it.currency)));
    let to_date = forecasts.map(|it| format::money(it.to_date, &it.currency)).collect::<Vec<_>>().join(", ");
    let so_far = if to_date.is_empty() { String::new() } else { format!("{to_date} so far") };
    let idle: i64 = it.idle.iter().map(|it| it.desktops).sum();
    let open: i64 = it.open.iter().map(|it| it.desktops).sum();
    let realised = savings.into_iter().flat_map(|it| &it.total);
    let saved = amounts(realised.clone().filter_map(|it| Some((it.realised?, &it.currency))));
    let changes: i64 = realised.map(|it| it.changes).sum();
    html! {
        <div class="grid grid-cols-1 gap-3 sm:grid-cols-2 xl:grid-cols-4" data-testid="overview-money">
            { tile("costs", "This month, expected", &forecast, so_far, Route::Costs, "overview-forecast") }
            { tile("clock", "Spent on idle desktops", &amounts(it.idle.iter().map(|it| (it.cost, &it.currency))),
                if idle > 0 { format!("{} in {month}", counted(idle, "desktop", "desktops")) } else { month.clone() }, Route::Savings, "overview-idle") }
            { tile("savings", "Could be saved", &amounts(it.open.iter().map(|it| (it.p50, &it.currency))),
                if open > 0 { format!("on {}", counted(open, "desktop", "desktops")) } else { String::new() }, Route::Savings, "overview-open") }
            { tile("check", "Saved so far", &saved,
                if changes > 0 { format!("by {}", counted(changes, "change", "changes")) } else { "no change was applied yet".to_owned() }, Route::Ledger, "overview-saved") }
        </div>
    }
}

fn tile(
    icon: &'static str,
    label: &'static str,
    values: &[String],
    small: String,
    to: Route,
    testid: &'static str,
) -> Html {
    html! {
        <Go {to} class="figure" {testid}>
            <span class="figure-label"><Icon name={icon} />{ label }</span>
            { for values.iter().map(|it| html! { <span class="figure-value figure-money whitespace-nowrap">{ it }</span> }) }
            <span class="text-muted">{ small }</span>
        </Go>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct TrendProps {
    billing: Rc<Billing>,
}

/// Each currency's months, stacked by service.
#[component]
fn Trend(props: &TrendProps) -> Html {
    let it = &props.billing;
    if it.currencies.is_empty() {
        return html! {
            <ChartPanel title="Cost by month" table={Table::default()} testid="overview-trend">{ Html::default() }</ChartPanel>
        };
    }
    html! {
        <>
            { for it.currencies.iter().map(|of| {
                let Chart { data, estimated, forecast, table, summary } = chart(it, of);
                let title = format!("Cost by {}, {}", Step::Month.name(), of.currency);
                html! {
                    <ChartPanel key={of.currency.to_string()} title={title.clone()} {table} file={format!("costs-{}.csv", of.currency)} testid="overview-trend">
                        <Columns {data} {title} {estimated} stacked=true derived={forecast} {summary} />
                    </ChartPanel>
                }
            }) }
        </>
    }
}

/// Services and desktops that cost more or less than the month before.
fn moved(it: &OverviewCosts) -> Html {
    let Movers { title, rows, table } = movers(it);
    html! {
        <ChartPanel {title} {table} file="movers.csv" testid="overview-movers">
            <ul class="movers">
                { for rows.into_iter().map(|row| html! {
                    <li class="mover">
                        <span class="min-w-0 flex-1">
                            { match row.desktop {
                                Some(id) => html! { <Go to={Route::Desktop { id }} class="link">{ row.name }</Go> },
                                None => html! { row.name },
                            } }
                            <span class="cell-more">{ row.account }</span>
                        </span>
                        <span class="tabular text-right whitespace-nowrap">
                            <span class="font-semibold">{ row.change }</span>
                            <span class="cell-more">{ row.span }</span>
                        </span>
                    </li>
                }) }
            </ul>
        </ChartPanel>
    }
}
