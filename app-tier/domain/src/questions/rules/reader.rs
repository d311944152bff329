//! Takes a question's marks one after the other and files each into the plan.
//!
//! Invariant: a mark that finds no place makes the reading uncertain; none is dropped in silence.

mod finish;

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, Grain, GroupBy, Measure, Op, Plan, Value},
};

use crate::{
    catalog::Entity,
    questions::{
        link::{Keyword, Mark, Meaning},
        times::Stretch,
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Negation {
    Not,
    Without,
}

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Reader {
    entity: &'static Entity,
    plan: Plan,
    /// A follow-up replaces what it names instead of adding.
    edits: bool,
    count: bool,
    listed: bool,
    /// The entity's own name was there: fields after it are no columns.
    named: bool,
    figure: Option<Aggregate>,
    grouping: bool,
    ranking: Option<(bool, u32)>,
    order_by: Option<String>,
    negation: Option<Negation>,
    compare: Option<Op>,
    between: Option<f64>,
    /// The last field that was named and not used up.
    field: Option<String>,
    /// Numbers whose dimension is not known yet.
    loose: Vec<(Op, f64, Option<&'static str>)>,
    /// A number after "top".
    awaits_limit: bool,
    /// What a value that several dimensions have is compared with in each.
    ambiguous: Vec<(Vec<(String, Value)>, Op)>,
    certain: bool,
}

impl Reader {
    pub(super) fn new(entity: &'static Entity, previous: Option<&Plan>) -> Self {
        let edits = previous.is_some_and(|it| it.entity == entity.name);
        let fresh = Plan { entity: entity.name.to_owned(), ..Plan::default() };
        Self {
            entity,
            plan: previous.filter(|_| edits).cloned().unwrap_or(fresh),
            edits,
            count: false,
            listed: false,
            named: false,
            figure: None,
            grouping: false,
            ranking: None,
            order_by: None,
            negation: None,
            compare: None,
            between: None,
            field: None,
            loose: Vec::new(),
            awaits_limit: false,
            ambiguous: Vec::new(),
            certain: true,
        }
    }

    /// Takes the next mark; `after` are those that follow it.
    pub(super) fn take(&mut self, mark: &Mark, after: &[Mark]) {
        // A similar word is a guess, however likely.
        match &mark.meaning {
            Meaning::Noise => {}
            Meaning::Unknown => self.certain = false,
            Meaning::Entity => {
                self.named = true;
                if self.grouping {
                    // "per desktop" is no figure yet.
                    self.certain = false;
                }
                if self.figure == Some(Aggregate::Sum) {
                    self.figure = None;
                    self.count = true;
                }
                self.field = None;
            }
            Meaning::Keyword(it) => self.keyword(*it),
            Meaning::Number(number, unit) => self.number(*number, *unit, after),
            Meaning::Field(name) => self.name_field(name, after),
            Meaning::Value(candidates) => self.value(candidates, after),
            Meaning::Time(stretch) => self.time(stretch),
            Meaning::Happened(stretch) => {
                if let Some(activity) = &self.entity.activity {
                    match (self.negation.take(), &stretch.since) {
                        (None, _) => self.between_times(activity.dimension, stretch),
                        (Some(_), Some(since)) => {
                            self.filter(Filter::new(activity.dimension, Op::Before, since.clone()))
                        }
                        (Some(_), None) => self.certain = false,
                    }
                }
            }
            Meaning::Idle(value) => {
                if let Some(activity) = &self.entity.activity {
                    let op = if self.negation.take().is_some() { Op::Since } else { Op::Before };
                    self.filter(Filter::new(activity.dimension, op, value.clone()));
                }
            }
            Meaning::Never => {
                if let Some(activity) = &self.entity.activity {
                    self.filter(Filter {
                        dimension: activity.dimension.to_owned(),
                        op: Op::Empty,
                        values: Vec::new(),
                    });
                }
            }
            Meaning::Grain(grain) => self.grain(*grain, after),
        }
    }

    fn keyword(&mut self, keyword: Keyword) {
        if keyword != Keyword::And {
            self.grouping &= keyword == Keyword::By;
        }
        match keyword {
            Keyword::Count => self.count = true,
            Keyword::List => self.listed = true,
            Keyword::Figure(function) => self.figure = Some(function),
            Keyword::By => {
                self.grouping = true;
                self.field = None;
            }
            Keyword::Most => self.ranking = Some((true, self.ranking.map_or(1, |(_, n)| n))),
            Keyword::Fewest => self.ranking = Some((false, self.ranking.map_or(1, |(_, n)| n))),
            Keyword::Top | Keyword::Bottom => {
                self.ranking = Some((keyword == Keyword::Top, 10));
                self.awaits_limit = true;
            }
            Keyword::Compare(op) => self.compare = Some(op),
            Keyword::Between => self.compare = Some(Op::AtLeast),
            Keyword::And | Keyword::FollowUp => {}
            Keyword::Not => self.negation = Some(Negation::Not),
            Keyword::Without => self.negation = Some(Negation::Without),
        }
        if keyword == Keyword::Between {
            self.between = Some(f64::NAN);
        }
    }

    fn number(&mut self, number: f64, unit: Option<&'static str>, after: &[Mark]) {
        if std::mem::take(&mut self.awaits_limit) {
            return self.set_limit(number);
        }
        if let Some((_, limit)) = &mut self.ranking
            && self.compare.is_none()
            && *limit == 1
            && unit.is_none()
        {
            return self.set_limit(number);
        }
        if self.negation.take().is_some() {
            self.certain = false;
        }
        let op = self.compare.unwrap_or(Op::Is);
        self.compare = match (&mut self.between, op) {
            (Some(low), Op::AtLeast) if low.is_nan() => {
                *low = number;
                Some(Op::AtMost)
            }
            _ => {
                self.between = None;
                None
            }
        };
        let named = self.field.clone().or_else(|| match next_content(after).map(|it| &it.meaning) {
            Some(Meaning::Field(name)) => Some(name.clone()),
            _ => None,
        });
        let fits = |name: &String| {
            self.entity
                .field(name)
                .is_some_and(|it| it.kind == Kind::Number && (unit.is_none() || it.unit == unit))
        };
        match named.filter(fits) {
            Some(name) => self.filter_number(&name, op, number),
            None => self.loose.push((op, number, unit)),
        }
    }

    fn set_limit(&mut self, number: f64) {
        let limit = (1_u32..=10_000).find(|it| f64::from(*it) == number);
        match (limit, &mut self.ranking) {
            (Some(limit), Some(ranking)) => ranking.1 = limit,
            _ => self.certain = false,
        }
    }

    fn filter_number(&mut self, name: &str, op: Op, number: f64) {
        self.filter(Filter::new(name, op, Value::Number(number)));
    }

    fn name_field(&mut self, name: &str, after: &[Mark]) {
        let Some(field) = self.entity.field(name) else { return self.certain = false };
        if let Some(function) = self.figure.filter(|it| field.aggregates().contains(it)) {
            self.figure = None;
            self.plan.measures.push(Measure { function, of: Some(name.to_owned()) });
            self.field = Some(name.to_owned());
            return;
        }
        if self.grouping {
            if self.ranking.is_some() && field.kind == Kind::Number {
                // "top 5 desktops by root volume"
                self.order_by = Some(name.to_owned());
                self.grouping = false;
                return;
            }
            if field.kind == Kind::Time || !field.groupable() {
                return self.certain = false;
            }
            if self.edits && !self.plan.measures.is_empty() {
                self.plan.group_by.clear();
                self.edits = false;
            }
            self.plan.group_by.push(GroupBy::values(name));
            return;
        }
        let value_follows = || {
            let next = next_content(after).map(|it| &it.meaning);
            matches!(next, Some(Meaning::Value(them)) if them.iter().any(|(field, _)| field == name))
                || matches!(next, Some(Meaning::Number(..) | Meaning::Keyword(Keyword::Compare(_) | Keyword::Between)) if field.kind == Kind::Number)
                || matches!(next, Some(Meaning::Keyword(Keyword::Not)))
                || matches!(next, Some(Meaning::Time(_)) if field.kind == Kind::Time)
        };
        match self.negation.take() {
            Some(_) if field.kind == Kind::Bool => {
                return self.filter(Filter::new(name, Op::Is, Value::Bool(false)));
            }
            Some(Negation::Without) => {
                return self.filter(Filter { dimension: name.to_owned(), op: Op::Empty, values: Vec::new() });
            }
            Some(Negation::Not) => self.negation = Some(Negation::Not),
            None if field.kind == Kind::Bool => {
                return self.filter(Filter::new(name, Op::Is, Value::Bool(true)));
            }
            None => {}
        }
        if value_follows() {
            self.field = Some(name.to_owned());
            return;
        }
        if self.loose_belongs_to(name) {
            return;
        }
        if self.ranking.is_some()
            && !self.named
            && self.plan.group_by.is_empty()
            && field.kind != Kind::Number
            && field.kind != Kind::Time
        {
            // "top 5 regions", "the most common bundle"
            self.plan.group_by.push(GroupBy::values(name));
        } else if self.ranking.is_some() && (field.kind == Kind::Number || field.kind == Kind::Time) {
            self.order_by = Some(name.to_owned());
        } else if self.listed && !self.named && !self.count && field.kind != Kind::Tags {
            self.field = Some(name.to_owned());
            self.plan.columns.push(name.to_owned());
        } else {
            // Counting the values of a dimension, or a name that nothing is said about.
            self.field = Some(name.to_owned());
            self.certain = false;
        }
    }

    /// "more than 100 GB root volume": the number came first.
    fn loose_belongs_to(&mut self, name: &str) -> bool {
        let Some(field) = self.entity.field(name).filter(|it| it.kind == Kind::Number) else { return false };
        let before = self.loose.len();
        let (mine, others): (Vec<_>, Vec<_>) =
            self.loose.drain(..).partition(|(_, _, unit)| unit.is_none() || *unit == field.unit);
        self.loose = others;
        for (op, number, _) in mine {
            self.filter_number(name, op, number);
        }
        // A number that stood right before its field was filed at once.
        self.loose.len() < before || self.plan.filters.last().is_some_and(|it| it.dimension == name)
    }

    fn value(&mut self, candidates: &[(String, Value)], after: &[Mark]) {
        let mut fitting: Vec<_> = candidates.to_vec();
        let named = self.field.take().filter(|name| candidates.iter().any(|(field, _)| field == name));
        let follows = match next_content(after).map(|it| &it.meaning) {
            Some(Meaning::Field(name)) if candidates.iter().any(|(field, _)| field == name) => {
                Some(name.clone())
            }
            _ => None,
        };
        if let Some(name) = named.or(follows) {
            fitting.retain(|(field, _)| *field == name);
            self.plan.columns.retain(|it| *it != name);
        }
        // "running Windows 11" says nothing about the state.
        if let Some((field, _)) = fitting.first()
            && matches!(field.as_str(), "operating_system" | "protocol")
        {
            self.plan
                .filters
                .retain(|it| !(it.dimension == "state" && it.values == [Value::text("AVAILABLE")]));
        }
        let op = if self.negation.take().is_some() { Op::IsNot } else { Op::Is };
        let [(field, value)] = fitting.as_slice() else {
            self.ambiguous.push((fitting, op));
            return;
        };
        self.filter(Filter::new(field.clone(), op, value.clone()));
    }

    fn time(&mut self, stretch: &Stretch) {
        let named =
            self.field.take().filter(|it| self.entity.field(it).is_some_and(|it| it.kind == Kind::Time));
        self.negation = None;
        match named {
            Some(name) => self.between_times(&name, stretch),
            // "changes in the last 7 days" are about their own time; a desktop has several.
            None if self.entity.activity.is_none() => self.between_times(self.entity.time, stretch),
            None => self.certain = false,
        }
    }

    fn between_times(&mut self, dimension: &str, stretch: &Stretch) {
        if let Some(since) = &stretch.since {
            self.filter(Filter::new(dimension, Op::Since, since.clone()));
        }
        if let Some(before) = &stretch.before {
            if stretch.since.is_some() {
                self.plan.filters.push(Filter::new(dimension, Op::Before, before.clone()));
            } else {
                self.filter(Filter::new(dimension, Op::Before, before.clone()));
            }
        }
    }

    fn grain(&mut self, grain: Grain, after: &[Mark]) {
        if !self.grouping {
            return self.certain = false;
        }
        let dimension = match next_content(after).map(|it| &it.meaning) {
            Some(Meaning::Field(name)) if self.entity.field(name).is_some_and(|it| it.kind == Kind::Time) => {
                name.clone()
            }
            _ => self.entity.time.to_owned(),
        };
        self.plan.group_by.push(GroupBy { dimension, grain: Some(grain) });
    }

    fn filter(&mut self, filter: Filter) {
        self.grouping = false;
        if self.edits {
            self.plan.filters.retain(|it| it.dimension != filter.dimension);
            self.plan.filters.push(filter);
            return;
        }
        let same = |it: &&mut Filter| {
            it.dimension == filter.dimension && it.op == filter.op && matches!(it.op, Op::Is | Op::IsNot)
        };
        match self.plan.filters.iter_mut().find(same) {
            Some(earlier) => {
                let new: Vec<_> =
                    filter.values.into_iter().filter(|it| !earlier.values.contains(it)).collect();
                earlier.values.extend(new);
            }
            None => self.plan.filters.push(filter),
        }
    }
}

fn next_content(after: &[Mark]) -> Option<&Mark> {
    after.iter().find(|it| it.meaning != Meaning::Noise)
}
