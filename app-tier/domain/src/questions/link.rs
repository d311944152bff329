//! What the words of a question can name: catalog terms and their synonyms, values, numbers, times and the few words that
//! carry a question's shape.
//!
//! A question is linked once for each entity that it may be about, since the same word names a dimension of one and a
//! value of another. Longest match wins; names are compared squashed and without number.
//!
//! Invariant: a [`Meaning::Value`] holds only a value that the catalog or the database knows, so that no plan compares
//! for equality with an invented one.

mod activity;
mod beside;
mod clocks;
mod lexicon;
mod numbers;
mod spelling;
mod terms;
mod vocabulary;

use contract::{
    query::{Aggregate, Filter, Grain, Op, Value},
    questions::Link,
};

pub(crate) use self::vocabulary::canonical;
use self::{
    beside::{joined_to, settle},
    lexicon::Lexicon,
};
pub use self::{numbers::Unit, spelling::Lookup};
use super::{
    times::Stretch,
    words::{MAX_NAME_WORDS, Question, Word, squash, stem},
};
use crate::catalog::{Catalog, Entity, check::Moment, words::Figure};

/// A value that the database holds and that a question may have named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredValue {
    /// The entity whose view holds it.
    pub entity: String,
    /// The dimension; `tags` alone means that `value` is a tag's name.
    pub dimension: String,
    pub value: String,
    /// What it was found by: a squashed name of the question.
    pub name: String,
    pub by: By,
}

/// Dimensions whose values are called by their whole names alone: what they are made of says nothing.
pub const NEVER_IN_PART: &[&str] =
    &["account_id", "bundle_id", "computer_name", "directory_id", "id", "ip_address", "subnet_id", "tags"];

/// How a name of the question called a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// As it is called.
    Name,
    /// In short: one of its [`super::words::parts`].
    Part,
    /// It is spelled otherwise; only similar.
    Likeness,
}

/// What a run of words means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// The entity by its own name.
    Entity,
    /// A dimension, by the name used in plans.
    Field(String),
    /// A figure by what it is called.
    Figure(&'static Figure),
    /// A value and the dimensions that have it. More than one is ambiguous.
    Value(Vec<(String, Value)>),
    /// A whole condition; `either`: one of them, and nothing tells which.
    Condition {
        filters: Vec<Filter>,
        either: bool,
    },
    Number(f64, Option<Unit>),
    /// A text between quotes that names nothing known.
    Quoted(String),
    /// A time by itself.
    Time(Stretch),
    /// Tells which time is meant: "approved" the decision's.
    TimeOf(String),
    /// The catalog's activity of that dimension: at or after, before or never, never.
    Happened(String, Stretch),
    Idle(String, Value),
    Never(String),
    /// A step of time; `true`: by itself ("daily"), otherwise after "by".
    Grain(Grain, bool),
    Keyword(Keyword),
    /// Points to the entity and says no more.
    Hint,
    /// Between two statements.
    Break,
    /// Says nothing by itself.
    Noise,
    /// Nothing is known about it.
    Unknown,
}

impl Meaning {
    /// A figure by what it is called.
    #[must_use]
    pub fn is_figure(&self) -> bool {
        matches!(self, Meaning::Figure(_))
    }

    /// Both are values, or conditions, of a dimension that they share.
    pub(super) fn is_of_the_same(&self, other: &Self) -> bool {
        let ours = self.dimensions();
        other.dimensions().iter().any(|it| ours.contains(it))
    }

    pub(super) fn dimensions(&self) -> Vec<&str> {
        match self {
            Meaning::Value(them) => them.iter().map(|(name, _)| name.as_str()).collect(),
            Meaning::Condition { filters, .. } => filters.iter().map(|it| it.dimension.as_str()).collect(),
            _ => Vec::new(),
        }
    }
}

/// Words that carry the question's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    HowMany,
    HowMuch,
    List,
    Which,
    Who,
    Any,
    All,
    Figure(Aggregate),
    Distinct,
    By,
    Each,
    Breakdown,
    Most,
    Fewest,
    Top,
    Bottom,
    Latest,
    Oldest,
    /// "highest first": an order without a limit.
    Sorted(bool),
    /// "newest first".
    Dated(bool),
    Sort,
    Compare(Op),
    /// "or more", after the number.
    After(Op),
    Between,
    And,
    Or,
    Not,
    /// "left out", after what is.
    LeftOut,
    Without,
    With,
    Blank,
    Filled,
    Versus,
    Comparison,
    /// Rose (`true`) or fell.
    Moved(bool),
    Developed,
    Contains,
    InTheName,
    Share,
    PartIs,
    OverTime,
    Times,
    Tagged,
    /// The stretch before the one that was named.
    OneBefore,
    FollowUp,
    Instead,
    /// "instead of", before what was.
    InsteadOf,
    Only,
    /// Points to what was said before.
    It,
    /// "the ones", which points to nothing by itself.
    Ones,
    Make,
    Drop,
    /// "including", "with their": something is shown with it.
    Also,
    /// "too": it is added to what was said.
    Too,
    /// "more … than".
    More(bool),
    /// "separately": one for each of several.
    Separately,
}

/// Some words and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub text: String,
    /// As it was written, with the signs around it.
    pub raw: String,
    /// In characters of the question.
    pub start: usize,
    pub end: usize,
    pub meaning: Meaning,
}

/// A question with everything found in it, in order and without gaps.
#[derive(Debug, Clone)]
pub struct Linked {
    pub entity: &'static Entity,
    pub marks: Vec<Mark>,
}

impl Linked {
    /// For the asker: what was recognised, and as what.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let place = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let label = |name: &str| self.entity.reach(name).map_or_else(|| name.to_owned(), |it| it.label);
        let link = |mark: &Mark| {
            let meaning = match &mark.meaning {
                Meaning::Entity => self.entity.plural.to_owned(),
                Meaning::Field(name)
                | Meaning::TimeOf(name)
                | Meaning::Happened(name, _)
                | Meaning::Idle(name, _)
                | Meaning::Never(name) => label(name),
                Meaning::Figure(it) => match it.of {
                    Some(of) => format!("{} {}", it.function.name(), label(of)),
                    None => "number".to_owned(),
                },
                Meaning::Value(them) => {
                    let names: Vec<_> =
                        them.iter().map(|(field, value)| format!("{}: {value}", label(field))).collect();
                    names.join(" or ")
                }
                Meaning::Condition { filters, .. } => {
                    let names: Vec<_> = filters.iter().map(|it| label(&it.dimension)).collect();
                    names.join(" or ")
                }
                Meaning::Number(number, unit) => {
                    format!("{number} {}", unit.map_or("", Unit::name)).trim_end().to_owned()
                }
                Meaning::Time(_) => "time".to_owned(),
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

/// A question cut into words, typing mistakes mended, with the names that its runs of words could be.
#[derive(Debug)]
pub struct Prepared<'a> {
    question: Vec<char>,
    words: Vec<Word>,
    /// Of each word the runs that begin with it, the shortest first.
    runs: Vec<Vec<Run>>,
    stored: &'a [StoredValue],
    at: Moment,
}

impl<'a> Prepared<'a> {
    #[must_use]
    pub fn new(question: impl Into<Question>, stored: &'a [StoredValue], at: Moment) -> Self {
        let Question { text, words } = question.into();
        let words = spelling::mend(words, stored);
        let runs = (0..words.len()).map(|start| names_from(words.get(start..).unwrap_or_default())).collect();
        Self { question: text.chars().collect(), words, runs, stored, at }
    }

    /// The text of a place, to the blanks around it.
    fn raw(&self, start: usize, end: usize) -> String {
        let part = |it: usize| {
            self.question.get(it).is_some_and(|c| {
                !c.is_whitespace() && !matches!(c, ',' | ';' | ':' | '?' | '!' | '"' | '(' | ')' | '“' | '”')
            })
        };
        let start = (0..start).rev().take_while(|it| part(*it)).last().unwrap_or(start);
        let end = (end..self.question.len()).take_while(|it| part(*it)).last().map_or(end, |it| it + 1);
        self.question.get(start..end).unwrap_or_default().iter().collect()
    }

    /// The words as they are read.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.words
    }
}

/// What a run of words may be called by.
#[derive(Debug, Clone, Default)]
struct Run {
    /// Squashed.
    exact: String,
    /// Short forms written out.
    canonical: String,
    /// And without number.
    stemmed: String,
}

fn names_from(words: &[Word]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut run = Run::default();
    for (n, word) in words.iter().take(MAX_NAME_WORDS + 1).enumerate() {
        let name = squash(&word.text);
        // A sign is no part of a name: "root volume > 100".
        if n > 0 && name.is_empty() {
            break;
        }
        run.exact.push_str(&name);
        run.canonical.push_str(&squash(canonical(&word.text)));
        // "switch to the always on" is "switch to always on"; a run never ends with an article.
        if n > 0 && matches!(word.text.as_str(), "the" | "a" | "an" | "our" | "'s") {
            runs.push(Run { stemmed: String::new(), ..run.clone() });
            continue;
        } else {
            run.stemmed.push_str(&stem(canonical(&word.text)));
        }
        runs.push(run.clone());
    }
    runs
}

/// A general word, which no entity has a meaning for.
pub(crate) fn says_little(word: &str) -> bool {
    terms::LIGHT.contains(word)
}

/// Finds what the question names, taken as one about `entity`.
#[must_use]
pub fn link(prepared: &Prepared<'_>, entity: &'static Entity, catalog: &Catalog) -> Linked {
    let lexicon = Lexicon::new(entity, catalog, prepared.stored);
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(first) = prepared.words.get(at) {
        let (meaning, taken) = lexicon.read(prepared, at, &joined_to(&marks));
        let taken = taken.max(1);
        let run = prepared.words.get(at..at + taken).unwrap_or_default();
        let texts: Vec<_> = run.iter().map(|it| it.text.as_str()).collect();
        marks.push(Mark {
            text: texts.join(" "),
            raw: prepared.raw(first.start, run.last().map_or(first.end, |it| it.end)),
            start: first.start,
            end: run.last().map_or(first.end, |it| it.end),
            meaning,
        });
        at += taken;
    }
    Linked { entity, marks: settle(marks, entity, catalog) }
}
