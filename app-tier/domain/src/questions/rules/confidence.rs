//! How sure the rules are of a reading.
//!
//! Measured, not estimated: of the readings that were called certain on the 600 questions of `development-2.jsonl` and
//! `development-3.jsonl`, 258 of 271 were right where no weak sign was, 49 of 54 with general words and 61 of 67 with another
//! entity's reading not far below; and none of the signs tried besides (talk left out, mended words, hints, soft doubts,
//! negations, length, several statements, follow-ups, relations) foretold mistakes when two of the three development sets
//! were to tell of the third. The rules were developed on these questions, so that of others fewer are right: of
//! `validation.jsonl`, which nobody looked at, 118 of 145. Almost only a list of everything from a question that says more
//! was wrong more often than right (4 of 5); that is a [`super::doubt::Doubt`] and asked back.

use super::reader::Reading;
use crate::questions::link::{Meaning, says_little};

/// A reading with no weak sign.
const PLAIN: f64 = 0.95;
/// What each weak sign takes from that.
const SIGN: f64 = 0.04;
/// Nearer than this another entity's complete reading is a weak sign.
const CLOSE: f64 = 4.0;

/// Of several readings that are as good.
pub(super) const OPEN: f64 = 0.5;
/// Of a reading that leaves something over.
pub(super) const GUESS: f64 = 0.3;

/// How sure a complete reading is that nothing rivals.
pub(super) fn of(best: &Reading, others: &[Reading]) -> f64 {
    let marks = || best.linked.marks.iter().zip(&best.aside).filter(|(_, aside)| !**aside).map(|it| it.0);
    let general = marks().any(|it| it.meaning == Meaning::Noise && says_little(&it.text));
    let mended = marks().any(|it| it.similar);
    let close = others.iter().any(|it| {
        it.linked.entity.name != best.linked.entity.name
            && it.left.is_empty()
            && best.score - it.score < CLOSE
    });
    [general, mended, close].into_iter().filter(|it| *it).fold(PLAIN, |sure, _| sure - SIGN)
}
