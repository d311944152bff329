//! The deterministic reader: a question in plain words to a plan, in milliseconds and without a model.
//!
//! The question is read as one about each entity that the asker may read ([`reader`]), and about the plan before it where
//! it follows one up ([`follow`]); the readings are weighed against each other ([`choose`]). What no plan can do is refused
//! with the reason ([`refuse`]).
//!
//! Invariant: a reading is certain only when it accounts for every word of the question that says something, and no other
//! reading of another meaning comes near it.

mod asides;
mod choose;
mod doubt;
mod follow;
mod reader;
mod refuse;

use contract::query::Plan;

pub(super) use self::reader::{Around, around, whole};
pub use self::refuse::nothing_named;
use super::{
    link::{Linked, Prepared, StoredValue, link},
    words::Question,
};
use crate::catalog::{Catalog, check::Moment};

/// What the rules make of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The only reading.
    Certain(Plan),
    /// Several readings, all complete.
    Ambiguous(Vec<Plan>),
    /// Something is left over. `guess` is what the rest says, if it says anything.
    Unsure { guess: Option<Plan> },
    /// It cannot be answered, and why.
    Refused(String),
}

/// A question as the rules read it.
#[derive(Debug)]
pub struct Read {
    pub outcome: Outcome,
    /// What was recognised, taken as a question about the entity of the first reading. `None` when the asker may read
    /// nothing.
    pub linked: Option<Linked>,
}

/// What a reading that stands alone loses where the question begins with "only".
const ONLY: f64 = 3.0;

/// Reads a question. `stored` are the values of the database that the names of its [`super::link::Lookup`]
/// call; `previous` is the plan that a follow-up edits.
#[must_use]
pub fn read(
    question: impl Into<Question>,
    catalog: &Catalog,
    stored: &[StoredValue],
    previous: Option<&Plan>,
    at: Moment,
) -> Read {
    let prepared = Prepared::new(question, stored, at);
    let refused = refuse::no_question(prepared.words(), previous.is_some())
        .or_else(|| refuse::not_told_who(prepared.words(), catalog));
    if let Some(why) = refused {
        return choose::refused(why, Vec::new());
    }
    let mut readings = Vec::new();
    for entity in catalog.entities() {
        let reading = reader::fresh(link(&prepared, entity, catalog), catalog, at);
        readings.push(match previous {
            Some(previous) => follow::carried(reading, previous, catalog, at),
            None => reading,
        });
    }
    if let Some(previous) = previous
        && let Some(entity) = catalog.entity(&previous.entity)
    {
        let alone = readings.iter().any(|it| it.grounded);
        // "only fields that changed at least 20 times" is said of what is on the screen.
        if prepared.words().first().is_some_and(|it| it.text == "only") {
            readings.iter_mut().for_each(|it| it.score -= ONLY);
        }
        readings.extend(follow::edited(link(&prepared, entity, catalog), previous, catalog, at, alone));
    }
    choose::choose(readings, catalog, at)
}
