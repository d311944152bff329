//! The edge to the browser: clock, time zone, storage, focus, clipboard, listeners.
//!
//! Deliberately without any rule of its own, so that everything else can be tested without a browser.
//! Invariant: nothing here fails loudly. A browser that refuses storage or the clipboard costs comfort, never the page.

use chrono::{DateTime, FixedOffset, Utc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlAnchorElement, HtmlElement, Window};

fn window() -> Option<Window> {
    web_sys::window()
}

/// The clock.
#[must_use]
pub fn now() -> DateTime<Utc> {
    #[expect(clippy::as_conversions, reason = "milliseconds since 1970 fit an i64 exactly")]
    let millis = js_sys::Date::now() as i64;
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// A moment on the clock of whoever looks, with the offset that held at that moment.
#[must_use]
pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    #[expect(clippy::as_conversions, reason = "JavaScript counts milliseconds in doubles")]
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    #[expect(clippy::as_conversions, reason = "offsets are whole minutes below a day")]
    let east_seconds = -(date.get_timezone_offset() as i32) * 60;
    FixedOffset::east_opt(east_seconds).map_or_else(|| at.fixed_offset(), |zone| at.with_timezone(&zone))
}

/// The IANA name of the reader's time zone.
#[must_use]
pub fn timezone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&options.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

/// What was kept under a name in this browser.
#[must_use]
pub fn kept(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a text under a name in this browser.
pub fn keep(name: &str, value: &str) {
    if let Some(Ok(Some(storage))) = window().map(|it| it.local_storage()) {
        // A full or forbidden storage only means that the choice is forgotten.
        let _ = storage.set_item(name, value);
    }
}

/// Puts an attribute on the root element, for the style sheet; `None` takes it away.
pub fn set_root(attribute: &str, value: Option<&str>) {
    let Some(root) = window().and_then(|it| it.document()).and_then(|it| it.document_element()) else {
        return;
    };
    let _ = match value {
        Some(value) => root.set_attribute(attribute, value),
        None => root.remove_attribute(attribute),
    };
}

/// The text of the browser's tab.
pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|it| it.document()) {
        document.set_title(title);
    }
}

fn element(id: &str) -> Option<Element> {
    window()?.document()?.get_element_by_id(id)
}

/// Moves the keyboard to an element.
pub fn focus(id: &str) {
    if let Some(element) = element(id).and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Scrolls to the top of the page, as a navigation would.
pub fn scroll_up() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Whether keys that are typed now go into a field.
#[must_use]
pub fn is_typing() -> bool {
    let active = window().and_then(|it| it.document()).and_then(|it| it.active_element());
    active.is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Puts a text on the clipboard.
pub fn copy(text: &str) {
    if let Some(window) = window() {
        // The promise is dropped: there is nothing to do about a refusal, and the text stays selectable.
        let _ = window.navigator().clipboard().write_text(text);
    }
}

/// Saves what an address holds as a file.
pub fn download(url: &str, file_name: &str) {
    let Some(document) = window().and_then(|it| it.document()) else { return };
    let Some(anchor) =
        document.create_element("a").ok().and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok())
    else {
        return;
    };
    anchor.set_href(url);
    anchor.set_download(file_name);
    if let Some(body) = document.body() {
        let _ = body.append_child(&anchor);
        anchor.click();
        anchor.remove();
    }
}

/// Whether a media query holds now.
#[must_use]
pub fn matches(query: &str) -> bool {
    window().and_then(|it| it.match_media(query).ok().flatten()).is_some_and(|it| it.matches())
}

/// Whether this tab is looked at.
#[must_use]
pub fn is_visible() -> bool {
    window().and_then(|it| it.document()).is_none_or(|it| !it.hidden())
}

/// A listener on the window, removed when dropped.
pub struct Listener {
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("event", &self.event).finish_non_exhaustive()
    }
}

impl Listener {
    /// Listens until dropped.
    #[must_use]
    pub fn on_window(event: &'static str, heard: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(heard);
        if let Some(window) = window() {
            let _ = window.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        }
        Self { event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = window() {
            let _ =
                window.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
        }
    }
}
