//! The form in which one slot of a plan is edited or added.

mod draft;

use contract::{
    catalog::{Dimension, Kind},
    query::{Having, Op, Plan},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use self::draft::{Draft, begin, finish};
use super::slots::{Edit, Slot, figures, groups, measure_words, measures, orderable};
use crate::{
    catalog::{dimension, use_catalog},
    components::field::{ChoiceField, TextField},
    format::spoken,
};

/// Groups of more values than these are not offered as buttons.
const OFFERED: usize = 24;

#[derive(Debug, Properties, PartialEq)]
pub(super) struct EditorProps {
    pub(super) plan: Plan,
    pub(super) slot: Slot,
    pub(super) on_edit: Callback<Edit>,
    pub(super) on_close: Callback<()>,
}

/// See the module.
#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let catalog = use_catalog();
    let whole = use_memo((catalog.clone(), props.plan.entity.clone()), |(catalog, name)| catalog.whole(name));
    let entity = whole.as_ref().as_ref();
    let draft = use_state(|| begin(props.slot, &props.plan, entity));
    let error = use_state(|| None::<String>);
    let set = |change: fn(&mut Draft, String)| {
        let (draft, error) = (draft.clone(), error.setter());
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
            error.set(None);
        })
    };
    let onsubmit = {
        let result = finish(props.slot, &draft, entity);
        let (on_edit, error) = (props.on_edit.clone(), error.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match &result {
                Ok(edit) => on_edit.emit(edit.clone()),
                Err(why) => error.set(Some(why.clone())),
            }
        })
    };
    let dimensions = |wanted: fn(&Dimension) -> bool| -> Vec<(String, String)> {
        let all = entity.into_iter().flat_map(|it| &it.dimensions).filter(|it| wanted(it));
        all.map(|it| (it.name.clone(), it.label.clone())).collect()
    };
    let chosen = dimension(entity, &draft.name);
    let body = match props.slot {
        Slot::Entity => {
            let options = catalog
                .0
                .iter()
                .flat_map(|it| &it.entities)
                .map(|it| (it.name.clone(), it.label.clone()))
                .collect::<Vec<_>>();
            html! { <ChoiceField label="About" value={draft.name.clone()} {options} on_change={set(|it, value| it.name = value)} /> }
        }
        Slot::Measure(_) => {
            let options = measures(entity, props.plan.per.is_some())
                .iter()
                .map(|it| (it.key(), measure_words(entity, it)))
                .collect::<Vec<_>>();
            html! { <ChoiceField label="Figure" value={draft.name.clone()} {options} on_change={set(|it, value| it.name = value)} /> }
        }
        Slot::Group(_) | Slot::Per => html! {
            <>
                <ChoiceField label={if props.slot == Slot::Per { "Per" } else { "By" }} value={draft.name.clone()} options={dimensions(|it| it.groupable)} on_change={set(|it, value| it.name = value)} />
                if chosen.is_some_and(|it| it.kind == Kind::Time) {
                    <ChoiceField label="Step" value={draft.second.clone()} on_change={set(|it, value| it.second = value)}
                        options={chosen.iter().flat_map(|it| &it.grains).map(|it| (it.name().to_owned(), it.name().to_owned())).collect::<Vec<_>>()} />
                }
            </>
        },
        Slot::Filter(_) | Slot::Part(_) => {
            filter_fields(&draft, chosen, dimensions(|it| !it.ops.is_empty()), error.as_deref(), &set)
        }
        Slot::Having(_) => html! {
            <>
                <ChoiceField label="Figure" value={draft.name.clone()} options={figures(entity, &props.plan)} on_change={set(|it, value| it.name = value)} />
                <ChoiceField label="Compared" value={draft.second.clone()} on_change={set(|it, value| it.second = value)}
                    options={Having::OPS.map(|it| (it.name().to_owned(), it.label().to_owned())).to_vec()} />
                <TextField label="Value" kind="number" value={draft.text.clone()} on_input={set(|it, value| it.text = value)}
                    error={(*error).clone().map(AttrValue::from)} testid="chip-value" />
            </>
        },
        Slot::Compare => html! {
            <>
                <TextField label="Since" value={draft.text.clone()} on_input={set(|it, value| it.text = value)}
                    hint={AttrValue::from("Such as last month, or 60 days ago")} error={(*error).clone().map(AttrValue::from)} testid="chip-since" />
                <TextField label="Before" value={draft.second.clone()} on_input={set(|it, value| it.second = value)}
                    hint={AttrValue::from("Where it ends; empty: now")} testid="chip-before" />
            </>
        },
        Slot::LimitPer => html! {
            <ChoiceField label="For each" value={draft.name.clone()} options={groups(entity, &props.plan)} on_change={set(|it, value| it.name = value)} />
        },
        Slot::Order => html! {
            <>
                <ChoiceField label="Order by" value={draft.name.clone()} options={orderable(entity, &props.plan)} on_change={set(|it, value| it.name = value)} />
                <ChoiceField label="Direction" value={draft.second.clone()} on_change={set(|it, value| it.second = value)}
                    options={vec![("down".to_owned(), "Highest first".to_owned()), ("up".to_owned(), "Lowest first".to_owned())]} />
            </>
        },
        Slot::Limit => html! {
            <TextField label="At most" kind="number" value={draft.text.clone()} on_input={set(|it, value| it.text = value)}
                error={(*error).clone().map(AttrValue::from)} autofocus=true />
        },
        Slot::Column(_) => Html::default(),
    };
    html! {
        <form class="editor" {onsubmit} data-testid="chip-editor">
            { body }
            <div class="editor-foot">
                <button type="submit" class="btn btn-sm btn-primary" data-testid="chip-apply">{ "Apply" }</button>
                <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
            </div>
        </form>
    }
}

fn filter_fields(
    draft: &Draft,
    chosen: Option<&Dimension>,
    options: Vec<(String, String)>,
    error: Option<&str>,
    set: &impl Fn(fn(&mut Draft, String)) -> Callback<String>,
) -> Html {
    let ops: Vec<Op> = chosen.map(|it| it.ops.clone()).unwrap_or_default();
    let op = ops.iter().copied().find(|it| it.name() == draft.second).or(ops.first().copied());
    let hint = match chosen.map(|it| it.kind) {
        Some(Kind::Time | Kind::Date) => Some("A day such as 2026-03-03, 30 days ago, or last month"),
        Some(Kind::Bool) => Some("yes or no"),
        Some(Kind::Number) => None,
        _ => Some("Several are separated by commas"),
    };
    let set_name = set(|it, value| {
        it.name = value;
        it.text.clear();
    });
    let set_text = set(|it, value| it.text = value);
    html! {
        <>
            <ChoiceField label="Where" value={draft.name.clone()} {options} on_change={set_name} />
            <ChoiceField label="Compared" value={op.map(|it| it.name().to_owned()).unwrap_or_default()} on_change={set(|it, value| it.second = value)}
                options={ops.iter().map(|it| (it.name().to_owned(), it.label().to_owned())).collect::<Vec<_>>()} />
            if op.is_some_and(|it| !it.is_unary()) {
                { offered(draft, chosen, &set_text) }
                <TextField label="Value" value={draft.text.clone()} on_input={set_text} hint={hint.map(AttrValue::from)}
                    error={error.map(|it| AttrValue::from(it.to_owned()))} testid="chip-value" />
            }
        </>
    }
}

/// Known values as boxes to tick; they write into the text.
fn offered(draft: &Draft, chosen: Option<&Dimension>, set_text: &Callback<String>) -> Html {
    let Some(chosen) = chosen.filter(|it| !it.values.is_empty() && it.values.len() <= OFFERED) else {
        return Html::default();
    };
    let picked: Vec<String> =
        draft.text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
    html! {
        <fieldset class="offers">
            <legend class="field-label">{ "Values" }</legend>
            { for chosen.values.iter().map(|value| {
                let checked = picked.iter().any(|it| it.eq_ignore_ascii_case(value));
                let (picked, value_of) = (picked.clone(), value.clone());
                let onchange = set_text.reform(move |event: Event| {
                    let mut next = picked.clone();
                    next.retain(|it| !it.eq_ignore_ascii_case(&value_of));
                    if event.target_unchecked_into::<HtmlInputElement>().checked() {
                        next.push(value_of.clone());
                    }
                    next.join(", ")
                });
                html! {
                    <label class="offer" key={value.clone()}>
                        <input type="checkbox" class="checkbox checkbox-xs checkbox-primary" {checked} {onchange} />{ spoken(value) }
                    </label>
                }
            }) }
        </fieldset>
    }
}
