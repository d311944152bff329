//! Teaches the reranker (`src/questions/reranker.rs`) from questions whose meaning is known, and writes its weights.
//!
//! ```text
//! cargo run --release -p domain --example teach_reranker -- app-tier/domain/src/questions/reranker/weights.bin \
//!     ai-tier/training/questions/* app-tier/domain/tests/questions/values.tsv \
//!     app-tier/domain/tests/questions/development*.jsonl
//! ```
//!
//! Of each question the lines that were meant are right, and the readings that the rules take for it and that are not meant are
//! wrong: logistic regression, one line after the other (ADR 0010 says what else was tried). The same questions and rules give
//! the same bytes. Nothing that answers are judged by may be among the questions.

#![expect(clippy::print_stdout, reason = "it tells how far it is")]

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs,
};

use contract::{auth::Role, query::Plan};
use domain::{
    catalog::{
        Catalog,
        check::{Moment, answers, check},
    },
    questions::{
        evaluation::{Act, Question, found, values},
        grammar::Slots,
        link::StoredValue,
        reranker::{WEIGHTS, pairs, part},
        rules::{Outcome, read},
    },
};
use serde_json::Value as Json;

/// Passes over everything, and how far each example moves a weight at first (`AdaGrad`).
const PASSES: u64 = 5;
const RATE: f64 = 0.45;
/// What is forgotten of a weight each time that it is seen: what came once is not remembered for certain.
const FORGOTTEN: f64 = 3e-6;

/// A question as the reranker sees it.
struct Seen {
    masked: String,
    /// The lines that were meant, and readings of the rules that mean the same.
    right: Vec<String>,
    /// Readings of the rules that are not.
    wrong: Vec<String>,
}

struct Example {
    pairs: Vec<u16>,
    is_right: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("needs: weights.bin, questions (.jsonl), values (.tsv)")?;
    let (questions, known): (Vec<String>, Vec<String>) = arguments.partition(|it| it.ends_with(".jsonl"));
    let known: Vec<String> = known.iter().map(fs::read_to_string).collect::<Result<_, _>>()?;
    let known = values(&known.join("\n"));
    let at = Moment { now: "2026-11-21T10:00:00Z".parse()?, zone: chrono_tz::UTC };
    let mut all = Vec::new();
    for file in questions {
        let lines = named(&fs::read_to_string(&file)?).map_err(|why| format!("{file}: {why}"))?;
        let questions = Question::read(&lines, at.today()).map_err(|why| format!("{file}: {why}"))?;
        all.extend(questions.iter().map(|it| seen(it, &known, at)));
    }
    let examples = examples(&all);
    println!("{} questions, {} lines", all.len(), examples.len());
    fs::write(out, bytes(&taught(&examples)))?;
    Ok(())
}

/// The lines of a file with an id each: those by hand have none.
fn named(lines: &str) -> serde_json::Result<String> {
    let named = lines.lines().filter(|it| !it.trim().is_empty()).map(|line| {
        let mut line: BTreeMap<String, Json> = serde_json::from_str(line)?;
        line.entry("id".to_owned()).or_insert_with(|| "".into());
        serde_json::to_string(&line)
    });
    Ok(named.collect::<serde_json::Result<Vec<_>>>()?.join("\n"))
}

fn seen(it: &Question, known: &[StoredValue], at: Moment) -> Seen {
    let catalog = Catalog::for_role(Role::Admin);
    let stored = found(it.text.as_str(), known);
    let question = it.text.as_str().into();
    let previous = it.previous.as_ref().filter(|it| check(it, &catalog, at).is_ok());
    let slots = Slots::asked(previous, &question, &catalog, &stored, at);
    let readings: Vec<Plan> = match read(it.text.as_str(), &catalog, &stored, previous, at).outcome {
        Outcome::Certain(plan) => vec![plan],
        Outcome::Ambiguous(plans) => plans,
        // What leaves something over is asked back anyway.
        Outcome::Unsure { .. } | Outcome::Refused(_) => Vec::new(),
    };
    let is_meant = |plan: &Plan| it.meant.iter().any(|meant| answers(plan, meant, &catalog, at));
    let line = |plan: &Plan| slots.write(plan).ok();
    let (right, wrong): (Vec<_>, Vec<_>) =
        readings.into_iter().partition(|plan| it.expect == Act::Answer && is_meant(plan));
    let meant = it.meant.iter().filter(|_| it.expect == Act::Answer);
    let right: Vec<String> = meant.chain(&right).filter_map(line).collect();
    let wrong = wrong.iter().filter_map(line).filter(|it| !right.contains(it)).collect();
    Seen { masked: slots.masked().to_owned(), right, wrong }
}

/// Each line once.
fn examples(all: &[Seen]) -> Vec<Example> {
    let mut known = BTreeSet::new();
    let mut examples = Vec::new();
    for it in all {
        let right = it.right.iter().map(|line| (line, true));
        for (line, is_right) in right.chain(it.wrong.iter().map(|line| (line, false))) {
            if known.insert((&it.masked, line)) {
                examples.push(Example { pairs: pairs(&it.masked, line), is_right });
            }
        }
    }
    examples
}

fn taught(examples: &[Example]) -> Vec<f64> {
    let mut weights = vec![0.0_f64; WEIGHTS];
    let mut moved = vec![1e-3_f64; WEIGHTS];
    for pass in 0..PASSES {
        let mut loss = 0.0;
        for example in mixed(examples, pass) {
            let part = part(&example.pairs);
            let places = || example.pairs.iter().map(|it| usize::from(*it));
            let sum: f64 = places().filter_map(|it| weights.get(it)).sum();
            let right = if example.is_right { 1.0 } else { 0.0 };
            let said = 1.0 / (1.0 + (-sum * part).exp());
            loss -= (1.0 - (said - right).abs()).max(1e-9).ln();
            let slope = (said - right) * part;
            for it in places() {
                let (Some(weight), Some(moved)) = (weights.get_mut(it), moved.get_mut(it)) else { continue };
                *moved += slope * slope;
                *weight -= RATE * slope / moved.sqrt() + FORGOTTEN * *weight;
            }
        }
        let lines = u32::try_from(examples.len()).map_or(f64::MAX, f64::from);
        println!("pass {}: {:.4} nats a line", pass + 1, loss / lines);
    }
    weights
}

/// In an order of its own for each pass.
fn mixed(examples: &[Example], pass: u64) -> Vec<&Example> {
    let place = |n: u64| (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (pass << 32)).rotate_left(29);
    let mut order: Vec<(u64, &Example)> = (0..).map(place).zip(examples).collect();
    order.sort_by_key(|it| it.0);
    order.into_iter().map(|it| it.1).collect()
}

/// The scale, and each weight in steps of it; the few that are larger than the rest are cut.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "steps are within what an i8 holds; the scale may be rounded"
)]
fn bytes(weights: &[f64]) -> Vec<u8> {
    let mut sizes: Vec<f64> = weights.iter().map(|it| it.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let largest = sizes.get(sizes.len() * 999 / 1000).copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
    let scale = largest / 127.0;
    let steps = weights.iter().map(|it| ((it / scale).round().clamp(-127.0, 127.0) as i8).cast_unsigned());
    (scale as f32).to_le_bytes().into_iter().chain(steps).collect()
}
