//! The plan as chips: each can be edited, removed, and others added; every change runs the plan again.

use contract::query::Plan;
use yew::prelude::*;

use super::{
    editor::Editor,
    slots::{Slot, addable, chips, with, without},
};
use crate::{catalog::use_catalog, components::icon::Icon};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct ChipsProps {
    pub(super) plan: Plan,
    pub(super) on_change: Callback<Plan>,
}

/// See the module.
#[component]
pub(super) fn Chips(props: &ChipsProps) -> Html {
    let ChipsProps { plan, on_change } = props;
    let catalog = use_catalog();
    let whole = use_memo((catalog.clone(), plan.entity.clone()), |(catalog, name)| catalog.whole(name));
    let entity = whole.as_ref().as_ref();
    let editing = use_state_eq(|| None::<Slot>);
    let edit = |slot: Option<Slot>| {
        let editing = editing.setter();
        Callback::from(move |()| editing.set(slot))
    };
    let one_entity = catalog.0.as_ref().is_none_or(|it| it.entities.len() < 2);
    let known = entity.is_some();
    let adds = addable(plan);
    let on_edit = {
        let (plan, close) = (plan.clone(), edit(None));
        on_change.reform(move |it| {
            close.emit(());
            with(&plan, it)
        })
    };
    html! {
        <div class="flex flex-col gap-3" data-testid="chips">
            <div class="flex flex-wrap items-center gap-1.5">
                { for chips(entity, plan).into_iter().map(|(slot, word, text)| {
                    let fixed = !known || matches!(slot, Slot::Column(_)) || (slot == Slot::Entity && one_entity);
                    let words = html! { <><span class="text-muted">{ word }</span>{ "\u{a0}" }<span class="font-medium">{ &text }</span></> };
                    let removed = without(plan, slot).map(|next| on_change.reform(move |_: MouseEvent| next.clone()));
                    html! {
                        <span class={classes!("chip", (*editing == Some(slot)).then_some("is-active"))} key={format!("{slot:?}")} data-testid="plan-chip">
                            if fixed { <span class="chip-words">{ words }</span> } else {
                                <button type="button" class="chip-words chip-edit" title="Edit" onclick={edit(Some(slot)).reform(|_| ())}>{ words }</button>
                            }
                            if let Some(onclick) = removed {
                                <button type="button" class="chip-remove" aria-label={format!("Remove {word} {text}")} {onclick}><Icon name="close" /></button>
                            }
                        </span>
                    }
                }) }
                if known {
                    { for adds.into_iter().map(|(slot, label)| html! {
                        <button type="button" class="chip chip-add" key={label} onclick={edit(Some(slot)).reform(|_| ())}
                            data-testid={format!("add-{}", label.to_lowercase().replace(' ', "-"))}>
                            <Icon name="plus" />{ label }
                        </button>
                    }) }
                }
            </div>
            if let Some(slot) = *editing {
                <Editor key={format!("{slot:?}")} plan={plan.clone()} {slot} {on_edit} on_close={edit(None)} />
            }
        </div>
    }
}
