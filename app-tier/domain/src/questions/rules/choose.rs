//! Which of the readings is meant, and how sure that is.

use contract::query::Plan;

use super::{Outcome, Read, doubt::Doubt, reader::Reading, refuse};
use crate::{
    catalog::{
        Catalog,
        check::{Moment, answers},
    },
    questions::link::Meaning,
};

/// A rival whose score is nearer than this is one: where the question names what it is about, where it does not, and where
/// both are of deeds, which are called the same.
const NEAR_NAMED: f64 = 0.8;
const NEAR: f64 = 1.25;
const NEAR_DEEDS: f64 = 2.5;

impl Reading {
    /// Nothing is left over and nothing speaks against it.
    fn is_complete(&self) -> bool {
        self.left.is_empty() && self.refused.is_none() && self.doubts.iter().all(|it| Doubt::is_soft(*it))
    }
}

pub(super) fn choose(readings: Vec<Reading>, catalog: &Catalog, at: Moment) -> Read {
    if let Some(why) = refuse::stranger(&readings) {
        return refused(why, readings);
    }
    let (mut readings, all_linked): (Vec<Reading>, Vec<Reading>) =
        readings.into_iter().partition(|it| it.grounded);
    // The catalog's order decides between equals: the sort is stable.
    readings.sort_by(|a, b| b.score.total_cmp(&a.score));
    let named = |it: &Reading| {
        it.linked.marks.iter().any(|it| matches!(it.meaning, Meaning::Time(_)))
            && !it.linked.unknown().is_empty()
    };
    if let Some(why) = readings.first().or(all_linked.first()).and_then(refuse::topic) {
        return refused(why, readings);
    }
    if readings.is_empty() && all_linked.iter().any(named) {
        // A name that nobody knows, at a time: there is something to ask back about.
        let linked = all_linked.into_iter().next().map(|it| it.linked);
        return Read { outcome: Outcome::Unsure { guess: None }, linked };
    }
    let Some(best) = readings.first() else {
        return refused(refuse::nothing_named(catalog), Vec::new());
    };
    // What cannot be told of one kind of thing may be meant of another.
    if best.refused.is_some()
        && let Some(other) = readings.iter().position(|it| it.is_complete() && best.score - it.score < 2.0)
    {
        readings.swap(0, other);
    }
    let Some(best) = readings.first() else { return refused(refuse::nothing_named(catalog), Vec::new()) };
    if let Some(why) = best.refused {
        return refused(format!("I can't answer that, because {why}."), readings);
    }
    let same = |it: &Plan, other: &Plan| it == other || answers(it, other, catalog, at);
    let named_itself = best.linked.marks.iter().any(|it| it.meaning == Meaning::Entity);
    let rivals: Vec<&Plan> = readings
        .iter()
        .filter(|it| {
            let deeds = it.linked.entity.words.deeds && best.linked.entity.words.deeds;
            let near = match (named_itself, deeds) {
                (true, _) => NEAR_NAMED,
                (false, true) => NEAR_DEEDS,
                (false, false) => NEAR,
            };
            it.is_complete() && best.score - it.score < near
        })
        .flat_map(|it| &it.plans)
        .collect();
    let mut plans: Vec<Plan> = Vec::new();
    for it in best.plans.iter().chain(rivals) {
        if !plans.iter().any(|other| same(other, it)) {
            plans.push(it.clone());
        }
    }
    let outcome = match (best.is_complete() && !best.plans.is_empty(), plans.as_slice()) {
        (true, [plan]) => Outcome::Certain(plan.clone()),
        (true, _) => {
            plans.truncate(4);
            Outcome::Ambiguous(plans)
        }
        _ => Outcome::Unsure { guess: best.plans.first().cloned() },
    };
    let linked = readings.into_iter().next().map(|it| it.linked);
    Read { outcome, linked }
}

pub(super) fn refused(why: String, readings: Vec<Reading>) -> Read {
    let linked = readings.into_iter().next().map(|it| it.linked);
    Read { outcome: Outcome::Refused(why), linked }
}
