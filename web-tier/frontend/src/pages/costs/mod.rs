//! Costs: what AWS charges by service, account, region and tag, with where each figure is from and what it does not tell; and
//! the cost of one desktop, for its page.

mod chart;
mod desktop;
mod figure;
mod known;
mod look;
mod page;
mod reconciled;
mod tag;

pub(crate) use chart::{Chart, chart};
pub(crate) use desktop::CostSection;
pub(crate) use look::Look;
pub use page::CostsPage;
