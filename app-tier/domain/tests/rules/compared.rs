//! What is set against each other, who did it, and what is asked in a second breath.

use contract::{auth::Role, ids::UserId};
use domain::{
    catalog::{Catalog, sentence},
    questions::{
        link::{By, StoredValue},
        rules::{Outcome, read},
    },
};

use crate::{asked, at, expect, outcome, words};

#[test]
fn two_values_that_are_compared_are_two_groups() {
    expect(
        asked,
        &[
            ("does Virginia cost more than Ireland", "total cost in us-east-1 or eu-west-1, by region"),
            ("which costs more, Virginia or Ireland", "total cost in us-east-1 or eu-west-1, by region"),
            (
                "which is more expensive this year, Ireland or Virginia",
                "total cost this year in eu-west-1 or us-east-1, by region",
            ),
            (
                "stopped desktops in Production vs Development",
                "number of desktops with state STOPPED with account Production or Development, by account",
            ),
            (
                "what share of desktops is stopped in Production compared with Development",
                "share (with state STOPPED) of desktops with account Production or Development, by account",
            ),
            ("how many desktops are encrypted vs not", "number of desktops, by full encryption"),
            (
                "cost of Virginia last month compared to Ireland",
                "total cost last month in us-east-1 or eu-west-1, by region",
            ),
        ],
    );
    // A bill that grew is compared with itself.
    let grew = asked("which got more expensive this month, Ireland or Virginia");
    assert!(grew.contains("compared with last month"), "{grew}");
    // Of each its own place: no two groups are that.
    for question in [
        "AutoStop desktops in Ireland vs AlwaysOn desktops in Virginia",
        "how many AutoStop desktops cost more than AlwaysOn last month",
        "does Finance in Production cost more than Finance in Development",
    ] {
        assert!(!asked(question).contains("by "), "{question}: {}", asked(question));
    }
    // What is better is no figure.
    assert!(!matches!(outcome("is PCoIP better than WSP"), Outcome::Certain(_)));
}

#[test]
fn what_moved_by_so_many_percent_is_no_share() {
    expect(
        asked,
        &[
            (
                "departments where spend rose more than 10% from September to October",
                "total cost in October 2026, by desktop's tag Department, only where growth of total cost more than 10 %, \
                 compared with September 2026",
            ),
            (
                "accounts whose bill fell by more than 5% last month",
                "total cost last month, by account, only where growth of total cost less than -5 %, compared with \
                 the month 2 months ago",
            ),
            (
                "departments with cost down more than 25 percent vs last month",
                "total cost last month, by desktop's tag Department, only where growth of total cost less than -25 %, compared \
                 with the month 2 months ago",
            ),
            (
                "top 5 accounts by percentage increase in cost last month",
                "total cost last month, by account, compared with the month 2 months ago, the 5 with the highest growth of \
                 total cost",
            ),
            (
                "by how many percent did our cost rise last month",
                "total cost last month, compared with the month 2 months ago",
            ),
            ("percentage of AlwaysOn desktops", "share (with running mode ALWAYS_ON) of desktops"),
        ],
    );
    for (question, not) in [
        // Where to, and not by how much.
        ("users whose cost rose above 500 dollars last month", "change of total cost more than 500"),
        ("bundles making up more than 10 percent of all desktops", "growth"),
    ] {
        assert!(!asked(question).contains(not), "{question}: {}", asked(question));
    }
}

#[test]
fn whose_desktop_it_is_did_not_do_it() {
    expect(
        by_jane,
        &[
            (
                "who rebuilt jane.smith's desktop",
                "events with operation RebuildWorkspaces with user jane.smith",
            ),
            (
                "jane.smith's reboots last week",
                "events last week with actor jane.smith with operation RebootWorkspaces",
            ),
        ],
    );
}

#[test]
fn who_rejects_is_not_who_proposes() {
    expect(
        asked,
        &[
            (
                "who turned down the most requests this quarter",
                "number of operations with decided in this quarter with state rejected, by decided by, the one with the highest number",
            ),
            (
                "how many resizes got rejected this year, by whom",
                "number of operations with decided in this year with action set_compute_type with state rejected, by decided by",
            ),
        ],
    );
    expect(
        by_jane,
        &[(
            "operations that jane.smith rejected last month",
            "operations with decided in last month with decided by jane.smith with state rejected",
        )],
    );
    for question in [
        "operations of jane.smith that were rejected",
        "requests by jane.smith rejected last month",
        "who turned down jane.smith's requests",
        "how many of jane.smith's requests were rejected, by whom",
    ] {
        assert!(
            !by_jane(question).starts_with("operations with decided by"),
            "{question}: {}",
            by_jane(question)
        );
    }
    assert!(matches!(outcome("why did Jane Smith reject proposal 61"), Outcome::Refused(_)));
}

#[test]
fn what_is_asked_besides_is_answered_too() {
    expect(
        asked,
        &[
            (
                "who terminated workspaces last wk and how many each",
                "number of events last week with operation TerminateWorkspaces, by actor",
            ),
            (
                "how many jobs failed in the last 7 days, and which kind",
                "number of jobs since 7 days ago with state dead, by kind",
            ),
            (
                "number and savings of recommendations by type",
                "number and total expected saving of recommendations, by action",
            ),
            ("skydesk users by last login", "users, highest last login first"),
        ],
    );
    let Outcome::Certain(plan) = outcome_of_admin("jobs that failed in the last 24 hours and why") else {
        panic!("not read")
    };
    assert_eq!(plan.columns, ["error"]);
    // What the second breath narrows is another number.
    for question in [
        "who has the most desktops and how many are stopped",
        "how many recommendations were made this month, by whom",
        "desktops grouped by last login",
    ] {
        assert!(!matches!(outcome_of_admin(question), Outcome::Certain(_)), "{question}");
    }
}

fn outcome_of_admin(question: &str) -> Outcome {
    read(question, &Catalog::of(UserId(1), Role::Admin), &[], None, at()).outcome
}

#[test]
fn what_is_no_condition_is_none() {
    expect(
        asked,
        &[
            (
                "AlwaysOn machines with under 20 hours of use last month",
                "total billable hours last month with running mode ALWAYS_ON, by desktop, only where total billable hours less than 20 h",
            ),
            ("events by jane.smith up to on Friday", "events in 2026-11-20 with user jane.smith"),
            (
                "operations still waiting for someone's approval, oldest first",
                "operations with state proposed, lowest proposed first",
            ),
            ("machines anywhere but in Ireland", "desktops not in eu-west-1"),
        ],
    );
    assert_eq!(
        words("operations still waiting"),
        "operations with state proposed | operations with state queued"
    );
    assert!(!matches!(outcome("which day in November had the most users"), Outcome::Certain(_)));
}

/// Of a database that holds her as who decided, and as who proposed.
fn by_jane(question: &str) -> String {
    let jane = |(entity, dimension): (&str, &str)| StoredValue {
        entity: entity.into(),
        dimension: dimension.into(),
        value: "jane.smith".into(),
        name: "janesmith".into(),
        by: By::Name,
    };
    let catalog = Catalog::for_role(Role::Viewer);
    let did = [("operations", "decided_by"), ("operations", "proposed_by"), ("events", "actor")].map(jane);
    match read(question, &catalog, &did, None, at()).outcome {
        Outcome::Certain(plan) => sentence::plan(&plan, &catalog),
        other => format!("{other:?}"),
    }
}
