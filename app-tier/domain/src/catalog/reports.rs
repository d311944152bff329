//! Reports in the catalog: one's own; everybody's for who may read the audit log, as in the list of reports.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Owner, Values};

pub(super) static REPORTS: Entity = Entity {
    name: "reports",
    singular: "report",
    plural: "reports",
    synonyms: &["exports", "generated reports"],
    view: "ask_reports",
    permission: Permission::ReportsMake,
    owner: Some(Owner { column: "user_id", sees_all: Permission::AuditRead }),
    of_house: true,
    key: "id",
    standing: None,
    counted: None,
    few: None,
    identity: &["title", "id"],
    default_columns: &["title", "format", "asked_by", "state", "created_at", "finished_at", "rows", "bytes"],
    default_order: "-id",
    time: "created_at",
    dimensions: &[
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("title", "title", Kind::Text, &["titles"], Values::Free, false),
        Dimension::new("format", "format", Kind::Choice, &["formats"], Values::Known(FORMATS), false),
        Dimension::new(
            "asked_by",
            "asked by",
            Kind::Text,
            &["requested by", "requester", "requesters", "made by"],
            Values::Stored,
            false,
        ),
        Dimension::new(
            "state",
            "state",
            Kind::Choice,
            &["states", "status"],
            Values::Known(super::jobs::STATES),
            false,
        ),
        Dimension::new("created_at", "asked", Kind::Time, &["when", "created"], Values::Free, false),
        Dimension::new("finished_at", "finished", Kind::Time, &["ready"], Values::Free, true),
        Dimension::new("rows", "rows", Kind::Number, &["number of rows"], Values::Free, true),
        Dimension::new("bytes", "size", Kind::Number, &["bytes", "file size"], Values::Free, true)
            .in_unit("B"),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many reports by format?", "Number of reports in the last 7 days"],
};

/// `contract::reports::Format`.
const FORMATS: &[(&str, &[&str])] = &[("csv", &[]), ("xlsx", &["excel", "spreadsheet"])];
