//! Who did what to desktops, in the catalog.

use contract::{auth::Permission, catalog::Kind};

use super::{Dimension, Entity, Values};

pub(super) static EVENTS: Entity = Entity {
    name: "events",
    singular: "event",
    plural: "events",
    synonyms: &["audit event", "audit events", "operations", "actions", "api calls", "calls", "cloudtrail"],
    view: "ask_events",
    permission: Permission::WorkspacesRead,
    key: "entry",
    // Looking is not doing; programs look all day long.
    standing: Some(("read_only", "NOT read_only")),
    counted: None,
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
        Dimension {
            name: "entry",
            label: "entry",
            kind: Kind::Number,
            unit: None,
            synonyms: &[],
            values: Values::Free,
            nullable: false,
        },
        text("id", "event id", Kind::Text, &[], Values::Free, false),
        Dimension {
            name: "at",
            label: "time",
            kind: Kind::Time,
            unit: None,
            synonyms: &["when", "happened", "date"],
            values: Values::Free,
            nullable: false,
        },
        text(
            "actor",
            "actor",
            Kind::Text,
            &["actors", "administrator", "administrators", "caller", "callers", "who"],
            Values::Stored,
            false,
        ),
        text(
            "name",
            "operation",
            Kind::Choice,
            &["operation name"],
            Values::KnownAndStored(OPERATIONS),
            false,
        ),
        text("summary", "what was done", Kind::Text, &["summary", "deed"], Values::Free, false),
        text("workspace_id", "desktop", Kind::Text, &["desktops", "machine", "machines"], Values::Free, true),
        text("user_name", "user", Kind::Text, &["users", "person", "user name"], Values::Stored, true),
        text("account", "account", Kind::Choice, &["accounts"], Values::Stored, false),
        text("region", "region", Kind::Choice, &["regions"], Values::Stored, false),
        text("error_code", "error", Kind::Choice, &["errors", "error code", "failure"], Values::Stored, true),
        text("error_message", "error message", Kind::Text, &[], Values::Free, true),
        text("actor_arn", "actor's ARN", Kind::Text, &["arn"], Values::Free, true),
        text("source_identity", "source identity", Kind::Text, &[], Values::Stored, true),
        text("source_ip", "address", Kind::Text, &["ip", "ip address", "source ip"], Values::Free, true),
        text("user_agent", "program", Kind::Text, &["user agent", "client"], Values::Free, true),
        Dimension {
            name: "read_only",
            label: "read only",
            kind: Kind::Bool,
            unit: None,
            synonyms: &["reads", "looks"],
            values: Values::Free,
            nullable: false,
        },
    ],
    activity: None,
    search: None,
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

const fn text(
    name: &'static str,
    label: &'static str,
    kind: Kind,
    synonyms: &'static [&'static str],
    values: Values,
    nullable: bool,
) -> Dimension {
    Dimension { name, label, kind, unit: None, synonyms, values, nullable }
}
