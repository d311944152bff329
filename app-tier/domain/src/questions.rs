//! From a question in plain words to a query plan.
//!
//! [`words`] cuts it, [`link`] finds what its words can name (catalog terms, values of the database, numbers, times),
//! [`rules`] reads what is certain, and [`grammar`] says what a language model may write about the rest. Deliberately no
//! guessing here: what the rules do not account for word by word is not read by them.

pub mod grammar;
pub mod link;
pub mod rules;
pub mod times;
pub mod words;
