//! Writes what the small language model is taught: for each question of the generator what the product would send, and the
//! line that should come back.
//!
//! ```text
//! cargo run --release -p domain --example pairs -- data.jsonl values.json 2026-11-21 pairs.jsonl
//! ```
//!
//! The product's own linker, masks and language do it. A question that means two things has a line for each. A plan whose
//! values the linker does not find is left out, and so is a question that follows up what the language cannot say. How many
//! were left out, and why, is told at the end.

#![expect(clippy::print_stdout, reason = "it tells what it left out")]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
};

use chrono::NaiveDate;
use contract::{auth::Role, ids::UserId, query::Plan};
use domain::{
    catalog::{Catalog, DESKTOP_PREFIX, TAG_PREFIX, check::Moment},
    questions::{
        evaluation::{dated, found},
        grammar::{INSTRUCTIONS, NONE, Slots},
        link::{By, StoredValue},
        words::squash,
    },
};
use serde_json::{Value as Json, json};

/// Whoever asks; the first may ask about everything.
const ASKERS: [Role; 3] = [Role::Admin, Role::Operator, Role::Viewer];
/// So many examples are told of what was left out.
const EXAMPLES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, values, today, out] = arguments.as_slice() else {
        return Err("needs: data.jsonl values.json YYYY-MM-DD pairs.jsonl".into());
    };
    let today: NaiveDate = today.parse()?;
    let now = today.and_hms_opt(10, 0, 0).ok_or("no such time")?.and_utc();
    let at = Moment { now, zone: chrono_tz::UTC };
    let catalogs = ASKERS.map(|role| Catalog::of(UserId(1), role));
    let known = known(&serde_json::from_reader(File::open(values)?)?)?;
    let mut out = BufWriter::new(File::create(out)?);
    let mut left_out: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    let (mut written, mut longest) = (0_usize, String::new());
    let mut pairs = BTreeSet::new();
    let mut unsaid: Option<(usize, Vec<String>)> = None;
    for (n, line) in BufReader::new(File::open(data)?).lines().enumerate() {
        let it: Json = serde_json::from_str(&line?)?;
        let question = it.get("q").and_then(Json::as_str).ok_or("a line without a question")?;
        // Placeholders tell what a value can be to the asker: each of them asks in turn, unless he may not.
        let about =
            ["plan", "previous"].map(|name| it.pointer(&format!("/{name}/entity")).and_then(Json::as_str));
        let may = |it: &&Catalog| about.iter().flatten().all(|name| it.entity(name).is_some());
        let [administrator, ..] = &catalogs;
        let catalog = catalogs.get(n % ASKERS.len()).filter(may);
        let catalog = catalog.unwrap_or(administrator);
        let mut leave_out = |why: String, text: String| {
            let (n, examples) = left_out.entry(why).or_default();
            *n += 1;
            if examples.len() < EXAMPLES {
                examples.push(text);
            }
        };
        let plan = |it: &Json| -> Result<Plan, Box<dyn Error>> {
            Ok(serde_json::from_value(dated(it.clone(), today).ok_or("no such date")?)?)
        };
        let stored = found(question, &known);
        let slots = match it.get("previous").map(plan).transpose()? {
            None => Slots::new(&question.into(), catalog, &stored, at),
            Some(previous) => match Slots::after(&previous, &question.into(), catalog, &stored, at) {
                Some(slots) => slots,
                None => {
                    leave_out("follows up what cannot be said".into(), serde_json::to_string(&previous)?);
                    continue;
                }
            },
        };
        let plans: Vec<Json> =
            match (it.get("expect").and_then(Json::as_str), it.get("plan"), it.get("plans")) {
                (Some("refuse"), ..) => Vec::new(),
                (Some("answer"), Some(plan), _) => vec![plan.clone()],
                // Each of its readings is a line, so that neither becomes likely.
                (Some("ask"), _, Some(Json::Array(plans))) => plans.clone(),
                _ => return Err("a line that says neither what it means nor that it means nothing".into()),
            };
        let mut lines = Vec::new();
        for it in &plans {
            let plan = plan(it)?;
            match slots.write(&plan) {
                Ok(line) => lines.push(line),
                Err(why) => {
                    let plan = serde_json::to_string(&plan)?;
                    let text = format!("{question}\n        {}\n        {plan}", slots.masked());
                    leave_out(format!("{why:?}"), text);
                }
            }
        }
        if plans.is_empty() {
            lines.push(NONE.to_owned());
        }
        if lines.len() < plans.len() {
            continue;
        }
        for completion in lines {
            if !pairs.insert((slots.masked().to_owned(), completion.clone())) {
                leave_out("reads like an earlier one".into(), String::new());
                continue;
            }
            if completion.len() > longest.len() {
                longest.clone_from(&completion);
            }
            if completion != NONE && !slots.is_used_up(&completion) {
                let (n, examples) = unsaid.get_or_insert((0, Vec::new()));
                *n += 1;
                if examples.len() < EXAMPLES {
                    examples.push(format!("{}\n            -> {completion}", slots.masked()));
                }
            }
            let pair =
                json!({"instructions": INSTRUCTIONS, "prompt": slots.masked(), "completion": completion});
            writeln!(out, "{pair}")?;
            written += 1;
        }
    }
    out.flush()?;
    println!("{written} pairs; the longest line: {longest}");
    let unsaid =
        unsaid.into_iter().map(|it| ("leaves out something that was linked (asked back)".to_owned(), it));
    for (why, (n, examples)) in
        left_out.into_iter().map(|(why, it)| (format!("left out: {why}"), it)).chain(unsaid)
    {
        println!("{n:>6} {why}");
        for it in examples.iter().filter(|it| !it.is_empty()) {
            println!("        {it}");
        }
    }
    Ok(())
}

/// Values by entity and dimension.
fn known(values: &Json) -> Result<Vec<StoredValue>, Box<dyn Error>> {
    let mut known: Vec<StoredValue> = Vec::new();
    let mut add = |entity: &str, dimension: &str, value: &str| {
        // What is of a desktop, the database knows of desktops.
        let it = match dimension.strip_prefix(DESKTOP_PREFIX) {
            Some(dimension) => ("workspaces", dimension),
            None => (entity, dimension),
        };
        let (entity, dimension) = if dimension == "tags" { ("workspaces", dimension) } else { it };
        let value = value.to_owned();
        let name = squash(&value);
        let it =
            StoredValue { entity: entity.into(), dimension: dimension.into(), name, value, by: By::Name };
        if !known.contains(&it) {
            known.push(it);
        }
    };
    for (entity, dimensions) in values.as_object().ok_or("values.json holds no entities")? {
        for (dimension, them) in dimensions.as_object().ok_or("an entity without dimensions")? {
            for value in them.as_array().ok_or("a dimension without values")? {
                add(entity, dimension, value.as_str().ok_or("a value that is no text")?);
            }
            if let Some((_, tag)) = dimension.split_once(TAG_PREFIX) {
                add(entity, "tags", tag);
            }
        }
    }
    Ok(known)
}
