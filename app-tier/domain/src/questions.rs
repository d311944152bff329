//! From a question in plain words to a query plan.
//!
//! [`words`] cuts it, [`link`] finds what its words can name in each entity (catalog terms, values of the database, numbers,
//! times), [`rules`] reads it as one about each and chooses, and [`grammar`] says what a language model may write about the
//! rest. A reading is certain only when it accounts for every word that says something. [`evaluation`] judges readers.

mod conditions;
pub mod confidence;
pub mod evaluation;
pub mod grammar;
pub mod link;
pub mod reranker;
pub mod rules;
pub mod synonyms;
pub mod times;
pub mod words;
