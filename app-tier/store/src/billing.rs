//! What AWS charges: what was read of Cost Explorer, what is known of desktops, and the sums that answers read.
//!
//! Invariants: a closed month is neither asked for nor written again; what is summed up is written in the transaction of
//! what it sums up; reading twice changes nothing.

mod answers;
mod desktops;
mod reads;
mod settle;
mod states;

pub use answers::{
    DaySum, Filter, GroupBy, MonthSum, PartSum, ShortMonth, TagSum, WorkspaceCost, day_sums, difference_sums,
    month_sums, part_sums, short_months, tag_sums, workspace_costs,
};
pub use desktops::{Desktop, DesktopDays, ids_of_month, known, subjects, tag_amounts};
pub use reads::{
    Part, TagMonth, closed_months, end_resources, knows_month, replace_month, replace_tag_month,
    resource_days_asked, resource_days_read, service_days, write_resource_days,
};
pub use settle::{MonthCost, months_to_settle, write_month};
pub use states::{TagState, due, note, readings, settled_at, tag_state, write_tag_state};
