//! Durable jobs by state: those that have not ended can be cancelled, those that gave up driven again.

use contract::{
    auth::Permission,
    ids::JobId,
    jobs::{Job, JobState},
    page::Page,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::here;
use crate::{
    components::{
        dialog::Confirm,
        list::{List, use_list},
        loaded::{Skeleton, empty, loaded},
        segments::{Segment, segments},
        status::{Meaning, job_state, job_word, none, status},
        table::{scrolling, th, th_number},
        time::{Ago, ago},
    },
    format::{grouped, spoken},
    listing::query::{ListQuery, Term},
    live::use_epochs,
    notices::use_voice,
    session::{use_client, use_session},
};

/// See the module.
#[component]
pub(super) fn Jobs() -> Html {
    let (session, client, voice) = (use_session(), use_client(), use_voice());
    let epoch = use_epochs().jobs;
    let list = use_list(here("jobs"), epoch, |client, asked| async move { client.jobs(&asked).await });
    let again = list.reading.again.clone();
    let asked_to_cancel = use_state_eq(|| None::<(JobId, String)>);
    let busy = use_state_eq(|| false);
    let close = {
        let asked = asked_to_cancel.setter();
        Callback::from(move |()| asked.set(None))
    };
    let retry = session.may(Permission::JobsRetry).then(|| {
        let (client, voice, again) = (client.clone(), voice.clone(), again.clone());
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
    let may = May {
        retry,
        cancel: session.may(Permission::JobsCancel).then(|| {
            let asked = asked_to_cancel.setter();
            Callback::from(move |job: (JobId, String)| asked.set(Some(job)))
        }),
    };
    let on_confirm = {
        let (asked, busy, close, again) =
            ((*asked_to_cancel).clone(), busy.setter(), close.clone(), again.clone());
        Callback::from(move |()| {
            let Some((id, _)) = asked.clone() else { return };
            let (client, voice, busy) = (client.clone(), voice.clone(), busy.clone());
            let (close, again) = (close.clone(), again.clone());
            busy.set(true);
            spawn_local(async move {
                match client.cancel_job(id).await {
                    Ok(()) => voice.good(format!("Job {id} is cancelled")),
                    Err(failure) => voice.bad("The job was not cancelled", &failure),
                }
                busy.set(false);
                close.emit(());
                again.emit(());
            });
        })
    };
    html! {
        <>
            <div class="toolbar">{ states(&list.query) }</div>
            { loaded(&list.reading, "the jobs", Skeleton::Rows(10), |page| body(&list, page, &may)) }
            if let Some((id, kind)) = (*asked_to_cancel).clone() {
                <Confirm title={format!("Cancel job {id}")} verb="Cancel the job" busy={*busy} {on_confirm} on_close={close}>
                    <p>{ format!("{kind} ends at once while it waits. If it runs, it is told to stop at the next safe place.") }</p>
                    <p class="text-muted">{ "What it has done so far is kept. It can be driven again from where it stopped." }</p>
                </Confirm>
            }
        </>
    }
}

/// What the reader may do to a job.
struct May {
    retry: Option<Callback<JobId>>,
    /// Asks first, so it takes the words for the kind, too.
    cancel: Option<Callback<(JobId, String)>>,
}

fn states(list: &ListQuery) -> Html {
    let chosen = list.terms.iter().find(|it| it.column == "state").map(|it| it.value.as_str());
    let link = |state: Option<JobState>| {
        let terms = state.iter().map(|it| Term::is("state", it.name())).collect();
        let query = list.changed(|it| it.terms = terms).to_pairs();
        Segment::new(here("jobs"), query, state.map_or("All", job_word), chosen == state.map(JobState::name))
    };
    segments("State", std::iter::once(None).chain(JobState::ALL.iter().copied().map(Some)).map(link))
}

fn body(list: &List<Job>, page: &Page<Job>, may: &May) -> Html {
    if page.items.is_empty() {
        let hint = "Syncs, reports and schedules leave their jobs here.";
        return html! { <section class="panel">{ empty("clock", "No jobs in this state", hint, Html::default()) }</section> };
    }
    let heads = html! {
        <>{ th("Job") }{ th("Kind") }{ th("State") }{ th("Works on") }{ th_number("Done") }{ th("Asked by") }{ th("Created") }{ th("Finished") }<th scope="col"><span class="sr-only">{ "Actions" }</span></th></>
    };
    html! {
        <div class="panel">
            { scrolling("Jobs", "jobs-table", heads, page.items.iter().map(|it| row(it, may)).collect()) }
            { list.pager(page) }
        </div>
    }
}

fn row(it: &Job, may: &May) -> Html {
    let id = it.id;
    let kind = spoken(&it.kind);
    let why = it.error.as_ref().or(it.progress.note.as_ref());
    let done = match it.progress.total {
        Some(total) => html! { format!("{} / {}", grouped(it.progress.done), grouped(total)) },
        None if it.progress.done == 0 => none(),
        None => html! { grouped(it.progress.done) },
    };
    html! {
        <tr key={id.to_string()} data-testid="job-row">
            <td><code class="mono">{ id.to_string() }</code></td>
            <td class="font-medium">{ kind.clone() }</td>
            <td>{ state(it) }
                if it.attempt > 1 { <span class="ml-2 text-muted text-xs">{ format!("attempt {} of {}", it.attempt, it.max_attempts) }</span> }
                if let Some(why) = why { <p class="max-w-56 truncate text-muted text-xs" title={why.clone()}>{ why }</p> }
            </td>
            <td>{ if it.progress.label.is_empty() { none() } else { html! { &it.progress.label } } }</td>
            <td class="text-right">{ done }</td>
            <td>{ it.requested_by.clone().unwrap_or_else(|| "schedule".to_owned()) }</td>
            <td><Ago at={it.created_at} /></td>
            <td>{ ago(it.finished_at) }</td>
            <td class="text-right">{ action(it, kind, may) }</td>
        </tr>
    }
}

/// The state as the reader sees it: under way to its end, or ended with something to say.
fn state(it: &Job) -> Html {
    match it.state {
        JobState::Running if it.cancel_requested => status(Meaning::Warning, "Stopping"),
        JobState::Done if it.progress.note.is_some() => status(Meaning::Warning, "Ended"),
        state => job_state(state),
    }
}

fn action(it: &Job, kind: String, may: &May) -> Html {
    let id = it.id;
    match it.state {
        JobState::Dead | JobState::Cancelled => may.retry.as_ref().map(|retry| html! {
            <button type="button" class="btn btn-xs" onclick={retry.reform(move |_: MouseEvent| id)} data-testid="job-retry">{ "Drive again" }</button>
        }),
        JobState::Waiting | JobState::Running if !it.cancel_requested => may.cancel.as_ref().map(|cancel| html! {
            <button type="button" class="btn btn-xs" onclick={cancel.reform(move |_: MouseEvent| (id, kind.clone()))} data-testid="job-cancel">{ "Cancel" }</button>
        }),
        _ => None,
    }
    .unwrap_or_default()
}
