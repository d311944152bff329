//! What AWS charges: what Cost Explorer tells, what is reckoned for each desktop, and how the two are brought together.
//!
//! ```text
//! pages of Cost Explorer ─▶ Costs ───────────────┐
//! days of use, mode, price ─▶ model::charges ─▶ choose ─▶ the best figure of a desktop's month
//!                                                        │
//!                 the service's total ─▶ reconcile ◀─────┘ ─▶ the difference, as its own line
//! days of the service ─▶ forecast
//! ```
//!
//! Invariants: sums never mix currencies; parts and difference are, together, exactly the total; what was read does not
//! depend on the order of pages or on how often one came. Days and months are in UTC, as on the bill.
//!
//! Deliberately not here: what a source is called on the wire, and when AWS is asked.

pub mod calendar;
pub mod choose;
pub mod forecast;
pub mod model;
mod pages;
pub mod reconcile;

pub use pages::{CostLine, Costs, Days, days_that_lack, desktop_of_resource, value_of_tag_group};
