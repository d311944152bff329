//! One module per page.

pub mod accounts;
pub mod admin;
pub mod ask;
pub mod changes;
pub mod costs;
pub mod desktops;
pub mod events;
pub mod not_found;
pub mod operations;
pub mod overview;
pub mod password;
pub mod reports;
pub mod savings;
pub mod sign_in;
