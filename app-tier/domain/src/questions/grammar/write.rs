//! From a plan to the line that says it with a question's slots.
//!
//! Finds the words for each part of the plan; whether they say the same again, the caller reads. What no word is found
//! for has no line.

use contract::query::{Compare, Filter, Measure, Op, Plan, Value};

use super::{
    language::{
        BEFORE, COMPARISONS, EARLIER, HALVES, MOVED, NOW, OF_DESKTOPS, YEAR_BEFORE, measured, placeholder,
        times,
    },
    means::{Alternative, Means},
    slots::Slot,
};
use crate::{
    catalog::{Catalog, Entity},
    questions::conditions,
};

/// Why a plan has no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unsaid {
    /// Nobody may ask about that.
    Entity,
    /// A dimension that the language does not name, such as a tag that the question did not.
    Dimension,
    /// A condition of which the question holds no value.
    Condition,
    /// A comparison of times that the question does not hold.
    Compare,
    /// A condition on a figure of which the question holds no number.
    Having,
    /// An order or a limit that the language has no word for.
    Order,
    /// Its parts have words, and they say something else together.
    Form,
}

/// A line as it grows.
pub(super) struct Line<'a> {
    pub(super) entity: &'static Entity,
    pub(super) catalog: &'a Catalog,
    /// The entity's place in the catalog.
    pub(super) n: usize,
    pub(super) slots: &'a [Slot],
    /// So many of them, the first ones, are of the plan on the screen.
    pub(super) of_previous: usize,
    pub(super) plan: &'a Plan,
}

impl Line<'_> {
    pub(super) fn words(&self) -> Result<Vec<String>, Unsaid> {
        let plan = self.plan;
        let mut words = vec![self.entity.name.to_owned()];
        if plan.measures.is_empty() {
            words.push("list".into());
            for it in &plan.columns {
                words.push(self.dimension(it)?);
            }
        }
        for it in &plan.measures {
            words.extend(self.measure(it)?);
        }
        let mut filters = plan.filters.clone();
        if let Some(compare) = &plan.compare {
            words.extend(self.compare(compare, &mut filters)?);
        }
        let taken = self.taken();
        if !plan.part.is_empty() {
            words.push("part".into());
            words.extend(self.conditions(&plan.part, &taken)?);
        }
        if !filters.is_empty() {
            words.push("with".into());
            words.extend(self.conditions(&filters, &taken)?);
        }
        if !plan.group_by.is_empty() {
            words.push("by".into());
        }
        for it in &plan.group_by {
            let single = times(self.entity);
            match it.grain {
                Some(grain) if single.as_slice() == [it.dimension.as_str()] => {
                    words.push(grain.name().into())
                }
                Some(grain) => words.extend([self.dimension(&it.dimension)?, grain.name().to_owned()]),
                None => words.push(self.dimension(&it.dimension)?),
            }
        }
        words.extend(self.having()?);
        words.extend(self.order()?);
        Ok(words)
    }

    /// What the question holds goes before what the plan on the screen names: it was said now.
    fn means(&self) -> impl Iterator<Item = (usize, &Means)> {
        let all = || self.slots.iter().enumerate();
        let ordered = all().skip(self.of_previous).chain(all().take(self.of_previous));
        ordered.filter_map(|(n, it)| Some((n, it.means.get(self.n)?)))
    }

    fn dimension(&self, name: &str) -> Result<String, Unsaid> {
        let field = self.catalog.field(self.entity, name).ok_or(Unsaid::Dimension)?;
        if field.tag.is_none() {
            return Ok(field.name);
        }
        // Its own name, rather than that of a value.
        let named = |it: &&(usize, &Means)| it.1.tag.as_ref() == Some(&field);
        let slot = self.means().filter(|it| named(&it)).min_by_key(|(_, it)| !it.alternatives.is_empty());
        slot.map(|(n, _)| placeholder(n)).ok_or(Unsaid::Dimension)
    }

    fn measure(&self, measure: &Measure) -> Result<Vec<String>, Unsaid> {
        let of = measure.of.as_ref().map(|it| self.dimension(it)).transpose()?;
        Ok([measure.function.name().to_owned()].into_iter().chain(of).collect())
    }

    /// Takes the stretch that is compared out of the conditions.
    fn compare(&self, compare: &Compare, filters: &mut Vec<Filter>) -> Result<Vec<String>, Unsaid> {
        let (bounds, rest): (Vec<_>, Vec<_>) =
            std::mem::take(filters).into_iter().partition(|it| matches!(it.op, Op::Since | Op::Before));
        *filters = rest;
        let is_other = |it: &super::super::times::Stretch| {
            it.since.as_ref() == Some(&compare.since) && it.before == compare.before
        };
        for (n, means) in self.means().filter(|(_, it)| it.stretch.is_some()) {
            let Some(it) = means.alternatives.iter().find(|it| same(&it.filters, &bounds)) else { continue };
            let named = (means.alternatives.len() > 1).then(|| it.name.clone());
            let slot =
                self.means().find(|(other, it)| *other != n && it.stretch.as_ref().is_some_and(is_other));
            let before = [(BEFORE, &means.before), (YEAR_BEFORE, &means.year_before)];
            let before = before.iter().find(|(_, it)| it.as_ref().is_some_and(is_other));
            let before = before.map(|(word, _)| (*word).to_owned());
            if let Some(other) = slot.map(|(n, _)| placeholder(n)).or(before) {
                let this = ["over".to_owned(), placeholder(n)].into_iter().chain(named);
                return Ok(this.chain(["vs".to_owned(), other]).collect());
            }
        }
        let halves = |it: &Means| {
            let (later, earlier) = it.halves.as_ref()?;
            (is_other(earlier) && same(&conditions::of_stretch(self.entity.time, later), &bounds))
                .then_some(())
        };
        if let Some((n, _)) = self.means().find(|(_, it)| halves(it).is_some()) {
            return Ok(["over", HALVES, &placeholder(n)].map(str::to_owned).into());
        }
        let now = |it: &Means| {
            let current = it.current.as_ref().map(|it| conditions::of_stretch(self.entity.time, it));
            it.stretch.as_ref().is_some_and(is_other) && current.is_some_and(|it| same(&it, &bounds))
        };
        if let Some((n, _)) = self.means().find(|(_, it)| now(it)) {
            return Ok(["over", NOW, "vs", &placeholder(n)].map(str::to_owned).into());
        }
        Err(Unsaid::Compare)
    }

    /// The numbers that are the limit or conditions on figures: no row is compared with them.
    fn taken(&self) -> Vec<usize> {
        let limit = self.plan.limit.and_then(|_| self.limit().ok()).into_iter();
        let having = self.having().unwrap_or_default().into_iter();
        let words: Vec<String> = limit.chain(having).collect();
        (0..self.slots.len()).filter(|it| words.contains(&placeholder(*it))).collect()
    }

    /// The words for conditions: each slot that says a part of them, then what is said without one.
    fn conditions(&self, wanted: &[Filter], taken: &[usize]) -> Result<Vec<String>, Unsaid> {
        let all: Vec<Filter> = wanted.iter().flat_map(parts).collect();
        let mut left = all.clone();
        let mut said: Vec<(usize, Vec<String>)> = Vec::new();
        for (n, means) in self.means().filter(|(_, it)| !it.earlier.is_empty()) {
            // The question may name the same stretch.
            let named =
                self.means().any(|(_, it)| ways(it).iter().any(|(_, _, it)| same(it, &means.earlier)));
            if !named && means.earlier.iter().all(|it| left.contains(it)) {
                left.retain(|it| !means.earlier.contains(it));
                said.push((n, vec![EARLIER.to_owned(), placeholder(n)]));
            }
        }
        // What is free to be compared in several ways comes last: it has to say something new.
        let open = |means: &Means| means.number.is_some_and(|it| it.op.is_none());
        for free in [false, true] {
            let others: Vec<usize> = said.iter().map(|(n, _)| *n).chain(taken.iter().copied()).collect();
            let mut here: Vec<_> =
                self.means().filter(|(n, it)| open(it) == free && !others.contains(n)).collect();
            // What can say little before what can say anything.
            here.sort_by_key(|(_, it)| it.alternatives.len());
            for (n, means) in here {
                let of = |filters: &[Filter], them: &[Filter]| {
                    !filters.is_empty() && filters.iter().flat_map(parts).all(|it| them.contains(&it))
                };
                let ways = ways(means);
                let new = ways.iter().position(|(_, _, it)| of(it, &left));
                // The same may be said by several places.
                let known = || ways.iter().position(|(_, _, it)| !free && of(it, &all));
                let Some((before, it, filters)) = new.or_else(known).and_then(|n| ways.get(n)) else {
                    continue;
                };
                left.retain(|it| !filters.iter().flat_map(parts).any(|part| part == *it));
                let named = (means.alternatives.len() > 1).then(|| it.name.clone());
                let words = before.map(str::to_owned).into_iter().chain([placeholder(n)]).chain(named);
                said.push((n, words.collect()));
            }
        }
        said.sort_by_key(|(n, _)| *n);
        let mut words: Vec<String> = said.into_iter().flat_map(|(_, it)| it).collect();
        for it in left {
            if conditions::of_desktops(self.entity).as_ref() == Some(&it) {
                words.push(OF_DESKTOPS.to_owned());
                continue;
            }
            let word = match (it.op, it.values.as_slice()) {
                (Op::Empty, _) => "empty",
                (Op::NotEmpty, _) => "filled",
                (Op::Is, [Value::Bool(true)]) => "yes",
                (Op::Is, [Value::Bool(false)]) => "no",
                (Op::MoreThan, [Value::Number(0.0)]) => "yes",
                (Op::Is, [Value::Number(0.0)]) => "no",
                _ => return Err(Unsaid::Condition),
            };
            words.extend([word.to_owned(), self.dimension(&it.dimension)?]);
        }
        Ok(words)
    }

    fn having(&self) -> Result<Vec<String>, Unsaid> {
        let plan = self.plan;
        let Some(first) = plan.measures.first().filter(|_| !plan.having.is_empty()) else {
            return Ok(Vec::new());
        };
        let of = first.of.as_ref().and_then(|it| self.catalog.field(self.entity, it));
        let measured = measured(first.function, of.as_ref());
        let changed = plan.having.iter().all(|it| it.by == first.key_change());
        if let [only] = plan.having.as_slice()
            && changed
            && only.value == 0.0
            && let Some((word, _)) = MOVED.iter().find(|(_, op)| *op == only.op)
        {
            return Ok(vec!["having".to_owned(), (*word).to_owned()]);
        }
        let mut said = Vec::new();
        for it in &plan.having {
            let number = |means: &Means| {
                let number = means.number.filter(|number| number.figure(measured) == Some(it.value))?;
                match number.op {
                    Some(op) if op == it.op => Some(None),
                    None if it.op == Op::Is => Some(None),
                    None if COMPARISONS.contains(&it.op) => Some(Some(it.op.name().to_owned())),
                    _ => None,
                }
            };
            let found = self.means().filter_map(|(n, means)| {
                let free = said.iter().all(|(other, _)| *other != n);
                number(means).filter(|_| free).map(|op| (n, op, self.compares(means)))
            });
            // One whose words say how it is compared, rather than one that is free to be compared in any way.
            let (n, op, _) =
                found.min_by_key(|(_, op, compares)| (op.is_some(), *compares)).ok_or(Unsaid::Having)?;
            said.push((n, op));
        }
        said.sort();
        let words = said.into_iter().flat_map(|(n, op)| op.into_iter().chain([placeholder(n)]));
        let change = changed.then(|| "change".to_owned());
        Ok(["having".to_owned()].into_iter().chain(change).chain(words).collect())
    }

    /// Whether a condition needs a number, and whether one may: what only counts is taken from another, if there is one.
    fn compares(&self, means: &Means) -> (bool, bool) {
        let wanted = || self.plan.filters.iter().chain(&self.plan.part).flat_map(parts);
        let needed = |filters: &[Filter]| wanted().any(|it| filters == [it]);
        let needs = ways(means).iter().any(|(_, _, it)| needed(it));
        (needs, means.number.is_some_and(|it| it.op.is_some()))
    }

    fn limit(&self) -> Result<String, Unsaid> {
        let wanted = self.plan.limit;
        let fits = |it: &Means| wanted.is_some() && it.number.and_then(|it| it.limit()) == wanted;
        let slot = self.means().filter(|(_, it)| fits(it)).min_by_key(|(_, it)| self.compares(it));
        match (slot, wanted) {
            (Some((n, _)), _) => Ok(placeholder(n)),
            (None, Some(1)) => Ok("1".into()),
            _ => Err(Unsaid::Order),
        }
    }

    fn order(&self) -> Result<Vec<String>, Unsaid> {
        let plan = self.plan;
        let Some(order) = &plan.order else {
            return match plan.limit {
                None => Ok(Vec::new()),
                Some(_) => Ok(vec!["first".into(), self.limit()?]),
            };
        };
        let mut words = vec![if order.descending { "top" } else { "bottom" }.to_owned()];
        match plan.measures.first() {
            None => words.push(self.dimension(&order.by)?),
            Some(first) if order.by == first.key_change() => words.push("change".into()),
            Some(first) if order.by == first.key() => {}
            Some(_) => match plan.group_by.iter().position(|it| it.dimension == order.by) {
                Some(0) => words.push("first".into()),
                Some(1) => words.push("second".into()),
                _ => return Err(Unsaid::Order),
            },
        }
        words.push(if plan.limit.is_none() { "all".into() } else { self.limit()? });
        if let Some(per) = &plan.limit_per {
            let first = plan.group_by.first().is_some_and(|it| it.dimension == *per);
            words.extend(["each".to_owned(), if first { "first" } else { "second" }.to_owned()]);
        }
        Ok(words)
    }
}

/// Everything that a slot can be made to say: the word before it, the meaning, and the conditions.
fn ways(means: &Means) -> Vec<(Option<&'static str>, &Alternative, Vec<Filter>)> {
    let mut ways: Vec<(Option<&'static str>, &Alternative, Vec<Filter>)> = Vec::new();
    for it in &means.alternatives {
        ways.push((None, it, it.filters.clone()));
        ways.extend(it.turned.iter().map(|turned| (Some("not"), it, vec![turned.clone()])));
        if means.number.is_some_and(|it| it.op.is_none()) {
            let compared = |op: Op| it.filters.iter().map(|it| Filter { op, ..it.clone() }).collect();
            ways.extend(COMPARISONS.map(|op| (Some(op.name()), it, compared(op))));
        }
    }
    ways
}

/// A condition for each of its values, where they are alternatives.
fn parts(filter: &Filter) -> Vec<Filter> {
    match filter.values.as_slice() {
        [] | [_] => vec![filter.clone()],
        several => several.iter().map(|it| Filter { values: vec![it.clone()], ..filter.clone() }).collect(),
    }
}

fn same(one: &[Filter], other: &[Filter]) -> bool {
    one.len() == other.len() && one.iter().all(|it| other.contains(it))
}

/// Conditions and their values in one order, for plans to be compared.
pub(super) fn ordered(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for filters in [&mut plan.filters, &mut plan.part] {
        let mut joined = Vec::new();
        for it in filters.drain(..) {
            conditions::join(&mut joined, it);
        }
        for it in &mut joined {
            it.values.sort_by_key(ToString::to_string);
        }
        joined.sort_by_key(|it| format!("{it:?}"));
        *filters = joined;
    }
    plan.having.sort_by_key(|it| format!("{it:?}"));
    plan
}
