//! Setting a new password: forced at the first sign-in, or wanted from the user menu.

use std::rc::Rc;

use contract::{
    auth::{Me, PasswordChange},
    problem::{Code, FieldError},
    users::{MIN_PASSWORD_CHARS, check_password},
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::sign_in::Door;
use crate::{
    client::failure::Failure,
    components::{
        dialog::Dialog,
        field::{TextField, error_at},
        icon::Icon,
    },
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

#[component]
fn PasswordForm(props: &PasswordFormProps) -> Html {
    let session = use_session();
    let current = use_state(String::new);
    let new = use_state(String::new);
    let again = use_state(String::new);
    let errors = use_state(Vec::<FieldError>::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |it: String| state.set(it))
    };
    let onsubmit = {
        let change = PasswordChange { current: (*current).clone(), new: (*new).clone() };
        let again = (*again).clone();
        let (errors, failure, busy, now_busy) = (errors.setter(), failure.setter(), busy.setter(), *busy);
        let on_done = props.on_done.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let wrong = check(&change, &again);
            let sound = wrong.is_empty();
            errors.set(wrong);
            if now_busy || !sound {
                return;
            }
            let (session, change, on_done) = (session.clone(), change.clone(), on_done.clone());
            let (errors, failure, busy) = (errors.clone(), failure.clone(), busy.clone());
            busy.set(true);
            spawn_local(async move {
                let result = session.change_password(change).await;
                busy.set(false);
                match result {
                    Ok(()) => on_done.emit(()),
                    Err(it) => {
                        errors.set(told(&it));
                        failure.set(Some(it));
                    }
                }
            });
        })
    };
    let failed = failure.as_ref().filter(|_| errors.is_empty());
    html! {
        <form class="flex flex-col gap-3" {onsubmit}>
            <TextField label="Current password" kind="password" value={(*current).clone()} on_input={input(&current)}
                autocomplete="current-password" autofocus=true error={error_at(&errors, "/current")} testid="password-current" />
            <TextField label="New password" kind="password" value={(*new).clone()} on_input={input(&new)}
                autocomplete="new-password" error={error_at(&errors, "/new")} testid="password-new"
                hint={format!("At least {MIN_PASSWORD_CHARS} characters")} />
            <TextField label="New password again" kind="password" value={(*again).clone()} on_input={input(&again)}
                autocomplete="new-password" error={error_at(&errors, "/again")} testid="password-again" />
            if let Some(failure) = failed {
                <p class="note note-error" role="alert">
                    <Icon name="alert" class="mt-0.5 text-error" /><span>{ format!("{}. {}", failure.title(), failure.remedy()) }</span>
                </p>
            }
            <button type="submit" class="btn btn-primary mt-1 w-full" disabled={*busy} data-testid="password-submit">
                { if *busy { "Changing" } else { "Change password" } }
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

/// The server's fields; a wrong current password has none of its own.
fn told(failure: &Failure) -> Vec<FieldError> {
    match failure.code() {
        Some(Code::WrongCredentials) => vec![FieldError::new("/current", "is not your password")],
        _ => failure.errors().to_vec(),
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
