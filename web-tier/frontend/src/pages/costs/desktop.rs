//! What one desktop costs, on its page: by month and day with where each figure is from, what each source says, and its prices.

use contract::{
    auth::Permission,
    billing::{CostStatus, CostTagState, WorkspaceBilling, WorkspaceMonth, WorkspacePrice},
    money::{Currency, Money},
};
use yew::prelude::*;

use super::figure::{figure, words};
use crate::{
    charts::{Data, Row, columns::Columns, panel::ChartPanel, table::Table},
    components::{
        link::Go,
        loaded::{Skeleton, empty, loaded},
        schedules_link::SchedulesLink,
        status::none,
        table::{cards, th, th_number},
    },
    format::{self, counted},
    live::use_epochs,
    pages::{desktops::pair, savings::prices},
    remote::use_remote,
    routes::Route,
    session::use_session,
};

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct CostSectionProps {
    /// The desktop's id.
    pub(crate) id: String,
}

/// See the module; nothing for those who may not see costs.
#[component]
pub(crate) fn CostSection(props: &CostSectionProps) -> Html {
    let may = use_session().may(Permission::BillingRead);
    let epoch = use_epochs().data;
    let reading = use_remote((props.id.clone(), may), epoch, |client, (id, may)| async move {
        if may { client.workspace_billing(&id).await.map(Some) } else { Ok(None) }
    });
    if !may {
        return Html::default();
    }
    html! {
        <section class="flex flex-col gap-3" aria-label="Cost" data-testid="cost">
            <h2 class="section-title">{ "Cost" }</h2>
            { loaded(&reading, "the costs of this desktop", Skeleton::Block, |it| it.as_ref().as_ref().map(body).unwrap_or_default()) }
        </section>
    }
}

fn body(it: &WorkspaceBilling) -> Html {
    if it.months.is_empty() && it.days.is_empty() {
        let hint = "What AWS tells of it, or what its hours and prices come to, stands here. The schedule “billing” reads it; without usage and \
                    prices nothing can be reckoned.";
        return html! { <div class="panel">{ empty("costs", "No cost of this desktop is known", hint, html! { <SchedulesLink /> }) }</div> };
    }
    let file = |what: &str| format!("cost-{what}-{}.csv", it.workspace_id);
    html! {
        <div class="flex flex-col gap-4">
            { facts(it) }
            { for currencies(it).iter().map(|currency| html! {
                <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                    { panel("Cost by month", "cost-months", months(it, currency), file("months")) }
                    { panel("Cost by day", "cost-days", days(it, currency), file("days")) }
                </div>
            }) }
            { told(&it.months) }
        </div>
    }
}

/// In nearly all houses one.
fn currencies(it: &WorkspaceBilling) -> Vec<Currency> {
    let mut all: Vec<Currency> = it
        .months
        .iter()
        .map(|it| &it.cost)
        .chain(it.days.iter().map(|it| &it.cost))
        .map(|it| it.currency.clone())
        .collect();
    all.sort();
    all.dedup();
    all
}

fn facts(it: &WorkspaceBilling) -> Html {
    let month =
        |n: usize| it.months.get(n).map(|it| pair(&it.month.format("%B %Y").to_string(), figure(&it.cost)));
    let tag = match (it.has_cost_tag, it.cost_tag.state) {
        (true, CostTagState::Active) => "AWS tells its cost by its tag".to_owned(),
        (true, _) => format!("It has the tag {}, which is not activated for costs", it.cost_tag.key),
        (false, _) => format!("It lacks the tag {} with its own id", it.cost_tag.key),
    };
    html! {
        <div class="panel panel-body">
            <dl class="fact-row">
                { for month(0) }{ for month(1) }
                { pair("Prices", it.price.as_ref().map_or_else(|| html! { "Not known, so nothing is reckoned" }, price)) }
                { pair("By tag", html! { <>{ tag }<Go to={Route::Costs} class="link block">{ "How costs are known" }</Go></> }) }
            </dl>
        </div>
    }
}

fn price(it: &WorkspacePrice) -> Html {
    let amount = |what: &str, amount: Option<Money>, per: &str| {
        amount.map(|amount| html! { <span class="block tabular">{ format!("{what}: {}{per}", format::money(amount, &it.currency)) }</span> })
    };
    html! {
        <>
            { for amount("AlwaysOn", it.always_on_month, " a month") }
            { for amount("AutoStop", it.auto_stop_month, " a month") }
            { for amount("AutoStop", it.auto_stop_hour, " an hour") }
            { prices(it.origin) }
        </>
    }
}

/// A chart of one series and its table.
struct Shown {
    data: Data,
    estimated: Vec<bool>,
    table: Table,
}

fn panel(title: &'static str, testid: &'static str, shown: Shown, file: String) -> Html {
    let Shown { data, estimated, table } = shown;
    let summary = data.spoken(data.rows.len().saturating_sub(1));
    let note = html! { <p class="chart-note">{ "In UTC, as on AWS's bill; the best that is known. A month's fee is on its first day." }</p> };
    html! {
        <ChartPanel {title} heading="h3" {table} {file} {testid} {note}>
            <Columns {data} {title} {estimated} {summary} />
        </ChartPanel>
    }
}

fn data(dimension: &str, currency: &Currency, rows: Vec<Row>) -> Data {
    Data {
        dimension: dimension.to_owned(),
        series: vec!["Cost".to_owned()],
        rows,
        unit: currency.to_string(),
        money: true,
    }
}

fn months(it: &WorkspaceBilling, currency: &Currency) -> Shown {
    let months: Vec<_> = it.months.iter().rev().filter(|it| it.cost.currency == *currency).collect();
    let rows = months
        .iter()
        .map(|it| Row { label: it.month.format("%b %Y").to_string(), values: vec![it.cost.amount.to_f64()] });
    let cells = months.iter().map(|it| {
        vec![
            it.month.format("%Y-%m").to_string(),
            format::cents(it.cost.amount.to_f64()),
            words(it.cost.source, it.cost.status),
        ]
    });
    Shown {
        data: data("Month", currency, rows.collect()),
        estimated: months.iter().map(|it| it.cost.status != CostStatus::Final).collect(),
        table: Table {
            heads: ["Month", "Cost", "Where it is from"].map(ToOwned::to_owned).into(),
            rows: cells.collect(),
            figures_from: 1,
        },
    }
}

fn days(it: &WorkspaceBilling, currency: &Currency) -> Shown {
    let days: Vec<_> = it.days.iter().rev().filter(|it| it.cost.currency == *currency).collect();
    let rows = days
        .iter()
        .map(|it| Row { label: it.day.format("%-d %b").to_string(), values: vec![it.cost.amount.to_f64()] });
    let cells = days.iter().map(|it| {
        vec![
            it.day.to_string(),
            format::cents(it.cost.amount.to_f64()),
            format::cents(it.modelled.map_or(f64::NAN, Money::to_f64)),
            it.billable_hours.map_or_else(|| "–".to_owned(), |it| it.to_string()),
            words(it.cost.source, it.cost.status),
        ]
    });
    let heads = ["Day", "Cost", "Modelled", "Billable hours", "Where it is from"];
    Shown {
        data: data("Day", currency, rows.collect()),
        estimated: days.iter().map(|it| it.cost.status != CostStatus::Final).collect(),
        table: Table { heads: heads.map(ToOwned::to_owned).into(), rows: cells.collect(), figures_from: 1 },
    }
}

/// What each source says by itself, where more than one does.
fn told(months: &[WorkspaceMonth]) -> Html {
    let several: Vec<_> = months.iter().filter(|it| it.sources.len() > 1).take(6).collect();
    if several.is_empty() {
        return Html::default();
    }
    let heads = html! { <>{ th("Month") }{ th_number("Taken") }{ th("What each source says") }</> };
    let row = |it: &&WorkspaceMonth| {
        html! {
            <tr key={format!("{}-{}", it.month, it.cost.currency)}>
                <td class="font-medium">{ it.month.format("%b %Y").to_string() }</td>
                <td class="text-right" data-label="Taken">{ figure(&it.cost) }</td>
                <td data-label="Sources">
                    <ul class="flex flex-col gap-1">
                        { for it.sources.iter().map(|told| html! {
                            <li class="flex flex-wrap items-center gap-x-2">{ figure(&told.figure) }<span class="text-muted">{ counted(i64::from(told.days), "day", "days") }</span></li>
                        }) }
                        if it.sources.is_empty() { <li>{ none() }</li> }
                    </ul>
                </td>
            </tr>
        }
    };
    html! { <section class="panel" aria-label="Sources">{ cards("What each source says", "cost-sources", heads, several.iter().map(row).collect()) }</section> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_from_left_to_right_and_what_is_not_known_is_a_dash() {
        let figure = |amount: &str, status: &str| {
            format!(
                r#"{{"amount":"{amount}","currency":"USD","source":"model","status":"{status}","as_of":"2026-11-21T04:00:00Z"}}"#
            )
        };
        let text = format!(
            r#"{{"workspace_id":"ws-1","months":[{{"month":"2026-11-01","cost":{},"sources":[]}},{{"month":"2026-10-01","cost":{},"sources":[]}}],
            "days":[{{"day":"2026-11-20","cost":{},"modelled":null,"billable_hours":null}}],"price":null,"readings":[],
            "cost_tag":{{"key":"k","asked_at":null,"state":"unused","next":""}},"has_cost_tag":false}}"#,
            figure("12.5", "estimated"),
            figure("30", "final"),
            figure("1.25", "partial"),
        );
        let it: WorkspaceBilling = serde_json::from_str(&text).unwrap();
        assert_eq!(currencies(&it), [Currency::usd()]);
        let shown = months(&it, &Currency::usd());
        assert_eq!(shown.table.rows[0], ["2026-10", "30.00", "Modelled"]);
        assert_eq!((shown.data.rows[1].label.as_str(), shown.estimated), ("Nov 2026", vec![false, true]));
        assert_eq!(
            days(&it, &Currency::usd()).table.rows[0],
            ["2026-11-20", "1.25", "–", "–", "Modelled · partial"]
        );
    }
}
