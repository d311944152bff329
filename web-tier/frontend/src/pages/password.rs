//! Setting a new password: forced at the first sign-in, or wanted from the user menu.

use std::rc::Rc;

use contract::{
    auth::{Me, PasswordChange},
    problem::{Code, FieldError, Problem},
    users::{MIN_PASSWORD_CHARS, check_password},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::sign_in::Door;
use crate::{
    client::failure::Failure,
    components::{dialog::Dialog, field::TextField, form::use_form},
    notices::use_voice,
    session::use_session,
};

#[derive(Debug, Properties, PartialEq)]
pub struct FirstPasswordPageProps {
    pub me: Rc<Me>,
}

/// Nothing else works until the first password is changed.
#[component]
pub fn FirstPasswordPage(props: &FirstPasswordPageProps) -> Html {
    let session = use_session();
    let sign_out = Callback::from(move |_: MouseEvent| {
        let session = session.clone();
        spawn_local(async move { session.sign_out().await });
    });
    html! {
        <Door>
            <h1 class="text-lg font-semibold">{ "Set your own password" }</h1>
            <p class="text-muted">{ format!("The first password of {} was generated. Choose another one to go on.", props.me.username) }</p>
            <PasswordForm on_done={Callback::noop()} />
            <button type="button" class="btn btn-sm btn-ghost self-start" onclick={sign_out}>{ "Sign out" }</button>
        </Door>
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct PasswordDialogProps {
    pub on_close: Callback<()>,
}

/// The same, wanted.
#[component]
pub fn PasswordDialog(props: &PasswordDialogProps) -> Html {
    let voice = use_voice();
    let on_done = {
        let on_close = props.on_close.clone();
        Callback::from(move |()| {
            voice.good("Password changed");
            on_close.emit(());
        })
    };
    html! {
        <Dialog title="Change password" on_close={props.on_close.clone()}>
            <div class="dialog-body pb-5"><PasswordForm {on_done} /></div>
        </Dialog>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct PasswordFormProps {
    on_done: Callback<()>,
}

/// What is typed. No `Debug`: nothing of it is to be printed.
#[derive(Clone)]
struct Draft {
    change: PasswordChange,
    again: String,
}

#[component]
fn PasswordForm(props: &PasswordFormProps) -> Html {
    let session = use_session();
    let form = use_form(|| Draft {
        change: PasswordChange { current: String::new(), new: String::new() },
        again: String::new(),
    });
    let onsubmit = {
        let on_done = props.on_done.clone();
        let send = move |draft: Draft| {
            let session = session.clone();
            async move { session.change_password(draft.change).await.map_err(at_its_field) }
        };
        form.submit(|it: &Draft| check(&it.change, &it.again), send, move |_| on_done.emit(()))
    };
    let draft = form.draft();
    let set = |change: fn(&mut Draft, String)| form.set(change);
    html! {
        <form class="flex flex-col gap-3" {onsubmit}>
            <TextField label="Current password" kind="password" value={draft.change.current.clone()} on_input={set(|it, value| it.change.current = value)}
                autocomplete="current-password" autofocus=true error={form.error("/current")} testid="password-current" />
            <TextField label="New password" kind="password" value={draft.change.new.clone()} on_input={set(|it, value| it.change.new = value)}
                autocomplete="new-password" error={form.error("/new")} testid="password-new"
                hint={format!("At least {MIN_PASSWORD_CHARS} characters")} />
            <TextField label="New password again" kind="password" value={draft.again.clone()} on_input={set(|it, value| it.again = value)}
                autocomplete="new-password" error={form.error("/again")} testid="password-again" />
            { form.note() }
            <button type="submit" class="btn btn-primary mt-1 w-full" disabled={form.is_busy()} data-testid="password-submit">
                { if form.is_busy() { "Changing" } else { "Change password" } }
            </button>
        </form>
    }
}

fn check(change: &PasswordChange, again: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if change.current.is_empty() {
        errors.push(FieldError::new("/current", "is needed"));
    }
    check_password("/new", &change.new, &mut errors);
    if change.new == change.current && !change.new.is_empty() {
        errors.push(FieldError::new("/new", "is the same as the current one"));
    }
    if change.new != again {
        errors.push(FieldError::new("/again", "is not the same as above"));
    }
    errors
}

/// The server names no field when the current password is wrong.
fn at_its_field(failure: Failure) -> Failure {
    match failure {
        Failure::Problem(problem) if problem.code == Code::WrongCredentials => {
            let errors = vec![FieldError::new("/current", "is not your password")];
            Problem { errors, ..(*problem).clone() }.into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(current: &str, new: &str, again: &str) -> Vec<String> {
        check(&PasswordChange { current: current.into(), new: new.into() }, again)
            .into_iter()
            .map(|it| it.pointer)
            .collect()
    }

    #[test]
    fn a_new_password_is_long_new_and_typed_twice() {
        assert!(pointers("old", "long enough it is", "long enough it is").is_empty());
        assert_eq!(pointers("", "short", "shirt"), ["/current", "/new", "/again"]);
        assert_eq!(pointers("long enough it is", "long enough it is", "long enough it is"), ["/new"]);
    }
}
