//! What can be asked: entities, their dimensions, synonyms, units and where values come from.
//!
//! This is the only definition. From it follow the type-check of plans ([`check`]), their SQL ([`select`]), their
//! sentence ([`sentence`]), the filters and columns of lists, the grammar and prompt of the model, and the chips.
//!
//! Invariant: every dimension is a column of the same name in the entity's view, so that no name from outside ever
//! reaches SQL; a name from outside is only looked up here.

mod billing;
mod changes;
pub mod check;
mod events;
pub mod filters;
mod recommendations;
pub mod select;
pub mod sentence;
mod usage;
mod workspaces;

use contract::{
    auth::{Permission, Role},
    catalog::Kind,
    query::{Aggregate, Op},
};

/// A kind of thing one can ask about.
#[derive(Debug)]
pub struct Entity {
    pub name: &'static str,
    /// One of them, for sentences.
    pub singular: &'static str,
    /// Several of them, for sentences.
    pub plural: &'static str,
    /// Words that mean it in a question, without the above.
    pub synonyms: &'static [&'static str],
    /// The view with one column per dimension.
    pub view: &'static str,
    /// What one needs to read it.
    pub permission: Permission,
    /// Unique and never null; ends every order.
    pub key: &'static str,
    /// SQL over the view that always holds unless the dimension it names is filtered itself.
    pub standing: Option<(&'static str, &'static str)>,
    /// A `SELECT` of how many rows stand, where the database keeps that, exact in every snapshot. Counting is dear.
    pub counted: Option<&'static str>,
    /// A `SELECT` of fewer rows than the view has, where there are such, with its columns of [`Values::Stored`] alone: the
    /// same values of each of them, not always in the same rows. What stands must be said in it.
    pub few: Option<&'static str>,
    /// Columns of a list when none are named.
    pub default_columns: &'static [&'static str],
    /// The order of a list when none is named; a leading `-` means descending.
    pub default_order: &'static str,
    /// The time that "last week" means when none is named.
    pub time: &'static str,
    pub dimensions: &'static [Dimension],
    /// What "used", "idle" and "never" mean for it.
    pub activity: Option<Activity>,
    /// The column with the lower-case text that `q=` looks into.
    pub search: Option<&'static str>,
    pub examples: &'static [&'static str],
}

/// Words that say something about a time without naming it: "idle for 30 days" is about the last connection.
#[derive(Debug)]
pub struct Activity {
    /// The time they are about; without a value it never happened.
    pub dimension: &'static str,
    /// "used since Monday": at or after.
    pub happened: &'static [&'static str],
    /// "idle for 30 days": before, or never. Some mean something without a time too.
    pub idle: &'static [&'static str],
    /// Those of `idle` that need no time: then [`IDLE_DAYS`] are meant.
    pub idle_alone: &'static [&'static str],
    /// "never used": no value.
    pub never: &'static [&'static str],
}

/// What "idle" means when no time is named.
pub const IDLE_DAYS: u32 = 30;

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
}

impl Dimension {
    const fn new(
        name: &'static str,
        label: &'static str,
        kind: Kind,
        synonyms: &'static [&'static str],
        values: Values,
        nullable: bool,
    ) -> Self {
        Self { name, label, kind, unit: None, synonyms, values, nullable }
    }

    const fn in_unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
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

/// A dimension by the name used in a plan: one of the definition, or a single tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub kind: Kind,
    pub unit: Option<&'static str>,
    pub nullable: bool,
    /// The tag's name, for `tags.NAME`.
    pub tag: Option<String>,
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
            Kind::Number => &[Aggregate::Sum, Aggregate::Average, Aggregate::Minimum, Aggregate::Maximum],
            _ => &[],
        }
    }

    /// May stand in `group_by`.
    #[must_use]
    pub fn groupable(&self) -> bool {
        self.kind != Kind::Tags
    }
}

/// The prefix of the names of single tags.
pub const TAG_PREFIX: &str = "tags.";

impl Entity {
    /// A dimension of the definition.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&'static Dimension> {
        self.dimensions.iter().find(|it| it.name == name)
    }

    /// What a plan's name stands for; `tags.NAME` too where the entity has tags.
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
            });
        }
        let tag = name.strip_prefix(TAG_PREFIX).filter(|tag| !tag.is_empty() && tag.len() <= 128)?;
        self.dimension("tags")?;
        Some(Field {
            name: name.to_owned(),
            label: format!("tag {tag}"),
            kind: Kind::Text,
            unit: None,
            nullable: true,
            tag: Some(tag.to_owned()),
        })
    }
}

static ALL: [&Entity; 6] = [
    &workspaces::WORKSPACES,
    &changes::CHANGES,
    &events::EVENTS,
    &usage::USAGE,
    &recommendations::RECOMMENDATIONS,
    &billing::BILLING,
];

/// What somebody may ask about. Everything that reads questions and plans takes this, never the whole.
#[derive(Debug, Clone)]
pub struct Catalog {
    entities: Vec<&'static Entity>,
}

impl Catalog {
    /// What a role may read.
    #[must_use]
    pub fn for_role(role: Role) -> Self {
        Self { entities: ALL.into_iter().filter(|it| role.allows(it.permission)).collect() }
    }

    /// In the order of the definition; the first is what questions mean when they name none.
    #[must_use]
    pub fn entities(&self) -> &[&'static Entity] {
        &self.entities
    }

    /// By name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&'static Entity> {
        self.entities.iter().find(|it| it.name == name).copied()
    }

    /// For the browser and for API clients.
    #[must_use]
    pub fn wire(&self) -> contract::catalog::Catalog {
        let dimension = |entity: &Entity, it: &Dimension| {
            let field = entity.field(it.name);
            contract::catalog::Dimension {
                name: it.name.to_owned(),
                label: it.label.to_owned(),
                kind: it.kind,
                unit: it.unit.map(str::to_owned),
                ops: field.as_ref().map(|f| f.ops().to_vec()).unwrap_or_default(),
                aggregates: field.as_ref().map(|f| f.aggregates().to_vec()).unwrap_or_default(),
                groupable: field.is_some_and(|f| f.groupable()),
                values: it.values.known().iter().map(|(value, _)| (*value).to_owned()).collect(),
            }
        };
        let entities = self.entities.iter().map(|entity| contract::catalog::Entity {
            name: entity.name.to_owned(),
            label: entity.plural.to_owned(),
            dimensions: entity.dimensions.iter().map(|it| dimension(entity, it)).collect(),
            examples: entity.examples.iter().map(|it| (*it).to_owned()).collect(),
        });
        contract::catalog::Catalog { entities: entities.collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_definition_is_sound() {
        for entity in ALL {
            let names: BTreeSet<_> = entity.dimensions.iter().map(|it| it.name).collect();
            assert_eq!(names.len(), entity.dimensions.len(), "{}: a name is there twice", entity.name);
            assert!(names.contains(entity.key) && names.contains(entity.time), "{}", entity.name);
            assert!(!entity.dimension(entity.key).unwrap().nullable);
            assert!(names.contains(entity.default_order.trim_start_matches('-')));
            assert!(entity.default_columns.iter().all(|it| names.contains(it)));
            if let Some(few) = entity.few {
                assert!(entity.standing.is_none() && entity.dimension("tags").is_none());
                for it in entity.dimensions.iter().filter(|it| it.values.are_stored()) {
                    assert!(few.contains(it.name), "{}: {} is stored and among few", entity.name, it.name);
                }
            }
            for it in entity.dimensions {
                let identifier =
                    it.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                assert!(identifier, "{} is used as a column's name", it.name);
            }
        }
    }

    #[test]
    fn rights_cut_the_catalog() {
        assert!(Catalog::for_role(Role::Requester).entities().is_empty());
        assert!(Catalog::for_role(Role::Viewer).entity("workspaces").is_some());
    }

    #[test]
    fn a_single_tag_is_a_field_of_desktops_only() {
        let catalog = Catalog::for_role(Role::Viewer);
        let tag = catalog.entity("workspaces").unwrap().field("tags.Cost Center").unwrap();
        assert_eq!((tag.kind, tag.tag.as_deref()), (Kind::Text, Some("Cost Center")));
        assert!(catalog.entity("changes").unwrap().field("tags.Cost Center").is_none());
        assert!(catalog.entity("workspaces").unwrap().field("tags.").is_none());
    }
}
