//! The panel around a chart: title, "show as table", and how its figures are taken home.

use yew::prelude::*;

use super::table::Table;
use crate::{browser, components::icon::Icon};

#[derive(Debug, Properties, PartialEq)]
pub struct ChartPanelProps {
    pub title: AttrValue,
    /// The figures that the chart shows.
    pub table: Table,
    /// A line below the chart.
    #[prop_or_default]
    pub note: Html,
    /// Export of what the server knows of it.
    #[prop_or_default]
    pub export: Html,
    /// The name of the file that the table is saved as, made here; for figures that are no report.
    #[prop_or_default]
    pub file: Option<AttrValue>,
    /// The level of the heading: `h2`, `h3`.
    #[prop_or("h2".into())]
    pub heading: AttrValue,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// The chart.
    pub children: Html,
}

/// See the module.
#[component]
pub fn ChartPanel(props: &ChartPanelProps) -> Html {
    let ChartPanelProps { title, table, .. } = props;
    let as_table = use_state_eq(|| false);
    let toggle = {
        let (now, as_table) = (*as_table, as_table.setter());
        Callback::from(move |_: MouseEvent| as_table.set(!now))
    };
    let label = if *as_table { "Show as chart" } else { "Show as table" };
    let empty = table.rows.is_empty();
    html! {
        <section class={classes!("panel", "chart-card", props.class.clone())} aria-label={title.clone()} data-testid={props.testid.clone()}>
            <header class="panel-head">
                <@{props.heading.to_string()} class="panel-title">{ title }</@>
                <span class="flex-1" />
                <button type="button" class="icon-button" aria-label={format!("{title}: {}", label.to_lowercase())} title={label}
                    disabled={empty} onclick={toggle}>
                    <Icon name={if *as_table { "chart" } else { "table" }} />
                </button>
                if let Some(file) = &props.file { { save(title, table, file) } }
                { props.export.clone() }
            </header>
            <div class="panel-body">
                if empty {
                    <p class="py-8 text-center text-muted">{ "Nothing to show yet." }</p>
                } else if *as_table {
                    { table.shown(title) }
                } else {
                    { props.children.clone() }{ props.note.clone() }
                }
            </div>
        </section>
    }
}

fn save(title: &str, table: &Table, file: &AttrValue) -> Html {
    let onclick = {
        let (table, file) = (table.clone(), file.clone());
        Callback::from(move |_: MouseEvent| browser::download(&table.csv_address(), &file))
    };
    html! {
        <button type="button" class="icon-button" disabled={table.rows.is_empty()} {onclick}
            title="Save as CSV" aria-label={format!("{title}: save as CSV")}>
            <Icon name="download" />
        </button>
    }
}
