//! Questions after an answer, which edit its plan.

use contract::{auth::Role, query::Plan};
use domain::{
    catalog::{Catalog, sentence},
    questions::rules::{Outcome, read},
};

use crate::{at, outcome, stored};

#[test]
fn a_follow_up_edits_the_plan_before() {
    let at = at();
    let catalog = Catalog::for_role(Role::Viewer);
    let Outcome::Certain(first) = outcome("how many stopped desktops in eu-west-1 by bundle") else {
        panic!("not read")
    };
    let follow = |question: &str| match read(question, &catalog, &stored(), Some(&first), at).outcome {
        Outcome::Certain(plan) => sentence::plan(&plan, &catalog),
        other => format!("{other:?}"),
    };
    assert_eq!(
        follow("and in Frankfurt?"),
        "number of desktops with state STOPPED in eu-central-1, by bundle"
    );
    assert_eq!(
        follow("what about us-east-1"),
        "number of desktops with state STOPPED in us-east-1, by bundle"
    );
    assert_eq!(follow("and by account?"), "number of desktops with state STOPPED in eu-west-1, by account");
    assert_eq!(
        follow("also the ones in error"),
        "number of desktops with state STOPPED or ERROR in eu-west-1, by bundle"
    );
    assert_eq!(
        follow("as well as the ones in error"),
        "number of desktops with state STOPPED or ERROR in eu-west-1, by bundle"
    );
    assert_eq!(
        follow("now just the ones in Virginia, and per account as well"),
        "number of desktops with state STOPPED in us-east-1, by bundle and account"
    );
    assert_eq!(
        follow("sort by number, largest first, top 5"),
        "number of desktops with state STOPPED in eu-west-1, by bundle, the 5 with the highest number"
    );
    assert_eq!(
        follow("what fraction of them is AlwaysOn"),
        "share (with running mode ALWAYS_ON) of desktops with state STOPPED in eu-west-1, by bundle"
    );
    assert_eq!(
        follow("add the average root volume"),
        "number and average root volume of desktops with state STOPPED in eu-west-1, by bundle"
    );
    assert_eq!(follow("everywhere"), "number of desktops with state STOPPED, by bundle");
    let Outcome::Certain(ranked) = outcome("top 3 users by total cost") else { panic!("not read") };
    let Outcome::Certain(part) = outcome("what percentage of desktops is in eu-west-1") else {
        panic!("not read")
    };
    let Outcome::Certain(large) = outcome("desktops with a root volume over 100 GB") else {
        panic!("not read")
    };
    let Outcome::Certain(counted) = outcome("how many desktops are in eu-west-1") else { panic!("not read") };
    let Outcome::Certain(listed) = outcome("desktops in eu-west-1") else { panic!("not read") };
    let Outcome::Certain(averaged) = outcome("average cost per user last month") else { panic!("not read") };
    for (previous, question, expected) in [
        (ranked, "make it ten", "total cost, by user, the 10 with the highest total cost"),
        (part.clone(), "and for Frankfurt?", "share (in eu-central-1) of desktops"),
        (counted.clone(), "which of them are stopped", "desktops in eu-west-1 with state STOPPED"),
        (counted, "which ones are those", "desktops in eu-west-1"),
        (listed, "show user, state and region only", "desktops in eu-west-1"),
        (part, "also Frankfurt", "share (in eu-west-1 or eu-central-1) of desktops"),
        (large, "make it 200 GB", "desktops with root volume more than 200 GiB"),
        (averaged.clone(), "and in eu-west-1?", "average cost per user last month in eu-west-1"),
        (averaged.clone(), "by directory", "average cost per user last month, by directory"),
        (averaged, "by user", "average cost last month, by user"),
    ] {
        let Outcome::Certain(plan) = read(question, &catalog, &stored(), Some(&previous), at).outcome else {
            panic!("{question} is not read")
        };
        assert_eq!(sentence::plan(&plan, &catalog), expected);
    }
}

#[test]
fn what_it_says_otherwise_replaces_what_was_said() {
    let catalog = Catalog::for_role(Role::Viewer);
    let plan = |question: &str, previous: Option<&Plan>| {
        let Outcome::Certain(plan) = read(question, &catalog, &stored(), previous, at()).outcome else {
            panic!("{question} is not read")
        };
        plan
    };
    for (first, question, expected) in [
        (
            "rebuilds by jane smith this month",
            "and who else did that, besides jane smith?",
            "events this month with operation RebuildWorkspaces with user other than jane.smith",
        ),
        (
            "cost by service this month",
            "against the same month last year?",
            "total cost this month, by service, compared with the month 12 months ago",
        ),
        (
            "cost since 2026-03-01",
            "vs the year before",
            "total cost since 2026-03-01, compared with from 2025-03-01 to before 2025-11-22",
        ),
        (
            "percentage of desktops that are stopped",
            "what share of them is AlwaysOn",
            "share (with running mode ALWAYS_ON) of desktops with state STOPPED",
        ),
        (
            "how many desktops are in eu-west-1",
            "what do they cost",
            "total cost in eu-west-1 with service Amazon WorkSpaces",
        ),
        (
            "number of stopped desktops by account",
            "which ones in Production",
            "desktops with state STOPPED with account Production",
        ),
        (
            "operations this month by action",
            "show me the terminate ones",
            "operations this month with action terminate",
        ),
        (
            "terminate events last month",
            "plus rebuilds",
            "events last month with operation TerminateWorkspaces or RebuildWorkspaces",
        ),
        (
            "how many AlwaysOn desktops by region",
            "which ones are they? show user and last connection, longest unused first",
            "desktops with running mode ALWAYS_ON, lowest last connection first",
        ),
    ] {
        let previous = plan(first, None);
        assert_eq!(sentence::plan(&plan(question, Some(&previous)), &catalog), expected, "{question}");
    }
}

#[test]
fn an_order_stays_one_after_an_answer() {
    let catalog = Catalog::for_role(Role::Viewer);
    let Outcome::Certain(listed) = outcome("desktops in eu-west-1") else { panic!("not read") };
    for question in ["and switch jane smith to AlwaysOn", "please stop them", "now reboot all of these"] {
        let outcome = read(question, &catalog, &stored(), Some(&listed), at()).outcome;
        assert!(matches!(outcome, Outcome::Refused(_)), "{question}: {outcome:?}");
    }
}
