//! What the plan on the screen names, for a question that may follow it up: its conditions, numbers and tags as slots, ahead
//! of those that the question holds.
//!
//! The model reads that plan as a line of its own language, with placeholders as in the question, and writes the whole plan
//! after. Invariant: no value of it is read by the model.

use contract::query::{Filter, Op, Plan, Value};

use super::{
    means::{About, Means, Number, TIME, labels},
    slots::Slot,
};
use crate::{
    catalog::{Catalog, Entity, check::Moment},
    questions::{conditions, times::Stretch},
};

/// A plan that names more than this the model does not read.
const MOST: usize = 8;

/// The slots of a plan; `None` where it is too long, or about nothing that the asker may read.
pub(super) fn slots(plan: &Plan, catalog: &Catalog, at: Moment) -> Option<Vec<Slot>> {
    let entity = catalog.entity(&plan.entity)?;
    let previous = Previous { plan, entity, catalog, at };
    let mut slots = previous.tags();
    slots.extend(previous.times());
    slots.extend(previous.conditions());
    slots.extend(previous.compared());
    slots.extend(previous.numbers());
    (slots.len() <= MOST).then_some(slots)
}

struct Previous<'a> {
    plan: &'a Plan,
    entity: &'static Entity,
    catalog: &'a Catalog,
    at: Moment,
}

impl Previous<'_> {
    fn slot(&self, label: impl Into<String>, means: impl Fn(About<'_>) -> Means) -> Slot {
        let about = |entity| About { entity, catalog: self.catalog, at: self.at };
        let means = self.catalog.entities().iter().copied().map(|it| means(about(it))).collect();
        Slot::of_previous(label.into(), means)
    }

    fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.plan.filters.iter().chain(&self.plan.part)
    }

    /// Tags that stand for themselves: as groups, columns, what is counted, or what is there at all.
    fn tags(&self) -> Vec<Slot> {
        let unary = self.filters().filter(|it| it.op.is_unary()).map(|it| &it.dimension);
        let groups = self.plan.group_by.iter().map(|it| &it.dimension);
        let measures = self.plan.measures.iter().filter_map(|it| it.of.as_ref());
        let order = self.plan.order.iter().map(|it| &it.by);
        let mut names: Vec<&String> = Vec::new();
        for name in groups.chain(unary).chain(measures).chain(&self.plan.columns).chain(order) {
            let is_tag = self.catalog.field(self.entity, name).is_some_and(|it| it.tag.is_some());
            if is_tag && !names.contains(&name) {
                names.push(name);
            }
        }
        let tag = |name: &String| {
            self.slot("tag", |about| {
                let here = conditions::carried_name(name, self.entity, about.entity, self.catalog);
                let tag = here.and_then(|it| about.field(&it));
                Means { tag, ..Means::default() }
            })
        };
        names.into_iter().map(tag).collect()
    }

    /// Each time with both its bounds.
    fn times(&self) -> Vec<Slot> {
        let mut slots = Vec::new();
        for filters in [&self.plan.filters, &self.plan.part] {
            let mut known: Vec<&str> = Vec::new();
            for it in filters.iter().filter(|it| matches!(it.op, Op::Since | Op::Before)) {
                if known.contains(&it.dimension.as_str()) {
                    continue;
                }
                known.push(&it.dimension);
                slots.push(self.time(&it.dimension, &conditions::stretch_of(&it.dimension, filters)));
            }
        }
        slots
    }

    fn time(&self, dimension: &str, stretch: &Stretch) -> Slot {
        let usual = dimension == self.entity.time;
        let label = match stretch.since {
            Some(_) if usual => TIME.to_owned(),
            Some(_) => format!("{TIME} {dimension}"),
            None => format!("before {dimension}"),
        };
        self.slot(label, |about| {
            if about.entity.name != self.entity.name && usual && stretch.since.is_some() {
                return about.time(stretch);
            }
            let here = conditions::carried_name(dimension, self.entity, about.entity, self.catalog);
            let sets = here.map(|it| conditions::of_stretch(&it, stretch));
            let alternatives = about.alternatives(sets.into_iter().collect());
            let stretch = (usual && stretch.since.is_some()).then(|| stretch.clone());
            let known = |it: &Stretch| about.takes(&conditions::of_stretch(about.entity.time, it));
            let before = stretch.as_ref().and_then(Stretch::one_before).filter(known);
            let own = before.as_ref().filter(|_| about.entity.name == self.entity.name);
            let earlier = own.map(|it| conditions::of_stretch(dimension, it)).unwrap_or_default();
            Means { alternatives, stretch, before, earlier, ..Means::default() }
        })
    }

    /// Conditions on values, each as one that is not turned; flags and emptiness have words of their own.
    fn conditions(&self) -> Vec<Slot> {
        let is_flag = |it: &&Filter| matches!(it.values.first(), Some(Value::Bool(_)));
        let of_values = self.filters().filter(|it| !it.op.is_unary() && !is_flag(it));
        let of_values = of_values.filter(|it| !matches!(it.op, Op::Since | Op::Before));
        let slot = |it: &Filter| {
            let it = match it.op {
                Op::IsNot => conditions::turn(it.clone()).unwrap_or_else(|| it.clone()),
                _ => it.clone(),
            };
            let label = match it.values.first() {
                Some(Value::Number(_)) => format!("{} {}", it.op.name(), it.dimension),
                _ => labels(std::slice::from_ref(&it)).join("|"),
            };
            self.slot(label, |about| {
                let here = conditions::carried_name(&it.dimension, self.entity, about.entity, self.catalog);
                let sets = here.map(|dimension| vec![Filter { dimension, ..it.clone() }]);
                Means { alternatives: about.alternatives(sets.into_iter().collect()), ..Means::default() }
            })
        };
        of_values.map(slot).collect()
    }

    /// What is compared with, where it is not simply the stretch before.
    fn compared(&self) -> Option<Slot> {
        let compare = self.plan.compare.as_ref()?;
        let own = conditions::stretch_of(self.entity.time, &self.plan.filters);
        let other = Stretch::between(Some(compare.since.clone()), compare.before.clone());
        let is_other = |it: Stretch| (it.since, it.before) == (other.since.clone(), other.before.clone());
        (!own.one_before().is_some_and(is_other)).then(|| self.time(self.entity.time, &other))
    }

    /// Conditions on figures, and the limit.
    fn numbers(&self) -> Vec<Slot> {
        let number = |label: &str, value: f64, op: Option<Op>| {
            let number = Some(Number { value, unit: None, op });
            self.slot(label, |_| Means { number, ..Means::default() })
        };
        let having = self.plan.having.iter().map(|it| number(it.op.name(), it.value, Some(it.op)));
        let limit = self.plan.limit.filter(|it| *it != 1);
        having.chain(limit.map(|it| number("number", f64::from(it), None))).collect()
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        catalog::sentence,
        questions::grammar::{
            Said, Slots,
            tests::{at, catalog, stored},
        },
    };

    fn plan(json: Json) -> Plan {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_follows_up_is_read_after_the_plan_before() {
        let before = plan(json!({
            "entity": "usage",
            "measures": [{"function": "sum", "of": "billable_hours"}],
            "group_by": [{"dimension": "desktop.tags.Zebra"}],
            "filters": [
                {"dimension": "day", "op": "since", "values": [{"start_of": "month", "ago": 1}]},
                {"dimension": "day", "op": "before", "values": [{"start_of": "month", "ago": 0}]},
                {"dimension": "directory", "op": "is_not", "values": ["corp.zzyx.test"]},
            ],
            "having": [{"by": "sum_billable_hours", "op": "more_than", "value": 80}],
            "order": {"by": "sum_billable_hours", "descending": true},
            "limit": 7,
        }));
        let catalog = catalog(Role::Admin);
        let after =
            |question: &str| Slots::after(&before, &question.into(), &catalog, &stored(question), at());
        let slots = after("and in Dublin, for zz-prod-7?").unwrap();
        assert_eq!(
            slots.masked(),
            "after usage sum billable_hours with (v2: time) not (v3: directory) by (v1: tag) having (v4: more_than) \
         top (v5: number) : and in (v6: region), for (v7: account|name)?"
        );
        let said = |line: &str| match slots.parse(line) {
            Some(Said::Plan(it)) => sentence::plan(&it, &catalog),
            other => format!("{other:?}"),
        };
        assert_eq!(
            said("usage sum billable_hours with earlier v2 not v3 v6 by v1 having v4 top v5"),
            "total billable hours the month 2 months ago with directory other than corp.zzyx.test in eu-west-1, by desktop's \
         tag Zebra, only where total billable hours more than 80 h, the 7 with the highest total billable hours"
        );
        assert_eq!(
            said("workspaces count with v3 v6 by v1"),
            "number of desktops with directory corp.zzyx.test in eu-west-1, by tag Zebra"
        );
        assert_eq!(
            said("billing sum cost over v2 vs before with v7"),
            "total cost last month with account zz-prod-7, compared with the month 2 months ago"
        );
        assert!(
            slots.is_used_up("usage sum billable_hours with v6 v7")
                && !slots.is_used_up("usage list with v2 v6")
        );
        let week = plan(json!({
            "entity": "usage", "measures": [{"function": "sum", "of": "billable_hours"}],
            "filters": [{"dimension": "day", "op": "since", "values": [{"days_ago": 7}]}], "limit": null
        }));
        let fortnight = plan(json!({
            "entity": "usage", "measures": [{"function": "sum", "of": "billable_hours"}],
            "filters": [{"dimension": "day", "op": "since", "values": [{"days_ago": 14}]},
                {"dimension": "day", "op": "before", "values": [{"days_ago": 7}]}]
        }));
        let slots = Slots::after(&week, &"and before that?".into(), &catalog, &[], at()).unwrap();
        assert_eq!(slots.write(&fortnight).unwrap(), "usage sum billable_hours with earlier v1");
        // What was said now goes before what stands on the screen.
        let slots = after("the top 7 of last month").unwrap();
        let line = slots.write(&Plan { having: Vec::new(), ..before.clone() }).unwrap();
        assert_eq!(line, "usage sum billable_hours with v2 not v3 v7 by v1 top v6");
        assert!(
            Slots::after(&before, &"and last week?".into(), &Catalog::for_role(Role::Requester), &[], at())
                .is_none()
        );
        let unsaid = Plan { order: None, ..before.clone() };
        assert!(Slots::after(&unsaid, &"and last week?".into(), &catalog, &[], at()).is_none());
    }
}
