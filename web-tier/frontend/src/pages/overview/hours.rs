//! Billable hours of the last four weeks by what a person picks: the same plan that the question box would run, so that
//! the report is that of any answer.

use contract::{
    auth::Permission,
    query::{Aggregate, Filter, Grain, GroupBy, Measure, Op, Plan, Value},
    questions::{QuestionRequest, QuestionResponse},
};
use yew::prelude::*;

use crate::{
    charts::card::{self, ChartCard},
    components::{
        field::select,
        loaded::{Skeleton, loaded},
    },
    live::use_epochs,
    pages::ask::{Shape, shape_of},
    remote::use_remote,
    session::use_session,
};

const GROUPS: [(&str, &str); 5] = [
    ("running_mode", "running mode"),
    ("compute_type", "compute type"),
    ("directory", "directory"),
    ("account", "account"),
    ("region", "region"),
];
const DAYS: u32 = 28;

/// See the module. Nothing for who may not ask.
#[component]
pub(super) fn HoursByGroup() -> Html {
    if use_session().may(Permission::QuestionsAsk) {
        html! { <Hours /> }
    } else {
        Html::default()
    }
}

#[component]
fn Hours() -> Html {
    let group = use_state_eq(|| "running_mode".to_owned());
    let epoch = use_epochs().data;
    let reading = use_remote((*group).clone(), epoch, |client, group| async move {
        client.ask(&QuestionRequest { plan: Some(plan(&group)), ..QuestionRequest::default() }).await
    });
    let options = GROUPS.map(|(name, label)| (name.to_owned(), format!("By {label}")));
    let on_group = {
        let group = group.setter();
        Callback::from(move |name: String| group.set(name))
    };
    html! {
        <div class="flex flex-col gap-2">
            <div class="w-48 self-end">{ select(None, Some("Hours by"), &group, &options, on_group, Some("hours-group".into())) }</div>
            { loaded(&reading, "the hours", Skeleton::Block, |response| {
                // A plan is run or fails; it is never asked back.
                let QuestionResponse::Answer(answer) = &**response else { return Html::default() };
                let data = match shape_of(answer) {
                    Shape::Chart(data, _) => data,
                    _ => Default::default(),
                };
                html! { <ChartCard title="Billable hours a day, four weeks" {data} shape={card::Shape::Lines} plan={answer.plan.clone()} testid="overview-hours" /> }
            }) }
        </div>
    }
}

fn plan(group: &str) -> Plan {
    Plan {
        entity: "usage".to_owned(),
        measures: vec![Measure { function: Aggregate::Sum, of: Some("billable_hours".to_owned()) }],
        group_by: vec![
            GroupBy { dimension: "day".to_owned(), grain: Some(Grain::Day) },
            GroupBy::values(group),
        ],
        filters: vec![Filter::new("day", Op::Since, Value::Ago { days_ago: DAYS })],
        ..Plan::default()
    }
}
