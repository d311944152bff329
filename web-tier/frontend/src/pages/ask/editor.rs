//! The form in which one slot of a plan is edited or added.

use contract::{
    catalog::{Dimension, Entity, Kind},
    query::{Filter, Grain, GroupBy, Op, Order, Plan},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::slots::{Edit, Slot, grain_name, measure_words, measures, orderable, values};
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

/// What is chosen in the form: a name, a second choice beside it, and a text.
#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    name: String,
    second: String,
    text: String,
}

/// See the module.
#[component]
pub(super) fn Editor(props: &EditorProps) -> Html {
    let catalog = use_catalog();
    let entity = catalog.entity(&props.plan.entity);
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
            let options =
                measures(entity).iter().map(|it| (it.key(), measure_words(entity, it))).collect::<Vec<_>>();
            html! { <ChoiceField label="Figure" value={draft.name.clone()} {options} on_change={set(|it, value| it.name = value)} /> }
        }
        Slot::Group(_) => html! {
            <>
                <ChoiceField label="By" value={draft.name.clone()} options={dimensions(|it| it.groupable)} on_change={set(|it, value| it.name = value)} />
                if chosen.is_some_and(|it| it.kind == Kind::Time) {
                    <ChoiceField label="Per" value={draft.second.clone()} on_change={set(|it, value| it.second = value)}
                        options={[Grain::Day, Grain::Week, Grain::Month].map(|it| (grain_name(it).to_owned(), grain_name(it).to_owned())).to_vec()} />
                }
            </>
        },
        Slot::Filter(_) => {
            filter_fields(&draft, chosen, dimensions(|it| !it.ops.is_empty()), error.as_deref(), &set)
        }
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
        Some(Kind::Time | Kind::Date) => Some("A day such as 2026-03-03, or 30 days ago"),
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

fn begin(slot: Slot, plan: &Plan, entity: Option<&Entity>) -> Draft {
    let first = |wanted: fn(&Dimension) -> bool| {
        entity
            .into_iter()
            .flat_map(|it| &it.dimensions)
            .find(|it| wanted(it))
            .map(|it| it.name.clone())
            .unwrap_or_default()
    };
    let at = |it: Option<usize>| it.unwrap_or(usize::MAX);
    match slot {
        Slot::Entity => Draft { name: plan.entity.clone(), ..Draft::default() },
        Slot::Measure(n) => {
            let name = plan.measures.get(at(n)).map_or_else(|| "count".to_owned(), |it| it.key());
            Draft { name, ..Draft::default() }
        }
        Slot::Group(n) => {
            let known = plan.group_by.get(at(n));
            Draft {
                name: known.map_or_else(|| first(|it| it.groupable), |it| it.dimension.clone()),
                second: grain_name(known.and_then(|it| it.grain).unwrap_or(Grain::Day)).to_owned(),
                text: String::new(),
            }
        }
        Slot::Filter(n) => match plan.filters.get(at(n)) {
            Some(known) => Draft {
                name: known.dimension.clone(),
                second: known.op.name().to_owned(),
                text: known.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            },
            // What people narrow down by is mostly one of a few values, so that is offered first.
            None => {
                let choice = first(|it| !it.ops.is_empty() && it.kind == Kind::Choice);
                let name = if choice.is_empty() { first(|it| !it.ops.is_empty()) } else { choice };
                Draft { name, ..Draft::default() }
            }
        },
        Slot::Order => {
            let known = plan.order.as_ref();
            let name = known.map(|it| it.by.clone()).or_else(|| orderable(entity, plan).pop().map(|it| it.0));
            let second = if known.is_some_and(|it| !it.descending) { "up" } else { "down" };
            Draft { name: name.unwrap_or_default(), second: second.to_owned(), text: String::new() }
        }
        Slot::Limit => Draft { text: plan.limit.unwrap_or(10).to_string(), ..Draft::default() },
        Slot::Column(_) => Draft::default(),
    }
}

fn finish(slot: Slot, draft: &Draft, entity: Option<&Entity>) -> Result<Edit, String> {
    let chosen = || dimension(entity, &draft.name).ok_or_else(|| "Choose one.".to_owned());
    Ok(match slot {
        Slot::Entity => Edit::Entity(draft.name.clone()),
        Slot::Measure(at) => {
            let measure = measures(entity).into_iter().find(|it| it.key() == draft.name);
            Edit::Measure(at, measure.ok_or_else(|| "Choose one.".to_owned())?)
        }
        Slot::Group(at) => {
            let by = chosen()?;
            let grain = [Grain::Week, Grain::Month]
                .into_iter()
                .find(|it| grain_name(*it) == draft.second)
                .unwrap_or(Grain::Day);
            Edit::Group(
                at,
                GroupBy { dimension: by.name.clone(), grain: (by.kind == Kind::Time).then_some(grain) },
            )
        }
        Slot::Filter(at) => {
            let by = chosen()?;
            let op = by.ops.iter().copied().find(|it| it.name() == draft.second).or(by.ops.first().copied());
            let op = op.ok_or_else(|| "Choose one.".to_owned())?;
            Edit::Filter(at, Filter { dimension: by.name.clone(), op, values: values(by, op, &draft.text)? })
        }
        Slot::Order => Edit::Order(Order { by: draft.name.clone(), descending: draft.second != "up" }),
        Slot::Limit => match draft.text.trim().parse() {
            Ok(limit) if limit > 0 => Edit::Limit(limit),
            _ => return Err("Enter a number above zero.".to_owned()),
        },
        Slot::Column(_) => return Err(String::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::query::Value;

    fn entity() -> Entity {
        serde_json::from_str(
            r#"{"name":"workspaces","label":"desktops","examples":[],"dimensions":[
            {"name":"state","label":"State","kind":"choice","unit":null,"ops":["is","is_not"],"aggregates":[],"groupable":true,"values":["AVAILABLE"]},
            {"name":"last","label":"Last","kind":"time","unit":null,"ops":["since"],"aggregates":[],"groupable":true,"values":[]}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_unchanged_form_gives_back_the_slot() {
        let entity = entity();
        let plan = Plan {
            entity: "workspaces".into(),
            filters: vec![Filter::new("state", Op::IsNot, Value::text("AVAILABLE"))],
            group_by: vec![GroupBy { dimension: "last".into(), grain: Some(Grain::Week) }],
            ..Plan::default()
        };
        let slot = Slot::Filter(Some(0));
        let edit = finish(slot, &begin(slot, &plan, Some(&entity)), Some(&entity)).unwrap();
        assert_eq!(edit, Edit::Filter(Some(0), plan.filters[0].clone()));
        let slot = Slot::Group(Some(0));
        let edit = finish(slot, &begin(slot, &plan, Some(&entity)), Some(&entity)).unwrap();
        assert_eq!(edit, Edit::Group(Some(0), plan.group_by[0].clone()));
    }

    #[test]
    fn a_new_filter_wants_a_value() {
        let entity = entity();
        let slot = Slot::Filter(None);
        let draft = begin(slot, &Plan::default(), Some(&entity));
        assert_eq!(draft.name, "state");
        assert!(finish(slot, &draft, Some(&entity)).is_err());
    }
}
