//! A chart of values in its panel.

use contract::query::Plan;
use yew::prelude::*;

use super::{Data, bars::Bars, donut::Donut, lines::Lines, panel::ChartPanel, table::Table};
use crate::components::export::Export;

/// How data are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// With or without an axis.
    Bars {
        axis: bool,
    },
    /// The same, the values of a row beside each other.
    Beside,
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
    /// See [`ChartPanel`].
    #[prop_or_default]
    pub note: Html,
    #[prop_or_default]
    pub file: Option<AttrValue>,
    #[prop_or("h2".into())]
    pub heading: AttrValue,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// See the module.
#[component]
pub fn ChartCard(props: &ChartCardProps) -> Html {
    let ChartCardProps { title, data, .. } = props;
    let export = props.plan.as_ref().map(|plan| {
        html! { <Export source={plan.entity.clone()} plan={plan.clone()} small=true disabled={data.rows.is_empty()} /> }
    });
    html! {
        <ChartPanel title={title.clone()} table={Table::of(data)} export={export.unwrap_or_default()} testid={props.testid.clone()}
            heading={props.heading.clone()} file={props.file.clone()} note={props.note.clone()} class={props.class.clone()}>
            { match props.shape {
                Shape::Bars { axis } => html! { <Bars data={data.clone()} title={title.clone()} {axis} on_pick={props.on_pick.clone()} /> },
                Shape::Beside => html! { <Bars data={data.clone()} title={title.clone()} axis=true beside=true on_pick={props.on_pick.clone()} /> },
                Shape::Lines => html! { <Lines data={data.clone()} title={title.clone()} /> },
                Shape::Donut { pickable } => html! {
                    <Donut data={data.clone()} title={title.clone()} {pickable} on_pick={props.on_pick.clone()} />
                },
            } }
        </ChartPanel>
    }
}
