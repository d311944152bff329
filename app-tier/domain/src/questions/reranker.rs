//! How far a reading is to be trusted: a second judge, beside the language model, that needs no model.
//!
//! Log-linear, as rerankers of semantic parsers are: each word of the question (and each two words on end) stands beside each
//! part of the line, and each such pair has a weight that questions by hand have taught (`examples/teach_reranker.rs`), from lines
//! that were meant and lines that the rules took for them. So it knows where the rules go wrong, and little of mistakes that they
//! do not make: of "cost by service" it likes costs by region no less.
//!
//! It sees what the model sees, and so never a value. What it says is no probability of its own: [`super::confidence`] adds it
//! to what the rules and the model say, and it makes no reading of its own.
//!
//! Pairs share their weights where their hashes meet. Invariant: the same question and line have the same odds on every machine.

use std::hash::Hasher;

use contract::query::Plan;
use fnv::FnvHasher;

use super::{
    grammar::{AFTER, Slots},
    words::singular,
};

/// Weights that pairs share.
pub const WEIGHTS: usize = 1 << 16;
/// What a line may lack: that it does is a part of it as well.
const LACKED: &[&str] = &["by", "with", "not", "top", "over", "at"];

/// The scale (f32, little-endian), and of each weight the multiple of it (i8).
static TAUGHT: &[u8; WEIGHTS + 4] = include_bytes!("reranker/weights.bin");

/// The logarithm of the odds that the line is what the question means, by its words alone. Above 0 speaks for it.
#[must_use]
pub fn odds(slots: &Slots, line: &str) -> f64 {
    let (scale, weights) = TAUGHT.split_at(4);
    let scale = scale.try_into().map_or(0.0, f32::from_le_bytes);
    let weight = |it: &u16| weights.get(usize::from(*it)).map_or(0.0, |it| f64::from(it.cast_signed()));
    let pairs = pairs(slots.masked(), line);
    f64::from(scale) * pairs.iter().map(weight).sum::<f64>() * part(&pairs)
}

/// The same of the line that says a plan; `None` where none does, or where the plan on the screen is not seen.
#[must_use]
pub fn odds_of(slots: &Slots, plan: &Plan) -> Option<f64> {
    let line = slots.write(plan).ok().filter(|_| slots.sees_all())?;
    Some(odds(slots, &line))
}

/// What each of so many pairs counts: long questions have no more weight than short ones.
#[must_use]
pub fn part(pairs: &[u16]) -> f64 {
    1.0 / f64::from(u32::try_from(pairs.len().max(1)).unwrap_or(u32::MAX)).sqrt()
}

/// The weights that a question, masked as the model sees it, has with a line; each once.
#[must_use]
pub fn pairs(masked: &str, line: &str) -> Vec<u16> {
    let (before, question) = apart(masked);
    let words = words(question);
    let ends = ["^"].into_iter().chain(words.iter().map(String::as_str)).chain(["$"]);
    let mut said: Vec<String> = ends.clone().zip(ends.skip(1)).map(|(a, b)| format!("{a} {b}")).collect();
    said.extend(words.iter().cloned());
    // By itself a line is likely or not, too.
    said.push(String::new());
    said.extend(self::words(before).iter().map(|it| format!("{AFTER} {it}")));
    let parts = parts(before, question, line);
    let mut pairs: Vec<u16> =
        said.iter().flat_map(|word| parts.iter().map(|part| weight(word, part))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn weight(word: &str, part: &str) -> u16 {
    let mut hash = FnvHasher::default();
    for it in [word, "|", part] {
        hash.write(it.as_bytes());
    }
    let [a, b, c, d, e, f, g, h] = hash.finish().to_le_bytes();
    u16::from_le_bytes([a ^ c ^ e ^ g, b ^ d ^ f ^ h])
}

/// The line that a question follows, and the question.
fn apart(masked: &str) -> (&str, &str) {
    let after = masked.strip_prefix(AFTER).and_then(|it| it.split_once(" : "));
    after.unwrap_or(("", masked))
}

/// Small, and in the singular; a place is called what it is for.
fn words(question: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = question;
    while let Some((before, labelled)) = rest.split_once("(v") {
        words.extend(plain(before));
        let (place, after) = labelled.split_once(')').unwrap_or((labelled, ""));
        words.push(format!("({}", place.split_once(": ").map_or(place, |it| it.1)));
        rest = after;
    }
    words.extend(plain(rest));
    words
}

fn plain(text: &str) -> Vec<String> {
    let spaced = text.to_lowercase().replace('?', " ? ");
    let word = |it: &str| singular(it).into_owned();
    let inside = |c: char| !c.is_alphanumeric() && c != '\'' && c != '?';
    spaced.split(inside).filter(|it| !it.is_empty()).map(word).collect()
}

/// What the line is about, its words, each two on end, what it lacks, and which places it leaves out.
fn parts(before: &str, question: &str, line: &str) -> Vec<String> {
    let (known, asked) = (places(before), places(question));
    let called = |word: &str| {
        let place = asked.iter().chain(&known).find(|(name, _)| *name == word);
        place.map_or_else(|| word.to_owned(), |(_, label)| format!("({label}"))
    };
    let words: Vec<String> = line.split(' ').map(called).collect();
    let ends = words.iter().skip(1).map(String::as_str).chain(["$"]);
    let mut parts: Vec<String> = words.iter().zip(ends).map(|(a, b)| format!("{a} {b}")).collect();
    parts.extend(words.first().map(|it| format!("^ {it}")));
    parts.extend(words.iter().skip(1).cloned());
    parts.extend(
        LACKED.iter().filter(|it| !words.iter().any(|word| word == *it)).map(|it| format!("no {it}")),
    );
    let unused = |(name, _): &&(&str, &str)| !line.split(' ').any(|word| word == *name);
    parts.extend(asked.iter().filter(unused).map(|(_, label)| format!("without {label}")));
    parts.extend(known.iter().filter(unused).map(|(_, label)| format!("no more {label}")));
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// The places of a masked question, `v1` and what it is, in the order that they come.
fn places(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split('(').skip(1).filter_map(|it| it.split_once(')')).map(|it| it.0);
    inside.filter(|it| it.starts_with('v')).filter_map(|it| it.split_once(": ")).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use contract::auth::Role;

    use super::*;
    use crate::catalog::{Catalog, check::Moment};

    fn odds_in(question: &str, line: &str) -> f64 {
        let at = Moment { now: DateTime::UNIX_EPOCH, zone: chrono_tz::UTC };
        let slots = Slots::new(&question.into(), &Catalog::for_role(Role::Admin), &[], at);
        assert!(slots.parse(line).is_some(), "{line} is no line of {}", slots.masked());
        odds(&slots, line)
    }

    #[test]
    fn what_a_line_leaves_out_or_adds_speaks_against_it() {
        for (question, meant, other) in [
            ("desktops per bundle", "workspaces count by bundle", "workspaces list"),
            (
                "how many desktops in eu-west-1",
                "workspaces count with v1",
                "workspaces count with v1 by state",
            ),
            ("how many desktops in eu-west-1", "workspaces count with v1", "workspaces count with not v1"),
            (
                "how many hours did each person work last month",
                "usage sum billable_hours with v1 by user_name",
                "usage sum billable_hours with v1",
            ),
        ] {
            let (meant, other) = (odds_in(question, meant), odds_in(question, other));
            assert!(meant > other && meant > 0.0, "{question}: {meant} and {other}");
        }
    }

    /// The weights were taught with these places: another hash makes noise of them.
    #[test]
    fn pairs_stay_where_they_were_taught() {
        let masked = "after workspaces count with (v1: state) : and per (v2: region)?";
        let pairs = pairs(masked, "workspaces count with v1 by region");
        let sum = pairs.iter().fold(0_u64, |sum, it| sum.wrapping_mul(31).wrapping_add(u64::from(*it)));
        assert_eq!((pairs.len(), sum), (238, 1_072_087_244_895_071_745));
    }

    #[test]
    fn nothing_that_is_asked_breaks_it() {
        for masked in ["", "(", "(v", "(v1", "(v1: ", ") (v1:state) (", "after", "after : ", "?", "…"] {
            for line in ["", " ", "none", "v1 v1", "workspaces list with v9"] {
                assert!(pairs(masked, line).len() < WEIGHTS);
            }
        }
    }
}
