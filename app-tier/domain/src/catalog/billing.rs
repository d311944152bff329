//! Costs in the catalog: a row for each desktop and month, and one for each other service, account, region and month.

mod words;

use contract::{auth::Permission, catalog::Kind, query::Grain};

use super::{Dimension, Entity, Values};

pub(super) static BILLING: Entity = Entity {
    name: "billing",
    singular: "cost",
    plural: "costs",
    synonyms: &["bill", "bills", "spend", "spending", "spent", "charges", "charged"],
    view: "ask_billing",
    permission: Permission::BillingRead,
    owner: None,
    of_house: false,
    key: "id",
    standing: None,
    counted: None,
    few: Some(FEW),
    identity: &["service", "user_name", "month"],
    default_columns: &["month", "service", "account", "region", "user_name", "charged", "source", "status"],
    default_order: "-month",
    time: "month",
    dimensions: &[
        Dimension::new("id", "key", Kind::Text, &[], Values::Free, false),
        Dimension::new("workspace_id", "desktop", Kind::Text, &["desktops", "workspace"], Values::Free, true),
        Dimension::new("user_name", "user", Kind::Text, &["users", "person"], Values::Stored, true),
        Dimension::new("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        Dimension::new("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
        Dimension::new("service", "service", Kind::Choice, &["services"], Values::Stored, false),
        Dimension::new("directory", "directory", Kind::Choice, &["directories"], Values::Free, true),
        Dimension::new("running_mode", "running mode", Kind::Choice, &["mode", "modes"], Values::Free, true),
        Dimension::new("compute_type", "compute type", Kind::Choice, &["size", "sizes"], Values::Free, true),
        Dimension::new("month", "billed month", Kind::Time, &["date"], Values::Free, false)
            .known_by(Grain::Month),
        // Dollars alone: what is charged in another currency must not meet them in a sum.
        Dimension::new(
            "cost",
            "cost",
            Kind::Number,
            &["costs", "charge", "amount", "spend", "spending"],
            Values::Free,
            true,
        )
        .in_unit("USD"),
        Dimension::new("charged", "charged amount", Kind::Text, &[], Values::Free, false),
        Dimension::new("currency", "currency", Kind::Choice, &["currencies"], Values::Free, false),
        Dimension::new("source", "source", Kind::Choice, &["sources"], Values::Known(SOURCES), false),
        Dimension::new("status", "status", Kind::Choice, &[], Values::Known(STATUS), false),
    ],
    // Stored values are those that people name in questions about money.
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &[
        "Total cost by service in the last 90 days",
        "Total cost by account",
        "Top 10 users by total cost",
    ],
};

/// Half a million rows for two years of a large house: each desktop's user, and the sums of each account, region and service.
const FEW: &str = "SELECT w.user_name, NULL::text AS account, NULL::text AS region, NULL::text AS service FROM workspaces w
    WHERE EXISTS (SELECT FROM workspace_costs c WHERE c.workspace_id = w.id)
    UNION ALL
    SELECT NULL, a.name, c.region, 'Amazon WorkSpaces' FROM cost_desktops c JOIN accounts a ON a.id = c.account
    UNION ALL
    SELECT NULL, a.name, c.region, c.service FROM cost_months c JOIN accounts a ON a.id = c.account";

/// `contract::billing::CostSource`, without `service`: in a question that is the dimension.
const SOURCES: &[(&str, &[&str])] =
    &[("service", &[]), ("resource", &[]), ("tag", &[]), ("mixed", &[]), ("model", &["modelled"])];

/// `contract::billing::CostStatus`.
const STATUS: &[(&str, &[&str])] = &[("final", &[]), ("estimated", &[]), ("partial", &[])];
