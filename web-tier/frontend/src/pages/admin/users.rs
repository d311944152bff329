//! Users: list, create, edit, disable, delete.

use std::rc::Rc;

use contract::{
    page::Page,
    users::{User, UserUpdate},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::user_form::UserDialog;
use crate::{
    client::failure::Failure,
    components::{
        dialog::Confirm,
        icon::Icon,
        loaded::{Skeleton, loaded},
        status::{Meaning, none, status},
        table::{cards, th},
        time::{Ago, ago},
    },
    format::capital,
    notices::use_voice,
    remote::use_remote,
    session::use_client,
};

#[derive(Debug, Clone, PartialEq)]
enum Open {
    New,
    Edit(Rc<User>),
    Delete(Rc<User>),
}

/// See the module.
#[component]
pub(super) fn Users() -> Html {
    let (client, voice) = (use_client(), use_voice());
    let reading = use_remote((), 0, |client, ()| async move { client.users("limit=200").await });
    let open = use_state_eq(|| None::<Open>);
    let busy = use_state_eq(|| false);
    let show = |what: Option<Open>| {
        let open = open.setter();
        Callback::from(move |_: MouseEvent| open.set(what.clone()))
    };
    let close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let saved = {
        let (close, again) = (close.clone(), reading.again.clone());
        Callback::from(move |()| {
            close.emit(());
            again.emit(());
        })
    };
    let tell = {
        let (voice, saved) = (voice.clone(), saved.clone());
        Callback::from(
            move |(done, failed, result): (String, &'static str, Result<(), Failure>)| match result {
                Ok(()) => {
                    voice.good(done);
                    saved.emit(());
                }
                Err(failure) => voice.bad(failed, &failure),
            },
        )
    };
    let toggle = {
        let (client, tell) = (client.clone(), tell.clone());
        Callback::from(move |user: Rc<User>| {
            let (client, tell) = (client.clone(), tell.clone());
            spawn_local(async move {
                let update = UserUpdate { disabled: Some(!user.disabled), ..UserUpdate::default() };
                let result = client.update_user(user.id, &update).await;
                let word = if user.disabled { "enabled" } else { "disabled" };
                tell.emit((format!("{} {word}", user.username), "The user was not changed", result));
            });
        })
    };
    let dialog = match (*open).clone() {
        None => Html::default(),
        Some(Open::New) => html! { <UserDialog on_saved={saved} on_close={close} /> },
        Some(Open::Edit(user)) => html! { <UserDialog {user} on_saved={saved} on_close={close} /> },
        Some(Open::Delete(user)) => {
            let on_confirm = {
                let (user, busy) = (user.clone(), busy.setter());
                Callback::from(move |()| {
                    let (client, tell, user, busy) =
                        (client.clone(), tell.clone(), user.clone(), busy.clone());
                    busy.set(true);
                    spawn_local(async move {
                        let result = client.delete_user(user.id).await;
                        busy.set(false);
                        tell.emit((format!("{} deleted", user.username), "The user was not deleted", result));
                    });
                })
            };
            html! {
                <Confirm title={format!("Delete {}", user.username)} verb="Delete" busy={*busy} {on_confirm} on_close={close}>
                    <p>{ "The user is signed out and cannot sign in any more. It cannot be undone." }</p>
                    <p class="text-muted">{ "Disabling keeps the user and can be undone. The audit log keeps the name either way." }</p>
                </Confirm>
            }
        }
    };
    html! {
        <>
            <div class="toolbar justify-end">
                <button type="button" class="btn btn-sm btn-primary" onclick={show(Some(Open::New))} data-testid="user-new"><Icon name="plus" />{ "New user" }</button>
            </div>
            { loaded(&reading, "the users", Skeleton::Rows(6), |page| table(page, &show, &toggle)) }
            { dialog }
        </>
    }
}

fn table(
    page: &Page<User>,
    show: &impl Fn(Option<Open>) -> Callback<MouseEvent>,
    toggle: &Callback<Rc<User>>,
) -> Html {
    let heads = html! {
        <>
            { th("User") }{ th("E-mail") }{ th("Role") }{ th("State") }{ th("Last sign-in") }{ th("Created") }
            <th scope="col"><span class="sr-only">{ "Actions" }</span></th>
        </>
    };
    let rows = page.items.iter().map(|it| {
        let user = Rc::new(it.clone());
        let word = if it.disabled { "Enable" } else { "Disable" };
        let onclick = {
            let user = user.clone();
            toggle.reform(move |_: MouseEvent| user.clone())
        };
        html! {
            <tr key={it.id.to_string()} data-testid="user-row">
                <td class="font-medium">{ &it.username }</td>
                <td data-label="E-mail">{ if it.email.is_empty() { none() } else { html! { &it.email } } }</td>
                <td data-label="Role">{ capital(it.role.name()) }</td>
                <td data-label="State">
                    { match (it.disabled, it.must_change_password) {
                        (true, _) => status(Meaning::Calm, "Disabled"),
                        (false, true) => status(Meaning::Warning, "Has to change password"),
                        (false, false) => status(Meaning::Good, "Active"),
                    } }
                </td>
                <td data-label="Last sign-in">{ ago(it.last_login_at) }</td>
                <td data-label="Created"><Ago at={it.created_at} /></td>
                <td>
                    <span class="flex justify-end gap-1">
                        <button type="button" class="btn btn-xs" {onclick}>{ word }</button>
                        <button type="button" class="icon-button" aria-label={format!("Edit {}", it.username)} onclick={show(Some(Open::Edit(user.clone())))}><Icon name="edit" /></button>
                        <button type="button" class="icon-button" aria-label={format!("Delete {}", it.username)} onclick={show(Some(Open::Delete(user)))}><Icon name="delete" /></button>
                    </span>
                </td>
            </tr>
        }
    });
    html! { <div class="panel">{ cards("Users", "users-table", heads, rows.collect()) }</div> }
}
