//! The way in.

use contract::{auth::LoginRequest, problem::Code};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    browser,
    client::failure::Failure,
    components::{field::TextField, icon::Icon},
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
    let username = use_state(String::new);
    let password = use_state(String::new);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state_eq(|| false);
    let tried = use_state_eq(|| false);
    use_effect_with((), |()| browser::set_title("Sign in · Skydesk"));
    let input = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |it: String| state.set(it))
    };
    let onsubmit = {
        let login = LoginRequest { username: username.trim().to_owned(), password: (*password).clone() };
        let (failure, busy, now_busy) = (failure.setter(), busy.setter(), *busy);
        let tried = tried.setter();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if now_busy || login.username.is_empty() || login.password.is_empty() {
                return;
            }
            let (session, login) = (session.clone(), login.clone());
            let (failure, busy) = (failure.clone(), busy.clone());
            busy.set(true);
            spawn_local(async move {
                let result = session.sign_in(login).await;
                busy.set(false);
                failure.set(result.err());
            });
        })
    };
    let missing = |value: &str| (*tried && value.trim().is_empty()).then(|| AttrValue::from("is needed"));
    html! {
        <Door>
            <h1 class="text-lg font-semibold">{ "Sign in" }</h1>
            if let (None, Some(why)) = (&*failure, &props.why) {
                <p class="note note-warning" role="status">
                    <Icon name="info" class="mt-0.5 text-warning" /><span>{ ended(why) }</span>
                </p>
            }
            <form class="flex flex-col gap-3" {onsubmit}>
                <TextField label="User name" value={(*username).clone()} on_input={input(&username)} autocomplete="username"
                    error={missing(&username)} autofocus=true testid="login-username" />
                <TextField label="Password" kind="password" value={(*password).clone()} on_input={input(&password)}
                    autocomplete="current-password" error={missing(&password)} testid="login-password" />
                if let Some(failure) = &*failure {
                    <p class="note note-error" role="alert" data-testid="login-error">
                        <Icon name="alert" class="mt-0.5 text-error" />
                        <span><span class="font-medium">{ failure.title() }</span>{ ". " }{ failure.remedy() }</span>
                    </p>
                }
                <button type="submit" class="btn btn-primary mt-1 w-full" disabled={*busy} data-testid="login-submit">
                    { if *busy { "Signing in" } else { "Sign in" } }
                </button>
            </form>
        </Door>
    }
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
