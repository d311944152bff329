//! The reader on questions that others wrote: `questions/development.jsonl`, with the plans they meant.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows tests by their attribute only"
)]

#[path = "questions/asked.rs"]
mod asked;

use std::{collections::BTreeMap, time::Instant};

use asked::{dated, stored};
use contract::{
    auth::Role,
    query::{Filter, Plan, Value},
};
use domain::{
    catalog::{
        Catalog,
        check::{Checked, Moment, check},
        sentence,
    },
    questions::{
        link::StoredValue,
        rules::{Outcome, read},
        words::squash,
    },
};
use serde_json::Value as Json;

fn at() -> Moment {
    Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC }
}

fn known() -> Vec<StoredValue> {
    let line = |it: &str| {
        let mut parts = it.split('\t').map(str::to_owned);
        let (entity, dimension, value) =
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        StoredValue { entity, dimension, name: squash(&value), value, similar: false }
    };
    include_str!("questions/values.tsv").lines().map(line).collect()
}

fn plan(it: &Json) -> Plan {
    serde_json::from_value(dated(it.clone(), at().today()).unwrap()).unwrap()
}

/// A plan as far as its answer goes: times made absolute, conditions and their values in one order.
fn meaning(plan: &Plan, catalog: &Catalog, with_columns: bool) -> Option<String> {
    let mut plan = plan.clone();
    for filter in plan.filters.iter_mut().chain(&mut plan.part) {
        filter.values.sort_by_key(ToString::to_string);
    }
    let key = |it: &Filter| serde_json::to_string(it).unwrap();
    plan.filters.sort_by_key(key);
    plan.part.sort_by_key(key);
    if with_columns {
        plan.columns.sort();
    } else {
        plan.columns.clear();
    }
    plan.group_by.sort_by_key(|it| it.dimension.clone());
    let checked: Checked = check(&plan, catalog, at()).ok()?;
    let mut filters: Vec<_> = checked.filters.iter().map(|it| format!("{it:?}")).collect();
    filters.sort();
    let mut part: Vec<_> = checked.part.iter().map(|it| format!("{it:?}")).collect();
    part.sort();
    let compare = plan.compare.as_ref().map(|it| {
        let probe =
            |op, value: &Value| Filter::new(catalog.entity(&plan.entity).unwrap().time, op, value.clone());
        let since = probe(contract::query::Op::Since, &it.since);
        let before = it.before.as_ref().map(|it| probe(contract::query::Op::Before, it));
        let probe = Plan {
            entity: plan.entity.clone(),
            filters: [Some(since), before].into_iter().flatten().collect(),
            ..Plan::default()
        };
        check(&probe, catalog, at()).map(|it| format!("{:?}", it.filters)).unwrap_or_default()
    });
    Some(format!(
        "{} {:?} {:?} {:?} {filters:?} {part:?} {:?} {compare:?} {:?} {:?} {:?}",
        plan.entity,
        plan.measures,
        plan.group_by,
        plan.columns,
        plan.having,
        plan.order,
        plan.limit,
        plan.limit_per
    ))
}

#[derive(Debug, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    asked: usize,
    refused: usize,
}

#[test]
fn questions_of_others_are_read() {
    let catalog = Catalog::for_role(Role::Admin);
    let known = known();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut took: Vec<f64> = Vec::new();
    // The lexicons are made once.
    let _ = read("how many desktops", &catalog, &[], None, at());
    let mut report = String::new();
    for line in include_str!("questions/development.jsonl").lines() {
        let it: Json = serde_json::from_str(line).unwrap();
        let (id, question, expect) =
            (it["id"].as_str().unwrap(), it["q"].as_str().unwrap(), it["expect"].as_str().unwrap());
        let previous = it.get("previous").map(plan);
        let meant: Vec<Plan> = match (it.get("plans"), it.get("plan")) {
            (Some(them), _) => them.as_array().unwrap().iter().map(plan).collect(),
            (None, Some(one)) => vec![plan(one)],
            (None, None) => Vec::new(),
        };
        let values = stored(question, &known);
        let began = Instant::now();
        let got = read(question, &catalog, &values, previous.as_ref(), at());
        took.push(began.elapsed().as_secs_f64());
        let same = |it: &Plan| {
            meant.iter().any(|gold| {
                let columns = !gold.columns.is_empty();
                let (a, b) = (meaning(it, &catalog, columns), meaning(gold, &catalog, columns));
                a.is_some() && a == b
            })
        };
        let entity = match (expect, meant.first()) {
            ("answer", Some(it)) => it.entity.clone(),
            _ => format!("({expect})"),
        };
        let tally = tallies.entry(entity).or_default();
        let mut tell = |kind: &str| {
            report.push_str(&format!("{kind} {id} {question}\n"));
            let show = |it: &Plan| {
                format!("{}  {}", sentence::plan(it, &catalog), serde_json::to_string(it).unwrap())
            };
            for it in &meant {
                report.push_str(&format!("    meant {}\n", show(it)));
                if meaning(it, &catalog, true).is_none() {
                    report.push_str(&format!("    NO PLAN {:?}\n", check(it, &catalog, at()).err()));
                }
            }
            match &got.outcome {
                Outcome::Certain(it) => report.push_str(&format!("    read  {}\n", show(it))),
                Outcome::Ambiguous(them) => {
                    for it in them {
                        report.push_str(&format!("    ask   {}\n", show(it)));
                    }
                }
                Outcome::Unsure { guess } => {
                    let guess = guess.as_ref().map(show).unwrap_or_default();
                    report.push_str(&format!("    guess {guess}\n"));
                }
                Outcome::Refused(why) => report.push_str(&format!("    refused {why}\n")),
            }
            let unknown = got.linked.as_ref().map(|it| it.unknown().join(", ")).unwrap_or_default();
            report.push_str(&format!("    unknown words: {unknown}\n"));
        };
        match (&got.outcome, expect) {
            (Outcome::Certain(it), "answer") if same(it) => tally.right += 1,
            (Outcome::Certain(_), _) => {
                tally.wrong += 1;
                tell("WRONG");
            }
            (Outcome::Refused(_), "refuse") => tally.right += 1,
            (Outcome::Refused(_), _) => {
                tally.refused += 1;
                tell("REFUSED");
            }
            // Asking back about what cannot be answered is as good.
            (_, "ask" | "refuse") => tally.right += 1,
            _ => {
                tally.asked += 1;
                tell("ASKED");
            }
        }
    }
    took.sort_by(f64::total_cmp);
    println!("{report}");
    for (entity, it) in &tallies {
        println!(
            "{entity:<18} right {:>3}  wrong {:>3}  asked {:>3}  refused {:>3}",
            it.right, it.wrong, it.asked, it.refused
        );
    }
    let answerable = |it: &&String| !it.starts_with('(');
    let right: usize = tallies.iter().filter(|(it, _)| answerable(it)).map(|(_, it)| it.right).sum();
    let all: usize = tallies
        .iter()
        .filter(|(it, _)| answerable(it))
        .map(|(_, it)| it.right + it.wrong + it.asked + it.refused)
        .sum();
    let wrong: usize = tallies.values().map(|it| it.wrong).sum();
    let asked_at_all: usize = tallies.values().map(|it| it.right + it.wrong + it.asked + it.refused).sum();
    println!(
        "right {right} of {all}, wrong with confidence {wrong}, median {:.2} ms, slowest {:.2} ms",
        took[took.len() / 2] * 1000.0,
        took[took.len() - 1] * 1000.0
    );
    assert!(right * 100 >= all * 95, "right {right} of {all}");
    assert!(wrong * 100 <= asked_at_all, "wrong with confidence {wrong}");
}
