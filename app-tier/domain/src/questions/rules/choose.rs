//! Which of the readings is meant, and how sure that is.

use contract::query::Plan;

use super::{Outcome, Read, reader::Reading, refuse};
use crate::{
    catalog::Catalog,
    questions::{
        confidence::{CERTAIN, GUESS, MENDED, OPEN},
        words::Word,
    },
};

/// A doubt that leaves a reading certain where nothing rivals it.
pub(super) const SOFT: &str = "likely";

/// A rival whose score is nearer than this is one.
const NEAR: f64 = 0.8;

pub(super) fn choose(words: &[Word], readings: Vec<Reading>, catalog: &Catalog) -> Read {
    if let Some(why) = refuse::refusal(words) {
        return refused(why, readings);
    }
    let (mut readings, all_linked): (Vec<Reading>, Vec<Reading>) =
        readings.into_iter().partition(|it| it.grounded);
    // The catalog's order decides between equals: the sort is stable.
    readings.sort_by(|a, b| b.score.total_cmp(&a.score));
    let named = |it: &Reading| {
        it.linked.marks.iter().any(|it| matches!(it.meaning, crate::questions::link::Meaning::Time(_)))
            && !it.linked.unknown().is_empty()
    };
    if readings.is_empty() && all_linked.iter().any(named) {
        // A name that nobody knows, at a time: there is something to ask back about.
        let linked = all_linked.into_iter().next().map(|it| it.linked);
        return Read { outcome: Outcome::Unsure { guess: None }, confidence: GUESS, linked };
    }
    let Some(best) = readings.first() else {
        return refused(refuse::nothing_named(catalog), Vec::new());
    };
    if let Some(why) = best.refused {
        return refused(format!("I can't answer that, because {why}."), readings);
    }
    let hard = best.doubts.iter().any(|it| *it != SOFT);
    let complete = best.left.is_empty() && !hard;
    let rivals: Vec<&Reading> = readings
        .iter()
        .skip(1)
        .filter(|it| {
            it.left.is_empty()
                && it.refused.is_none()
                && !it.doubts.iter().any(|it| *it != SOFT)
                && best.score - it.score < NEAR
                && it.plans != best.plans
        })
        .collect();
    let mended = best.linked.marks.iter().any(|it| it.similar);
    let (outcome, confidence) = match (complete, best.plans.as_slice(), rivals.as_slice()) {
        (true, [plan], []) => (Outcome::Certain(plan.clone()), if mended { MENDED } else { CERTAIN }),
        (true, plans, rivals) if !plans.is_empty() => {
            let mut all: Vec<Plan> = plans.to_vec();
            for it in rivals.iter().flat_map(|it| &it.plans) {
                if !all.contains(it) {
                    all.push(it.clone());
                }
            }
            all.truncate(4);
            (Outcome::Ambiguous(all), OPEN)
        }
        (_, plans, _) => (Outcome::Unsure { guess: plans.first().cloned() }, GUESS),
    };
    let linked = readings.into_iter().next().map(|it| it.linked);
    Read { outcome, confidence, linked }
}

fn refused(why: String, readings: Vec<Reading>) -> Read {
    let linked = readings.into_iter().next().map(|it| it.linked);
    Read { outcome: Outcome::Refused(why), confidence: CERTAIN, linked }
}
