//! Query plans: what a question means, in a form that can be checked, shown as chips and turned into one SELECT.
//!
//! Deliberately not SQL: a plan names only what the catalog holds, and values stand apart from names.

mod value;

use serde::{Deserialize, Serialize};

use crate::names::words;

pub use self::value::{CalendarPeriod, Value};

/// A typed question. An empty `measures` asks for rows, otherwise for figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// `workspaces`, …: a name of the catalog.
    pub entity: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<GroupBy>,
    /// What the averages of `measures` are per: the total, divided by how many different ones there are, each counted once. Rows
    /// without one are left out. None: averages are per row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<GroupBy>,
    /// Dimensions shown in a list; empty shows the entity's own choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// All of them must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// What a [`Aggregate::Share`] is the share of: of the rows that fulfil `filters`, those that fulfil these too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part: Vec<Filter>,
    /// Conditions on the figures of a group. All of them must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub having: Vec<Having>,
    /// The same figures over another stretch of time, beside the plan's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The limit counts for each value of this dimension, one of `group_by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_per: Option<String>,
}

impl Plan {
    /// After an edit: what is no average any more, or is grouped by what it was per, is per nothing; and an average number that
    /// is per nothing is a number.
    pub fn settle_per(&mut self) {
        let averages =
            !self.measures.is_empty() && self.measures.iter().all(|it| it.function == Aggregate::Average);
        let groups = &self.group_by;
        let grouped = |per: &GroupBy| groups.iter().any(|it| it.dimension == per.dimension);
        self.per = self.per.take().filter(|per| averages && !grouped(per));
        if self.per.is_none() {
            let of_nothing = |it: &&mut Measure| it.function == Aggregate::Average && it.of.is_none();
            self.measures.iter_mut().filter(of_nothing).for_each(|it| *it = Measure::count());
        }
    }
}

/// A figure: the number of rows, or what is computed of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub function: Aggregate,
    /// The dimension; none for `count`, for a `share` of rows, and for an `average` number of rows ([`Plan::per`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

impl Measure {
    /// The number of rows.
    #[must_use]
    pub fn count() -> Self {
        Self { function: Aggregate::Count, of: None }
    }

    /// The column's name in the answer and in [`Order::by`]: `count`, `average_root_volume_gib`.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.of {
            None => self.function.name().to_owned(),
            Some(of) => format!("{}_{of}", self.function.name()),
        }
    }

    /// The key of the same figure over the other stretch of [`Plan::compare`].
    #[must_use]
    pub fn key_before(&self) -> String {
        format!("{}_before", self.key())
    }

    /// The key of the plan's own figure less the other.
    #[must_use]
    pub fn key_change(&self) -> String {
        format!("{}_change", self.key())
    }

    /// The key of that change in percent of the other, which has none where the other is 0.
    #[must_use]
    pub fn key_growth(&self) -> String {
        format!("{}_growth", self.key())
    }

    /// Every key that the figure has in an answer, in the order of its columns. Shares, which are percent themselves, have no growth.
    #[must_use]
    pub fn keys(&self, compared: bool) -> Vec<String> {
        let mut keys = vec![self.key()];
        if compared {
            keys.extend([self.key_before(), self.key_change()]);
            keys.extend((self.function != Aggregate::Share).then(|| self.key_growth()));
        }
        keys
    }
}

words! {
    /// How many rows become one figure.
    pub enum Aggregate {
        Count = "count";
        Sum = "sum";
        Average = "average";
        Minimum = "minimum";
        Maximum = "maximum";
        /// How many different values there are.
        Distinct = "distinct";
        /// Percent: of rows, or of the sum of a number. With [`Plan::part`] of what fulfils that too, else of all groups.
        Share = "share";
    }
}

/// One group per value, or per stretch of a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupBy {
    pub dimension: String,
    /// Needed for times, refused for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
}

impl GroupBy {
    /// By the values of a dimension that is not a time.
    pub fn values(dimension: impl Into<String>) -> Self {
        Self { dimension: dimension.into(), grain: None }
    }
}

words! {
    /// How finely time is cut, in the asker's time zone; the finest first. The name is for people, too.
    #[derive(PartialOrd, Ord)]
    pub enum Grain {
        Hour = "hour";
        Day = "day";
        /// From Monday.
        Week = "week";
        Month = "month";
        Quarter = "quarter";
        Year = "year";
    }
}

/// A condition on one dimension. Several values of `is` and `contains` are alternatives; `is_not` excludes all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub dimension: String,
    pub op: Op,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl Filter {
    /// A condition with one value.
    pub fn new(dimension: impl Into<String>, op: Op, value: Value) -> Self {
        Self { dimension: dimension.into(), op, values: vec![value] }
    }
}

words! {
    /// How a dimension is compared.
    pub enum Op {
        Is = "is", "is";
        IsNot = "is_not", "is not";
        /// Case-insensitive part of a text.
        Contains = "contains", "contains";
        AtLeast = "at_least", "at least";
        AtMost = "at_most", "at most";
        MoreThan = "more_than", "more than";
        LessThan = "less_than", "less than";
        /// At or after a time.
        Since = "since", "since";
        /// Before a time. A time that never was (a desktop never connected) counts as before.
        Before = "before", "before";
        /// Has no value.
        Empty = "empty", "is empty";
        NotEmpty = "not_empty", "is not empty";
    }
}

impl Op {
    /// Whether it stands without a value.
    #[must_use]
    pub fn is_unary(self) -> bool {
        matches!(self, Op::Empty | Op::NotEmpty)
    }
}

/// A condition on a figure, of each group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Having {
    /// One of [`Measure::keys`].
    pub by: String,
    /// One of [`Having::OPS`].
    pub op: Op,
    pub value: f64,
}

impl Having {
    pub const OPS: [Op; 6] = [Op::Is, Op::IsNot, Op::AtLeast, Op::AtMost, Op::MoreThan, Op::LessThan];
}

/// Another stretch of the time that the plan's filters bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    pub since: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
}

/// The order of rows or groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// A dimension of the answer, or one of a measure's [`Measure::keys`].
    pub by: String,
    #[serde(default)]
    pub descending: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_reads_as_it_is_written() {
        let text = r#"{"entity":"workspaces","measures":[{"function":"average","of":"root_volume_gib"}],
            "group_by":[{"dimension":"region"}],"filters":[{"dimension":"last_connected_at","op":"before","values":[{"days_ago":30}]},
            {"dimension":"root_volume_gib","op":"at_least","values":[100]},{"dimension":"root_encrypted","op":"is","values":[true]}],
            "order":{"by":"average_root_volume_gib","descending":true},"limit":5}"#;
        let plan: Plan = serde_json::from_str(text).unwrap();
        assert_eq!(plan.measures[0].key(), "average_root_volume_gib");
        assert_eq!(plan.filters[0].values, [Value::Ago { days_ago: 30 }]);
        assert_eq!(plan.filters[1].values, [Value::Number(100.0)]);
        assert_eq!(plan.filters[2].values, [Value::Bool(true)]);
        assert_eq!(serde_json::from_value::<Plan>(serde_json::to_value(&plan).unwrap()).unwrap(), plan);
    }

    #[test]
    fn every_part_of_a_plan_reads_as_it_is_written() {
        let text = r#"{"entity":"billing","measures":[{"function":"share","of":"cost"},{"function":"distinct","of":"user_name"}],
            "group_by":[{"dimension":"account"},{"dimension":"month","grain":"quarter"}],
            "filters":[{"dimension":"month","op":"since","values":[{"start_of":"year","ago":0}]}],
            "part":[{"dimension":"service","op":"is","values":["Amazon WorkSpaces"]}],
            "having":[{"by":"distinct_user_name","op":"at_least","value":2}],
            "compare":{"since":{"start_of":"year","ago":1},"before":{"start_of":"year","ago":0}},
            "order":{"by":"share_cost_change","descending":true},"limit":3,"limit_per":"account"}"#;
        let plan: Plan = serde_json::from_str(text).unwrap();
        assert_eq!(plan.measures[0].keys(true), ["share_cost", "share_cost_before", "share_cost_change"]);
        assert_eq!(plan.having[0].value, 2.0);
        assert_eq!(serde_json::from_value::<Plan>(serde_json::to_value(&plan).unwrap()).unwrap(), plan);
        let bare = Plan { entity: "billing".into(), ..Plan::default() };
        assert_eq!(
            serde_json::to_string(&bare).unwrap(),
            r#"{"entity":"billing"}"#,
            "old plans stay as they are"
        );
    }

    #[test]
    fn an_unknown_field_or_operator_is_refused() {
        assert!(serde_json::from_str::<Plan>(r#"{"entity":"workspaces","sql":"drop table users"}"#).is_err());
        assert!(
            serde_json::from_str::<Filter>(r#"{"dimension":"state","op":"like","values":["%"]}"#).is_err()
        );
    }
}
