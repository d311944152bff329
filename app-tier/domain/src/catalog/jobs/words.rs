//! What people call background jobs.

use crate::catalog::words::{Figure, Words};

pub(super) static WORDS: Words = Words {
    hints: &["background", "workers", "worker", "queue", "skydesk", "tasks", "task"],
    rows: &["jobs", "job", "background jobs", "background tasks"],
    measures: &[Figure::count(&["times", "how often", "how many times"])],
    fields: &[
        ("kind", &["job type", "job kind", "job types", "sort"]),
        ("error", &["failure reason", "error text"]),
    ],
    values: &[
        (
            "state",
            "dead",
            &[
                "died",
                "went wrong",
                "fell over",
                "given up",
                "failed",
                "dead",
                "failing",
                "crashed",
                "broken",
                "gave up",
                "failures",
            ],
        ),
        (
            "state",
            "waiting",
            &[
                "waiting in the queue",
                "lined up",
                "in the job queue",
                "in queue",
                "sitting in the queue",
                "stuck in the queue",
                "yet to run",
                "not started",
                "not yet started",
                "waiting",
                "pending",
                "queued",
                "enqueued",
                "in the queue",
            ],
        ),
        (
            "state",
            "running",
            &["going on", "busy", "in progress", "active", "currently running", "being worked on"],
        ),
        ("state", "done", &["finished", "completed", "successful"]),
    ],
    times: &[("created_at", &["created", "enqueued", "started", "ran", "run"]), ("finished_at", &["ended"])],
    deeds: true,
    ..Words::NONE
};
