//! Recommendations in the catalog.

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static RECOMMENDATIONS: Entity = Entity {
    name: "recommendations",
    singular: "recommendation",
    plural: "recommendations",
    synonyms: &["advice", "savings", "saving", "proposals", "what to change"],
    view: "ask_recommendations",
    permission: Permission::WorkspacesRead,
    key: "id",
    standing: None,
    counted: None,
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
        of("id", "number", Kind::Number, None, &[], Values::Free, false),
        of("workspace_id", "desktop", Kind::Text, None, &[], Values::Free, false),
        of("user_name", "user", Kind::Text, None, &["users", "person"], Values::Stored, false),
        of("account", "account", Kind::Choice, None, &["accounts"], Values::Stored, false),
        of("region", "region", Kind::Choice, None, &["regions"], Values::Stored, false),
        of("running_mode", "running mode", Kind::Choice, None, &["mode", "modes"], Values::Stored, true),
        of("compute_type", "compute type", Kind::Choice, None, &["size", "sizes"], Values::Stored, true),
        of("action", "action", Kind::Choice, None, &["actions"], Values::Known(ACTIONS), false),
        of("minutes", "new timeout", Kind::Number, Some("min"), &[], Values::Free, true),
        of("why", "reason", Kind::Text, None, &["reasons"], Values::Free, false),
        of(
            "saves_p50",
            "expected saving",
            Kind::Number,
            Some("USD"),
            &["money", "amount"],
            Values::Free,
            false,
        ),
        of("saves_p90", "safe saving", Kind::Number, Some("USD"), &["least saving"], Values::Free, false),
        of("currency", "currency", Kind::Choice, None, &[], Values::Stored, false),
        of("confidence", "confidence", Kind::Number, Some("%"), &[], Values::Free, false),
        of("estimated", "estimated", Kind::Bool, None, &[], Values::Free, false),
        of("days_known", "known days", Kind::Number, None, &[], Values::Free, false),
        of("days_missing", "missing days", Kind::Number, None, &[], Values::Free, false),
        of("prices", "price source", Kind::Choice, None, &[], Values::Known(PRICES), false),
        of("made_at", "made", Kind::Time, None, &[], Values::Free, false),
    ],
    activity: None,
    search: None,
    examples: &[],
};

/// `contract::recommendations::Action`.
const ACTIONS: &[(&str, &[&str])] =
    &[("to_always_on", &[]), ("to_auto_stop", &[]), ("set_timeout", &[]), ("terminate", &["termination"])];

/// `contract::recommendations::PriceOrigin`.
const PRICES: &[(&str, &[&str])] = &[("listed", &[]), ("offline", &[]), ("estimated", &[])];

const fn of(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    unit: Option<&'static str>,
    synonyms: &'static [&'static str],
    values: Values,
    nullable: bool,
) -> Dimension {
    Dimension { name, label, kind, unit, synonyms, values, nullable }
}
