//! Times that come again: "on Saturdays", "at weekends", "after 8 pm", "between 22:00 and 6:00", "outside business hours", and
//! what groups are called by them, "by weekday".
//!
//! Deliberately not "on Saturday" and "at the weekend", which were one, and times of day with minutes.

use contract::query::{Filter, Op, Value};

use super::Meaning;
use crate::{
    catalog::{Clock, Entity, WEEKDAYS},
    questions::words::{BREAK, Word},
};

/// From ten at night to six.
const NIGHT: (usize, usize) = (22, 6);

/// What comes again at the beginning of `words`, of the entity's own time, and how many words it takes.
pub(super) fn clock(words: &[Word], before: &str, entity: &Entity) -> Option<(Meaning, usize)> {
    // "at what time": "at" is also what events call theirs.
    if text(words, 0) == "at" && matches!(text(words, 1), "what" | "which") {
        return Some((Meaning::Noise, 1));
    }
    let (clock, said, taken) = grouped(words, before).or_else(|| condition(words))?;
    let finest = entity.field(entity.time)?.finest;
    let name = clock.of(entity.time);
    let meaning = match said {
        None => Meaning::Field(name),
        Some(values) => Meaning::Condition {
            filters: vec![Filter { dimension: name, op: Op::Is, values }],
            either: false,
        },
    };
    clock.fits(finest).then_some((meaning, taken))
}

/// Values of a part of a time; none where it is named alone.
type Said = Option<Vec<Value>>;

fn text(words: &[Word], n: usize) -> &str {
    words.get(n).map_or("", |it| it.text.as_str())
}

/// "weekday", "day of the week", "hour of day"
fn grouped(words: &[Word], before: &str) -> Option<(Clock, Said, usize)> {
    let the = usize::from(matches!(text(words, 2), "the" | "a"));
    match (text(words, 0), text(words, 1), text(words, 2 + the)) {
        ("day" | "days", "of", "week") => Some((Clock::Weekday, None, 3 + the)),
        ("hour" | "hours" | "time" | "times", "of", "day") => Some((Clock::Hour, None, 3 + the)),
        ("weekday", ..) if !is_each(before) => Some((Clock::Weekday, None, 1)),
        ("weekdays", ..) if matches!(before, "by" | "per" | "which" | "what" | "across" | "over") => {
            Some((Clock::Weekday, None, 1))
        }
        _ => None,
    }
}

fn is_each(word: &str) -> bool {
    matches!(word, "a" | "any" | "every" | "each")
}

fn condition(words: &[Word]) -> Option<(Clock, Said, usize)> {
    let texts = |them: Vec<&str>| Some(them.into_iter().map(Value::text).collect());
    if let Some((days, n)) = days(words) {
        return Some((Clock::Weekday, texts(days), n));
    }
    if let Some((inside, n)) = office(words) {
        return Some((Clock::OfficeHours, Some(vec![Value::Bool(inside)]), n));
    }
    let (hours, n) = hours(words)?;
    let all = Clock::Hour.values();
    let begin = hours.into_iter().filter_map(|it| all.get(it)).map(String::as_str);
    Some((Clock::Hour, texts(begin.collect()), n))
}

/// "on Saturdays and Sundays", "on a Friday", "weekends", "on weekdays"
fn days(words: &[Word]) -> Option<(Vec<&'static str>, usize)> {
    let on = usize::from(matches!(text(words, 0), "on" | "at" | "during" | "over" | "only"));
    let each = usize::from(is_each(text(words, on)));
    let (first, mut taken) = (text(words, on + each), on + each + 1);
    let (working, free) = WEEKDAYS.split_at(5);
    match first {
        "weekends" => return Some((free.to_vec(), taken)),
        "weekend" if each > 0 => return Some((free.to_vec(), taken)),
        "weekdays" | "workdays" if on > 0 => return Some((working.to_vec(), taken)),
        "working" | "work" | "business" if on > 0 && text(words, taken) == "days" => {
            return Some((working.to_vec(), taken + 1));
        }
        _ => {}
    }
    let mut days = vec![day(first, each > 0)?];
    loop {
        let and = usize::from(matches!(text(words, taken), "and" | "or" | ","));
        let on = usize::from(and > 0 && text(words, taken + and) == "on");
        let Some(next) = day(text(words, taken + and + on), false).filter(|_| and > 0) else { break };
        days.push(next);
        taken += and + on + 1;
    }
    Some((days, taken))
}

/// "saturdays"; "saturday" where it is one of them.
fn day(word: &str, one: bool) -> Option<&'static str> {
    let singular = word.strip_suffix('s').filter(|it| it.ends_with("day"));
    let name = singular.or_else(|| Some(word).filter(|_| one))?;
    WEEKDAYS.into_iter().find(|it| it.eq_ignore_ascii_case(name))
}

/// "outside business hours", "during office hours", "after hours"
fn office(words: &[Word]) -> Option<(bool, usize)> {
    let (inside, mut taken) = match (text(words, 0), text(words, 1)) {
        ("after" | "off", "hours") => return Some((false, 2)),
        ("out", "of") if text(words, 2) == "hours" => return Some((false, 3)),
        ("after-hours" | "off-hours" | "out-of-hours", _) => return Some((false, 1)),
        ("outside" | "out", "of") | ("not", "in" | "during" | "within") => (false, 2),
        ("outside" | "beyond", _) => (false, 1),
        ("in" | "during" | "within", _) => (true, 1),
        _ => return None,
    };
    while matches!(text(words, taken), "the" | "our" | "normal" | "regular" | "usual" | "standard") {
        taken += 1;
    }
    let kind = matches!(text(words, taken), "business" | "office" | "working" | "work");
    (kind && text(words, taken + 1) == "hours").then_some((inside, taken + 2))
}

/// "after 8 pm", "before 7:00", "between 22:00 and 6:00", "at night": the hours that begin then.
fn hours(words: &[Word]) -> Option<(Vec<usize>, usize)> {
    let within = |start: usize, end: usize| -> Vec<usize> {
        // Over midnight.
        if start < end { (start..end).collect() } else { (start..24).chain(0..end).collect() }
    };
    let night = within(NIGHT.0, NIGHT.1);
    match (text(words, 0), text(words, 1)) {
        ("at", "night") => return Some((night, 2)),
        ("during" | "in", "the") if text(words, 2) == "night" => return Some((night, 3)),
        _ => {}
    }
    let (start, n) = hour_of(words.get(1..)?)?;
    let next = 1 + n;
    match text(words, 0) {
        "after" if start > 0 => Some((within(start, 24), next)),
        "before" if start > 0 => Some((within(0, start), next)),
        "between" | "from" if matches!(text(words, next), "and" | "to" | "-" | "until" | "till") => {
            let (end, more) = hour_of(words.get(next + 1..)?)?;
            (start != end).then(|| (within(start, end), next + 1 + more))
        }
        _ => None,
    }
}

/// "8 pm", "8pm", "20:00", "midnight"; a number alone is none.
fn hour_of(words: &[Word]) -> Option<(usize, usize)> {
    let first = text(words, 0);
    match first {
        "midnight" => return Some((0, 1)),
        "noon" => return Some((12, 1)),
        _ => {}
    }
    let digits = first.find(|it: char| !it.is_ascii_digit()).unwrap_or(first.len());
    let (hour, half) = first.split_at(digits);
    let hour: usize = hour.parse().ok()?;
    // A colon parts words.
    let whole = text(words, 1) == BREAK && text(words, 2) == "00";
    let mut taken = if whole { 3 } else { 1 };
    let half = if half.is_empty() { text(words, taken) } else { half };
    let hour = match half {
        "am" | "a.m" if (1..=12).contains(&hour) => hour % 12,
        "pm" | "p.m" if (1..=12).contains(&hour) => hour % 12 + 12,
        "o'clock" | "oclock" if hour < 24 => hour,
        _ if whole && hour < 24 => return Some((hour, taken)),
        _ => return None,
    };
    taken += usize::from(digits == first.len());
    Some((hour, taken))
}
