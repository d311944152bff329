//! What words say about an entity's activity: "used in the last 7 days", "nobody has used for 30 days", "never connected".

use std::collections::BTreeSet;

use contract::query::Value;

use super::Meaning;
use crate::{
    catalog::{Activity, IDLE_DAYS, check::Moment},
    questions::{
        times::{self, Stretch},
        words::{BREAK, MAX_NAME_WORDS, Word, squash},
    },
};

/// An activity's phrases, squashed.
#[derive(Debug)]
pub(super) struct Phrases {
    happened: BTreeSet<String>,
    idle: BTreeSet<String>,
    idle_alone: BTreeSet<String>,
    never: BTreeSet<String>,
    forms: BTreeSet<String>,
}

impl Phrases {
    pub(super) fn of(activity: &Activity) -> Self {
        let set = |them: &[&str]| them.iter().map(|it| squash(it)).collect();
        Self {
            happened: set(activity.happened),
            idle: set(activity.idle),
            idle_alone: set(activity.idle_alone),
            never: set(activity.never),
            forms: set(FORMS),
        }
    }
}

/// When somebody last was in Skydesk itself.
const LAST_LOGIN: &str = "last_login_at";

/// What turns a word of activity around. The last may stand before it without a time.
const NEGATIONS: &[&str] = &[
    "not", "hasn't", "haven't", "hadn't", "isn't", "aren't", "wasn't", "weren't", "didn't", "don't",
    "doesn't", "nobody", "noone", "without", "no", "none", "hasnt", "havent", "didnt", "wasnt", "werent",
    "nobody's", "n't", "never", "unused",
];
/// What may stand between a negation and what it turns around.
const FILLERS: &[&str] = &[
    "been",
    "has",
    "have",
    "had",
    "any",
    "a",
    "an",
    "ever",
    "yet",
    "actively",
    "really",
    "even",
    "at",
    "all",
    "were",
    "was",
    "one",
    "being",
    "user",
    "single",
    "desktop",
    "desktops",
    "workspace",
    "machine",
    "signs",
    "sign",
    "of",
    "once",
    "actually",
    "successfully",
    "gotten",
    "got",
    // "nobody's used"
    "'s",
];

/// What stands at the beginning of `words`, and how many of them it takes.
pub(super) fn read(
    phrases: &Phrases,
    dimension: &str,
    words: &[Word],
    at: Moment,
) -> Option<(Meaning, usize)> {
    let rest = |taken: usize| words.get(taken..).unwrap_or_default();
    if let Some(taken) = longest(words, &phrases.never) {
        return Some((Meaning::Never(dimension.to_owned()), taken));
    }
    if let Some(taken) = longest(words, &phrases.idle).or_else(|| negated(words, phrases)) {
        let taken = taken + place(rest(taken - 1), dimension);
        let never = words.iter().take(taken).any(|it| matches!(it.text.as_str(), "never" | "ever"));
        let noun = longest(words.get(..taken).unwrap_or_default(), &phrases.idle_alone) == Some(taken);
        if let Some((value, more)) = idle_since(rest(taken), at, noun) {
            return Some((Meaning::Idle(dimension.to_owned(), value), taken + more));
        }
        // "nobody logged in to yet", but "not logged in yet this week", and "idle yet AlwaysOn"
        let yet = !noun && rest(taken).first().is_some_and(|it| matches!(it.text.as_str(), "yet" | "ever"));
        if let Some((value, more)) = idle_since(rest(taken + 1), at, noun).filter(|_| yet) {
            return Some((Meaning::Idle(dimension.to_owned(), value), taken + 1 + more));
        }
        if never || yet {
            return Some((Meaning::Never(dimension.to_owned()), taken + usize::from(yet)));
        }
        if noun {
            return Some((Meaning::Idle(dimension.to_owned(), Value::Ago { days_ago: IDLE_DAYS }), taken));
        }
        return None;
    }
    let taken = longest(words, &phrases.happened)?;
    let taken = taken + if dimension == LAST_LOGIN { place(rest(taken - 1), dimension) } else { 0 };
    // "last connected more than 30 days ago" is the opposite of "connected in the last 30 days".
    if let Some((value, more)) = longer_ago(rest(taken), at) {
        return Some((Meaning::Idle(dimension.to_owned(), value), taken + more));
    }
    let (stretch, more) = times::stretch(rest(taken), at.today())?;
    Some((Meaning::Happened(dimension.to_owned(), stretch), taken + more))
}

/// "nobody has used", "not been logged in to".
fn negated(words: &[Word], phrases: &Phrases) -> Option<usize> {
    let auxiliary = words.first().is_some_and(|it| {
        matches!(
            it.text.as_str(),
            "has" | "have" | "had" | "did" | "do" | "does" | "was" | "were" | "is" | "are" | "with"
        )
    });
    let at = usize::from(auxiliary);
    if !words.get(at).is_some_and(|it| NEGATIONS.contains(&it.text.as_str())) {
        return None;
    }
    let fillers = words.iter().skip(at + 1).take_while(|it| FILLERS.contains(&it.text.as_str())).count();
    let from = at + 1 + fillers.min(4);
    let rest = words.get(from..)?;
    let more = longest(rest, &phrases.happened).max(longest(rest, &phrases.forms))?;
    let to = usize::from(words.get(from + more).is_some_and(|it| matches!(it.text.as_str(), "to" | "into")));
    Some(from + more + to)
}

/// "to Skydesk", "their desktop", after a verb: where somebody logged in, in words that say no more. `words` begin with the
/// verb's last.
fn place(words: &[Word], dimension: &str) -> usize {
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    let to = |n: usize| matches!(text(n), "to" | "into" | "on" | "onto");
    let at = match (to(0), to(1)) {
        (_, true) => 2,
        (true, false) => 1,
        _ => return 0,
    };
    let the = usize::from(matches!(text(at), "the" | "their" | "his" | "her" | "our" | "a"));
    let named = match text(at + the) {
        "skydesk" | "portal" => dimension == LAST_LOGIN,
        "desktop" | "desktops" | "workspace" | "workspaces" | "machine" | "machines" | "pc" => true,
        _ => false,
    };
    if named { at + the } else { 0 }
}

/// Other forms of words of activity.
const FORMS: &[&str] = &[
    "logged into",
    "logged in to",
    "logged on to",
    "accessed",
    "touched",
    "opened",
    "connect",
    "use",
    "log in",
    "sign in",
    "log on",
    "connected to",
    "logon",
    "logons",
    "session",
    "sessions",
    "signed into",
    "worked on",
    "activity",
    "any activity",
    "usage",
    "connecting",
    "logged",
    "login activity",
    "user activity",
];

fn longest(words: &[Word], phrases: &BTreeSet<String>) -> Option<usize> {
    let statement = words.iter().take_while(|it| it.text != BREAK && it.text != ",");
    let mut run = String::new();
    let mut found = None;
    for (n, word) in statement.take(MAX_NAME_WORDS).enumerate() {
        run.push_str(&squash(&word.text));
        if phrases.contains(&run) {
            found = Some(n + 1);
        }
    }
    found
}

/// "for 30 days", "in the last month", "since 3 March", "for over a week", "this year".
///
/// After a `noun` a time stands with a preposition: "the cost of zombies last month" is about last month.
fn idle_since(words: &[Word], at: Moment, noun: bool) -> Option<(Value, usize)> {
    let skipped = words
        .iter()
        .take_while(|it| {
            matches!(
                it.text.as_str(),
                "for"
                    | "in"
                    | "over"
                    | "more"
                    | "than"
                    | "at"
                    | "least"
                    | "the"
                    | "during"
                    | "within"
                    | "longer"
                    | "by"
                    | "anyone"
                    | "anybody"
                    | "them"
                    | "it"
                    | ","
                    | "since"
                    | "full"
                    | "whole"
                    | "already"
                    | ">"
                    | "about"
            )
        })
        .count();
    let rest = words.get(skipped..)?;
    if let Some((duration, taken)) = times::duration(rest) {
        let after = rest.get(taken).is_some_and(|it| matches!(it.text.as_str(), "ago" | "now" | "straight"));
        let value = match duration.unit {
            contract::query::Grain::Hour => Value::HoursAgo { hours_ago: duration.count },
            _ => Value::Ago { days_ago: duration.days()? },
        };
        let more = match (
            rest.get(taken).map(|it| it.text.as_str()),
            rest.get(taken + 1).map(|it| it.text.as_str()),
        ) {
            (Some("or"), Some("more" | "longer")) => 2,
            _ => usize::from(after),
        };
        return Some((value, skipped + taken + more));
    }
    if noun
        && skipped == 0
        && words.first().is_none_or(|it| !matches!(it.text.as_str(), "since" | "for" | "in"))
    {
        return None;
    }
    let since = usize::from(skipped > 0 && words.get(skipped - 1).is_some_and(|it| it.text == "since"));
    let (stretch, taken) = times::stretch(words.get(skipped - since..)?, at.today())?;
    Some((stretch.since?, skipped - since + taken))
}

/// "more than 30 days ago", "over a week ago", "before March".
fn longer_ago(words: &[Word], at: Moment) -> Option<(Value, usize)> {
    let skipped = words
        .iter()
        .take_while(|it| {
            matches!(it.text.as_str(), "more" | "than" | "over" | "longer" | "at" | "least" | "was" | "is")
        })
        .count();
    let rest = words.get(skipped..)?;
    if skipped > 0
        && let Some((duration, taken)) = times::duration(rest)
        && rest.get(taken).is_some_and(|it| it.text == "ago")
    {
        return Some((Value::Ago { days_ago: duration.days()? }, skipped + taken + 1));
    }
    let (stretch, taken): (Stretch, usize) = times::stretch(rest, at.today())?;
    if stretch.since.is_some() { None } else { Some((stretch.before?, skipped + taken)) }
}
