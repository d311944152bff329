//! How sure a reading is, from 0 to 1: by the rules alone, and by rules and model together.
//!
//! Counted, not estimated: of the readings that were called certain on the 600 questions of `development-2.jsonl` and
//! `development-3.jsonl`, 254 of 268 were right where there was no weak sign, and 116 of 129 where there was one or more.
//! Eighteen other signs were tried (talk left out, hints, soft doubts, negations, length, several statements, follow-ups,
//! relations and more, in a logistic fit on two of the three development sets that was to tell of the third): none of
//! them foretold mistakes, so that no threshold keeps these below one in a hundred. What did foretell them, another reading
//! close by ([`super::choose`]) and a list of everything from a question that says more (4 of 5 wrong), is asked back.
//! The rules were developed on these questions. Of 250 that nobody had looked at, 118 of 146 readings called certain were
//! right: on questions of others the number here is too high.

use super::reader::Reading;
use crate::questions::link::{Meaning, says_little};

/// A reading with no weak sign.
const PLAIN: f64 = 0.95;
/// What each weak sign takes from that.
const SIGN: f64 = 0.06;
/// Nearer than this another entity's complete reading is a weak sign.
const CLOSE: f64 = 4.0;

/// What the rules say of a reading that a model weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// They are certain of it.
    Certain,
    /// They do not read it to the end, or something else.
    None,
    /// They hold it for one of several that the words leave open, and nothing on the screen settles it.
    Open,
}

/// What [`weighed`] adds up: for every reading, for the logarithm of the odds that the model gives it, for one that the
/// rules are certain of, and for one of several. The last is no part of the fit, which would have it at -0.3: to answer
/// what means two things is worse than to ask.
const EVERY: f64 = -0.7;
const ODDS: f64 = 0.78;
const RULES: f64 = 1.57;
const OF_SEVERAL: f64 = -1.0;
/// Nothing is less likely, nor more than the rest.
const LEAST: f64 = 1e-4;

/// Of what leaves no doubt: a plan that was given as such, a refusal.
pub const CERTAIN: f64 = 1.0;
/// Of several readings that are as good.
pub const OPEN: f64 = 0.5;
/// Of a reading that leaves something over.
pub const GUESS: f64 = 0.3;

/// How sure a reading is that a model has weighed: `share` is the part of the lines that mean it in everything that the
/// model might have written.
///
/// A logistic fit. Of 1,200 questions by eight writers, which had not taught the model (the rules had been mended on some of
/// them by then), 1,025 of them with an answer, each reading of rules and model was marked right or wrong. In eight parts, each
/// foretold by the others, it runs 77 % of those with an answer right where 3 % of all are wrong; to run whatever the model
/// gives nine tenths, and what the rules are certain of and the model gives three, ran 72 % right with 3.3 % wrong, of the same.
/// That the rules read something else, how near the next reading is, the line's length and form were tried too, and moved what
/// is run right by a point or two at most.
#[must_use]
pub fn weighed(share: f64, support: Support) -> f64 {
    let share = share.clamp(LEAST, 1.0 - LEAST);
    let support = match support {
        Support::Certain => RULES,
        Support::None => 0.0,
        Support::Open => OF_SEVERAL,
    };
    let sum = EVERY + ODDS * (share / (1.0 - share)).ln() + support;
    1.0 / (1.0 + (-sum).exp())
}

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
