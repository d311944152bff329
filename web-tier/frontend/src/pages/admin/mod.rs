//! The back room: users, configuration, synonyms, evaluation, schedules, jobs, audit log, statistics.

mod audit;
mod config;
mod cron;
mod evaluation;
mod jobs;
mod schedules;
mod statistics;
mod synonyms;
mod user_form;
mod users;

use yew::prelude::*;

use crate::{
    components::{header::PageHeader, link::Go, loaded::empty},
    routes::Route,
};

/// Address, label.
const TABS: [(&str, &str); 8] = [
    ("users", "Users"),
    ("config", "Configuration"),
    ("synonyms", "Synonyms"),
    ("evaluation", "Evaluation"),
    ("schedules", "Schedules"),
    ("jobs", "Jobs"),
    ("audit", "Audit log"),
    ("statistics", "Statistics"),
];

#[derive(Debug, Properties, PartialEq)]
pub struct AdminPageProps {
    pub tab: AttrValue,
}

/// See the module.
#[component]
pub fn AdminPage(props: &AdminPageProps) -> Html {
    let tab = props.tab.as_str();
    html! {
        <>
            <PageHeader title="Admin" />
            <nav class="tab-bar" aria-label="Admin">
                { for TABS.iter().map(|(name, label)| {
                    let current = *name == tab;
                    html! {
                        <Go key={*name} to={Route::AdminTab { tab: (*name).to_owned() }} {current} testid={format!("admin-{name}")}
                            class={classes!("tab-link", current.then_some("is-current"))}>{ *label }</Go>
                    }
                }) }
            </nav>
            { match tab {
                "users" => html! { <users::Users /> },
                "config" => html! { <config::Config /> },
                "synonyms" => html! { <synonyms::Synonyms /> },
                "evaluation" => html! { <evaluation::EvaluationTab /> },
                "schedules" => html! { <schedules::Schedules /> },
                "jobs" => html! { <jobs::Jobs /> },
                "audit" => html! { <audit::Audit /> },
                "statistics" => html! { <statistics::Statistics /> },
                _ => html! { <section class="panel">{ empty("admin", "There is no such page", "Choose one of the tabs above.", Html::default()) }</section> },
            } }
        </>
    }
}

/// Where a tab's list keeps its state.
fn here(tab: &str) -> Route {
    Route::AdminTab { tab: tab.to_owned() }
}
