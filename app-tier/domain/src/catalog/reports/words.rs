//! What people call reports.

use crate::catalog::words::{Figure, Words};

pub(super) static WORDS: Words = Words {
    hints: &["generated", "produced", "skydesk", "made", "download", "downloads", "downloaded"],
    rows: &[
        "files",
        "file",
        "downloads",
        "exported reports",
        "spreadsheets made",
        "report files",
        "reports",
        "report",
        "exports",
        "export",
        "exported files",
    ],
    measures: &[
        Figure::sum("bytes", &["total size", "bytes", "data volume", "file size", "file sizes"]),
        Figure::count(&["times", "how often", "how many times"]),
    ],
    fields: &[
        (
            "asked_by",
            &[
                "who asked",
                "asker",
                "user",
                "users",
                "person",
                "people",
                "who",
                "by whom",
                "created by",
                "author",
                "requestor",
                "exported by",
                "ordered by whom",
            ],
        ),
        ("format", &["file format", "file type", "type", "types"]),
        ("title", &["name", "names", "called"]),
        ("bytes", &["biggest", "size in bytes"]),
        ("rows", &["row count", "lines"]),
    ],
    values: &[
        (
            "format",
            "xlsx",
            &["excel files", "excel reports", "excel exports", "xls", "spreadsheets", "excel file"],
        ),
        ("format", "csv", &["csv files", "csvs", "csv file"]),
        ("state", "dead", &["died", "went wrong", "failing", "failed", "broken"]),
        ("state", "done", &["finished", "ready", "complete", "completed"]),
        ("state", "waiting", &["pending", "queued"]),
        (
            "state",
            "running",
            &["being produced", "being generated", "under way", "in progress", "being made"],
        ),
    ],
    times: &[(
        "created_at",
        &[
            "asked for",
            "asked",
            "requested",
            "exported",
            "created",
            "generated",
            "made",
            "ask for",
            "request",
            "ordered",
            "produced",
            "run",
            "ran",
            "export",
            "ask",
        ],
    )],
    who: Some("asked_by"),
    deeds: true,
    ..Words::NONE
};
