//! Long work at the top of every page: syncs and reports with bar, count and what to do when they are done.

use std::rc::Rc;

use contract::{jobs::JobState, reports::Report};
use yew::prelude::*;

use super::{
    icon::Icon,
    sync::{SyncProgress, bar},
};
use crate::{
    exports::{Desk, use_desk},
    format,
    live::{Live, LiveHandle},
};

/// See the module.
#[component]
pub fn Flashbar() -> Html {
    let Some(live) = use_context::<LiveHandle>() else { return Html::default() };
    let desk = use_desk();
    html! {
        <div class="flashbar">
            if live.lost {
                <p class="flash flash-line" role="status">
                    <Icon name="alert" class="text-warning" />
                    { "Live updates are interrupted. Skydesk is reconnecting; what is shown may be some minutes old." }
                </p>
            }
            <SyncProgress live={live.clone()} />
            if let Some(desk) = desk {
                { for desk.reports().iter().map(|report| report_line(&desk, report, &live)) }
            }
        </div>
    }
}

fn report_line(desk: &Desk, report: &Rc<Report>, live: &Live) -> Html {
    // The stream is ahead of the pulse while the job runs.
    let progress = match live.followed.get(&report.job_id) {
        Some(job) if !report.state.is_final() => &job.progress,
        _ => &report.progress,
    };
    let (icon, tone, edge) = match report.state {
        JobState::Done => ("check", "text-success", Some("is-good")),
        JobState::Dead | JobState::Cancelled => ("alert", "text-error", Some("is-bad")),
        JobState::Waiting | JobState::Running => ("sync", "text-info", None),
    };
    let id = report.id;
    let download = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| desk.download(id))
    };
    let dismiss = {
        let desk = desk.clone();
        Callback::from(move |_: MouseEvent| desk.dismiss(id))
    };
    html! {
        <section class={classes!("flash", edge)} key={id.to_string()} aria-label={format!("Report {}", report.title)}
            data-testid="report-flash" data-state={report.state.name()}>
            <div class="flash-line">
                <Icon name={icon} class={classes!(tone, (!report.state.is_final()).then_some("turning"))} />
                <p class="min-w-0 font-medium" role="status">{ headline(report) }</p>
                <p class="text-muted tabular">{ figures(report, progress.done, progress.total) }</p>
                <span class="flex-1" />
                if report.download.is_some() {
                    <button type="button" class="btn btn-xs btn-primary" onclick={download} data-testid="report-download">
                        <Icon name="download" />{ "Download" }
                    </button>
                }
                if report.state.is_final() {
                    <button type="button" class="icon-button" aria-label="Dismiss" onclick={dismiss}><Icon name="close" /></button>
                }
            </div>
            if !report.state.is_final() { { bar(fraction(progress.done, progress.total), "bar-fill") } }
            if let Some(error) = report.error.as_ref().filter(|_| report.state == JobState::Dead) {
                <p class="text-muted">{ error }</p>
            }
        </section>
    }
}

fn headline(report: &Report) -> String {
    let kind = report.format.extension().to_uppercase();
    match report.state {
        JobState::Waiting => format!("{kind} of {} is waiting", report.title),
        JobState::Running => format!("Writing {kind} of {}", report.title),
        JobState::Done => format!("{kind} of {} is ready", report.title),
        JobState::Dead => format!("{kind} of {} failed", report.title),
        JobState::Cancelled => format!("{kind} of {} was cancelled", report.title),
    }
}

fn figures(report: &Report, done: i64, total: Option<i64>) -> String {
    match (report.rows, report.bytes, total) {
        (Some(rows), Some(bytes), _) => {
            format!("{} · {}", format::counted(rows, "row", "rows"), format::bytes(bytes))
        }
        (_, _, Some(total)) => format!("{} of {} rows", format::grouped(done), format::grouped(total)),
        _ if done > 0 => format::counted(done, "row", "rows"),
        _ => String::new(),
    }
}

#[expect(clippy::as_conversions, reason = "a bar has a thousand pixels at most")]
fn fraction(done: i64, total: Option<i64>) -> f64 {
    total.filter(|it| *it > 0).map_or(0.0, |total| done as f64 / total as f64)
}
