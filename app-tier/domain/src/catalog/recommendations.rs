//! Recommendations in the catalog.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static RECOMMENDATIONS: Entity = Entity {
    name: "recommendations",
    singular: "recommendation",
    plural: "recommendations",
    synonyms: &["advice", "savings", "saving", "proposals", "what to change"],
    view: "ask_recommendations",
    permission: Permission::WorkspacesRead,
    owner: None,
    of_house: false,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["user_name", "workspace_id"],
    default_columns: &[
        "workspace_id",
        "user_name",
        "account",
        "region",
        "action",
        "why",
        "saves_p50",
        "saves_p90",
        "currency",
    ],
    default_order: "-saves_p50",
    time: "made_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("workspace_id", "desktop", Kind::Text, &[], Values::Free, false),
        Dimension::new("user_name", "user", Kind::Text, &["users", "person"], Values::Stored, false),
        Dimension::new("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        Dimension::new("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
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
        Dimension::new("action", "action", Kind::Choice, &["actions"], Values::Known(ACTIONS), false),
        Dimension::new("minutes", "new timeout", Kind::Number, &[], Values::Free, true).in_unit("min"),
        Dimension::new("why", "reason", Kind::Text, &["reasons"], Values::Free, false),
        // Dollars alone, as of costs.
        Dimension::new(
            "saves_p50",
            "expected saving",
            Kind::Number,
            &["money", "amount"],
            Values::Free,
            true,
        )
        .in_unit("USD"),
        Dimension::new("saves_p90", "safe saving", Kind::Number, &["least saving"], Values::Free, true)
            .in_unit("USD"),
        Dimension::new("currency", "currency", Kind::Choice, &[], Values::Stored, false),
        Dimension::new("confidence", "confidence", Kind::Number, &[], Values::Free, false).in_unit("%"),
        Dimension::new("estimated", "estimated", Kind::Bool, &[], Values::Free, false),
        Dimension::new("days_known", "known days", Kind::Number, &[], Values::Free, false).in_unit("days"),
        Dimension::new("days_missing", "missing days", Kind::Number, &[], Values::Free, false)
            .in_unit("days"),
        Dimension::new("prices", "price source", Kind::Choice, &[], Values::Known(PRICES), false),
        Dimension::new("made_at", "made", Kind::Time, &[], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &[
        "How many recommendations are there by action?",
        "Total expected saving of recommendations by account",
        "Recommendations of user jane.smith",
    ],
};

/// `contract::recommendations::Action`.
const ACTIONS: &[(&str, &[&str])] =
    &[("to_always_on", &[]), ("to_auto_stop", &[]), ("set_timeout", &[]), ("terminate", &["termination"])];

/// `contract::recommendations::PriceOrigin`.
const PRICES: &[(&str, &[&str])] = &[("listed", &[]), ("offline", &[]), ("estimated", &[])];
