//! The steps of an operation, planned or under way: what happens in which order, and how far each is.

use contract::operations::{Step, StepState};
use yew::prelude::*;

use super::look::{fraction, step_state};
use crate::{components::sync::bar, format::grouped};

/// Before anything happens: only what, and the right that it needs.
pub(super) fn planned(steps: &[Step]) -> Html {
    html! {
        <ol class="steps" data-testid="preview-steps">
            { for steps.iter().map(|it| html! {
                <li key={it.number}><span class="step-number" aria-hidden="true">{ it.number }</span>{ label(it) }</li>
            }) }
        </ol>
    }
}

/// With how far each is.
pub(super) fn taken(steps: &[Step]) -> Html {
    html! {
        <ol class="steps" data-testid="operation-steps">
            { for steps.iter().map(|it| {
                let tone = match it.state {
                    StepState::Done => "bar-good",
                    StepState::Failed => "bar-bad",
                    _ => "bar-fill",
                };
                html! {
                    <li key={it.number}>
                        <span class="step-number" aria-hidden="true">{ it.number }</span>
                        <div class="min-w-0 flex-1">
                            <div class="flex flex-col items-start justify-between gap-x-4 sm:flex-row">
                                { label(it) }
                                <span class="inline-flex flex-none flex-wrap items-center justify-end gap-x-3">
                                    if it.desktops > 1 { <span class="text-muted tabular">{ format!("{} of {}", grouped(it.through), grouped(it.desktops)) }</span> }
                                    { step_state(it.state) }
                                </span>
                            </div>
                            if it.state == StepState::Running { <div class="pt-1.5">{ bar(fraction(it.through, it.desktops), tone) }</div> }
                        </div>
                    </li>
                }
            }) }
        </ol>
    }
}

fn label(it: &Step) -> Html {
    html! {
        <span class="min-w-0 break-words">
            { &it.label }
            if let Some(api) = &it.api { <code class="block text-xs break-all text-muted">{ api }</code> }
        </span>
    }
}
