//! The rules of the house: what a desktop's change is, what can be asked, and how a question becomes a SELECT.
//!
//! Deliberately without I/O, async, clock or randomness: time and ids come in as arguments, so that every rule can be
//! tested by itself and runs in the browser too (wasm32).

pub mod billing;
pub mod catalog;
pub mod events;
pub mod operations;
pub mod prices;
pub mod questions;
pub mod running_mode;
pub mod savings;
pub mod simulations;
pub mod usage;
pub mod workspaces;
