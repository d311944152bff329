//! A chart in its panel: title, "show as table", export.

use contract::query::Plan;
use yew::prelude::*;

use super::{Data, bars::Bars, donut::Donut, lines::Lines};
use crate::{
    components::{export::Export, icon::Icon},
    format::decimal,
};

/// How data are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// With or without an axis.
    Bars {
        axis: bool,
    },
    Lines,
    /// Rows from this one on are sums of others.
    Donut {
        pickable: usize,
    },
}

#[derive(Debug, Properties, PartialEq)]
pub struct ChartCardProps {
    pub title: AttrValue,
    pub data: Data,
    pub shape: Shape,
    /// Makes the same figures as a report.
    #[prop_or_default]
    pub plan: Option<Plan>,
    #[prop_or_default]
    pub on_pick: Option<Callback<usize>>,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// See the module.
#[component]
pub fn ChartCard(props: &ChartCardProps) -> Html {
    let ChartCardProps { title, data, .. } = props;
    let as_table = use_state_eq(|| false);
    let toggle = {
        let (now, as_table) = (*as_table, as_table.setter());
        Callback::from(move |_: MouseEvent| as_table.set(!now))
    };
    let label = if *as_table { "Show as chart" } else { "Show as table" };
    html! {
        <section class="panel chart-card" aria-label={title.clone()} data-testid={props.testid.clone()}>
            <header class="panel-head">
                <h2 class="panel-title">{ title }</h2>
                <span class="flex-1" />
                <button type="button" class="icon-button" aria-label={label} title={label} onclick={toggle}>
                    <Icon name={if *as_table { "chart" } else { "table" }} />
                </button>
                if let Some(plan) = &props.plan {
                    <Export source={plan.entity.clone()} plan={plan.clone()} small=true disabled={data.rows.is_empty()} />
                }
            </header>
            <div class="panel-body">
                if data.rows.is_empty() {
                    <p class="py-8 text-center text-muted">{ "Nothing to show yet." }</p>
                } else if *as_table {
                    { table(title, data) }
                } else {
                    { match props.shape {
                        Shape::Bars { axis } => html! { <Bars data={data.clone()} title={title.clone()} {axis} on_pick={props.on_pick.clone()} /> },
                        Shape::Lines => html! { <Lines data={data.clone()} title={title.clone()} /> },
                        Shape::Donut { pickable } => html! {
                            <Donut data={data.clone()} title={title.clone()} {pickable} on_pick={props.on_pick.clone()} />
                        },
                    } }
                }
            </div>
        </section>
    }
}

fn table(title: &str, data: &Data) -> Html {
    html! {
        <div class="table-box max-h-72" role="region" aria-label={title.to_owned()} tabindex="0">
            <table class="data-table">
                <thead><tr>
                    <th scope="col">{ &data.dimension }</th>
                    { for data.series.iter().map(|name| html! { <th scope="col" class="text-right">{ name }</th> }) }
                </tr></thead>
                <tbody>
                    { for data.rows.iter().map(|row| html! {
                        <tr>
                            <th scope="row">{ &row.label }</th>
                            { for row.values.iter().map(|it| html! { <td class="text-right">{ decimal(*it) }</td> }) }
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
