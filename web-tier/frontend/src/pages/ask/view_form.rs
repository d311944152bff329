//! The dialog in which a question is kept, or what was kept is changed.

use std::rc::Rc;

use contract::{
    auth::Permission,
    problem::FieldError,
    query::Plan,
    reports::Format,
    views::{Every, MAX_NAME_CHARS, NewView, View, ViewReport},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    browser,
    client::failure::Failure,
    components::{
        dialog::Dialog,
        field::{CheckField, ChoiceField, TextField, error_at},
        icon::Icon,
    },
    notices::use_voice,
    session::{use_client, use_session},
};

/// The hour of a new report.
const MORNING: u8 = 7;

#[derive(Debug, Properties, PartialEq)]
pub(super) struct ViewDialogProps {
    /// `None` keeps a new one.
    #[prop_or_default]
    pub(super) view: Option<Rc<View>>,
    pub(super) plan: Plan,
    /// What it is called until somebody says otherwise.
    pub(super) name: AttrValue,
    pub(super) on_saved: Callback<()>,
    pub(super) on_close: Callback<()>,
}

/// See the module.
#[component]
pub(super) fn ViewDialog(props: &ViewDialogProps) -> Html {
    let (client, voice, session) = (use_client(), use_voice(), use_session());
    let draft = use_state(|| draft(props));
    let errors = use_state(Vec::<FieldError>::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let change = |change: fn(&mut NewView, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let check = |change: fn(&mut NewView, bool)| {
        let draft = draft.clone();
        Callback::from(move |value: bool| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let onsubmit = {
        let (draft, id) = ((*draft).clone(), props.view.as_ref().map(|it| it.id));
        let (errors, failure, busy, now_busy) = (errors.setter(), failure.setter(), busy.setter(), *busy);
        let on_saved = props.on_saved.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = draft.check();
            let sound = wrong.is_empty();
            errors.set(wrong);
            failure.set(None);
            if now_busy || !sound {
                return;
            }
            let (client, voice, draft) = (client.clone(), voice.clone(), draft.clone());
            let (errors, failure, busy, on_saved) =
                (errors.clone(), failure.clone(), busy.clone(), on_saved.clone());
            busy.set(true);
            spawn_local(async move {
                let result = match id {
                    Some(id) => client.update_view(id, &draft).await,
                    None => client.create_view(&draft).await,
                };
                busy.set(false);
                match result {
                    Ok(()) => {
                        voice.good(format!("{} saved", draft.name.trim()));
                        on_saved.emit(());
                    }
                    Err(it) => {
                        errors.set(it.errors().to_vec());
                        failure.set(Some(it));
                    }
                }
            });
        })
    };
    let title = if props.view.is_some() { "Change view" } else { "Save as view" };
    let report = draft.report.clone();
    html! {
        <Dialog {title} on_close={props.on_close.clone()}>
            <form {onsubmit}>
                <div class="dialog-body">
                    <TextField label="Name" value={draft.name.clone()} on_input={change(|it, value| it.name = value)}
                        error={error_at(&errors, "/name")} autofocus=true testid="view-name" />
                    <CheckField label="On the overview" checked={draft.on_overview} on_change={check(|it, value| it.on_overview = value)}
                        hint="Asked again each time the overview is opened" testid="view-on-overview" />
                    <CheckField label="Shared" checked={draft.shared} on_change={check(|it, value| it.shared = value)}
                        hint="Everybody who may ask the same sees it, on the overview, too" testid="view-shared" />
                    if session.may(Permission::ReportsMake) {
                        <ChoiceField label="Report" value={report.as_ref().map_or("", |it| it.every.name()).to_owned()} options={often()}
                            on_change={change(set_often)} testid="view-every" />
                    }
                    if let Some(report) = report {
                        <div class="grid grid-cols-2 gap-3">
                            <ChoiceField label="At" value={report.hour.to_string()} options={hours()} on_change={change(set_hour)}
                                hint={report.timezone.clone()} error={error_at(&errors, "/report")} />
                            <ChoiceField label="As" value={report.format.extension().to_owned()} options={formats()} on_change={change(set_format)} />
                        </div>
                    }
                    if let Some(failure) = failure.as_ref().filter(|_| errors.is_empty()) {
                        <p class="note note-error" role="alert">
                            <Icon name="alert" class="mt-0.5 text-error" />
                            <span>{ format!("{}. {} {}", failure.title(), failure.detail(), failure.remedy()) }</span>
                        </p>
                    }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={*busy} data-testid="view-save"><Icon name="check" />{ "Save" }</button>
                </footer>
            </form>
        </Dialog>
    }
}

fn draft(props: &ViewDialogProps) -> NewView {
    match &props.view {
        Some(it) => NewView {
            name: it.name.clone(),
            plan: it.plan.clone(),
            shared: it.shared,
            on_overview: it.on_overview,
            report: it.report.clone(),
        },
        None => NewView {
            name: props.name.chars().take(MAX_NAME_CHARS).collect(),
            plan: props.plan.clone(),
            shared: false,
            on_overview: false,
            report: None,
        },
    }
}

fn often() -> Vec<(String, String)> {
    let every = Every::ALL.iter().map(|it| (it.name().to_owned(), it.label().to_owned()));
    [(String::new(), "Never".to_owned())].into_iter().chain(every).collect()
}

fn set_often(view: &mut NewView, every: String) {
    let timezone = || browser::timezone().unwrap_or_else(|| "UTC".to_owned());
    view.report = Every::parse(&every).map(|every| match view.report.take() {
        Some(report) => ViewReport { every, ..report },
        None => ViewReport { format: Format::Xlsx, every, hour: MORNING, timezone: timezone() },
    });
}

fn hours() -> Vec<(String, String)> {
    (0..24).map(|it| (it.to_string(), format!("{it}:00"))).collect()
}

fn set_hour(view: &mut NewView, hour: String) {
    if let (Some(report), Ok(hour)) = (&mut view.report, hour.parse()) {
        report.hour = hour;
    }
}

fn formats() -> Vec<(String, String)> {
    [(Format::Xlsx, "Excel"), (Format::Csv, "CSV")]
        .map(|(it, label)| (it.extension().to_owned(), label.to_owned()))
        .to_vec()
}

fn set_format(view: &mut NewView, format: String) {
    if let (Some(report), Some(format)) = (&mut view.report, Format::parse(&format)) {
        report.format = format;
    }
}
