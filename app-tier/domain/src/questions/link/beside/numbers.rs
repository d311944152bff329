//! Numbers and lengths of time, by what stands around them.

use contract::{
    catalog::Kind,
    query::{Grain, Op, Value},
};

use super::super::{Keyword, Mark, Meaning, Unit};
use crate::{
    catalog::{Catalog, Entity},
    questions::{rules::whole, times::Stretch},
};

/// "and over 500 GB": what follows a number says something else before one.
pub(super) fn signs(marks: &mut [Mark]) {
    for n in 0..marks.len() {
        let number = |it: Option<&Mark>| it.is_some_and(|it| matches!(it.meaning, Meaning::Number(..)));
        // "plus rebuilds", of what was asked before
        if let Some(first) = marks.first_mut().filter(|it| n == 0 && it.text == "plus") {
            first.meaning = Meaning::Keyword(Keyword::Also);
            continue;
        }
        let apart = !n.checked_sub(1).is_some_and(|it| number(marks.get(it)));
        if !apart || !number(marks.get(n + 1)) {
            continue;
        }
        // "at or above 3000"
        let with = n.checked_sub(1).and_then(|it| marks.get(it)).is_some_and(|it| it.text == "at");
        let Some(mark) = marks.get_mut(n) else { continue };
        let op = match (&mark.meaning, mark.text.rsplit(' ').next()) {
            (Meaning::Keyword(Keyword::After(op)), Some("over" | "above" | "under" | "below")) if with => *op,
            (Meaning::Keyword(Keyword::After(_)), Some("over" | "above")) => Op::MoreThan,
            (Meaning::Keyword(Keyword::After(_)), Some("under" | "below")) => Op::LessThan,
            _ => continue,
        };
        mark.meaning = Meaning::Keyword(Keyword::Compare(op));
    }
}

/// "5 connected hours": hours, though what they are of stands between.
pub(super) fn hours(marks: &mut [Mark], entity: &Entity) {
    for n in 1..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let (Some((number, before)), Some(mark)) = (before.split_last_mut(), rest.first()) else { continue };
        // "top 10 connected hours" are ten.
        if before.iter().any(|it| matches!(it.meaning, Meaning::Keyword(Keyword::Top | Keyword::Bottom))) {
            continue;
        }
        let (Meaning::Number(_, unit @ None), Meaning::Figure(figure)) = (&mut number.meaning, &mark.meaning)
        else {
            continue;
        };
        let minutes = figure.of.and_then(|it| entity.dimension(it)).is_some_and(|it| it.unit == Some("min"));
        if minutes && mark.text.split(' ').any(|it| matches!(it, "hours" | "hour" | "hrs")) {
            *unit = Some(Unit::Hours);
        }
    }
}

/// What stands at the end of the words before a value that something had, or got.
fn side(before: &[Mark]) -> Option<&'static str> {
    match before.last()?.text.rsplit(' ').next()? {
        "to" | "into" => Some("new"),
        "from" => Some("old"),
        _ => None,
    }
}

/// "job 2041" is of no year.
pub(super) fn of_rows(marks: &mut [Mark], entity: &Entity) {
    let numbered = entity.dimension(entity.key).is_some_and(|it| it.kind == Kind::Number);
    for n in 1..marks.len() {
        let Some([rows, mark]) = marks.get_mut(n - 1..=n) else { return };
        let one = rows.meaning == Meaning::Entity && !rows.text.ends_with('s') && numbered;
        if let (true, Meaning::Time(_), Ok(number)) = (one, &mark.meaning, mark.text.parse()) {
            mark.meaning = Meaning::Number(number, None);
        }
    }
}

/// Of changes, "the timeout from 60 to 120 minutes": what a number was, and what it became.
pub(super) fn sides(marks: &mut [Mark], entity: &Entity, catalog: &Catalog) {
    let is_number = |name: &Value| match (catalog.desktops(), name) {
        (Some(desktops), Value::Text(name)) => {
            desktops.dimension(name).is_some_and(|it| it.kind == Kind::Number)
        }
        _ => false,
    };
    let of_number = |it: &Mark| match &it.meaning {
        Meaning::Value(them) => them.iter().any(|(field, name)| field == "field" && is_number(name)),
        _ => false,
    };
    if !entity.tells_changes() || !marks.iter().any(of_number) {
        return;
    }
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let (Some(mark), Some(side)) = (rest.first_mut(), side(before)) else { continue };
        let limited = before.iter().any(|it| it.text.split(' ').any(|it| matches!(it, "limit" | "limited")));
        if let (Meaning::Number(number, unit), false) = (&mark.meaning, limited) {
            let number = if *unit == Some(Unit::Hours) { number * 60.0 } else { *number };
            mark.meaning = Meaning::Value(vec![(side.to_owned(), Value::text(number.to_string()))]);
        }
    }
}

/// "hourly desktops", "from hourly to monthly": the modes that are billed so. Of rows about desktops "monthly" is a step.
pub(super) fn modes(marks: &mut [Mark], entity: &Entity) {
    let modes = ["running_mode", "desktop.running_mode"].into_iter().find_map(|it| entity.reach(it));
    let Some(mode) = modes else { return };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        let desktops = entity.activity.is_some()
            && rest.first().is_some_and(|it| it.meaning == Meaning::Entity && it.text.ends_with('s'));
        let billed = match mark.text.as_str() {
            "hourly" => "AUTO_STOP",
            "monthly" => "ALWAYS_ON",
            _ => continue,
        };
        if matches!(mark.meaning, Meaning::Grain(..))
            && (desktops || entity.tells_changes() && side(before).is_some())
        {
            mark.meaning = Meaning::Value(vec![(mode.name.clone(), Value::text(billed))]);
        }
    }
}

/// "not synced for more than 6 hours": what happens again and again happened last before that.
pub(super) fn stale(marks: &mut Vec<Mark>, entity: &Entity) {
    const AGAIN: &[&str] = &["synced_at", "observed_at", "last_login_at"];
    // A change is noticed once.
    if entity.tells_changes() {
        return;
    }
    for n in 0..marks.len() {
        let Some([not, said, rest @ ..]) = marks.get(n..) else { return };
        let (Meaning::Keyword(Keyword::Not | Keyword::Without), Meaning::TimeOf(time) | Meaning::Field(time)) =
            (&not.meaning, &said.meaning)
        else {
            continue;
        };
        let Some((count, bound)) = length_after(rest).filter(|_| AGAIN.contains(&time.as_str())) else {
            continue;
        };
        let idle = Meaning::Idle(time.clone(), bound);
        let mut all = marks.drain(n..=n + 2 + count).collect::<Vec<_>>().into_iter();
        let Some(mut joined) = all.next() else { return };
        for it in all {
            joined.text = format!("{} {}", joined.text, it.text);
            joined.raw = format!("{} {}", joined.raw, it.raw);
            joined.end = it.end;
        }
        joined.meaning = idle;
        marks.insert(n, joined);
    }
}

/// "waiting for more than 2 days": what waits since it is there, is so since before that.
pub(super) fn waiting(marks: &mut [Mark]) {
    const WAITS: &[&str] = &["proposed", "waiting", "queued"];
    let waits = |it: &Mark| match &it.meaning {
        Meaning::Value(them) => {
            let [(name, Value::Text(value))] = them.as_slice() else { return false };
            name == "state" && WAITS.contains(&value.as_str())
        }
        _ => false,
    };
    for n in 0..marks.len() {
        let Some((said, rest)) = marks.get_mut(n..).and_then(<[Mark]>::split_first_mut) else { return };
        let Some((count, before)) = length_after(rest).filter(|_| waits(said)) else { continue };
        rest.iter_mut().take(count).for_each(|it| it.meaning = Meaning::Noise);
        if let Some(length) = rest.get_mut(count) {
            let before = Some(before);
            length.meaning = Meaning::Time(Stretch { since: None, before, unit: Grain::Hour, rolling: None });
        }
    }
}

/// "for more than 6 hours": so many marks before the length, and since when that is.
fn length_after(marks: &[Mark]) -> Option<(usize, Value)> {
    let between = |it: &&Mark| {
        matches!(it.meaning, Meaning::Noise | Meaning::Keyword(Keyword::Compare(Op::MoreThan | Op::AtLeast)))
    };
    let count = marks.iter().take_while(between).count();
    let bound = match marks.get(count).filter(|_| count > 0)?.meaning {
        Meaning::Number(it, Some(Unit::Hours)) => whole(it).map(|hours_ago| Value::HoursAgo { hours_ago }),
        Meaning::Number(it, Some(Unit::Days)) => whole(it).map(|days_ago| Value::Ago { days_ago }),
        _ => None,
    };
    Some((count, bound?))
}
