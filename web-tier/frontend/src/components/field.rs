//! Form fields: label, hint and error bound to their input.

use contract::problem::FieldError;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What is wrong with the field at a pointer, or with something inside of it.
#[must_use]
pub fn error_at(errors: &[FieldError], pointer: &str) -> Option<AttrValue> {
    let texts: Vec<&str> =
        errors.iter().filter(|it| is_at(&it.pointer, pointer)).map(|it| it.detail.as_str()).collect();
    (!texts.is_empty()).then(|| AttrValue::from(texts.join("; ")))
}

/// Whether `it` points to the field at `pointer`, or to something inside of it.
#[must_use]
pub fn is_at(it: &str, pointer: &str) -> bool {
    it == pointer || it.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'))
}

#[derive(Debug, Properties, PartialEq)]
pub struct TextFieldProps {
    pub label: AttrValue,
    pub value: String,
    pub on_input: Callback<String>,
    #[prop_or("text".into())]
    pub kind: AttrValue,
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    #[prop_or_default]
    pub error: Option<AttrValue>,
    #[prop_or_default]
    pub autocomplete: Option<AttrValue>,
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    #[prop_or_default]
    pub mono: bool,
    #[prop_or_default]
    pub disabled: bool,
    #[prop_or_default]
    pub autofocus: bool,
}

/// A line of text.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let id = use_id(&props.label);
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.autofocus, move |wanted| {
            if let (true, Some(input)) = (*wanted, node.cast::<HtmlInputElement>()) {
                let _ = input.focus();
            }
        });
    }
    let oninput =
        props.on_input.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    let described = format!("{id}-note");
    html! {
        <div class="field">
            <label for={id.clone()} class="field-label">{ &props.label }</label>
            <input ref={node} {id} type={props.kind.clone()} value={props.value.clone()} {oninput}
                class={classes!("input", "input-sm", "w-full", props.mono.then_some("mono"), props.error.as_ref().map(|_| "input-error"))}
                autocomplete={props.autocomplete.clone()} placeholder={props.placeholder.clone()}
                spellcheck="false" disabled={props.disabled} data-testid={props.testid.clone()}
                aria-invalid={props.error.as_ref().map(|_| "true")} aria-describedby={described.clone()} />
            { note(&described, &props.label, props.hint.as_ref(), props.error.as_ref()) }
        </div>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct ChoiceFieldProps {
    pub label: AttrValue,
    pub value: String,
    /// Values and their labels.
    pub options: Vec<(String, String)>,
    pub on_change: Callback<String>,
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    #[prop_or_default]
    pub error: Option<AttrValue>,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// One of several.
#[component]
pub fn ChoiceField(props: &ChoiceFieldProps) -> Html {
    let id = use_id(&props.label);
    let described = format!("{id}-note");
    html! {
        <div class="field">
            <label for={id.clone()} class="field-label">{ &props.label }</label>
            { select(Some(id), None, &props.value, &props.options, props.on_change.clone(), props.testid.clone()) }
            { note(&described, &props.label, props.hint.as_ref(), props.error.as_ref()) }
        </div>
    }
}

/// A plain select box.
pub fn select(
    id: Option<String>,
    label: Option<&str>,
    value: &str,
    options: &[(String, String)],
    on_change: Callback<String>,
    testid: Option<AttrValue>,
) -> Html {
    let onchange =
        on_change.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <select {id} class="select select-sm w-full" aria-label={label.map(ToOwned::to_owned)} {onchange} data-testid={testid}>
            { for options.iter().map(|(name, text)| html! {
                <option value={name.clone()} selected={name == value}>{ text }</option>
            }) }
        </select>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct CheckFieldProps {
    pub label: AttrValue,
    pub checked: bool,
    pub on_change: Callback<bool>,
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    #[prop_or_default]
    pub switch: bool,
    #[prop_or_default]
    pub testid: Option<AttrValue>,
}

/// Yes or no.
#[component]
pub fn CheckField(props: &CheckFieldProps) -> Html {
    let onchange =
        props.on_change.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().checked());
    let class = if props.switch {
        "toggle toggle-sm toggle-primary"
    } else {
        "checkbox checkbox-sm checkbox-primary"
    };
    html! {
        <label class="check-field">
            <input type="checkbox" {class} checked={props.checked} {onchange} data-testid={props.testid.clone()} />
            <span>{ &props.label }
                if let Some(hint) = &props.hint { <span class="block text-muted text-xs">{ hint }</span> }
            </span>
        </label>
    }
}

/// What is wrong as a whole sentence. Errors of the contract begin with the verb, for any name before it.
fn sentence(label: &str, error: &str) -> String {
    if error.starts_with(|it: char| it.is_lowercase()) {
        format!("{label} {error}.")
    } else {
        error.to_owned()
    }
}

fn note(id: &str, label: &str, hint: Option<&AttrValue>, error: Option<&AttrValue>) -> Html {
    match (error, hint) {
        (Some(error), _) => {
            html! { <p id={id.to_owned()} class="field-error" role="alert">{ sentence(label, error) }</p> }
        }
        (None, Some(hint)) => html! { <p id={id.to_owned()} class="field-hint">{ hint }</p> },
        (None, None) => Html::default(),
    }
}

/// An element id that is unique on the page and stays for the component's life.
#[hook]
pub fn use_id(label: &str) -> String {
    use std::cell::Cell;
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    let slug: String = label.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    let id = use_memo((), |()| NEXT.replace(NEXT.get().wrapping_add(1)));
    format!("f{id}-{slug}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sentences_with_the_fields_name() {
        assert_eq!(sentence("Name", "takes 1 to 64 characters"), "Name takes 1 to 64 characters.");
        assert_eq!(sentence("At most", "Enter a number above zero."), "Enter a number above zero.");
    }

    #[test]
    fn errors_find_their_field_and_those_inside() {
        let errors = [
            FieldError::new("/name", "is empty"),
            FieldError::new("/regions/1", "is not a region"),
            FieldError::new("/regions_x", "other"),
        ];
        assert_eq!(error_at(&errors, "/name").as_deref(), Some("is empty"));
        assert_eq!(error_at(&errors, "/regions").as_deref(), Some("is not a region"));
        assert_eq!(error_at(&errors, "/email"), None);
    }
}
