//! What the words of a question can name: catalog terms and their synonyms, values, numbers, times and the few words that
//! carry a question's shape.
//!
//! Longest match wins; names are compared [`squash`]ed. Invariant: a [`Meaning::Value`] holds only a value that the
//! catalog or the database knows, so that no plan can hold an invented one.

use std::collections::HashMap;

use contract::{
    query::{Aggregate, Grain, Op, Value},
    questions::Link,
};

use super::{
    times::{self, Stretch},
    words::{MAX_NAME_WORDS, Word, squash, words},
};
use crate::catalog::{Catalog, Entity, IDLE_DAYS, TAG_PREFIX, check::Moment};

/// A value that the database holds and that a question may have named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredValue {
    /// The dimension; `tags` alone means that `value` is a tag's name.
    pub dimension: String,
    pub value: String,
    /// What it was found by: a squashed name of the question.
    pub name: String,
    /// It is spelled otherwise; only similar.
    pub similar: bool,
}

/// What a run of words means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    Entity,
    /// A dimension, by the name used in plans.
    Field(String),
    /// A value and the dimensions that have it. More than one is ambiguous.
    Value(Vec<(String, Value)>),
    Number(f64, Option<&'static str>),
    /// A time by itself.
    Time(Stretch),
    /// The catalog's activity: at or after, before or never, never.
    Happened(Stretch),
    Idle(Value),
    Never,
    Grain(Grain),
    Keyword(Keyword),
    /// Says nothing by itself.
    Noise,
    /// Nothing is known about it.
    Unknown,
}

/// Words that carry the question's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    Count,
    List,
    Figure(Aggregate),
    By,
    /// The highest first; `1` when a single one is meant.
    Most,
    Fewest,
    Top,
    Bottom,
    Compare(Op),
    Between,
    And,
    Not,
    Without,
    /// A follow-up to the question before.
    FollowUp,
}

/// Some words and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub text: String,
    /// In characters of the question.
    pub start: usize,
    pub end: usize,
    pub meaning: Meaning,
    /// The words are spelled otherwise.
    pub similar: bool,
}

/// A question with everything found in it, in order and without gaps.
#[derive(Debug)]
pub struct Linked {
    pub entity: &'static Entity,
    pub marks: Vec<Mark>,
}

impl Linked {
    /// For the asker: what was recognised, and as what.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let link = |mark: &Mark| {
            let label = |name: &str| self.entity.field(name).map_or_else(|| name.to_owned(), |it| it.label);
            let activity = self.entity.activity.as_ref().map_or("", |it| it.dimension);
            let meaning = match &mark.meaning {
                Meaning::Entity => self.entity.plural.to_owned(),
                Meaning::Field(name) => label(name),
                Meaning::Value(them) => {
                    let names: Vec<_> = them.iter().map(|(field, value)| format!("{}: {value}", label(field))).collect();
                    names.join(" or ")
                }
                Meaning::Number(number, unit) => format!("{number} {}", unit.unwrap_or_default()).trim_end().to_owned(),
                Meaning::Time(_) => "time".to_owned(),
                Meaning::Happened(_) | Meaning::Idle(_) | Meaning::Never => label(activity),
                _ => return None,
            };
            Some(Link { start: place(mark.start), end: place(mark.end), meaning })
        };
        self.marks.iter().filter_map(link).collect()
    }

    /// Words that nothing is known about.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        self.marks.iter().filter(|it| it.meaning == Meaning::Unknown).map(|it| it.text.as_str()).collect()
    }
}

/// Finds what the question names. `None` when the asker may read nothing.
#[must_use]
pub fn link(question: &str, catalog: &Catalog, stored: &[StoredValue], at: Moment) -> Option<Linked> {
    let words = words(question);
    let entity = entity_of(&words, catalog)?;
    let lexicon = Lexicon::new(entity, stored);
    let mut marks = Vec::new();
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let (meaning, taken, similar) = lexicon.read(rest, at);
        let (run, after) = rest.split_at_checked(taken.max(1)).unwrap_or((rest, &[]));
        let texts: Vec<_> = run.iter().map(|it| it.text.as_str()).collect();
        let end = run.last().map_or(first.end, |it| it.end);
        marks.push(Mark { text: texts.join(" "), start: first.start, end, meaning, similar });
        rest = after;
    }
    Some(Linked { entity, marks })
}

/// The entity that is named; the catalog's first when none is.
fn entity_of(words: &[Word], catalog: &Catalog) -> Option<&'static Entity> {
    let names: Vec<_> = super::words::names(words);
    let named = catalog.entities().iter().skip(1).find(|entity| {
        let own = [entity.singular, entity.plural].into_iter().chain(entity.synonyms.iter().copied());
        own.map(squash).any(|it| names.contains(&it))
    });
    named.or(catalog.entities().first()).copied()
}

struct Lexicon<'a> {
    entity: &'static Entity,
    terms: HashMap<String, Meaning>,
    stored: HashMap<&'a str, Vec<&'a StoredValue>>,
}

impl<'a> Lexicon<'a> {
    fn new(entity: &'static Entity, stored: &'a [StoredValue]) -> Self {
        let mut terms: HashMap<String, Meaning> = HashMap::new();
        // Later ones win: shape before values before names.
        for text in [entity.name, entity.singular, entity.plural].into_iter().chain(entity.synonyms.iter().copied()) {
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
        for (text, grain) in [("day", Grain::Day), ("daily", Grain::Day), ("week", Grain::Week), ("weekly", Grain::Week), ("month", Grain::Month), ("monthly basis", Grain::Month)] {
            terms.insert(squash(text), Meaning::Grain(grain));
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
    fn read(&self, words: &[Word], at: Moment) -> (Meaning, usize, bool) {
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
        let stored = self.stored.get(name).map(|them| self.stored_meaning(them.iter().filter(|it| !it.similar)));
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
    let skipped = words.iter().take_while(|it| matches!(it.text.as_str(), "for" | "in" | "over" | "more" | "than" | "at" | "least" | "the" | "during" | "within")).count();
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
    let skipped = words.iter().take_while(|it| matches!(it.text.as_str(), "more" | "than" | "over" | "longer" | "at" | "least")).count();
    if skipped > 0 {
        let rest = words.get(skipped..)?;
        let (days, taken) = times::duration(rest)?;
        return rest.get(taken).filter(|it| it.text == "ago").map(|_| (Value::Ago { days_ago: days }, skipped + taken + 1));
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

const KEYWORDS: &[(&[&str], Keyword)] = &[
    (&["how many", "number of", "the number of", "count", "count of", "how many of", "total number of", "amount of", "quantity of"], Keyword::Count),
    (&["list", "show", "show me", "which", "what", "give me", "find", "display", "get", "what are", "which are", "list all", "tell me", "who", "whose", "see", "view"], Keyword::List),
    (&["average", "avg", "mean", "on average"], Keyword::Figure(Aggregate::Average)),
    (&["sum", "sum of", "total", "combined", "overall"], Keyword::Figure(Aggregate::Sum)),
    (&["minimum", "min"], Keyword::Figure(Aggregate::Minimum)),
    (&["maximum", "max"], Keyword::Figure(Aggregate::Maximum)),
    (&["by", "per", "for each", "for every", "in each", "in every", "grouped by", "group by", "broken down by", "split by", "breakdown by", "each", "distribution by"], Keyword::By),
    (&["most", "the most", "largest", "biggest", "highest", "greatest", "largest number of", "highest number of"], Keyword::Most),
    (&["fewest", "the fewest", "least", "the least", "smallest", "lowest", "smallest number of", "lowest number of"], Keyword::Fewest),
    (&["top", "the top"], Keyword::Top),
    (&["bottom", "the bottom"], Keyword::Bottom),
    (&["at least", "minimum of", "no less than", "not less than"], Keyword::Compare(Op::AtLeast)),
    (&["at most", "up to", "no more than", "not more than", "maximum of"], Keyword::Compare(Op::AtMost)),
    (&["more than", "over", "above", "greater than", "bigger than", "larger than", "exceeding", "higher than"], Keyword::Compare(Op::MoreThan)),
    (&["less than", "under", "below", "smaller than", "fewer than", "lower than"], Keyword::Compare(Op::LessThan)),
    (&["exactly", "equal to", "equals"], Keyword::Compare(Op::Is)),
    (&["between"], Keyword::Between),
    (&["and", "or", "as well as"], Keyword::And),
    (&["not", "except", "excluding", "other than", "isn't", "aren't", "are not", "is not", "not in", "outside", "outside of", "except for", "but not"], Keyword::Not),
    (&["without", "no", "lacking", "missing", "without any", "without a"], Keyword::Without),
    (&["what about", "how about", "and what about", "same for", "the same for", "only"], Keyword::FollowUp),
];

const NOISE: &[&str] = &[
    "the", "a", "an", "is", "are", "was", "were", "there", "do", "does", "did", "we", "our", "us", "i", "me", "my", "all", "any",
    "of", "please", "have", "has", "had", "having", "that", "be", "been", "it", "its", "their", "them", "they", "currently", "now",
    "right now", "at the moment", "exist", "existing", "in", "on", "at", "to", "from", "for", "with", "using", "where", "these",
    "those", "this", "can", "you", "could", "would", "like", "want", "need", "know", "so", "then", "ones", "one", "just", "different",
    "every", "whole", "entire", "fleet", "in the fleet", "belonging", "belonging to", "belongs", "located", "located in", "set to", "set",
    "hello", "hi", "thanks", "thank", "also", "still", "whose", "as", "out", "out there", "sorted", "ordered", "in total", "altogether",
    "hosted", "placed", "based", "type of", "kind of", "run", "runs", "value", "equal", "being", "named", "called", "here",
];

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;

    fn meanings(question: &str, stored: &[StoredValue]) -> Vec<(String, Meaning)> {
        let at = Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC };
        let linked = link(question, &Catalog::for_role(Role::Viewer), stored, at).unwrap();
        linked.marks.into_iter().filter(|it| it.meaning != Meaning::Noise).map(|it| (it.text, it.meaning)).collect()
    }

    fn value(field: &str, value: &str) -> Meaning {
        Meaning::Value(vec![(field.into(), Value::text(value))])
    }

    #[test]
    fn spellings_lead_to_the_same_value() {
        for text in ["alwayson", "AlwaysOn", "always on", "always-on", "ALWAYS_ON", "monthly"] {
            assert_eq!(meanings(text, &[]), [(text.to_lowercase(), value("running_mode", "ALWAYS_ON"))], "{text}");
        }
        for text in ["eu west 1", "eu-west-1", "Ireland", "EUWEST1"] {
            assert_eq!(meanings(text, &[])[0].1, value("region", "eu-west-1"), "{text}");
        }
    }

    #[test]
    fn a_typing_mistake_is_forgiven_where_it_is_plain() {
        assert_eq!(meanings("how many dekstops", &[])[1].1, Meaning::Entity);
        assert_eq!(meanings("averge", &[])[0].1, Meaning::Keyword(Keyword::Figure(Aggregate::Average)));
        assert_eq!(meanings("cheese", &[])[0].1, Meaning::Unknown);
    }

    #[test]
    fn times_belong_to_what_happened() {
        let found = meanings("desktops idle for 45 days", &[]);
        assert_eq!(found[1], ("idle for 45 days".into(), Meaning::Idle(Value::Ago { days_ago: 45 })));
        let found = meanings("desktops last connected more than 2 weeks ago", &[]);
        assert_eq!(found[1].1, Meaning::Idle(Value::Ago { days_ago: 14 }));
        let found = meanings("used in the last 7 days", &[]);
        assert_eq!(found[0].1, Meaning::Happened(Stretch { since: Some(Value::Ago { days_ago: 7 }), before: None }));
        assert_eq!(meanings("zombies", &[])[0].1, Meaning::Idle(Value::Ago { days_ago: 30 }));
        assert_eq!(meanings("connected", &[])[0].1, value("connection", "CONNECTED"));
    }

    #[test]
    fn values_of_the_database_are_found_and_may_be_ambiguous() {
        let stored = |dimension: &str, value: &str, name: &str| StoredValue {
            dimension: dimension.into(),
            value: value.into(),
            name: name.into(),
            similar: false,
        };
        let known = [stored("user_name", "jane.smith", "janesmith"), stored("tags.Department", "Finance", "finance"), stored("tags.Team", "Finance", "finance"), stored("tags", "Department", "department")];
        let found = meanings("Jane Smith in finance by department", &known);
        assert_eq!(found[0], ("jane smith".into(), value("user_name", "jane.smith")));
        assert!(matches!(&found[1].1, Meaning::Value(them) if them.len() == 2));
        assert_eq!(found[3].1, Meaning::Field("tags.Department".into()));
    }

    #[test]
    fn numbers_carry_their_unit() {
        assert_eq!(meanings("100 GB", &[])[0].1, Meaning::Number(100.0, Some("GiB")));
        assert_eq!(meanings("2h", &[])[0].1, Meaning::Number(120.0, Some("min")));
        assert_eq!(meanings("top five", &[])[1].1, Meaning::Number(5.0, None));
    }
}
