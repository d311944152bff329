//! The dialog in which an account is registered or edited; the same rules as on the server, from `contract`.

use std::rc::Rc;

use contract::accounts::{Account, NewAccount, WORKSPACES_REGIONS};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    components::{dialog::Dialog, field::TextField, form::use_form},
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
    let form = use_form(|| begin(props.account.as_deref()));
    let onsubmit = {
        let (account, on_saved) = (props.account.clone(), props.on_saved.clone());
        let send = move |draft: NewAccount| {
            let (client, account) = (client.clone(), account.clone());
            async move {
                match &account {
                    Some(account) => client.update_account(account.id, account.version, &draft).await,
                    None => client.create_account(&draft).await,
                }
            }
        };
        form.submit(NewAccount::check, send, move |draft| {
            voice.good(format!("{} saved", draft.name));
            on_saved.emit(());
        })
    };
    let draft = form.draft();
    let set = |change: fn(&mut NewAccount, String)| form.set(change);
    let title = props
        .account
        .as_ref()
        .map_or_else(|| "Register account".to_owned(), |it| format!("Edit {}", it.name));
    let error = |pointer: &str| form.error(pointer);
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
                    <Regions chosen={draft.regions.clone()} error={error("/regions")} on_change={form.set(|it: &mut NewAccount, regions| it.regions = regions)} />
                    { form.note() }
                </div>
                <footer class="dialog-foot">
                    <button type="button" class="btn btn-sm" onclick={props.on_close.reform(|_| ())}>{ "Cancel" }</button>
                    <button type="submit" class="btn btn-sm btn-primary" disabled={form.is_busy()} data-testid="account-save">
                        { if form.is_busy() { "Saving" } else { "Save" } }
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
