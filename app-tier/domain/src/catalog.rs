//! What can be asked: entities, their dimensions, synonyms, units and where values come from.
//!
//! This is the only definition. From it follow the type-check of plans ([`check`]), their SQL ([`select`]), their
//! sentence ([`sentence`]), the filters and columns of lists, the grammar and prompt of the model, and the chips.
//!
//! Invariant: every dimension is a column of the same name in the entity's view, so that no name from outside ever
//! reaches SQL; a name from outside is only looked up here.

mod accounts;
mod billing;
mod changes;
pub mod check;
mod clock;
mod dimension;
mod events;
mod field;
pub mod filters;
pub mod guide;
mod identity;
mod jobs;
mod operations;
mod recommendations;
mod reports;
pub mod select;
pub mod sentence;
mod usage;
mod users;
pub mod words;
mod workspaces;

use contract::{
    auth::{Permission, Role},
    catalog::Kind,
    ids::UserId,
};

pub use self::{
    clock::{Clock, WEEKDAYS},
    dimension::{Dimension, Values},
    field::{DESKTOP_PREFIX, Field, TAG_PREFIX},
    identity::identified,
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
    /// Rows are somebody's: the others' are left out.
    pub owner: Option<Owner>,
    /// Of the house itself, not of what it watches over. Its name is in many a question that is not about it
    /// ("desktops by account"), so it is meant only when nothing else is named.
    pub of_house: bool,
    /// Unique and never null; ends every order.
    pub key: &'static str,
    /// SQL over the view that always holds unless the dimension it names is filtered itself.
    pub standing: Option<(&'static str, &'static str)>,
    /// A `SELECT` of how many rows stand, where the database keeps that, exact in every snapshot. Counting is dear.
    pub counted: Option<&'static str>,
    /// A `SELECT` of fewer rows than the view has, where there are such, with its columns of [`Values::Stored`] alone: the
    /// same values of each of them, not always in the same rows. What stands must be said in it.
    pub few: Option<&'static str>,
    /// What tells people one row from another, each by itself; the first is what most say.
    pub identity: &'static [&'static str],
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
    /// What people call it and its parts when they ask.
    pub words: &'static words::Words,
    pub examples: &'static [&'static str],
}

/// Whose a row is.
#[derive(Debug)]
pub struct Owner {
    /// The column of the view with the user's number. No dimension: who asks is never in a plan.
    pub column: &'static str,
    /// Who has this right reads everybody's.
    pub sees_all: Permission,
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

static ALL: [&Entity; 11] = [
    &workspaces::WORKSPACES,
    &changes::CHANGES,
    &events::EVENTS,
    &usage::USAGE,
    &recommendations::RECOMMENDATIONS,
    &billing::BILLING,
    &accounts::ACCOUNTS,
    &operations::OPERATIONS,
    &reports::REPORTS,
    &jobs::JOBS,
    &users::USERS,
];

/// Every entity, for what is derived from the definition and not from anybody's rights.
pub(crate) fn all() -> &'static [&'static Entity] {
    &ALL
}

/// A dimension of desktops whose values a change may name as old and new.
pub(crate) fn is_desktop_choice(name: &str) -> bool {
    workspaces::WORKSPACES.dimension(name).is_some_and(|it| it.kind == Kind::Choice)
}

/// The dimension of desktops that has a choice of that name, where no other one has.
pub(crate) fn desktop_choice_of(value: &str) -> Option<&'static str> {
    let has = |it: &&Dimension| it.values.known().iter().any(|(known, _)| *known == value);
    let mut of = workspaces::WORKSPACES.dimensions.iter().filter(has).map(|it| it.name);
    of.next().filter(|_| of.next().is_none())
}

/// Desktops have a dimension of that label.
pub(crate) fn is_desktop_dimension(label: &str) -> bool {
    workspaces::WORKSPACES.dimensions.iter().any(|it| it.label == label)
}

/// What somebody may ask about. Everything that reads questions and plans takes this, never the whole.
#[derive(Debug, Clone)]
pub struct Catalog {
    entities: Vec<&'static Entity>,
    role: Role,
    asker: Option<UserId>,
}

impl Catalog {
    /// What somebody may read: his own rows where they are somebody's.
    #[must_use]
    pub fn of(asker: UserId, role: Role) -> Self {
        let entities = ALL.into_iter().filter(|it| role.allows(it.permission)).collect();
        Self { entities, role, asker: Some(asker) }
    }

    /// What a role may read, whoever has it: without what is told apart by who asks.
    #[must_use]
    pub fn for_role(role: Role) -> Self {
        let everybodys = |it: &Entity| it.owner.as_ref().is_none_or(|it| role.allows(it.sees_all));
        let entities = ALL.into_iter().filter(|it| role.allows(it.permission) && everybodys(it)).collect();
        Self { entities, role, asker: None }
    }

    /// Whose rows of an entity are read, with the column that tells; `None`: everybody's.
    #[must_use]
    pub fn own(&self, entity: &Entity) -> Option<(&'static str, UserId)> {
        let owner = entity.owner.as_ref().filter(|it| !self.role.allows(it.sees_all))?;
        // Entities with an owner are in the catalog of somebody only; nobody's number is zero.
        Some((owner.column, self.asker.unwrap_or(UserId(0))))
    }

    /// What a plan about `entity` may name: its dimensions, and those of the desktops that its rows belong to.
    #[must_use]
    pub fn field(&self, entity: &Entity, name: &str) -> Option<Field> {
        entity.reach(name).filter(|it| !it.of_desktop || self.entity(workspaces::WORKSPACES.name).is_some())
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

    /// The entity whose dimensions others reach, where the asker may read it.
    #[must_use]
    pub fn desktops(&self) -> Option<&'static Entity> {
        self.entity(workspaces::WORKSPACES.name)
    }

    /// For the browser and for API clients.
    #[must_use]
    pub fn wire(&self) -> contract::catalog::Catalog {
        let owned = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect();
        let figure = |it: &words::Figure| contract::catalog::Figure {
            function: it.function,
            of: it.of.map(str::to_owned),
            synonyms: owned(it.words),
        };
        let dimension = |entity: &Entity, it: &Dimension| {
            let field = entity.field(it.name);
            contract::catalog::Dimension {
                name: it.name.to_owned(),
                label: it.label.to_owned(),
                synonyms: owned(it.synonyms),
                kind: it.kind,
                unit: it.unit.map(str::to_owned),
                ops: field.as_ref().map(|f| f.ops().to_vec()).unwrap_or_default(),
                aggregates: field.as_ref().map(|f| f.aggregates().to_vec()).unwrap_or_default(),
                grains: field.as_ref().map(|f| f.grains().to_vec()).unwrap_or_default(),
                groupable: field.is_some_and(|f| f.groupable()),
                values: it.values.known().iter().map(|(value, _)| (*value).to_owned()).collect(),
            }
        };
        let part = |entity: &Entity, clock: Clock| {
            let field = entity.field(&clock.of(entity.time))?;
            Some(contract::catalog::Dimension {
                name: field.name.clone(),
                label: field.label.clone(),
                synonyms: owned(clock.synonyms()),
                kind: field.kind,
                unit: None,
                ops: field.ops().to_vec(),
                aggregates: field.aggregates().to_vec(),
                grains: Vec::new(),
                groupable: true,
                values: clock.values(),
            })
        };
        let parts = |entity| Clock::ALL.into_iter().filter_map(move |it| part(entity, it));
        let entities = self.entities.iter().map(|entity| contract::catalog::Entity {
            name: entity.name.to_owned(),
            label: entity.plural.to_owned(),
            singular: entity.singular.to_owned(),
            synonyms: owned(entity.synonyms),
            time: entity.time.to_owned(),
            figures: entity.words.measures.iter().map(figure).collect(),
            dimensions: entity
                .dimensions
                .iter()
                .map(|it| dimension(entity, it))
                .chain(parts(entity))
                .collect(),
            relations: self.relations(entity),
            examples: owned(entity.examples),
        });
        contract::catalog::Catalog { entities: entities.collect() }
    }

    fn relations(&self, entity: &Entity) -> Vec<contract::catalog::Relation> {
        let desktops = &workspaces::WORKSPACES;
        if !entity.has_desktops() || self.entity(desktops.name).is_none() {
            return Vec::new();
        }
        let own = desktops.dimensions.iter().filter(|it| entity.dimension(it.name).is_some());
        vec![contract::catalog::Relation {
            prefix: DESKTOP_PREFIX.trim_end_matches('.').to_owned(),
            entity: desktops.name.to_owned(),
            without: own.map(|it| it.name.to_owned()).collect(),
        }]
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
            assert!(!entity.identity.is_empty() && entity.identity.iter().all(|it| names.contains(it)));
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
    fn choices_are_those_of_the_wire() {
        fn agree(entity: &str, dimension: &str, names: Vec<&str>) {
            let entity = ALL.into_iter().find(|it| it.name == entity).unwrap();
            let mut known: Vec<_> =
                entity.dimension(dimension).unwrap().values.known().iter().map(|it| it.0).collect();
            let mut names = names;
            known.sort_unstable();
            names.sort_unstable();
            assert_eq!(known, names, "{}.{dimension}", entity.name);
        }
        use contract::{jobs::JobState, operations as op};
        agree("operations", "action", op::OperationAction::ALL.iter().map(|it| it.name()).collect());
        agree("operations", "state", op::OperationState::ALL.iter().map(|it| it.name()).collect());
        agree("jobs", "state", JobState::ALL.iter().map(|it| it.name()).collect());
        agree("reports", "state", JobState::ALL.iter().map(|it| it.name()).collect());
        agree("users", "role", Role::ALL.map(Role::name).to_vec());
        use contract::{billing as cost, changes::ChangeKind, recommendations as advice, reports::Format};
        agree("billing", "source", cost::CostSource::ALL.iter().map(|it| it.name()).collect());
        agree("billing", "status", cost::CostStatus::ALL.iter().map(|it| it.name()).collect());
        agree("changes", "kind", ChangeKind::ALL.iter().map(|it| it.name()).collect());
        agree("recommendations", "action", advice::Action::ALL.iter().map(|it| it.name()).collect());
        agree("recommendations", "prices", advice::PriceOrigin::ALL.iter().map(|it| it.name()).collect());
        agree("reports", "format", [Format::Csv, Format::Xlsx].map(Format::extension).to_vec());
        agree("workspaces", "region", contract::accounts::WORKSPACES_REGIONS.to_vec());
    }

    #[test]
    fn rights_cut_the_catalog() {
        assert!(Catalog::for_role(Role::Requester).entities().is_empty());
        assert!(Catalog::for_role(Role::Viewer).entity("workspaces").is_some());
    }

    #[test]
    fn rows_of_ones_own_are_nobodys_without_an_asker() {
        assert!(Catalog::for_role(Role::Operator).entity("reports").is_none());
        let operator = Catalog::of(UserId(7), Role::Operator);
        let reports = operator.entity("reports").unwrap();
        assert_eq!(operator.own(reports), Some(("user_id", UserId(7))));
        assert_eq!(Catalog::of(UserId(7), Role::Admin).own(reports), None);
        assert!(reports.reach("user_id").is_none(), "a plan cannot name it");
        assert!(Catalog::of(UserId(7), Role::Operator).entity("users").is_none());
        assert!(Catalog::of(UserId(7), Role::Viewer).entity("reports").is_none());
    }

    #[test]
    fn what_belongs_to_a_desktop_reaches_it() {
        let catalog = Catalog::for_role(Role::Viewer);
        let usage = catalog.entity("usage").unwrap();
        let system = catalog.field(usage, "desktop.operating_system").unwrap();
        assert_eq!((system.label.as_str(), system.nullable), ("desktop's operating system", true));
        assert_eq!(catalog.field(usage, "desktop.tags.Team").unwrap().tag.as_deref(), Some("Team"));
        for name in ["desktop.running_mode", "desktop.desktop.state", "desktop.", "desktop.search"] {
            assert_eq!(catalog.field(usage, name), None, "{name}");
        }
        assert_eq!(catalog.field(catalog.entity("accounts").unwrap(), "desktop.state"), None);
        assert_eq!(usage.field("desktop.state"), None, "lists and the linker know own dimensions only");
        let relations = &catalog.wire().entities[3].relations;
        assert_eq!((relations[0].prefix.as_str(), relations[0].entity.as_str()), ("desktop", "workspaces"));
        assert!(relations[0].without.contains(&"running_mode".to_owned()));
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
