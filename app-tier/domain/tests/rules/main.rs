//! Phrasings and the plans that the rules read from them, in words. One line each: a newcomer sees what is covered.

#![expect(clippy::panic, clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

mod certain;
mod clocks;
mod compared;
mod follow_ups;
mod held_back;
mod parts;
mod plain;

use contract::{auth::Role, ids::UserId};
use domain::{
    catalog::{
        Catalog,
        check::{Moment, check},
        sentence,
    },
    questions::{
        evaluation::found,
        link::{By, StoredValue},
        rules::{Outcome, read},
    },
};

fn stored() -> Vec<StoredValue> {
    [
        ("user_name", "jane.smith", "janesmith"),
        ("account", "Production", "production"),
        ("account", "Development", "development"),
        ("directory", "corp.example.com", "corpexamplecom"),
        ("directory", "corp-eu.example.com", "corpeuexamplecom"),
        ("bundle", "Power with Windows 11", "powerwithwindows11"),
        ("tags.Department", "Finance", "finance"),
        ("tags.CostCenter", "Finance", "finance"),
        ("tags", "Department", "department"),
    ]
    .map(|(dimension, value, name)| StoredValue {
        entity: "workspaces".into(),
        dimension: dimension.into(),
        value: value.into(),
        name: name.into(),
        by: By::Name,
    })
    .to_vec()
}

fn at() -> Moment {
    Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC }
}

fn outcome(question: &str) -> Outcome {
    let at = at();
    let catalog = Catalog::for_role(Role::Viewer);
    let outcome = read(question, &catalog, &stored(), None, at).outcome;
    if let Outcome::Certain(plan) = &outcome {
        check(plan, &catalog, at).unwrap_or_else(|errors| panic!("{question}: {errors:?}"));
    }
    outcome
}

fn words(question: &str) -> String {
    let catalog = Catalog::for_role(Role::Viewer);
    match outcome(question) {
        Outcome::Certain(plan) => sentence::plan(&plan, &catalog),
        Outcome::Ambiguous(plans) => {
            plans.iter().map(|it| sentence::plan(it, &catalog)).collect::<Vec<_>>().join(" | ")
        }
        Outcome::Unsure { guess } => {
            format!("unsure: {}", guess.map(|it| sentence::plan(&it, &catalog)).unwrap_or_default())
        }
        Outcome::Refused(why) => format!("refused: {why}"),
    }
}

/// As the administrator asks, of a database that holds [`stored`] and finds it whole or in part.
fn asked(question: &str) -> String {
    let catalog = Catalog::of(UserId(1), Role::Admin);
    match read(question, &catalog, &found(question, &stored()), None, at()).outcome {
        Outcome::Certain(plan) => sentence::plan(&plan, &catalog),
        Outcome::Ambiguous(plans) => format!("{} readings", plans.len()),
        other => format!("{other:?}"),
    }
}

/// Each question is read as the words beside it; all that are not are told of at once.
fn expect(read: fn(&str) -> String, cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(question, expected)| (question, expected, read(question)))
        .filter(|(_, expected, read)| read != *expected)
        .map(|(question, expected, read)| format!("{question}\n  expected {expected}\n  read     {read}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
