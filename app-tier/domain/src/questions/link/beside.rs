//! What a mark means because of those beside it.

use contract::query::{Filter, Grain, Op, Value};

use super::{
    Keyword, Mark, Meaning, Unit,
    lexicon::{is_called_in_short, is_of_people},
};
use crate::{
    catalog::{Catalog, Entity, TAG_PREFIX},
    questions::{rules::whole, times::Stretch, words::squash},
};

/// So many marks may tell what happened on a day.
const MOST_BETWEEN: usize = 7;

/// What may stand between a word for tagging and the tag.
const JOINTS: &[&str] = &["with", "as", "with a", "with an", "with the", "a", "an", "the", "for"];

/// "machines tagged Environment production": that word is no deed, and "not tagged with a project" no lack of every tag,
/// where a tag follows.
pub(super) fn tags(marks: &mut [Mark]) {
    let of_tag = |name: &str| name.contains(TAG_PREFIX);
    let does = |it: &Mark| {
        it.meaning == Meaning::Keyword(Keyword::Who)
            || it.meaning.dimensions().iter().any(|it| is_of_people(it))
    };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((first, rest)) = rest.split_first_mut() else { return };
        let joins = |it: &&Mark| JOINTS.contains(&it.text.as_str());
        let joint = rest.iter().take_while(joins).count();
        let Some(named) = rest.get(joint) else { continue };
        let dimensions = named.meaning.dimensions();
        let field = matches!(&named.meaning, Meaning::Field(name) if of_tag(name));
        let meaning = match (first.text.as_str(), &first.meaning) {
            // "who tagged apollo desktops" asks for the deed.
            ("tagged", Meaning::Value(_))
                if (field || dimensions.iter().any(|it| of_tag(it))) && !before.last().is_some_and(does) =>
            {
                Keyword::Tagged
            }
            ("not tagged" | "untagged", Meaning::Condition { .. } | Meaning::Value(_))
                if field && !before.last().is_some_and(does) =>
            {
                Keyword::Without
            }
            ("not tagged", Meaning::Condition { .. })
                if !dimensions.is_empty() && dimensions.iter().all(|it| of_tag(it)) =>
            {
                Keyword::Not
            }
            _ => continue,
        };
        first.meaning = Meaning::Keyword(meaning);
        for it in rest.iter_mut().take(joint) {
            it.meaning = Meaning::Noise;
        }
    }
}

/// The directory or person that what comes next is joined to, by its dimensions.
pub(super) fn joined_to(marks: &[Mark]) -> Vec<&str> {
    match marks {
        [.., value, joint] if matches!(joint.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) => {
            match &value.meaning {
                Meaning::Value(_) => {
                    let all = value.meaning.dimensions().into_iter();
                    all.filter(|it| is_called_in_short(it)).collect()
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// "Halden Finance (hardened)": what stands in parentheses belongs to the name before them, where that has it.
pub(super) fn parentheses(marks: &mut [Mark]) {
    for n in 0..marks.len() {
        let Some([name, open, word, rest @ ..]) = marks.get_mut(n..) else { return };
        let Meaning::Value(them) = &name.meaning else { continue };
        let held = squash(&word.text);
        let of_name = |(_, it): &(String, Value)| match it {
            Value::Text(it) => it.contains('(') && squash(it).contains(&held),
            _ => false,
        };
        if open.meaning == Meaning::Break && word.meaning == Meaning::Unknown && them.iter().any(of_name) {
            open.meaning = Meaning::Noise;
            word.meaning = Meaning::Noise;
            if let Some(close) = rest.first_mut().filter(|it| it.meaning == Meaning::Break) {
                close.meaning = Meaning::Noise;
            }
        }
    }
}

/// "newest Skydesk user", "logged in to Skydesk": of who uses Skydesk itself, and of nothing else that is in it.
pub(super) fn of_skydesk(marks: &mut [Mark], entity: &Entity) {
    if entity.dimension("username").is_some() {
        return;
    }
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        let person = |it: &Mark| matches!(&it.meaning, Meaning::Field(name) if is_of_people(name));
        let said =
            |it: &Mark| it.text.split(' ').any(|it| matches!(it, "logged" | "log" | "signed" | "login"));
        let of_users = rest.first().is_some_and(person) || before.iter().rev().take(3).any(said);
        if mark.text == "skydesk" && of_users {
            mark.meaning = Meaning::Unknown;
        }
    }
}

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

/// "Windows Server 2022 or 2025": another of what was named, by what tells the two apart.
pub(super) fn versions(marks: &mut [Mark], catalog: &Catalog) {
    const NAMED: &str = "operating_system";
    let Some(systems) = catalog.desktops().and_then(|it| it.dimension(NAMED)) else { return };
    for n in 2..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let ([.., first, joint], Some(mark)) = (before, rest.first_mut()) else { continue };
        let joined = matches!(joint.meaning, Meaning::Keyword(Keyword::And | Keyword::Or));
        let version = mark.text.replace('.', "_");
        let (true, Meaning::Value(them)) = (joined, &first.meaning) else { continue };
        let [(dimension, Value::Text(known))] = them.as_slice() else { continue };
        let numbered = !version.is_empty() && version.chars().all(|it| it.is_ascii_digit() || it == '_');
        if !numbered || !dimension.ends_with(NAMED) {
            continue;
        }
        let family = known.trim_end_matches(|it: char| it.is_ascii_digit() || it == '_');
        let other = format!("{family}_{version}");
        if systems.values.known().iter().any(|(it, _)| *it == other) {
            mark.meaning = Meaning::Value(vec![(dimension.clone(), Value::text(other))]);
        }
    }
}

/// "5 connected hours": hours, though what they are of stands between.
pub(super) fn hours(marks: &mut [Mark], entity: &Entity) {
    for n in 1..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let (Some(number), Some(mark)) = (before.last_mut(), rest.first()) else { continue };
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

/// Of changes, "the timeout from 60 to 120 minutes": what a number was, and what it became. "From hourly to monthly" and
/// "hourly desktops": the modes that are billed so.
pub(super) fn numbers_and_modes(marks: &mut [Mark], entity: &Entity) {
    let of_field = |it: &Mark| it.meaning.dimensions().contains(&"field");
    let changes = entity.dimension("old").is_some();
    let named = marks.iter().any(of_field);
    let modes = ["running_mode", "desktop.running_mode"].into_iter().find_map(|it| entity.reach(it));
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        let last = before.last().map_or("", |it| it.text.rsplit(' ').next().unwrap_or_default());
        let side = match last {
            "to" | "into" => Some("new"),
            "from" => Some("old"),
            _ => None,
        };
        let plural = |it: &Mark| {
            let desktops = matches!(&it.meaning, Meaning::Field(name) if name == "workspace_id");
            let rows = it.meaning == Meaning::Entity && entity.activity.is_some();
            (desktops || rows) && it.text.ends_with('s')
        };
        let of_desktops = modes.as_ref().is_some_and(|it| it.of_desktop) || entity.activity.is_some();
        let names = side.is_some() && changes || of_desktops && rest.first().is_some_and(plural);
        let meaning = match (&mark.meaning, side, mark.text.as_str()) {
            (Meaning::Number(number, unit), Some(side), _) if changes && named => {
                let number = if *unit == Some(Unit::Hours) { number * 60.0 } else { *number };
                Meaning::Value(vec![(side.to_owned(), Value::text(number.to_string()))])
            }
            (Meaning::Grain(..), _, "hourly" | "monthly") if names => {
                let mode = if mark.text == "hourly" { "AUTO_STOP" } else { "ALWAYS_ON" };
                let Some(field) = &modes else { continue };
                Meaning::Value(vec![(field.name.clone(), Value::text(mode))])
            }
            _ => continue,
        };
        mark.meaning = meaning;
    }
}

/// "not synced for more than 6 hours", "waiting for more than 2 days": what happens again and again, or waits since it is
/// there, did so before that.
pub(super) fn stale(marks: &mut [Mark], entity: &Entity) {
    const WAITS: &[&str] = &["proposed", "waiting", "queued"];
    const AGAIN: &[&str] = &["synced_at", "observed_at", "last_login_at"];
    // A change is noticed once.
    let once = entity.dimension("old").is_some();
    let again = |it: &Mark| {
        matches!(&it.meaning, Meaning::TimeOf(it) | Meaning::Field(it) if AGAIN.contains(&it.as_str()))
            && !once
    };
    let waits = |it: &Mark| match &it.meaning {
        Meaning::Value(them) => {
            let [(name, Value::Text(value))] = them.as_slice() else { return false };
            name == "state" && WAITS.contains(&value.as_str())
        }
        _ => false,
    };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let not = before
            .last_mut()
            .filter(|it| matches!(it.meaning, Meaning::Keyword(Keyword::Not | Keyword::Without)));
        let Some((said, rest)) = rest.split_first_mut() else { return };
        if !(again(said) && not.is_some() || waits(said)) {
            continue;
        }
        let between = |it: &&mut Mark| {
            let least = Meaning::Keyword(Keyword::Compare(Op::AtLeast));
            it.meaning == Meaning::Noise
                || it.meaning == Meaning::Keyword(Keyword::Compare(Op::MoreThan))
                || it.meaning == least
        };
        let count = rest.iter_mut().take_while(between).count();
        let Some(length) = rest.get_mut(count).filter(|_| count > 0) else { continue };
        let bound = match &length.meaning {
            Meaning::Number(it, Some(Unit::Hours)) => {
                whole(*it).map(|hours_ago| Value::HoursAgo { hours_ago })
            }
            Meaning::Number(it, Some(Unit::Days)) => whole(*it).map(|days_ago| Value::Ago { days_ago }),
            _ => None,
        };
        if bound.is_none() {
            continue;
        }
        length.meaning =
            Meaning::Time(Stretch { since: None, before: bound, unit: Grain::Hour, rolling: None });
        if let Some(not) = not.filter(|_| again(said)) {
            not.meaning = Meaning::Noise;
        }
        rest.iter_mut().take(count).for_each(|it| it.meaning = Meaning::Noise);
    }
}

/// "write calls" are those that change something; "error rate" is the share of those that have one; "old and new" are both
/// the columns.
pub(super) fn pairs(marks: &mut [Mark], entity: &Entity) {
    const READS: &str = "read_only";
    let reads = entity.dimension(READS).is_some();
    for n in 0..marks.len() {
        let Some([first, rest @ ..]) = marks.get_mut(n..) else { return };
        match (&first.meaning, rest) {
            (Meaning::Noise, [calls, ..])
                if first.text == "write" && reads && calls.meaning == Meaning::Entity =>
            {
                let filter = Filter::new(READS, Op::Is, Value::Bool(false));
                first.meaning = Meaning::Condition { filters: vec![filter], either: false };
            }
            (Meaning::Field(name), [rate, ..])
                if name == "error_code" && first.text == "error" && rate.text.starts_with("rate") =>
            {
                let filter = Filter { dimension: name.clone(), op: Op::NotEmpty, values: Vec::new() };
                first.meaning = Meaning::Condition { filters: vec![filter], either: false };
            }
            // "IP addresses used by more than one desktop"
            (Meaning::Unknown, [by, bound, ..])
                if first.text == "used"
                    && by.meaning == Meaning::Keyword(Keyword::By)
                    && matches!(
                        bound.meaning,
                        Meaning::Keyword(Keyword::Compare(_) | Keyword::Only) | Meaning::Number(..)
                    ) =>
            {
                first.meaning = Meaning::Noise;
                by.meaning = Meaning::Noise;
            }
            // "tags added or deleted"
            (Meaning::Value(them), [joint, deed, ..]) if joint.text == "or" || joint.text == "and" => {
                let tags = |it: &(String, Value)| it.1 == Value::text("CreateTags");
                let name = them.iter().find(|it| tags(it)).map(|it| it.0.clone());
                let gone = matches!(deed.text.as_str(), "deleted" | "removed" | "deletions" | "removals");
                if let Some(name) = name.filter(|_| gone) {
                    deed.meaning = Meaning::Value(vec![(name, Value::text("DeleteTags"))]);
                }
            }
            // "expected and safe saving"
            (_, [and, safe, ..])
                if first.text == "expected" && and.meaning == Meaning::Keyword(Keyword::And) =>
            {
                let of = |name: &str| entity.words.measures.iter().find(|it| it.of == Some(name));
                let is_safe = matches!(&safe.meaning, Meaning::Figure(it) if it.of == Some("saves_p90"));
                if let Some(expected) = of("saves_p50").filter(|_| is_safe) {
                    first.meaning = Meaning::Figure(expected);
                }
            }
            (Meaning::Field(name), [and, new, ..])
                if name == "old" && and.meaning == Meaning::Keyword(Keyword::And) && new.text == "new" =>
            {
                new.meaning = Meaning::Field("new".to_owned());
            }
            (Meaning::Keyword(Keyword::Versus), rest) => {
                let at = rest.iter().take_while(|it| it.meaning == Meaning::Noise).count();
                let Some([length, before, ..]) = rest.get_mut(at..) else { continue };
                let days = matches!(length.meaning, Meaning::Number(_, Some(Unit::Days | Unit::Hours)));
                if days && matches!(before.text.as_str(), "before" | "prior" | "earlier" | "preceding") {
                    length.meaning = Meaning::Keyword(Keyword::OneBefore);
                    before.meaning = Meaning::Noise;
                }
            }
            _ => {}
        }
    }
}

/// "since summer, say 1 June", "since the audit on 3 March": from that day on.
pub(super) fn since(marks: &mut [Mark]) {
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some(Mark { meaning: Meaning::Time(stretch), .. }) = rest.first_mut() else { continue };
        let one_day = stretch.unit == Grain::Day && stretch.rolling.is_none() && stretch.before.is_some();
        let said = before
            .iter()
            .rev()
            .take(MOST_BETWEEN)
            .take_while(|it| {
                matches!(it.meaning, Meaning::Unknown | Meaning::Noise | Meaning::Break | Meaning::Hint)
            })
            .any(|it| it.text.split(' ').next() == Some("since"));
        if one_day && said {
            stretch.before = None;
        }
    }
}

/// "in May and June", "in May or June", "yesterday and today" are one stretch, unless the two are compared.
pub(super) fn side_by_side(marks: Vec<Mark>) -> Vec<Mark> {
    let compares = |it: &Mark| {
        let Meaning::Keyword(it) = &it.meaning else { return false };
        matches!(
            it,
            Keyword::Versus
                | Keyword::Comparison
                | Keyword::Between
                | Keyword::Moved(_)
                | Keyword::Developed
                | Keyword::More(_)
                | Keyword::Separately
                | Keyword::Each
                | Keyword::OneBefore
        )
    };
    if marks.iter().any(compares) {
        return marks;
    }
    let mut joined: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        let both = match joined.as_slice() {
            [.., first, and] if matches!(and.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) => {
                match (&first.meaning, &mark.meaning) {
                    (Meaning::Time(one), Meaning::Time(other)) => one.and(other),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(both) = both else {
            joined.push(mark);
            continue;
        };
        if let (Some(and), Some(first)) = (joined.pop(), joined.last_mut()) {
            first.text = format!("{} {} {}", first.text, and.text, mark.text);
            first.raw = format!("{} {} {}", first.raw, and.raw, mark.raw);
            first.end = mark.end;
            first.meaning = Meaning::Time(both);
        }
    }
    joined
}
