//! `cloud` against an AWS that is not the real one.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "clippy knows tests by their attribute only"
)]

mod answers;
mod billing;
mod events;
mod operations;
mod sandbox;
mod support;
