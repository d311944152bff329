//! Questions that are read with certainty.

use contract::{auth::Role, ids::UserId};
use domain::{
    catalog::{Catalog, check::check, sentence},
    questions::{
        link::{By, StoredValue},
        rules::{Outcome, read},
    },
};

use crate::{asked, at, expect, outcome, stored, words};

#[test]
fn common_phrasings_are_read_with_certainty() {
    expect(
        words,
        &[
            ("How many desktops are there?", "number of desktops"),
            ("how many workspaces do we have by region", "number of desktops, by region"),
            ("count of machines per account and region", "number of desktops, by account and region"),
            ("How many desktops are in eu-west-1?", "number of desktops in eu-west-1"),
            (
                "how many stopped desktops are in Ireland",
                "number of desktops with state STOPPED in eu-west-1",
            ),
            ("list stopped desktops in eu-west-1", "desktops with state STOPPED in eu-west-1"),
            ("Which desktops are in error?", "desktops with state ERROR"),
            ("show me all always on desktops", "desktops with running mode ALWAYS_ON"),
            (
                "AlwaysOn desktops with no connection for 30 days",
                "desktops with running mode ALWAYS_ON with last connection before 30 days ago",
            ),
            ("desktops never connected by account", "number of desktops without last connection, by account"),
            (
                "zombies in production",
                "desktops with last connection before 30 days ago with account Production",
            ),
            (
                "which desktops were used in the last 7 days?",
                "desktops with last connection since 7 days ago",
            ),
            ("average root volume by compute type", "average root volume of desktops, by compute type"),
            (
                "what is the average user volume size of power desktops",
                "average user volume of desktops with compute type POWER",
            ),
            (
                "top 5 bundles by number of desktops",
                "number of desktops, by bundle, the 5 with the highest number",
            ),
            (
                "which region has the most desktops?",
                "number of desktops, by region, the one with the highest number",
            ),
            (
                "which account has the fewest stopped desktops",
                "number of desktops with state STOPPED, by account, the one with the lowest number",
            ),
            ("top 10 desktops by root volume", "desktops, the 10 with the highest root volume"),
            ("desktops with a root volume over 100 GB", "desktops with root volume more than 100 GiB"),
            (
                "how many desktops have more than 100 GB root volume",
                "number of desktops with root volume more than 100 GiB",
            ),
            ("desktops not in eu-west-1", "desktops not in eu-west-1"),
            ("how many stopped or error desktops", "number of desktops with state STOPPED or ERROR"),
            ("desktops of jane.smith", "desktops with user jane.smith"),
            ("desktops without tags", "desktops without tags"),
            ("how many desktops by department", "number of desktops, by tag Department"),
            ("desktops by state and running mode", "number of desktops, by state and running mode"),
            ("how many desktops run windows 11", "number of desktops with operating system WINDOWS_11"),
            ("how many changes since yesterday by kind", "number of changes since yesterday, by kind"),
            (
                "Total billable hours by user in the last 30 days",
                "total billable hours since 30 days ago, by user",
            ),
            ("total cost by account", "total cost, by account"),
            ("Total cost by service in the last 90 days", "total cost since 90 days ago, by service"),
            ("top 10 users by total cost", "total cost, by user, the 10 with the highest total cost"),
            ("changes in the last 7 days by day", "number of changes since 7 days ago, by day"),
            // Shares, conditions on figures, comparisons, the first of each group.
            ("what pct of the desktops is AutoStop", "share (with running mode AUTO_STOP) of desktops"),
            ("share of cost by service last month", "share of cost last month, by service"),
            (
                "users with more than 80 billable hours last month",
                "total billable hours last month, by user, only where total billable hours more than 80 h",
            ),
            (
                "desktops rebooted at least twice this week",
                "number of events this week with operation RebootWorkspaces, by desktop, only where number at least 2",
            ),
            (
                "cost this month vs last month by account",
                "total cost this month, by account, compared with last month",
            ),
            (
                "which service went up the most last month",
                "total cost last month, by service, compared with the month 2 months ago, \
             the one with the highest change of total cost",
            ),
            (
                "top 3 users per account by cost",
                "total cost, by account and user, the 3 with the highest total cost for each account",
            ),
            // What a row's desktop has, times of every kind, talk around the question.
            (
                "billable hours by OS from 1 to 15 November",
                "total billable hours from 2026-11-01 to before 2026-11-16, by desktop's operating system",
            ),
            ("who terminated desktops this week?", "events this week with operation TerminateWorkspaces"),
            (
                "which desktops were flipped from AutoStop to AlwaysOn this month",
                "changes this month with old value AUTO_STOP with field running_mode with new value ALWAYS_ON",
            ),
            ("how much could we save by account?", "total expected saving of recommendations, by account"),
            (
                "our CFO asks what each region cost in October, it's for the board pack",
                "total cost in October 2026, by region",
            ),
            ("dsktops in stoped state", "desktops with state STOPPED"),
            ("largest root volumes first", "desktops, highest root volume first"),
            (
                "total root volume by region, from the smallest",
                "total root volume of desktops, by region, lowest total root volume first",
            ),
            (
                "cost in May and June by service",
                "total cost from 2026-05-01 to before 2026-07-01, by service",
            ),
            ("cost until the end of August", "total cost before 2026-09-01"),
            ("operations proposed more than 10 days ago", "operations before 10 days ago"),
            (
                "directories with no more than 10 desktops",
                "number of desktops, by directory, only where number at most 10",
            ),
            ("bundles with only one desktop", "number of desktops, by bundle, only where number is 1"),
            // One stretch over the one before it; each of a longer one.
            ("spend QoQ", "total cost this quarter, compared with last quarter"),
            ("spend QoQ in Q3", "total cost in Q3 2026, compared with Q2 2026"),
            ("spend month over month this year", "total cost this year, by month"),
            (
                "which service's cost dropped most between September and October",
                "total cost in October 2026, by service, compared with September 2026, \
             the one with the lowest change of total cost",
            ),
            (
                "cost by account this month vs last, biggest drop first",
                "total cost this month, by account, compared with last month, lowest change of total cost first",
            ),
            // What is the part, and what the whole.
            (
                "rds share of the Development bill",
                "share of cost (with service Amazon Relational Database Service) with account Development",
            ),
            (
                "percentage of zombies per account",
                "share (with last connection before 30 days ago) of desktops, by account",
            ),
            (
                "share of each OS in Production",
                "share of desktops with account Production, by operating system",
            ),
            (
                "in Production what percentage of desktops is stopped",
                "share (with state STOPPED) of desktops with account Production",
            ),
            ("biggest root volume desktop", "desktops, the one with the highest root volume"),
            ("smallest root volume in Production", "lowest root volume of desktops with account Production"),
            ("the OS mix of stopped desktops", "number of desktops with state STOPPED, by operating system"),
            (
                "per account, the two directories with the most desktops",
                "number of desktops, by account and directory, the 2 with the highest number for each account",
            ),
            (
                "rds and kms: what did we pay for each this year",
                "total cost this year with service Amazon Relational Database Service or AWS Key Management Service, by service",
            ),
        ],
    );
}
#[test]
fn what_is_typed_in_haste_is_read_too() {
    expect(
        asked,
        &[
            ("reports finished in the last 2 hours", "reports with finished since 2 hours ago"),
            ("reports in the past month", "reports since 30 days ago"),
            // Signs are no part of a name.
            ("root vol > 100 gb", "desktops with root volume more than 100 GiB"),
            ("recs confidence >= 90", "recommendations with confidence at least 90 %"),
            // A part of a name, where it says what it is of, or nothing else is called so.
            ("how many desktops in the corp directory", "number of desktops with directory corp.example.com"),
            ("desktops in the directory corp", "desktops with directory corp.example.com"),
            ("desktops of jane", "desktops with user jane.smith"),
            ("desktops on the power bundle", "desktops with bundle Power with Windows 11"),
            // What is joined stands under the same negation, and nothing else.
            ("desktops, Ireland and Frankfurt left out", "desktops not in eu-west-1 or eu-central-1"),
            ("desktops not in Ireland, stopped", "desktops not in eu-west-1 with state STOPPED"),
            // What was before and what is after.
            (
                "changes from autostop -> always on this month",
                "changes this month with old value AUTO_STOP with field running_mode with new value ALWAYS_ON",
            ),
            (
                "desktops that went into state ERROR since yesterday",
                "changes since yesterday with new value ERROR with field state",
            ),
            // What says more narrows what says less.
            ("g4dn graphics desktops", "desktops with compute type GRAPHICS_G4DN"),
            ("graphics g4dn desktops", "desktops with compute type GRAPHICS_G4DN"),
            // Of what has a row a day, the most in a day is that of a row.
            ("max connected minutes in a day by user", "highest connected minutes, by user"),
            ("share of cost by service in Production", "share of cost with account Production, by service"),
            (
                "rds cost by account and month since july",
                "total cost since 2026-07-01 with service Amazon Relational Database Service, by account and month",
            ),
            ("cost of 2026 so far", "total cost this year"),
            ("events since the month began", "events this month"),
            (
                "top 11 bundles by number of desktops",
                "number of desktops, by bundle, the 11 with the highest number",
            ),
            ("events since the 10th", "events since 2026-11-10"),
            // A whole condition may be on a number.
            ("recommendations without missing days", "recommendations with missing days 0 days"),
            ("operations waiting for a nod", "operations with state proposed"),
            ("operations that lapsed without a decision", "operations with state expired"),
            ("rejection rate per action", "share (with state rejected) of operations, by action"),
            (
                "costs by directory in account Development",
                "total cost with account Development, by directory",
            ),
            (
                "terminations by directory of the desktop",
                "number of events with operation TerminateWorkspaces, by desktop's directory",
            ),
            ("calls made with boto3 yesterday", "events yesterday with “boto3” in program"),
        ],
    );
    // No condition says a kind, or something of another.
    assert!(!matches!(outcome("how many graphics and performance desktops"), Outcome::Certain(_)));
}

#[test]
fn where_a_word_stands_decides() {
    expect(
        words,
        &[
            ("desktops not tagged with a department", "desktops without tag Department"),
            (
                "terminate calls on desktops tagged Department Finance",
                "events with operation TerminateWorkspaces with desktop's tag Department Finance",
            ),
            (
                "which of the desktops first seen in the past 14 days has nobody logged in to yet?",
                "desktops with first seen since 14 days ago without last connection",
            ),
            ("desktops with AutoStop of 60 minutes", "desktops with AutoStop time 60 min"),
            ("AutoStop with 60 min", "desktops with AutoStop time 60 min with running mode AUTO_STOP"),
            (
                "idle yet AlwaysOn desktops",
                "desktops with last connection before 30 days ago with running mode ALWAYS_ON",
            ),
            (
                "lowest maximum root volume by region",
                "highest root volume of desktops, by region, the one with the lowest highest root volume",
            ),
            (
                "what did Production desktops cost by compute type, cheapest first",
                "total cost with service Amazon WorkSpaces with account Production, by compute type, lowest total cost first",
            ),
            (
                "share of desktops per compute type in Production",
                "share of desktops with account Production, by compute type",
            ),
            (
                "share of AlwaysOn among stopped desktops, by region",
                "share (with running mode ALWAYS_ON) of desktops with state STOPPED, by region",
            ),
            (
                "each operating system's share of the desktops in us-east-1",
                "share of desktops in us-east-1, by operating system",
            ),
            (
                "expected savings, share per directory, without Production",
                "share of expected saving of recommendations with account other than Production, by desktop's directory",
            ),
            ("percentage of desktops by region in error", "share (with state ERROR) of desktops, by region"),
            (
                "costliest month of the year",
                "total cost this year, by month, the one with the highest total cost",
            ),
            ("cost since the audit on 3 March", "unsure: total cost since 2026-03-03"),
            ("events since the audit on 3 March", "unsure: events since 2026-03-03"),
            (
                "minimum and maximum of billable hours this month",
                "lowest billable hours and highest billable hours this month",
            ),
            (
                "number of desktops and number of different users by region",
                "number and number of different users of desktops, by region",
            ),
            (
                "new desktops this month vs last month by region, sorted by the difference",
                "number of desktops with first seen in this month, by region, compared with last month, highest change of number first",
            ),
            (
                "top 3 desktops by expected saving in each region",
                "total expected saving of recommendations, by region and desktop, the 3 with the highest total expected saving for each region",
            ),
            (
                "whos box has been rebooted the most this year",
                "number of events this year with operation RebootWorkspaces, by user, the one with the highest number",
            ),
            (
                "which department could save most by going AlwaysOn?",
                "total expected saving of recommendations with action to_always_on, by desktop's tag Department, the one with the highest total expected saving",
            ),
            (
                "which month of 2026 had the highest spend",
                "total cost in 2026, by month, the one with the highest total cost",
            ),
        ],
    );
}

#[test]
fn what_is_joined_to_a_directory_is_one() {
    let part = |value: &str, name: &str| StoredValue {
        entity: "workspaces".into(),
        dimension: "directory".into(),
        value: value.into(),
        name: name.into(),
        by: By::Part,
    };
    let parts = [part("corp.example.com", "corp"), part("finance.example.com", "finance")];
    let known: Vec<_> = stored().into_iter().chain(parts).collect();
    let catalog = Catalog::for_role(Role::Viewer);
    let said = |question: &str| match read(question, &catalog, &known, None, at()).outcome {
        Outcome::Certain(plan) => sentence::plan(&plan, &catalog),
        other => format!("{other:?}"),
    };
    let both = "number of desktops with directory corp.example.com or finance.example.com";
    assert_eq!(said("how many desktops in corp and finance"), both);
    assert!(!said("how many desktops in finance").contains("directory"), "alone it is a department");
}

#[test]
fn every_example_of_the_catalog_is_read() {
    let catalog = Catalog::of(UserId(1), Role::Admin);
    for entity in catalog.entities() {
        for question in entity.examples {
            let outcome = read(*question, &catalog, &stored(), None, at()).outcome;
            let Outcome::Certain(plan) = &outcome else { panic!("{question}: {outcome:?}") };
            assert_eq!(plan.entity, entity.name, "{question}");
            check(plan, &catalog, at()).unwrap_or_else(|errors| panic!("{question}: {errors:?}"));
        }
    }
}

#[test]
fn what_is_of_the_house_is_meant_only_when_nothing_else_is() {
    let catalog = Catalog::of(UserId(1), Role::Admin);
    for (question, entity) in [
        ("how many accounts are there", "accounts"),
        ("how many desktops by account", "workspaces"),
        ("by account", "workspaces"),
        ("total cost by account", "billing"),
        ("top 10 users by total cost", "billing"),
        ("average root volume per user", "workspaces"),
        ("which skydesk users never logged in", "users"),
        ("dead jobs by kind", "jobs"),
        ("how many events by user", "events"),
    ] {
        let linked = read(question, &catalog, &stored(), None, at()).linked.unwrap();
        assert_eq!(linked.entity.name, entity, "{question}");
    }
}
