//! How the house itself does.

use contract::{jobs::JobState, overview::Count, stats::Stats};
use yew::prelude::*;

use crate::{
    charts::{
        Data,
        card::{ChartCard, Shape},
    },
    components::{
        loaded::{Skeleton, loaded},
        status::job_word,
        time::Ago,
    },
    format::{bytes, capital, grouped, spoken},
    live::use_epochs,
    remote::use_remote,
};

/// See the module.
#[component]
pub(super) fn Statistics() -> Html {
    let epoch = use_epochs().data;
    let reading = use_remote((), epoch, |client, ()| async move { client.stats().await });
    loaded(&reading, "the statistics", Skeleton::Cards(8), |it| body(it))
}

fn body(it: &Stats) -> Html {
    let figure = |label: &'static str, value: Html| {
        html! { <div class="figure"><span class="figure-label">{ label }</span><span class="figure-value">{ value }</span></div> }
    };
    let number = |value: i64| html! { grouped(value) };
    html! {
        <div class="flex flex-col gap-4" data-testid="statistics">
            <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
                { figure("Desktops", number(it.desktops)) }
                { figure("Gone desktops kept", number(it.desktops_gone)) }
                { figure("Changes kept", number(it.changes)) }
                { figure("Reports", number(it.reports)) }
                { figure("Accounts", number(it.accounts)) }
                { figure("Users", number(it.users)) }
                { figure("Database", html! { bytes(it.database_bytes) }) }
                { figure("Connections", html! { <>{ it.connections_in_use }<small>{ format!("of {}", it.connections_max) }</small></> }) }
            </div>
            <div class="grid grid-cols-1 gap-4 lg:grid-cols-2">
                { counts("Jobs by state", "State", "jobs", &it.jobs, job) }
                { counts("Questions of the last 24 hours", "Outcome", "questions", &it.questions, outcome) }
            </div>
            <p class="text-muted">{ format!("Skydesk {}, this server started ", it.version) }<Ago at={it.started_at} /></p>
        </div>
    }
}

fn job(state: &str) -> String {
    JobState::parse(state).map_or_else(|| state.to_owned(), |it| job_word(it).to_owned())
}

/// How a question ended, as the pages of questions call it.
fn outcome(name: &str) -> String {
    match name {
        "rules" => "Read by rules".to_owned(),
        "model" => "Read by the model".to_owned(),
        "plan" => "Set by chips".to_owned(),
        "clarify" => "Asked back".to_owned(),
        other => capital(&spoken(other)),
    }
}

fn counts(
    title: &'static str,
    dimension: &str,
    unit: &str,
    counts: &[Count],
    word: fn(&str) -> String,
) -> Html {
    let data = Data::counts(dimension, unit, counts.iter().map(|it| (word(&it.value), it.count)));
    html! { <ChartCard {title} {data} shape={Shape::Bars { axis: false }} /> }
}
