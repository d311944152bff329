//! What people call things when they ask, beyond names, labels and synonyms: figures, conditions and roles.
//!
//! Only the reader of questions knows these. They are not on the wire, and no plan needs them.

use contract::query::{Aggregate, Op};

/// The words of an entity.
#[derive(Debug)]
pub struct Words {
    /// They point to it and say no more: "CloudTrail" to events.
    pub hints: &'static [&'static str],
    /// They ask for its rows one by one: "billing lines".
    pub rows: &'static [&'static str],
    /// What its figures are called.
    pub measures: &'static [Figure],
    /// More words for its dimensions, and for those of the desktops that its rows belong to (`desktop.NAME`).
    pub fields: &'static [(&'static str, &'static [&'static str])],
    /// More words for values of its dimensions.
    pub values: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// Words that are a whole condition.
    pub conditions: &'static [Said],
    /// Words that tell which time is meant: "approved" the decision's.
    pub times: &'static [(&'static str, &'static [&'static str])],
    /// Values that are verbs before a value of these dimensions, and say nothing there: "running Windows", "running AlwaysOn".
    pub verbs: &'static [(&'static str, &'static [&'static str])],
    /// The dimension whose values somebody brought about: "who stopped" is not answered by what is stopped.
    pub result: Option<&'static str>,
    /// Dimensions that hold network addresses: those are known by their form.
    pub addresses: &'static [&'static str],
    /// Its rows are deeds, or runs: the same word ("reboots", "failed") may mean those of another entity.
    pub deeds: bool,
    /// The dimension that "who" asks for.
    pub who: Option<&'static str>,
    /// Of those times the dimension that says who did it.
    pub doers: &'static [(&'static str, &'static str)],
    /// What "the cost of desktops" says of rows that are not all about desktops.
    pub desktops: Option<(&'static str, &'static str)>,
    /// Its rows may be called by what this dimension names: a recommendation is of one desktop.
    pub stands_for: Option<&'static str>,
    /// Its money is a month's: "a month" says no more.
    pub monthly: bool,
    /// Its rows are slices of something (a desktop's day, a desktop's month): what is asked about is their sum.
    pub sliced: bool,
}

impl Words {
    pub(super) const NONE: Self = Self {
        hints: &[],
        rows: &[],
        measures: &[],
        fields: &[],
        values: &[],
        conditions: &[],
        times: &[],
        verbs: &[],
        result: None,
        addresses: &[],
        deeds: false,
        who: None,
        doers: &[],
        desktops: None,
        stands_for: None,
        monthly: false,
        sliced: false,
    };
}

/// A figure by the words for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Figure {
    pub function: Aggregate,
    /// The dimension; none for the number of rows.
    pub of: Option<&'static str>,
    pub words: &'static [&'static str],
    /// It is meant when no figure is named.
    pub usual: bool,
}

impl Figure {
    pub(super) const fn sum(of: &'static str, words: &'static [&'static str]) -> Self {
        Self { function: Aggregate::Sum, of: Some(of), words, usual: false }
    }

    pub(super) const fn distinct(of: &'static str, words: &'static [&'static str]) -> Self {
        Self { function: Aggregate::Distinct, of: Some(of), words, usual: false }
    }

    pub(super) const fn count(words: &'static [&'static str]) -> Self {
        Self { function: Aggregate::Count, of: None, words, usual: false }
    }

    pub(super) const fn usual(mut self) -> Self {
        self.usual = true;
        self
    }
}

/// Words that are a condition: "untagged", "graphics".
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub words: &'static [&'static str],
    /// Dimension, operator and values (`true` and `false` of flags, numbers in figures).
    pub conditions: &'static [(&'static str, Op, &'static [&'static str])],
    /// One of the conditions is meant, and nothing tells which. Otherwise all of them hold.
    pub either: bool,
}

impl Said {
    pub(super) const fn all(
        words: &'static [&'static str],
        conditions: &'static [(&'static str, Op, &'static [&'static str])],
    ) -> Self {
        Self { words, conditions, either: false }
    }

    pub(super) const fn either(
        words: &'static [&'static str],
        conditions: &'static [(&'static str, Op, &'static [&'static str])],
    ) -> Self {
        Self { words, conditions, either: true }
    }
}
