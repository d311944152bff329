//! Savings: what to change about which desktop so that it costs less; as a list, and as a card for the page of one desktop.

mod card;
mod columns;
mod list;
mod sums;

pub(crate) use card::RecommendationsCard;
pub use list::SavingsPage;
