//! The change feed in the catalog.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static CHANGES: Entity = Entity {
    name: "changes",
    singular: "change",
    plural: "changes",
    synonyms: &["modifications", "modification", "change feed"],
    view: "ask_changes",
    permission: Permission::WorkspacesRead,
    owner: None,
    of_house: false,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["user_name", "workspace_id"],
    default_columns: &[
        "observed_at",
        "workspace_id",
        "user_name",
        "account",
        "region",
        "kind",
        "field",
        "old",
        "new",
    ],
    default_order: "-id",
    time: "observed_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("workspace_id", "desktop", Kind::Text, &[], Values::Free, false),
        Dimension::new("user_name", "user", Kind::Text, &["users", "person"], Values::Stored, false),
        Dimension::new("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        Dimension::new("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
        Dimension::new(
            "kind",
            "kind",
            Kind::Choice,
            &["kinds", "type", "types"],
            Values::Known(KINDS),
            false,
        ),
        Dimension::new("field", "field", Kind::Choice, &["fields", "what"], Values::Free, true),
        Dimension::new("old", "old value", Kind::Text, &["before value"], Values::Free, true),
        Dimension::new("new", "new value", Kind::Text, &["after value"], Values::Free, true),
        Dimension::new(
            "actor",
            "changed by",
            Kind::Text,
            &["actor", "actors", "made by", "caller"],
            Values::Stored,
            true,
        ),
        Dimension::new("observed_at", "noticed", Kind::Time, &["when", "time"], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many changes by kind since yesterday?", "Changes in the last 7 days by day"],
};

/// `contract::changes::ChangeKind`.
const KINDS: &[(&str, &[&str])] = &[
    ("appeared", &["new", "created"]),
    ("gone", &["removed", "disappeared"]),
    ("returned", &[]),
    ("changed", &[]),
];
