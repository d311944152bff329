//! Looks up what stands at the beginning of some words.
//!
//! Symbols, activity, times and numbers are read by their form; everything else is a name: of the catalog, of the
//! vocabulary, or of a value that the database holds. The longest wins; of the same length, what is written first here. A part
//! of a value's name before what it is a value of ("the lab directory") goes before another value of that length.

mod short;

use std::collections::HashMap;

use contract::query::{Grain, Value};

pub(super) use self::short::{is_called_in_short, is_of_people};
use super::{
    By, Meaning, Prepared, Run, StoredValue, activity, clocks, numbers,
    terms::{ACTIVITIES, DESKTOPS, Rank, TERMS, Terms},
};
use crate::{
    catalog::{Catalog, DESKTOP_PREFIX, Entity, TAG_PREFIX},
    questions::{
        conditions, times,
        words::{BREAK, Word, singular, squash, stem},
    },
};

/// Dimensions that mean the same wherever they are: a value known of one entity may be asked about in another.
const SHARED: &[&str] =
    &["user_name", "account", "region", "directory", "running_mode", "compute_type", "service", "account_id"];

/// Dimensions that name whoever does something: who is known to do one thing may be asked about with any other.
const DOERS: &[&str] = &["actor", "source_identity", "proposed_by", "decided_by", "asked_by", "username"];

/// When Skydesk first saw a desktop.
const FIRST_SEEN: &str = "first_seen_at";

/// What a kind of hardware stands before.
const HARDWARE: &[&str] = &[
    "desktop",
    "machine",
    "workspace",
    "box",
    "bundle",
    "type",
    "class",
    "size",
    "one",
    "vdi",
    "pc",
    "computer",
];

/// What one question's words are looked up in.
pub(super) struct Lexicon<'a> {
    entity: &'static Entity,
    terms: Option<&'static Terms>,
    stored: HashMap<&'a str, Vec<&'a StoredValue>>,
    /// The dimension of the entity's activity, or of that of the desktop that its rows belong to.
    activity: Option<(&'static activity::Phrases, String)>,
    desktops: Option<&'static Entity>,
}

impl<'a> Lexicon<'a> {
    pub(super) fn new(entity: &'static Entity, catalog: &Catalog, stored: &'a [StoredValue]) -> Self {
        let mut by_name: HashMap<&str, Vec<&StoredValue>> = HashMap::new();
        for it in stored {
            by_name.entry(&it.name).or_default().push(it);
        }
        let own = ACTIVITIES.get(entity.name).map(|(it, dimension)| (it, (*dimension).to_owned()));
        let of_desktop = || {
            catalog.entity(DESKTOPS).filter(|_| entity.has_desktops())?;
            ACTIVITIES.get(DESKTOPS).map(|(it, dimension)| (it, format!("{DESKTOP_PREFIX}{dimension}")))
        };
        Self {
            entity,
            terms: TERMS.get(entity.name),
            stored: by_name,
            activity: own.or_else(of_desktop),
            desktops: catalog.desktops(),
        }
    }

    /// What stands at a place, and how many words it takes.
    /// `beside` are the dimensions of a value that it is joined to: "in corp and sales".
    pub(super) fn read(&self, prepared: &Prepared<'_>, at: usize, beside: &[&str]) -> (Meaning, usize) {
        let words = prepared.words.get(at..).unwrap_or_default();
        let Some(first) = words.first() else { return (Meaning::Noise, 1) };
        match first.text.as_str() {
            BREAK => return (Meaning::Break, 1),
            "'s" | "=" => return (Meaning::Noise, 1),
            word => {
                if let Some(meaning) = numbers::symbol(word) {
                    return (meaning, 1);
                }
            }
        }
        let runs = prepared.runs.get(at).map(Vec::as_slice).unwrap_or_default();
        let mut best: Option<(usize, Meaning)> = None;
        let mut offer = |found: Option<(Meaning, usize)>| {
            if let Some((meaning, taken)) = found
                && best.as_ref().is_none_or(|(most, it)| {
                    taken > *most
                        || taken == *most
                            && matches!((it, &meaning), (Meaning::Grain(..), Meaning::Number(..)))
                })
            {
                best = Some((taken, meaning));
            }
        };
        if let Some((activity, dimension)) = &self.activity {
            // A day of use is when a desktop was used: its own time, not the last connection.
            let days = self.entity.words.times.iter().any(|(it, _)| *it == self.entity.time)
                && dimension.starts_with(DESKTOP_PREFIX);
            let found = activity::read(activity, dimension, words, prepared.at);
            offer(found.filter(|(it, _)| !(days && matches!(it, Meaning::Happened(..)))));
        }
        let before =
            at.checked_sub(1).and_then(|it| prepared.words.get(it)).map_or("", |it| it.text.as_str());
        // What began long ago is old; a desktop has several beginnings, and is as old as it is known.
        let old = times::age(words);
        let linking = |it: &&Word| matches!(it.text.as_str(), "are" | "is" | "that" | "which");
        let noun = prepared.words.get(..at).unwrap_or_default().iter().rev().find(|it| !linking(it));
        let desktop = noun.is_some_and(|it| self.is_desktop(it));
        if self.entity.name != DESKTOPS {
            offer(old.map(|(it, taken)| (Meaning::Time(it), taken)));
        } else if let Some((it, taken)) = old.filter(|_| desktop) {
            let filters = conditions::of_stretch(FIRST_SEEN, &it);
            offer(Some((Meaning::Condition { filters, either: false }, taken)));
        }
        offer(clocks::clock(words, before, self.entity));
        offer(time(words, before, prepared));
        for (n, run) in runs.iter().enumerate().rev() {
            if let Some(meaning) = self.name(run) {
                let one = matches!(meaning, Meaning::Noise | Meaning::Keyword(_)) && first.text == "one";
                if !(one
                    && n == 0
                    && matches!(before, "than" | "least" | "most" | "exactly" | "over" | "only"))
                {
                    offer(Some((meaning, n + 1)));
                }
                break;
            }
        }
        if first.text == "one" && matches!(before, "than" | "least" | "most" | "exactly" | "over" | "only") {
            offer(Some((Meaning::Number(1.0, None), 1)));
        }
        if let Some((owner, taken)) = self.owner(prepared, at) {
            return (owner, taken);
        }
        if let Some(address) = self.address(first) {
            return (address, 1);
        }
        let count = numbers::number(words).map(|it| numbers::of_steps(it, words, before));
        offer(count);
        // "below an hour": an article is a one before a unit that is compared.
        let compared =
            matches!(before, "below" | "under" | "over" | "above" | "than" | "least" | "most" | "exceeding");
        if compared && matches!(first.text.as_str(), "a" | "an") {
            offer(numbers::one_of(words));
        }
        // "old and new values": the kind of hardware is called so before what it is of.
        if matches!(first.text.as_str(), "value" | "values")
            && best.as_ref().is_some_and(|(taken, _)| *taken == 1)
        {
            let next = words.get(1).map_or("", |it| it.text.as_str());
            let written = prepared.raw(first.start, first.end).chars().next().is_some_and(char::is_uppercase);
            let beside = matches!(before, "vs" | "versus" | "or" | ",");
            if !written && !beside && !HARDWARE.contains(&singular(next).as_ref()) {
                return (Meaning::Noise, 1);
            }
        }
        // "the most common": the article belongs to what follows when that is longer without it.
        if let Some((taken, _)) = &best
            && *taken > 1
            && matches!(first.text.as_str(), "the" | "a" | "an")
            && self.read(prepared, at + 1, &[]).1 >= *taken
        {
            return (Meaning::Noise, 1);
        }
        if first.quoted {
            let run = words.iter().take_while(|it| it.quoted).count();
            // "the 'idle' desktops" are idle all the same.
            let says = |it: &Meaning| {
                matches!(
                    it,
                    Meaning::Value(_) | Meaning::Condition { .. } | Meaning::Idle(..) | Meaning::Never(_)
                )
            };
            let known = best.as_ref().is_some_and(|(taken, it)| *taken >= run && says(it));
            if !known {
                let texts: Vec<_> = words.iter().take(run).map(|it| it.text.as_str()).collect();
                return (Meaning::Quoted(texts.join(" ")), run);
            }
        }
        // A value of something else gives way; one of the same is called so in full, and numbers, and words that carry the
        // question, stay what they are.
        let gives_way = |it: &Meaning| matches!(it, Meaning::Value(_) | Meaning::Condition { .. });
        let short = self.named_short(prepared, at);
        // "in na": a place of two letters.
        let place = before == "in" && best.is_none() && first.text.len() == 2;
        let beside = if place { &["directory", "desktop.directory"] } else { beside };
        let joined = self.joined(prepared, at, beside);
        // "the service directory", "lab and service": no list of fields.
        let before_it =
            |it: &Meaning| (short.is_some() || joined.is_some()) && matches!(it, Meaning::Field(_));
        if let Some((named, taken)) =
            short.clone().or_else(|| self.named_after(prepared, at)).or_else(|| joined.clone())
            && best.as_ref().is_none_or(|(most, it)| {
                *most <= taken && (gives_way(it) || before_it(it)) && !it.is_of_the_same(&named)
            })
        {
            return (named, taken);
        }
        match best {
            // "operators" are similar to nothing that is stored.
            Some((taken, meaning)) => match self.short(prepared, at) {
                Some((short, more)) if more > taken => (short, more),
                _ => (meaning, taken),
            },
            None => {
                let alike = self.short(prepared, at).or_else(|| self.similar(runs));
                alike.unwrap_or((Meaning::Unknown, 1))
            }
        }
    }

    /// The word is one for desktops, by itself.
    fn is_desktop(&self, word: &Word) -> bool {
        let named = self.terms.and_then(|it| it.exact.get(&squash(&word.text)));
        matches!(named, Some((_, Meaning::Entity)))
    }

    fn name(&self, run: &Run) -> Option<Meaning> {
        let (exact, stemmed) = (run.exact.as_str(), run.stemmed.as_str());
        let known = self.terms.and_then(|it| {
            let exactly = it.exact.get(exact);
            let (rank, meaning) = match (exactly, it.stemmed.get(stemmed)) {
                (Some(exactly), Some(like)) if like.0 < exactly.0 && exactly.0 >= Rank::Hint => like,
                (Some(exactly), _) => exactly,
                (None, like) => like?,
            };
            let merged = matches!(meaning, Meaning::Value(_)).then(|| it.values.get(exact)).flatten();
            let merged = merged.filter(|_| exactly.is_some());
            Some((*rank, merged.map_or_else(|| meaning.clone(), |them| Meaning::Value(them.clone()))))
        });
        let stored = self
            .stored_meaning(exact, By::Name)
            .or_else(|| self.stored_meaning(&run.canonical, By::Name))
            .or_else(|| self.stored_meaning(stemmed, By::Name).filter(is_named_loosely));
        match (known, stored) {
            (Some((_, Meaning::Value(known))), Some(Meaning::Value(stored))) => {
                let mut all = known.clone();
                // The row's own goes before what its desktop has by that name.
                let own = known.iter().any(|(name, _)| !name.starts_with(DESKTOP_PREFIX));
                let reached = |name: &str| own && name.starts_with(DESKTOP_PREFIX);
                // Somebody who is called "admin" is not what "admins" means.
                let alike = |value: &Value| known.iter().any(|(_, it)| it == value);
                all.extend(stored.into_iter().filter(|it| !alike(&it.1) && !reached(&it.0)));
                Some(Meaning::Value(all))
            }
            // What says little gives way to what the database knows by that name.
            (Some((rank, _)), Some(stored)) if rank >= Rank::Hint => Some(stored),
            // An "Owner" tag is what "owner" means where there is one; "user" and "region" stay what they are.
            (Some((Rank::Field, Meaning::Field(name))), Some(stored @ Meaning::Field(_)))
                if self
                    .entity
                    .field(&name)
                    .is_none_or(|it| stem(&it.label) != stemmed && stem(&it.name) != stemmed) =>
            {
                Some(stored)
            }
            (Some((_, term)), _) => Some(term),
            (None, stored) => stored,
        }
    }

    fn stored_meaning(&self, name: &str, by: By) -> Option<Meaning> {
        let mut values: Vec<(String, Value)> = Vec::new();
        let mut tag: Option<String> = None;
        for it in self.stored.get(name)?.iter().filter(|it| it.by == by) {
            if it.dimension == "tags" {
                let name = format!("{TAG_PREFIX}{}", it.value);
                let name = self.reachable(&it.entity, &name)?;
                // Of spellings that differ by case or blanks the usual one: in one word, with a capital.
                let usual = |it: &String| (it.contains(' '), it.clone());
                tag = Some(match tag {
                    Some(other) if usual(&other) < usual(&name) => other,
                    _ => name,
                });
            } else if let Some(dimension) = self.reachable(&it.entity, &it.dimension) {
                let entry = (dimension, Value::text(it.value.clone()));
                if !values.contains(&entry) {
                    values.push(entry);
                }
            }
        }
        match tag {
            Some(name) => Some(Meaning::Field(name)),
            None if values.is_empty() => None,
            None => {
                values.sort_by_key(|(name, _)| name.clone());
                Some(Meaning::Value(values))
            }
        }
    }

    /// What a dimension of `entity` is called here; `None` where it means nothing.
    fn reachable(&self, entity: &str, dimension: &str) -> Option<String> {
        let shared = SHARED.contains(&dimension);
        if (entity == self.entity.name || shared) && self.entity.field(dimension).is_some() {
            return Some(dimension.to_owned());
        }
        if self.entity.name == "accounts" && dimension == "account" {
            return Some(self.entity.key.to_owned());
        }
        if DOERS.contains(&dimension) {
            return self.entity.words.who.filter(|it| DOERS.contains(it)).map(str::to_owned);
        }
        if entity != DESKTOPS || !self.entity.has_desktops() {
            return None;
        }
        if dimension == "id" {
            return Some("workspace_id".to_owned());
        }
        self.entity.reach(&format!("{DESKTOP_PREFIX}{dimension}")).map(|it| it.name)
    }

    /// A network address, which is one whether or not the database has seen it.
    fn address(&self, word: &Word) -> Option<Meaning> {
        word.text.parse::<std::net::IpAddr>().ok()?;
        let value = || Value::text(word.text.clone());
        let own = self.entity.words.addresses.iter().map(|it| ((*it).to_owned(), value()));
        let reached =
            self.desktops.iter().filter(|_| self.entity.has_desktops()).flat_map(|it| it.words.addresses);
        let reached = reached.map(|it| (format!("{DESKTOP_PREFIX}{it}"), value()));
        let all: Vec<_> =
            if self.entity.words.addresses.is_empty() { reached.collect() } else { own.collect() };
        (!all.is_empty()).then_some(Meaning::Value(all))
    }

    /// A similar value of the database.
    fn similar(&self, runs: &[Run]) -> Option<(Meaning, usize)> {
        (1..=runs.len().min(3)).rev().find_map(|taken| {
            self.stored_meaning(&runs.get(taken - 1)?.exact, By::Likeness).map(|it| (it, taken))
        })
    }
}

/// "lorenzo saitos desktop": a tag and a person are called so with an ending, too.
fn is_named_loosely(it: &Meaning) -> bool {
    match it {
        Meaning::Field(_) => true,
        Meaning::Value(them) => them.iter().all(|(name, _)| is_of_people(name)),
        _ => false,
    }
}

/// A time, unless the words can as well be something else.
fn time(words: &[Word], before: &str, prepared: &Prepared<'_>) -> Option<(Meaning, usize)> {
    let (stretch, taken) = times::stretch(words, prepared.at.today())?;
    let first = words.first().map_or("", |it| it.text.as_str());
    // "what did she get up to yesterday"
    if matches!(before, "get" | "got" | "been" | "gets" | "getting") && first == "up" {
        return None;
    }
    // "in every month of 2026" asks for each of them.
    let step = matches!(first, "week" | "month" | "quarter" | "year");
    if matches!(before, "every" | "each" | "per" | "by") && step {
        return None;
    }
    // "the first of the month" is a day of it.
    let day = matches!(
        before,
        "first"
            | "second"
            | "last"
            | "end"
            | "ends"
            | "start"
            | "half"
            | "rest"
            | "day"
            | "days"
            | "beginning"
            | "middle"
            | "week"
            | "weeks"
            | "quarter"
            | "quarters"
            | "time"
            | "part"
            | "turn"
            | "course"
            | "1st"
    );
    if first == "of" && day && stretch.before.is_none() && words.get(1).is_some_and(|it| it.text == "the") {
        return None;
    }
    // "cost over 2000", "may I see": a bare year is one after a preposition only, and "may" a month.
    let bare = taken == 1 && stretch.unit == Grain::Year && first.len() == 4;
    let over = taken == 2 && stretch.unit == Grain::Year && matches!(first, "over" | "at" | "for" | "of");
    if (bare
        && matches!(
            before,
            "than" | "over" | "least" | "most" | "above" | "under" | "below" | "$" | ">" | "top"
        ))
        || over
    {
        return None;
    }
    if taken == 1
        && matches!(first, "may" | "march")
        && !matches!(before, "in" | "for" | "since" | "and" | "last" | "to")
    {
        return None;
    }
    Some((Meaning::Time(stretch), taken))
}
