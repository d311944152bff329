//! AWS accounts in the catalog: what is registered, and how looking at each goes.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static ACCOUNTS: Entity = Entity {
    name: "accounts",
    singular: "account",
    plural: "accounts",
    synonyms: &["aws account", "aws accounts", "registered accounts"],
    view: "ask_accounts",
    permission: Permission::AccountsRead,
    owner: None,
    of_house: true,
    key: "name",
    standing: None,
    counted: None,
    few: None,
    identity: &["name", "account_id"],
    default_columns: &["name", "account_id", "regions", "can_operate", "sync_state", "synced_at", "desktops"],
    default_order: "name",
    time: "created_at",
    dimensions: &[
        Dimension::new("name", "name", Kind::Text, &["account name"], Values::Stored, false),
        Dimension::new("account_id", "account id", Kind::Text, &["account number"], Values::Stored, false),
        Dimension::new("regions", "number of regions", Kind::Number, &["regions"], Values::Free, false),
        Dimension::new(
            "can_operate",
            "open to operations",
            Kind::Bool,
            &["operable", "operator role", "can be operated"],
            Values::Free,
            false,
        ),
        Dimension::new(
            "sync_state",
            "sync state",
            Kind::Choice,
            &["sync status", "state", "status"],
            Values::Known(STATES),
            false,
        ),
        Dimension::new("synced_at", "last sync", Kind::Time, &["last synced", "synced"], Values::Free, true),
        Dimension::new(
            "desktops",
            "number of desktops",
            Kind::Number,
            &["desktops", "machines", "workspaces"],
            Values::Free,
            false,
        ),
        Dimension::new("created_at", "registered", Kind::Time, &["added", "created"], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many accounts are there?", "List accounts with sync state denied"],
};

/// The worst that the last looks of an account say, as the view sums `contract::overview::SyncState` up.
const STATES: &[(&str, &[&str])] = &[
    ("ok", &["healthy"]),
    ("denied", &["access denied"]),
    ("failed", &["failing"]),
    ("never", &["never synced"]),
];
