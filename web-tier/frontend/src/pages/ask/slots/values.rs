//! What is typed into the form of a chip, as values of a plan. Pure. Invariant: a value reads as it is shown.

use contract::{
    catalog::{Dimension, Kind},
    query::{CalendarPeriod, Op, Value},
};

/// Periods further back than this are typed as days.
const FURTHEST: u32 = 60;

/// The values that a text means for a dimension, or why it means none. Several are separated by commas.
pub(crate) fn values(dimension: &Dimension, op: Op, text: &str) -> Result<Vec<Value>, String> {
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
        Kind::Number => number(text).map(Value::Number),
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

/// A number, with or without commas between thousands.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().replace(',', "").parse::<f64>().ok().filter(|it| it.is_finite());
    number.ok_or_else(|| format!("`{text}` is not a number."))
}

/// A day, or a time relative to now.
pub(crate) fn time(text: &str) -> Result<Value, String> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let of_unit = |units: &[&str]| {
        let number = units.iter().find_map(|unit| lower.strip_suffix(unit))?;
        number.trim().parse::<u32>().ok()
    };
    let days = match lower.as_str() {
        "today" => Some(0),
        "yesterday" => Some(1),
        _ => of_unit(&["days ago", "day ago", "days", "d"]),
    };
    if let Some(days_ago) = days {
        return Ok(Value::Ago { days_ago });
    }
    if let Some(hours_ago) = of_unit(&["hours ago", "hour ago", "hours", "h"]) {
        return Ok(Value::HoursAgo { hours_ago });
    }
    let bare = lower.trim_start_matches("the ").trim_start_matches("start of ");
    let periods = CalendarPeriod::ALL.iter().copied().flat_map(|it| (0..=FURTHEST).map(move |ago| (it, ago)));
    let mut named = periods
        .filter(|(it, ago)| it.ago(*ago).trim_start_matches("the ") == bare.trim_start_matches("the "));
    if let Some((period, ago)) = named.next() {
        return Ok(Value::start_of(period, ago));
    }
    let sound = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
        || chrono::DateTime::parse_from_rfc3339(text).is_ok();
    if sound {
        Ok(Value::text(text))
    } else {
        Err("Enter a day such as 2026-03-03, `30 days ago`, or `last month`.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(kind: Kind, values: &[&str]) -> Dimension {
        Dimension {
            name: "it".into(),
            label: "It".into(),
            synonyms: Vec::new(),
            kind,
            unit: None,
            ops: vec![Op::Is],
            aggregates: vec![],
            grains: vec![],
            groupable: true,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    #[test]
    fn values_are_read_by_the_kind_of_their_dimension() {
        let mode = dimension(Kind::Choice, &["ALWAYS_ON"]);
        assert_eq!(
            values(&mode, Op::Is, "always on, MANUAL"),
            Ok(vec![Value::text("ALWAYS_ON"), Value::text("MANUAL")])
        );
        let root = dimension(Kind::Number, &[]);
        assert_eq!(values(&root, Op::AtLeast, "1,000"), Ok(vec![Value::Number(1000.0)]));
        assert!(values(&root, Op::Is, "many").is_err() && values(&root, Op::Is, " ,").is_err());
        let last = dimension(Kind::Time, &[]);
        assert_eq!(values(&last, Op::Since, "2026-03-03"), Ok(vec![Value::text("2026-03-03")]));
        assert_eq!(values(&last, Op::Empty, ""), Ok(vec![]));
        assert!(values(&last, Op::Since, "2026-13-03").is_err());
    }

    #[test]
    fn a_time_reads_as_it_is_shown() {
        for value in [
            Value::Ago { days_ago: 0 },
            Value::Ago { days_ago: 1 },
            Value::Ago { days_ago: 30 },
            Value::HoursAgo { hours_ago: 1 },
            Value::HoursAgo { hours_ago: 24 },
            Value::start_of(CalendarPeriod::Month, 0),
            Value::start_of(CalendarPeriod::Quarter, 1),
            Value::start_of(CalendarPeriod::Year, 7),
            Value::text("2026-03-03"),
        ] {
            assert_eq!(time(&value.to_string()), Ok(value));
        }
        assert_eq!(time("Last Month"), Ok(Value::start_of(CalendarPeriod::Month, 1)));
        assert_eq!(time("24h"), Ok(Value::HoursAgo { hours_ago: 24 }));
    }
}
