//! Whether a plan answers what another one asks, whatever order they say things in.
//!
//! Everything that compares plans as people would takes this: the reader, to know rival readings from the same one said
//! otherwise, and whoever judges the reader. Values are not looked up: whether other conditions happen to have the same
//! rows is for who can run them.

use contract::query::{Aggregate, Op, Order, Plan};

use super::{Checked, Condition, Moment, Typed, check};
use crate::catalog::{Catalog, Field, desktop_choice_of, field::DESKTOP, workspaces::WORKSPACES};

/// Whether `read` says all that `meant` does: the same rows and figures, with at least the columns that `meant` names (a list
/// that names none shows the entity's usual ones), in the order that it names. Plans that do not fit the catalog answer nothing.
#[must_use]
pub fn answers(read: &Plan, meant: &Plan, catalog: &Catalog, at: Moment) -> bool {
    let (Ok(ours), Ok(theirs)) = (check(read, catalog, at), check(meant, catalog, at)) else { return false };
    // What decides which rows are left is always said; how a whole answer is sorted only where it is.
    let cut = meant.limit.is_some() || read.limit.is_some();
    let sorted = !cut && meant.order.is_none() || order(read, &ours) == order(meant, &theirs);
    sorted
        && meant.columns.iter().all(|it| shows(read, &ours, it))
        && said(read, &ours) == said(meant, &theirs)
}

/// A list has that column.
fn shows(plan: &Plan, checked: &Checked, column: &str) -> bool {
    let named = plan.columns.iter().any(|it| it == column);
    let lists = plan.columns.is_empty() && plan.measures.is_empty();
    named || lists && checked.entity.default_columns.contains(&column)
}

/// The order of an answer, where it says none the usual one of a list.
fn order(plan: &Plan, checked: &Checked) -> Option<Order> {
    let usual = || {
        let by = checked.entity.default_order;
        let name = by.trim_start_matches('-');
        Order { by: name.to_owned(), descending: name != by }
    };
    plan.order.clone().or_else(|| plan.measures.is_empty().then(usual))
}

/// All that tells rows and figures from others, each kind's parts in one order.
fn said(plan: &Plan, checked: &Checked) -> [Vec<String>; 9] {
    let compare = checked.compare.as_ref();
    let cut = plan.limit.map(|limit| format!("{limit} {:?}", plan.limit_per));
    [
        vec![plan.entity.clone()],
        sorted(plan.measures.iter().map(|it| it.key())),
        sorted(plan.group_by.iter().map(|it| format!("{it:?}"))),
        plan.per.iter().map(|it| format!("{it:?}")).collect(),
        conditions(&narrowing(checked, &checked.filters)),
        conditions(&narrowing(checked, &checked.part)),
        sorted(plan.having.iter().map(|it| {
            // What is counted comes in ones.
            let counted = it.by == "count" || it.by.starts_with("distinct_");
            let (op, value) = if counted { at_or_beyond(it.op, it.value) } else { (it.op, it.value) };
            format!("{} {} {value}", it.by, op.name())
        })),
        compare.map(|it| [conditions(&it.this), conditions(&it.other)].concat()).unwrap_or_default(),
        cut.into_iter().collect(),
    ]
}

/// "More than two" of what comes in ones is "at least three".
fn at_or_beyond(op: Op, number: f64) -> (Op, f64) {
    match op {
        Op::MoreThan if number.fract() == 0.0 => (Op::AtLeast, number + 1.0),
        Op::LessThan if number.fract() == 0.0 => (Op::AtMost, number - 1.0),
        _ => (op, number),
    }
}

/// A value that became another tells which of a desktop's dimensions that is, where no other one has it.
fn is_told_by(field: &Condition, them: &[Condition]) -> bool {
    let Typed::Texts(names) = &field.values else { return false };
    let only = |value: &String| {
        desktop_choice_of(value).is_some_and(|of| matches!(names.as_slice(), [name] if of == name))
    };
    let tells = |it: &Condition| {
        let texts = if let Typed::Texts(them) = &it.values { them.as_slice() } else { &[] };
        matches!(it.field.name.as_str(), "old" | "new")
            && it.op == Op::Is
            && !texts.is_empty()
            && texts.iter().all(only)
    };
    field.field.name == "field" && field.op == Op::Is && them.iter().any(tells)
}

/// Without what others imply: a cost that has a user is a desktop's, whose service is always the same.
fn narrowing(checked: &Checked, them: &[Condition]) -> Vec<Condition> {
    let holds = |op: Op| !matches!(op, Op::IsNot | Op::Before | Op::Empty);
    let of_desktops = |it: &Condition| is_of_desktops(&it.field) && holds(it.op);
    let counted = |it: &(Aggregate, Option<Field>)| {
        it.0 == Aggregate::Distinct && it.1.as_ref().is_some_and(|it| !it.of_desktop && is_of_desktops(it))
    };
    let measured =
        !checked.measures.is_empty() && checked.measures.iter().all(counted) && checked.group_by.is_empty();
    let desktops = measured || them.iter().chain(&checked.filters).any(of_desktops);
    let implied = |it: &Condition| {
        let alone = |name: &str, value: &str| {
            it.field.name == name && it.op == Op::Is && it.values == Typed::Texts(vec![value.to_owned()])
        };
        desktops && checked.entity.words.desktops.is_some_and(|(name, value)| alone(name, value))
    };
    them.iter().filter(|it| !implied(it) && !is_told_by(it, them)).cloned().collect()
}

/// A dimension that only rows of desktops have a value of: which one it is, or what it has.
#[must_use]
fn is_of_desktops(field: &Field) -> bool {
    let has = || field.name == DESKTOP || WORKSPACES.dimension(&field.name).is_some();
    field.of_desktop || field.nullable && has()
}

fn conditions(them: &[Condition]) -> Vec<String> {
    let values = |it: &Typed| match it {
        Typed::Texts(them) => sorted(them.iter().map(|it| format!("{it:?}"))).join(" "),
        Typed::Numbers(them) => sorted(them.iter().map(f64::to_string)).join(" "),
        other => format!("{other:?}"),
    };
    sorted(them.iter().map(|it| {
        // A number without a unit is of things.
        let (op, said) = match &it.values {
            Typed::Numbers(them) if it.field.unit.is_none() && them.len() == 1 => {
                let (op, number) = at_or_beyond(it.op, them.first().copied().unwrap_or_default());
                (op, number.to_string())
            }
            other => (it.op, values(other)),
        };
        format!("{} {} {said}", it.field.name, op.name())
    }))
}

fn sorted(them: impl Iterator<Item = String>) -> Vec<String> {
    let mut them: Vec<String> = them.collect();
    them.sort_unstable();
    them.dedup();
    them
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use serde_json::{Value, json};

    use super::*;

    fn answered(read: Value, meant: Value) -> bool {
        let at = Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC };
        let plan = |it: Value| serde_json::from_value::<Plan>(it).unwrap();
        answers(&plan(read), &plan(meant), &Catalog::for_role(Role::Viewer), at)
    }

    fn stopped(values: Value) -> Value {
        json!({"entity": "workspaces", "filters": [{"dimension": "state", "op": "is", "values": values},
            {"dimension": "last_connected_at", "op": "before", "values": [{"days_ago": 30}]}]})
    }

    #[test]
    fn the_order_of_what_is_said_says_nothing() {
        assert!(answered(stopped(json!(["STOPPED", "ERROR"])), stopped(json!(["ERROR", "STOPPED"]))));
        assert!(!answered(stopped(json!(["STOPPED"])), stopped(json!(["ERROR", "STOPPED"]))));
        let dated = json!({"entity": "workspaces", "filters": [
            {"dimension": "last_connected_at", "op": "before", "values": ["2026-10-22"]},
            {"dimension": "state", "op": "is", "values": ["STOPPED"]}]});
        assert!(answered(dated, stopped(json!(["STOPPED"]))), "a time is a time");
    }

    #[test]
    fn more_columns_are_no_harm_and_fewer_are() {
        let with = |columns: Value| json!({"entity": "workspaces", "columns": columns});
        assert!(answered(with(json!(["user_name", "state"])), with(json!(["state"]))));
        assert!(!answered(with(json!(["state"])), with(json!(["user_name", "state"]))));
        assert!(answered(with(json!(["state"])), with(json!([]))));
    }

    #[test]
    fn an_order_counts_where_it_is_said_or_cuts() {
        let with = |order: Value, limit: Value| {
            json!({"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "region"}],
                "order": order, "limit": limit})
        };
        let (most, fewest) = (json!({"by": "count", "descending": true}), json!({"by": "count"}));
        assert!(answered(with(most.clone(), json!(null)), with(json!(null), json!(null))));
        assert!(!answered(with(json!(null), json!(null)), with(most.clone(), json!(null))));
        assert!(!answered(with(most.clone(), json!(3)), with(fewest, json!(3))));
        let list = |order: Value| json!({"entity": "changes", "order": order, "limit": 5});
        assert!(
            answered(list(json!(null)), list(json!({"by": "id", "descending": true}))),
            "the usual order"
        );
    }

    #[test]
    fn what_another_condition_implies_need_not_be_said() {
        let service = json!({"dimension": "service", "op": "is", "values": ["Amazon WorkSpaces"]});
        let by = |filters: Vec<Value>| json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}], "filters": filters});
        let mode = |op: &str| json!({"dimension": "running_mode", "op": op, "values": ["ALWAYS_ON"]});
        assert!(answered(by(vec![mode("is"), service.clone()]), by(vec![mode("is")])));
        assert!(!answered(by(vec![mode("is_not"), service.clone()]), by(vec![mode("is_not")])));
        assert!(!answered(by(vec![service]), by(vec![])));
    }

    #[test]
    fn things_are_counted_in_ones() {
        let by = |op: &str, value: i32| {
            json!({"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "user_name"}],
                "having": [{"by": "count", "op": op, "value": value}]})
        };
        assert!(answered(by("more_than", 1), by("at_least", 2)));
        assert!(!answered(by("more_than", 2), by("at_least", 2)));
        let paid = |op: &str, value: i32| json!({"entity": "billing", "filters": [{"dimension": "cost", "op": op, "values": [value]}]});
        assert!(!answered(paid("more_than", 1), paid("at_least", 2)), "half a dollar is one");
    }

    #[test]
    fn a_value_that_became_another_tells_what_changed() {
        let became = |value: &str, field: &[&str]| {
            let mut filters = vec![json!({"dimension": "new", "op": "is", "values": [value]})];
            filters.extend(field.iter().map(|it| json!({"dimension": "field", "op": "is", "values": [it]})));
            json!({"entity": "changes", "filters": filters})
        };
        assert!(answered(became("ALWAYS_ON", &["running_mode"]), became("ALWAYS_ON", &[])));
        assert!(!answered(became("ALWAYS_ON", &["state"]), became("ALWAYS_ON", &[])));
        assert!(!answered(became("10.0.0.1", &["ip_address"]), became("10.0.0.1", &[])));
    }

    #[test]
    fn what_does_not_fit_answers_nothing() {
        let wrong = json!({"entity": "workspaces", "columns": ["shoe_size"]});
        assert!(!answered(wrong.clone(), wrong));
    }
}
