//! Durable jobs by state; those that gave up can be driven again.

use contract::{
    auth::Permission,
    ids::JobId,
    jobs::{Job, JobState},
    page::Page,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::here;
use crate::{
    client::url,
    components::{
        link::{Go, go},
        loaded::{Skeleton, empty, loaded},
        pager::Pager,
        status::{job_state, none},
        table::{scrolling, th, th_number},
        time::{Ago, ago},
    },
    format::{grouped, spoken},
    listing::{
        query::{ListQuery, Term},
        use_list_query,
    },
    live::use_epochs,
    notices::use_voice,
    remote::use_remote,
    session::{use_client, use_session},
};

const DEFAULT_LIMIT: u32 = 50;

/// See the module.
#[component]
pub(super) fn Jobs() -> Html {
    let (session, client, voice) = (use_session(), use_client(), use_voice());
    let navigator = use_navigator();
    let query = use_list_query();
    let asked = url::query(&query.api_pairs(DEFAULT_LIMIT));
    let epoch = use_epochs().jobs;
    let reading = use_remote(asked, epoch, |client, asked| async move { client.jobs(&asked).await });
    let change = Callback::from(move |query: ListQuery| {
        if let Some(navigator) = &navigator {
            go(navigator, &here("jobs"), &query.to_pairs());
        }
    });
    let retry = session.may(Permission::JobsRetry).then(|| {
        let again = reading.again.clone();
        Callback::from(move |id: JobId| {
            let (client, voice, again) = (client.clone(), voice.clone(), again.clone());
            spawn_local(async move {
                match client.retry_job(id).await {
                    Ok(()) => voice.good(format!("Job {id} is driven again")),
                    Err(failure) => voice.bad("The job was not driven again", &failure),
                }
                again.emit(());
            });
        })
    });
    html! {
        <>
            <div class="toolbar"><StateFilter query={query.clone()} /></div>
            { loaded(&reading, "the jobs", Skeleton::Rows(10), |page| body(&query, page, &change, retry.as_ref())) }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct StateFilterProps {
    query: ListQuery,
}

#[component]
fn StateFilter(props: &StateFilterProps) -> Html {
    let chosen = props.query.terms.iter().find(|it| it.column == "state").map(|it| it.value.as_str());
    let link = |state: Option<JobState>| {
        let terms = state.iter().map(|it| Term::is("state", it.name())).collect();
        let query = props.query.changed(|it| it.terms = terms).to_pairs();
        let current = chosen == state.map(JobState::name);
        let label = match state {
            None => "All",
            Some(JobState::Dead) => "Failed",
            Some(JobState::Waiting) => "Waiting",
            Some(JobState::Running) => "Running",
            Some(JobState::Done) => "Done",
            Some(JobState::Cancelled) => "Cancelled",
        };
        html! { <Go key={label} to={here("jobs")} {query} {current} class={classes!("segment", "segment-word", current.then_some("is-current"))}>{ label }</Go> }
    };
    html! {
        <nav class="segments" aria-label="State">{ link(None) }{ for JobState::ALL.map(|it| link(Some(it))) }</nav>
    }
}

fn body(
    query: &ListQuery,
    page: &Page<Job>,
    change: &Callback<ListQuery>,
    retry: Option<&Callback<JobId>>,
) -> Html {
    if page.items.is_empty() {
        let hint = "Syncs, reports and schedules leave their jobs here.";
        return html! { <section class="panel">{ empty("clock", "No jobs in this state", hint, Html::default()) }</section> };
    }
    let heads = html! {
        <>{ th("Job") }{ th("Kind") }{ th("State") }{ th("Works on") }{ th_number("Done") }{ th("Asked by") }{ th("Created") }{ th("Finished") }</>
    };
    html! {
        <div class="panel">
            { scrolling("Jobs", "jobs-table", heads, page.items.iter().map(|it| row(it, retry)).collect()) }
            <Pager query={query.clone()} default_limit={DEFAULT_LIMIT} shown={page.items.len()} total={page.total}
                next={page.next.clone()} on_change={change.clone()} />
        </div>
    }
}

fn row(it: &Job, retry: Option<&Callback<JobId>>) -> Html {
    let id = it.id;
    let why = it.error.as_ref().or(it.progress.note.as_ref());
    let done = match it.progress.total {
        Some(total) => format!("{} / {}", grouped(it.progress.done), grouped(total)),
        None => grouped(it.progress.done),
    };
    html! {
        <tr key={id.to_string()} data-testid="job-row">
            <td><code class="mono">{ id.to_string() }</code></td>
            <td class="font-medium">{ spoken(&it.kind) }</td>
            <td>{ job_state(it.state) }
                if let Some(retry) = retry.filter(|_| it.state == JobState::Dead) {
                    <button type="button" class="btn btn-xs ml-3" onclick={retry.reform(move |_: MouseEvent| id)} data-testid="job-retry">{ "Drive again" }</button>
                }
                if it.attempt > 1 { <span class="ml-2 text-muted text-xs">{ format!("attempt {}", it.attempt) }</span> }
                if let Some(why) = why { <p class="max-w-56 truncate text-muted text-xs" title={why.clone()}>{ why }</p> }
            </td>
            <td>{ if it.progress.label.is_empty() { none() } else { html! { &it.progress.label } } }</td>
            <td class="text-right">{ done }</td>
            <td>{ it.requested_by.clone().unwrap_or_else(|| "schedule".to_owned()) }</td>
            <td><Ago at={it.created_at} /></td>
            <td>{ ago(it.finished_at) }</td>
        </tr>
    }
}
