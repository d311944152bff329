//! Taking a list or an answer home as CSV or Excel.

use contract::{
    auth::Permission,
    query::Plan,
    reports::{Format, NewReport, OneOrMany},
};
use std::collections::BTreeMap;
use yew::prelude::*;

use super::icon::Icon;
use crate::{browser, exports::use_desk, session::use_session};

#[derive(Debug, Properties, PartialEq)]
pub struct ExportProps {
    /// The list of the API, or the plan's entity.
    pub source: AttrValue,
    #[prop_or_default]
    pub filter: Option<BTreeMap<String, OneOrMany>>,
    #[prop_or_default]
    pub plan: Option<Plan>,
    #[prop_or_default]
    pub disabled: bool,
    /// Only CSV, as a quiet icon: for a single chart.
    #[prop_or_default]
    pub small: bool,
}

/// Buttons that start a report of what is shown.
#[component]
pub fn Export(props: &ExportProps) -> Html {
    let session = use_session();
    let Some(desk) = use_desk().filter(|_| session.may(Permission::ReportsMake)) else {
        return Html::default();
    };
    let start = |format: Format| {
        let (desk, source) = (desk.clone(), props.source.to_string());
        let (filter, plan) = (props.filter.clone(), props.plan.clone());
        Callback::from(move |_: MouseEvent| {
            desk.start(NewReport {
                source: source.clone(),
                filter: filter.clone(),
                plan: plan.clone(),
                format,
                timezone: browser::timezone(),
            });
        })
    };
    if props.small {
        return html! {
            <button type="button" class="icon-button" disabled={props.disabled} onclick={start(Format::Csv)}
                title="Export as CSV" aria-label="Export as CSV">
                <Icon name="download" />
            </button>
        };
    }
    html! {
        <div class="join" role="group" aria-label="Export">
            <button type="button" class="btn btn-sm join-item" disabled={props.disabled} onclick={start(Format::Csv)} data-testid="export-csv">
                <Icon name="download" />{ "CSV" }
            </button>
            <button type="button" class="btn btn-sm join-item" disabled={props.disabled} onclick={start(Format::Xlsx)} data-testid="export-xlsx">
                <Icon name="download" />{ "Excel" }
            </button>
        </div>
    }
}
