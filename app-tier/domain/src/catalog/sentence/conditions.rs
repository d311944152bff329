//! Filters in words. Two that bound one time are one stretch of it.

use chrono::{Datelike, Months, NaiveDate};
use contract::{
    catalog::Kind,
    query::{Filter, Op, Value},
};

use crate::catalog::{Clock, Field};

/// Each filter in words, in order; `field` is what a name stands for. The time `own` goes without saying.
pub(super) fn conditions<'a>(
    filters: &'a [Filter],
    own: Option<&'a str>,
    field: impl Fn(&str) -> Option<Field> + 'a,
) -> impl Iterator<Item = String> + 'a {
    filters.iter().enumerate().filter_map(move |(n, filter)| {
        let field = field(&filter.dimension);
        let other = |op: Op| filters.iter().position(|it| it.op == op && it.dimension == filter.dimension);
        match (filter.op, other(Op::Since), other(Op::Before)) {
            // Said together, where the first of them stands.
            (Op::Since | Op::Before, Some(since), Some(before)) => (n == since.min(before)).then(|| {
                let value = |n: usize| filters.get(n).and_then(|it| it.values.first());
                timed(filter, own, field.as_ref(), value(since), value(before))
            }),
            (Op::Since, Some(_), None) => {
                Some(timed(filter, own, field.as_ref(), filter.values.first(), None))
            }
            (Op::Before, None, Some(_)) => {
                Some(timed(filter, own, field.as_ref(), None, filter.values.first()))
            }
            _ => Some(condition(filter, field.as_ref())),
        }
    })
}

/// A stretch of a time, which is named unless it is the rows' own.
fn timed(
    filter: &Filter,
    own: Option<&str>,
    field: Option<&Field>,
    since: Option<&Value>,
    before: Option<&Value>,
) -> String {
    if own == Some(filter.dimension.as_str()) {
        return stretch(since, before);
    }
    format!("with {} {}", label(filter, field), within(since, before))
}

/// `last month`, `yesterday`, `in October 2026`, `since 30 days ago`, `from 2026-03-03 to before 2026-03-05`.
pub(super) fn stretch(since: Option<&Value>, before: Option<&Value>) -> String {
    match (since, before) {
        (Some(Value::StartOf { start_of, ago: 0 }), None) => start_of.ago(0),
        (Some(Value::StartOf { start_of, ago }), Some(Value::StartOf { start_of: end, ago: until }))
            if start_of == end && ago.checked_sub(1) == Some(*until) =>
        {
            start_of.ago(*ago)
        }
        (Some(Value::Ago { days_ago: 1 }), Some(Value::Ago { days_ago: 0 })) => "yesterday".to_owned(),
        (Some(since), Some(before)) => whole(since, before)
            .map_or_else(|| format!("from {since} to before {before}"), |it| format!("in {it}")),
        (Some(since), None) => format!("since {since}"),
        (None, Some(before)) => format!("before {before}"),
        (None, None) => String::new(),
    }
}

/// `October 2026`, `Q3 2026`, `2026`, a day: what both ends are of.
fn whole(since: &Value, before: &Value) -> Option<String> {
    let date = |it: &Value| match it {
        Value::Text(text) => text.parse::<NaiveDate>().ok(),
        _ => None,
    };
    let (start, end) = (date(since)?, date(before)?);
    if start.succ_opt() == Some(end) {
        return Some(start.to_string());
    }
    let months = [1, 3, 12].into_iter().find(|it| start.checked_add_months(Months::new(*it)) == Some(end));
    match (months.filter(|_| start.day() == 1)?, start.month0()) {
        (1, _) => Some(start.format("%B %Y").to_string()),
        (3, month) if month % 3 == 0 => Some(format!("Q{} {}", month / 3 + 1, start.year())),
        (12, 0) => Some(start.year().to_string()),
        _ => None,
    }
}

/// As [`stretch`], after the name of a time: `in last month`.
fn within(since: Option<&Value>, before: Option<&Value>) -> String {
    let text = stretch(since, before);
    match since {
        Some(Value::StartOf { .. }) if !text.starts_with("from ") && !text.starts_with("since ") => {
            format!("in {text}")
        }
        _ => text,
    }
}

/// Hours that follow each other, over midnight too: `from 22:00 to before 06:00`.
fn stretch_of_hours(values: &[String]) -> Option<String> {
    let all = Clock::Hour.values();
    let (first, last) = (values.first()?, values.last()?);
    let start = all.iter().position(|it| it == first)?;
    let follows = values.iter().eq(all.iter().cycle().skip(start).take(values.len()));
    let end = all.iter().cycle().skip_while(|it| *it != last).nth(1)?;
    (follows && (3..24).contains(&values.len())).then(|| format!("from {first} to before {end}"))
}

fn label(filter: &Filter, field: Option<&Field>) -> String {
    field.map_or_else(|| filter.dimension.clone(), |it| it.label.clone())
}

fn condition(filter: &Filter, field: Option<&Field>) -> String {
    let label = label(filter, field);
    let unit = field.and_then(|it| it.unit).map_or(String::new(), |it| format!(" {it}"));
    let kind = field.map_or(Kind::Text, |it| it.kind);
    let is_clock = field.is_some_and(|it| it.clock.is_some());
    let values: Vec<_> = filter.values.iter().map(|it| format!("{it}{unit}")).collect();
    let hours = field.filter(|it| it.clock == Some(Clock::Hour)).and_then(|_| stretch_of_hours(&values));
    let values = hours.unwrap_or_else(|| values.join(" or "));
    match (filter.op, filter.dimension.as_str()) {
        (Op::Is, "region") => format!("in {values}"),
        (Op::IsNot, "region") => format!("not in {values}"),
        (Op::Is, _) if is_clock && kind == Kind::Bool => match filter.values.as_slice() {
            [Value::Bool(false)] => format!("outside {label}"),
            _ => format!("in {label}"),
        },
        (Op::Is, _) if kind == Kind::Bool => match filter.values.as_slice() {
            [Value::Bool(false)] => format!("without {label}"),
            _ => format!("with {label}"),
        },
        (Op::Is, _) => format!("with {label} {values}"),
        (Op::IsNot, _) => format!("with {label} other than {values}"),
        (Op::Contains, _) => format!("with “{values}” in {label}"),
        (Op::Empty, _) => format!("without {label}"),
        (Op::NotEmpty, _) => format!("with any {label}"),
        (op, _) => format!("with {label} {} {values}", op.label()),
    }
}
