//! One request and its answer through the browser's fetch, with a time limit.
//!
//! Deliberately knows nothing of Skydesk's addresses or types. Invariant: every exchange ends; dropping its future
//! aborts the request.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, RequestCredentials, RequestInit, Response,
};

use super::failure::Failure;

/// What is sent.
#[derive(Debug)]
pub struct Request<'a> {
    pub method: &'static str,
    pub url: &'a str,
    /// JSON.
    pub body: Option<String>,
    pub headers: &'a [(&'static str, String)],
    /// After so many seconds without an answer it is given up.
    pub seconds: u32,
}

/// What came back, whatever its status.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
    pub request_id: String,
}

/// Aborts its request when dropped; after the answer that does nothing.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Limit {
    over: Rc<Cell<bool>>,
    seconds: u32,
    _timer: Timeout,
}

impl Limit {
    fn new(controller: &AbortController, seconds: u32) -> Self {
        let over = Rc::new(Cell::new(false));
        let timer = {
            let (over, controller) = (over.clone(), controller.clone());
            Timeout::new(seconds.saturating_mul(1000), move || {
                over.set(true);
                controller.abort();
            })
        };
        Self { over, seconds, _timer: timer }
    }

    /// Fetch tells a broken connection and an abort alike; this tells them apart.
    fn failure(&self) -> Failure {
        if self.over.get() { Failure::Timeout { seconds: self.seconds } } else { Failure::Network }
    }
}

async fn fetch(
    request: Request<'_>,
    controller: &AbortController,
    limit: &Limit,
) -> Result<Response, Failure> {
    let failed = |_: JsValue| limit.failure();
    let headers = Headers::new().map_err(failed)?;
    for (name, value) in request.headers {
        headers.set(name, value).map_err(failed)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = request.body {
        headers.set("Content-Type", "application/json").map_err(failed)?;
        init.set_body(&JsValue::from_str(&body));
    }
    init.set_headers(&headers);
    let window = web_sys::window().ok_or(Failure::Network)?;
    let response =
        JsFuture::from(window.fetch_with_str_and_init(request.url, &init)).await.map_err(failed)?;
    response.dyn_into::<Response>().map_err(failed)
}

/// Sends and waits for the whole answer.
///
/// # Errors
/// Only when nothing came back: an error status is a [`Reply`].
pub async fn exchange(request: Request<'_>) -> Result<Reply, Failure> {
    let abort = Abort(AbortController::new().map_err(|_no_browser| Failure::Network)?);
    let limit = Limit::new(&abort.0, request.seconds);
    let response = fetch(request, &abort.0, &limit).await?;
    let text = response.text().map_err(|_broken| limit.failure())?;
    let body = JsFuture::from(text).await.map_err(|_broken| limit.failure())?.as_string().unwrap_or_default();
    Ok(Reply { status: response.status(), body, request_id: request_id(&response) })
}

/// An answer that keeps coming.
pub struct Stream {
    reader: ReadableStreamDefaultReader,
    _abort: Abort,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

impl Stream {
    /// The next bytes; `None` at the end, and when the connection breaks.
    pub async fn next(&self) -> Option<Vec<u8>> {
        let chunk = JsFuture::from(self.reader.read()).await.ok()?;
        let value = js_sys::Reflect::get(&chunk, &"value".into()).ok()?;
        value.dyn_into::<Uint8Array>().ok().map(|it| it.to_vec())
    }
}

/// Sends and gives the answer as it comes.
///
/// # Errors
/// When nothing came back, and for every status but 200.
pub async fn open(request: Request<'_>) -> Result<Stream, Failure> {
    let abort = Abort(AbortController::new().map_err(|_no_browser| Failure::Network)?);
    let limit = Limit::new(&abort.0, request.seconds);
    let response = fetch(request, &abort.0, &limit).await?;
    if response.status() != 200 {
        let text = response.text().map_err(|_broken| limit.failure())?;
        let body =
            JsFuture::from(text).await.map_err(|_broken| limit.failure())?.as_string().unwrap_or_default();
        return Err(Failure::from_body(response.status(), &body, &request_id(&response)));
    }
    let reader = response.body().ok_or(Failure::Network)?.get_reader();
    let reader = reader.dyn_into::<ReadableStreamDefaultReader>().map_err(|_broken| Failure::Network)?;
    Ok(Stream { reader, _abort: abort })
}

fn request_id(response: &Response) -> String {
    response.headers().get("x-request-id").ok().flatten().unwrap_or_default()
}
