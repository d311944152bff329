//! Names, by what stands around them.

use contract::query::{Filter, Op, Value};

use super::super::{Keyword, Mark, Meaning, Unit, lexicon::is_of_people};
use crate::{
    catalog::{Catalog, DESKTOP_PREFIX, Entity, TAG_PREFIX},
    questions::{rules::whole, words::squash},
};

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
        // "by tag Department": what is a tag is said once more.
        if joint == 0 && field && matches!(&first.meaning, Meaning::Field(name) if name.ends_with("tags")) {
            first.meaning = Meaning::Noise;
            continue;
        }
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

/// "stuck jobs", "are desktops stuck": in which state, nobody says; "stuck in PENDING" does.
pub(super) fn stuck(marks: &mut [Mark]) {
    let says = |it: &Mark| {
        matches!(it.meaning, Meaning::Value(_) | Meaning::Condition { .. } | Meaning::Number(..))
            || matches!(it.meaning, Meaning::Keyword(Keyword::Compare(_)))
    };
    if marks.iter().any(says) {
        return;
    }
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((mark, rest)) = rest.split_first_mut() else { return };
        if !matches!(mark.text.as_str(), "stuck" | "hanging") || mark.meaning != Meaning::Noise {
            continue;
        }
        let silent = |it: &&Mark| matches!(it.meaning, Meaning::Noise | Meaning::Keyword(Keyword::It));
        let last = before.iter().rev().find(|it| !silent(it));
        if [last, rest.first()].into_iter().flatten().any(|it| it.meaning == Meaning::Entity) {
            mark.meaning = Meaning::Unknown;
        }
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

/// "old desktops" are no old values, "over 500 dollars or not final" says something by its negation, and "changes away from
/// Standard" are from it. Desktops that "are live" do not live anywhere.
pub(super) fn says_otherwise(marks: &mut [Mark], entity: &Entity) {
    const FLIPS: &[&str] =
        &["compute_type", "running_mode", "bundle", "state", "operating_system", "protocol"];
    let flips = |it: &Mark| {
        let name = |it: &str| FLIPS.contains(&it.strip_prefix(DESKTOP_PREFIX).unwrap_or(it));
        entity.tells_changes() && it.meaning.dimensions().into_iter().any(name)
    };
    for n in 0..marks.len() {
        let Some([mark, next, rest @ ..]) = marks.get_mut(n..) else { return };
        let rows = matches!(&next.meaning, Meaning::Field(name) if name == "workspace_id");
        let old = matches!(mark.text.as_str(), "old" | "older") && matches!(mark.meaning, Meaning::Field(_));
        if old && rows || mark.text == "or not" && matches!(next.meaning, Meaning::Value(_)) {
            mark.meaning = Meaning::Unknown;
        } else if matches!(mark.text.as_str(), "are" | "is" | "were") && next.text == "live" {
            next.meaning = Meaning::Unknown;
        } else if mark.text == "away" && next.text == "from" && rest.first().is_some_and(flips) {
            mark.meaning = Meaning::Noise;
        }
    }
}

/// "accounts synced today": a desktop is what was synced only where desktops are named.
pub(super) fn synced(marks: &mut [Mark], entity: &Entity) {
    let named = |it: &Mark| {
        let one = |it: &str| matches!(it, "id" | "computer_name" | "user_name");
        it.meaning == Meaning::Entity || it.meaning.dimensions().into_iter().any(one)
    };
    // "desktops that haven't been synced": accounts have desktops, and are not meant.
    let of_theirs = |it: &Mark| matches!(&it.meaning, Meaning::Field(name) if name == "desktops");
    let meant = match entity.activity {
        Some(_) => marks.iter().any(named),
        None => marks.iter().any(|it| it.meaning == Meaning::Entity) || !marks.iter().any(of_theirs),
    };
    if meant || entity.of_house && entity.dimension("synced_at").is_none() {
        return;
    }
    for it in marks.iter_mut().filter(|it| it.text.ends_with("synced")) {
        it.meaning = Meaning::Unknown;
    }
}

/// "people who had their desktop rebuilt" are its users, not those who did it.
pub(super) fn owners(marks: &mut [Mark]) {
    let said = |it: &Mark, words: &[&str]| words.contains(&it.text.as_str());
    for n in 0..marks.len() {
        let Some([mark, rest @ ..]) = marks.get_mut(n..) else { return };
        let doer =
            matches!(&mark.meaning, Meaning::Field(name) if matches!(name.as_str(), "actor" | "proposed_by"));
        let had = rest.iter().take(2).position(|it| said(it, &["had", "have", "has"]));
        let their = had.and_then(|at| rest.get(at + 1..at + 3));
        let own = their.is_some_and(|it| {
            matches!(it, [their, desktop] if said(their, &["their"])
                && matches!(&desktop.meaning, Meaning::Field(name) if name == "workspace_id"))
        });
        if doer && own {
            mark.meaning = Meaning::Field("user_name".to_owned());
        }
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

/// "write calls" are those that change something; "read and write calls" nobody can say.
pub(super) fn writes(marks: &mut [Mark], entity: &Entity) {
    const READS: &str = "read_only";
    let reads = marks.iter().any(|it| it.text.split(' ').next() == Some("read"));
    for n in 1..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let (Some(write), Some(calls)) = (before.last_mut(), rest.first()) else { return };
        if write.text == "write" && calls.meaning == Meaning::Entity && entity.dimension(READS).is_some() {
            let filters = vec![Filter::new(READS, Op::Is, Value::Bool(false))];
            write.meaning =
                if reads { Meaning::Unknown } else { Meaning::Condition { filters, either: false } };
        }
    }
}

/// "when do people log in", "who logs in after 8 pm" speak of no log.
pub(super) fn logs_in(marks: &mut [Mark]) {
    for n in 0..marks.len() {
        let who = n.checked_sub(1).and_then(|it| marks.get(it)).map(|it| &it.meaning);
        let who = who == Some(&Meaning::Keyword(Keyword::Who));
        let inside = marks.get(n + 1).is_some_and(|it| matches!(it.text.as_str(), "in" | "on" | "into"));
        let said = |it: &&mut Mark| matches!(it.meaning, Meaning::Entity | Meaning::Hint | Meaning::Noise);
        if let Some(log) = marks.get_mut(n).filter(said).filter(|_| inside)
            && (log.text == "log" || log.text == "logs" && who)
        {
            log.meaning = Meaning::Unknown;
        }
    }
}

/// "error rate": the share of those that have an error.
pub(super) fn rates(marks: &mut [Mark]) {
    for n in 1..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let (Some(error), Some(rate)) = (before.last_mut(), rest.first()) else { return };
        let named = matches!(&error.meaning, Meaning::Field(name) if name == "error_code");
        if named && error.text == "error" && rate.text.starts_with("rate") {
            let filter = Filter { dimension: "error_code".into(), op: Op::NotEmpty, values: Vec::new() };
            error.meaning = Meaning::Condition { filters: vec![filter], either: false };
        }
    }
}

/// "IP addresses used by more than one desktop": that they were used says no more.
pub(super) fn used_by(marks: &mut [Mark], entity: &Entity) {
    let named = |it: &Mark| matches!(&it.meaning, Meaning::Field(name) if name != "workspace_id");
    if entity.of_house || !marks.first().is_some_and(named) {
        return;
    }
    for n in 0..marks.len() {
        let Some([used, by, bound, ..]) = marks.get_mut(n..) else { return };
        let number = matches!(
            bound.meaning,
            Meaning::Keyword(Keyword::Compare(_) | Keyword::Only) | Meaning::Number(..)
        );
        if used.meaning == Meaning::Unknown
            && used.text == "used"
            && by.meaning == Meaning::Keyword(Keyword::By)
            && number
        {
            used.meaning = Meaning::Noise;
            by.meaning = Meaning::Noise;
        }
    }
}

/// "tags added or deleted", "expected and safe saving", "old and new": what is joined is of the same.
pub(super) fn joined(marks: &mut [Mark], entity: &Entity) {
    for n in 0..marks.len() {
        let Some([first, joint, second, ..]) = marks.get_mut(n..) else { return };
        if !matches!(joint.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) {
            continue;
        }
        match &first.meaning {
            Meaning::Value(them) => {
                let added = them.iter().find(|it| it.1 == Value::text("CreateTags"));
                let gone = matches!(second.text.as_str(), "deleted" | "removed" | "deletions" | "removals");
                if let Some((name, _)) = added.filter(|_| gone) {
                    second.meaning = Meaning::Value(vec![(name.clone(), Value::text("DeleteTags"))]);
                }
            }
            Meaning::Field(name) if name == "old" && second.text == "new" => {
                second.meaning = Meaning::Field("new".to_owned());
            }
            _ if first.text == "expected" => {
                let safe = matches!(&second.meaning, Meaning::Figure(it) if it.of == Some("saves_p90"));
                let expected = entity.words.measures.iter().find(|it| it.of == Some("saves_p50"));
                if let Some(expected) = expected.filter(|_| safe) {
                    first.meaning = Meaning::Figure(expected);
                }
            }
            _ => {}
        }
    }
}

/// "the last 30 days vs the 30 days before": the stretch before, where it is as long.
pub(super) fn one_before(marks: &mut [Mark]) {
    let said: Vec<Value> = marks
        .iter()
        .filter_map(|it| match &it.meaning {
            Meaning::Time(it) if it.before.is_none() => it.since.clone(),
            _ => None,
        })
        .collect();
    for n in 0..marks.len() {
        let Some([versus, rest @ ..]) = marks.get_mut(n..) else { return };
        let at = rest.iter().take_while(|it| it.meaning == Meaning::Noise).count();
        let Some([length, before, ..]) = rest.get_mut(at..) else { continue };
        let as_long = match &length.meaning {
            Meaning::Number(it, Some(Unit::Days)) => whole(*it).map(|days_ago| Value::Ago { days_ago }),
            Meaning::Number(it, Some(Unit::Hours)) => {
                whole(*it).map(|hours_ago| Value::HoursAgo { hours_ago })
            }
            _ => None,
        };
        if versus.meaning == Meaning::Keyword(Keyword::Versus)
            && as_long.is_some_and(|it| said.is_empty() || said.contains(&it))
            && matches!(before.text.as_str(), "before" | "prior" | "earlier" | "preceding")
        {
            length.meaning = Meaning::Keyword(Keyword::OneBefore);
            before.meaning = Meaning::Noise;
        }
    }
}
