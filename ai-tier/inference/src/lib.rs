//! The ai-tier: llama.cpp behind an OpenAI-compatible HTTP interface.
//!
//! A process of its own, because llama.cpp is C++ that may abort, and because a host with more cores or a GPU may run
//! it. It has no database, sees no rows, and no other tier's crate: the app-tier meets it over HTTP only.
//!
//! [`engine`] runs a model, [`openai`] is the wire, [`server`] joins the two, [`fetch`] brings a model here, [`pairs`]
//! writes what one is taught.
//! Only this crate names `llama_cpp_2`.

mod checksum;
pub mod config;
pub mod engine;
pub mod fetch;
pub mod measure;
pub mod models;
pub mod openai;
pub mod pairs;
pub mod server;
