//! Acting on desktops: the buttons for it, and the dialog that shows what would happen before it is asked for.

use std::rc::Rc;

use contract::{
    auth::Permission,
    ids::WorkspaceId,
    operations::{NewOperation, OperationAction, Preview, check_note},
};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::{
    draft::{AUTO_STOP, COMPUTE_TYPES, Draft, HOURS, Subject},
    preview,
};
use crate::{
    browser,
    client::failure::Failure,
    components::{
        dialog::Dialog,
        field::{ChoiceField, TextField, use_id},
        icon::Icon,
        link::go,
        loaded::{Skeleton, loaded},
        menu::Menu,
    },
    format::spoken,
    notices::use_voice,
    remote::use_remote,
    routes::Route,
    session::{use_client, use_session},
};

/// Choosing pauses of this length before the server is asked.
const PAUSE_MS: u32 = 250;
/// What is proposed, in the order of its harm.
const PROPOSED: [OperationAction; 6] = [
    OperationAction::SetRunningMode,
    OperationAction::SetTimeout,
    OperationAction::SetComputeType,
    OperationAction::Tag,
    OperationAction::Rebuild,
    OperationAction::Terminate,
];
const DIRECT: [(OperationAction, &str); 3] =
    [(OperationAction::Start, "play"), (OperationAction::Stop, "stop"), (OperationAction::Reboot, "sync")];

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct ActsProps {
    pub(crate) ids: Vec<WorkspaceId>,
}

/// Buttons for what can be done to these desktops; nothing for those who may not.
#[component]
pub(crate) fn Acts(props: &ActsProps) -> Html {
    let chosen = use_state_eq(|| None::<OperationAction>);
    let (chosen_now, menu) = (*chosen, use_id("acts"));
    if !use_session().may(Permission::OperationsPropose) || props.ids.is_empty() {
        return Html::default();
    }
    let choose = |action: OperationAction| {
        let chosen = chosen.setter();
        Callback::from(move |_: MouseEvent| chosen.set(Some(action)))
    };
    let close = {
        let (chosen, id) = (chosen.setter(), menu.clone());
        let from_menu = chosen_now.is_some_and(|it| !it.is_direct());
        Callback::from(move |()| {
            chosen.set(None);
            if from_menu {
                // The entry that opened the dialog is gone with its menu; the keyboard goes back to the menu's button.
                let id = id.clone();
                spawn_local(async move {
                    TimeoutFuture::new(0).await;
                    browser::focus(&id);
                });
            }
        })
    };
    let face = html! { <>{ "Change" }<Icon name="open" /></> };
    html! {
        <>
            <div class="join" role="group" aria-label="Act">
                { for DIRECT.map(|(action, icon)| html! {
                    <button type="button" class="btn btn-sm join-item" onclick={choose(action)} data-testid={format!("act-{}", action.name())}>
                        <Icon name={icon} />{ action.label() }
                    </button>
                }) }
            </div>
            <Menu label="Propose a change" {face} testid="act-menu" id={menu}>
                { for PROPOSED.map(|action| html! {
                    <button type="button" class={classes!("menu-item", (action == OperationAction::Terminate).then_some("text-error"))}
                        onclick={choose(action)} data-testid={format!("act-{}", action.name())}>{ format!("{}…", action.label()) }</button>
                }) }
            </Menu>
            if let Some(action) = chosen_now {
                <ActDialog subject={Subject::Action(action, props.ids.clone())} title={action.label()} on_close={close} />
            }
        </>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub(crate) struct ActDialogProps {
    pub(crate) subject: Subject,
    pub(crate) title: AttrValue,
    pub(crate) on_close: Callback<()>,
}

/// Fills in what is missing, shows the preview, and asks for the operation; then its page is shown.
#[component]
pub(crate) fn ActDialog(props: &ActDialogProps) -> Html {
    let (client, voice, navigator) = (use_client(), use_voice(), use_navigator());
    let draft = use_state_eq(|| Draft::new(props.subject.clone()));
    let reason = use_state_eq(String::new);
    let typed = use_state_eq(String::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let asked = draft.asked();
    let reading = use_remote(asked.clone(), 0, |client, asked| async move {
        let Some(asked) = asked else { return Ok(None) };
        TimeoutFuture::new(PAUSE_MS).await;
        client.preview_operation(&asked).await.map(|it| Some(Rc::new(it)))
    });
    let preview: Option<Rc<Preview>> = reading
        .remote
        .ready()
        .filter(|_| !reading.pending && reading.stale.is_none())
        .and_then(|it| (**it).clone());
    let is_typed =
        preview.as_ref().is_some_and(|it| it.confirmation.as_deref().is_none_or(|word| typed.trim() == word));
    let too_long = check_note("/reason", &reason).map(|it| AttrValue::from(it.detail));
    let ready = asked.is_some() && preview.as_ref().is_some_and(|it| it.problems == 0) && is_typed;
    let sendable = ready && too_long.is_none();
    let onsubmit = {
        let (failure, on_close, now_busy) = (failure.setter(), props.on_close.clone(), *busy);
        let busy = busy.setter();
        let request = asked.clone().map(|it| NewOperation {
            reason: reason.trim().to_owned(),
            confirmation: preview
                .as_ref()
                .and_then(|it| it.confirmation.clone())
                .map(|_| typed.trim().to_owned()),
            ..it
        });
        let word =
            if preview.as_ref().is_some_and(|it| it.needs_approval) { "Proposed" } else { "Under way" };
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(request) = request.clone().filter(|_| sendable && !now_busy) else { return };
            let (client, voice, navigator) = (client.clone(), voice.clone(), navigator.clone());
            let (failure, busy, on_close) = (failure.clone(), busy.clone(), on_close.clone());
            busy.set(true);
            spawn_local(async move {
                match client.create_operation(&request).await {
                    Ok(id) => {
                        voice.good(format!("{word}: operation {id}"));
                        on_close.emit(());
                        if let Some(navigator) = &navigator {
                            go(navigator, &Route::Operation { id: id.to_string() }, &[]);
                        }
                    }
                    Err(it) => {
                        failure.set(Some(it));
                        busy.set(false);
                    }
                }
            });
        })
    };
    let edit = {
        let (draft, failure) = (draft.setter(), failure.setter());
        Callback::from(move |it: Draft| {
            failure.set(None);
            draft.set(it);
        })
    };
    let leave_out = {
        let draft = (*draft).clone();
        edit.reform(move |out: Vec<WorkspaceId>| draft.without(&out))
    };
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |it: String| state.set(it))
    };
    let direct = draft.action().is_some_and(OperationAction::is_direct);
    let verb = match draft.action() {
        Some(action) if direct => action.label(),
        _ => "Propose",
    };
    let class = if draft.action() == Some(OperationAction::Terminate) {
        "btn btn-sm btn-error"
    } else {
        "btn btn-sm btn-primary"
    };
    let confirmation = preview.as_ref().and_then(|it| it.confirmation.clone());
    html! {
        <Dialog title={props.title.clone()} on_close={props.on_close.clone()} wide=true>
            <form {onsubmit} data-testid="act-dialog">
                <div class="dialog-body">
                    { fields(&draft, &edit) }
                    if asked.is_some() {
                        { loaded(&reading, "the preview", Skeleton::Block, |it| {
                            match it.as_ref() {
                                Some(it) => preview::shown(it, leave_out.clone()),
                                None => html! { <p class="text-muted" role="status">{ "Looking at what would happen" }</p> },
                            }
                        }) }
                    } else {
                        <p class="text-muted">{ "Choose above, and what would happen is shown here." }</p>
                    }
                    if ready || !is_typed && confirmation.is_some() {
                        if !direct {
                            <TextField label="Why" value={(*reason).clone()} on_input={input(&reason)} testid="act-reason" error={too_long}
                                hint="For who decides, and for the audit log." />
                        }
                        if let Some(word) = &confirmation {
                            <TextField label={format!("Type {word} to confirm")} value={(*typed).clone()} on_input={input(&typed)} mono=true testid="act-confirm" />
                        }
                    }
                    { refused(failure.as_ref()) }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" {class} disabled={!sendable || *busy} data-testid="act-submit">{ verb }</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// Why the server did not take it.
pub(super) fn refused(failure: Option<&Failure>) -> Html {
    let Some(failure) = failure else { return Html::default() };
    let details: Vec<&str> = failure.errors().iter().map(|it| it.detail.as_str()).collect();
    html! {
        <div class="note note-error" role="alert">
            <Icon name="alert" class="mt-0.5 text-error" />
            <p>
                { format!("{}. {} ", failure.title(), failure.detail()) }
                if !details.is_empty() { { details.join("; ") }{ ". " } }
                { failure.remedy() }
            </p>
        </div>
    }
}

/// What has to be chosen for the action.
fn fields(draft: &Draft, edit: &Callback<Draft>) -> Html {
    let with = |change: fn(&mut Draft, String)| {
        let draft = draft.clone();
        edit.reform(move |value: String| {
            let mut draft = draft.clone();
            change(&mut draft, value);
            draft
        })
    };
    let options = |values: Vec<(String, String)>| {
        std::iter::once((String::new(), "Choose…".to_owned())).chain(values).collect::<Vec<_>>()
    };
    let hours = || {
        let values = options(HOURS.iter().map(|it| (it.to_string(), format!("{it} h"))).collect());
        html! { <ChoiceField label="Stops after" value={draft.hours.clone()} options={values} on_change={with(|it, value| it.hours = value)} testid="act-hours" /> }
    };
    match draft.action() {
        Some(OperationAction::SetRunningMode) => {
            let modes = options([AUTO_STOP, "ALWAYS_ON"].map(|it| (it.to_owned(), spoken(it))).into());
            html! {
                <div class="grid grid-cols-1 gap-3 sm:grid-cols-2">
                    <ChoiceField label="Running mode" value={draft.running_mode.clone()} options={modes} on_change={with(|it, value| it.running_mode = value)} testid="act-mode" />
                    if draft.running_mode == AUTO_STOP { { hours() } }
                </div>
            }
        }
        Some(OperationAction::SetTimeout) => hours(),
        Some(OperationAction::SetComputeType) => {
            let types = options(COMPUTE_TYPES.map(|it| (it.to_owned(), spoken(it))).into());
            html! { <ChoiceField label="Compute type" value={draft.compute_type.clone()} options={types} on_change={with(|it, value| it.compute_type = value)} testid="act-type" /> }
        }
        Some(OperationAction::Tag) if matches!(draft.subject, Subject::Action(..)) => {
            let names = |label, value: &str, on_input, hint| {
                html! { <TextField {label} value={value.to_owned()} {on_input} {hint} /> }
            };
            html! {
                <>
                    { tags(draft, edit) }
                    { names("Tags that hold each desktop's own id", &draft.own_id_tags, with(|it, value| it.own_id_tags = value), "Names, with commas between.") }
                    { names("Tags to remove", &draft.remove_tags, with(|it, value| it.remove_tags = value), "Names, with commas between.") }
                </>
            }
        }
        _ => Html::default(),
    }
}

fn tags(draft: &Draft, edit: &Callback<Draft>) -> Html {
    let with = |n: usize, change: fn(&mut (String, String), String)| {
        let draft = draft.clone();
        edit.reform(move |value: String| {
            let mut draft = draft.clone();
            draft.tags.get_mut(n).into_iter().for_each(|it| change(it, value.clone()));
            draft
        })
    };
    let another = {
        let draft = draft.clone();
        edit.reform(move |_: MouseEvent| {
            let mut draft = draft.clone();
            draft.tags.push((String::new(), String::new()));
            draft
        })
    };
    html! {
        <fieldset class="flex flex-col gap-2">
            <legend class="field-label pb-1">{ "Tags to set" }</legend>
            { for draft.tags.iter().enumerate().map(|(n, (name, value))| html! {
                <div key={n} class="grid grid-cols-2 gap-3">
                    <TextField label={format!("Name {}", n + 1)} value={name.clone()} on_input={with(n, |it, name| it.0 = name)} testid={format!("tag-name-{n}")} />
                    <TextField label={format!("Value {}", n + 1)} value={value.clone()} on_input={with(n, |it, value| it.1 = value)} testid={format!("tag-value-{n}")} />
                </div>
            }) }
            <div><button type="button" class="btn btn-xs" onclick={another}><Icon name="plus" />{ "Another tag" }</button></div>
        </fieldset>
    }
}
