//! The way in.

use contract::{
    auth::LoginRequest,
    problem::{Code, FieldError},
};
use yew::prelude::*;

use crate::{
    browser,
    client::failure::Failure,
    components::{field::TextField, form::use_form, icon::Icon},
    session::use_session,
};

#[derive(Debug, Properties, PartialEq)]
pub struct SignInPageProps {
    /// Why the session before ended, if there was one.
    pub why: Option<Failure>,
}

/// See the module.
#[component]
pub fn SignInPage(props: &SignInPageProps) -> Html {
    let session = use_session();
    let form = use_form(|| LoginRequest { username: String::new(), password: String::new() });
    use_effect_with((), |()| browser::set_title("Sign in · Skydesk"));
    let onsubmit = {
        let send = move |login: LoginRequest| {
            let session = session.clone();
            let username = login.username.trim().to_owned();
            async move { session.sign_in(LoginRequest { username, ..login }).await }
        };
        form.submit(check, send, |_| {})
    };
    let draft = form.draft();
    let set = |change: fn(&mut LoginRequest, String)| form.set(change);
    html! {
        <Door>
            <h1 class="text-lg font-semibold">{ "Sign in" }</h1>
            if let (false, Some(why)) = (form.is_refused(), &props.why) {
                <p class="note note-warning" role="status">
                    <Icon name="info" class="mt-0.5 text-warning" /><span>{ ended(why) }</span>
                </p>
            }
            <form class="flex flex-col gap-3" {onsubmit}>
                <TextField label="User name" value={draft.username.clone()} on_input={set(|it, value| it.username = value)} autocomplete="username"
                    error={form.error("/username")} autofocus=true testid="login-username" />
                <TextField label="Password" kind="password" value={draft.password.clone()} on_input={set(|it, value| it.password = value)}
                    autocomplete="current-password" error={form.error("/password")} testid="login-password" />
                { form.note() }
                <button type="submit" class="btn btn-primary mt-1 w-full" disabled={form.is_busy()} data-testid="login-submit">
                    { if form.is_busy() { "Signing in" } else { "Sign in" } }
                </button>
            </form>
        </Door>
    }
}

fn check(login: &LoginRequest) -> Vec<FieldError> {
    [("/username", &login.username), ("/password", &login.password)]
        .into_iter()
        .filter(|(_, value)| value.trim().is_empty())
        .map(|(pointer, _)| FieldError::new(pointer, "is needed"))
        .collect()
}

fn ended(why: &Failure) -> String {
    match why.code() {
        Some(Code::TokenReused) => format!("{}. {}", why.title(), why.remedy()),
        _ => "Your session has ended. Sign in to go on where you were.".to_owned(),
    }
}

#[derive(Debug, Properties, PartialEq)]
pub struct DoorProps {
    pub children: Html,
}

/// The frame of the pages before one is inside.
#[component]
pub fn Door(props: &DoorProps) -> Html {
    html! {
        <main class="door">
            <div class="door-card">
                <p class="brand mb-2"><span class="brand-mark" aria-hidden="true"><Icon name="desktops" /></span><span class="brand-word inline">{ "Skydesk" }</span></p>
                { props.children.clone() }
            </div>
        </main>
    }
}
