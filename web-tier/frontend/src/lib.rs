//! Skydesk in the browser: pages over the API, and nothing that the API does not decide.
//!
//! The rules that need no browser (filter text, list state, scales, server-sent events, formats) are plain functions
//! with native tests; calls to the browser live in [`browser`] and `client::http`.

pub mod app;
pub mod browser;
pub mod catalog;
pub mod charts;
pub mod client;
pub mod components;
pub mod density;
pub mod exports;
pub mod format;
pub mod listing;
pub mod live;
pub mod notices;
pub mod pages;
pub mod remote;
pub mod routes;
pub mod session;
pub mod theme;

/// Mounts the application into the page's `#app`.
pub fn start() {
    let root = web_sys::window().and_then(|it| it.document()).and_then(|it| it.get_element_by_id("app"));
    if let Some(root) = root {
        density::apply();
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
