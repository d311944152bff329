//! A few ways to look at the same thing, side by side; each is a link, so that it has an address.

use yew::prelude::*;

use super::link::Go;
use crate::routes::Route;

/// One of them.
#[derive(Debug)]
pub struct Segment {
    pub to: Route,
    pub query: Vec<(String, String)>,
    pub label: String,
    /// A number that waits there; zero shows nothing.
    pub waiting: usize,
    pub current: bool,
}

impl Segment {
    /// One with nothing waiting.
    pub fn new(to: Route, query: Vec<(String, String)>, label: impl Into<String>, current: bool) -> Self {
        Self { to, query, label: label.into(), waiting: 0, current }
    }
}

/// `name` says what they differ in: `State`, `Time`.
pub fn segments(name: &'static str, items: impl IntoIterator<Item = Segment>) -> Html {
    html! {
        <nav class="segments" aria-label={name}>
            { for items.into_iter().map(|it| html! {
                <Go key={it.label.clone()} to={it.to} query={it.query} current={it.current}
                    class={classes!("segment", "segment-word", it.current.then_some("is-current"))}>
                    { &it.label }if it.waiting > 0 { <span class="badge">{ it.waiting }</span> }
                </Go>
            }) }
        </nav>
    }
}
