//! From a line of the language to the plan that it means.
//!
//! Reads only lines that the language allows: their form is not looked at again.

use std::{
    iter::{Copied, Peekable},
    slice::Iter,
};

use contract::{
    catalog::Kind,
    query::{Aggregate, Compare, Filter, Grain, GroupBy, Having, Measure, Op, Order, Plan, Value},
};

use super::{
    language::{
        BEFORE, COMPARISONS, EARLIER, HALVES, MOVED, NOW, OF_DESKTOPS, OF_NUMBERS, YEAR_BEFORE, measured,
        times,
    },
    means::{Alternative, Means},
    slots::Slot,
};
use crate::{
    catalog::{Catalog, Entity},
    questions::conditions,
};

/// A line as it is read.
struct Line<'a> {
    entity: &'static Entity,
    catalog: &'a Catalog,
    /// The entity's place in the catalog.
    n: usize,
    slots: &'a [Slot],
    words: Peekable<Copied<Iter<'a, &'a str>>>,
    plan: Plan,
}

/// The plan of a line that is not `none`.
pub(super) fn plan(words: &[&str], catalog: &Catalog, slots: &[Slot]) -> Option<Plan> {
    let (entity, words) = words.split_first()?;
    let n = catalog.entities().iter().position(|it| it.name == *entity)?;
    let entity = catalog.entities().get(n).copied()?;
    let plan = Plan { entity: entity.name.to_owned(), ..Plan::default() };
    let mut line = Line { entity, catalog, n, slots, words: words.iter().copied().peekable(), plan };
    line.read()?;
    Some(line.plan)
}

impl Line<'_> {
    fn read(&mut self) -> Option<()> {
        while let Some(word) = self.words.next() {
            match word {
                "list" => self.columns()?,
                "count" => self.measure(Measure::count()),
                "distinct" => {
                    let of = Some(self.dimension()?);
                    self.measure(Measure { function: Aggregate::Distinct, of });
                }
                "share" => {
                    let more = self.words.peek().is_some_and(|it| !matches!(*it, "part" | "with" | "by"));
                    let of = if more { Some(self.dimension()?) } else { None };
                    self.measure(Measure { function: Aggregate::Share, of });
                }
                "over" => self.compare()?,
                "part" => self.plan.part = self.conditions()?,
                "with" => {
                    let filters = self.conditions()?;
                    self.plan.filters.extend(filters);
                }
                "by" => self.groups()?,
                "having" => self.having()?,
                "top" => self.order(true)?,
                "bottom" => self.order(false)?,
                "first" => self.plan.limit = Some(self.limit()?),
                function => {
                    let function = OF_NUMBERS.into_iter().find(|it| it.name() == function)?;
                    let of = Some(self.dimension()?);
                    self.measure(Measure { function, of });
                }
            }
        }
        Some(())
    }

    /// Said twice, it is still one.
    fn measure(&mut self, measure: Measure) {
        if !self.plan.measures.contains(&measure) {
            self.plan.measures.push(measure);
        }
    }

    /// Goes on while the next word is none of a line's own.
    fn goes_on(&mut self) -> bool {
        const ENDS: &[&str] = &["with", "by", "having", "top", "bottom", "first", "each", "all", "change"];
        self.words.peek().is_some_and(|it| !ENDS.contains(it))
    }

    fn slot(&self, word: &str) -> Option<&Means> {
        let n: usize = word.strip_prefix('v')?.parse().ok()?;
        self.slots.get(n.checked_sub(1)?)?.means.get(self.n)
    }

    /// A dimension by its name, or a tag by its slot.
    fn dimension(&mut self) -> Option<String> {
        let word = self.words.next()?;
        if let Some(tag) = self.slot(word).and_then(|it| it.tag.as_ref()) {
            return Some(tag.name.clone());
        }
        self.catalog.field(self.entity, word).map(|it| it.name)
    }

    fn columns(&mut self) -> Option<()> {
        while self.goes_on() {
            let column = self.dimension()?;
            if !self.plan.columns.contains(&column) {
                self.plan.columns.push(column);
            }
        }
        Some(())
    }

    /// The slot, and of several meanings the one that is named.
    fn alternative(&mut self, slot: &str) -> Option<Alternative> {
        let means = self.slot(slot)?.clone();
        if let [only] = means.alternatives.as_slice() {
            return Some(only.clone());
        }
        let name = self.words.next()?;
        means.alternatives.into_iter().find(|it| it.name == name)
    }

    fn conditions(&mut self) -> Option<Vec<Filter>> {
        let mut filters = Vec::new();
        while self.goes_on() {
            let word = self.words.next()?;
            let found = match word {
                "not" => {
                    let slot = self.words.next()?;
                    vec![self.alternative(slot)?.turned?]
                }
                EARLIER => {
                    let slot = self.words.next()?;
                    self.slot(slot)?.earlier.clone()
                }
                OF_DESKTOPS => vec![conditions::of_desktops(self.entity)?],
                "empty" => vec![conditions::empty(self.dimension()?)],
                "filled" => {
                    let empty = conditions::empty(self.dimension()?);
                    conditions::turn(empty).into_iter().collect()
                }
                "yes" | "no" => {
                    let name = self.dimension()?;
                    let number = self.catalog.field(self.entity, &name)?.kind == Kind::Number;
                    vec![match (word, number) {
                        ("yes", true) => Filter::new(name, Op::MoreThan, Value::Number(0.0)),
                        (_, true) => Filter::new(name, Op::Is, Value::Number(0.0)),
                        (word, false) => Filter::new(name, Op::Is, Value::Bool(word == "yes")),
                    }]
                }
                slot if slot.starts_with('v') => self.alternative(slot)?.filters,
                comparison => {
                    let op = COMPARISONS.into_iter().find(|it| it.name() == comparison)?;
                    let slot = self.words.next()?;
                    let filters = self.alternative(slot)?.filters;
                    filters.into_iter().map(|it| Filter { op, ..it }).collect()
                }
            };
            for it in found {
                conditions::join(&mut filters, it);
            }
        }
        Some(filters)
    }

    fn compare(&mut self) -> Option<()> {
        if self.words.next_if(|it| *it == HALVES).is_some() {
            let slot = self.words.next()?;
            let (later, earlier) = self.slot(slot)?.halves.clone()?;
            self.plan.filters = conditions::of_stretch(self.entity.time, &later);
            self.plan.compare = Some(Compare { since: earlier.since?, before: earlier.before });
            return Some(());
        }
        if self.words.next_if(|it| *it == NOW).is_some() {
            let (_, slot) = (self.words.next()?, self.words.next()?);
            let means = self.slot(slot)?.clone();
            let other = means.stretch?;
            self.plan.filters = conditions::of_stretch(self.entity.time, &means.current?);
            self.plan.compare = Some(Compare { since: other.since?, before: other.before });
            return Some(());
        }
        let slot = self.words.next()?;
        let this = self.alternative(slot)?;
        let means = self.slot(slot)?.clone();
        let other = match (self.words.next()?, self.words.next()?) {
            ("vs", BEFORE) => means.before?,
            ("vs", YEAR_BEFORE) => means.year_before?,
            ("vs", other) => self.slot(other)?.stretch.clone()?,
            _ => return None,
        };
        self.plan.filters = this.filters;
        self.plan.compare = Some(Compare { since: other.since?, before: other.before });
        Some(())
    }

    fn groups(&mut self) -> Option<()> {
        while self.goes_on() {
            let word = *self.words.peek()?;
            let grain = |word: &str| Grain::ALL.iter().copied().find(|it| it.name() == word);
            let only = times(self.entity);
            let group = match (grain(word), only.as_slice()) {
                (Some(grain), [only]) => {
                    self.words.next();
                    GroupBy { dimension: (*only).to_owned(), grain: Some(grain) }
                }
                _ => {
                    let dimension = self.dimension()?;
                    let field = self.catalog.field(self.entity, &dimension)?;
                    let grain = match field.grains() {
                        [] => None,
                        _ => Some(grain(self.words.next()?)?),
                    };
                    GroupBy { dimension, grain }
                }
            };
            // By day and by month of the same time: the first is meant.
            if self.plan.group_by.iter().all(|it| it.dimension != group.dimension) {
                self.plan.group_by.push(group);
            }
        }
        Some(())
    }

    /// Of the first figure its key, or that of its change.
    fn figure(&mut self) -> Option<String> {
        let changed = self.words.next_if(|it| *it == "change").is_some();
        let first = self.plan.measures.first()?;
        Some(if changed { first.key_change() } else { first.key() })
    }

    fn having(&mut self) -> Option<()> {
        if let Some((_, op)) = self.words.peek().and_then(|it| MOVED.iter().find(|(name, _)| name == it)) {
            self.words.next();
            let by = self.plan.measures.first()?.key_change();
            self.plan.having.push(Having { by, op: *op, value: 0.0 });
            return Some(());
        }
        let by = self.figure()?;
        let first = self.plan.measures.first()?;
        let of = first.of.as_ref().and_then(|it| self.catalog.field(self.entity, it));
        let measured = measured(first.function, of.as_ref());
        while self.goes_on() {
            let word = self.words.next()?;
            let said = COMPARISONS.into_iter().find(|it| it.name() == word);
            let slot = if said.is_some() { self.words.next()? } else { word };
            let number = self.slot(slot)?.number?;
            let op = said.or(number.op).unwrap_or(Op::Is);
            self.plan.having.push(Having { by: by.clone(), op, value: number.figure(measured)? });
        }
        Some(())
    }

    fn order(&mut self, descending: bool) -> Option<()> {
        let group = self.words.next_if(|it| matches!(*it, "first" | "second"));
        let by = match group {
            Some("first") => self.plan.group_by.first()?.dimension.clone(),
            Some(_) => self.plan.group_by.last()?.dimension.clone(),
            None if self.plan.measures.is_empty() => self.dimension()?,
            None => self.figure()?,
        };
        self.plan.order = Some(Order { by, descending });
        if self.words.next_if(|it| *it == "all").is_none() {
            self.plan.limit = Some(self.limit()?);
        }
        if self.words.next_if(|it| *it == "each").is_some() {
            let first = *self.words.peek()? == "first";
            self.words.next();
            let groups = &self.plan.group_by;
            let per = if first { groups.first() } else { groups.last() };
            self.plan.limit_per = per.filter(|_| groups.len() > 1).map(|it| it.dimension.clone());
        }
        Some(())
    }

    fn limit(&mut self) -> Option<u32> {
        match self.words.next()? {
            "1" => Some(1),
            slot => self.slot(slot)?.number?.limit(),
        }
    }
}
