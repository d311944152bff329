//! Operations in the catalog: what was proposed and done to desktops through Skydesk. What was done past it is in events.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static OPERATIONS: Entity = Entity {
    name: "operations",
    singular: "operation",
    plural: "operations",
    synonyms: &["proposed operations", "proposed changes", "approvals"],
    view: "ask_operations",
    permission: Permission::OperationsRead,
    owner: None,
    of_house: true,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["id"],
    default_columns: &[
        "id",
        "action",
        "state",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "desktops",
        "failed",
        "predicted_saving",
    ],
    default_order: "-id",
    time: "proposed_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("action", "action", Kind::Choice, &["actions"], Values::Known(ACTIONS), false),
        Dimension::new(
            "state",
            "state",
            Kind::Choice,
            &["states", "status", "outcome"],
            Values::Known(STATES),
            false,
        ),
        Dimension::new(
            "proposed_by",
            "proposed by",
            Kind::Text,
            &["proposer", "proposers"],
            Values::Stored,
            false,
        ),
        Dimension::new("proposed_at", "proposed", Kind::Time, &["when", "time"], Values::Free, false),
        Dimension::new(
            "decided_by",
            "decided by",
            Kind::Text,
            &["approved by", "approver", "approvers"],
            Values::Stored,
            true,
        ),
        Dimension::new("decided_at", "decided", Kind::Time, &["approval time"], Values::Free, true),
        Dimension::new("began_at", "begun", Kind::Time, &["start time"], Values::Free, true),
        Dimension::new("ended_at", "ended", Kind::Time, &["finished", "end time"], Values::Free, true),
        Dimension::new(
            "desktops",
            "number of desktops",
            Kind::Number,
            &["desktops", "machines"],
            Values::Free,
            false,
        ),
        Dimension::new("failed", "failed desktops", Kind::Number, &[], Values::Free, false),
        // Dollars alone, as of costs.
        Dimension::new(
            "predicted_saving",
            "predicted saving",
            Kind::Number,
            &["predicted savings"],
            Values::Free,
            true,
        )
        .in_unit("USD"),
        Dimension::new("reason", "reason", Kind::Text, &["reasons"], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many operations by state?", "Number of operations by action in the last 30 days"],
};

/// `contract::operations::OperationAction`.
const ACTIONS: &[(&str, &[&str])] = &[
    ("start", &["starts"]),
    ("stop", &["stops"]),
    ("reboot", &["reboots"]),
    ("rebuild", &["rebuilds"]),
    ("set_running_mode", &["running mode changes", "mode changes"]),
    ("set_timeout", &["timeout changes"]),
    ("set_compute_type", &["compute type changes", "resizes"]),
    ("tag", &["tagging"]),
    ("terminate", &["terminations"]),
];

/// `contract::operations::OperationState`.
const STATES: &[(&str, &[&str])] = &[
    ("proposed", &["awaiting approval", "waiting for approval", "pending", "open proposals"]),
    ("queued", &[]),
    ("running", &["under way"]),
    ("done", &["succeeded", "successful"]),
    ("partly_done", &["partly done"]),
    ("failed", &["unsuccessful"]),
    ("unknown", &["unclear"]),
    ("rejected", &["declined"]),
    ("cancelled", &["canceled", "withdrawn"]),
    ("expired", &[]),
];
