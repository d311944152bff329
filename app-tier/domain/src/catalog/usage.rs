//! Usage in the catalog: a row for each day of a desktop on which somebody was connected or hours are billable.

mod words;

use contract::{auth::Permission, catalog::Kind, query::Grain};

use super::{Dimension, Entity, Values};

pub(super) static USAGE: Entity = Entity {
    name: "usage",
    singular: "day of use",
    plural: "days of use",
    synonyms: &["use", "billable time"],
    view: "ask_usage",
    permission: Permission::WorkspacesRead,
    owner: None,
    of_house: false,
    key: "id",
    standing: None,
    counted: None,
    few: Some(FEW),
    identity: &["user_name", "workspace_id", "day"],
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
        Dimension::new("id", "key", Kind::Text, &[], Values::Free, false),
        Dimension::new("workspace_id", "desktop", Kind::Text, &[], Values::Free, false),
        Dimension::new("user_name", "user", Kind::Text, &["users", "person"], Values::Stored, false),
        Dimension::new("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        Dimension::new("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
        Dimension::new("directory", "directory", Kind::Choice, &["directories"], Values::Stored, true),
        Dimension::new(
            "running_mode",
            "running mode",
            Kind::Choice,
            &["mode", "modes"],
            Values::Stored,
            true,
        ),
        Dimension::new(
            "compute_type",
            "compute type",
            Kind::Choice,
            &["size", "sizes"],
            Values::Stored,
            true,
        ),
        Dimension::new("day", "day", Kind::Time, &["date"], Values::Free, false).known_by(Grain::Day),
        Dimension::new(
            "connected_minutes",
            "connected minutes",
            Kind::Number,
            &["minutes"],
            Values::Free,
            false,
        )
        .in_unit("min"),
        Dimension::new(
            "billable_hours",
            "billable hours",
            Kind::Number,
            &["hours", "billed hours"],
            Values::Free,
            false,
        )
        .in_unit("h"),
        Dimension::new("sessions", "sessions", Kind::Number, &["number of sessions"], Values::Free, false)
            .untaught(),
        Dimension::new("estimated", "estimated", Kind::Bool, &[], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &[
        "Total billable hours by running mode",
        "Total billable hours by user in the last 30 days",
        "Top 10 users by total billable hours",
    ],
};

/// What is stored of a day is its desktop's: one row for each that was ever used, not for each day.
const FEW: &str = "SELECT w.user_name, a.name AS account, w.region, coalesce(d.name, d.alias) AS directory, w.running_mode, w.compute_type
    FROM workspaces w LEFT JOIN accounts a ON a.id = w.account
    LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
    WHERE EXISTS (SELECT FROM usage_days u WHERE u.workspace_id = w.id)";
