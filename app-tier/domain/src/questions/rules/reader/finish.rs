//! From what was filed to the plans that it can mean.

use contract::{
    catalog::Kind,
    query::{Aggregate, Filter, GroupBy, Measure, Order, Plan, Value},
};

use super::Reader;
use crate::questions::rules::Outcome;

impl Reader {
    /// What all of it means together.
    pub(in crate::questions::rules) fn finish(mut self) -> Outcome {
        if self.figure.is_some()
            || self.compare.is_some()
            || self.negation.is_some()
            || self.awaits_limit && self.ranking.is_none()
        {
            self.certain = false;
        }
        let several_groups = !self.plan.group_by.is_empty();
        if self.plan.measures.is_empty() && (self.count || several_groups) {
            self.plan.measures.push(Measure::count());
        } else if self.count
            && !self.edits
            && self.plan.measures.iter().all(|it| it.function != Aggregate::Count)
        {
            self.plan.measures.insert(0, Measure::count());
        }
        if !self.plan.measures.is_empty() && !self.plan.columns.is_empty() {
            // "which region has the most desktops": what was listed is what is grouped by.
            if self.plan.group_by.is_empty() && self.ranking.is_some() {
                self.plan.group_by = self.plan.columns.drain(..).map(GroupBy::values).collect();
            } else {
                self.certain = false;
            }
        }
        self.rank();
        if !self.plan.columns.is_empty() && !self.plan.columns.iter().any(|it| it == self.entity.key) {
            self.plan.columns.insert(0, self.entity.key.to_owned());
        }
        let guess = Some(self.plan.clone());
        let readings = self.readings();
        match (self.certain, readings.len()) {
            (true, 1) => readings.into_iter().next().map_or(Outcome::Unsure { guess }, Outcome::Certain),
            (true, 2..) => Outcome::Ambiguous(readings),
            _ => Outcome::Unsure { guess: readings.into_iter().next().or(guess) },
        }
    }

    fn rank(&mut self) {
        let Some((descending, limit)) = self.ranking else { return };
        if self.plan.measures.is_empty() && self.order_by.is_none() && !self.plan.columns.is_empty() {
            // "which region has the most desktops"
            self.plan.group_by = self.plan.columns.drain(..).map(GroupBy::values).collect();
            self.plan.measures.push(Measure::count());
        }
        let by = match (&self.order_by, self.plan.measures.first()) {
            (Some(name), None) => name.clone(),
            (Some(name), Some(_)) => {
                let figure = Measure { function: Aggregate::Average, of: Some(name.clone()) };
                match self.plan.measures.iter().find(|it| it.of.as_ref() == Some(name)) {
                    Some(measure) => measure.key(),
                    None => {
                        self.certain = false;
                        figure.key()
                    }
                }
            }
            (None, Some(measure)) if !self.plan.group_by.is_empty() => measure.key(),
            _ => return self.certain = false,
        };
        self.plan.order = Some(Order { by, descending });
        self.plan.limit = Some(limit);
    }

    /// One plan per combination of what could be meant; more than three are too many to ask.
    fn readings(&mut self) -> Vec<Plan> {
        let mut plans = vec![self.plan.clone()];
        for (op, number, unit) in std::mem::take(&mut self.loose) {
            let fields = self
                .entity
                .dimensions
                .iter()
                .filter(|it| it.kind == Kind::Number && unit.is_some() && it.unit == unit);
            let filters: Vec<_> = fields.map(|it| Filter::new(it.name, op, Value::Number(number))).collect();
            if filters.is_empty() {
                self.certain = false;
                continue;
            }
            plans = multiply(&plans, &filters);
        }
        for (candidates, op) in std::mem::take(&mut self.ambiguous) {
            let filters: Vec<_> =
                candidates.into_iter().map(|(field, value)| Filter::new(field, op, value)).collect();
            plans = multiply(&plans, &filters);
        }
        plans.truncate(3);
        plans
    }
}

fn multiply(plans: &[Plan], filters: &[Filter]) -> Vec<Plan> {
    let with = |plan: &Plan, filter: &Filter| {
        let mut plan = plan.clone();
        plan.filters.push(filter.clone());
        plan
    };
    plans.iter().flat_map(|plan| filters.iter().map(move |filter| with(plan, filter))).collect()
}
