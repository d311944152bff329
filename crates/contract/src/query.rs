//! Query plans: what a question means, in a form that can be checked, shown as chips and turned into one SELECT.
//!
//! Deliberately not SQL: a plan names only what the catalog holds, and values stand apart from names.

use serde::{Deserialize, Serialize};

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
    /// Dimensions shown in a list; empty shows the entity's own choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// All of them must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A figure: the number of rows, or an aggregate of a numeric dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub function: Aggregate,
    /// The dimension; none for `count`.
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
}

/// How many rows become one figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
}

impl Aggregate {
    pub const ALL: [Aggregate; 5] =
        [Aggregate::Count, Aggregate::Sum, Aggregate::Average, Aggregate::Minimum, Aggregate::Maximum];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::Average => "average",
            Aggregate::Minimum => "minimum",
            Aggregate::Maximum => "maximum",
        }
    }
}

/// One group per value, or per day, week or month of a time.
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

/// How finely time is cut, in the asker's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    Day,
    Week,
    Month,
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

/// How a dimension is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Is,
    IsNot,
    /// Case-insensitive part of a text.
    Contains,
    AtLeast,
    AtMost,
    MoreThan,
    LessThan,
    /// At or after a time.
    Since,
    /// Before a time. A time that never was (a desktop never connected) counts as before.
    Before,
    /// Has no value.
    Empty,
    NotEmpty,
}

impl Op {
    pub const ALL: [Op; 11] = [
        Op::Is,
        Op::IsNot,
        Op::Contains,
        Op::AtLeast,
        Op::AtMost,
        Op::MoreThan,
        Op::LessThan,
        Op::Since,
        Op::Before,
        Op::Empty,
        Op::NotEmpty,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Op::Is => "is",
            Op::IsNot => "is_not",
            Op::Contains => "contains",
            Op::AtLeast => "at_least",
            Op::AtMost => "at_most",
            Op::MoreThan => "more_than",
            Op::LessThan => "less_than",
            Op::Since => "since",
            Op::Before => "before",
            Op::Empty => "empty",
            Op::NotEmpty => "not_empty",
        }
    }

    /// For chips and sentences.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Op::Is => "is",
            Op::IsNot => "is not",
            Op::Contains => "contains",
            Op::AtLeast => "at least",
            Op::AtMost => "at most",
            Op::MoreThan => "more than",
            Op::LessThan => "less than",
            Op::Since => "since",
            Op::Before => "before",
            Op::Empty => "is empty",
            Op::NotEmpty => "is not empty",
        }
    }

    /// Whether it stands without a value.
    #[must_use]
    pub fn is_unary(self) -> bool {
        matches!(self, Op::Empty | Op::NotEmpty)
    }
}

/// A value to compare with. Times are RFC 3339 texts, dates `2026-03-03` (that day's start in the asker's zone), or
/// [`Value::Ago`], which stays relative when a plan is kept and run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Value {
    Bool(bool),
    Number(f64),
    Text(String),
    Ago { days_ago: u32 },
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Bool(it) => f.write_str(if *it { "yes" } else { "no" }),
            Value::Number(it) => it.fmt(f),
            Value::Text(it) => f.write_str(it),
            Value::Ago { days_ago: 0 } => f.write_str("today"),
            Value::Ago { days_ago: 1 } => f.write_str("yesterday"),
            Value::Ago { days_ago } => write!(f, "{days_ago} days ago"),
        }
    }
}

/// The order of rows or groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// A dimension of the answer, or a measure's [`Measure::key`].
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
    fn an_unknown_field_or_operator_is_refused() {
        assert!(serde_json::from_str::<Plan>(r#"{"entity":"workspaces","sql":"drop table users"}"#).is_err());
        assert!(
            serde_json::from_str::<Filter>(r#"{"dimension":"state","op":"like","values":["%"]}"#).is_err()
        );
    }
}
