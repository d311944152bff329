//! What the words of a question can name: catalog terms and their synonyms, values, numbers, times and the few words that
//! carry a question's shape.
//!
//! Longest match wins; names are compared [`squash`]ed. Invariant: a [`Meaning::Value`] holds only a value that the
//! catalog or the database knows, so that no plan can hold an invented one.

mod lexicon;
mod vocabulary;

use contract::{
    catalog::Kind,
    query::{Aggregate, Grain, Op, Value},
    questions::Link,
};

use self::lexicon::Lexicon;
use super::{
    times::Stretch,
    words::{Word, squash, words},
};
use crate::catalog::{Catalog, Entity, check::Moment};

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
                    let names: Vec<_> =
                        them.iter().map(|(field, value)| format!("{}: {value}", label(field))).collect();
                    names.join(" or ")
                }
                Meaning::Number(number, unit) => {
                    format!("{number} {}", unit.unwrap_or_default()).trim_end().to_owned()
                }
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

/// The entity that is named; where none is, the one whose figure is; else what of the house is named; else the catalog's
/// first.
fn entity_of(words: &[Word], catalog: &Catalog) -> Option<&'static Entity> {
    let names: Vec<_> = super::words::names(words);
    let is_among = |entity: &Entity, names: &[String]| {
        let own = [entity.singular, entity.plural].into_iter().chain(entity.synonyms.iter().copied());
        own.map(squash).any(|it| names.contains(&it))
    };
    let is_named = |entity: &Entity| is_among(entity, &names);
    // Only by its full name: "48 hours" is a time.
    let has_figure = |entity: &Entity| {
        let figures = entity.dimensions.iter().filter(|it| it.kind == Kind::Number && it.name != entity.key);
        figures.map(|it| squash(it.label)).any(|it| names.contains(&it))
    };
    let (first, others) = catalog.entities().split_first()?;
    let (house, fleet): (Vec<&&Entity>, Vec<&&Entity>) = others.iter().partition(|it| it.of_house);
    let named = fleet.iter().find(|it| is_named(it));
    let is_first = is_named(first) || has_figure(first);
    let meant = || fleet.iter().find(|it| has_figure(it)).filter(|_| !is_first);
    // "by account" says what to group by, not what is asked about.
    let grouped = words.iter().position(|it| matches!(it.text.as_str(), "by" | "per" | "each"));
    let asked = super::words::names(words.get(..grouped.unwrap_or(words.len())).unwrap_or_default());
    let of_house = || house.iter().find(|it| is_among(it, &asked)).filter(|_| !is_first);
    named.or_else(meant).or_else(of_house).map(|it| **it).or(Some(*first))
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;

    use super::*;

    fn meanings(question: &str, stored: &[StoredValue]) -> Vec<(String, Meaning)> {
        let at = Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC };
        let linked = link(question, &Catalog::for_role(Role::Viewer), stored, at).unwrap();
        linked
            .marks
            .into_iter()
            .filter(|it| it.meaning != Meaning::Noise)
            .map(|it| (it.text, it.meaning))
            .collect()
    }

    fn value(field: &str, value: &str) -> Meaning {
        Meaning::Value(vec![(field.into(), Value::text(value))])
    }

    #[test]
    fn spellings_lead_to_the_same_value() {
        for text in ["alwayson", "AlwaysOn", "always on", "always-on", "ALWAYS_ON", "monthly"] {
            assert_eq!(
                meanings(text, &[]),
                [(text.to_lowercase(), value("running_mode", "ALWAYS_ON"))],
                "{text}"
            );
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
        assert_eq!(
            found[0].1,
            Meaning::Happened(Stretch { since: Some(Value::Ago { days_ago: 7 }), before: None })
        );
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
        let known = [
            stored("user_name", "jane.smith", "janesmith"),
            stored("tags.Department", "Finance", "finance"),
            stored("tags.Team", "Finance", "finance"),
            stored("tags", "Department", "department"),
        ];
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
