//! Values that a plan compares with. Those of times may be relative, and stay so when a plan is kept and run again.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::words;

/// A value to compare with. Times are RFC 3339 texts, dates `2026-03-03` (that day's start in the asker's zone), or
/// relative to when the plan is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged, deny_unknown_fields)]
pub enum Value {
    Bool(bool),
    Number(f64),
    Text(String),
    /// The start of the day so many days ago.
    Ago {
        days_ago: u32,
    },
    /// Exactly so many hours before now.
    HoursAgo {
        hours_ago: u32,
    },
    /// The start of a week, month, quarter or year: `ago` 0 is the current one, 1 the one before.
    StartOf {
        start_of: CalendarPeriod,
        #[serde(default)]
        ago: u32,
    },
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The start of a period.
    #[must_use]
    pub fn start_of(start_of: CalendarPeriod, ago: u32) -> Self {
        Self::StartOf { start_of, ago }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(it) => f.write_str(if *it { "yes" } else { "no" }),
            Value::Number(it) => it.fmt(f),
            Value::Text(it) => f.write_str(it),
            Value::Ago { days_ago: 0 } => f.write_str("today"),
            Value::Ago { days_ago: 1 } => f.write_str("yesterday"),
            Value::Ago { days_ago } => write!(f, "{days_ago} days ago"),
            Value::HoursAgo { hours_ago: 1 } => f.write_str("1 hour ago"),
            Value::HoursAgo { hours_ago } => write!(f, "{hours_ago} hours ago"),
            Value::StartOf { start_of, ago } => write!(f, "the start of {}", start_of.ago(*ago)),
        }
    }
}

words! {
    /// A stretch of the calendar that a time can be relative to. The name is for people, too.
    pub enum CalendarPeriod {
        /// From Monday.
        Week = "week";
        Month = "month";
        Quarter = "quarter";
        Year = "year";
    }
}

impl CalendarPeriod {
    /// For people: `this month`, `last month`, `the month 3 months ago`.
    #[must_use]
    pub fn ago(self, ago: u32) -> String {
        let name = self.name();
        match ago {
            0 => format!("this {name}"),
            1 => format!("last {name}"),
            n => format!("the {name} {n} {name}s ago"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_values_are_told_apart_by_their_names() {
        for (text, value, words) in [
            (r#"{"days_ago":30}"#, Value::Ago { days_ago: 30 }, "30 days ago"),
            (r#"{"hours_ago":24}"#, Value::HoursAgo { hours_ago: 24 }, "24 hours ago"),
            (
                r#"{"start_of":"month","ago":1}"#,
                Value::start_of(CalendarPeriod::Month, 1),
                "the start of last month",
            ),
            (
                r#"{"start_of":"week","ago":3}"#,
                Value::start_of(CalendarPeriod::Week, 3),
                "the start of the week 3 weeks ago",
            ),
        ] {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
            assert_eq!(value.to_string(), words);
        }
        assert_eq!(
            serde_json::from_str::<Value>(r#"{"start_of":"year"}"#).unwrap(),
            Value::start_of(CalendarPeriod::Year, 0)
        );
        for text in [
            r#"{"days_ago":1,"hours_ago":1}"#,
            r#"{"start_of":"decade","ago":1}"#,
            r#"{"days_ago":-1}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
        }
    }
}
