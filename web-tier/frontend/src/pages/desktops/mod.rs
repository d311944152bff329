//! Desktops: the table over all accounts, its split panel, and the page of one desktop.

mod columns;
mod detail;
mod facts;
mod list;
mod selection;
mod usage;

pub(crate) use columns::COLUMNS;
pub use detail::DesktopPage;
pub(crate) use facts::{change_kind, desktop_link, difference, pair, when};
pub use list::DesktopsPage;
