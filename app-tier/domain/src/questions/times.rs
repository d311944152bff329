//! Times in questions: "yesterday", "last 30 days", "since 3 March", "between 3 and 7 November", "Q3".
//!
//! What is said relative to now stays relative, so that a kept plan means the same words tomorrow; what names a place in
//! the calendar is a date. A date without a year is the latest such one that has begun.

mod calendar;
mod durations;
mod open;
mod stretch;

use chrono::{Datelike, Days, NaiveDate};
use contract::query::{CalendarPeriod, Grain, Value};

use self::{
    calendar::{Named, named},
    durations::{counted, period, period_of},
    open::{beside_an_end, current, long_ago},
    stretch::day,
};
pub use self::{
    calendar::{month_of, spelled},
    durations::{Duration, duration},
    open::age,
    stretch::Stretch,
};
use super::words::Word;

fn text(words: &[Word], n: usize) -> &str {
    match words.get(n).map_or("", |it| it.text.as_str()) {
        "lst" => "last",
        it => it,
    }
}

/// Reads a time at the beginning of `words`: what it means and how many words it took.
#[must_use]
pub fn stretch(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let after = |n: usize| words.get(n..).unwrap_or_default();
    if let Some(it) = long_ago(words).or_else(|| beside_an_end(words, today)).or_else(|| current(words)) {
        return Some(it);
    }
    match (text(words, 0), text(words, 1)) {
        ("between", _) => {
            let (it, n) = range(after(1), today, &["and", "to", "-"])?;
            return Some((it, n + 1));
        }
        ("from", _) => {
            if let Some((it, n)) = range(after(1), today, TO) {
                return Some((it, n + 1));
            }
            let (it, n) = place(after(1), today)?;
            let onwards = match (text(words, n + 1), text(words, n + 2)) {
                ("onward" | "onwards" | "on", _) => 1,
                ("and", "later" | "after") | ("till" | "until" | "to", "now" | "today") => 2,
                _ => return Some((it, n + 1)),
            };
            return Some((Stretch { before: None, ..it }, n + 1 + onwards));
        }
        // "waiting since before yesterday"
        ("since", "before") => {
            let (it, n) = place(after(2), today)?;
            return Some((Stretch { since: None, before: it.since.clone(), ..it }, n + 2));
        }
        ("since" | "starting" | "beginning", next) if next != "of" => {
            let skipped = 1 + usize::from(matches!(next, "from" | "in" | "on" | "with"));
            if let Some((it, n)) = range(after(skipped), today, &["to", "until", "till", "through"]) {
                return Some((it, n + skipped));
            }
            if let Some((it, n)) = place(after(skipped), today) {
                return Some((Stretch { before: None, ..it }, n + skipped));
            }
            // "since three days"
            let (it, n) = duration(after(skipped))?;
            return Some((rolling(it, false)?, n + skipped));
        }
        ("after", _) | ("later", "than") => {
            let skipped = 1 + usize::from(text(words, 0) == "later");
            let (it, n) = place(after(skipped), today)?;
            let since = it.before.clone().or(it.since.clone());
            return Some((Stretch { since, before: None, ..it }, n + skipped));
        }
        // "what was she up to on Friday"
        ("up", "to") if matches!(text(words, 2), "on" | "over" | "during") => return None,
        ("before" | "until" | "till", _) | ("prior", "to") | ("up", "to" | "until") | ("earlier", "than") => {
            let skipped = 1 + usize::from(matches!(text(words, 0), "prior" | "up" | "earlier"));
            let (it, n) = place(after(skipped), today)?;
            return Some((Stretch { since: None, before: it.since.clone(), ..it }, n + skipped));
        }
        (
            "in" | "within" | "during" | "over" | "on" | "for" | "of" | "the" | "throughout" | "at"
            | "across" | "only" | "just",
            _,
        ) => {
            let on = || place(after(1), today).filter(|_| text(words, 0) == "on");
            let (it, n) = stretch(after(1), today).or_else(on)?;
            return Some((it, n + 1));
        }
        ("so", "far") => {
            let (it, n) = point(after(2), today).filter(|(it, _)| it.before.is_none())?;
            return Some((it, n + 2));
        }
        _ => {}
    }
    if let Some(found) = range(words, today, &["to", "-", "through", "thru", "until", "till"]) {
        return Some(found);
    }
    let (it, n) = point(words, today)?;
    Some(match (text(words, n), text(words, n + 1)) {
        ("so", "far") | ("to", "date") | ("until" | "till", "now") => (so_far(it, today), n + 2),
        ("only" | "alone", _) => (it, n + 1),
        _ => (it, n),
    })
}

/// "2026 so far", "November to date": of what is not over yet, up to now.
fn so_far(it: Stretch, today: NaiveDate) -> Stretch {
    let current = [CalendarPeriod::Year, CalendarPeriod::Quarter, CalendarPeriod::Month]
        .map(|period| Stretch::whole(period, 0))
        .into_iter()
        .find(|other| other.unit == it.unit && other.first_day(today) == it.first_day(today));
    current.unwrap_or(it)
}

const TO: &[&str] = &["to", "-", "until", "till", "through", "thru", "and", "up"];

/// "from March to June", "between 3 and 7 November", "3-7 November": both ends are meant with.
fn range(words: &[Word], today: NaiveDate, between: &[&str]) -> Option<(Stretch, usize)> {
    if let Some((from, to, n)) = calendar::days_of_month(words, today) {
        let n = n + usize::from(matches!(text(words, n), "inclusive" | "included"));
        return Some((Stretch::of(Named { start: from, end: to.succ_opt()?, unit: Grain::Day }), n));
    }
    if let Some((first, taken)) = named(words, today) {
        if !between.contains(&text(words, taken)) {
            return None;
        }
        let mut at = taken + 1;
        while matches!(text(words, at), "to" | "including" | "the" | "and" | "end" | "of") {
            at += 1;
        }
        let rest = words.get(at..)?;
        if matches!(text(rest, 0), "now" | "today") {
            return Some((Stretch::open(day(first.start), first.unit), at + 1));
        }
        let (last, more) = named(rest, today)?;
        at += more;
        let mut start = first.start;
        while start >= last.end {
            start = start.with_year(start.year() - 1)?;
        }
        at += usize::from(matches!(text(words, at), "inclusive" | "included"));
        let unit = first.unit.min(last.unit);
        return Some((Stretch::of(Named { start, end: last.end, unit }), at));
    }
    // "between Monday and Wednesday", "from yesterday to today" have relative ends.
    let (first, taken) = point(words, today)?;
    if !between.contains(&text(words, taken)) {
        return None;
    }
    let rest = words.get(taken + 1..)?;
    if text(rest, 0) == "now" {
        return Some((Stretch { before: None, ..first }, taken + 2));
    }
    let (last, more) = point(rest, today)?;
    let days = |it: &Stretch| matches!(it.since, Some(Value::Text(_) | Value::Ago { .. }));
    (days(&first) && days(&last)).then_some((Stretch { before: last.before, ..first }, taken + 1 + more))
}

/// One stretch that has a name: "yesterday", "last month", "the past 14 days", "October", "3 days ago".
fn point(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let after = |n: usize| words.get(n..).unwrap_or_default();
    let ago = |days_ago| Value::Ago { days_ago };
    let current = |period| Stretch::whole(period, 0);
    let days = |from, to| Stretch::closed(ago(from), ago(to), Grain::Day);
    match (text(words, 0), text(words, 1)) {
        (
            "the" | "in" | "on" | "of" | "early" | "just" | "all" | "whole" | "entire" | "complete" | "full",
            _,
        ) => {
            let (it, n) = point(after(1), today)?;
            return Some((it, n + 1));
        }
        // "in the course of last week", "in the month of August"
        ("course" | "period", "of") => {
            let (it, n) = point(after(2), today)?;
            return Some((it, n + 2));
        }
        // "which month of 2026" asks for one of its months.
        ("month", "of") if text(words, 2).starts_with(|it: char| it.is_ascii_digit()) => return None,
        ("month" | "year", "of") if calendar::is_named(text(words, 2)) => {
            let (it, n) = named(after(2), today)?;
            return Some((Stretch::of(it), n + 2));
        }
        // "in the year 2025", "the month August"
        ("month" | "year" | "period", next) if calendar::is_named(next) => {
            let (it, n) = named(after(1), today)?;
            return Some((Stretch::of(it), n + 1));
        }
        ("new", "year" | "year's" | "years") => return Some((current(CalendarPeriod::Year), 2)),
        ("today" | "tonight" | "todays" | "tdy" | "tonite", _) => {
            return Some((Stretch::open(ago(0), Grain::Day), 1));
        }
        ("this", "morning" | "afternoon" | "evening") => return Some((Stretch::open(ago(0), Grain::Day), 2)),
        ("yesterday" | "yday" | "yesterdays" | "ystd", _) => return Some((days(1, 0), 1)),
        ("day", "before") if text(words, 2) == "yesterday" => return Some((days(2, 1), 3)),
        (unit, "before") if text(words, 2) == "last" && period(unit).is_some() => {
            return Some((Stretch::whole(period(unit)?, 2), 3));
        }
        ("mtd", _) => return Some((current(CalendarPeriod::Month), 1)),
        ("qtd", _) => return Some((current(CalendarPeriod::Quarter), 1)),
        ("ytd", _) => return Some((current(CalendarPeriod::Year), 1)),
        ("wtd", _) => return Some((current(CalendarPeriod::Week), 1)),
        (unit, "to") if text(words, 2) == "date" && period(unit).is_some() => {
            return Some((current(period(unit)?), 3));
        }
        ("start" | "beginning" | "begin", "of") => {
            let skipped = 2 + usize::from(text(words, 2) == "the");
            if let Some(period) = period(text(words, skipped)) {
                return Some((current(period), skipped + 1));
            }
            return point(after(skipped), today).map(|(it, n)| (it, n + skipped));
        }
        // "since the month began", "the year so far"
        (unit, "began" | "begun" | "started" | "starts" | "begins") if period(unit).is_some() => {
            return Some((current(period(unit)?), 2));
        }
        (unit, "passed" | "past") if period(unit).is_some() => {
            return Some((Stretch::whole(period(unit)?, 1), 2));
        }
        // "in these 2 hours": the last ones.
        ("these", _) if counted(after(1)).is_some() => return relative(words, today),
        // "the dearest month so far this year" is no time but the last.
        (unit, "so")
            if text(words, 2) == "far" && period(unit).is_some() && point(after(3), today).is_none() =>
        {
            return Some((current(period(unit)?), 3));
        }
        ("midnight", _) => return Some((Stretch::open(ago(0), Grain::Day), 1)),
        (unit, "just")
            if matches!(text(words, 2), "closed" | "ended" | "gone" | "past") && period(unit).is_some() =>
        {
            return Some((Stretch::whole(period(unit)?, 1), 3));
        }
        (
            "last" | "past" | "previous" | "prev" | "prior" | "preceding" | "this" | "ths" | "current"
            | "actual" | "present" | "trailing" | "recent" | "latest" | "weekend",
            _,
        ) => return relative(words, today),
        ("fortnight", "ago") => return Some((Stretch::open(ago(14), Grain::Week), 2)),
        _ => {}
    }
    if let Some((it, taken)) = duration(words)
        && matches!(text(words, taken), "ago" | "back")
    {
        let n = it.count;
        let stretch = match it.unit {
            Grain::Hour => Stretch::open(Value::HoursAgo { hours_ago: n }, Grain::Hour),
            Grain::Day => days(n, n.saturating_sub(1)),
            unit => Stretch::whole(period_of(unit)?, n),
        };
        return Some((stretch, taken + 1));
    }
    if let Some(date) = calendar::weekday_before(text(words, 0), today) {
        let dated = after(1).first().is_some_and(|it| it.text.starts_with(|c: char| c.is_ascii_digit()));
        if !dated || named(after(1), today).is_none() {
            let it = Named { start: date, end: date.succ_opt()?, unit: Grain::Day };
            return Some((Stretch::of(it), 1));
        }
    }
    named(words, today).map(|(it, n)| (Stretch::of(it), n))
}

/// After a word that only a time follows, a day of a month is one by itself: "since the 10th".
fn place(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let alone = || calendar::day_alone(words, today).map(|(it, n)| (Stretch::of(it), n));
    point(words, today).or_else(alone)
}

/// "last 30 days", "last week", "this month", "last 3 full months", "last October", "last weekend".
fn relative(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let this = matches!(text(words, 0), "this" | "ths" | "current" | "actual" | "present");
    let mut at = usize::from(text(words, 0) != "weekend");
    let after = |n: usize| words.get(n..).unwrap_or_default();
    if !this && let Some((it, full, taken)) = counted(after(at)) {
        return Some((rolling(it, full)?, at + taken));
    }
    at += usize::from(matches!(
        text(words, at),
        "full"
            | "complete"
            | "completed"
            | "finished"
            | "closed"
            | "whole"
            | "entire"
            | "calendar"
            | "billing"
    ));
    let unit = text(words, at);
    // "the past month" is what people call the last 30 days, where "last month" is the calendar's.
    if let (1, "past", Some(unit @ (Grain::Week | Grain::Month | Grain::Year))) =
        (at, text(words, 0), durations::unit(unit))
    {
        return Some((rolling(Duration { count: 1, unit }, false)?, at + 1));
    }
    if let Some(period) = period(unit) {
        return Some((Stretch::whole(period, u32::from(!this)), at + 1));
    }
    let ago = |days_ago| Value::Ago { days_ago };
    match unit {
        "day" if !this => return Some((Stretch::open(ago(1), Grain::Day), at + 1)),
        "hour" | "hr" if !this => {
            return Some((Stretch::open(Value::HoursAgo { hours_ago: 1 }, Grain::Hour), at + 1));
        }
        "night" => return Some((Stretch::closed(ago(1), ago(0), Grain::Day), at + 1)),
        "fortnight" => {
            return Some((Stretch { rolling: Some(2), ..Stretch::open(ago(14), Grain::Week) }, at + 1));
        }
        "weekend" => {
            let back = today.weekday().num_days_from_monday();
            let monday = today.checked_sub_days(Days::new(u64::from(back)))?;
            // On a Saturday the weekend is the one that has begun.
            let start = if back >= 5 && text(words, 0) != "last" {
                monday.checked_add_days(Days::new(5))?
            } else {
                monday.checked_sub_days(Days::new(2))?
            };
            let end = start.checked_add_days(Days::new(2))?;
            return Some((Stretch::of(Named { start, end, unit: Grain::Day }), at + 1));
        }
        _ => {}
    }
    if let Some(date) = calendar::weekday_before(unit, today) {
        let it = Named { start: date, end: date.succ_opt()?, unit: Grain::Day };
        return Some((Stretch::of(it), at + 1));
    }
    let (mut it, taken) = named(after(at), today)?;
    // In March, "last March" is not the one that is on; "last October" is the latest.
    if !this && it.end > today && matches!(it.unit, Grain::Month | Grain::Quarter) {
        it = it.year_before()?;
    }
    Some((Stretch::of(it), at + taken))
}

fn rolling(it: Duration, full: bool) -> Option<Stretch> {
    let n = it.count;
    if full && let Some(period) = period_of(it.unit) {
        return Some(Stretch::closed(Value::start_of(period, n), Value::start_of(period, 0), it.unit));
    }
    let since = match it.unit {
        Grain::Hour => Value::HoursAgo { hours_ago: n },
        _ => Value::Ago { days_ago: it.days()? },
    };
    let before = (full && it.unit == Grain::Day).then_some(Value::Ago { days_ago: 0 });
    Some(Stretch { since: Some(since), before, unit: it.unit, rolling: Some(n) })
}

#[cfg(test)]
mod tests;
