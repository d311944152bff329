//! Looks up what stands at the beginning of some words.
//!
//! Symbols, activity, times and numbers are read by their form; everything else is a name: of the catalog, of the
//! vocabulary, or of a value that the database holds. Only a name that is none of them may be a typing mistake.

use std::collections::HashMap;

use contract::query::{Op, Value};

use super::{
    Keyword, Meaning, StoredValue,
    vocabulary::{GRAINS, KEYWORDS, NOISE},
};
use crate::{
    catalog::{Entity, IDLE_DAYS, TAG_PREFIX, check::Moment},
    questions::{
        times,
        words::{MAX_NAME_WORDS, Word, squash},
    },
};

/// What one question's words are looked up in.
pub(super) struct Lexicon<'a> {
    entity: &'static Entity,
    terms: HashMap<String, Meaning>,
    stored: HashMap<&'a str, Vec<&'a StoredValue>>,
}

impl<'a> Lexicon<'a> {
    pub(super) fn new(entity: &'static Entity, stored: &'a [StoredValue]) -> Self {
        let mut terms: HashMap<String, Meaning> = HashMap::new();
        // Later ones win: shape before values before names.
        for text in
            [entity.name, entity.singular, entity.plural].into_iter().chain(entity.synonyms.iter().copied())
        {
            terms.insert(squash(text), Meaning::Entity);
        }
        for it in entity.dimensions {
            for text in [it.name, it.label].into_iter().chain(it.synonyms.iter().copied()) {
                terms.insert(squash(text), Meaning::Field(it.name.to_owned()));
            }
        }
        for it in entity.dimensions {
            for (value, synonyms) in it.values.known() {
                for text in [*value].into_iter().chain(synonyms.iter().copied()) {
                    let entry = (it.name.to_owned(), Value::text(*value));
                    match terms.get_mut(&squash(text)) {
                        Some(Meaning::Value(them)) if !them.contains(&entry) => them.push(entry),
                        Some(Meaning::Value(_)) => {}
                        _ => {
                            terms.insert(squash(text), Meaning::Value(vec![entry]));
                        }
                    }
                }
            }
        }
        for (texts, keyword) in KEYWORDS {
            for text in *texts {
                terms.insert(squash(text), Meaning::Keyword(*keyword));
            }
        }
        for (text, grain) in GRAINS {
            terms.insert(squash(text), Meaning::Grain(*grain));
        }
        for text in NOISE {
            terms.insert(squash(text), Meaning::Noise);
        }
        let mut by_name: HashMap<&str, Vec<&StoredValue>> = HashMap::new();
        for it in stored {
            by_name.entry(&it.name).or_default().push(it);
        }
        Self { entity, terms, stored: by_name }
    }

    /// What stands at the beginning of `words`, how many of them it takes, and whether it is only similar.
    pub(super) fn read(&self, words: &[Word], at: Moment) -> (Meaning, usize, bool) {
        if let Some(found) = symbol(words) {
            return (found.0, found.1, false);
        }
        if let Some((meaning, taken)) = self.activity(words, at) {
            return (meaning, taken, false);
        }
        if let Some((stretch, taken)) = times::stretch(words, at.today())
            && !matches!(words.first().map(|it| it.text.as_str()), Some("of" | "the" | "for" | "over"))
        {
            return (Meaning::Time(stretch), taken, false);
        }
        if let Some((meaning, taken)) = number(words) {
            return (meaning, taken, false);
        }
        for taken in (1..=words.len().min(MAX_NAME_WORDS)).rev() {
            let name: String = words.iter().take(taken).map(|it| squash(&it.text)).collect();
            if let Some(meaning) = self.name(&name) {
                return (meaning, taken, false);
            }
        }
        self.similar(words).map_or((Meaning::Unknown, 1, false), |(meaning, taken)| (meaning, taken, true))
    }

    fn name(&self, name: &str) -> Option<Meaning> {
        let stored =
            self.stored.get(name).map(|them| self.stored_meaning(them.iter().filter(|it| !it.similar)));
        match (self.terms.get(name), stored.flatten()) {
            (Some(Meaning::Value(known)), Some(Meaning::Value(stored))) => {
                let mut all = known.clone();
                all.extend(stored.into_iter().filter(|it| !known.contains(it)));
                Some(Meaning::Value(all))
            }
            (Some(term), _) => Some(term.clone()),
            (None, stored) => stored,
        }
    }

    fn stored_meaning<'b>(&self, them: impl Iterator<Item = &'b &'b StoredValue>) -> Option<Meaning> {
        let mut values = Vec::new();
        for it in them {
            if it.dimension == "tags" {
                return Some(Meaning::Field(format!("{TAG_PREFIX}{}", it.value)));
            }
            if self.entity.field(&it.dimension).is_some() {
                let entry = (it.dimension.clone(), Value::text(it.value.clone()));
                if !values.contains(&entry) {
                    values.push(entry);
                }
            }
        }
        (!values.is_empty()).then_some(Meaning::Value(values))
    }

    /// One typing mistake in a term of the catalog, or a similar value of the database.
    fn similar(&self, words: &[Word]) -> Option<(Meaning, usize)> {
        for taken in (1..=words.len().min(3)).rev() {
            let name: String = words.iter().take(taken).map(|it| squash(&it.text)).collect();
            let stored = self.stored.get(name.as_str()).and_then(|them| self.stored_meaning(them.iter()));
            if let Some(meaning) = stored {
                return Some((meaning, taken));
            }
            // Runs of words are too easily like some term.
            let allowed = match name.chars().count() {
                _ if taken > 1 => continue,
                0..=4 => continue,
                5..=8 => 1,
                _ => 2,
            };
            let near = self
                .terms
                .iter()
                .filter(|(term, meaning)| term.len() > 4 && **meaning != Meaning::Noise)
                .map(|(term, meaning)| (strsim::osa_distance(term, &name), term, meaning))
                .filter(|(distance, ..)| *distance <= allowed)
                .min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
            if let Some((_, _, meaning)) = near {
                return Some((meaning.clone(), taken));
            }
        }
        None
    }

    /// "used in the last 7 days", "idle for 30 days", "never connected".
    fn activity(&self, words: &[Word], at: Moment) -> Option<(Meaning, usize)> {
        let activity = self.entity.activity.as_ref()?;
        if let Some(taken) = longest(words, activity.never) {
            return Some((Meaning::Never, taken));
        }
        if let Some(taken) = longest(words, activity.idle) {
            let after = words.get(taken..).unwrap_or_default();
            if let Some((value, more)) = idle_since(after, at) {
                return Some((Meaning::Idle(value), taken + more));
            }
            let alone = words.get(..taken).unwrap_or_default();
            if longest(alone, activity.idle_alone) == Some(taken) {
                return Some((Meaning::Idle(Value::Ago { days_ago: IDLE_DAYS }), taken));
            }
        }
        let taken = longest(words, activity.happened)?;
        let after = words.get(taken..).unwrap_or_default();
        // "last connected more than 30 days ago" is the opposite of "connected in the last 30 days".
        if let Some((value, more)) = longer_ago(after, at) {
            return Some((Meaning::Idle(value), taken + more));
        }
        let (stretch, more) = times::stretch(after, at.today())?;
        Some((Meaning::Happened(stretch), taken + more))
    }
}

fn longest(words: &[Word], phrases: &[&str]) -> Option<usize> {
    (1..=words.len().min(MAX_NAME_WORDS)).rev().find(|taken| {
        let run: String = words.iter().take(*taken).map(|it| squash(&it.text)).collect();
        phrases.iter().any(|it| squash(it) == run)
    })
}

/// "for 30 days", "in the last month", "since 3 March", "for over a week", "this year".
fn idle_since(words: &[Word], at: Moment) -> Option<(Value, usize)> {
    let skipped = words
        .iter()
        .take_while(|it| {
            matches!(
                it.text.as_str(),
                "for" | "in" | "over" | "more" | "than" | "at" | "least" | "the" | "during" | "within"
            )
        })
        .count();
    let rest = words.get(skipped..)?;
    if let Some((days, taken)) = times::duration(rest) {
        let ago = usize::from(rest.get(taken).is_some_and(|it| it.text == "ago"));
        return Some((Value::Ago { days_ago: days }, skipped + taken + ago));
    }
    let (stretch, taken) = times::stretch(rest, at.today())?;
    Some((stretch.since?, skipped + taken))
}

/// "more than 30 days ago", "over a week ago", "before March".
fn longer_ago(words: &[Word], at: Moment) -> Option<(Value, usize)> {
    let skipped = words
        .iter()
        .take_while(|it| matches!(it.text.as_str(), "more" | "than" | "over" | "longer" | "at" | "least"))
        .count();
    if skipped > 0 {
        let rest = words.get(skipped..)?;
        let (days, taken) = times::duration(rest)?;
        return rest
            .get(taken)
            .filter(|it| it.text == "ago")
            .map(|_| (Value::Ago { days_ago: days }, skipped + taken + 1));
    }
    let (stretch, taken) = times::stretch(words, at.today())?;
    if stretch.since.is_some() { None } else { Some((stretch.before?, taken)) }
}

fn symbol(words: &[Word]) -> Option<(Meaning, usize)> {
    let op = match words.first()?.text.as_str() {
        ">" => Op::MoreThan,
        "<" => Op::LessThan,
        ">=" => Op::AtLeast,
        "<=" => Op::AtMost,
        "," => return Some((Meaning::Keyword(Keyword::And), 1)),
        _ => return None,
    };
    Some((Meaning::Keyword(Keyword::Compare(op)), 1))
}

/// "100", "100 GB", "80gib", "five".
fn number(words: &[Word]) -> Option<(Meaning, usize)> {
    let first = words.first()?.text.as_str();
    let digits = first.len() - first.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (text, rest) = first.split_at_checked(digits)?;
    if digits == 0 {
        return times::spelled(first)
            .filter(|_| !matches!(first, "a" | "an" | "one"))
            .map(|it| (Meaning::Number(f64::from(it), None), 1));
    }
    let value: f64 = text.parse().ok()?;
    if !rest.is_empty() {
        return unit(rest, value).map(|(value, unit)| (Meaning::Number(value, Some(unit)), 1));
    }
    match words.get(1).and_then(|it| unit(&it.text, value)) {
        Some((value, unit)) => Some((Meaning::Number(value, Some(unit)), 2)),
        None => Some((Meaning::Number(value, None), 1)),
    }
}

/// The value in the unit that dimensions use. AWS says GB and means GiB for volumes.
fn unit(text: &str, value: f64) -> Option<(f64, &'static str)> {
    match text {
        "gb" | "gib" | "g" | "gigabyte" | "gigabytes" | "gigs" => Some((value, "GiB")),
        "tb" | "tib" | "terabyte" | "terabytes" => Some((value * 1024.0, "GiB")),
        "min" | "mins" | "minute" | "minutes" => Some((value, "min")),
        "h" | "hour" | "hours" | "hrs" => Some((value * 60.0, "min")),
        _ => None,
    }
}
