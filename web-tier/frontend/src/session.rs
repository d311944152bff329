//! Who is signed in: known from the refresh cookie on start, from signing in, and until the session ends.
//!
//! Deliberately decides nothing about rights: what a role may do is the server's answer, here it only hides buttons.

use std::rc::Rc;

use contract::{
    auth::{LoginRequest, Me, PasswordChange, Permission},
    problem::Code,
};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::client::{Client, failure::Failure};

/// Where the session is.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// The cookie is being tried.
    Starting,
    /// It could not be tried.
    Unreachable(Failure),
    /// Nobody; why, if somebody was.
    SignedOut(Option<Failure>),
    /// Somebody who has to set a new password first.
    FirstPassword(Rc<Me>),
    SignedIn(Rc<Me>),
}

/// The session, for every component.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub status: Status,
    client: Client,
    set: Callback<Status>,
}

impl Session {
    /// Whether a button for it is shown.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        matches!(&self.status, Status::SignedIn(me) if me.permissions.contains(&permission))
    }

    /// Whether somebody of that name is whoever is signed in.
    #[must_use]
    pub fn is_me(&self, username: &str) -> bool {
        matches!(&self.status, Status::SignedIn(me) if me.username == username)
    }

    async fn enter(&self) -> Result<(), Failure> {
        let me = Rc::new(self.client.me().await?);
        self.set.emit(if me.must_change_password { Status::FirstPassword(me) } else { Status::SignedIn(me) });
        Ok(())
    }

    /// Tries the cookie.
    pub async fn resume(&self) {
        let result = match self.client.refresh().await {
            Ok(_) => self.enter().await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = result {
            // Without a cookie there was no session, which is no news.
            let nobody = matches!(failure.code(), Some(Code::Unauthenticated | Code::TokenExpired));
            let status = match failure.code().map(Code::status) {
                Some(401) if nobody => Status::SignedOut(None),
                Some(401 | 403) => Status::SignedOut(Some(failure)),
                _ => Status::Unreachable(failure),
            };
            self.set.emit(status);
        }
    }

    /// Signs in.
    ///
    /// # Errors
    /// When it is refused; the session stays as it was.
    pub async fn sign_in(&self, login: LoginRequest) -> Result<(), Failure> {
        self.client.login(&login).await?;
        self.enter().await
    }

    /// Sets a new password. The server ends the user's other sessions; this one goes on.
    ///
    /// # Errors
    /// When the change is refused.
    pub async fn change_password(&self, change: PasswordChange) -> Result<(), Failure> {
        self.client.change_password(&change).await?;
        self.enter().await
    }

    /// Signs out. A server that does not answer cannot keep anybody in: the token is forgotten here.
    pub async fn sign_out(&self) {
        let _told = self.client.logout().await;
        self.set.emit(Status::SignedOut(None));
    }
}

/// The session.
#[hook]
#[must_use]
pub fn use_session() -> Session {
    use_context::<Session>().unwrap_or_else(|| Session {
        status: Status::SignedOut(None),
        client: Client::default(),
        set: Callback::noop(),
    })
}

/// The one client of this tab.
#[hook]
#[must_use]
pub fn use_client() -> Client {
    use_session().client
}

#[derive(Debug, Properties, PartialEq)]
pub struct SessionProviderProps {
    pub children: Html,
}

/// Gives the session to everything inside.
#[component]
pub fn SessionProvider(props: &SessionProviderProps) -> Html {
    let client = use_memo((), |()| Client::default());
    let status = use_state_eq(|| Status::Starting);
    let set = {
        let status = status.setter();
        use_callback((), move |it, ()| status.set(it))
    };
    let session = Session { status: (*status).clone(), client: (*client).clone(), set };
    {
        let session = session.clone();
        use_effect_with((), move |()| {
            let set = session.set.clone();
            session.client.on_end(Callback::from(move |failure| set.emit(Status::SignedOut(Some(failure)))));
            spawn_local(async move { session.resume().await });
        });
    }
    html! { <ContextProvider<Session> context={session}>{ props.children.clone() }</ContextProvider<Session>> }
}
