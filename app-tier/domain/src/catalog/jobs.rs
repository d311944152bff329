//! Jobs of the workers in the catalog. What a job was given to do is not in it.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static JOBS: Entity = Entity {
    name: "jobs",
    singular: "job",
    plural: "jobs",
    synonyms: &["background jobs", "background tasks"],
    view: "ask_jobs",
    permission: Permission::JobsRead,
    owner: None,
    of_house: true,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["id"],
    default_columns: &["id", "kind", "state", "attempts", "created_at", "finished_at", "error"],
    default_order: "-id",
    time: "created_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("kind", "kind", Kind::Choice, &["kinds", "type", "types"], Values::Stored, false),
        Dimension::new("state", "state", Kind::Choice, &["states", "status"], Values::Known(STATES), false),
        Dimension::new("attempts", "attempts", Kind::Number, &["tries"], Values::Free, false),
        Dimension::new("created_at", "created", Kind::Time, &["when", "enqueued"], Values::Free, false),
        Dimension::new("finished_at", "finished", Kind::Time, &["ended"], Values::Free, true),
        Dimension::new("error", "error", Kind::Text, &["errors", "error message"], Values::Free, true)
            .exceptional(),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many jobs by state?", "Number of dead jobs by kind"],
};

/// `contract::jobs::JobState`.
pub(super) const STATES: &[(&str, &[&str])] = &[
    ("waiting", &["queued"]),
    ("running", &["under way"]),
    ("done", &["succeeded"]),
    ("dead", &["failed", "gave up"]),
    ("cancelled", &["canceled"]),
];
