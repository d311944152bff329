//! The application: providers around the pages, and what is shown before anybody is signed in.

use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    catalog::CatalogProvider,
    components::{frame::Frame, loaded::FailureBox, time::ClockProvider},
    exports::ExportsProvider,
    live::LiveProvider,
    notices::NoticesProvider,
    pages::{operations::OperationsProvider, password::FirstPasswordPage, sign_in::SignInPage},
    session::{SessionProvider, Status, use_session},
    theme::ThemeProvider,
};

/// The root.
#[component]
pub fn App() -> Html {
    html! {
        <ThemeProvider>
            <NoticesProvider>
                <BrowserRouter>
                    <SessionProvider>
                        <ClockProvider><Gate /></ClockProvider>
                    </SessionProvider>
                </BrowserRouter>
            </NoticesProvider>
        </ThemeProvider>
    }
}

/// Pages for those who are signed in, the way in for the others. The address stays, so signing in leads to it.
#[component]
fn Gate() -> Html {
    let session = use_session();
    match &session.status {
        // The page that the server sent says "Skydesk" until this is known; an instant, no skeleton.
        Status::Starting => html! { <p class="sr-only" role="status">{ "Starting" }</p> },
        Status::Unreachable(failure) => {
            let again = {
                let session = session.clone();
                Callback::from(move |()| {
                    let session = session.clone();
                    wasm_bindgen_futures::spawn_local(async move { session.resume().await });
                })
            };
            html! {
                <main class="mx-auto max-w-xl p-6 pt-24">
                    <FailureBox failure={failure.clone()} what="your session" {again} />
                </main>
            }
        }
        Status::SignedOut(why) => html! { <SignInPage why={why.clone()} /> },
        Status::FirstPassword(me) => html! { <FirstPasswordPage me={me.clone()} /> },
        Status::SignedIn(me) => html! {
            // Another user must not see what the one before had open.
            <LiveProvider key={me.id.to_string()}>
                <CatalogProvider><OperationsProvider><ExportsProvider><Frame me={me.clone()} /></ExportsProvider></OperationsProvider></CatalogProvider>
            </LiveProvider>
        },
    }
}
