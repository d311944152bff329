//! The type-check of what plans with measures have: figures, groups, conditions on figures, another stretch of time.

use contract::{
    catalog::Kind,
    query::{Aggregate, Compare, Grain, GroupBy, Having, Measure, Op, Plan, Value},
};

use super::{
    Compared, Condition, FigureCondition, condition,
    faults::Faults,
    values::{Moment, Typed, instant},
};
use crate::catalog::Field;

pub(super) fn measures(plan: &Plan, faults: &mut Faults<'_>) -> Vec<(Aggregate, Option<Field>)> {
    let mut checked = Vec::new();
    for (n, it) in plan.measures.iter().enumerate() {
        let pointer = format!("/measures/{n}/of");
        if it.function == Aggregate::Share && plan.part.is_empty() && plan.group_by.is_empty() {
            faults.add(format!("/measures/{n}"), "is a share of what? Name a `part`, or groups");
        }
        match (it.function, &it.of) {
            (Aggregate::Average, None) if plan.per.is_some() => checked.push((it.function, None)),
            (Aggregate::Count | Aggregate::Share, None) => checked.push((it.function, None)),
            (Aggregate::Count, Some(_)) => faults.add(pointer, "`count` counts rows and takes no dimension"),
            (function, None) => faults.add(pointer, format!("`{}` needs a dimension", function.name())),
            (function, Some(name)) => {
                if let Some(field) = faults.field(name, &pointer) {
                    if field.aggregates().contains(&function) {
                        checked.push((function, Some(field)));
                    } else {
                        faults.add(pointer, format!("there is no `{}` of {}", function.name(), field.label));
                    }
                }
            }
        }
    }
    checked
}

pub(super) fn group_by(plan: &Plan, faults: &mut Faults<'_>) -> Vec<(Field, Option<Grain>)> {
    if plan.measures.is_empty() && !plan.group_by.is_empty() {
        faults.add("/group_by", "needs a measure");
    }
    let mut checked: Vec<(Field, Option<Grain>)> = Vec::new();
    for (n, it) in plan.group_by.iter().enumerate() {
        let pointer = format!("/group_by/{n}");
        let Some(one) = group(it, &pointer, faults) else { continue };
        if checked.iter().any(|(other, _)| *other == one.0) {
            faults.add(format!("{pointer}/dimension"), "is there twice");
        } else {
            checked.push(one);
        }
    }
    checked
}

/// One group, which stands at `pointer` of the plan.
fn group(it: &GroupBy, pointer: &str, faults: &mut Faults<'_>) -> Option<(Field, Option<Grain>)> {
    let field = faults.field(&it.dimension, &format!("{pointer}/dimension"))?;
    let grains = || field.grains().iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
    if !field.groupable() {
        faults.add(format!("{pointer}/dimension"), format!("cannot group by {}", field.label));
    } else if field.kind == Kind::Time && it.grain.is_none_or(|it| !field.grains().contains(&it)) {
        faults.add(format!("{pointer}/grain"), format!("{} takes one of: {}", field.label, grains()));
    } else if field.kind != Kind::Time && it.grain.is_some() {
        faults.add(format!("{pointer}/grain"), "is for times only");
    } else {
        return Some((field, it.grain));
    }
    None
}

/// What averages are per.
pub(super) fn per(
    plan: &Plan,
    group_by: &[(Field, Option<Grain>)],
    faults: &mut Faults<'_>,
) -> Option<(Field, Option<Grain>)> {
    let per = group(plan.per.as_ref()?, "/per", faults)?;
    if plan.measures.is_empty() || plan.measures.iter().any(|it| it.function != Aggregate::Average) {
        faults.add("/per", "is for measures that are all an `average`");
    }
    if group_by.iter().any(|(it, _)| *it == per.0) {
        faults.add("/per", format!("is {}, which it groups by", per.0.label));
    }
    Some(per)
}

/// What shares are of.
pub(super) fn part(plan: &Plan, at: Moment, faults: &mut Faults<'_>) -> Vec<Condition> {
    if !plan.part.is_empty() && plan.measures.iter().all(|it| it.function != Aggregate::Share) {
        faults.add("/part", "is for a `share`");
    }
    let conditions = plan.part.iter().enumerate();
    conditions.filter_map(|(n, it)| condition(it, &format!("/part/{n}"), at, faults)).collect()
}

/// Where the figures of a plan stand in its answer, by their keys.
pub(super) fn figure_keys(plan: &Plan) -> impl Iterator<Item = String> + '_ {
    plan.measures.iter().flat_map(|it: &Measure| it.keys(plan.compare.is_some()))
}

pub(super) fn having(plan: &Plan, groups: usize, faults: &mut Faults<'_>) -> Vec<FigureCondition> {
    if !plan.having.is_empty() && (plan.measures.is_empty() || plan.group_by.is_empty()) {
        faults.add("/having", "needs a measure and groups");
    }
    let mut checked = Vec::new();
    for (n, it) in plan.having.iter().enumerate() {
        let place = figure_keys(plan).position(|key| key == it.by);
        if place.is_none() {
            faults.add(format!("/having/{n}/by"), "is not measured");
        }
        if !Having::OPS.contains(&it.op) {
            faults.add(format!("/having/{n}/op"), format!("`{}` does not fit a figure", it.op.name()));
        }
        if !it.value.is_finite() {
            faults.add(format!("/having/{n}/value"), "is not a number");
        }
        checked.extend(place.map(|n| FigureCondition { column: groups + n, op: it.op, value: it.value }));
    }
    checked
}

/// Takes the stretch that the filters bound out of `filters`, and puts the other one beside it.
pub(super) fn compare(
    plan: &Plan,
    filters: &mut Vec<Condition>,
    group_by: &[(Field, Option<Grain>)],
    at: Moment,
    faults: &mut Faults<'_>,
) -> Option<Compared> {
    let Compare { since, before } = plan.compare.as_ref()?;
    if plan.measures.is_empty() {
        faults.add("/compare", "needs a measure");
        return None;
    }
    let (bounds, others): (Vec<_>, Vec<_>) =
        std::mem::take(filters).into_iter().partition(|it| matches!(it.op, Op::Since | Op::Before));
    *filters = others;
    let of = |op: Op| bounds.iter().filter(|it| it.op == op).count();
    let field = bounds.first().map(|it| it.field.clone());
    let Some(field) = field.filter(|field| bounds.iter().all(|it| it.field == *field)) else {
        faults.add("/compare", "needs filters that bound one time, and no other");
        return None;
    };
    if of(Op::Since) != 1 || of(Op::Before) > 1 {
        faults.add("/compare", format!("needs one `since` of {}, and at most one `before`", field.label));
        return None;
    }
    if group_by.iter().any(|(it, _)| *it == field) {
        faults.add("/compare", format!("groups by {} have nothing to stand beside", field.label));
        return None;
    }
    let mut bound = |op: Op, name: &str, value: &Value| {
        let instant = instant(value, &field, at);
        if instant.is_none() {
            faults.add(format!("/compare/{name}"), format!("`{value}` is not a time"));
        }
        instant.map(|it| Condition { field: field.clone(), op, values: Typed::Time(it) })
    };
    let since = bound(Op::Since, "since", since);
    let before = before.as_ref().map(|it| bound(Op::Before, "before", it));
    let other = std::iter::once(since).chain(before).collect::<Option<Vec<_>>>()?;
    Some(Compared { this: bounds, other })
}

/// The place in `group_by` of what the limit counts for.
pub(super) fn limit_per(
    plan: &Plan,
    group_by: &[(Field, Option<Grain>)],
    faults: &mut Faults<'_>,
) -> Option<usize> {
    let name = plan.limit_per.as_ref()?;
    if plan.order.is_none() || plan.limit.is_none() {
        faults.add("/limit_per", "needs an order and a limit");
    }
    let place = group_by.iter().position(|(it, _)| it.name == *name);
    if place.is_none() {
        faults.add("/limit_per", "is not grouped by");
    } else if plan.group_by.len() < 2 {
        faults.add("/limit_per", "needs another group to be limited");
    }
    place
}
