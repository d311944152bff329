//! The type-check of a plan: names against the catalog, operators and values against kinds, times made absolute.
//!
//! Invariant: a [`Checked`] plan names only what the asker's catalog holds, and its rows are those that the asker may
//! see; [`super::select`] takes nothing else.

mod faults;
mod figures;
mod meaning;
mod values;

use chrono_tz::Tz;
use contract::{
    catalog::Kind,
    ids::UserId,
    problem::FieldError,
    query::{Aggregate, Filter, Grain, Op, Plan},
};

use self::faults::Faults;
pub(crate) use self::values::{instant, period};
pub use self::{
    meaning::answers,
    values::{Moment, Typed},
};
use super::{Catalog, Entity, Field};

/// More groups by, measures or columns than this are refused.
pub(super) const MAX_PARTS: usize = 32;
/// More values than this in one filter are refused.
const MAX_VALUES: usize = 200;

/// A plan that fits the catalog.
#[derive(Debug)]
pub struct Checked {
    pub entity: &'static Entity,
    /// The column and the user, where only his rows are meant.
    pub own: Option<(&'static str, UserId)>,
    pub measures: Vec<(Aggregate, Option<Field>)>,
    pub group_by: Vec<(Field, Option<Grain>)>,
    /// What averages are per; `None`: per row.
    pub per: Option<(Field, Option<Grain>)>,
    pub columns: Vec<Field>,
    /// All but those that [`Compared`] holds.
    pub filters: Vec<Condition>,
    /// What shares are of; empty: of all groups.
    pub part: Vec<Condition>,
    pub having: Vec<FigureCondition>,
    pub compare: Option<Compared>,
    /// Position among the answer's columns, from 0, and whether it descends.
    pub order: Option<(OrderBy, bool)>,
    pub limit: Option<u32>,
    /// The place in `group_by` of what the limit counts for.
    pub limit_per: Option<usize>,
    pub zone: Tz,
    /// Lower-case text to be found in the entity's search column. Only lists have it.
    pub search: Option<String>,
    /// Rows that no longer exist too. Only lists have it.
    pub with_gone: bool,
}

/// What an answer is ordered by.
#[derive(Debug, PartialEq, Eq)]
pub enum OrderBy {
    /// A column of the answer, from 0.
    Answer(usize),
    /// A dimension that a list does not show.
    Hidden(Field),
}

/// One filter with typed values.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub field: Field,
    pub op: Op,
    pub values: Typed,
}

/// A condition on a figure of each group.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureCondition {
    /// A column of the answer, from 0.
    pub column: usize,
    pub op: Op,
    pub value: f64,
}

/// Two stretches of the same time, each with its bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The plan's own.
    pub this: Vec<Condition>,
    pub other: Vec<Condition>,
}

/// Checks a plan against what the asker may read.
///
/// # Errors
/// Every mistake with its JSON pointer into the plan.
pub fn check(plan: &Plan, catalog: &Catalog, at: Moment) -> Result<Checked, Vec<FieldError>> {
    let Some(entity) = catalog.entity(&plan.entity) else {
        let known: Vec<_> = catalog.entities().iter().map(|it| it.name).collect();
        return Err(vec![FieldError::new("/entity", format!("is none of: {}", known.join(", ")))]);
    };
    let mut faults = Faults { catalog, entity, zone: at.zone, errors: Vec::new() };
    for (pointer, n) in [
        ("/measures", plan.measures.len()),
        ("/group_by", plan.group_by.len()),
        ("/columns", plan.columns.len()),
        ("/filters", plan.filters.len()),
        ("/part", plan.part.len()),
        ("/having", plan.having.len()),
    ] {
        if n > MAX_PARTS {
            faults.add(pointer, format!("has more than {MAX_PARTS} parts"));
        }
    }
    let measures = figures::measures(plan, &mut faults);
    let group_by = figures::group_by(plan, &mut faults);
    let per = figures::per(plan, &group_by, &mut faults);
    let columns = columns(plan, entity, &mut faults);
    let filters = plan.filters.iter().enumerate();
    let mut filters: Vec<_> =
        filters.filter_map(|(n, it)| condition(it, &format!("/filters/{n}"), at, &mut faults)).collect();
    let part = figures::part(plan, at, &mut faults);
    let compare = figures::compare(plan, &mut filters, &group_by, at, &mut faults);
    let having = figures::having(plan, group_by.len(), &mut faults);
    if plan.limit == Some(0) {
        faults.add("/limit", "is at least 1");
    }
    let limit_per = figures::limit_per(plan, &group_by, &mut faults);
    let order = order(plan, &group_by, &columns, &mut faults);
    if !faults.errors.is_empty() {
        return Err(faults.errors);
    }
    Ok(Checked {
        entity,
        own: catalog.own(entity),
        measures,
        group_by,
        per,
        columns,
        filters,
        part,
        having,
        compare,
        order,
        limit: plan.limit,
        limit_per,
        zone: at.zone,
        search: None,
        with_gone: false,
    })
}

fn columns(plan: &Plan, entity: &Entity, faults: &mut Faults<'_>) -> Vec<Field> {
    if !plan.measures.is_empty() {
        if !plan.columns.is_empty() {
            faults.add("/columns", "are for lists; this plan has measures");
        }
        return Vec::new();
    }
    if plan.columns.is_empty() {
        return entity.default_columns.iter().filter_map(|name| entity.field(name)).collect();
    }
    plan.columns
        .iter()
        .enumerate()
        .filter_map(|(n, name)| faults.field(name, &format!("/columns/{n}")))
        .collect()
}

fn order(
    plan: &Plan,
    group_by: &[(Field, Option<Grain>)],
    columns: &[Field],
    faults: &mut Faults<'_>,
) -> Option<(OrderBy, bool)> {
    let order = plan.order.as_ref()?;
    if plan.measures.is_empty() {
        if let Some(n) = columns.iter().position(|it| it.name == order.by) {
            return Some((OrderBy::Answer(n), order.descending));
        }
        let field = faults.field(&order.by, "/order/by")?;
        if field.kind == Kind::Tags {
            faults.add("/order/by", "cannot order by all tags; name one as tags.NAME");
            return None;
        }
        return Some((OrderBy::Hidden(field), order.descending));
    }
    let groups = group_by.iter().map(|(field, _)| field.name.clone());
    let position = groups.chain(figures::figure_keys(plan)).position(|key| key == order.by);
    if position.is_none() {
        faults.add("/order/by", "is neither grouped by nor measured");
    }
    position.map(|n| (OrderBy::Answer(n), order.descending))
}

/// A filter that stands at `pointer` of the plan.
fn condition(filter: &Filter, pointer: &str, at: Moment, faults: &mut Faults<'_>) -> Option<Condition> {
    let field = faults.field(&filter.dimension, &format!("{pointer}/dimension"))?;
    if !field.ops().contains(&filter.op) {
        faults.add(format!("{pointer}/op"), format!("`{}` does not fit {}", filter.op.name(), field.label));
        return None;
    }
    let values = format!("{pointer}/values");
    if filter.op.is_unary() {
        if !filter.values.is_empty() {
            faults.add(values, format!("`{}` takes none", filter.op.name()));
            return None;
        }
        return Some(Condition { field, op: filter.op, values: Typed::None });
    }
    let several = matches!(filter.op, Op::Is | Op::IsNot | Op::Contains) && field.kind != Kind::Bool;
    if filter.values.is_empty() || filter.values.len() > MAX_VALUES || (!several && filter.values.len() != 1)
    {
        faults.add(values, if several { "takes 1 to 200 values" } else { "takes one value" });
        return None;
    }
    let mut typed = None;
    for (m, value) in filter.values.iter().enumerate() {
        if let Err(wanted) = values::add_value(&mut typed, &field, value, at) {
            faults.add(format!("{values}/{m}"), format!("`{value}` is not {wanted}"));
            return None;
        }
    }
    typed.map(|values| Condition { field, op: filter.op, values })
}

#[cfg(test)]
mod tests {
    use contract::{
        auth::Role,
        query::{CalendarPeriod, Compare, GroupBy, Having, Measure, Value},
    };
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn moment(now: &str, zone: &str) -> Moment {
        Moment { now: now.parse().unwrap(), zone: zone.parse().unwrap() }
    }

    fn faults(plan: serde_json::Value) -> Vec<String> {
        let plan: Plan = serde_json::from_value(plan).unwrap();
        let catalog = Catalog::for_role(Role::Viewer);
        match check(&plan, &catalog, moment("2026-11-21T10:00:00Z", "UTC")) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.into_iter().map(|it| it.pointer).collect(),
        }
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        assert_eq!(faults(json!({"entity": "users"})), ["/entity"]);
        let plan = json!({"entity": "workspaces", "measures": [{"function": "sum", "of": "state"}, {"function": "count", "of": "id"}],
            "group_by": [{"dimension": "password"}, {"dimension": "last_connected_at"}, {"dimension": "region", "grain": "day"}],
            "filters": [{"dimension": "state", "op": "at_least", "values": ["x"]}, {"dimension": "root_volume_gib", "op": "is", "values": ["big"]},
                {"dimension": "gone_at", "op": "empty", "values": [1]}, {"dimension": "root_encrypted", "op": "is", "values": [true, false]}],
            "order": {"by": "state"}, "limit": 0});
        assert_eq!(
            faults(plan),
            [
                "/measures/0/of",
                "/measures/1/of",
                "/group_by/0/dimension",
                "/group_by/1/grain",
                "/group_by/2/grain",
                "/filters/0/op",
                "/filters/1/values/0",
                "/filters/2/values",
                "/filters/3/values",
                "/limit",
                "/order/by",
            ]
        );
    }

    #[test]
    fn every_mistake_in_figures_is_found_at_its_place() {
        let plan = json!({"entity": "billing", "measures": [{"function": "count"}, {"function": "distinct", "of": "month"}],
            "group_by": [{"dimension": "month", "grain": "week"}], "part": [{"dimension": "service", "op": "is", "values": ["x"]}],
            "having": [{"by": "sum_cost", "op": "more_than", "value": 1}, {"by": "count", "op": "contains", "value": 1}],
            "compare": {"since": {"days_ago": 30}}, "limit_per": "account"});
        assert_eq!(
            faults(plan),
            [
                "/measures/1/of",
                "/group_by/0/grain",
                "/part",
                "/compare",
                "/having/0/by",
                "/having/1/op",
                "/limit_per",
                "/limit_per"
            ]
        );
        let since = json!([{"dimension": "at", "op": "since", "values": [{"days_ago": 7}]}]);
        let compared = |more: serde_json::Value| {
            let mut plan = json!({"entity": "events", "measures": [{"function": "count"}], "filters": since,
                "compare": {"since": {"days_ago": 14}, "before": {"days_ago": 7}}});
            plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            faults(plan)
        };
        assert!(compared(json!({})).is_empty());
        assert!(
            compared(json!({"group_by": [{"dimension": "account"}], "order": {"by": "count_change"},
            "having": [{"by": "count_before", "op": "is", "value": 0}]}))
            .is_empty()
        );
        assert_eq!(compared(json!({"group_by": [{"dimension": "at", "grain": "day"}]})), ["/compare"]);
        assert_eq!(compared(json!({"compare": {"since": "never"}})), ["/compare/since"]);
        assert_eq!(
            compared(json!({"filters": [{"dimension": "at", "op": "before", "values": ["2026-01-01"]}]})),
            ["/compare"]
        );
        assert_eq!(faults(json!({"entity": "events", "compare": {"since": {"days_ago": 1}}})), ["/compare"]);
        assert_eq!(
            faults(json!({"entity": "events", "measures": [{"function": "share"}]})),
            ["/measures/0"],
            "of what?"
        );
    }

    #[test]
    fn averages_are_per_something_else() {
        let per = |measure: serde_json::Value, per: serde_json::Value| {
            faults(
                json!({"entity": "billing", "measures": [measure], "per": per, "group_by": [{"dimension": "region"}]}),
            )
        };
        let (cost, user) = (json!({"function": "average", "of": "cost"}), json!({"dimension": "user_name"}));
        assert!(per(cost.clone(), user.clone()).is_empty());
        assert!(per(json!({"function": "average"}), user.clone()).is_empty());
        assert!(per(cost.clone(), json!({"dimension": "month", "grain": "month"})).is_empty());
        assert_eq!(per(json!({"function": "average"}), json!(null)), ["/measures/0/of"]);
        assert_eq!(per(json!({"function": "sum", "of": "cost"}), user), ["/per"]);
        assert_eq!(per(cost.clone(), json!({"dimension": "region"})), ["/per"]);
        assert_eq!(per(cost.clone(), json!({"dimension": "month"})), ["/per/grain"]);
        assert_eq!(per(cost, json!({"dimension": "colour"})), ["/per/dimension"]);
    }

    proptest! {
        #[test]
        fn no_plan_makes_the_check_panic(entity in "workspaces|changes|billing|x", dimension in "[a-z_.]{0,12}|state|root_volume_gib|last_connected_at|desktop.state|month",
            op in 0usize..11, text in ".{0,20}", number in any::<f64>(), days in any::<u32>(), limit in any::<u32>(), function in 0usize..7) {
            let start = Value::start_of(CalendarPeriod::ALL[function % 4], days);
            let plan = Plan {
                measures: vec![Measure { function: Aggregate::ALL[function], of: Some(dimension.clone()) }],
                having: vec![Having { by: text.clone(), op: Op::ALL[op], value: number }],
                compare: Some(Compare { since: start.clone(), before: Some(Value::HoursAgo { hours_ago: days }) }),
                limit_per: Some(dimension.clone()),
                per: Some(GroupBy::values(dimension.clone())),
                entity,
                filters: vec![Filter { dimension, op: Op::ALL[op], values: vec![Value::Text(text), Value::Number(number), Value::Ago { days_ago: days }, start] }],
                limit: Some(limit),
                ..Plan::default()
            };
            let _ = check(&plan, &Catalog::for_role(Role::Admin), moment("2026-11-21T10:00:00Z", "Asia/Tokyo"));
        }
    }
}
