//! What is chosen in the form of a slot: where it begins, and the edit that it comes to. Pure.

use contract::{
    catalog::{Dimension, Entity, Kind},
    query::{Compare, Filter, Grain, GroupBy, Having, Measure, Op, Order, Plan},
};

use crate::{
    catalog::dimension,
    pages::ask::slots::{Edit, Slot, measures, number, orderable, time, values},
};

/// A name, a second choice beside it, and a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) second: String,
    pub(super) text: String,
}

pub(super) fn begin(slot: Slot, plan: &Plan, entity: Option<&Entity>) -> Draft {
    let first = |wanted: fn(&Dimension) -> bool| {
        entity
            .into_iter()
            .flat_map(|it| &it.dimensions)
            .find(|it| wanted(it))
            .map(|it| it.name.clone())
            .unwrap_or_default()
    };
    let at = |it: Option<usize>| it.unwrap_or(usize::MAX);
    match slot {
        Slot::Entity => Draft { name: plan.entity.clone(), ..Draft::default() },
        Slot::Measure(n) => {
            let name = plan.measures.get(at(n)).map_or_else(|| "count".to_owned(), |it| it.key());
            Draft { name, ..Draft::default() }
        }
        Slot::Group(_) | Slot::Per => {
            let known = if let Slot::Group(n) = slot { plan.group_by.get(at(n)) } else { plan.per.as_ref() };
            Draft {
                name: known.map_or_else(|| first(|it| it.groupable), |it| it.dimension.clone()),
                second: known.and_then(|it| it.grain).unwrap_or(Grain::Day).name().to_owned(),
                text: String::new(),
            }
        }
        Slot::Filter(n) | Slot::Part(n) => {
            let filters = if matches!(slot, Slot::Part(_)) { &plan.part } else { &plan.filters };
            match filters.get(at(n)) {
                Some(known) => Draft {
                    name: known.dimension.clone(),
                    second: known.op.name().to_owned(),
                    text: known.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
                },
                // What people narrow down by is mostly one of a few values, so that is offered first.
                None => {
                    let choice = first(|it| !it.ops.is_empty() && it.kind == Kind::Choice);
                    let name = if choice.is_empty() { first(|it| !it.ops.is_empty()) } else { choice };
                    Draft { name, ..Draft::default() }
                }
            }
        }
        Slot::Having(n) => match plan.having.get(at(n)) {
            Some(known) => Draft {
                name: known.by.clone(),
                second: known.op.name().to_owned(),
                text: known.value.to_string(),
            },
            None => Draft {
                name: plan.measures.first().map(Measure::key).unwrap_or_default(),
                second: Op::AtLeast.name().to_owned(),
                text: String::new(),
            },
        },
        Slot::Compare => {
            let known = plan.compare.as_ref();
            let before = known.and_then(|it| it.before.as_ref()).map(ToString::to_string);
            Draft {
                name: String::new(),
                text: known.map(|it| it.since.to_string()).unwrap_or_default(),
                second: before.unwrap_or_default(),
            }
        }
        Slot::LimitPer => {
            let name =
                plan.limit_per.clone().or_else(|| plan.group_by.first().map(|it| it.dimension.clone()));
            Draft { name: name.unwrap_or_default(), ..Draft::default() }
        }
        Slot::Order => {
            let known = plan.order.as_ref();
            let name = known.map(|it| it.by.clone()).or_else(|| orderable(entity, plan).pop().map(|it| it.0));
            let second = if known.is_some_and(|it| !it.descending) { "up" } else { "down" };
            Draft { name: name.unwrap_or_default(), second: second.to_owned(), text: String::new() }
        }
        Slot::Limit => Draft { text: plan.limit.unwrap_or(10).to_string(), ..Draft::default() },
        Slot::Column(_) => Draft::default(),
    }
}

pub(super) fn finish(slot: Slot, draft: &Draft, entity: Option<&Entity>) -> Result<Edit, String> {
    let chosen = || dimension(entity, &draft.name).ok_or_else(|| "Choose one.".to_owned());
    Ok(match slot {
        Slot::Entity => Edit::Entity(draft.name.clone()),
        Slot::Measure(at) => {
            let measure = measures(entity, true).into_iter().find(|it| it.key() == draft.name);
            Edit::Measure(at, measure.ok_or_else(|| "Choose one.".to_owned())?)
        }
        Slot::Group(_) | Slot::Per => {
            let by = chosen()?;
            let grain = by.grains.iter().find(|it| it.name() == draft.second).or(by.grains.first());
            let group = GroupBy { dimension: by.name.clone(), grain: grain.copied() };
            if let Slot::Group(at) = slot { Edit::Group(at, group) } else { Edit::Per(group) }
        }
        Slot::Filter(at) | Slot::Part(at) => {
            let by = chosen()?;
            let op = by.ops.iter().copied().find(|it| it.name() == draft.second).or(by.ops.first().copied());
            let op = op.ok_or_else(|| "Choose one.".to_owned())?;
            let filter = Filter { dimension: by.name.clone(), op, values: values(by, op, &draft.text)? };
            if matches!(slot, Slot::Part(_)) { Edit::Part(at, filter) } else { Edit::Filter(at, filter) }
        }
        Slot::Having(at) => {
            let op = Having::OPS.into_iter().find(|it| it.name() == draft.second).unwrap_or(Op::AtLeast);
            Edit::Having(at, Having { by: draft.name.clone(), op, value: number(&draft.text)? })
        }
        Slot::Compare => {
            let before = Some(draft.second.trim()).filter(|it| !it.is_empty()).map(time).transpose()?;
            Edit::Compare(Compare { since: time(&draft.text)?, before })
        }
        Slot::LimitPer => Edit::LimitPer(draft.name.clone()),
        Slot::Order => Edit::Order(Order { by: draft.name.clone(), descending: draft.second != "up" }),
        Slot::Limit => match draft.text.trim().parse() {
            Ok(limit) if limit > 0 => Edit::Limit(limit),
            _ => return Err("Enter a number above zero.".to_owned()),
        },
        Slot::Column(_) => return Err(String::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::query::{CalendarPeriod, Value};

    fn entity() -> Entity {
        serde_json::from_str(
            r#"{"name":"workspaces","label":"desktops","singular":"desktop","synonyms":[],"time":"last","figures":[],"examples":[],"dimensions":[
            {"name":"state","label":"State","synonyms":[],"kind":"choice","unit":null,"ops":["is","is_not"],"aggregates":[],"groupable":true,"values":["AVAILABLE"]},
            {"name":"last","label":"Last","synonyms":[],"kind":"time","unit":null,"ops":["since"],"aggregates":[],"grains":["day","week"],"groupable":true,"values":[]}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_unchanged_form_gives_back_the_slot() {
        let entity = entity();
        let plan = Plan {
            entity: "workspaces".into(),
            filters: vec![Filter::new("state", Op::IsNot, Value::text("AVAILABLE"))],
            group_by: vec![GroupBy { dimension: "last".into(), grain: Some(Grain::Week) }],
            ..Plan::default()
        };
        let slot = Slot::Filter(Some(0));
        let edit = finish(slot, &begin(slot, &plan, Some(&entity)), Some(&entity)).unwrap();
        assert_eq!(edit, Edit::Filter(Some(0), plan.filters[0].clone()));
        let slot = Slot::Group(Some(0));
        let edit = finish(slot, &begin(slot, &plan, Some(&entity)), Some(&entity)).unwrap();
        assert_eq!(edit, Edit::Group(Some(0), plan.group_by[0].clone()));
    }

    #[test]
    fn conditions_on_figures_and_comparisons_come_back_too() {
        let entity = entity();
        let having = Having { by: "count".into(), op: Op::MoreThan, value: 80.5 };
        let compare = Compare {
            since: Value::start_of(CalendarPeriod::Month, 1),
            before: Some(Value::start_of(CalendarPeriod::Month, 0)),
        };
        let plan = Plan {
            entity: "workspaces".into(),
            measures: vec![Measure::count()],
            group_by: vec![GroupBy::values("state")],
            part: vec![Filter::new("state", Op::Is, Value::text("AVAILABLE"))],
            having: vec![having.clone()],
            compare: Some(compare.clone()),
            limit_per: Some("state".into()),
            ..Plan::default()
        };
        let same = |slot| finish(slot, &begin(slot, &plan, Some(&entity)), Some(&entity)).unwrap();
        assert_eq!(same(Slot::Having(Some(0))), Edit::Having(Some(0), having));
        assert_eq!(same(Slot::Compare), Edit::Compare(compare));
        assert_eq!(same(Slot::Part(Some(0))), Edit::Part(Some(0), plan.part[0].clone()));
        assert_eq!(same(Slot::LimitPer), Edit::LimitPer("state".into()));
        let compare = Draft { text: "whenever".into(), ..Draft::default() };
        assert!(finish(Slot::Compare, &compare, Some(&entity)).is_err());
    }

    #[test]
    fn a_new_filter_wants_a_value() {
        let entity = entity();
        let slot = Slot::Filter(None);
        let draft = begin(slot, &Plan::default(), Some(&entity));
        assert_eq!(draft.name, "state");
        assert!(finish(slot, &draft, Some(&entity)).is_err());
    }
}
