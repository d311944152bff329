//! What an edit makes of a plan. Pure. Invariant: what an edit made meaningless goes with it.

use contract::query::{Aggregate, Compare, Filter, GroupBy, Having, Measure, Op, Order, Plan};

use super::Slot;

/// The plan without a slot; `None` for what a plan cannot do without.
pub(crate) fn without(plan: &Plan, slot: Slot) -> Option<Plan> {
    fn remove<T>(list: &mut Vec<T>, at: Option<usize>) -> Option<()> {
        at.filter(|it| *it < list.len()).map(|it| {
            list.remove(it);
        })
    }
    let mut next = plan.clone();
    match slot {
        Slot::Entity => return None,
        Slot::Measure(at) => {
            remove(&mut next.measures, at)?;
            if next.measures.is_empty() {
                // A list of rows has another order.
                next.order = None;
            }
        }
        Slot::Group(at) => remove(&mut next.group_by, at)?,
        Slot::Per => next.per = None,
        Slot::Column(at) => remove(&mut next.columns, Some(at))?,
        Slot::Filter(at) => remove(&mut next.filters, at)?,
        Slot::Part(at) => remove(&mut next.part, at)?,
        Slot::Having(at) => remove(&mut next.having, at)?,
        Slot::Compare => next.compare = None,
        Slot::Order => next.order = None,
        Slot::Limit => next.limit = None,
        Slot::LimitPer => next.limit_per = None,
    }
    Some(settled(next))
}

/// The plan with an edit in a slot.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    Entity(String),
    Measure(Option<usize>, Measure),
    Group(Option<usize>, GroupBy),
    Per(GroupBy),
    Filter(Option<usize>, Filter),
    Part(Option<usize>, Filter),
    Having(Option<usize>, Having),
    Compare(Compare),
    Order(Order),
    Limit(u32),
    LimitPer(String),
}

pub(crate) fn with(plan: &Plan, edit: Edit) -> Plan {
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
        Edit::Measure(at, it) => {
            put(&mut next.measures, at, it);
            next.columns.clear();
        }
        Edit::Group(at, it) => {
            put(&mut next.group_by, at, it);
            if next.measures.is_empty() {
                // Groups without a figure mean nothing; how many is what is meant.
                next.measures.push(Measure::count());
                next.columns.clear();
            }
        }
        Edit::Per(per) => {
            next.per = Some(per);
            // Of how many there are, how many there are per something.
            for it in next.measures.iter_mut().filter(|it| it.function == Aggregate::Count) {
                it.function = Aggregate::Average;
            }
        }
        Edit::Filter(at, it) => put(&mut next.filters, at, it),
        Edit::Part(at, it) => put(&mut next.part, at, it),
        Edit::Having(at, it) => put(&mut next.having, at, it),
        Edit::Compare(it) => next.compare = Some(it),
        Edit::Order(it) => next.order = Some(it),
        Edit::Limit(it) => next.limit = Some(it),
        Edit::LimitPer(it) => next.limit_per = Some(it),
    }
    settled(next)
}

/// The time that a plan's filters bound, and could be compared over: one, by a beginning.
pub(super) fn bounded(plan: &Plan) -> Option<&str> {
    let mut bounds = plan.filters.iter().filter(|it| matches!(it.op, Op::Since | Op::Before));
    let first = bounds.next()?;
    let since = first.op == Op::Since || bounds.clone().any(|it| it.op == Op::Since);
    let one = bounds.all(|it| it.dimension == first.dimension);
    let grouped = plan.group_by.iter().any(|it| it.dimension == first.dimension);
    (!plan.measures.is_empty() && since && one && !grouped).then_some(first.dimension.as_str())
}

fn settled(mut plan: Plan) -> Plan {
    if plan.measures.is_empty() {
        plan.group_by.clear();
    }
    if plan.measures.iter().all(|it| it.function != Aggregate::Share) {
        plan.part.clear();
    } else if plan.part.is_empty() && plan.group_by.is_empty() {
        // A share of nothing in particular.
        plan.measures.retain(|it| it.function != Aggregate::Share);
        if plan.measures.is_empty() {
            plan.measures.push(Measure::count());
        }
    }
    plan.settle_per();
    if bounded(&plan).is_none() {
        plan.compare = None;
    }
    if !plan.measures.is_empty() {
        let keys: Vec<_> = plan.measures.iter().flat_map(|it| it.keys(plan.compare.is_some())).collect();
        let grouped = |name: &String| plan.group_by.iter().any(|it| it.dimension == *name);
        plan.order = plan.order.take().filter(|it| keys.contains(&it.by) || grouped(&it.by));
        plan.having.retain(|it| keys.contains(&it.by));
    }
    if plan.group_by.is_empty() {
        plan.having.clear();
    }
    let ranked = plan.group_by.len() > 1 && plan.order.is_some() && plan.limit.is_some();
    let grouped = |name: &String| plan.group_by.iter().any(|it| it.dimension == *name);
    plan.limit_per = plan.limit_per.take().filter(|it| ranked && grouped(it));
    plan
}
