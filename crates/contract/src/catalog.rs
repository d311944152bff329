//! What can be asked, as the asker's rights cut it: the wire form of `domain::catalog`.

use serde::{Deserialize, Serialize};

use crate::query::{Aggregate, Grain, Op};

/// `GET /api/ai/catalog`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Catalog {
    pub entities: Vec<Entity>,
}

/// A kind of thing one can ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entity {
    /// The name in plans.
    pub name: String,
    /// For people, plural: `desktops`.
    pub label: String,
    /// One of them: `desktop`.
    pub singular: String,
    /// What else people call it.
    pub synonyms: Vec<String>,
    /// The time that "last week" means when none is named.
    pub time: String,
    /// What is counted or added up under a name of its own.
    pub figures: Vec<Figure>,
    pub dimensions: Vec<Dimension>,
    /// What else its rows reach, dimension by dimension.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// Questions that the rules read, to begin with.
    pub examples: Vec<String>,
}

/// A figure that has a name: "spend" is the sum of costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    pub function: Aggregate,
    /// The dimension; none for the number of rows.
    pub of: Option<String>,
    /// What people call it.
    pub synonyms: Vec<String>,
}

/// Another entity whose dimensions a plan may name as `PREFIX.NAME`: of each row the one it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Relation {
    /// `desktop`
    pub prefix: String,
    /// Its name in plans: `workspaces`.
    pub entity: String,
    /// Those of its dimensions that are not reached, because the rows have one of that name themselves.
    pub without: Vec<String>,
}

/// Something that each row of an entity has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dimension {
    /// The name in plans, filters and columns.
    pub name: String,
    /// For people.
    pub label: String,
    /// What else people call it.
    pub synonyms: Vec<String>,
    pub kind: Kind,
    pub unit: Option<String>,
    /// How it may be compared.
    pub ops: Vec<Op>,
    /// What may be computed of it.
    pub aggregates: Vec<Aggregate>,
    /// How it may be cut in `group_by`, the finest first; empty unless it is a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grains: Vec<Grain>,
    /// May stand in `group_by`.
    pub groupable: bool,
    /// Values that exist or that AWS knows, where there are few; others may exist.
    pub values: Vec<String>,
}

impl Dimension {
    /// What it is, for people: `number in GiB`, `time, by hour, day, week`.
    #[must_use]
    pub fn described(&self) -> String {
        match self.kind {
            Kind::Text => "text".to_owned(),
            Kind::Choice if self.values.is_empty() => "one of those that there are".to_owned(),
            Kind::Choice => "one of".to_owned(),
            Kind::Number => {
                self.unit.as_ref().map_or("number".to_owned(), |unit| format!("number in {unit}"))
            }
            Kind::Bool => "yes or no".to_owned(),
            Kind::Time | Kind::Date => {
                let grains: Vec<&str> = self.grains.iter().map(|it| it.name()).collect();
                format!("time, by {}", grains.join(", "))
            }
            Kind::Tags => "each tag by its name".to_owned(),
        }
    }
}

/// The type of a dimension or of an answer's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Free text, such as names.
    Text,
    /// A text with few values.
    Choice,
    Number,
    Bool,
    /// RFC 3339, UTC.
    Time,
    /// A day, `2026-03-03`; only in answers.
    Date,
    /// Names and values; only as a column. Single tags are `tags.NAME`.
    Tags,
}
