//! Places in the calendar by their names: days, months, quarters, halves and years.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use contract::query::Grain;

use super::text;
use crate::questions::words::Word;

/// A place in the calendar: from its first day to the day after its last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Named {
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    pub(super) unit: Grain,
}

impl Named {
    pub(super) fn year_before(self) -> Option<Self> {
        let back = Months::new(12);
        Some(Self {
            start: self.start.checked_sub_months(back)?,
            end: self.end.checked_sub_months(back)?,
            unit: self.unit,
        })
    }

    fn months(start: NaiveDate, months: u32, unit: Grain) -> Option<Self> {
        Some(Self { start, end: start.checked_add_months(Months::new(months))?, unit })
    }

    fn day(start: NaiveDate) -> Option<Self> {
        Some(Self { start, end: start.succ_opt()?, unit: Grain::Day })
    }
}

/// "2026-03-03", "3 March", "March 3rd 2026", "3/11", "March", "Q3", "first half of 2026", "2026". Without a year it is
/// the latest that has begun.
pub(super) fn named(words: &[Word], today: NaiveDate) -> Option<(Named, usize)> {
    let first = text(words, 0);
    if first == "the" {
        return named(words.get(1..)?, today).map(|(it, n)| (it, n + 1));
    }
    if let Some(it) = numeric(first, today) {
        return Some((it, 1));
    }
    if let Some(year) = year(first) {
        return Some((Named::months(NaiveDate::from_ymd_opt(year, 1, 1)?, 12, Grain::Year)?, 1));
    }
    if let Some(found) = part_of_year(words, today) {
        return Some(found);
    }
    let (month, day, mut taken) = match (month_of(first), ordinal(first)) {
        (Some(month), _) if ordinal(text(words, 1)).is_some() => (month, ordinal(text(words, 1)), 2),
        (Some(month), _) if text(words, 1) == "the" && ordinal(text(words, 2)).is_some() => {
            (month, ordinal(text(words, 2)), 3)
        }
        (Some(month), _) => (month, None, 1),
        (None, Some(day)) if text(words, 1) == "of" => (month_of(text(words, 2))?, Some(day), 3),
        (None, Some(day)) => (month_of(text(words, 1))?, Some(day), 2),
        (None, None) if weekday(first).is_some() && ordinal(text(words, 1)).is_some() => {
            // "Monday 16 November": the weekday says nothing more.
            return named(words.get(1..)?, today)
                .filter(|(it, _)| it.unit == Grain::Day)
                .map(|(it, n)| (it, n + 1));
        }
        (None, None) => return None,
    };
    // "may" and "march" are verbs too.
    let skipped =
        usize::from(matches!(text(words, taken), "," | "of") && year(text(words, taken + 1)).is_some());
    let said = year(text(words, taken + skipped)).or_else(|| short_year(text(words, taken)));
    taken += if said.is_some() { skipped + 1 } else { 0 };
    let make = |year: i32| NaiveDate::from_ymd_opt(year, month, day.unwrap_or(1));
    let start = latest(said, today, make)?;
    let it = if day.is_some() { Named::day(start)? } else { Named::months(start, 1, Grain::Month)? };
    Some((it, taken))
}

/// The year that was said, or the latest in which `make` has begun.
fn latest(said: Option<i32>, today: NaiveDate, make: impl Fn(i32) -> Option<NaiveDate>) -> Option<NaiveDate> {
    if let Some(year) = said {
        return make(year);
    }
    // A 29th of February may be some years back.
    (0..8).filter_map(|back| make(today.year() - back)).find(|it| *it <= today)
}

/// "2026-03-03", "2026-03", "03/11/2026", "3.11.", "3/11": days come first.
fn numeric(word: &str, today: NaiveDate) -> Option<Named> {
    if let Ok(date) = word.parse::<NaiveDate>() {
        return Named::day(date);
    }
    if !word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'.')) {
        return None;
    }
    let parts: Vec<&str> = word.split(['-', '/', '.']).collect();
    let n = |at: usize| parts.get(at).filter(|it| it.len() <= 2).and_then(|it| it.parse::<u32>().ok());
    match parts.as_slice() {
        [y, month] if y.len() == 4 => {
            let start = NaiveDate::from_ymd_opt(year(y)?, month.parse().ok()?, 1)?;
            Named::months(start, 1, Grain::Month)
        }
        [month, y] if y.len() == 4 => {
            let start = NaiveDate::from_ymd_opt(year(y)?, month.parse().ok()?, 1)?;
            Named::months(start, 1, Grain::Month)
        }
        [y, month, day] if y.len() == 4 => {
            Named::day(NaiveDate::from_ymd_opt(year(y)?, month.parse().ok()?, day.parse().ok()?)?)
        }
        [_, _, y] if y.len() == 4 => {
            let (day, month) = day_and_month(n(0)?, n(1)?);
            Named::day(NaiveDate::from_ymd_opt(year(y)?, month, day)?)
        }
        [_, _, y] if y.len() == 2 => {
            let (day, month) = day_and_month(n(0)?, n(1)?);
            Named::day(NaiveDate::from_ymd_opt(2000 + y.parse::<i32>().ok()?, month, day)?)
        }
        // "24/7" is no date, and "3-7" and "1.5" are something else.
        [_, _] | [_, _, ""] if word.contains('/') || parts.len() == 3 => {
            let (day, month) = day_and_month(n(0)?, n(1)?);
            let start = latest(None, today, |year| NaiveDate::from_ymd_opt(year, month, day))?;
            (word != "24/7").then_some(start).and_then(Named::day)
        }
        _ => None,
    }
}

/// Days come first; but there is no 15th month: that was written in America.
fn day_and_month(first: u32, second: u32) -> (u32, u32) {
    if second > 12 { (second, first) } else { (first, second) }
}

/// "Q3", "Q3 2026", "third quarter", "H1", "first half of 2026".
fn part_of_year(words: &[Word], today: NaiveDate) -> Option<(Named, usize)> {
    let first = text(words, 0);
    let (start, months, unit, taken) = match (first, text(words, 1)) {
        ("q1" | "q2" | "q3" | "q4", _) => ((ordinal(first.get(1..)?)? - 1) * 3 + 1, 3, Grain::Quarter, 1),
        ("h1" | "h2", _) => ((ordinal(first.get(1..)?)? - 1) * 6 + 1, 6, Grain::Quarter, 1),
        (nth, "calendar") if matches!(text(words, 2), "quarter" | "qtr") => {
            (rank(nth).filter(|it| *it <= 4)?.saturating_sub(1) * 3 + 1, 3, Grain::Quarter, 3)
        }
        (nth, "quarter" | "qtr") => {
            (rank(nth).filter(|it| *it <= 4)?.saturating_sub(1) * 3 + 1, 3, Grain::Quarter, 2)
        }
        // "the first half of October"
        (nth, "half") if month_of(text(words, 2 + usize::from(text(words, 2) == "of"))).is_some() => {
            let at = 2 + usize::from(text(words, 2) == "of");
            let (start, taken) = month(words.get(at..)?, today)?;
            let middle = start.with_day(16)?;
            let (start, end) = match rank(nth)? {
                1 => (start, middle),
                2 => (middle, start.checked_add_months(Months::new(1))?),
                _ => return None,
            };
            return Some((Named { start, end, unit: Grain::Day }, at + taken));
        }
        (nth, "half" | "half-year") => {
            (rank(nth).filter(|it| *it <= 2)?.saturating_sub(1) * 6 + 1, 6, Grain::Quarter, 2)
        }
        _ => return None,
    };
    let of = usize::from(text(words, taken) == "of");
    let (said, more) =
        match (year(text(words, taken + of)), text(words, taken + of), text(words, taken + of + 1)) {
            (Some(year), ..) => (Some(year), of + 1),
            (None, "this" | "the", "year") => (Some(today.year()), of + 2),
            (None, "last", "year") => (Some(today.year() - 1), of + 2),
            _ => (None, 0),
        };
    let start = latest(said, today, |year| NaiveDate::from_ymd_opt(year, start, 1))?;
    Some((Named::months(start, months, unit)?, taken + more))
}

/// "3 and 7 November", "3 to 7 November 2026", "3-7 November", "November 3 to 7", "Mar-Jun" is not: first and last day.
pub(super) fn days_of_month(words: &[Word], today: NaiveDate) -> Option<(NaiveDate, NaiveDate, usize)> {
    let first = text(words, 0);
    if let Some((from, to)) = first.split_once('-') {
        if let (Some(from), Some(to)) = (ordinal(from), ordinal(to)) {
            let (it, n) = month(words.get(1..)?, today)?;
            return Some((it.with_day(from)?, it.with_day(to)?, n + 1));
        }
        let (from, to) = (month_of(from)?, month_of(to)?);
        let end = latest(year(text(words, 1)), today, |year| NaiveDate::from_ymd_opt(year, to, 1))?;
        let mut start = end.with_month(from)?;
        if start > end {
            start = start.with_year(start.year() - 1)?;
        }
        let last = end.checked_add_months(Months::new(1))?.pred_opt()?;
        return Some((start, last, 1 + usize::from(year(text(words, 1)).is_some())));
    }
    let joins =
        |n: usize| matches!(text(words, n), "and" | "to" | "-" | "until" | "till" | "through" | "thru");
    let at = usize::from(first == "the");
    if let Some(from) = ordinal(text(words, at))
        && joins(at + 1)
    {
        let next = at + 2 + usize::from(text(words, at + 2) == "the");
        let to = ordinal(text(words, next))?;
        let of = usize::from(text(words, next + 1) == "of");
        let (it, n) = month(words.get(next + 1 + of..)?, today)?;
        return Some((it.with_day(from)?, it.with_day(to)?, next + 1 + of + n));
    }
    // "November 3-7", "November 3 to 7"
    let it = latest(None, today, |year| NaiveDate::from_ymd_opt(year, month_of(first)?, 1))?;
    if let Some((from, to)) = text(words, 1).split_once('-') {
        return Some((it.with_day(ordinal(from)?)?, it.with_day(ordinal(to)?)?, 2));
    }
    let (from, to) = (ordinal(text(words, 1))?, ordinal(text(words, 3)).filter(|_| joins(2))?);
    let named_again = month_of(text(words, 4)).is_some();
    (!named_again).then_some((it.with_day(from)?, it.with_day(to)?, 4))
}

/// "10th", "the 10th": the latest one that has begun, and how many words it takes. A bare number is no day.
pub(super) fn day_alone(words: &[Word], today: NaiveDate) -> Option<(Named, usize)> {
    let the = usize::from(text(words, 0) == "the");
    let word = text(words, the);
    let day = ordinal(word).filter(|_| word.ends_with(|c: char| c.is_ascii_alphabetic()))?;
    let first = today.with_day(1)?;
    let months = (0..3).filter_map(|back| first.checked_sub_months(Months::new(back)));
    let day = months.filter_map(|it| it.with_day(day)).find(|it| *it <= today)?;
    Some((Named::day(day)?, the + 1))
}

/// A month or a year.
pub(super) fn is_named(word: &str) -> bool {
    year(word).or(month_of(word).map(|_| 0)).is_some()
}

/// A month, with its year if it is said: its first day.
fn month(words: &[Word], today: NaiveDate) -> Option<(NaiveDate, usize)> {
    let month = month_of(text(words, 0))?;
    let said = year(text(words, 1));
    let start = latest(said, today, |year| NaiveDate::from_ymd_opt(year, month, 1))?;
    Some((start, 1 + usize::from(said.is_some())))
}

fn year(word: &str) -> Option<i32> {
    (word.len() == 4).then(|| word.parse().ok()).flatten().filter(|it| (2000..2100).contains(it))
}

/// "'25" of "Nov '25" has lost its apostrophe when it comes here; only a leading zero-less pair after 23 can be a year.
fn short_year(word: &str) -> Option<i32> {
    let n = word.parse::<i32>().ok().filter(|_| word.len() == 2)?;
    (32..=99).contains(&n).then_some(2000 + n)
}

/// "3", "3rd", "21st": a day of a month.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = word.strip_prefix(digits)?;
    matches!(suffix, "" | "st" | "nd" | "rd" | "th").then_some(())?;
    digits.parse().ok().filter(|it| (1..=31).contains(it))
}

fn rank(word: &str) -> Option<u32> {
    match word {
        "first" | "1st" => Some(1),
        "second" | "2nd" => Some(2),
        "third" | "3rd" => Some(3),
        "fourth" | "4th" => Some(4),
        _ => None,
    }
}

/// What is left of numbers in words when the others are digits ([`crate::questions::words`]).
#[must_use]
pub fn spelled(word: &str) -> Option<u32> {
    match word {
        "a" | "an" | "one" => Some(1),
        "dozen" => Some(12),
        _ => None,
    }
}

/// By its name or a short form of it.
#[must_use]
pub fn month_of(word: &str) -> Option<u32> {
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

/// Where the stretch of the same length before `[since, end)` starts: whole months by the month, else by the day.
pub(super) fn before(since: NaiveDate, end: NaiveDate) -> Option<NaiveDate> {
    let months = (1..=24).find(|n| since.checked_add_months(Months::new(*n)) == Some(end));
    match months.filter(|_| since.day() == 1) {
        Some(n) => since.checked_sub_months(Months::new(n)),
        None => since.checked_sub_signed(end.signed_duration_since(since)),
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    // chrono also reads abbreviations; "sun" and "sat" in a question are more often something else.
    let long =
        word.ends_with("day") || matches!(word, "mon" | "tue" | "tues" | "wed" | "thu" | "thurs" | "fri");
    long.then(|| word.parse().ok()).flatten()
}

/// The latest such day of the week before today.
pub(super) fn weekday_before(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let weekday = weekday(word)?;
    let back = (7 + today.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
    today.checked_sub_days(Days::new(u64::from(if back == 0 { 7 } else { back })))
}
