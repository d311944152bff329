//! What of a time comes again: its weekday, its hour, and whether it lies in office hours.
//!
//! Each is a dimension by itself, `TIME.weekday`, `TIME.hour` and `TIME.office_hours`, of the asker's clock, so that plans group,
//! filter and order by it as by any other. Deliberately not: what a holiday is, and hours that a house sets itself.

use contract::{catalog::Kind, query::Grain};

use super::Field;

/// As they are named in plans and answers, Monday first.
pub const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// A part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Weekday,
    /// `00:00` to `23:00`, when it begins.
    Hour,
    OfficeHours,
}

impl Clock {
    pub const ALL: [Clock; 3] = [Clock::Weekday, Clock::Hour, Clock::OfficeHours];

    /// What stands behind the time's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Clock::Weekday => "weekday",
            Clock::Hour => "hour",
            Clock::OfficeHours => "office_hours",
        }
    }

    /// `at.weekday`: the time and its part.
    #[must_use]
    pub fn split(name: &str) -> Option<(&str, Self)> {
        let (time, part) = name.rsplit_once('.')?;
        Self::ALL.into_iter().find(|it| it.name() == part).map(|it| (time, it))
    }

    /// `at.weekday`
    #[must_use]
    pub fn of(self, time: &str) -> String {
        format!("{time}.{}", self.name())
    }

    /// Other words for it.
    pub(super) const fn synonyms(self) -> &'static [&'static str] {
        match self {
            Clock::Weekday => &["day of the week", "weekends"],
            Clock::Hour => &["time of day", "at night"],
            Clock::OfficeHours => &["business hours", "working hours", "after hours"],
        }
    }

    /// Of times that are known so finely there is one.
    #[must_use]
    pub fn fits(self, finest: Grain) -> bool {
        finest <= if self == Clock::Weekday { Grain::Day } else { Grain::Hour }
    }

    #[must_use]
    pub(super) const fn kind(self) -> Kind {
        match self {
            Clock::Weekday | Clock::Hour => Kind::Choice,
            Clock::OfficeHours => Kind::Bool,
        }
    }

    /// Of a time that is the rows' own, or is called `of`.
    pub(super) fn label(self, of: Option<&str>) -> String {
        let part = match self {
            Clock::Weekday => "weekday",
            Clock::Hour => "hour of day",
            Clock::OfficeHours => "office hours (Mon–Fri 8–18)",
        };
        of.map_or_else(|| part.to_owned(), |of| format!("{part} of {of}"))
    }

    /// Every value that it has, in the order of the clock; none where it is said or not.
    #[must_use]
    pub fn values(self) -> Vec<String> {
        match self {
            Clock::Weekday => WEEKDAYS.map(str::to_owned).to_vec(),
            Clock::Hour => (0..24).map(|it| format!("{it:02}:00")).collect(),
            Clock::OfficeHours => Vec::new(),
        }
    }

    /// In SQL: what stands around a local time, which is said between each two of them.
    pub(super) const fn around(self) -> &'static [&'static str] {
        match self {
            Clock::Weekday => &["to_char(", ", 'FMDay')"],
            Clock::Hour => &["to_char(", ", 'HH24:00')"],
            Clock::OfficeHours => &[
                "(extract(isodow FROM ",
                ") < 6 AND extract(hour FROM ",
                ") >= 8 AND extract(hour FROM ",
                ") < 18)",
            ],
        }
    }
}

impl Field {
    /// That part of this time.
    pub(super) fn part(self, clock: Clock, own: bool) -> Option<Field> {
        let fits = self.kind == Kind::Time && self.clock.is_none() && clock.fits(self.finest);
        fits.then(|| Field {
            name: clock.of(&self.name),
            label: clock.label(Some(self.label.as_str()).filter(|_| !own)),
            kind: clock.kind(),
            clock: Some(clock),
            ..self
        })
    }
}
