//! Lengths of time: "30 days", "two weeks", "24h", "a couple of months".

use contract::query::{CalendarPeriod, Grain};

use super::{calendar::spelled, text};
use crate::questions::words::Word;

/// A number of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    pub count: u32,
    pub unit: Grain,
}

impl Duration {
    /// A month is 30 days, a quarter 90, a year 365; part of a day is one.
    #[must_use]
    pub fn days(self) -> Option<u32> {
        match self.unit {
            Grain::Hour => Some(self.count.div_ceil(24)),
            Grain::Day => Some(self.count),
            Grain::Week => self.count.checked_mul(7),
            Grain::Month => self.count.checked_mul(30),
            Grain::Quarter => self.count.checked_mul(90),
            Grain::Year => self.count.checked_mul(365),
        }
    }
}

/// "3 full months": how long, whether only whole units are meant, and how many words it took.
pub(super) fn counted(words: &[Word]) -> Option<(Duration, bool, usize)> {
    let whole = |n: usize| matches!(text(words, n), "full" | "complete" | "whole" | "entire" | "calendar");
    let measured = |n: usize, unit_at: usize| {
        Some((Duration { count: number(text(words, n))?, unit: unit(text(words, unit_at))? }, true, 3))
    };
    if whole(1) {
        return measured(0, 2);
    }
    if whole(0) && number(text(words, 1)).is_some() {
        return measured(1, 2);
    }
    duration(words).map(|(it, taken)| (it, false, taken))
}

fn number(word: &str) -> Option<u32> {
    word.parse().ok().or_else(|| spelled(word))
}

/// "30 days", "two weeks", "24h", "a couple of months": how long, and how many words it took.
#[must_use]
pub fn duration(words: &[Word]) -> Option<(Duration, usize)> {
    let first = text(words, 0);
    // "30d" and "30-day" are one word.
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digit, rest) = first.split_at_checked(digits)?;
    if digits > 0 && !rest.is_empty() {
        let unit = unit(rest.trim_start_matches('-'))?;
        return Some((Duration { count: digit.parse().ok()?, unit }, 1));
    }
    let half_year = match (first, text(words, 1), text(words, 2)) {
        ("half-year", ..) => Some(1),
        ("half", "year", _) | ("a", "half-year", _) => Some(2),
        ("half", "a" | "the", "year") | ("a", "half", "year") => Some(3),
        _ => None,
    };
    if let Some(taken) = half_year {
        return Some((Duration { count: 6, unit: Grain::Month }, taken));
    }
    if first == "fortnight" {
        return Some((Duration { count: 2, unit: Grain::Week }, 1));
    }
    let couple = matches!((first, text(words, 1)), ("a", "couple" | "few"));
    let at = usize::from(couple) + 1;
    let at = at + usize::from(couple && text(words, at) == "of");
    let count = match text(words, usize::from(couple)) {
        "couple" => 2,
        "few" => 3,
        word => number(word)?,
    };
    let more = usize::from(matches!(text(words, at), "business" | "working" | "calendar"));
    if text(words, at + more) == "fortnight" {
        return Some((Duration { count: count.checked_mul(2)?, unit: Grain::Week }, at + more + 1));
    }
    Some((Duration { count, unit: unit(text(words, at + more))? }, at + more + 1))
}

/// The unit that a word names.
pub(super) fn unit(word: &str) -> Option<Grain> {
    match word {
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(Grain::Hour),
        "d" | "day" | "days" => Some(Grain::Day),
        "w" | "wk" | "wks" | "week" | "weeks" => Some(Grain::Week),
        "mo" | "mos" | "mth" | "mths" | "month" | "months" | "mnth" | "mnths" => Some(Grain::Month),
        "q" | "qtr" | "qtrs" | "quarter" | "quarters" => Some(Grain::Quarter),
        "y" | "yr" | "yrs" | "year" | "years" => Some(Grain::Year),
        _ => None,
    }
}

/// The calendar's stretch that a word of more than a letter names.
pub(super) fn period(word: &str) -> Option<CalendarPeriod> {
    (word.len() > 1).then(|| unit(word)).flatten().and_then(period_of)
}

pub(super) fn period_of(unit: Grain) -> Option<CalendarPeriod> {
    match unit {
        Grain::Hour | Grain::Day => None,
        Grain::Week => Some(CalendarPeriod::Week),
        Grain::Month => Some(CalendarPeriod::Month),
        Grain::Quarter => Some(CalendarPeriod::Quarter),
        Grain::Year => Some(CalendarPeriod::Year),
    }
}
