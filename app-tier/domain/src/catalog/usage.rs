//! Usage in the catalog: a row for each day of a desktop on which somebody was connected or hours are billable.

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static USAGE: Entity = Entity {
    name: "usage",
    singular: "day of use",
    plural: "days of use",
    synonyms: &["use", "billable time"],
    view: "ask_usage",
    permission: Permission::WorkspacesRead,
    key: "id",
    standing: None,
    counted: None,
    default_columns: &[
        "day",
        "workspace_id",
        "user_name",
        "account",
        "region",
        "connected_minutes",
        "billable_hours",
    ],
    default_order: "-day",
    time: "day",
    dimensions: &[
        of("id", "key", Kind::Text, None, &[], Values::Free),
        of("workspace_id", "desktop", Kind::Text, None, &[], Values::Free),
        of("user_name", "user", Kind::Text, None, &["users", "person"], Values::Stored),
        of("account", "account", Kind::Choice, None, &["accounts"], Values::Stored),
        of("region", "region", Kind::Choice, None, &["regions"], Values::Stored),
        Dimension {
            nullable: true,
            ..of("directory", "directory", Kind::Choice, None, &["directories"], Values::Stored)
        },
        Dimension {
            nullable: true,
            ..of("running_mode", "running mode", Kind::Choice, None, &["mode", "modes"], Values::Stored)
        },
        Dimension {
            nullable: true,
            ..of("compute_type", "compute type", Kind::Choice, None, &["size", "sizes"], Values::Stored)
        },
        of("day", "day", Kind::Time, None, &["date"], Values::Free),
        of("connected_minutes", "connected minutes", Kind::Number, Some("min"), &["minutes"], Values::Free),
        of(
            "billable_hours",
            "billable hours",
            Kind::Number,
            Some("h"),
            &["hours", "billed hours"],
            Values::Free,
        ),
        of("estimated", "estimated", Kind::Bool, None, &[], Values::Free),
    ],
    activity: None,
    search: None,
    // The reader of rules still takes "usage" and "hours" for what is not known; see domain::questions.
    examples: &[],
};

const fn of(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    unit: Option<&'static str>,
    synonyms: &'static [&'static str],
    values: Values,
) -> Dimension {
    Dimension { name, label, kind, unit, synonyms, values, nullable: false }
}
