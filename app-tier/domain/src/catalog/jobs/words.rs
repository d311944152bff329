//! What people call background jobs.

use contract::query::Op;

use crate::catalog::words::{Figure, Said, Words};

pub(super) static WORDS: Words = Words {
    hints: &["background", "workers", "worker", "queue", "skydesk", "tasks", "task"],
    rows: &["jobs", "job", "background jobs", "background tasks"],
    measures: &[Figure::count(&["times", "how often", "how many times"])],
    fields: &[
        ("kind", &["job type", "job kind", "job types", "sort"]),
        ("error", &["failure reason", "error text"]),
    ],
    values: &[
        ("state", "cancelled", &["called off", "aborted"]),
        (
            "state",
            "dead",
            &[
                "blew up",
                "die",
                "dies",
                "dying",
                "fails",
                "fail",
                "failure",
                "fall over",
                "falling over",
                "kicked the bucket",
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
                "backlog",
                "queue depth",
                "queue length",
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
            &[
                "executing",
                "being executed",
                "under way",
                "going on",
                "busy",
                "in progress",
                "active",
                "currently running",
                "being worked on",
            ],
        ),
        ("state", "done", &["finished", "completed", "successful"]),
    ],
    conditions: &[Said::all(&["throttled", "throttling errors"], &[("error", Op::Contains, &["throttl"])])],
    times: &[
        ("created_at", &["created", "enqueued", "started", "ran", "run"]),
        ("finished_at", &["ended", "to finish"]),
    ],
    deeds: true,
    ..Words::NONE
};
