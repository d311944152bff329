//! From a question to its rows: by rules, and by the small model with and without what it kept.
//!
//! Whether the readings are right is not asked here; the tests say what is read, and the untrained model reads poorly.
//! For the measurement the installation takes any reading for certain and any number of questions, and is set back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

/// What the rules read: five ways to ask, each about ten things.
const ASKED: [&str; 5] = [
    "How many desktops are {}?",
    "list desktops that are {}",
    "how many {} desktops by region",
    "which account has the most {} desktops",
    "top 5 bundles by number of {} desktops",
];
const ABOUT: [&str; 10] = [
    "stopped",
    "available",
    "in error",
    "always on",
    "auto stop",
    "connected",
    "disconnected",
    "unhealthy",
    "starting",
    "suspended",
];

/// What no rule reads.
const UNUSUAL: [&str; 6] = [
    "Give a tally of switched off boxes in us-east-1",
    "I wonder what quantity of machines sleeps in eu-west-1",
    "please break the fleet into pieces by running mode",
    "headcount of always on ones around eu-west-1",
    "dig out those in us-east-1 that are turned off",
    "partition the stopped herd per region",
];

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    stack.filled().await?;
    let before = stack.get("/api/admin/config").await?;
    let mut settings = before.clone();
    let fields = settings.as_object_mut().context("the settings are no object")?;
    fields.insert("least_confidence".to_owned(), json!(0.0));
    fields.insert("questions_per_minute".to_owned(), json!(10_000));
    let outcome = both(stack, sheet, settings).await;
    stack.put("/api/admin/config", &before).await?;
    outcome
}

async fn both(stack: &Stack, sheet: &mut Sheet, mut settings: Value) -> anyhow::Result<()> {
    // What the rules are certain of, the model would confirm.
    for use_model in [false, true] {
        let fields = settings.as_object_mut().context("the settings are no object")?;
        fields.insert("use_model".to_owned(), json!(use_model));
        stack.put("/api/admin/config", &settings).await?;
        if use_model { by_model(stack, sheet).await? } else { by_rules(stack, sheet).await? }
    }
    Ok(())
}

async fn by_rules(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let questions: BTreeSet<String> =
        ASKED.iter().flat_map(|asked| ABOUT.iter().map(move |about| asked.replace("{}", about))).collect();
    let mut times = Vec::new();
    let mut others = Vec::new();
    for question in &questions {
        let (time, answer) = ask(stack, question).await?;
        if text(&answer, "read_by") == "rules" { times.push(time) } else { others.push(question.as_str()) }
    }
    ensure!(
        times.len() * 2 > questions.len(),
        "the rules read no more than {} of {}",
        times.len(),
        questions.len()
    );
    let what = format!("rows of a question read by rules, median of {} different ones", times.len());
    sheet.add(Entry::new(what, millis(at(&mut times, 50)?), "ms").aim(Aim::AtMost(20.0)));
    sheet.add(Entry::new("the slowest of them", millis(at(&mut times, 100)?), "ms"));
    if !others.is_empty() {
        sheet.note(&format!("not read by rules, and not counted: {}", others.join("; ")));
    }
    Ok(())
}

async fn by_model(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let mut warm = Vec::new();
    for (number, question) in UNUSUAL.iter().enumerate() {
        let before = Counted::now(stack).await?;
        let (time, answer) = ask(stack, question).await?;
        let used = Counted::now(stack).await?.since(before);
        ensure!(used.requests > 0.0, "`{question}` did not reach the model: {answer}");
        let outcome = text(&answer, "read_by");
        let outcome = if outcome == "model" { "rows" } else { "no plan" };
        if number == 0 {
            let what = format!("first question for the model, {:.0} tokens of its prompt kept", used.kept);
            sheet.add(Entry::new(what, time.as_secs_f64(), "s"));
        } else {
            warm.push(time);
        }
        sheet.note(&format!(
            "`{question}`: {outcome}; {:.0} tokens evaluated in {:.2} s, {:.0} kept, {:.0} written in {:.2} s",
            used.prompt - used.kept,
            used.prompt_seconds,
            used.kept,
            used.written,
            used.written_seconds,
        ));
    }
    let what = format!("rows of a question read by the small model, prefix kept, median of {}", warm.len());
    sheet.add(Entry::new(what, at(&mut warm, 50)?.as_secs_f64(), "s").aim(Aim::AtMost(2.0)));
    sheet.add(Entry::new("the slowest of them", at(&mut warm, 100)?.as_secs_f64(), "s"));
    Ok(())
}

async fn ask(stack: &Stack, question: &str) -> anyhow::Result<(Duration, Value)> {
    // Signing in again, should it be time, is no part of the question.
    stack.token().await?;
    let begin = Instant::now();
    let answer = stack.post("/api/ai/query", &json!({"question": question})).await?;
    Ok((begin.elapsed(), answer))
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What the ai-tier has counted since it started.
#[derive(Debug, Clone, Copy)]
struct Counted {
    requests: f64,
    prompt: f64,
    kept: f64,
    written: f64,
    prompt_seconds: f64,
    written_seconds: f64,
}

impl Counted {
    async fn now(stack: &Stack) -> anyhow::Result<Self> {
        let request = stack.http.get(format!("{}/metrics", stack.place.ai_url));
        let text =
            request.bearer_auth(&stack.place.ai_api_key).send().await?.error_for_status()?.text().await?;
        let sum = |name: &str| sum(&text, name);
        Ok(Self {
            requests: sum("skydesk_ai_requests_total"),
            prompt: sum("skydesk_ai_prompt_tokens_total"),
            kept: sum("skydesk_ai_cached_prompt_tokens_total"),
            written: sum("skydesk_ai_completion_tokens_total"),
            prompt_seconds: sum("skydesk_ai_prompt_seconds_total"),
            written_seconds: sum("skydesk_ai_predicted_seconds_total"),
        })
    }

    fn since(self, before: Self) -> Self {
        Self {
            requests: self.requests - before.requests,
            prompt: self.prompt - before.prompt,
            kept: self.kept - before.kept,
            written: self.written - before.written,
            prompt_seconds: self.prompt_seconds - before.prompt_seconds,
            written_seconds: self.written_seconds - before.written_seconds,
        }
    }
}

/// The sum of a metric over its labels; 0 before it was first counted.
fn sum(metrics: &str, name: &str) -> f64 {
    metrics
        .lines()
        .filter_map(|line| {
            line.strip_prefix(name)?.strip_prefix('{')?.rsplit_once(' ')?.1.parse::<f64>().ok()
        })
        .sum()
}

/// The time that so many of a hundred did not exceed.
///
/// # Errors
/// There are none.
pub(crate) fn at(times: &mut [Duration], hundredth: usize) -> anyhow::Result<Duration> {
    times.sort_unstable();
    let last = times.len().checked_sub(1).context("nothing was measured")?;
    times.get(last * hundredth / 100).copied().context("nothing was measured")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_summed_over_labels() {
        let text = "# HELP a_total x\na_total{model=\"m\",outcome=\"stop\"} 3\na_total{model=\"n\"} 4.5\na_total_b{x=\"y\"} 9\n";
        assert_eq!((sum(text, "a_total"), sum(text, "c")), (7.5, 0.0));
    }

    #[test]
    fn a_median_is_in_the_middle() {
        let mut times = [5, 1, 9].map(Duration::from_millis);
        assert_eq!(at(&mut times, 50).unwrap(), Duration::from_millis(5));
        assert_eq!(at(&mut times, 100).unwrap(), Duration::from_millis(9));
        assert!(at(&mut [], 50).is_err());
    }
}
