//! Talking to Skydesk: typed calls over `contract`, one session, failures in words.
//!
//! The access token lives in memory only; the refresh token is a cookie that scripts cannot read. A call that meets
//! an expired token refreshes once and repeats itself; many such calls share one refresh. Invariant: a session that
//! cannot be refreshed is told to the listener exactly once, and nothing is retried after that.

mod api;
pub mod failure;
pub mod http;
pub mod sse;
pub mod stream;
pub mod url;

use std::{cell::RefCell, rc::Rc};

use contract::{auth::TokenResponse, problem::Code};
use futures::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use serde::{Serialize, de::DeserializeOwned};
use yew::Callback;

use failure::Failure;
use http::{Reply, Request};

/// Longest wait for an answer. Questions have their own time limit on the server, below this.
const ANSWER_SECONDS: u32 = 30;
/// Testing an account's access asks AWS many things, and a simulation bills months anew.
const SLOW_ANSWER_SECONDS: u32 = 120;

type Refresh = Shared<LocalBoxFuture<'static, Result<TokenResponse, Failure>>>;

#[derive(Default)]
struct Inner {
    token: RefCell<Option<String>>,
    refreshing: RefCell<Option<Refresh>>,
    on_end: RefCell<Option<Callback<Failure>>>,
}

/// A handle to the one session of this tab.
#[derive(Clone, Default)]
pub struct Client(Rc<Inner>);

impl PartialEq for Client {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Who is told when the session has ended.
    pub fn on_end(&self, told: Callback<Failure>) {
        *self.0.on_end.borrow_mut() = Some(told);
    }

    fn remember(&self, token: Option<String>) {
        *self.0.token.borrow_mut() = token;
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        // Another site's form or image cannot send a header of its own; the server asks for this one.
        let mut headers = vec![("X-Skydesk", "1".to_owned()), ("Accept", "application/json".to_owned())];
        if let Some(token) = self.0.token.borrow().as_ref() {
            headers.push(("Authorization", format!("Bearer {token}")));
        }
        headers
    }

    /// A new access token by the cookie. Calls that need one at the same time share the request.
    ///
    /// # Errors
    /// When there is no session any more, or nothing came back.
    pub async fn refresh(&self) -> Result<TokenResponse, Failure> {
        let running = self.0.refreshing.borrow().clone();
        let refresh = running.unwrap_or_else(|| {
            let this = self.clone();
            let refresh = async move {
                let headers = [("X-Skydesk", "1".to_owned())];
                let request = Request {
                    method: "POST",
                    url: "/api/auth/refresh",
                    body: None,
                    headers: &headers,
                    seconds: ANSWER_SECONDS,
                };
                let result = match http::exchange(request).await {
                    Ok(reply) => read::<TokenResponse>(&reply),
                    Err(failure) => Err(failure),
                };
                this.0.refreshing.borrow_mut().take();
                if let Ok(token) = &result {
                    this.remember(Some(token.access_token.clone()));
                }
                result
            }
            .boxed_local()
            .shared();
            *self.0.refreshing.borrow_mut() = Some(refresh.clone());
            refresh
        });
        refresh.await
    }

    /// Refreshes in the middle of a session; tells the listener when there is none any more.
    async fn renew(&self) -> Result<(), Failure> {
        let had_session = self.0.token.borrow().is_some();
        match self.refresh().await {
            Ok(_) => Ok(()),
            Err(failure) => {
                let ended = failure.code().is_some_and(|it| it.status() == 401);
                // The first of several calls that notice tells it; for the others the token is gone already.
                if ended && had_session && self.0.token.borrow_mut().take().is_some() {
                    let told = self.0.on_end.borrow().clone();
                    if let Some(told) = told {
                        told.emit(failure.clone());
                    }
                }
                Err(failure)
            }
        }
    }

    async fn exchange(&self, call: &Call) -> Result<Reply, Failure> {
        let mut renewed = false;
        loop {
            let mut headers = self.headers();
            headers.extend(call.if_match.map(|version| ("If-Match", format!("\"{version}\""))));
            let request = Request {
                method: call.method,
                url: &call.url,
                body: call.body.clone(),
                headers: &headers,
                seconds: call.seconds,
            };
            let reply = http::exchange(request).await?;
            if reply.status < 400 {
                return Ok(reply);
            }
            let failure = Failure::from_body(reply.status, &reply.body, &reply.request_id);
            let stale = matches!(failure.code(), Some(Code::TokenExpired | Code::Unauthenticated));
            if !stale || renewed {
                return Err(failure);
            }
            self.renew().await?;
            renewed = true;
        }
    }

    async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, Failure> {
        read(&self.exchange(&call).await?)
    }

    /// A call whose answer has no body that matters.
    async fn tell(&self, call: Call) -> Result<(), Failure> {
        self.exchange(&call).await.map(|_| ())
    }

    /// Opens an answer that keeps coming.
    async fn open(&self, url: &str, last_id: Option<&str>) -> Result<http::Stream, Failure> {
        let mut headers = self.headers();
        headers.retain(|(name, _)| *name != "Accept");
        headers.push(("Accept", "text/event-stream".to_owned()));
        headers.extend(last_id.map(|it| ("Last-Event-ID", it.to_owned())));
        http::open(Request { method: "GET", url, body: None, headers: &headers, seconds: ANSWER_SECONDS })
            .await
    }
}

/// A request before it is sent, so that it can be sent again.
#[derive(Debug)]
struct Call {
    method: &'static str,
    url: String,
    body: Option<String>,
    if_match: Option<i32>,
    seconds: u32,
}

impl Call {
    fn new(method: &'static str, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), body: None, if_match: None, seconds: ANSWER_SECONDS }
    }

    fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    fn json(mut self, body: &impl Serialize) -> Self {
        // Types of the contract have texts as keys and no failing parts, so there is always a body.
        self.body = serde_json::to_string(body).ok();
        self
    }

    fn if_match(mut self, version: i32) -> Self {
        self.if_match = Some(version);
        self
    }

    fn slow(mut self) -> Self {
        self.seconds = SLOW_ANSWER_SECONDS;
        self
    }
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, Failure> {
    if reply.status >= 400 {
        return Err(Failure::from_body(reply.status, &reply.body, &reply.request_id));
    }
    serde_json::from_str(&reply.body).map_err(|_other_shape| Failure::Unreadable {
        status: reply.status,
        request_id: reply.request_id.clone(),
    })
}
