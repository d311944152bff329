//! Registered AWS accounts: list, register, edit, remove, test access.

mod access;
mod form;

use std::rc::Rc;

use contract::{accounts::Account, auth::Permission, ids::AccountId};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use access::AccessDialog;
use form::AccountDialog;

use crate::{
    client::url,
    components::{
        copy::id_with_copy,
        dialog::Confirm,
        header::PageHeader,
        icon::Icon,
        link::Go,
        loaded::{Skeleton, empty, loaded},
        table::{cards, th, th_number},
        time::Ago,
    },
    format::grouped,
    live::use_epochs,
    notices::use_voice,
    remote::use_remote,
    routes::Route,
    session::{use_client, use_session},
};

/// What is open above the list.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    New,
    Edit(Rc<Account>),
    Delete(Rc<Account>),
    Test(Rc<Account>),
}

/// See the module.
#[component]
pub fn AccountsPage() -> Html {
    let (session, client, voice) = (use_session(), use_client(), use_voice());
    let epoch = use_epochs().data;
    let reading = use_remote((), epoch, |client, ()| async move { client.accounts().await });
    let open = use_state_eq(|| None::<Open>);
    let busy = use_state_eq(|| false);
    let may_write = session.may(Permission::AccountsWrite);
    // The overview leads here with the account whose access fails.
    let wanted = use_location()
        .map(|it| url::pairs(it.query_str()))
        .unwrap_or_default()
        .into_iter()
        .find(|(name, _)| name == "account")
        .and_then(|(_, value)| value.parse::<AccountId>().ok());
    let show = |what: Option<Open>| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(what.clone()))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let saved = {
        let (again, close) = (reading.again.clone(), close.clone());
        Callback::from(move |()| {
            close.emit(());
            again.emit(());
        })
    };
    let dialog = match (*open).clone() {
        None => Html::default(),
        Some(Open::New) => html! { <AccountDialog on_saved={saved} on_close={close} /> },
        Some(Open::Edit(account)) => html! { <AccountDialog {account} on_saved={saved} on_close={close} /> },
        Some(Open::Test(account)) => html! { <AccessDialog {account} on_close={close} /> },
        Some(Open::Delete(account)) => {
            let on_confirm = {
                let (account, busy) = (account.clone(), busy.setter());
                Callback::from(move |()| {
                    let (client, voice, saved) = (client.clone(), voice.clone(), saved.clone());
                    let (account, busy) = (account.clone(), busy.clone());
                    busy.set(true);
                    spawn_local(async move {
                        match client.delete_account(account.id).await {
                            Ok(()) => {
                                voice.good(format!("{} removed", account.name));
                                saved.emit(());
                            }
                            Err(failure) => voice.bad("The account was not removed", &failure),
                        }
                        busy.set(false);
                    });
                })
            };
            html! {
                <Confirm title={format!("Remove {}", account.name)} verb="Remove" word={account.name.clone()} busy={*busy} {on_confirm} on_close={close}>
                    <p>{ format!("Skydesk forgets the account and the {} desktops it knows there, with their history. Nothing changes in AWS.", grouped(account.desktops)) }</p>
                    <p class="text-muted">{ "It cannot be undone; registering it again starts anew." }</p>
                </Confirm>
            }
        }
    };
    html! {
        <>
            <PageHeader title="Accounts" subtitle={html! { "AWS accounts that Skydesk reads by an assumed role" }}>
                if may_write {
                    <button type="button" class="btn btn-sm btn-primary" onclick={show(Some(Open::New))} data-testid="account-new">
                        <Icon name="plus" />{ "Register account" }
                    </button>
                }
            </PageHeader>
            { loaded(&reading, "the accounts", Skeleton::Rows(4), |page| {
                if page.items.is_empty() {
                    let add = may_write.then(|| html! {
                        <button type="button" class="btn btn-sm btn-primary" onclick={show(Some(Open::New))}>{ "Register account" }</button>
                    });
                    return html! { <section class="panel">{ empty("accounts", "No account yet",
                        "Create a role in the AWS account that Skydesk may assume, then register it here and test the access.",
                        add.unwrap_or_default()) }</section> };
                }
                let heads = html! {
                    <>{ th("Name") }{ th("Account") }{ th("Regions") }{ th_number("Desktops") }
                        if may_write { { th("Role") }{ th("Operations") } }
                        { th("Registered") }
                        if may_write { <th scope="col"><span class="sr-only">{ "Actions" }</span></th> }
                    </>
                };
                let rows = page.items.iter().map(|it| row(it, may_write, wanted == Some(it.id), &show)).collect::<Html>();
                html! { <div class="panel">{ cards("Accounts", "accounts-table", heads, rows) }</div> }
            }) }
            { dialog }
        </>
    }
}

fn row(
    it: &Account,
    may_write: bool,
    wanted: bool,
    show: &impl Fn(Option<Open>) -> Callback<MouseEvent>,
) -> Html {
    let account = Rc::new(it.clone());
    html! {
        <tr key={it.id.to_string()} class={wanted.then_some("is-open")} data-testid="account-row">
            <td class="font-medium">
                <Go to={Route::Desktops} query={vec![("account".to_owned(), it.name.clone())]} class="link">{ &it.name }</Go>
            </td>
            <td data-label="Account">{ id_with_copy(&it.account_id) }</td>
            <td data-label="Regions"><span class="inline-flex flex-wrap gap-1">{ for it.regions.iter().map(|region| html! { <span class="tag" key={region.clone()}>{ region }</span> }) }</span></td>
            <td class="text-right" data-label="Desktops">{ grouped(it.desktops) }</td>
            if may_write {
                <td data-label="Role"><code class="mono" title={it.role_arn.clone()}>{ role_name(it.role_arn.as_deref().unwrap_or_default()) }</code></td>
                <td data-label="Operations">{ operations(it) }</td>
            }
            <td data-label="Registered"><Ago at={it.created_at} /></td>
            if may_write {
                <td>
                    <span class="flex justify-end gap-1">
                        <button type="button" class="btn btn-xs" onclick={show(Some(Open::Test(account.clone())))} data-testid="account-test">
                            <Icon name="shield" />{ "Test access" }
                        </button>
                        <button type="button" class="icon-button" aria-label={format!("Edit {}", it.name)} onclick={show(Some(Open::Edit(account.clone())))} data-testid="account-edit">
                            <Icon name="edit" />
                        </button>
                        <button type="button" class="icon-button" aria-label={format!("Remove {}", it.name)} onclick={show(Some(Open::Delete(account)))} data-testid="account-delete">
                            <Icon name="delete" />
                        </button>
                    </span>
                </td>
            }
        </tr>
    }
}

/// Whether Skydesk may act in it, and by which role.
fn operations(it: &Account) -> Html {
    match it.operator_role_arn.as_deref().filter(|_| it.can_act) {
        Some(arn) => html! { <code class="mono" title={arn.to_owned()}>{ role_name(arn) }</code> },
        None => html! { <span class="text-muted">{ "Reads only" }</span> },
    }
}

/// A role without what every ARN begins with.
fn role_name(arn: &str) -> &str {
    arn.split_once(":role/").map_or(arn, |(_, name)| name)
}
