//! Conditions on numbers: "over 100 GB", "more than 80 billable hours", "at least 3 times", "between 40 and 80".
//!
//! Of entities whose rows are slices of something, and of counts, they are conditions on the figures of groups.

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, Measure, Op, Value},
};

use super::{Bound, Doubt, Head, Reader, whole};
use crate::{
    catalog::words::Figure,
    questions::{
        link::{Keyword, Meaning, Unit},
        words::squash,
    },
};

/// What a number is compared with.
#[derive(Debug, Clone)]
enum About {
    Rows,
    Figure(Measure),
    Field(String, Option<&'static str>),
}

impl Reader<'_> {
    pub(super) fn find_numbers(&mut self) {
        let numbers: Vec<usize> =
            self.live().into_iter().filter(|n| matches!(self.meaning(*n), Meaning::Number(..))).collect();
        // "where the user volume is larger than the root volume" compares no number.
        let time = |n: usize| self.next(n).is_some_and(|it| matches!(self.meaning(it), Meaning::Time(_)));
        let than = |n: usize| self.text(n).ends_with("than") && !(time(n) && self.compared.is_some());
        if numbers.is_empty() && self.find(|it| matches!(it, Keyword::Compare(_))).is_some_and(than) {
            self.doubt(Doubt::NumberOfNothing);
        }
        let mut skip = None;
        for n in numbers {
            if skip == Some(n) || self.is_used(n) {
                continue;
            }
            let Meaning::Number(number, unit) = *self.meaning(n) else { continue };
            let sign = self.sign(n);
            if let (Some((Keyword::Between, at)), Some(high)) = (sign, self.other_end(n)) {
                let Meaning::Number(to, high_unit) = *self.meaning(high) else { continue };
                self.take(at);
                self.take(n);
                self.take(high);
                skip = Some(high);
                self.compare(high, at, Op::AtLeast, number, unit.or(high_unit));
                self.compare(high, at, Op::AtMost, to, high_unit.or(unit));
                continue;
            }
            let op = match sign {
                Some((Keyword::Compare(op), at)) => {
                    self.take(at);
                    Some((op, at))
                }
                _ => None,
            };
            let after = self.after_sign(n);
            match (op, after) {
                (Some((op, at)), _) => {
                    let op = self.negated(at, op);
                    self.compare(n, at, op, number, unit);
                }
                (None, Some(op)) => self.compare(n, n, op, number, unit),
                (None, None) => self.bare(n, number, unit),
            }
        }
    }

    /// A number without a sign.
    fn bare(&mut self, n: usize, number: f64, unit: Option<Unit>) {
        let next = self.next(n);
        let previous = self.previous(n);
        let whole = whole(number).filter(|it| *it > 0);
        // "operation 12"
        if let (Some(at), None, Some(_)) = (previous, unit, whole)
            && *self.meaning(at) == Meaning::Entity
            && self.field(self.entity.key).is_some_and(|it| it.kind == Kind::Number)
            && next.is_none_or(|it| !matches!(self.meaning(it), Meaning::Entity | Meaning::Field(_)))
        {
            self.take(n);
            self.file(n, Filter::new(self.entity.key, Op::Is, Value::Number(number)));
            return;
        }
        // "bundles with 3 desktops"
        let with = n.checked_sub(1).is_some_and(|it| self.text(it).split(' ').next() == Some("with"))
            || n.checked_sub(2).is_some_and(|it| self.text(it) == "with" && self.is_silent(n - 1));
        let of_groups = (0..n).any(|it| self.groupable_at(it).is_some() && !self.names_rows(it));
        if let (Some(at), None, Some(_)) = (next, unit, whole)
            && with
            && of_groups
            && *self.meaning(at) == Meaning::Entity
        {
            return self.compare(n, n, Op::Is, number, unit);
        }
        // "show me 20 desktops"
        if let (Some(at), None, Some(limit)) = (next, unit, whole)
            && self.names_rows(at)
            && matches!(self.head, Head::List(_) | Head::None | Head::Any(_))
            && self.plan.limit.is_none()
        {
            self.take(n);
            self.plan.limit = Some(limit);
            return;
        }
        if unit == Some(Unit::Times) || unit.is_none() && self.about(n, n, unit).is_none() {
            if unit == Some(Unit::Times) && number <= 1.0 {
                // "at once", "once again"
                return self.take(n);
            }
            return;
        }
        if unit == Some(Unit::Days) {
            return;
        }
        if unit.is_none() && self.entity.words.sliced {
            // "the five main cost drivers" are not those that cost five.
            self.doubt(Doubt::NumberOfNothing);
        }
        self.compare(n, n, Op::Is, number, unit);
    }

    fn compare(&mut self, n: usize, sign: usize, op: Op, number: f64, unit: Option<Unit>) {
        self.take(n);
        if let Some(up) = self.says_change(n, sign) {
            let by = self.previous(sign).filter(|it| self.keyword(*it) == Some(Keyword::By));
            if let Some(by) = by {
                self.take(by);
            }
            if let Some(at) = by.or(Some(sign)).filter(|it| self.is_up_by(*it).is_some()) {
                self.take(at - 1);
            }
            return self.having_change(up, op, number, unit);
        }
        let percent = |it: usize| self.field_at(it).is_some_and(|it| it.unit == Some("%"));
        let measured = [self.next(n), self.previous(sign)].into_iter().flatten().any(percent);
        if self.share && unit == Some(Unit::Percent) && !measured {
            return self.having(self.shared(), op, number);
        }
        match self.about(n, sign, unit) {
            Some(About::Field(name, to)) => match Unit::convert(unit, number, to) {
                Some(number) => self.file(n, Filter::new(name, op, Value::Number(number))),
                None => self.doubt(Doubt::OtherUnit),
            },
            Some(About::Figure(measure)) => {
                let to = measure.of.as_ref().and_then(|it| self.field(it)).and_then(|it| it.unit);
                let Some(number) = Unit::convert(unit, number, to) else {
                    return self.doubt(Doubt::OtherUnit);
                };
                self.having(measure, op, number);
            }
            Some(About::Rows) => self.having(Measure::count(), op, number),
            None if self.edits && self.bound.is_none() => self.bound = Some(Bound { sign, op, number, unit }),
            None => self.by_unit(sign, op, number, unit),
        }
    }

    /// What a number is said of: what follows it, or what stands before its sign.
    fn about(&mut self, n: usize, sign: usize, unit: Option<Unit>) -> Option<About> {
        let finest = self.field(self.entity.time).map(|it| it.finest);
        let days = unit == Some(Unit::Days)
            && self.entity.words.sliced
            && finest == Some(contract::query::Grain::Day);
        if unit == Some(Unit::Times) || days {
            self.take_figure(Aggregate::Count);
            return Some(About::Rows);
        }
        let before =
            self.previous(sign).filter(|it| !matches!(self.keyword(*it), Some(Keyword::And | Keyword::Or)));
        let mut next = self.next(n);
        while next.is_some_and(|it| {
            matches!(self.keyword(it), Some(Keyword::After(_) | Keyword::Distinct))
                || matches!(self.meaning(it), Meaning::TimeOf(_)) && self.entity.words.sliced
        }) {
            next = next.and_then(|it| self.next(it));
        }
        // "more than one AlwaysOn desktop"
        let rows = |it: usize| self.next(it).filter(|it| *self.meaning(*it) == Meaning::Entity);
        let narrowed = next.filter(|it| unit.is_none() && self.narrows(*it)).and_then(rows);
        next = narrowed.or(next);
        // "20 hours of use" are not 20 uses, and "80 % of the desktops" no 80 of them.
        let unit_of = |name: &str| self.field(name).and_then(|it| it.unit);
        let measured = |it: &Figure| {
            it.of.and_then(unit_of).is_some_and(|to| Unit::convert(unit, 1.0, Some(to)).is_some())
        };
        let of_slices = self.entity.words.sliced && self.entity.words.measures.iter().any(measured);
        let of_slices = unit == Some(Unit::Percent) || unit.is_some() && of_slices;
        let share = |it: usize| (n + 1..it).any(|it| self.text(it).starts_with("of"));
        if unit == Some(Unit::Percent) && next.is_some_and(|it| self.names_rows(it) && share(it)) {
            self.doubt(Doubt::NumberOfNothing);
        }
        for at in [next, before].into_iter().flatten() {
            let about = match self.meaning(at) {
                Meaning::Figure(figure)
                    if figure.of.is_none() && figure.function == Aggregate::Count && !of_slices =>
                {
                    Some(About::Rows)
                }
                Meaning::Figure(figure) if figure.of.is_none() => None,
                Meaning::Figure(figure) if figure.function == Aggregate::Distinct => {
                    Some(About::Figure(Measure {
                        function: figure.function,
                        of: figure.of.map(str::to_owned),
                    }))
                }
                Meaning::Figure(figure) if figure.function == Aggregate::Sum => {
                    let name = figure.of?.to_owned();
                    if let Some((it, function)) = self.function_before(at).filter(|_| self.is_of_groups(at)) {
                        self.take(it);
                        Some(About::Figure(Measure { function, of: Some(name) }))
                    } else if self.entity.words.sliced && !self.rows || self.is_of_groups(at) {
                        Some(About::Figure(Measure { function: Aggregate::Sum, of: Some(name) }))
                    } else {
                        let unit = self.field(&name)?.unit;
                        Some(About::Field(name, unit))
                    }
                }
                Meaning::Field(name) => {
                    let field = self.field(name)?;
                    match field.kind {
                        Kind::Number if Unit::convert(unit, 1.0, field.unit).is_some() => {
                            match self.function_before(at) {
                                Some((it, function)) => {
                                    self.take(it);
                                    Some(About::Figure(Measure { function, of: Some(field.name) }))
                                }
                                None => Some(About::Field(field.name, field.unit)),
                            }
                        }
                        // "5 or fewer active days": its rows are days.
                        Kind::Time
                            if field.name == self.entity.time
                                && self.entity.words.sliced
                                && unit.is_none() =>
                        {
                            Some(About::Rows)
                        }
                        _ if self.names_rows(at) && next == Some(at) => Some(About::Rows),
                        Kind::Text | Kind::Choice if next == Some(at) && unit.is_none() => {
                            Some(About::Figure(Measure {
                                function: Aggregate::Distinct,
                                of: Some(field.name),
                            }))
                        }
                        _ => None,
                    }
                }
                Meaning::Entity if next == Some(at) && !of_slices => Some(About::Rows),
                // "more than 3 reboots"
                Meaning::Value(them)
                    if unit.is_none()
                        && next == Some(at)
                        && them.iter().any(|(it, _)| {
                            matches!(it.as_str(), "name" | "kind" | "action")
                                || it == "field" && self.text(at).ends_with("changes")
                        }) =>
                {
                    return Some(About::Rows);
                }
                _ => None,
            };
            if let Some(about) = about {
                if !self.is_used(at) {
                    self.take(at);
                }
                return Some(about);
            }
        }
        None
    }

    /// "departments in which we could save over $200": of rows that are not named, what is asked for has the figure.
    fn is_of_groups(&self, at: usize) -> bool {
        let named = (0..self.len()).any(|it| self.names_rows(it));
        let head =
            (0..at).find(|it| !self.is_silent(*it) && !matches!(self.meaning(*it), Meaning::Keyword(_)));
        !named && head.is_some_and(|it| self.groupable_at(it).is_some())
    }

    /// "an average root disk of more than 100 GiB"
    fn function_before(&self, at: usize) -> Option<(usize, Aggregate)> {
        let before = self.previous(at).filter(|it| !self.is_used(*it))?;
        match self.keyword(before)? {
            Keyword::Figure(function) => Some((before, function)),
            _ => None,
        }
    }

    fn take_figure(&mut self, function: Aggregate) {
        for n in self.live() {
            if matches!(self.meaning(n), Meaning::Figure(it) if it.function == function) {
                self.take(n);
            }
        }
    }

    /// Nothing says what it is of but its unit: "desktops over 100 GB", "users above $100".
    pub(in crate::questions::rules) fn by_unit(
        &mut self,
        sign: usize,
        op: Op,
        number: f64,
        unit: Option<Unit>,
    ) {
        let words = self.entity.words;
        if words.sliced && !self.rows {
            let fits = |of: &str| {
                self.field(of)
                    .is_some_and(|it| unit.is_some() && Unit::convert(unit, number, it.unit).is_some())
            };
            let exact = words.measures.iter().find(|it| {
                it.of.is_some_and(|of| {
                    unit.is_some_and(|unit| self.field(of).is_some_and(|it| it.unit == Some(unit.name())))
                })
            });
            let usual = words.measures.iter().find(|it| it.usual && unit.is_none());
            let named = self.live().into_iter().find_map(|n| match self.meaning(n) {
                Meaning::Figure(it) if it.of.is_some_and(fits) => Some((n, *it)),
                _ => None,
            });
            if let Some((n, figure)) = named {
                self.take(n);
                let measure = Measure { function: Aggregate::Sum, of: figure.of.map(str::to_owned) };
                let to = measure.of.as_ref().and_then(|it| self.field(it)).and_then(|it| it.unit);
                let number = Unit::convert(unit, number, to).unwrap_or(number);
                return self.having(measure, op, number);
            }
            if let Some(figure) = exact.or(usual) {
                return self.having(
                    Measure { function: Aggregate::Sum, of: figure.of.map(str::to_owned) },
                    op,
                    number,
                );
            }
        }
        if self.is_money_of_nothing(unit) {
            self.doubt(Doubt::NumberOfNothing);
        }
        let fields: Vec<(String, f64)> = self
            .entity
            .dimensions
            .iter()
            .filter(|it| it.kind == Kind::Number && unit.is_some())
            .filter_map(|it| {
                Unit::convert(unit, number, it.unit)
                    .filter(|_| it.unit.is_some())
                    .map(|number| (it.name.to_owned(), number))
            })
            .collect();
        // "10 hours connected"
        let beside = (0..self.len()).find_map(|n| match self.meaning(n) {
            Meaning::TimeOf(_) | Meaning::Value(_) | Meaning::Happened(..) => {
                fields.iter().find(|(name, _)| name.starts_with(self.text(n))).cloned()
            }
            _ => None,
        });
        if let Some((name, number)) = beside {
            return self.plan.filters.push(Filter::new(name, op, Value::Number(number)));
        }
        let usual = words.measures.iter().find(|it| it.usual).and_then(|it| it.of);
        // "departments with more than 100 dollars in total"
        let grouped = self
            .previous(sign)
            .and_then(|it| self.groupable_at(it))
            .is_some_and(|it| self.plan.group_by.iter().any(|group| group.dimension == it.name));
        // "savings per directory, only above 50 USD"
        let told = !self.plan.group_by.is_empty()
            && !self.rows
            && sign.checked_sub(1).is_some_and(|it| self.keyword(it) == Some(Keyword::Only))
            && (0..sign).any(|it| self.meaning(it).is_figure());
        if let Some(of) = usual.filter(|_| grouped || told)
            && let Some(number) = Unit::convert(unit, number, self.field(of).and_then(|it| it.unit))
        {
            return self.having(Measure { function: Aggregate::Sum, of: Some(of.to_owned()) }, op, number);
        }
        let of_usual = fields.iter().find(|(name, _)| Some(name.as_str()) == usual).cloned();
        match (of_usual, fields.as_slice()) {
            (Some((name, number)), _) => self.plan.filters.push(Filter::new(name, op, Value::Number(number))),
            // "more than 100 things": of rows, where rows are deeds.
            (None, [])
                if unit.is_none()
                    && words.measures.iter().any(|it| it.function == Aggregate::Count)
                    && self.entity.activity.is_none() =>
            {
                self.having(Measure::count(), op, number);
            }
            (None, []) => self.doubt(Doubt::NumberOfNothing),
            (None, [(name, number)]) => {
                // "AutoStop of 60 minutes" is that time, and no mode.
                let names = |it: &usize| squash(name).starts_with(&squash(self.text(*it)));
                let of = sign.checked_sub(1).is_some_and(|it| self.text(it) == "of" || names(&it));
                if let Some(it) = self.previous(sign).filter(|it| of && self.narrows(*it) && names(it)) {
                    self.take(it);
                }
                self.plan.filters.push(Filter::new(name.clone(), op, Value::Number(*number)));
            }
            (None, several) => {
                let filters = several
                    .iter()
                    .map(|(name, number)| Filter::new(name.clone(), op, Value::Number(*number)));
                self.choices.push(filters.collect());
            }
        }
    }
}
