//! How close the rows of all tables stand; kept in the browser.

use crate::browser;

const KEPT_AS: &str = "skydesk.density";
const COMPACT: &str = "compact";

/// Whether rows stand close.
#[must_use]
pub fn is_compact() -> bool {
    browser::kept(KEPT_AS).as_deref() == Some(COMPACT)
}

/// Applies a choice and keeps it.
pub fn set_compact(compact: bool) {
    browser::keep(KEPT_AS, if compact { COMPACT } else { "" });
    apply();
}

/// Applies what is kept.
pub fn apply() {
    browser::set_root("data-density", is_compact().then_some(COMPACT));
}
