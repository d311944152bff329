//! What an operation would do, before it is asked for: sentence, warnings, steps, desktops and what it saves.

use contract::{
    ids::WorkspaceId,
    operations::{Predicted, Preview, PreviewDesktop},
};
use yew::prelude::*;

use super::{look::change, steps::planned};
use crate::{
    components::{
        icon::Icon,
        status::{Meaning, desktop_state, status},
        table::th,
    },
    format::{self, counted},
};

/// The preview as it is read. `leave_out` is told the desktops that it cannot be done to.
pub(super) fn shown(it: &Preview, leave_out: Callback<Vec<WorkspaceId>>) -> Html {
    html! {
        <div class="flex flex-col gap-3" data-testid="preview">
            <p class="font-semibold">{ &it.summary }</p>
            { for it.warnings.iter().map(|warning| html! {
                <p class="note note-warning"><Icon name="alert" class="mt-0.5 text-warning" /><span>{ warning }</span></p>
            }) }
            { problems(it, leave_out) }
            if let Some(predicted) = &it.predicted { { saving(predicted) } }
            if let [one] = it.desktops.as_slice() { { alone(one) } } else { { table(&it.desktops) } }
            if !it.steps.is_empty() {
                <section aria-label="Steps"><h3 class="fact-title">{ "What happens" }</h3>{ planned(&it.steps) }</section>
            }
            <ul class="may-wrap flex flex-col gap-1">
                <li>{ if it.undoable { status(Meaning::Good, "It can be taken back") } else { status(Meaning::Warning, "It cannot be taken back") } }</li>
                if it.needs_approval {
                    <li>{ status(Meaning::Calm, if it.needs_another_person { "An administrator has to approve it, and not who proposes it" } else { "An administrator has to approve it" }) }</li>
                }
            </ul>
        </div>
    }
}

fn problems(it: &Preview, leave_out: Callback<Vec<WorkspaceId>>) -> Html {
    let out: Vec<WorkspaceId> =
        it.desktops.iter().filter(|it| it.problem.is_some()).map(|it| it.workspace_id.clone()).collect();
    if it.problems == 0 || out.is_empty() {
        return Html::default();
    }
    let others = out.len() < it.desktops.len();
    let words = counted(it.problems, "desktop", "desktops");
    html! {
        <div class="note note-error" role="alert" data-testid="preview-problems">
            <Icon name="denied" class="mt-0.5 text-error" />
            <p class="flex-1">
                { format!("It cannot be done to {words}") }
                if let [one] = it.desktops.as_slice() { { ": " }{ one.problem.clone().unwrap_or_default() } } else { { "; each says why below." } }
            </p>
            if others {
                <button type="button" class="btn btn-xs" onclick={leave_out.reform(move |_: MouseEvent| out.clone())} data-testid="leave-out">
                    { "Leave them out" }
                </button>
            }
        </div>
    }
}

/// What the recommendation said it saves.
pub(super) fn saving(it: &Predicted) -> Html {
    let last = it.until.pred_opt().unwrap_or(it.until);
    html! {
        <div class="note">
            <Icon name="savings" class="mt-0.5 text-success" />
            <p>
                { "Saves about " }<span class="font-semibold tabular">{ format::money(it.saves_p50, &it.currency) }</span>
                { format!(" to {}, at least {} in nine of ten cases. ", format::day(last), format::money(it.saves_p90, &it.currency)) }
                <span class="text-muted">{ &it.why }</span>
            </p>
        </div>
    }
}

fn alone(it: &PreviewDesktop) -> Html {
    html! {
        <dl class="pairs">
            <div class="pair"><dt>{ "Desktop" }</dt><dd>{ &it.user_name }{ " " }<code class="mono text-muted">{ &it.workspace_id.0 }</code></dd></div>
            <div class="pair"><dt>{ "Place" }</dt><dd>{ format!("{} / {}", it.account, it.region) }</dd></div>
            <div class="pair"><dt>{ "State" }</dt><dd>{ desktop_state(&it.aws_state) }</dd></div>
            if !it.set.is_empty() { <div class="pair"><dt>{ "Change" }</dt><dd>{ change(&it.before, &it.set) }</dd></div> }
        </dl>
    }
}

fn table(desktops: &[PreviewDesktop]) -> Html {
    let sets = desktops.iter().any(|it| !it.set.is_empty());
    // Those that need the reader's eye first.
    let mut rows: Vec<&PreviewDesktop> = desktops.iter().collect();
    rows.sort_by_key(|it| it.problem.is_none());
    html! {
        <div class="table-box max-h-60 border border-base-300" role="region" aria-label="Desktops" tabindex="0">
            <table class="data-table" aria-label="Desktops">
                <thead><tr>{ th("Desktop") }{ th("State") }if sets { { th("Change") } }{ th("Place") }</tr></thead>
                <tbody>
                    { for rows.iter().map(|it| html! {
                        <tr key={it.workspace_id.0.clone()}>
                            <td>{ &it.user_name }<code class="cell-more">{ &it.workspace_id.0 }</code></td>
                            <td class="whitespace-normal!">{ desktop_state(&it.aws_state) }
                                if let Some(problem) = &it.problem { <span class="block min-w-52 text-xs text-error">{ problem }</span> }
                            </td>
                            if sets { <td>{ change(&it.before, &it.set) }</td> }
                            <td>{ &it.account }<span class="cell-more">{ &it.region }</span></td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
