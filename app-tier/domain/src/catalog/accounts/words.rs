//! What people call registered accounts.

use contract::query::Op;

use crate::catalog::words::{Said, Words};

pub(super) static WORDS: Words = Words {
    hints: &["registered", "connected to skydesk", "linked", "onboarded", "skydesk", "aws", "known"],
    fields: &[
        ("name", &["names"]),
        ("account_id", &["account ids", "ids", "id", "account numbers", "number"]),
        ("sync_state", &["sync states", "sync result", "sync health", "state of the sync"]),
        ("synced_at", &["last sync time", "sync time", "sync", "last refreshed", "refreshed"]),
        ("desktops", &["desktop count", "number of workspaces", "number of machines"]),
        ("regions", &["region count", "how many regions"]),
        ("created_at", &["registration", "registration date", "registered on"]),
    ],
    values: &[
        (
            "sync_state",
            "failed",
            &[
                "failed",
                "failed to sync",
                "failing to sync",
                "sync failed",
                "failed sync",
                "failed syncs",
                "sync fails",
                "sync failing",
                "sync errors",
                "with failed syncs",
                "last sync failed",
                "sync is failing",
            ],
        ),
        (
            "sync_state",
            "denied",
            &[
                "denied",
                "sync denied",
                "denied sync",
                "access was denied",
                "sync is denied",
                "no permission",
                "sync was denied",
            ],
        ),
        (
            "sync_state",
            "ok",
            &["ok", "okay", "in sync", "sync ok", "synced fine", "syncing fine", "sync is ok", "synced ok"],
        ),
        (
            "sync_state",
            "never",
            &["never synced", "never been synced", "not synced yet", "have never synced", "never"],
        ),
    ],
    conditions: &[
        Said::all(
            &[
                "no operator role",
                "without operator role",
                "without an operator role",
                "can't operate",
                "cannot operate",
                "can not operate",
                "not open to operations",
                "operator role missing",
                "missing operator role",
                "operator role is missing",
                "read only",
                "read-only",
                "lack an operator role",
                "lacks an operator role",
                "don't have an operator role",
                "not operable",
                "missing an operator role",
                "has no operator role",
            ],
            &[("can_operate", Op::Is, &["false"])],
        ),
        Said::all(
            &[
                "operator role",
                "right to operate",
                "allowed to operate",
                "may operate",
                "can act",
                "can make changes",
                "can operate",
                "with operator role",
                "with an operator role",
                "open to operations",
                "operable",
                "have an operator role",
                "can be operated",
                "able to operate",
            ],
            &[("can_operate", Op::Is, &["true"])],
        ),
    ],
    times: &[
        (
            "synced_at",
            &[
                "synced",
                "last synced",
                "been synced",
                "refreshed",
                "successfully synced",
                "synchronised",
                "last synchronised",
                "last synchronisation",
                "synchronisation",
                "successful sync",
                "synchronized",
            ],
        ),
        ("created_at", &["registered", "added", "created", "onboarded", "connected", "joined"]),
    ],
    ..Words::NONE
};
