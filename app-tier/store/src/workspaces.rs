//! Desktops: the rows of lists in `list`, what a sync writes in `sync` and, of what is as it was, in `looks`.

mod list;
mod looks;
mod sync;

pub use self::{
    list::{COLUMNS, Listed, Listing, find, find_all, list, listed_ids},
    looks::Look,
    sync::{
        bury, bury_one, clear_tags, complete_connections, count, ids, observe, observe_tags, set_connections,
        set_tags, upsert, upsert_bundles, upsert_directories,
    },
};
