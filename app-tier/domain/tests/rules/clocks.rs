//! Times that come again: weekdays, hours of the day, office hours.

use domain::questions::rules::Outcome;

use crate::{asked, expect, outcome};

#[test]
fn a_weekday_is_no_day() {
    expect(
        asked,
        &[
            (
                "terminate events on a weekend since september",
                "events since 2026-09-01 with operation TerminateWorkspaces with weekday Saturday or Sunday",
            ),
            (
                "billable hours on saturdays and sundays by department",
                "total billable hours with weekday Saturday or Sunday, by desktop's tag Department",
            ),
            ("number of events on Mondays", "number of events with weekday Monday"),
            ("number of events on Monday", "number of events in 2026-11-16"),
            ("desktops created on a Friday", "desktops with weekday of first seen Friday"),
            ("share of events on weekends", "share (with weekday Saturday or Sunday) of events"),
        ],
    );
    // Of costs only months are known, of a user only since when he is one.
    for question in ["cost on weekends", "number of logins by weekday"] {
        assert!(!matches!(outcome(question), Outcome::Certain(_)), "{question}");
    }
}

#[test]
fn hours_of_the_day_and_of_the_office() {
    expect(
        asked,
        &[
            ("events after 8 pm yesterday", "events yesterday with hour of day from 20:00 to before 00:00"),
            (
                "events between 22:00 and 06:00 last month",
                "events last month with hour of day from 22:00 to before 06:00",
            ),
            ("changes made at night", "changes with hour of day from 22:00 to before 06:00"),
            (
                "events outside business hours last week",
                "events last week outside office hours (Mon–Fri 8–18)",
            ),
            (
                "operations approved outside office hours",
                "operations outside office hours (Mon–Fri 8–18) of decided",
            ),
        ],
    );
    // Every hour is after midnight, and a number alone is none.
    for question in ["events after midnight", "events after 8"] {
        assert!(!asked(question).contains("hour"), "{question}: {}", asked(question));
    }
}

#[test]
fn what_comes_again_makes_groups() {
    expect(
        asked,
        &[
            (
                "which day of the week has the most events",
                "number of events, by weekday, the one with the highest number",
            ),
            ("events by hour of day last month", "number of events last month, by hour of day"),
            (
                "at what time of day are most changes made",
                "number of changes, by hour of day, the one with the highest number",
            ),
            ("desktops first seen by weekday", "number of desktops, by weekday of first seen"),
        ],
    );
}
