//! What happens by the clock: switch on and off, change when.

use std::rc::Rc;

use contract::schedules::{Schedule, ScheduleUpdate};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::cron;
use crate::{
    components::{
        dialog::Dialog,
        field::{CheckField, TextField},
        form::use_form,
        icon::Icon,
        loaded::{Skeleton, empty, loaded},
        table::{cards, th},
        time::ago,
    },
    format::{capital, spoken},
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

/// See the module.
#[component]
pub(super) fn Schedules() -> Html {
    let (client, voice) = (use_client(), use_voice());
    let reading = use_remote((), 0, |client, ()| async move { client.schedules().await });
    let editing = use_state_eq(|| None::<Rc<Schedule>>);
    let close = {
        let editing = editing.setter();
        Callback::from(move |()| editing.set(None))
    };
    let saved = {
        let (close, again) = (close.clone(), reading.again.clone());
        Callback::from(move |()| {
            close.emit(());
            again.emit(());
        })
    };
    let toggle = {
        let again = reading.again.clone();
        Callback::from(move |(schedule, enabled): (Rc<Schedule>, bool)| {
            let (client, voice, again) = (client.clone(), voice.clone(), again.clone());
            spawn_local(async move {
                let update = ScheduleUpdate { enabled: Some(enabled), ..ScheduleUpdate::default() };
                match client.update_schedule(schedule.id, &update).await {
                    Ok(()) => voice.good(format!(
                        "{} {}",
                        spoken(&schedule.name),
                        if enabled { "switched on" } else { "switched off" }
                    )),
                    Err(failure) => voice.bad("The schedule was not changed", &failure),
                }
                again.emit(());
            });
        })
    };
    html! {
        <>
            { loaded(&reading, "the schedules", Skeleton::Rows(3), |page| {
                if page.items.is_empty() {
                    return html! { <section class="panel">{ empty("clock", "No schedules", "Schedules come with the installation; the migrations create them.", Html::default()) }</section> };
                }
                let heads = html! { <>{ th("Schedule") }{ th("When") }{ th("Time zone") }{ th("On") }{ th("Last") }{ th("Next") }<th scope="col"><span class="sr-only">{ "Actions" }</span></th></> };
                let rows = page.items.iter().map(|it| {
                    let schedule = Rc::new(it.clone());
                    let on_change = { let schedule = schedule.clone(); toggle.reform(move |enabled| (schedule.clone(), enabled)) };
                    let edit = { let editing = editing.setter(); Callback::from(move |_: MouseEvent| editing.set(Some(schedule.clone()))) };
                    html! {
                        <tr key={it.id.to_string()} data-testid="schedule-row">
                            <td><span class="font-medium">{ capital(&spoken(&it.name)) }</span>{ purpose(&it.name) }</td>
                            <td data-label="When">{ times(&it.cron) }</td>
                            <td data-label="Time zone">{ &it.timezone }</td>
                            <td data-label="On"><CheckField label={if it.enabled { "On" } else { "Off" }} checked={it.enabled} {on_change} switch=true /></td>
                            <td data-label="Last">{ ago(it.last_planned_at) }</td>
                            <td data-label="Next">{ ago(it.next_planned_at) }</td>
                            <td><span class="flex justify-end"><button type="button" class="icon-button" aria-label={format!("Edit {}", it.name)} onclick={edit}><Icon name="edit" /></button></span></td>
                        </tr>
                    }
                });
                html! { <div class="panel">{ cards("Schedules", "schedules-table", heads, rows.collect()) }</div> }
            }) }
            if let Some(schedule) = (*editing).clone() { <ScheduleDialog {schedule} on_saved={saved} on_close={close} /> }
        </>
    }
}

/// What the schedules that come with Skydesk do.
fn purpose(name: &str) -> Html {
    let words = match name {
        "sync" => "Reads all accounts and regions from AWS",
        "usage" => "Reads from CloudWatch when desktops were used; AWS charges for it",
        "events" => "Reads from CloudTrail who did what to desktops; the first time takes long",
        "billing" => "Reads from Cost Explorer what AWS charges; AWS charges for that, too",
        "prune" => "Forgets what is older than the configuration keeps",
        _ => return Html::default(),
    };
    html! { <span class="block text-muted text-xs">{ words }</span> }
}

/// In words where there are some, and always as it is written.
fn times(cron: &str) -> Html {
    html! {
        <span>
            if let Some(words) = cron::words(cron) { <span class="block">{ words }</span> }
            <code class="mono text-muted">{ cron }</code>
        </span>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct ScheduleDialogProps {
    schedule: Rc<Schedule>,
    on_saved: Callback<()>,
    on_close: Callback<()>,
}

/// What is typed.
#[derive(Debug, Clone)]
struct Draft {
    cron: String,
    timezone: String,
}

#[component]
fn ScheduleDialog(props: &ScheduleDialogProps) -> Html {
    let client = use_client();
    let form =
        use_form(|| Draft { cron: props.schedule.cron.clone(), timezone: props.schedule.timezone.clone() });
    let onsubmit = {
        let (id, on_saved) = (props.schedule.id, props.on_saved.clone());
        let send = move |draft: Draft| {
            let client = client.clone();
            let update = ScheduleUpdate {
                cron: Some(draft.cron.trim().to_owned()),
                timezone: Some(draft.timezone.trim().to_owned()),
                enabled: None,
            };
            async move { client.update_schedule(id, &update).await }
        };
        form.submit(|_| Vec::new(), send, move |_| on_saved.emit(()))
    };
    let draft = form.draft();
    let set = |change: fn(&mut Draft, String)| form.set(change);
    html! {
        <Dialog title={format!("Schedule: {}", spoken(&props.schedule.name))} on_close={props.on_close.clone()}>
            <form {onsubmit}>
                <div class="dialog-body">
                    <TextField label="When" value={draft.cron.clone()} on_input={set(|it, value| it.cron = value)} mono=true autofocus=true error={form.error("/cron")}
                        hint={cron::words(&draft.cron).unwrap_or_else(|| "Minute, hour, day of month, month, day of week: 0 */4 * * *".to_owned())} />
                    <TextField label="Time zone" value={draft.timezone.clone()} on_input={set(|it, value| it.timezone = value)} error={form.error("/timezone")} hint="Such as Europe/Berlin" />
                    { form.note() }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()}>{ "Save" }</button>
                </footer>
            </form>
        </Dialog>
    }
}
