//! What the house does while parts of it are killed, stopped, silent, or lying.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail at any point")]

mod aws;
mod killed;
mod stores;
mod tiers;
