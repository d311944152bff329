//! Numbers with their units, and the signs that compare.

use contract::query::Op;

use super::{Keyword, Meaning};
use crate::questions::{times, words::Word};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Gib,
    Minutes,
    Hours,
    Days,
    Dollars,
    Percent,
    Bytes,
    Times,
}

impl Unit {
    /// As the catalog writes it; of days and times the English word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Unit::Gib => "GiB",
            Unit::Minutes => "min",
            Unit::Hours => "h",
            Unit::Days => "days",
            Unit::Dollars => "USD",
            Unit::Percent => "%",
            Unit::Bytes => "B",
            Unit::Times => "times",
        }
    }

    /// A number of this unit in a dimension's; `None` when it measures something else.
    #[must_use]
    pub fn convert(unit: Option<Unit>, number: f64, to: Option<&str>) -> Option<f64> {
        match (unit, to) {
            (None, _) | (Some(Unit::Times), None) => Some(number),
            (Some(unit), Some(to)) if unit.name() == to => Some(number),
            (Some(Unit::Hours), Some("min")) => Some(number * 60.0),
            (Some(Unit::Minutes), Some("h")) => Some(number / 60.0),
            (Some(Unit::Gib), Some("B")) => Some(number * 1024.0 * 1024.0 * 1024.0),
            _ => None,
        }
    }
}

/// `>`, `=`.
pub(super) fn symbol(word: &str) -> Option<Meaning> {
    let keyword = match word {
        ">" => Keyword::Compare(Op::MoreThan),
        "<" => Keyword::Compare(Op::LessThan),
        ">=" => Keyword::Compare(Op::AtLeast),
        "<=" => Keyword::Compare(Op::AtMost),
        "!=" => Keyword::Not,
        "%" => Keyword::Share,
        "," => Keyword::And,
        _ => return None,
    };
    Some(Meaning::Keyword(keyword))
}

/// "100", "100 GB", "80gib", "five", "$50", "20+", "twice".
pub(super) fn number(words: &[Word]) -> Option<(Meaning, usize)> {
    let first = words.first()?.text.as_str();
    match first {
        "twice" => return Some((Meaning::Number(2.0, Some(Unit::Times)), 1)),
        "thrice" => return Some((Meaning::Number(3.0, Some(Unit::Times)), 1)),
        "once" => return Some((Meaning::Number(1.0, Some(Unit::Times)), 1)),
        // "more than half of all desktops"
        "half"
            if words
                .get(1)
                .is_some_and(|it| matches!(it.text.as_str(), "of" | "the" | "its" | "their" | "are")) =>
        {
            return Some((Meaning::Number(50.0, Some(Unit::Percent)), 1));
        }
        _ => {}
    }
    let money = first.trim_start_matches(['$', '€', '#']);
    let dollars = first.starts_with('$').then_some(Unit::Dollars);
    let digits = money.len() - money.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (text, rest) = money.split_at_checked(digits)?;
    if digits == 0 {
        let value = times::spelled(first).filter(|_| !matches!(first, "a" | "an" | "one"))?;
        return Some(with_unit(f64::from(value), None, words));
    }
    let mut value: f64 = text.parse().ok()?;
    let rest = rest.trim_start_matches('-').trim_end_matches('+');
    let rest = match rest.strip_suffix('k') {
        Some("") => {
            value *= 1000.0;
            ""
        }
        _ => rest,
    };
    match rest {
        "" => Some(with_unit(value, dollars, words)),
        "$" => Some((Meaning::Number(value, Some(Unit::Dollars)), 1)),
        _ => unit(rest).map(|(by, unit)| (Meaning::Number(value * by, Some(unit)), 1)),
    }
}

/// "an hour", "a quarter of".
pub(super) fn one_of(words: &[Word]) -> Option<(Meaning, usize)> {
    let part = match (words.get(1)?.text.as_str(), words.get(2).map(|it| it.text.as_str())) {
        ("quarter", Some("of")) => Some(25.0),
        ("fifth", Some("of")) => Some(20.0),
        ("tenth", Some("of")) => Some(10.0),
        _ => None,
    };
    if let Some(percent) = part {
        return Some((Meaning::Number(percent, Some(Unit::Percent)), 2));
    }
    let (by, unit) = unit(&words.get(1)?.text)?;
    Some((Meaning::Number(by, Some(unit)), 2))
}

fn with_unit(value: f64, known: Option<Unit>, words: &[Word]) -> (Meaning, usize) {
    if known.is_some() {
        let named = words.get(1).and_then(|it| unit(&it.text)).is_some_and(|(_, unit)| Some(unit) == known);
        return (Meaning::Number(value, known), 1 + usize::from(named));
    }
    match words.get(1).and_then(|it| unit(&it.text)) {
        Some((by, unit)) => (Meaning::Number(value * by, Some(unit)), 2),
        None => (Meaning::Number(value, None), 1),
    }
}

/// "the busiest ten days", "the three weeks with the most logins": so many of them, and no length of time.
pub(super) fn of_steps(found: (Meaning, usize), words: &[Word], before: &str) -> (Meaning, usize) {
    const RANKS: &[&str] = &[
        "top",
        "bottom",
        "busiest",
        "quietest",
        "dearest",
        "cheapest",
        "costliest",
        "worst",
        "best",
        "heaviest",
        "expensive",
        "active",
    ];
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    let steps = matches!(text(1), "days" | "weeks");
    let ranked = matches!(
        (text(2), text(3), text(4)),
        ("with", "the", "most" | "fewest" | "highest" | "lowest" | "least" | "largest")
    );
    match found {
        (Meaning::Number(_, Some(Unit::Days)), 2) if steps && (RANKS.contains(&before) || ranked) => {
            text(0).parse().map_or(found, |number| (Meaning::Number(number, None), 1))
        }
        _ => found,
    }
}

/// What to multiply with, and the unit. AWS says GB and means GiB for volumes.
fn unit(text: &str) -> Option<(f64, Unit)> {
    let it = match text {
        "gb" | "gib" | "g" | "gigabyte" | "gigabytes" | "gigs" | "gig" | "gbs" => (1.0, Unit::Gib),
        "tb" | "tib" | "terabyte" | "terabytes" => (1024.0, Unit::Gib),
        "mb" | "mib" | "megabyte" | "megabytes" => (1024.0 * 1024.0, Unit::Bytes),
        "kb" | "kib" | "kilobyte" | "kilobytes" => (1024.0, Unit::Bytes),
        "bytes" => (1.0, Unit::Bytes),
        "min" | "mins" | "minute" | "minutes" => (1.0, Unit::Minutes),
        "h" | "hr" | "hrs" | "hour" | "hours" => (1.0, Unit::Hours),
        "d" | "day" | "days" => (1.0, Unit::Days),
        "wk" | "wks" | "week" | "weeks" => (7.0, Unit::Days),
        "usd" | "dollar" | "dollars" | "bucks" | "$" | "us$" => (1.0, Unit::Dollars),
        "%" | "percent" | "pct" | "percents" => (1.0, Unit::Percent),
        "times" | "x" => (1.0, Unit::Times),
        _ => return None,
    };
    Some(it)
}
