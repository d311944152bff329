//! From what was linked to conditions of a plan, for whoever reads marks: the rules, and the language of the model.
//!
//! Deliberately knows no question: which of several meanings is meant, and under which negation a mark stands, its
//! callers decide.

use contract::query::{Filter, Grain, Op, Value};

use super::times::Stretch;
use crate::catalog::{Catalog, DESKTOP_PREFIX, Entity, desktop_choice_of, is_desktop_choice};

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

/// How conditions bound a time; open at both ends where they do not.
pub(super) fn stretch_of(dimension: &str, filters: &[Filter]) -> Stretch {
    let bound = |op: Op| {
        let it = filters.iter().find(|it| it.dimension == dimension && it.op == op);
        it.and_then(|it| it.values.first()).cloned()
    };
    Stretch::between(bound(Op::Since), bound(Op::Before))
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

/// Which of a desktop's dimensions changed, where a value that it had or got tells it and no condition does.
pub(super) fn what_changed(entity: &Entity, filters: &[Filter]) -> Option<Filter> {
    const FIELD: &str = "field";
    if entity.dimension(FIELD).is_none() || filters.iter().any(|it| it.dimension == FIELD) {
        return None;
    }
    let told = filters.iter().find_map(|it| {
        let side = matches!(it.dimension.as_str(), "old" | "new") && it.op == Op::Is;
        match it.values.first() {
            Some(Value::Text(value)) if side => desktop_choice_of(value),
            _ => None,
        }
    });
    told.map(|it| Filter::new(FIELD, Op::Is, Value::text(it)))
}

/// What a dimension of one entity is called among the rows of another: what is of a desktop stays of that desktop. `None`
/// where these rows have no such thing.
pub(super) fn carried_name(name: &str, from: &Entity, to: &Entity, catalog: &Catalog) -> Option<String> {
    if from.name == to.name {
        return Some(name.to_owned());
    }
    let desktops = catalog.desktops()?;
    let of_desktops = |it: &Entity| it.name == desktops.name || it.has_desktops();
    if !of_desktops(from) || !of_desktops(to) {
        return None;
    }
    let bare = name.strip_prefix(DESKTOP_PREFIX).unwrap_or(name);
    let bare = match bare {
        "id" if from.name == desktops.name => "workspace_id",
        "workspace_id" if to.name == desktops.name => "id",
        "id" => return None,
        it => it,
    };
    // An event has errors of its own, and a change was noticed when it was.
    let own = |it: &Entity| it.name != desktops.name && it.dimension(bare).is_some();
    let differs = matches!(bare, "error_code" | "error_message" | "observed_at");
    if differs && own(from) && !name.starts_with(DESKTOP_PREFIX) {
        return None;
    }
    let known = |it: &str| bare == "workspace_id" || catalog.field(desktops, it).is_some();
    let names = [bare.to_owned(), format!("{DESKTOP_PREFIX}{bare}")];
    let here = names.into_iter().skip(usize::from(differs && own(to)));
    here.into_iter().find(|it| known(bare) && catalog.field(to, it).is_some())
}

/// What is known by months has no days.
pub(super) fn is_too_fine(stretch: &Stretch, finest: Grain) -> bool {
    if finest < Grain::Month || stretch.unit >= Grain::Month || stretch.rolling.is_some_and(|it| it >= 28) {
        return false;
    }
    let weeks = stretch.unit == Grain::Week && stretch.rolling.is_some_and(|it| it >= 4);
    // "since 3 March", "before 1 June"
    let one_end = matches!(
        (&stretch.since, &stretch.before),
        (Some(Value::Text(_)), None) | (None, Some(Value::Text(_)))
    );
    let open = one_end && stretch.unit == Grain::Day && stretch.rolling.is_none();
    // "since 1 April till the end of June" is three months.
    let first = |it: &Option<Value>| matches!(it, Some(Value::Text(it)) if it.ends_with("-01"));
    let months = first(&stretch.since) && first(&stretch.before);
    !weeks && !open && !months
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

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;

    #[test]
    fn what_is_of_a_desktop_is_carried_to_rows_about_that_desktop() {
        let catalog = Catalog::for_role(Role::Admin);
        let carried = |name: &str, from: &str, to: &str| {
            carried_name(name, catalog.entity(from).unwrap(), catalog.entity(to).unwrap(), &catalog)
        };
        for (name, from, to, expected) in [
            ("state", "workspaces", "billing", Some("desktop.state")),
            ("region", "workspaces", "usage", Some("region")),
            ("id", "workspaces", "usage", Some("workspace_id")),
            ("workspace_id", "usage", "workspaces", Some("id")),
            ("workspace_id", "usage", "billing", Some("workspace_id")),
            ("desktop.bundle", "usage", "workspaces", Some("bundle")),
            ("tags.Owner", "workspaces", "events", Some("desktop.tags.Owner")),
            ("directory", "usage", "events", Some("desktop.directory")),
            // An event has an error and an id of its own, and a change was noticed when it was.
            ("error_code", "workspaces", "events", None),
            ("error_code", "workspaces", "usage", Some("desktop.error_code")),
            ("error_code", "events", "workspaces", None),
            ("observed_at", "changes", "workspaces", None),
            ("observed_at", "changes", "billing", None),
            ("id", "events", "workspaces", None),
            ("cost", "billing", "usage", None),
            ("state", "workspaces", "jobs", None),
            ("state", "jobs", "operations", None),
            ("state", "jobs", "jobs", Some("state")),
        ] {
            assert_eq!(carried(name, from, to).as_deref(), expected, "{name} from {from} to {to}");
        }
    }
}
