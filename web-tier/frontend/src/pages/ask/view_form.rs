//! The dialog in which a question is kept, or what was kept is changed.

use std::rc::Rc;

use contract::{
    auth::Permission,
    query::Plan,
    reports::Format,
    views::{Every, MAX_NAME_CHARS, NewView, View, ViewReport},
};
use yew::prelude::*;

use crate::{
    browser,
    components::{
        dialog::Dialog,
        field::{CheckField, ChoiceField, TextField},
        form::use_form,
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
    let form = use_form(|| draft(props));
    let onsubmit = {
        let (id, on_saved) = (props.view.as_ref().map(|it| it.id), props.on_saved.clone());
        let send = move |draft: NewView| {
            let client = client.clone();
            async move {
                match id {
                    Some(id) => client.update_view(id, &draft).await,
                    None => client.create_view(&draft).await,
                }
            }
        };
        form.submit(NewView::check, send, move |draft| {
            voice.good(format!("{} saved", draft.name.trim()));
            on_saved.emit(());
        })
    };
    let draft = form.draft();
    let title = if props.view.is_some() { "Change view" } else { "Save as view" };
    let report = draft.report.clone();
    html! {
        <Dialog {title} on_close={props.on_close.clone()}>
            <form {onsubmit}>
                <div class="dialog-body">
                    <TextField label="Name" value={draft.name.clone()} on_input={form.set(|it: &mut NewView, value| it.name = value)}
                        error={form.error("/name")} autofocus=true testid="view-name" />
                    <CheckField label="On the overview" checked={draft.on_overview} on_change={form.set(|it: &mut NewView, value| it.on_overview = value)}
                        hint="Asked again each time the overview is opened" testid="view-on-overview" />
                    <CheckField label="Shared" checked={draft.shared} on_change={form.set(|it: &mut NewView, value| it.shared = value)}
                        hint="Everybody who may ask the same sees it, on the overview, too" testid="view-shared" />
                    if session.may(Permission::ReportsMake) {
                        <ChoiceField label="Report" value={report.as_ref().map_or("", |it| it.every.name()).to_owned()} options={often()}
                            on_change={form.set(set_often)} testid="view-every" />
                    }
                    if let Some(report) = report {
                        <div class="grid grid-cols-2 gap-3">
                            <ChoiceField label="At" value={report.hour.to_string()} options={hours()} on_change={form.set(set_hour)}
                                hint={report.timezone.clone()} error={form.error("/report")} />
                            <ChoiceField label="As" value={report.format.extension().to_owned()} options={formats()} on_change={form.set(set_format)} />
                        </div>
                    }
                    { form.note() }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()} data-testid="view-save"><Icon name="check" />{ "Save" }</button>
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
