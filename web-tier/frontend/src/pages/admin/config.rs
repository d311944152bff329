//! What an administrator can change while Skydesk runs.

use std::rc::Rc;

use contract::{problem::FieldError, settings::Settings};
use yew::prelude::*;

use crate::{
    components::{
        field::{CheckField, TextField},
        form::use_form,
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
            number!(
                least_confidence,
                "Least confidence of a reading",
                "0 to 1; from here on it runs, else it is asked back"
            ),
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
        html! { <SettingsForm settings={settings.clone()} on_saved={again} /> }
    })
}

#[derive(Debug, Properties, PartialEq)]
struct SettingsFormProps {
    settings: Rc<Settings>,
    on_saved: Callback<()>,
}

/// What is typed: a text for each number of [`SECTIONS`], and the one switch.
#[derive(Debug, Clone)]
struct Draft {
    texts: Vec<String>,
    use_model: bool,
}

#[component]
fn SettingsForm(props: &SettingsFormProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let form = use_form(|| Draft { texts: texts(&props.settings), use_model: props.settings.use_model });
    let onsubmit = {
        let (before, on_saved) = (props.settings.clone(), props.on_saved.clone());
        let check = {
            let before = before.clone();
            move |it: &Draft| read(&before, &it.texts, it.use_model).1
        };
        let send = move |draft: Draft| {
            let client = client.clone();
            let (settings, _) = read(&before, &draft.texts, draft.use_model);
            async move { client.put_settings(&settings).await }
        };
        form.submit(check, send, move |_| {
            voice.good("Configuration saved");
            on_saved.emit(());
        })
    };
    let at = |pointer| {
        SECTIONS.iter().flat_map(|(_, fields)| *fields).position(|it: &Number| it.pointer == pointer)
    };
    let set = |pointer: &'static str| {
        let at = at(pointer);
        form.set(move |it: &mut Draft, value: String| {
            if let Some(text) = at.and_then(|at| it.texts.get_mut(at)) {
                *text = value;
            }
        })
    };
    let draft = form.draft();
    let text = |pointer| at(pointer).and_then(|at| draft.texts.get(at)).cloned().unwrap_or_default();
    html! {
        <form class="panel max-w-3xl" {onsubmit} data-testid="config-form">
            { for SECTIONS.iter().map(|(title, fields)| html! {
                <section class="form-section" key={*title} aria-label={*title}>
                    <h2 class="panel-title">{ *title }</h2>
                    <div class="grid gap-3 sm:grid-cols-2">
                        { for fields.iter().map(|it| html! {
                            <TextField key={it.pointer} label={it.label} hint={it.hint} value={text(it.pointer)} on_input={set(it.pointer)}
                                error={form.error(it.pointer)} />
                        }) }
                    </div>
                    if *title == "Questions" {
                        <CheckField label="Ask the language model for what the rules do not read, and for a second opinion" checked={draft.use_model}
                            on_change={form.set(|it: &mut Draft, value| it.use_model = value)} switch=true />
                    }
                </section>
            }) }
            { form.note() }
            <footer class="dialog-foot">
                <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()} data-testid="config-save">{ if form.is_busy() { "Saving" } else { "Save" } }</button>
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
        let settings = Settings { idle_days: 45, least_confidence: 0.75, ..Settings::default() };
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
