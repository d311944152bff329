//! The slots of a plan as chips show them, and what an edit makes of the plan. Pure.

use contract::{
    catalog::{Dimension, Entity, Kind},
    query::{Aggregate, Filter, Grain, GroupBy, Measure, Op, Order, Plan, Value},
};

use crate::{catalog::dimension, format::spoken};

/// A place in a plan that can be edited; `None` adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Entity,
    Measure(Option<usize>),
    Group(Option<usize>),
    Column(usize),
    Filter(Option<usize>),
    Order,
    Limit,
}

/// A name for people.
pub(super) fn label(entity: Option<&Entity>, name: &str) -> String {
    dimension(entity, name).map_or_else(|| name.replace('_', " "), |it| it.label.clone())
}

/// `Average of root volume`
pub(super) fn measure_words(entity: Option<&Entity>, measure: &Measure) -> String {
    match &measure.of {
        None => spoken(measure.function.name()),
        Some(of) => format!("{} of {}", spoken(measure.function.name()), label(entity, of)),
    }
}

pub(super) fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
    }
}

/// What may stand in the order: groups and measures of figures, columns of a list.
pub(super) fn orderable(entity: Option<&Entity>, plan: &Plan) -> Vec<(String, String)> {
    if plan.measures.is_empty() {
        let all = entity.into_iter().flat_map(|it| &it.dimensions).filter(|it| it.kind != Kind::Tags);
        return all.map(|it| (it.name.clone(), it.label.clone())).collect();
    }
    let groups = plan.group_by.iter().map(|it| (it.dimension.clone(), label(entity, &it.dimension)));
    groups.chain(plan.measures.iter().map(|it| (it.key(), measure_words(entity, it)))).collect()
}

/// The chips of a plan: slot, the quiet word before, and what it says.
pub(super) fn chips(entity: Option<&Entity>, plan: &Plan) -> Vec<(Slot, &'static str, String)> {
    let mut chips =
        vec![(Slot::Entity, "of", entity.map_or_else(|| plan.entity.clone(), |it| it.label.clone()))];
    chips.extend(
        plan.measures
            .iter()
            .enumerate()
            .map(|(n, it)| (Slot::Measure(Some(n)), "show", measure_words(entity, it))),
    );
    chips.extend(plan.group_by.iter().enumerate().map(|(n, it)| {
        let grain = it.grain.map_or_else(String::new, |it| format!(", per {}", grain_name(it)));
        (Slot::Group(Some(n)), "by", format!("{}{grain}", label(entity, &it.dimension)))
    }));
    chips.extend(
        plan.columns.iter().enumerate().map(|(n, it)| (Slot::Column(n), "column", label(entity, it))),
    );
    chips.extend(plan.filters.iter().enumerate().map(|(n, it)| {
        let values: Vec<String> = it.values.iter().map(|value| spoken(&value.to_string())).collect();
        let words = format!("{} {} {}", label(entity, &it.dimension), it.op.label(), values.join(" or "));
        (Slot::Filter(Some(n)), "where", words.trim_end().to_owned())
    }));
    chips.extend(plan.order.as_ref().map(|it| {
        let by = orderable(entity, plan)
            .into_iter()
            .find(|(name, _)| *name == it.by)
            .map_or_else(|| label(entity, &it.by), |it| it.1);
        (
            Slot::Order,
            "order",
            format!("{by}, {}", if it.descending { "highest first" } else { "lowest first" }),
        )
    }));
    chips.extend(plan.limit.map(|it| (Slot::Limit, "at most", it.to_string())));
    chips
}

/// The plan without a slot; `None` for what a plan cannot do without.
pub(super) fn without(plan: &Plan, slot: Slot) -> Option<Plan> {
    fn remove<T>(list: &mut Vec<T>, at: Option<usize>) -> Option<()> {
        at.filter(|it| *it < list.len()).map(|it| {
            list.remove(it);
        })
    }
    let mut next = plan.clone();
    match slot {
        Slot::Entity => return None,
        Slot::Measure(at) => remove(&mut next.measures, at)?,
        Slot::Group(at) => remove(&mut next.group_by, at)?,
        Slot::Column(at) => remove(&mut next.columns, Some(at))?,
        Slot::Filter(at) => remove(&mut next.filters, at)?,
        Slot::Order => next.order = None,
        Slot::Limit => next.limit = None,
    }
    Some(settled(next))
}

/// The plan with an edit in a slot.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edit {
    Entity(String),
    Measure(Option<usize>, Measure),
    Group(Option<usize>, GroupBy),
    Filter(Option<usize>, Filter),
    Order(Order),
    Limit(u32),
}

pub(super) fn with(plan: &Plan, edit: Edit) -> Plan {
    fn put<T>(list: &mut Vec<T>, at: Option<usize>, it: T) {
        match at.and_then(|at| list.get_mut(at)) {
            Some(place) => *place = it,
            None => list.push(it),
        }
    }
    let mut next = plan.clone();
    match edit {
        Edit::Entity(entity) if entity != next.entity => {
            return Plan { entity, measures: vec![Measure::count()], ..Plan::default() };
        }
        Edit::Entity(_) => {}
        Edit::Measure(at, it) => put(&mut next.measures, at, it),
        Edit::Group(at, it) => {
            put(&mut next.group_by, at, it);
            if next.measures.is_empty() {
                // Groups without a figure mean nothing; how many is what is meant.
                next.measures.push(Measure::count());
                next.columns.clear();
            }
        }
        Edit::Filter(at, it) => put(&mut next.filters, at, it),
        Edit::Order(it) => next.order = Some(it),
        Edit::Limit(it) => next.limit = Some(it),
    }
    settled(next)
}

/// What an edit made meaningless goes with it: groups without figures, an order by what is no longer there.
fn settled(mut plan: Plan) -> Plan {
    if plan.measures.is_empty() {
        plan.group_by.clear();
    } else {
        let by = |order: &Order| {
            plan.group_by.iter().any(|it| it.dimension == order.by)
                || plan.measures.iter().any(|it| it.key() == order.by)
        };
        plan.order = plan.order.take().filter(|it| by(it));
    }
    plan
}

/// The values that a text means for a dimension, or why it means none. Several are separated by commas.
pub(super) fn values(dimension: &Dimension, op: Op, text: &str) -> Result<Vec<Value>, String> {
    if op.is_unary() {
        return Ok(Vec::new());
    }
    let several = matches!(op, Op::Is | Op::IsNot | Op::Contains);
    let parts: Vec<&str> = if several { text.split(',').collect() } else { vec![text] };
    let values = parts
        .into_iter()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .map(|it| value(dimension, it))
        .collect::<Result<Vec<_>, _>>()?;
    if values.is_empty() { Err("Enter a value.".to_owned()) } else { Ok(values) }
}

fn value(dimension: &Dimension, text: &str) -> Result<Value, String> {
    match dimension.kind {
        Kind::Number => {
            let number = text.replace(',', "").parse::<f64>().ok().filter(|it| it.is_finite());
            number.map(Value::Number).ok_or_else(|| format!("`{text}` is not a number."))
        }
        Kind::Bool => match text.to_lowercase().as_str() {
            "yes" | "true" => Ok(Value::Bool(true)),
            "no" | "false" => Ok(Value::Bool(false)),
            _ => Err("Enter yes or no.".to_owned()),
        },
        Kind::Time | Kind::Date => time(text),
        Kind::Text | Kind::Choice | Kind::Tags => {
            let bare = |it: &str| it.replace(['_', '-', ' '], "").to_lowercase();
            let known = dimension.values.iter().find(|it| bare(it) == bare(text));
            Ok(Value::text(known.map_or(text, String::as_str)))
        }
    }
}

fn time(text: &str) -> Result<Value, String> {
    let lower = text.to_lowercase();
    let ago = match lower.as_str() {
        "today" => Some(0),
        "yesterday" => Some(1),
        other => other
            .strip_suffix("days ago")
            .or_else(|| other.strip_suffix("day ago"))
            .or_else(|| other.strip_suffix("days"))
            .or_else(|| other.strip_suffix('d'))
            .and_then(|it| it.trim().parse().ok()),
    };
    if let Some(days_ago) = ago {
        return Ok(Value::Ago { days_ago });
    }
    let sound = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
        || chrono::DateTime::parse_from_rfc3339(text).is_ok();
    if sound {
        Ok(Value::text(text))
    } else {
        Err("Enter a day such as 2026-03-03, or `30 days ago`.".to_owned())
    }
}

/// Figures that can be computed of an entity: how many, and every aggregate of every number.
pub(super) fn measures(entity: Option<&Entity>) -> Vec<Measure> {
    let of = entity.into_iter().flat_map(|it| &it.dimensions).flat_map(|dimension| {
        let aggregates = dimension.aggregates.iter().filter(|it| **it != Aggregate::Count);
        aggregates.map(|function| Measure { function: *function, of: Some(dimension.name.clone()) })
    });
    std::iter::once(Measure::count()).chain(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(name: &str, kind: Kind, values: &[&str]) -> Dimension {
        Dimension {
            name: name.into(),
            label: format!("The {name}"),
            kind,
            unit: None,
            ops: vec![Op::Is],
            aggregates: if kind == Kind::Number { vec![Aggregate::Sum, Aggregate::Average] } else { vec![] },
            groupable: true,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    fn entity() -> Entity {
        Entity {
            name: "workspaces".into(),
            label: "desktops".into(),
            dimensions: vec![
                dimension("running_mode", Kind::Choice, &["ALWAYS_ON"]),
                dimension("root", Kind::Number, &[]),
                dimension("last", Kind::Time, &[]),
            ],
            examples: vec![],
        }
    }

    fn plan() -> Plan {
        Plan {
            entity: "workspaces".into(),
            measures: vec![Measure::count()],
            group_by: vec![GroupBy::values("running_mode")],
            filters: vec![Filter::new("last", Op::Before, Value::Ago { days_ago: 30 })],
            order: Some(Order { by: "count".into(), descending: true }),
            limit: Some(5),
            ..Plan::default()
        }
    }

    #[test]
    fn a_plan_reads_as_chips() {
        let entity = entity();
        let shown: Vec<_> = chips(Some(&entity), &plan())
            .into_iter()
            .map(|(_, word, text)| format!("{word} {text}"))
            .collect();
        assert_eq!(
            shown,
            [
                "of desktops",
                "show count",
                "by The running_mode",
                "where The last before 30 days ago",
                "order count, highest first",
                "at most 5"
            ]
        );
    }

    #[test]
    fn what_loses_its_meaning_goes_too() {
        let list = without(&plan(), Slot::Measure(Some(0))).unwrap();
        assert!(list.group_by.is_empty());
        assert_eq!(without(&plan(), Slot::Filter(Some(0))).unwrap().filters, []);
        assert_eq!(without(&plan(), Slot::Filter(Some(9))), None);
        assert_eq!(without(&plan(), Slot::Entity), None);
        let sum = Measure { function: Aggregate::Sum, of: Some("root".into()) };
        assert_eq!(
            with(&plan(), Edit::Measure(Some(0), sum)).order,
            None,
            "there is no count to order by any more"
        );
    }

    #[test]
    fn grouping_a_list_counts_it() {
        let list = Plan { entity: "workspaces".into(), columns: vec!["root".into()], ..Plan::default() };
        let grouped = with(&list, Edit::Group(None, GroupBy::values("running_mode")));
        assert_eq!((grouped.measures, grouped.columns), (vec![Measure::count()], vec![]));
    }

    #[test]
    fn values_are_read_by_the_kind_of_their_dimension() {
        let entity = entity();
        let of =
            |name: &str, op, text: &str| values(super::dimension(Some(&entity), name).unwrap(), op, text);
        assert_eq!(
            of("running_mode", Op::Is, "always on, MANUAL"),
            Ok(vec![Value::text("ALWAYS_ON"), Value::text("MANUAL")])
        );
        assert_eq!(of("root", Op::AtLeast, "1,000"), Ok(vec![Value::Number(1000.0)]));
        assert_eq!(of("last", Op::Before, "30 days ago"), Ok(vec![Value::Ago { days_ago: 30 }]));
        assert_eq!(of("last", Op::Since, "2026-03-03"), Ok(vec![Value::text("2026-03-03")]));
        assert_eq!(of("last", Op::Empty, ""), Ok(vec![]));
        assert!(of("root", Op::Is, "many").is_err() && of("root", Op::Is, " ,").is_err());
        assert!(of("last", Op::Since, "2026-13-03").is_err());
    }

    #[test]
    fn figures_come_from_the_catalog() {
        let keys: Vec<_> = measures(Some(&entity())).iter().map(Measure::key).collect();
        assert_eq!(keys, ["count", "sum_root", "average_root"]);
    }
}
