//! What an administrator can change while Skydesk runs.

use std::rc::Rc;

use contract::{problem::FieldError, settings::Settings};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    components::{
        field::{CheckField, TextField, error_at},
        loaded::{Skeleton, loaded},
    },
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

/// A number as it is typed: it may be no number yet.
#[derive(Debug)]
struct Number {
    pointer: &'static str,
    label: &'static str,
    hint: &'static str,
    get: fn(&Settings) -> String,
    set: fn(&mut Settings, &str) -> Option<()>,
}

macro_rules! number {
    ($field:ident, $label:literal, $hint:literal) => {
        Number {
            pointer: concat!("/", stringify!($field)),
            label: $label,
            hint: $hint,
            get: |it| it.$field.to_string(),
            set: |it, text| text.trim().parse().ok().map(|value| it.$field = value),
        }
    };
}

const SECTIONS: [(&str, &[Number]); 3] = [
    (
        "AWS and desktops",
        &[
            number!(aws_calls_per_second, "Calls per second", "To one API of one account and region"),
            number!(
                aws_monthly_cap,
                "Spend on asking AWS (USD a month)",
                "Metrics and Cost Explorer cost money; beyond it they are not asked"
            ),
            number!(
                usage_every_hours,
                "Usage is read every (hours)",
                "About 0.01 USD for 1,000 desktops each time; 0 reads none"
            ),
            number!(
                cost_tag,
                "Tag that holds a desktop's own id",
                "By it Cost Explorer can tell what each desktop costs"
            ),
            number!(
                opt_out_tag,
                "Tag that opts a desktop out of advice",
                "In any case of letters; a date as its value says until when"
            ),
            number!(
                idle_days,
                "Idle after (days)",
                "Without a connection for so long, a desktop counts as idle"
            ),
        ],
    ),
    (
        "Questions",
        &[
            number!(answer_rows, "Rows of an answer", "A report holds all of them"),
            number!(question_timeout_seconds, "Time limit (seconds)", "Then a question's query is stopped"),
            number!(questions_per_minute, "Questions per minute", "For each user"),
            number!(model_confidence, "Least confidence of the model", "0 to 1; below this, it asks back"),
        ],
    ),
    (
        "Keeping",
        &[
            number!(report_days, "Reports are kept for (days)", "Then their files are removed"),
            number!(job_days, "Jobs are kept for (days)", "Only finished ones are removed"),
        ],
    ),
];

/// See the module.
#[component]
pub(super) fn Config() -> Html {
    let reading = use_remote((), 0, |client, ()| async move { client.settings().await });
    let again = reading.again.clone();
    loaded(&reading, "the configuration", Skeleton::Block, |settings| {
        html! { <Form settings={settings.clone()} on_saved={again} /> }
    })
}

#[derive(Debug, Properties, PartialEq)]
struct FormProps {
    settings: Rc<Settings>,
    on_saved: Callback<()>,
}

#[component]
fn Form(props: &FormProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let texts = use_state(|| texts(&props.settings));
    let use_model = use_state_eq(|| props.settings.use_model);
    let errors = use_state(Vec::<FieldError>::new);
    let busy = use_state_eq(|| false);
    let onsubmit = {
        let (draft, wrong) = read(&props.settings, &texts, *use_model);
        let (errors, busy, on_saved) = (errors.setter(), busy.setter(), props.on_saved.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            errors.set(wrong.clone());
            if !wrong.is_empty() {
                return;
            }
            let (client, voice, draft) = (client.clone(), voice.clone(), draft.clone());
            let (errors, busy, on_saved) = (errors.clone(), busy.clone(), on_saved.clone());
            busy.set(true);
            spawn_local(async move {
                match client.put_settings(&draft).await {
                    Ok(()) => {
                        voice.good("Configuration saved");
                        on_saved.emit(());
                    }
                    Err(failure) => {
                        errors.set(failure.errors().to_vec());
                        voice.bad("The configuration was not saved", &failure);
                    }
                }
                busy.set(false);
            });
        })
    };
    let fields = SECTIONS.iter().flat_map(|(_, fields)| *fields).map(|it| it.pointer).collect::<Vec<_>>();
    let set = |pointer: &'static str| {
        let (texts, at) = (texts.clone(), fields.iter().position(|it| *it == pointer));
        Callback::from(move |value: String| {
            let mut next = (*texts).clone();
            if let Some(text) = at.and_then(|it| next.get_mut(it)) {
                *text = value;
            }
            texts.set(next);
        })
    };
    let text = |pointer: &str| {
        fields.iter().position(|it| *it == pointer).and_then(|it| texts.get(it)).cloned().unwrap_or_default()
    };
    let on_model = {
        let use_model = use_model.setter();
        Callback::from(move |it: bool| use_model.set(it))
    };
    html! {
        <form class="panel max-w-3xl" {onsubmit} data-testid="config-form">
            { for SECTIONS.iter().map(|(title, fields)| html! {
                <section class="form-section" key={*title} aria-label={*title}>
                    <h2 class="panel-title">{ *title }</h2>
                    <div class="grid gap-3 sm:grid-cols-2">
                        { for fields.iter().map(|it| html! {
                            <TextField key={it.pointer} label={it.label} hint={it.hint} value={text(it.pointer)} on_input={set(it.pointer)}
                                error={error_at(&errors, it.pointer)} />
                        }) }
                    </div>
                    if *title == "Questions" {
                        <CheckField label="Ask the language model what the rules do not read" checked={*use_model} on_change={on_model.clone()} switch=true />
                    }
                </section>
            }) }
            <footer class="dialog-foot">
                <button type="submit" class="btn btn-sm btn-primary" disabled={*busy} data-testid="config-save">{ if *busy { "Saving" } else { "Save" } }</button>
            </footer>
        </form>
    }
}

fn texts(settings: &Settings) -> Vec<String> {
    SECTIONS.iter().flat_map(|(_, fields)| *fields).map(|it| (it.get)(settings)).collect()
}

/// The settings that the texts mean, and what is wrong with them.
fn read(before: &Settings, texts: &[String], use_model: bool) -> (Settings, Vec<FieldError>) {
    let mut settings = Settings { use_model, ..before.clone() };
    let mut errors = Vec::new();
    for (field, text) in SECTIONS.iter().flat_map(|(_, fields)| *fields).zip(texts) {
        if (field.set)(&mut settings, text).is_none() {
            errors.push(FieldError::new(field.pointer, "is not such a number"));
        }
    }
    errors.extend(settings.check());
    (settings, errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_the_form_and_comes_back_as_it_was() {
        let settings = Settings { idle_days: 45, model_confidence: 0.75, ..Settings::default() };
        let (read_back, errors) = read(&Settings::default(), &texts(&settings), settings.use_model);
        assert_eq!((read_back, errors), (settings.clone(), vec![]));
        let wire = serde_json::to_value(&settings).unwrap();
        assert_eq!(texts(&settings).len() + 1, wire.as_object().unwrap().len());
    }

    #[test]
    fn what_is_no_number_or_out_of_bounds_is_named() {
        let mut typed = texts(&Settings::default());
        typed[0] = "many".into();
        let idle = SECTIONS.iter().flat_map(|(_, fields)| *fields).position(|it| it.pointer == "/idle_days");
        typed[idle.unwrap()] = "0".into();
        let pointers: Vec<_> =
            read(&Settings::default(), &typed, true).1.into_iter().map(|it| it.pointer).collect();
        assert_eq!(pointers, ["/aws_calls_per_second", "/idle_days"]);
    }
}
