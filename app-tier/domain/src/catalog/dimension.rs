//! What a row of an entity has, and where its values come from.

use contract::{catalog::Kind, query::Grain};

/// Something that each row of an entity has.
#[derive(Debug)]
pub struct Dimension {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    pub unit: Option<&'static str>,
    /// Words that mean it in a question, without its name and label.
    pub synonyms: &'static [&'static str],
    pub values: Values,
    /// Rows may be without one.
    pub nullable: bool,
    /// Of a time: how finely it is known. From days on it is a date, the same in every time zone.
    pub finest: Grain,
    /// Few rows have one, and who names it means those: "errors since yesterday".
    pub exceptional: bool,
    /// The model was taught that it is a figure. What came later, rules alone read, until it is.
    pub taught: bool,
}

impl Dimension {
    pub(super) const fn new(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        synonyms: &'static [&'static str],
        values: Values,
        nullable: bool,
    ) -> Self {
        Self {
            name,
            label,
            kind,
            unit: None,
            synonyms,
            values,
            nullable,
            finest: Grain::Hour,
            exceptional: false,
            taught: true,
        }
    }

    pub(super) const fn known_by(mut self, finest: Grain) -> Self {
        self.finest = finest;
        self
    }

    pub(super) const fn exceptional(mut self) -> Self {
        self.exceptional = true;
        self
    }

    pub(super) const fn in_unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    pub(super) const fn untaught(mut self) -> Self {
        self.taught = false;
        self
    }
}

/// Where the values of a dimension come from when a question names one.
#[derive(Debug)]
pub enum Values {
    /// Not linked by value: numbers, times, free texts.
    Free,
    /// A set that AWS may add to, each with the words that mean it.
    Known(&'static [(&'static str, &'static [&'static str])]),
    /// Those that the database holds.
    Stored,
    /// As [`Values::Known`], and those that the database holds.
    KnownAndStored(&'static [(&'static str, &'static [&'static str])]),
}

impl Values {
    /// The set with its words; empty when only the database knows.
    #[must_use]
    pub fn known(&self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Values::Known(them) | Values::KnownAndStored(them) => them,
            Values::Free | Values::Stored => &[],
        }
    }

    /// Whether the database is asked for values.
    #[must_use]
    pub fn are_stored(&self) -> bool {
        matches!(self, Values::Stored | Values::KnownAndStored(_))
    }
}
