//! How many questions are read right: those of `tests/questions`, put to the product as people put them.
//!
//! Each is asked of the rules alone, and of rules and model together. An answer is right when its plan means what the
//! question's own does, or has the same rows. Whoever asks back is not wrong, only slower; an answer with confidence to what
//! cannot be told, or means two things, is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{Datelike as _, Months, NaiveDate, Utc};
use contract::auth::Role;
use contract::query::Plan;
use domain::catalog::Catalog;
use domain::catalog::check::{Moment, answers, check};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

/// The asker's.
const ZONE: &str = "Europe/Berlin";

/// A line of `tests/questions`.
#[derive(Debug, Deserialize)]
struct Question {
    id: String,
    q: String,
    previous: Option<Value>,
    expect: Expect,
    plan: Option<Value>,
    #[serde(default)]
    plans: Vec<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Answer,
    Ask,
    Refuse,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Right,
    /// Asked back, and one of the readings is right.
    AskedRight,
    AskedWrong,
    /// Refused although the data can tell.
    Refused,
    Wrong,
}

/// The figures of one way to read.
#[derive(Debug, Default)]
struct Score {
    /// By entity, and how often each outcome was.
    answerable: BTreeMap<String, BTreeMap<Outcome, usize>>,
    unanswerable: BTreeMap<Outcome, usize>,
    times: Vec<Duration>,
    failures: Vec<String>,
}

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let desktops = stack.filled().await?;
    let questions = read(&stack.place.questions_dir)?;
    let before = stack.get("/api/admin/config").await?;
    let outcome = both(stack, sheet, &questions, desktops, &before).await;
    stack.put("/api/admin/config", &before).await?;
    outcome
}

async fn both(
    stack: &Stack,
    sheet: &mut Sheet,
    questions: &[Question],
    desktops: u64,
    settings: &Value,
) -> anyhow::Result<()> {
    for (name, use_model) in [("rules alone", false), ("rules and model", true)] {
        let mut changed = settings.clone();
        let fields = changed.as_object_mut().context("the settings are no object")?;
        fields.insert("use_model".to_owned(), json!(use_model));
        fields.insert("questions_per_minute".to_owned(), json!(10_000));
        stack.put("/api/admin/config", &changed).await?;
        let mut score = Score::default();
        for question in questions {
            score.put(stack, question).await.with_context(|| format!("{}: {}", question.id, question.q))?;
        }
        score.print(sheet, name, desktops)?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the product is asked now, by its own clock")]
fn now() -> Moment {
    Moment { now: Utc::now(), zone: chrono_tz::Europe::Berlin }
}

/// Every question of the folder, by file.
fn read(folder: &Path) -> anyhow::Result<Vec<Question>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|it| it.map(|it| it.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|it| it.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    let today = now().today();
    let mut questions = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(&file)?.lines() {
            let mut value: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
            settle(&mut value, today);
            questions.push(serde_json::from_value(value).with_context(|| line.to_owned())?);
        }
    }
    ensure!(!questions.is_empty(), "there are no questions in {}", folder.display());
    Ok(questions)
}

/// Makes `{"latest": "03-01"}` the day that it is today.
fn settle(value: &mut Value, today: NaiveDate) {
    if let Some(day) = latest(value, today) {
        *value = json!(day);
        return;
    }
    match value {
        Value::Array(them) => them.iter_mut().for_each(|it| settle(it, today)),
        Value::Object(them) => them.values_mut().for_each(|it| settle(it, today)),
        _ => {}
    }
}

fn latest(value: &Value, today: NaiveDate) -> Option<NaiveDate> {
    let day = value.get("latest")?.as_str()?;
    let in_year = |year: i32| format!("{year}-{day}").parse::<NaiveDate>().ok();
    let latest = in_year(today.year()).filter(|it| *it <= today).or_else(|| in_year(today.year() - 1))?;
    let months = value.get("plus_months").and_then(Value::as_u64).unwrap_or(0);
    latest.checked_add_months(Months::new(u32::try_from(months).ok()?))
}

impl Score {
    async fn put(&mut self, stack: &Stack, question: &Question) -> anyhow::Result<()> {
        let mut request = json!({"question": question.q, "timezone": ZONE});
        if let (Some(previous), Some(fields)) = (&question.previous, request.as_object_mut()) {
            fields.insert("previous".to_owned(), previous.clone());
        }
        stack.token().await?;
        let begin = Instant::now();
        let answer = stack.post("/api/ai/query", &request).await?;
        self.times.push(begin.elapsed());
        let meant: Vec<&Value> = question.plan.iter().chain(&question.plans).collect();
        let read: Vec<&Value> = match answer.get("clarify").and_then(Value::as_array) {
            Some(readings) => readings.iter().filter_map(|it| it.get("plan")).collect(),
            None => answer.get("plan").into_iter().collect(),
        };
        let mut right = false;
        if question.expect == Expect::Answer {
            for (read, meant) in read.iter().flat_map(|read| meant.iter().map(move |meant| (*read, *meant))) {
                right |= same(stack, read, meant).await?;
            }
        }
        let answered = answer.get("plan").is_some();
        let outcome = match (question.expect, answered, right) {
            (Expect::Answer, true, true) => Outcome::Right,
            (Expect::Answer, true, false) => Outcome::Wrong,
            (Expect::Answer, false, _) if read.is_empty() => Outcome::Refused,
            (Expect::Answer, false, true) => Outcome::AskedRight,
            (Expect::Answer, false, false) => Outcome::AskedWrong,
            (Expect::Ask | Expect::Refuse, true, _) => Outcome::Wrong,
            (Expect::Ask | Expect::Refuse, false, _) => Outcome::Right,
        };
        if outcome != Outcome::Right {
            let words = answer.get("sentence").or_else(|| answer.get("refused")).and_then(Value::as_str);
            let readings = answer.get("clarify").and_then(Value::as_array).into_iter().flatten();
            let readings: Vec<_> = readings.filter_map(|it| it.get("sentence")?.as_str()).collect();
            let words = words.map_or_else(|| readings.join(" | "), str::to_owned);
            self.failures.push(format!("{outcome:?} {}: {} → {words}", question.id, question.q));
        }
        match question.expect {
            Expect::Answer => {
                let entity = meant.first().and_then(|it| it.get("entity")).and_then(Value::as_str);
                let entity = entity.context("a plan has no entity")?.to_owned();
                *self.answerable.entry(entity).or_default().entry(outcome).or_default() += 1;
            }
            Expect::Ask | Expect::Refuse => *self.unanswerable.entry(outcome).or_default() += 1,
        }
        Ok(())
    }

    fn print(mut self, sheet: &mut Sheet, name: &str, desktops: u64) -> anyhow::Result<()> {
        let sum = |outcome| self.answerable.values().filter_map(|it| it.get(&outcome)).sum::<usize>();
        let all: usize = self.answerable.values().flat_map(BTreeMap::values).sum();
        let share = |n| percent(n, all);
        sheet.add(
            Entry::new(
                format!("{name}: {all} questions that can be answered: right at first go"),
                share(sum(Outcome::Right)),
                "%",
            )
            .aim(Aim::AtLeast(95.0)),
        );
        sheet.add(
            Entry::new(format!("{name}: wrong with confidence"), share(sum(Outcome::Wrong)), "%")
                .aim(Aim::AtMost(1.0)),
        );
        let asked = sum(Outcome::AskedRight);
        sheet.add(Entry::new(format!("{name}: asked back, the right reading among them"), share(asked), "%"));
        sheet.add(Entry::new(format!("{name}: asked back without it"), share(sum(Outcome::AskedWrong)), "%"));
        sheet.add(Entry::new(format!("{name}: refused"), share(sum(Outcome::Refused)), "%"));
        let unanswerable: usize = self.unanswerable.values().sum();
        let held = self.unanswerable.get(&Outcome::Right).copied().unwrap_or(0);
        let what =
            format!("{name}: {unanswerable} that cannot be, or mean several things: refused or asked back");
        sheet.add(Entry::new(what, percent(held, unanswerable), "%").aim(Aim::AtLeast(100.0)));
        self.times.sort_unstable();
        let at = |hundredth: usize| {
            let last = self.times.len().saturating_sub(1);
            self.times.get(last * hundredth / 100).map_or(0.0, Duration::as_secs_f64)
        };
        let what = format!("{name}: from question to rows, {desktops} desktops, median");
        sheet.add(Entry::new(what, at(50), "s").aim(Aim::AtMost(1.0)));
        sheet.add(Entry::new(format!("{name}: 95th of a hundred"), at(95), "s").aim(Aim::AtMost(2.5)));
        for (entity, outcomes) in &self.answerable {
            let outcomes: Vec<_> = outcomes.iter().map(|(outcome, n)| format!("{outcome:?} {n}")).collect();
            sheet.note(&format!("{name}, {entity}: {}", outcomes.join(", ")));
        }
        for failure in &self.failures {
            sheet.note(&format!("{name}: {failure}"));
        }
        Ok(())
    }
}

#[expect(clippy::as_conversions, reason = "there are hundreds of questions")]
fn percent(n: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { 100.0 * n as f64 / of as f64 }
}

/// Whether a plan answers what was meant: by what it says, else by its rows.
async fn same(stack: &Stack, read: &Value, meant: &Value) -> anyhow::Result<bool> {
    let (read, meant): (Plan, Plan) =
        (serde_json::from_value(read.clone())?, serde_json::from_value(meant.clone())?);
    let catalog = Catalog::for_role(Role::Admin);
    let at = now();
    check(&meant, &catalog, at).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    if answers(&read, &meant, &catalog, at) {
        return Ok(true);
    }
    if read.entity != meant.entity
        || read.measures != meant.measures
        || read.measures.is_empty()
        || read.group_by != meant.group_by
    {
        return Ok(false);
    }
    let rows = async |plan: &Plan| -> anyhow::Result<Value> {
        let answer = stack.post("/api/ai/query", &json!({"plan": plan, "timezone": ZONE})).await?;
        let mut rows = answer.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
        rows.sort_by_key(Value::to_string);
        Ok(Value::Array(rows))
    };
    let (ours, theirs) = (rows(&read).await?, rows(&meant).await?);
    // Nothing is as much as nothing, whatever was asked.
    Ok(ours == theirs && theirs.as_array().is_some_and(|it| !it.is_empty()))
}
