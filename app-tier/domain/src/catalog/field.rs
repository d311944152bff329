//! A dimension by the name used in a plan: one of the entity's own, a part of a time, a single tag, or one of the desktop that a
//! row belongs to.
//!
//! Invariant: [`Field::column`] comes from the definition, never from the name that was looked up.

use chrono_tz::Tz;
use contract::{
    catalog::Kind,
    query::{Aggregate, Grain, Op},
};

use super::{Clock, Dimension, Entity, workspaces::WORKSPACES};

/// The prefix of the names of single tags.
pub const TAG_PREFIX: &str = "tags.";
/// The prefix of the dimensions of the desktop that a row belongs to.
pub const DESKTOP_PREFIX: &str = "desktop.";
/// The dimension that says which one.
pub(super) const DESKTOP: &str = "workspace_id";

/// What a plan's name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub unit: Option<&'static str>,
    pub nullable: bool,
    /// The tag's name, for `tags.NAME`.
    pub tag: Option<String>,
    /// The view's column.
    pub column: &'static str,
    /// Of the desktop that a row belongs to, not of the row.
    pub of_desktop: bool,
    /// Of a time: how finely it is known.
    pub finest: Grain,
    /// A part of that time, and not the time itself.
    pub clock: Option<Clock>,
    /// Whose clock that is.
    pub zone: Tz,
}

impl Field {
    /// How it may be compared.
    #[must_use]
    pub fn ops(&self) -> &'static [Op] {
        match self.kind {
            Kind::Text | Kind::Choice => &[Op::Is, Op::IsNot, Op::Contains, Op::Empty, Op::NotEmpty],
            Kind::Number => &[
                Op::Is,
                Op::IsNot,
                Op::AtLeast,
                Op::AtMost,
                Op::MoreThan,
                Op::LessThan,
                Op::Empty,
                Op::NotEmpty,
            ],
            Kind::Bool => &[Op::Is, Op::IsNot],
            Kind::Time | Kind::Date => &[Op::Since, Op::Before, Op::Empty, Op::NotEmpty],
            Kind::Tags => &[Op::Empty, Op::NotEmpty],
        }
    }

    /// What may be computed of it.
    #[must_use]
    pub fn aggregates(&self) -> &'static [Aggregate] {
        match self.kind {
            Kind::Number => &[
                Aggregate::Sum,
                Aggregate::Average,
                Aggregate::Minimum,
                Aggregate::Maximum,
                Aggregate::Share,
                Aggregate::Distinct,
            ],
            Kind::Text | Kind::Choice | Kind::Bool => &[Aggregate::Distinct],
            Kind::Time | Kind::Date | Kind::Tags => &[],
        }
    }

    /// May stand in `group_by`.
    #[must_use]
    pub fn groupable(&self) -> bool {
        self.kind != Kind::Tags
    }

    /// How it may be cut in `group_by`, the finest first; empty unless it is a time.
    #[must_use]
    pub fn grains(&self) -> &'static [Grain] {
        match (self.kind, self.finest) {
            (Kind::Time, Grain::Hour) => Grain::ALL,
            (Kind::Time, Grain::Day) => &[Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year],
            (Kind::Time, _) => &[Grain::Month, Grain::Quarter, Grain::Year],
            _ => &[],
        }
    }

    /// A date, as on AWS's bill: its day is the same in every time zone.
    #[must_use]
    pub fn is_date(&self) -> bool {
        self.finest > Grain::Hour
    }
}

impl Entity {
    /// A dimension of the definition.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&'static Dimension> {
        self.dimensions.iter().find(|it| it.name == name)
    }

    /// What a plan's name stands for among the entity's own dimensions, and parts of its times; `tags.NAME` too where it has tags.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Field> {
        if let Some(it) = self.dimension(name) {
            return Some(Field {
                name: it.name.to_owned(),
                label: it.label.to_owned(),
                kind: it.kind,
                unit: it.unit,
                nullable: it.nullable,
                tag: None,
                column: it.name,
                of_desktop: false,
                finest: it.finest,
                clock: None,
                zone: Tz::UTC,
            });
        }
        if let Some((time, clock)) = Clock::split(name)
            && self.dimension(time).is_some()
        {
            return self.field(time)?.part(clock, time == self.time);
        }
        let sound = |tag: &&str| !tag.is_empty() && tag.len() <= 128 && !tag.contains('\0');
        let tag = name.strip_prefix(TAG_PREFIX).filter(sound)?;
        let tags = self.dimension("tags")?;
        Some(Field {
            name: name.to_owned(),
            label: format!("tag {tag}"),
            kind: Kind::Text,
            unit: None,
            nullable: true,
            tag: Some(tag.to_owned()),
            column: tags.name,
            of_desktop: false,
            finest: Grain::Hour,
            clock: None,
            zone: Tz::UTC,
        })
    }

    /// As [`Entity::field`], and `desktop.NAME` where rows belong to desktops and have no dimension of that name.
    #[must_use]
    pub fn reach(&self, name: &str) -> Option<Field> {
        let Some(rest) = name.strip_prefix(DESKTOP_PREFIX) else { return self.field(name) };
        if !self.has_desktops() || self.field(rest).is_some() {
            return None;
        }
        let field = WORKSPACES.field(rest)?;
        Some(Field {
            name: name.to_owned(),
            label: format!("desktop's {}", field.label),
            // Some desktops were gone before Skydesk saw them.
            nullable: true,
            of_desktop: true,
            ..field
        })
    }

    /// Each of its rows tells what something was, and what it became.
    #[must_use]
    pub fn tells_changes(&self) -> bool {
        self.dimension("old").is_some()
    }

    /// Each of its rows belongs to a desktop.
    #[must_use]
    pub fn has_desktops(&self) -> bool {
        self.dimension(DESKTOP).is_some()
    }
}
