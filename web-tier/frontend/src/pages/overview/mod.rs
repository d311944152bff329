//! The first page: what there is, how fresh it is, and what went wrong.

mod costs;
mod freshness;
mod hours;
mod movers;
mod views;

use std::rc::Rc;

use chrono::{SecondsFormat, TimeDelta};
use contract::{
    overview::{Count, Overview},
    query::{GroupBy, Measure, Order, Plan},
};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    browser,
    charts::{
        Data,
        card::{ChartCard, Shape},
        scale::folded,
    },
    components::{
        header::PageHeader,
        icon::Icon,
        link::{Go, go},
        loaded::{Skeleton, empty, loaded},
        sync::SyncButton,
        time::Ago,
    },
    format::{grouped, percent, spoken},
    live::use_epochs,
    remote::use_remote,
    routes::Route,
};

/// A donut of more is not read.
const PARTS: usize = 5;
/// Bars beyond these belong into the table of desktops.
const BARS: usize = 10;

/// See the module.
#[component]
pub fn OverviewPage() -> Html {
    let epoch = use_epochs().data;
    let reading = use_remote((), epoch, |client, ()| async move { client.overview().await });
    let newest =
        reading.remote.ready().and_then(|it| it.freshness.iter().filter_map(|it| it.succeeded_at).max());
    let subtitle = newest.map(|at| html! { <>{ "Newest data " }<Ago {at} /></> }).unwrap_or_default();
    html! {
        <>
            <PageHeader title="Overview" {subtitle}><SyncButton /></PageHeader>
            { loaded(&reading, "the overview", Skeleton::Cards(4), |overview| html! { <Body overview={overview.clone()} /> }) }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct BodyProps {
    overview: Rc<Overview>,
}

#[component]
fn Body(props: &BodyProps) -> Html {
    let it = &props.overview;
    if it.desktops == 0 && it.freshness.is_empty() {
        let add =
            html! { <Go to={Route::Accounts} class="btn btn-sm btn-primary">{ "Register an account" }</Go> };
        return html! {
            <section class="panel">
                { empty("accounts", "No AWS account yet", "Register one and start a sync; its desktops, their state and who uses them appear here.", add) }
            </section>
        };
    }
    html! {
        <div class="flex flex-col gap-4">
            <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
                { figure("Desktops", it.desktops, String::new(), Route::Desktops, vec![], "desktops") }
                { figure("Connected", it.connected, percent(it.connected, it.desktops), Route::Desktops, pair("connection", "CONNECTED"), "user") }
                { figure("Idle for 30 days", it.idle, percent(it.idle, it.desktops), Route::Ask, pair("q", "desktops not connected for 30 days"), "clock") }
                { figure("Changes in 24 h", it.changes_today, String::new(), Route::Changes, last_day(), "changes") }
            </div>
            <views::ViewsOnOverview />
            <costs::CostsOverview />
            <hours::HoursByGroup />
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                <Counts title="By state" column="state" dimension="State" counts={it.by_state.clone()} donut=true />
                <Counts title="By running mode" column="running_mode" dimension="Mode" counts={it.by_mode.clone()} donut=true />
                <Counts title="By region" column="region" dimension="Region" counts={it.by_region.clone()} donut=false />
                <Counts title="By account" column="account" dimension="Account" counts={it.by_account.clone()} donut=false />
            </div>
            <freshness::Freshness rows={Rc::new(it.freshness.clone())} />
        </div>
    }
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

/// The changes that the figure counts: those of a day, without the desktops that are new.
fn last_day() -> Vec<(String, String)> {
    let since = browser::now() - TimeDelta::days(1);
    let mut pairs = pair("min_observed_at", &since.to_rfc3339_opts(SecondsFormat::Secs, true));
    pairs.extend(["changed", "gone", "returned"].into_iter().flat_map(|kind| pair("kind", kind)));
    pairs
}

fn figure(
    label: &'static str,
    value: i64,
    share: String,
    to: Route,
    query: Vec<(String, String)>,
    icon: &'static str,
) -> Html {
    html! {
        <Go {to} {query} class="figure">
            <span class="figure-label"><Icon name={icon} />{ label }</span>
            <span class="figure-value">{ grouped(value) }<small>{ share }</small></span>
        </Go>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct CountsProps {
    title: AttrValue,
    /// The column of a desktop.
    column: &'static str,
    dimension: AttrValue,
    counts: Vec<Count>,
    donut: bool,
}

/// Counts as a chart whose parts lead to their desktops.
#[component]
fn Counts(props: &CountsProps) -> Html {
    let navigator = use_navigator();
    let all = props.counts.len();
    let most = if props.donut { PARTS } else { BARS };
    let parts = folded(props.counts.iter().map(|it| (it.value.clone(), it.count)).collect(), most);
    let pickable = if all > most { parts.len().saturating_sub(1) } else { parts.len() };
    let on_pick = {
        let (parts, column) = (parts.clone(), props.column);
        Callback::from(move |n: usize| {
            if let (Some(navigator), Some((value, _))) = (&navigator, parts.get(n).filter(|_| n < pickable)) {
                // The overview's word for desktops without a value.
                let value = if value == "unknown" { "" } else { value };
                go(navigator, &Route::Desktops, &pair(column, value));
            }
        })
    };
    let data = Data::counts(
        &props.dimension,
        "desktops",
        parts.into_iter().map(|(value, count)| (spoken(&value), count)),
    );
    let shape = if props.donut { Shape::Donut { pickable } } else { Shape::Bars { axis: false } };
    html! { <ChartCard title={props.title.clone()} {data} {shape} {on_pick} plan={plan(props.column)} testid={format!("chart-{}", props.column)} /> }
}

/// The same counts as a question, for the report.
fn plan(column: &str) -> Plan {
    Plan {
        entity: "workspaces".to_owned(),
        measures: vec![Measure::count()],
        group_by: vec![GroupBy::values(column)],
        order: Some(Order { by: "count".to_owned(), descending: true }),
        ..Plan::default()
    }
}
