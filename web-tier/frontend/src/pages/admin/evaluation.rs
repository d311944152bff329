//! How well questions are read here: by entity, over time, and what was missed.

use contract::{
    evaluations::{Evaluation, Evaluations, Miss, Verdict, Verdicts},
    jobs::Job,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    catalog::use_catalog,
    charts::{
        Data, Row,
        card::{ChartCard, Shape},
    },
    components::{
        icon::Icon,
        loaded::{Skeleton, empty, loaded},
        status::{Meaning, none, status},
        sync::bar,
        table::{cards, th, th_number},
        time::Ago,
    },
    format::{capital, counted, elapsed, percent},
    live::LiveHandle,
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

/// What its jobs are called.
const KIND: &str = "evaluate";

/// See the module.
#[component]
pub(super) fn EvaluationTab() -> Html {
    let (client, voice) = (use_client(), use_voice());
    let live = use_context::<LiveHandle>();
    // Again when one begins or ends.
    let jobs = live.iter().flat_map(|it| it.followed.values()).filter(|it| it.kind == KIND);
    let epoch = jobs.map(|it| 1 + u32::from(it.state.is_final())).sum();
    let catalog = use_catalog();
    let reading = use_remote((), epoch, |client, ()| async move { client.evaluations().await });
    let onclick = {
        let again = reading.again.clone();
        Callback::from(move |_: MouseEvent| {
            let (client, voice, again) = (client.clone(), voice.clone(), again.clone());
            spawn_local(async move {
                match client.evaluate().await {
                    Ok(()) => voice.good("The questions are being put"),
                    Err(failure) => voice.bad("The evaluation was not started", &failure),
                }
                again.emit(());
            });
        })
    };
    let label = move |entity: &str| capital(catalog.entity(entity).map_or(entity, |it| it.label.as_str()));
    loaded(&reading, "the evaluations", Skeleton::Cards(4), |it| {
        let running = it.running.as_ref().map(|job| {
            let now = live.as_ref().and_then(|live| live.followed.get(&job.id));
            progress(now.filter(|it| !it.state.is_final()).unwrap_or(job))
        });
        html! {
            <div class="flex flex-col gap-4">
                <section class="panel flex flex-wrap items-center gap-3 p-4" aria-label="Evaluate">
                    <p class="min-w-64 flex-1">
                        { format!("{} whose meaning is known are put to the rules and the model of this installation, with names of their own: \
                            no data of yours has a part in it, and nothing is changed.", counted(it.questions.into(), "question", "questions")) }
                    </p>
                    <button type="button" class="btn btn-sm btn-primary" disabled={running.is_some()} {onclick} data-testid="evaluate">
                        <Icon name="ask" />{ if running.is_some() { "Evaluating" } else { "Evaluate" } }
                    </button>
                    { running.unwrap_or_default() }
                    if it.outdated {
                        <p class="basis-full" data-testid="evaluation-outdated">
                            { status(Meaning::Warning, "Outdated") }{ " The model, the catalog, a synonym or a setting has changed since." }
                        </p>
                    }
                </section>
                { found(it, &label) }
            </div>
        }
    })
}

fn progress(job: &Job) -> Html {
    let (done, total) = (job.progress.done, job.progress.total.unwrap_or(0).max(1));
    #[expect(clippy::as_conversions, reason = "hundreds of questions")]
    let fraction = done as f64 / total as f64;
    html! {
        <div class="basis-full" data-testid="evaluation-progress">
            { bar(fraction, "bar-fill") }
            <p class="text-muted">{ format!("{done} of {total}") }</p>
            // In quarters only: a screen reader is not to read every step.
            <span class="sr-only" role="status">{ format!("Evaluation {:.0} percent done", (fraction * 4.0).floor() * 25.0) }</span>
        </div>
    }
}

fn found(it: &Evaluations, label: &impl Fn(&str) -> String) -> Html {
    let Some(newest) = it.items.first() else {
        let hint = "The first one tells how many questions are read right, asked back, refused or misread here, and which.";
        return html! { <section class="panel">{ empty("ask", "No evaluation yet", hint, Html::default()) }</section> };
    };
    html! {
        <>
            { figures(newest) }
            <ChartCard title="What became of the questions" data={by_entity(newest, label)} shape={Shape::Bars { axis: false }} testid="evaluation-chart" />
            { misses(newest) }
            { history(&it.items) }
        </>
    }
}

fn figures(it: &Evaluation) -> Html {
    let (answerable, unanswerable) = (it.answerable(), it.unanswerable());
    let figure = |name: &'static str, value: String, of: String| {
        html! { <div class="figure"><span class="figure-label">{ name }</span><span class="figure-value">{ value }<small>{ of }</small></span></div> }
    };
    let of = |n: u32, all: u32| (percent(n.into(), all.into()), format!("{n} of {all}"));
    let wrong = answerable.wrong + unanswerable.wrong;
    let (right, wrong, held) = (
        of(answerable.right, answerable.all()),
        of(wrong, answerable.all() + unanswerable.all()),
        of(unanswerable.right, unanswerable.all()),
    );
    html! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            { figure("Right at first go", right.0, right.1) }
            { figure("Wrong with confidence", wrong.0, wrong.1) }
            { figure("Held back what cannot be told", held.0, held.1) }
            { figure("Time to decide", elapsed(it.median_ms.into()), format!("95 of 100: {}", elapsed(it.p95_ms.into()))) }
        </div>
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "Right",
        Verdict::AskedRight => "Asked back, meaning offered",
        Verdict::AskedWrong => "Asked back without it",
        Verdict::Refused => "Refused",
        Verdict::Wrong => "Wrong",
    }
}

fn by_entity(it: &Evaluation, label: &impl Fn(&str) -> String) -> Data {
    let values = |of: &Verdicts| Verdict::ALL.iter().map(|it| f64::from(of.of(*it))).collect();
    let name =
        |entity: &Option<String>| entity.as_deref().map_or_else(|| "To be held back".to_owned(), label);
    Data {
        dimension: "About".to_owned(),
        series: Verdict::ALL.iter().map(|it| word(*it).to_owned()).collect(),
        rows: it
            .groups
            .iter()
            .map(|it| Row { label: name(&it.entity), values: values(&it.verdicts) })
            .collect(),
        unit: "questions".to_owned(),
        money: false,
    }
}

fn misses(it: &Evaluation) -> Html {
    if it.misses.is_empty() {
        return Html::default();
    }
    // What was wrong with confidence comes first.
    let of = |verdict: Verdict| it.misses.iter().filter(move |it| it.verdict == verdict);
    let rows = Verdict::ALL.iter().rev().flat_map(|it| of(*it)).map(miss);
    let heads = html! { <>{ th("Question") }{ th("What became of it") }{ th("Taken as") }</> };
    html! {
        <details class="panel" data-testid="evaluation-misses">
            <summary class="panel-head cursor-pointer"><Icon name="down" /><h2 class="panel-title">{ counted(it.misses.len().try_into().unwrap_or(i64::MAX), "question was not answered as meant", "questions were not answered as meant") }</h2></summary>
            { cards("What was missed", "misses-table", heads, html! { { for rows } }) }
        </details>
    }
}

fn miss(it: &Miss) -> Html {
    let meaning = match it.verdict {
        Verdict::Right => Meaning::Good,
        Verdict::AskedRight => Meaning::Calm,
        Verdict::AskedWrong | Verdict::Refused => Meaning::Warning,
        Verdict::Wrong => Meaning::Bad,
    };
    html! {
        <tr>
            <td class="font-medium">{ &it.question }</td>
            <td data-label="What became of it">{ status(meaning, word(it.verdict)) }</td>
            <td data-label="Taken as">{ &it.told }</td>
        </tr>
    }
}

fn history(items: &[Evaluation]) -> Html {
    let share = |n: u32, of: u32| percent(n.into(), of.into());
    let rows = items.iter().map(|it| {
        let (answerable, unanswerable) = (it.answerable(), it.unanswerable());
        let all = answerable.all() + unanswerable.all();
        html! {
            <tr key={it.id.to_string()} data-testid="evaluation-row">
                <td><Ago at={it.finished_at} /></td>
                <td data-label="By">{ it.started_by.clone().map_or_else(none, |it| html! { it }) }</td>
                <td data-label="Model">{ it.model.as_ref().map_or_else(|| html! { "rules alone" }, |it| html! { <code class="mono">{ it }</code> }) }</td>
                <td data-label="Catalog"><code class="mono">{ &it.catalog }</code></td>
                <td data-label="Right" class="text-right">{ share(answerable.right, answerable.all()) }</td>
                <td data-label="Asked back" class="text-right">{ share(answerable.asked_right + answerable.asked_wrong, answerable.all()) }</td>
                <td data-label="Wrong" class="text-right">{ share(answerable.wrong + unanswerable.wrong, all) }</td>
                <td data-label="Held back" class="text-right">{ share(unanswerable.right, unanswerable.all()) }</td>
            </tr>
        }
    });
    let heads = html! {
        <>{ th("When") }{ th("By") }{ th("Model") }{ th("Catalog") }{ th_number("Right") }{ th_number("Asked back") }{ th_number("Wrong") }{ th_number("Held back") }</>
    };
    html! {
        <section class="flex flex-col gap-2" aria-label="Evaluations so far">
            <h2 class="panel-title">{ "Evaluations so far" }</h2>
            { cards("Evaluations so far", "evaluations-table", heads, html! { { for rows } }) }
        </section>
    }
}
