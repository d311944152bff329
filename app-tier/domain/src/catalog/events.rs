//! Who did what to desktops, in the catalog.

mod words;

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static EVENTS: Entity = Entity {
    name: "events",
    singular: "event",
    plural: "events",
    synonyms: &["audit event", "audit events", "actions", "api calls", "calls", "cloudtrail"],
    view: "ask_events",
    permission: Permission::WorkspacesRead,
    owner: None,
    of_house: false,
    key: "entry",
    // Looking is not doing; programs look all day long.
    standing: Some(("read_only", "NOT read_only")),
    counted: None,
    few: None,
    identity: &["at", "actor", "user_name", "workspace_id"],
    default_columns: &[
        "at",
        "actor",
        "summary",
        "workspace_id",
        "user_name",
        "account",
        "region",
        "name",
        "error_code",
    ],
    default_order: "-at",
    time: "at",
    dimensions: &[
        Dimension::new("entry", "entry", Kind::Number, &[], Values::Free, false),
        Dimension::new("id", "event id", Kind::Text, &[], Values::Free, false),
        Dimension::new("at", "time", Kind::Time, &["when", "happened", "date"], Values::Free, false),
        Dimension::new(
            "actor",
            "actor",
            Kind::Text,
            &["actors", "administrator", "administrators", "caller", "callers", "who"],
            Values::Stored,
            false,
        ),
        Dimension::new(
            "name",
            "operation",
            Kind::Choice,
            &["operation name"],
            Values::KnownAndStored(OPERATIONS),
            false,
        ),
        Dimension::new("summary", "what was done", Kind::Text, &["summary", "deed"], Values::Free, false),
        Dimension::new(
            "workspace_id",
            "desktop",
            Kind::Text,
            &["desktops", "machine", "machines"],
            Values::Free,
            true,
        ),
        Dimension::new(
            "user_name",
            "user",
            Kind::Text,
            &["users", "person", "user name"],
            Values::Stored,
            true,
        ),
        Dimension::new("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        Dimension::new("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
        Dimension::new(
            "error_code",
            "error",
            Kind::Choice,
            &["errors", "error code", "failure"],
            Values::Stored,
            true,
        )
        .exceptional(),
        Dimension::new("error_message", "error message", Kind::Text, &[], Values::Free, true),
        Dimension::new("actor_arn", "actor's ARN", Kind::Text, &["arn"], Values::Free, true),
        Dimension::new("source_identity", "source identity", Kind::Text, &[], Values::Stored, true),
        Dimension::new(
            "source_ip",
            "address",
            Kind::Text,
            &["ip", "ip address", "source ip"],
            Values::Free,
            true,
        ),
        Dimension::new("user_agent", "program", Kind::Text, &["user agent", "client"], Values::Free, true),
        Dimension::new("read_only", "read only", Kind::Bool, &["reads", "looks"], Values::Free, false),
    ],
    activity: None,
    search: None,
    words: &words::WORDS,
    examples: &["How many events by actor in the last 7 days?", "Terminate events in the last 30 days"],
};

/// Operations on desktops; AWS may add others.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("StartWorkspaces", &["start", "starts", "started"]),
    ("StopWorkspaces", &["stop", "stops", "stopped"]),
    ("RebootWorkspaces", &["reboot", "reboots", "rebooted", "restarts", "restarted"]),
    ("RebuildWorkspaces", &["rebuild", "rebuilds", "rebuilt"]),
    ("RestoreWorkspace", &["restore", "restores", "restored"]),
    (
        "TerminateWorkspaces",
        &["terminate", "terminates", "terminated", "termination", "terminations", "deletions"],
    ),
    ("CreateWorkspaces", &["create", "creates", "created", "creation", "creations"]),
    ("ModifyWorkspaceProperties", &["modify", "modified", "mode changes", "property changes"]),
    ("ModifyWorkspaceState", &["maintenance"]),
    ("MigrateWorkspace", &["migrate", "migrated", "migrations"]),
    ("CreateTags", &["tagged", "tagging"]),
    ("DeleteTags", &["untagged", "untagging"]),
];
