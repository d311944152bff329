//! Times in questions: "yesterday", "last 30 days", "since 3 March", "in October". What is relative to when it is asked
//! ("last month") stays so in the plan, which may be kept and run again; what names a date is that date.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use contract::query::{CalendarPeriod, Value};

use super::words::Word;

/// A stretch of time; an open end is unbounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    pub since: Option<Value>,
    pub before: Option<Value>,
}

fn since(value: Value) -> Stretch {
    Stretch { since: Some(value), before: None }
}

fn days(from: NaiveDate, to: NaiveDate) -> Stretch {
    Stretch { since: Some(day(from)), before: Some(day(to)) }
}

fn day(it: NaiveDate) -> Value {
    Value::text(it.format("%Y-%m-%d").to_string())
}

/// Reads a time at the beginning of `words`: what it means and how many words it took.
#[must_use]
pub fn stretch(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    match text(0) {
        "in" | "within" | "during" | "over" | "on" | "from" | "for" | "of" | "the" => {
            let (it, n) = stretch(words.get(1..)?, today)?;
            return Some((it, n + 1));
        }
        "since" | "after" => {
            let (it, n) = stretch(words.get(1..)?, today)?;
            let start = if text(0) == "after" { it.before.or(it.since) } else { it.since };
            return Some((since(start?), n + 1));
        }
        "before" | "until" | "till" => {
            let (it, n) = stretch(words.get(1..)?, today)?;
            return Some((Stretch { since: None, before: it.since }, n + 1));
        }
        "today" => return Some((since(Value::Ago { days_ago: 0 }), 1)),
        "yesterday" => {
            let stretch =
                Stretch { since: Some(Value::Ago { days_ago: 1 }), before: Some(Value::Ago { days_ago: 0 }) };
            return Some((stretch, 1));
        }
        "last" | "past" | "previous" | "this" | "current" => return relative(words, today),
        _ => {}
    }
    if let Some((n, taken)) = duration(words)
        && text(taken) == "ago"
    {
        return Some((since(Value::Ago { days_ago: n }), taken + 1));
    }
    if let Some((hours_ago, taken)) = hours(words)
        && text(taken) == "ago"
    {
        return Some((since(Value::HoursAgo { hours_ago }), taken + 1));
    }
    if let Some(weekday) = weekday(text(0)) {
        let back = (7 + today.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
        let date = today.checked_sub_days(Days::new(u64::from(if back == 0 { 7 } else { back })))?;
        return Some((days(date, date.succ_opt()?), 1));
    }
    date(words, today)
}

/// "last 30 days", "last 24 hours", "last week", "this month".
fn relative(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    let this = matches!(text(0), "this" | "current");
    if !this && let Some((n, taken)) = duration(words.get(1..)?) {
        return Some((since(Value::Ago { days_ago: n }), taken + 1));
    }
    if !this && let Some((hours_ago, taken)) = hours(words.get(1..)?) {
        return Some((since(Value::HoursAgo { hours_ago }), taken + 1));
    }
    let period = match text(1) {
        "day" => return Some((since(Value::Ago { days_ago: 1 }), 2)),
        "hour" if !this => return Some((since(Value::HoursAgo { hours_ago: 1 }), 2)),
        name => CalendarPeriod::ALL.into_iter().find(|it| it.name() == name),
    };
    if let Some(period) = period {
        let current = Value::start_of(period, 0);
        let stretch = if this {
            since(current)
        } else {
            Stretch { since: Some(Value::start_of(period, 1)), before: Some(current) }
        };
        return Some((stretch, 2));
    }
    let weekday = weekday(text(1)).filter(|_| !this)?;
    let back = (7 + today.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
    let date = today.checked_sub_days(Days::new(u64::from(if back == 0 { 7 } else { back })))?;
    Some((days(date, date.succ_opt()?), 2))
}

/// "24 hours", "36h": how many hours, and how many words it took.
fn hours(words: &[Word]) -> Option<(u32, usize)> {
    let first = words.first()?.text.as_str();
    let is_hours = |unit: &str| matches!(unit, "h" | "hr" | "hrs" | "hour" | "hours");
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = first.split_at_checked(digits)?;
    if digits > 0 && !rest.is_empty() {
        return is_hours(rest.trim_start_matches('-')).then(|| number.parse().ok().map(|it| (it, 1)))?;
    }
    let n = if digits > 0 { number.parse().ok()? } else { spelled(first)? };
    is_hours(&words.get(1)?.text).then_some((n, 2))
}

/// "30 days", "two weeks": how many days, and how many words it took. A month is 30 days, a year 365.
#[must_use]
pub fn duration(words: &[Word]) -> Option<(u32, usize)> {
    let first = words.first()?.text.as_str();
    // "30d" and "30-day" are one word.
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = first.split_at_checked(digits)?;
    let unit_days = |unit: &str| match unit {
        "d" | "day" | "days" => Some(1),
        "w" | "week" | "weeks" => Some(7),
        "month" | "months" => Some(30),
        "y" | "year" | "years" => Some(365),
        _ => None,
    };
    if digits > 0 && !rest.is_empty() {
        let unit = unit_days(rest.trim_start_matches('-'))?;
        return Some((number.parse::<u32>().ok()?.checked_mul(unit)?, 1));
    }
    let n = if digits > 0 { number.parse().ok()? } else { spelled(first)? };
    let unit = unit_days(&words.get(1)?.text)?;
    n.checked_mul(unit).map(|it| (it, 2))
}

/// One to twelve, and `a`.
#[must_use]
pub fn spelled(word: &str) -> Option<u32> {
    const NAMES: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    NAMES.iter().position(|it| *it == word).and_then(|n| u32::try_from(n).ok())
}

/// "2026-03-03", "3 March", "March 3rd 2026", "March", "March 2026", "2026". A date without a year is the last such one.
fn date(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    if let Ok(date) = text(0).parse::<NaiveDate>() {
        return Some((days(date, date.succ_opt()?), 1));
    }
    let year_at = |n: usize| text(n).parse::<i32>().ok().filter(|it| (2000..2100).contains(it));
    if let (Some(year), true) = (year_at(0), text(0).len() == 4) {
        return Some((
            days(NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?),
            1,
        ));
    }
    let day_at = |n: usize| ordinal(text(n));
    let (month, day, mut taken) = match (month_of(text(0)), day_at(0)) {
        (Some(month), _) if year_at(1).is_none() && day_at(1).is_some() => (month, day_at(1), 2),
        (Some(month), _) => (month, None, 1),
        (None, Some(day)) if text(1) == "of" => (month_of(text(2))?, Some(day), 3),
        (None, Some(day)) => (month_of(text(1))?, Some(day), 2),
        _ => return None,
    };
    let named_year = year_at(taken);
    taken += usize::from(named_year.is_some());
    let make = |year: i32| NaiveDate::from_ymd_opt(year, month, day.unwrap_or(1));
    let mut start = make(named_year.unwrap_or(today.year()))?;
    if named_year.is_none() && start > today {
        start = make(today.year() - 1)?;
    }
    let end = if day.is_some() { start.succ_opt()? } else { start.checked_add_months(Months::new(1))? };
    Some((days(start, end), taken))
}

fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = word.strip_prefix(digits)?;
    matches!(suffix, "" | "st" | "nd" | "rd" | "th").then_some(())?;
    digits.parse().ok().filter(|it| (1..=31).contains(it))
}

fn month_of(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let n = NAMES.iter().position(|it| {
        *it == word || (word.len() == 3 && it.starts_with(word)) || (word == "sept" && *it == "september")
    })?;
    u32::try_from(n + 1).ok()
}

fn weekday(word: &str) -> Option<Weekday> {
    // chrono also reads abbreviations; "sun" and "mon" in a question are more often something else.
    word.ends_with("day").then(|| word.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::words::words;

    fn read(text: &str) -> Option<(Option<String>, Option<String>, usize)> {
        // A Saturday.
        let (it, n) = stretch(&words(text), "2026-11-21".parse().unwrap())?;
        Some((it.since.map(|it| it.to_string()), it.before.map(|it| it.to_string()), n))
    }

    fn some(since: &str, before: &str, n: usize) -> Option<(Option<String>, Option<String>, usize)> {
        let open = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some((open(since), open(before), n))
    }

    #[test]
    fn days_weeks_and_months() {
        assert_eq!(read("today"), some("today", "", 1));
        assert_eq!(read("yesterday"), some("yesterday", "today", 1));
        assert_eq!(read("in the last 30 days"), some("30 days ago", "", 5));
        assert_eq!(read("past two weeks by"), some("14 days ago", "", 3));
        assert_eq!(read("last week"), some("the start of last week", "the start of this week", 2));
        assert_eq!(read("this month"), some("the start of this month", "", 2));
        assert_eq!(read("last quarter"), some("the start of last quarter", "the start of this quarter", 2));
        assert_eq!(read("in the last 24 hours"), some("24 hours ago", "", 5));
        assert_eq!(read("last 36h"), some("36 hours ago", "", 2));
        assert_eq!(read("two hours ago"), some("2 hours ago", "", 3));
        assert_eq!(read("since last year"), some("the start of last year", "", 3));
        assert_eq!(read("before this month"), some("", "the start of this month", 3));
        assert_eq!(read("since 3 march"), some("2026-03-03", "", 3));
        assert_eq!(read("before December 1st"), some("", "2025-12-01", 3));
        assert_eq!(read("in october"), some("2026-10-01", "2026-11-01", 2));
        assert_eq!(read("on 2026-02-28"), some("2026-02-28", "2026-03-01", 2));
        assert_eq!(read("since monday"), some("2026-11-16", "", 2));
        assert_eq!(read("3 days ago"), some("3 days ago", "", 3));
        assert_eq!(read("since March 2024"), some("2024-03-01", "", 3));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "the",
            "in the",
            "desktops",
            "30",
            "last",
            "31 february",
            "since",
            "32 march",
            "99999999999 days ago",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
