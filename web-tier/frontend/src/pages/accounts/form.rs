//! The dialog in which an account is registered or edited; the same rules as on the server, from `contract`.

use std::rc::Rc;

use contract::{
    accounts::{Account, NewAccount, WORKSPACES_REGIONS},
    problem::FieldError,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    client::failure::Failure,
    components::{
        dialog::Dialog,
        field::{TextField, error_at},
        icon::Icon,
    },
    format::capital,
    notices::use_voice,
    session::use_client,
};

#[derive(Debug, Properties, PartialEq)]
pub(super) struct AccountDialogProps {
    /// `None` registers a new one.
    #[prop_or_default]
    pub(super) account: Option<Rc<Account>>,
    pub(super) on_saved: Callback<()>,
    pub(super) on_close: Callback<()>,
}

fn begin(account: Option<&Account>) -> NewAccount {
    NewAccount {
        name: account.map(|it| it.name.clone()).unwrap_or_default(),
        account_id: account.map(|it| it.account_id.clone()).unwrap_or_default(),
        role_arn: account.and_then(|it| it.role_arn.clone()).unwrap_or_default(),
        external_id: account.and_then(|it| it.external_id.clone()).unwrap_or_default(),
        operator_role_arn: account.and_then(|it| it.operator_role_arn.clone()).unwrap_or_default(),
        regions: account.map(|it| it.regions.clone()).unwrap_or_default(),
    }
}

/// See the module.
#[component]
pub(super) fn AccountDialog(props: &AccountDialogProps) -> Html {
    let (client, voice) = (use_client(), use_voice());
    let draft = use_state(|| begin(props.account.as_deref()));
    let errors = use_state(Vec::<FieldError>::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let set = |change: fn(&mut NewAccount, String)| {
        let draft = draft.clone();
        Callback::from(move |value: String| {
            let mut next = (*draft).clone();
            change(&mut next, value);
            draft.set(next);
        })
    };
    let onsubmit = {
        let (draft, account) = ((*draft).clone(), props.account.clone());
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
            let (client, voice, draft, account) =
                (client.clone(), voice.clone(), draft.clone(), account.clone());
            let (errors, failure, busy, on_saved) =
                (errors.clone(), failure.clone(), busy.clone(), on_saved.clone());
            busy.set(true);
            spawn_local(async move {
                let result = match &account {
                    Some(account) => client.update_account(account.id, account.version, &draft).await,
                    None => client.create_account(&draft).await,
                };
                busy.set(false);
                match result {
                    Ok(()) => {
                        voice.good(format!("{} saved", draft.name));
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
    let title = props
        .account
        .as_ref()
        .map_or_else(|| "Register account".to_owned(), |it| format!("Edit {}", it.name));
    let error = |pointer: &str| error_at(&errors, pointer);
    html! {
        <Dialog {title} on_close={props.on_close.clone()} wide=true>
            <form {onsubmit} data-testid="account-form">
                <div class="dialog-body">
                    <div class="grid gap-3 sm:grid-cols-2">
                        <TextField label="Name" value={draft.name.clone()} on_input={set(|it, value| it.name = value)} error={error("/name")}
                            hint="As it is called here, such as production" autofocus=true testid="account-name" />
                        <TextField label="Account number" value={draft.account_id.clone()} on_input={set(|it, value| it.account_id = value.trim().to_owned())}
                            error={error("/account_id")} hint="12 digits" mono=true testid="account-id" />
                    </div>
                    <TextField label="Role ARN" value={draft.role_arn.clone()} on_input={set(|it, value| it.role_arn = value.trim().to_owned())}
                        error={error("/role_arn")} hint="The role that Skydesk takes on to read" placeholder="arn:aws:iam::123456789012:role/Skydesk"
                        mono=true testid="account-role" />
                    <TextField label="Operator role ARN" value={draft.operator_role_arn.clone()} on_input={set(|it, value| it.operator_role_arn = value.trim().to_owned())}
                        error={error("/operator_role_arn")} hint="The role that operations take on; empty: Skydesk only reads this account"
                        placeholder="arn:aws:iam::123456789012:role/SkydeskOperator" mono=true testid="account-operator" />
                    <TextField label="External id" value={draft.external_id.clone()} on_input={set(|it, value| it.external_id = value.trim().to_owned())}
                        error={error("/external_id")} hint="For both roles; empty when their trust policies ask for none" mono=true testid="account-external" />
                    <Regions chosen={draft.regions.clone()} error={error("/regions")} on_change={{
                        let draft = draft.clone();
                        Callback::from(move |regions| draft.set(NewAccount { regions, ..(*draft).clone() }))
                    }} />
                    if let Some(failure) = failure.as_ref() {
                        <p class="note note-error" role="alert">
                            <Icon name="alert" class="mt-0.5 text-error" />
                            <span><span class="font-medium">{ failure.title() }</span>{ ". " }{ failure.detail() }{ " " }{ failure.remedy() }</span>
                        </p>
                    }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={*busy} data-testid="account-save">
                        { if *busy { "Saving" } else { "Save" } }
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct RegionsProps {
    chosen: Vec<String>,
    error: Option<AttrValue>,
    on_change: Callback<Vec<String>>,
}

#[component]
fn Regions(props: &RegionsProps) -> Html {
    html! {
        <fieldset class="field">
            <legend class="field-label">{ "Regions" }</legend>
            <div class="grid grid-cols-2 gap-x-3 gap-y-1 sm:grid-cols-4">
                { for WORKSPACES_REGIONS.iter().map(|region| {
                    let chosen = props.chosen.clone();
                    let onchange = props.on_change.reform(move |event: Event| {
                        let wanted = event.target_unchecked_into::<HtmlInputElement>().checked();
                        let mut next: Vec<String> = chosen.iter().filter(|it| it != region).cloned().collect();
                        if wanted {
                            next.push((*region).to_owned());
                        }
                        next
                    });
                    html! {
                        <label class="offer" key={*region}>
                            <input type="checkbox" class="checkbox checkbox-xs checkbox-primary" checked={props.chosen.iter().any(|it| it == region)}
                                {onchange} data-testid={format!("region-{region}")} />{ *region }
                        </label>
                    }
                }) }
            </div>
            if let Some(error) = &props.error { <p class="field-error" role="alert">{ capital(error) }{ "." }</p> }
        </fieldset>
    }
}
