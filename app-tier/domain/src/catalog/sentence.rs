//! A plan in words, and its result in one sentence. The numbers come from the rows, never from a model.

mod conditions;
mod summary;

use contract::query::{Aggregate, GroupBy, Having, Measure, Plan, Value};

use self::conditions::{conditions, stretch};
pub use self::summary::{Summary, summary};
use super::{Catalog, Entity, Field};

/// The plan as a sentence without a full stop: `number of desktops in eu-west-1 with state STOPPED, by bundle`.
#[must_use]
pub fn plan(plan: &Plan, catalog: &Catalog) -> String {
    let Some(entity) = catalog.entity(&plan.entity) else { return plan.entity.clone() };
    let words = Words { plan, catalog, entity };
    let mut text = words.subject();
    for condition in conditions(&plan.filters, words.own_time(), |name| words.field(name)) {
        text.push(' ');
        text.push_str(&condition);
    }
    text.push_str(&words.groups());
    text.push_str(&words.having());
    if let Some(other) = &plan.compare {
        let other = stretch(Some(&other.since), other.before.as_ref());
        text.push_str(&format!(", compared with {}", other.strip_prefix("in ").unwrap_or(&other)));
    }
    text.push_str(&words.order());
    text
}

/// What a plan's names are called.
struct Words<'a> {
    plan: &'a Plan,
    catalog: &'a Catalog,
    entity: &'static Entity,
}

impl Words<'_> {
    fn field(&self, name: &str) -> Option<Field> {
        self.catalog.field(self.entity, name)
    }

    fn label(&self, name: &str) -> String {
        self.field(name).map_or_else(|| name.to_owned(), |it| it.label)
    }

    fn subject(&self) -> String {
        if self.plan.measures.is_empty() {
            return self.entity.plural.to_owned();
        }
        let figures: Vec<_> = self.plan.measures.iter().map(|it| self.whole_figure(it)).collect();
        let figures = figures.join(" and ");
        // An average number says of what.
        if self.plan.measures.iter().all(|it| it.function == Aggregate::Average && it.of.is_none()) {
            return figures;
        }
        // "The total cost" says whose it is, where all rows are slices of the same.
        let sums = self.plan.measures.iter().all(|it| it.of.is_some() && it.function != Aggregate::Distinct);
        if self.entity.words.sliced && sums {
            return figures;
        }
        format!("{figures} of {}", self.entity.plural)
    }

    /// The time that a question is about where it names none. Of desktops it has to be named.
    fn own_time(&self) -> Option<&'static str> {
        self.entity.activity.is_none().then_some(self.entity.time)
    }

    /// A share says what it is of.
    fn whole_figure(&self, it: &Measure) -> String {
        let figure = match &self.plan.per {
            Some(per) => format!("{} per {}", self.figure(it), self.group(per)),
            None => self.figure(it),
        };
        if it.function != Aggregate::Share || self.plan.part.is_empty() {
            return figure;
        }
        let part: Vec<_> = conditions(&self.plan.part, self.own_time(), |name| self.field(name)).collect();
        format!("{figure} ({})", part.join(" "))
    }

    fn figure(&self, it: &Measure) -> String {
        match (it.function, &it.of) {
            (Aggregate::Share, None) => "share".to_owned(),
            (Aggregate::Average, None) => format!("average number of {}", self.entity.plural),
            (_, None) => "number".to_owned(),
            (Aggregate::Distinct, Some(of)) => match self.field(of) {
                Some(it) if it.tag.is_none() => format!("number of different {}", plural(&it.label)),
                _ => format!("number of different values of {}", self.label(of)),
            },
            (Aggregate::Share, Some(of)) => format!("share of {}", self.label(of)),
            (Aggregate::Sum, Some(of)) => format!("total {}", self.label(of)),
            (Aggregate::Minimum, Some(of)) => format!("lowest {}", self.label(of)),
            (Aggregate::Maximum, Some(of)) => format!("highest {}", self.label(of)),
            (function, Some(of)) => format!("{} {}", function.name(), self.label(of)),
        }
    }

    /// A figure, or a group, by the key of an order or a condition.
    fn by(&self, key: &str) -> String {
        for it in &self.plan.measures {
            let figure = self.figure(it);
            match key {
                key if key == it.key() => return figure,
                key if key == it.key_before() => return format!("{figure} before"),
                key if key == it.key_change() => return format!("change of {figure}"),
                key if key == it.key_growth() => return format!("growth of {figure}"),
                _ => {}
            }
        }
        self.label(key)
    }

    fn groups(&self) -> String {
        if self.plan.group_by.is_empty() {
            return String::new();
        }
        let groups = self.plan.group_by.iter().map(|it| self.group(it));
        format!(", by {}", groups.collect::<Vec<_>>().join(" and "))
    }

    fn group(&self, it: &GroupBy) -> String {
        match it.grain {
            None => self.label(&it.dimension),
            Some(grain) if self.own_time() == Some(it.dimension.as_str()) => grain.name().to_owned(),
            Some(grain) => format!("{} of {}", grain.name(), self.label(&it.dimension)),
        }
    }

    fn having(&self) -> String {
        if self.plan.having.is_empty() {
            return String::new();
        }
        let conditions = self.plan.having.iter().map(|Having { by, op, value }| {
            let measure = self.plan.measures.iter().find(|it| it.keys(true).contains(by));
            let unit = match measure {
                Some(it) if it.function == Aggregate::Share || *by == it.key_growth() => " %".to_owned(),
                Some(Measure { function: Aggregate::Distinct, .. }) | None => String::new(),
                Some(it) => {
                    let field = it.of.as_deref().and_then(|name| self.field(name));
                    field.and_then(|it| it.unit).map_or_else(String::new, |it| format!(" {it}"))
                }
            };
            format!("{} {} {}{unit}", self.by(by), op.label(), Value::Number(*value))
        });
        format!(", only where {}", conditions.collect::<Vec<_>>().join(" and "))
    }

    fn order(&self) -> String {
        let per = self
            .plan
            .limit_per
            .as_ref()
            .map_or_else(String::new, |it| format!(" for each {}", self.label(it)));
        let Some(order) = &self.plan.order else {
            return self.plan.limit.map_or_else(String::new, |limit| format!(", the first {limit}{per}"));
        };
        let by = self.by(&order.by);
        match (self.plan.limit, order.descending) {
            (Some(1), true) => format!(", the one with the highest {by}{per}"),
            (Some(1), false) => format!(", the one with the lowest {by}{per}"),
            (Some(limit), true) => format!(", the {limit} with the highest {by}{per}"),
            (Some(limit), false) => format!(", the {limit} with the lowest {by}{per}"),
            (None, true) => format!(", highest {by} first"),
            (None, false) => format!(", lowest {by} first"),
        }
    }
}

/// Of a label of the catalog: English nouns, and "decided by", which names people.
fn plural(label: &str) -> String {
    if label.ends_with(" by") {
        return format!("people ({label})");
    }
    match label.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if label.ends_with('s') => format!("{label}es"),
        _ => format!("{label}s"),
    }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use serde_json::json;

    use super::*;

    fn words(value: serde_json::Value) -> String {
        plan(&serde_json::from_value(value).unwrap(), &Catalog::for_role(Role::Viewer))
    }

    #[test]
    fn plans_read_as_people_would_say_them() {
        assert_eq!(words(json!({"entity": "workspaces"})), "desktops");
        assert_eq!(
            words(
                json!({"entity": "workspaces", "measures": [{"function": "average"}], "per": {"dimension": "user_name"},
                "group_by": [{"dimension": "region"}]})
            ),
            "average number of desktops per user, by region"
        );
        assert_eq!(
            words(json!({"entity": "billing", "measures": [{"function": "average", "of": "cost"}],
                "per": {"dimension": "month", "grain": "month"}})),
            "average cost per month"
        );
        assert_eq!(
            words(json!({"entity": "workspaces", "measures": [{"function": "average"}],
                "per": {"dimension": "last_connected_at", "grain": "day"}})),
            "average number of desktops per day of last connection"
        );
        assert_eq!(
            words(
                json!({"entity": "workspaces", "measures": [{"function": "average", "of": "root_volume_gib"}],
                "filters": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}, {"dimension": "region", "op": "is", "values": ["eu-west-1"]},
                    {"dimension": "last_connected_at", "op": "since", "values": [{"days_ago": 30}]}],
                "group_by": [{"dimension": "bundle"}], "order": {"by": "average_root_volume_gib", "descending": true}, "limit": 5})
            ),
            "average root volume of desktops with running mode ALWAYS_ON in eu-west-1 with last connection since 30 days ago, by bundle, the 5 with the highest average root volume"
        );
        assert_eq!(
            words(
                json!({"entity": "workspaces", "filters": [{"dimension": "last_connected_at", "op": "empty"},
                {"dimension": "root_volume_gib", "op": "at_least", "values": [100]}]})
            ),
            "desktops without last connection with root volume at least 100 GiB"
        );
    }

    #[test]
    fn every_part_of_a_plan_is_said() {
        for (plan, expected) in [
            (
                json!({"entity": "workspaces", "measures": [{"function": "share"}],
                    "filters": [{"dimension": "region", "op": "is", "values": ["eu-central-1"]}],
                    "part": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]}),
                "share (with running mode ALWAYS_ON) of desktops in eu-central-1",
            ),
            (
                json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}], "group_by": [{"dimension": "account"}],
                    "filters": [{"dimension": "month", "op": "since", "values": [{"start_of": "month", "ago": 0}]}],
                    "compare": {"since": {"start_of": "month", "ago": 1}, "before": {"start_of": "month", "ago": 0}},
                    "order": {"by": "sum_cost_change", "descending": true}}),
                "total cost this month, by account, compared with last month, highest change of total cost first",
            ),
            (
                json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
                    "group_by": [{"dimension": "account"}, {"dimension": "user_name"}],
                    "order": {"by": "sum_cost", "descending": true}, "limit": 3, "limit_per": "account"}),
                "total cost, by account and user, the 3 with the highest total cost for each account",
            ),
            (
                json!({"entity": "usage", "measures": [{"function": "sum", "of": "billable_hours"}, {"function": "distinct", "of": "workspace_id"}],
                    "group_by": [{"dimension": "desktop.operating_system"}],
                    "filters": [{"dimension": "day", "op": "since", "values": [{"days_ago": 1}]}, {"dimension": "day", "op": "before", "values": [{"days_ago": 0}]}],
                    "having": [{"by": "sum_billable_hours", "op": "more_than", "value": 80}]}),
                "total billable hours and number of different desktops of days of use yesterday, by desktop's operating system, only where total billable hours more than 80 h",
            ),
        ] {
            assert_eq!(words(plan), expected);
        }
    }
}
