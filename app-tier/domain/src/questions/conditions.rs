//! From what was linked to conditions of a plan, for whoever reads marks: the rules, and the language of the model.
//!
//! Deliberately knows no question: which of several meanings is meant, and under which negation a mark stands, its
//! callers decide.

use contract::query::{Filter, Grain, Op, Value};

use super::times::Stretch;
use crate::catalog::{DESKTOP_PREFIX, Entity, is_desktop_choice};

/// One condition for each dimension that a value is known of, with all that it can be there.
pub(super) fn of_values(candidates: &[(String, Value)]) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for (dimension, value) in candidates {
        match filters.iter_mut().find(|it| it.dimension == *dimension) {
            Some(it) if !it.values.contains(value) => it.values.push(value.clone()),
            Some(_) => {}
            None => filters.push(Filter::new(dimension.clone(), Op::Is, value.clone())),
        }
    }
    filters
}

/// A stretch of a time: both its ends, where it has both.
pub(super) fn of_stretch(dimension: &str, stretch: &Stretch) -> Vec<Filter> {
    let since = stretch.since.iter().map(|it| Filter::new(dimension, Op::Since, it.clone()));
    let before = stretch.before.iter().map(|it| Filter::new(dimension, Op::Before, it.clone()));
    since.chain(before).collect()
}

/// There is no value.
pub(super) fn empty(dimension: impl Into<String>) -> Filter {
    Filter { dimension: dimension.into(), op: Op::Empty, values: Vec::new() }
}

/// "The cost of desktops", of rows that are not all about them; `None` where all are, or none.
pub(super) fn of_desktops(entity: &Entity) -> Option<Filter> {
    entity.words.desktops.map(|(dimension, value)| Filter::new(dimension, Op::Is, Value::text(value)))
}

/// Where rows tell of changes: the value was that (`side` is `old`), or became it (`new`). Which of a desktop's dimensions
/// changed, the value tells.
pub(super) fn of_change(entity: &Entity, side: &str, dimension: &str, value: &Value) -> Option<Vec<Filter>> {
    let name = dimension.strip_prefix(DESKTOP_PREFIX).unwrap_or(dimension);
    let of_place = matches!(name, "user_name" | "account" | "region");
    (entity.dimension(side).is_some() && is_desktop_choice(name) && !of_place).then(|| {
        vec![Filter::new(side, Op::Is, value.clone()), Filter::new("field", Op::Is, Value::text(name))]
    })
}

/// What is known by months has no days.
pub(super) fn is_too_fine(stretch: &Stretch, finest: Grain) -> bool {
    if finest < Grain::Month || stretch.unit >= Grain::Month || stretch.rolling.is_some_and(|it| it >= 28) {
        return false;
    }
    let weeks = stretch.unit == Grain::Week && stretch.rolling.is_some_and(|it| it >= 4);
    let since_only = stretch.before.is_none()
        && stretch.unit == Grain::Day
        && stretch.rolling.is_none()
        && matches!(stretch.since, Some(Value::Text(_)));
    !weeks && !since_only
}

/// Adds a condition. Values of the same dimension are alternatives.
pub(super) fn join(into: &mut Vec<Filter>, filter: Filter) {
    if into.contains(&filter) {
        return;
    }
    let joins = matches!(filter.op, Op::Is | Op::IsNot | Op::Contains)
        && !filter.values.iter().any(|it| matches!(it, Value::Bool(_)));
    match into.iter_mut().find(|it| it.dimension == filter.dimension && it.op == filter.op && joins) {
        Some(earlier) => {
            for value in filter.values {
                if !earlier.values.contains(&value) {
                    earlier.values.push(value);
                }
            }
        }
        None => into.push(filter),
    }
}

/// The opposite of a condition, where it has one.
pub(super) fn turn(filter: Filter) -> Option<Filter> {
    let op = match (filter.op, filter.values.as_slice()) {
        (Op::Is, [Value::Bool(it)]) => {
            let value = Value::Bool(!it);
            return Some(Filter { values: vec![value], ..filter });
        }
        (Op::Is, _) => Op::IsNot,
        (Op::IsNot, _) => Op::Is,
        (Op::Empty, _) => Op::NotEmpty,
        (Op::NotEmpty, _) => Op::Empty,
        _ => return None,
    };
    Some(Filter { op, ..filter })
}

/// The comparison that holds where this one does not.
pub(super) fn inverse(op: Op) -> Op {
    match op {
        Op::MoreThan => Op::AtMost,
        Op::LessThan => Op::AtLeast,
        Op::AtLeast => Op::LessThan,
        Op::AtMost => Op::MoreThan,
        Op::Since => Op::Before,
        Op::Before => Op::Since,
        Op::Is => Op::IsNot,
        other => other,
    }
}
