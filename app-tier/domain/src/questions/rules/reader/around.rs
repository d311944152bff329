//! What the reader finds around a mark, for who reads the marks otherwise.

use contract::query::Op;

use super::Reader;
use crate::{
    catalog::{Catalog, check::Moment},
    questions::link::{Keyword, Linked, Meaning},
};

/// What the words around it say of a mark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::questions) struct Around {
    /// How a number is compared, where that is said.
    pub(in crate::questions) op: Option<Op>,
    /// Talk around the question.
    pub(in crate::questions) aside: bool,
}

/// What is said around each mark, for who reads the marks otherwise.
pub(in crate::questions) fn around(linked: &Linked, catalog: &Catalog, at: Moment) -> Vec<Around> {
    let mut reader = Reader::new(linked.clone(), catalog, at, false);
    let mut all: Vec<Around> = reader.aside.iter().map(|it| Around { op: None, aside: *it }).collect();
    let mut say = |n: usize, op: Op| {
        if let Some(it) = all.get_mut(n) {
            it.op.get_or_insert(op);
        }
    };
    for n in 0..reader.len() {
        if !matches!(reader.meaning(n), Meaning::Number(..)) {
            continue;
        }
        match (reader.sign(n), reader.other_end(n)) {
            (Some((Keyword::Between, _)), Some(high)) => {
                say(n, Op::AtLeast);
                say(high, Op::AtMost);
            }
            (Some((Keyword::Compare(op), at)), _) => say(n, reader.negated(at, op)),
            _ => {
                if let Some(op) = reader.after_sign(n) {
                    say(n, op);
                }
            }
        }
    }
    all
}
