//! Rows to files: CSV and Excel in constant memory, and places to keep the files.
//!
//! It knows nothing of where rows come from, of HTTP or of who may have a file. Writing is synchronous: callers put it
//! on a blocking thread. Keeping is asynchronous, because a place may be far away.
//!
//! Invariants: memory does not grow with the number of rows; no text of a row is ever taken for a formula; a file that
//! was not finished is gone, at the latest when the next one is begun in its folder.

mod csv_file;
mod leftovers;
mod store;
mod writer;
mod xlsx_file;

pub use crate::{
    store::{BadKey, BoxFuture, FileKey, FileReader, FileStore, LocalFolder, StoreError, StoredFile},
    writer::{Cell, Finished, Notes, ReportError, Writer},
};
