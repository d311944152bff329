//! Desktops: the rows of lists in `list`, what a sync writes in `sync`.

mod list;
mod sync;

pub use self::{
    list::{COLUMNS, Listed, Listing, find, list},
    sync::{
        Look, bury, clear_tags, count, ids, set_connections, set_tags, upsert, upsert_bundles,
        upsert_directories,
    },
};
