//! The slots of a plan as chips show them. Pure.

mod edits;
mod values;

use contract::{
    catalog::{Entity, Kind},
    query::{Aggregate, Compare, Filter, GroupBy, Measure, Plan},
};

pub(super) use self::{
    edits::{Edit, with, without},
    values::{number, time, values},
};
use crate::{catalog::dimension, format::spoken};

/// A place in a plan that can be edited; `None` adds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Entity,
    Measure(Option<usize>),
    Group(Option<usize>),
    /// What averages are per.
    Per,
    Column(usize),
    Filter(Option<usize>),
    /// What shares are of.
    Part(Option<usize>),
    /// A condition on a figure.
    Having(Option<usize>),
    Compare,
    Order,
    Limit,
    LimitPer,
}

/// A name for people.
pub(super) fn label(entity: Option<&Entity>, name: &str) -> String {
    if let Some(it) = dimension(entity, name) {
        return it.label.clone();
    }
    // A part of a time that is not the rows' own: `first_seen_at.weekday`.
    let part = name.rsplit_once('.').and_then(|(time, part)| Some((dimension(entity, time)?, part)));
    let words = |it: &str| it.replace('_', " ");
    part.map_or_else(|| words(name), |(time, part)| format!("{} of {}", words(part), time.label))
}

/// `Average of root volume`
pub(super) fn measure_words(entity: Option<&Entity>, measure: &Measure) -> String {
    match (&measure.of, measure.function) {
        (None, Aggregate::Average) => "Average number".to_owned(),
        (None, _) => spoken(measure.function.name()),
        (Some(of), Aggregate::Distinct) => format!("number of different {}", label(entity, of)),
        (Some(of), _) => format!("{} of {}", spoken(measure.function.name()), label(entity, of)),
    }
}

/// The figures of an answer by their keys: with a comparison each is there, before, as a change, and in percent.
pub(super) fn figures(entity: Option<&Entity>, plan: &Plan) -> Vec<(String, String)> {
    let of = |it: &Measure| {
        let words = measure_words(entity, it);
        let all = [
            words.clone(),
            format!("{words} before"),
            format!("change of {words}"),
            format!("growth of {words} in %"),
        ];
        it.keys(plan.compare.is_some()).into_iter().zip(all).collect::<Vec<_>>()
    };
    plan.measures.iter().flat_map(of).collect()
}

/// What may stand in the order: groups and figures; columns of a list.
pub(super) fn orderable(entity: Option<&Entity>, plan: &Plan) -> Vec<(String, String)> {
    if plan.measures.is_empty() {
        let all = entity.into_iter().flat_map(|it| &it.dimensions).filter(|it| it.kind != Kind::Tags);
        return all.map(|it| (it.name.clone(), it.label.clone())).collect();
    }
    groups(entity, plan).into_iter().chain(figures(entity, plan)).collect()
}

/// What a plan groups by.
pub(super) fn groups(entity: Option<&Entity>, plan: &Plan) -> Vec<(String, String)> {
    plan.group_by.iter().map(|it| (it.dimension.clone(), label(entity, &it.dimension))).collect()
}

/// The slots that can be added to a plan, with their names.
pub(super) fn addable(plan: &Plan) -> Vec<(Slot, &'static str)> {
    let grouped = !plan.measures.is_empty() && !plan.group_by.is_empty();
    let divided = |it: &Measure| matches!(it.function, Aggregate::Average | Aggregate::Count);
    let divided = !plan.measures.is_empty() && plan.measures.iter().all(divided);
    let shares = plan.measures.iter().any(|it| it.function == Aggregate::Share);
    let ranked = plan.group_by.len() > 1 && plan.order.is_some() && plan.limit.is_some();
    let all = [
        (Slot::Filter(None), "Filter", true),
        (Slot::Group(None), "Group", true),
        (Slot::Measure(None), "Figure", true),
        (Slot::Per, "Per", divided && plan.per.is_none()),
        (Slot::Part(None), "Share of", shares),
        (Slot::Having(None), "Condition", grouped),
        (Slot::Compare, "Comparison", plan.compare.is_none() && edits::bounded(plan).is_some()),
        (Slot::Order, "Order", plan.order.is_none()),
        (Slot::Limit, "Limit", plan.limit.is_none()),
        (Slot::LimitPer, "For each", ranked && plan.limit_per.is_none()),
    ];
    all.into_iter().filter(|(.., fits)| *fits).map(|(slot, name, _)| (slot, name)).collect()
}

/// The chips of a plan: slot, the quiet word before, and what it says.
pub(super) fn chips(entity: Option<&Entity>, plan: &Plan) -> Vec<(Slot, &'static str, String)> {
    let mut chips =
        vec![(Slot::Entity, "of", entity.map_or_else(|| plan.entity.clone(), |it| it.label.clone()))];
    let measures = plan.measures.iter().enumerate();
    chips.extend(measures.map(|(n, it)| (Slot::Measure(Some(n)), "show", measure_words(entity, it))));
    let parts = plan.part.iter().enumerate();
    chips.extend(parts.map(|(n, it)| (Slot::Part(Some(n)), "share", filter_words(entity, it))));
    let group = |it: &GroupBy| {
        let grain = it.grain.map_or_else(String::new, |it| format!(", per {}", it.name()));
        format!("{}{grain}", label(entity, &it.dimension))
    };
    chips.extend(plan.per.as_ref().map(|it| (Slot::Per, "per", group(it))));
    chips.extend(plan.group_by.iter().enumerate().map(|(n, it)| (Slot::Group(Some(n)), "by", group(it))));
    chips.extend(
        plan.columns.iter().enumerate().map(|(n, it)| (Slot::Column(n), "column", label(entity, it))),
    );
    let filters = plan.filters.iter().enumerate();
    chips.extend(filters.map(|(n, it)| (Slot::Filter(Some(n)), "where", filter_words(entity, it))));
    let figures = figures(entity, plan);
    chips.extend(plan.having.iter().enumerate().map(|(n, it)| {
        let by = named(&figures, &it.by).unwrap_or_else(|| label(entity, &it.by));
        (Slot::Having(Some(n)), "only", format!("{by} {} {}", it.op.label(), it.value))
    }));
    chips.extend(plan.compare.as_ref().map(|it| (Slot::Compare, "compared with", compare_words(it))));
    chips.extend(plan.order.as_ref().map(|it| {
        let by = named(&orderable(entity, plan), &it.by).unwrap_or_else(|| label(entity, &it.by));
        let direction = if it.descending { "highest first" } else { "lowest first" };
        (Slot::Order, "order", format!("{by}, {direction}"))
    }));
    chips.extend(plan.limit.map(|it| (Slot::Limit, "at most", it.to_string())));
    chips.extend(plan.limit_per.as_ref().map(|it| (Slot::LimitPer, "for each", label(entity, it))));
    chips
}

fn named(of: &[(String, String)], key: &str) -> Option<String> {
    of.iter().find(|(it, _)| it == key).map(|(_, words)| words.clone())
}

fn filter_words(entity: Option<&Entity>, it: &Filter) -> String {
    let values: Vec<String> = it.values.iter().map(|value| spoken(&value.to_string())).collect();
    let words = format!("{} {} {}", label(entity, &it.dimension), it.op.label(), values.join(" or "));
    words.trim_end().to_owned()
}

fn compare_words(it: &Compare) -> String {
    match &it.before {
        Some(before) => format!("{} to before {before}", it.since),
        None => format!("since {}", it.since),
    }
}

/// Figures that can be computed of an entity: how many, the share of them, and every aggregate of every dimension; per something,
/// how many on average.
pub(super) fn measures(entity: Option<&Entity>, per_something: bool) -> Vec<Measure> {
    let of = entity.into_iter().flat_map(|it| &it.dimensions).flat_map(|dimension| {
        let aggregates = dimension.aggregates.iter().filter(|it| **it != Aggregate::Count);
        aggregates.map(|function| Measure { function: *function, of: Some(dimension.name.clone()) })
    });
    let number = per_something.then_some(Measure { function: Aggregate::Average, of: None });
    let share = Measure { function: Aggregate::Share, of: None };
    [Measure::count(), share].into_iter().chain(number).chain(of).collect()
}

#[cfg(test)]
mod tests {
    use contract::{
        catalog::Dimension,
        query::{CalendarPeriod, Having, Op, Order, Value},
    };

    use super::*;

    fn dimension(name: &str, kind: Kind, values: &[&str]) -> Dimension {
        Dimension {
            name: name.into(),
            label: format!("The {name}"),
            synonyms: Vec::new(),
            kind,
            unit: None,
            ops: vec![Op::Is],
            aggregates: if kind == Kind::Number { vec![Aggregate::Sum, Aggregate::Average] } else { vec![] },
            grains: Vec::new(),
            groupable: true,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    fn entity() -> Entity {
        Entity {
            name: "workspaces".into(),
            label: "desktops".into(),
            singular: "desktop".into(),
            synonyms: Vec::new(),
            time: "last".into(),
            figures: Vec::new(),
            dimensions: vec![
                dimension("running_mode", Kind::Choice, &["ALWAYS_ON"]),
                dimension("root", Kind::Number, &[]),
                dimension("last", Kind::Time, &[]),
            ],
            relations: vec![],
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
    fn an_average_is_per_something_and_without_it_a_number() {
        let entity = entity();
        let counted = Plan { order: None, limit: None, ..plan() };
        let per = GroupBy::values("last_user");
        let averaged = with(&counted, Edit::Per(per.clone()));
        assert_eq!(averaged.measures, [Measure { function: Aggregate::Average, of: None }]);
        let words = |plan: &Plan| {
            chips(Some(&entity), plan)
                .into_iter()
                .map(|(_, word, text)| format!("{word} {text}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&averaged)[1..3], ["show Average number", "per last user"]);
        assert!(
            addable(&counted).iter().any(|it| it.0 == Slot::Per)
                && !addable(&averaged).iter().any(|it| it.0 == Slot::Per)
        );
        assert_eq!(without(&averaged, Slot::Per), Some(counted.clone()));
        // What it groups by is one each.
        assert_eq!(with(&counted, Edit::Per(GroupBy::values("running_mode"))), counted);
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

    /// The share of AlwaysOn desktops this month against last, in the regions with most.
    fn full() -> Plan {
        let mode = |mode: &str| Filter::new("running_mode", Op::Is, Value::text(mode));
        Plan {
            entity: "workspaces".into(),
            measures: vec![Measure { function: Aggregate::Share, of: None }, Measure::count()],
            part: vec![mode("ALWAYS_ON")],
            group_by: vec![GroupBy::values("region"), GroupBy::values("account")],
            filters: vec![Filter::new("last", Op::Since, Value::start_of(CalendarPeriod::Month, 0))],
            having: vec![Having { by: "count".into(), op: Op::AtLeast, value: 2.0 }],
            compare: Some(Compare { since: Value::start_of(CalendarPeriod::Month, 1), before: None }),
            order: Some(Order { by: "share_change".into(), descending: true }),
            limit: Some(3),
            limit_per: Some("region".into()),
            ..Plan::default()
        }
    }

    #[test]
    fn every_part_of_a_plan_is_a_chip_and_can_go() {
        let shown = chips(None, &full());
        let words: Vec<_> = shown.iter().map(|(_, word, text)| format!("{word} {text}")).collect();
        assert_eq!(
            words,
            [
                "of workspaces",
                "show share",
                "show count",
                "share running mode is AlwaysOn",
                "by region",
                "by account",
                "where last since the start of this month",
                "only count at least 2",
                "compared with since the start of last month",
                "order change of share, highest first",
                "at most 3",
                "for each region",
            ]
        );
        for (slot, word, _) in &shown {
            let Some(next) = without(&full(), *slot) else {
                assert_eq!(*slot, Slot::Entity);
                continue;
            };
            assert!(chips(None, &next).len() < shown.len(), "{word}");
        }
    }

    #[test]
    fn a_part_goes_with_what_it_needs() {
        let plan = full();
        let ungrouped =
            without(&without(&plan, Slot::Group(Some(1))).unwrap(), Slot::Group(Some(0))).unwrap();
        assert_eq!((ungrouped.limit_per, ungrouped.having), (None, vec![]));
        let unbounded = without(&plan, Slot::Filter(Some(0))).unwrap();
        assert_eq!((unbounded.compare, unbounded.order), (None, None), "there is no change to order by");
        let unshared = without(&plan, Slot::Measure(Some(0))).unwrap();
        assert_eq!(unshared.part, []);
        let of_nothing = Plan {
            entity: "workspaces".into(),
            measures: vec![Measure { function: Aggregate::Share, of: None }],
            part: plan.part.clone(),
            ..Plan::default()
        };
        let whole = without(&of_nothing, Slot::Part(Some(0))).unwrap();
        assert_eq!(whole.measures, [Measure::count()], "a share of nothing in particular is how many");
        assert_eq!(without(&plan, Slot::Measure(Some(1))).unwrap().having, []);
    }

    #[test]
    fn what_can_be_added_fits_the_plan() {
        let names = |plan: &Plan| addable(plan).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(
            names(&Plan { entity: "workspaces".into(), ..Plan::default() }),
            ["Filter", "Group", "Figure", "Order", "Limit"]
        );
        assert_eq!(names(&full()), ["Filter", "Group", "Figure", "Share of", "Condition"]);
        let bare = Plan { compare: None, limit_per: None, ..full() };
        assert_eq!(
            names(&bare),
            ["Filter", "Group", "Figure", "Share of", "Condition", "Comparison", "For each"]
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
    fn figures_come_from_the_catalog() {
        let keys: Vec<_> = measures(Some(&entity()), false).iter().map(Measure::key).collect();
        assert_eq!(keys, ["count", "share", "sum_root", "average_root"]);
    }
}
