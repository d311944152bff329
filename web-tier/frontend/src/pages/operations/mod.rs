//! Operations: what is done to desktops in AWS. Acting on desktops with a preview of it, deciding about proposals, and following
//! each operation to its last desktop.
//!
//! Deliberately decides nothing: which desktops an action is legal for, what has to be typed and who may approve are the
//! server's, told by its preview and by its refusals.

mod act;
mod card;
mod decide;
mod detail;
mod draft;
mod list;
mod look;
mod open;
mod preview;
mod settle;
mod steps;

pub(crate) use act::{ActDialog, Acts};
pub(crate) use card::OperationsCard;
pub use detail::OperationPage;
pub(crate) use draft::Subject;
pub use list::OperationsPage;
pub(crate) use look::{change, differing, operation_link, operation_state};
pub(crate) use open::{Open, OperationsProvider, use_open_operations};
