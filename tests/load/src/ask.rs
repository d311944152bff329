//! How many questions are read right: those of `tests/questions`, put to the product as people put them.
//!
//! Each is asked of the rules alone, of rules and model together, and of the model alone. An answer is right when its plan
//! means what the question's own does, or has the same rows. Whoever asks back is not wrong, only slower; an answer with
//! confidence to what cannot be told, or means two things, is.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::Utc;
use contract::auth::Role;
use contract::evaluations::{Verdict, Verdicts};
use contract::query::Plan;
use contract::questions::QuestionResponse;
use domain::catalog::Catalog;
use domain::catalog::check::{Moment, answers, check};
use domain::questions::evaluation::{Act, Question};
use serde_json::{Value, json};

use crate::llama_cpp_python::{self, Asked};
use crate::model_alone::ModelAlone;
use crate::named;
use crate::questions::at;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

/// The asker's.
const ZONE: &str = "Europe/Berlin";

/// What came back for a question.
pub(crate) struct Given {
    pub(crate) act: Act,
    /// The plan that was run, or the readings that were asked back.
    pub(crate) read: Vec<Plan>,
    pub(crate) told: String,
    pub(crate) took: Duration,
}

/// The figures of one way to read.
#[derive(Debug, Default)]
struct Score {
    /// By entity, and how often each verdict was.
    answerable: BTreeMap<String, Verdicts>,
    unanswerable: Verdicts,
    times: Vec<Duration>,
    failures: Vec<String>,
}

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let desktops = stack.filled().await?;
    let questions = read(&stack.place.questions_dir)?;
    let before = stack.get("/api/admin/config").await?;
    let outcome = named::present(stack, async {
        both(stack, sheet, &questions, desktops, &before).await?;
        model_alone(stack, sheet, &questions).await
    })
    .await;
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
            let given = ask(stack, question).await;
            let given = given.with_context(|| format!("{}: {}", question.id, question.text))?;
            score.put(stack, question, given).await?;
        }
        score.print(sheet, name, &format!("{name}: from question to rows, {desktops} desktops"))?;
    }
    Ok(())
}

async fn model_alone(stack: &Stack, sheet: &mut Sheet, questions: &[Question]) -> anyhow::Result<()> {
    let mut model = ModelAlone::new(stack)?;
    let mut score = Score::default();
    for question in questions {
        let given = model.ask(question).await?;
        score.put(stack, question, given).await?;
    }
    let name = "model alone";
    score.print(sheet, name, &format!("{name}: from question to its line"))?;
    let [read, written] = model.tokens;
    sheet
        .note(&format!("{name}: {read} tokens read and {written} written for {} questions", questions.len()));
    beside_llama_cpp_python(stack, sheet, &model.asked).await
}

async fn beside_llama_cpp_python(stack: &Stack, sheet: &mut Sheet, asked: &[Asked]) -> anyhow::Result<()> {
    let told = llama_cpp_python::answer(stack, asked).await?;
    // Another line is other work.
    let alike: Vec<_> = asked.iter().zip(&told).filter(|(ours, theirs)| ours.line == theirs.text).collect();
    let mut ours: Vec<_> = alike.iter().map(|(it, _)| it.took).collect();
    let mut theirs: Vec<_> = alike.iter().map(|(_, it)| Duration::from_secs_f64(it.seconds)).collect();
    for (what, hundredth) in [("median", 50), ("95th of a hundred", 95)] {
        let (ours, theirs) = (at(&mut ours, hundredth)?, at(&mut theirs, hundredth)?);
        sheet.add(
            Entry::new(format!("from prompt to the same line, {what}"), ours.as_secs_f64(), "s")
                .beside("llama-cpp-python, no kept prefix", theirs.as_secs_f64()),
        );
    }
    let count = (alike.len(), told.len());
    sheet.note(&format!(
        "llama-cpp-python wrote the same line for {} of {}, and read as many tokens",
        count.0, count.1
    ));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the product is asked now, by its own clock")]
pub(crate) fn now() -> Moment {
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
    let mut questions = Vec::new();
    for file in files {
        let lines = std::fs::read_to_string(&file)?;
        questions.extend(Question::read(&lines, now().today()).map_err(anyhow::Error::msg)?);
    }
    ensure!(!questions.is_empty(), "there are no questions in {}", folder.display());
    Ok(questions)
}

/// Puts a question to the product, as a browser would.
async fn ask(stack: &Stack, question: &Question) -> anyhow::Result<Given> {
    let mut request = json!({"question": question.text, "timezone": ZONE});
    if let (Some(previous), Some(fields)) = (&question.previous, request.as_object_mut()) {
        fields.insert("previous".to_owned(), json!(previous));
    }
    stack.token().await?;
    let begin = Instant::now();
    let answer = stack.post("/api/ai/query", &request).await?;
    let took = begin.elapsed();
    let answer: QuestionResponse = serde_json::from_value(answer)?;
    let (act, read, told) = match answer {
        QuestionResponse::Answer(it) => (Act::Answer, vec![it.plan], it.sentence),
        QuestionResponse::Clarify { clarify, .. } => {
            let sentences: Vec<_> = clarify.iter().map(|it| it.sentence.as_str()).collect();
            let told = sentences.join(" | ");
            (Act::Ask, clarify.into_iter().map(|it| it.plan).collect(), told)
        }
        QuestionResponse::Refused { refused, .. } => (Act::Refuse, Vec::new(), refused),
    };
    Ok(Given { act, read, told, took })
}

impl Score {
    async fn put(&mut self, stack: &Stack, question: &Question, given: Given) -> anyhow::Result<()> {
        self.times.push(given.took);
        let mut right = false;
        if question.expect == Act::Answer {
            for read in &given.read {
                for meant in &question.meant {
                    right |= same(stack, read, meant).await?;
                }
            }
        }
        let verdict = question.verdict(given.act, right);
        if verdict != Verdict::Right {
            self.failures.push(format!("{verdict:?} {}: {} → {}", question.id, question.text, given.told));
        }
        match question.entity() {
            Some(entity) => self.answerable.entry(entity.to_owned()).or_default().add(verdict),
            None => self.unanswerable.add(verdict),
        }
        Ok(())
    }

    fn print(mut self, sheet: &mut Sheet, name: &str, time: &str) -> anyhow::Result<()> {
        let sum = |verdict| self.answerable.values().map(|it| it.of(verdict)).sum::<u32>();
        let all: u32 = self.answerable.values().map(Verdicts::all).sum();
        let share = |n| percent(n, all);
        sheet.add(
            Entry::new(
                format!("{name}: {all} questions that can be answered: right at first go"),
                share(sum(Verdict::Right)),
                "%",
            )
            .aim(Aim::AtLeast(95.0)),
        );
        sheet.add(
            Entry::new(format!("{name}: wrong with confidence"), share(sum(Verdict::Wrong)), "%")
                .aim(Aim::AtMost(1.0)),
        );
        let asked = sum(Verdict::AskedRight);
        sheet.add(Entry::new(format!("{name}: asked back, the right reading among them"), share(asked), "%"));
        sheet.add(Entry::new(format!("{name}: asked back without it"), share(sum(Verdict::AskedWrong)), "%"));
        sheet.add(Entry::new(format!("{name}: refused"), share(sum(Verdict::Refused)), "%"));
        let (unanswerable, held) = (self.unanswerable.all(), self.unanswerable.right);
        let what =
            format!("{name}: {unanswerable} that cannot be, or mean several things: refused or asked back");
        sheet.add(Entry::new(what, percent(held, unanswerable), "%").aim(Aim::AtLeast(100.0)));
        let [median, late] = [50, 95].map(|it| at(&mut self.times, it).map(|it| it.as_secs_f64()));
        sheet.add(Entry::new(format!("{time}, median"), median?, "s").aim(Aim::AtMost(1.0)));
        sheet.add(Entry::new(format!("{name}: 95th of a hundred"), late?, "s").aim(Aim::AtMost(2.5)));
        for (entity, verdicts) in &self.answerable {
            let told = Verdict::ALL.iter().map(|it| format!("{} {}", it.name(), verdicts.of(*it)));
            sheet.note(&format!("{name}, {entity}: {}", told.collect::<Vec<_>>().join(", ")));
        }
        for failure in &self.failures {
            sheet.note(&format!("{name}: {failure}"));
        }
        Ok(())
    }
}

fn percent(n: u32, of: u32) -> f64 {
    if of == 0 { 0.0 } else { 100.0 * f64::from(n) / f64::from(of) }
}

/// Whether a plan answers what was meant: by what it says, else by its rows.
async fn same(stack: &Stack, read: &Plan, meant: &Plan) -> anyhow::Result<bool> {
    let catalog = Catalog::for_role(Role::Admin);
    let at = now();
    check(meant, &catalog, at).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    if answers(read, meant, &catalog, at) {
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
    let (ours, theirs) = (rows(read).await?, rows(meant).await?);
    // Nothing is as much as nothing, whatever was asked.
    Ok(ours == theirs && theirs.as_array().is_some_and(|it| !it.is_empty()))
}
