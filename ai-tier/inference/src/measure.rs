//! What is counted, and under which names. `/metrics` shows it.
//!
//! Never a label from a request: label values are model ids and the words below.

use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::engine::{Answered, EngineError, Finish};

const REQUESTS: &str = "skydesk_ai_requests_total";
const PROMPT_TOKENS: &str = "skydesk_ai_prompt_tokens_total";
const CACHED_TOKENS: &str = "skydesk_ai_cached_prompt_tokens_total";
const COMPLETION_TOKENS: &str = "skydesk_ai_completion_tokens_total";
const FORCED_TOKENS: &str = "skydesk_ai_forced_tokens_total";
const PREFIXES: &str = "skydesk_ai_prefixes_total";
const GRAMMAR_SEARCHES: &str = "skydesk_ai_grammar_searches_total";
const PROMPT_SECONDS: &str = "skydesk_ai_prompt_seconds_total";
const PREDICTED_SECONDS: &str = "skydesk_ai_predicted_seconds_total";
const WORK_SECONDS: &str = "skydesk_ai_request_duration_seconds";
const QUEUE: &str = "skydesk_ai_queue_depth";
const KEPT_PREFIXES: &str = "skydesk_ai_kept_prefixes";
const KEPT_BYTES: &str = "skydesk_ai_kept_prefix_bytes";

/// Writes the help texts; once, after the recorder is installed.
pub fn describe() {
    describe_counter!(
        REQUESTS,
        "Requests by model and outcome: stop, length, refused, deadline, cancelled, failed, queue_full"
    );
    describe_counter!(PROMPT_TOKENS, "Tokens of prompts, kept ones included");
    describe_counter!(CACHED_TOKENS, "Tokens of prompts that a kept prefix spared");
    describe_counter!(PREFIXES, "Prompts by whether a kept prefix spared most of their tokens: hit, miss");
    describe_counter!(COMPLETION_TOKENS, "Tokens generated or judged");
    describe_counter!(FORCED_TOKENS, "Of these, tokens that a grammar left no choice in");
    describe_counter!(GRAMMAR_SEARCHES, "Tokens for which a grammar was asked about the whole vocabulary");
    describe_counter!(PROMPT_SECONDS, "Seconds spent on prompts; tokens through these are the prompt speed");
    describe_counter!(PREDICTED_SECONDS, "Seconds spent on generating");
    describe_histogram!(WORK_SECONDS, "Seconds of work for a request, without waiting");
    describe_gauge!(QUEUE, "Requests that wait");
    describe_gauge!(KEPT_PREFIXES, "Prefixes kept besides the one in use");
    describe_gauge!(KEPT_BYTES, "Bytes that kept prefixes take");
}

/// One job, when it is over.
pub(crate) fn answer(model: &str, outcome: &Result<Answered, EngineError>, took: Duration) {
    counter!(REQUESTS, "model" => model.to_owned(), "outcome" => word(outcome)).increment(1);
    histogram!(WORK_SECONDS, "model" => model.to_owned()).record(took.as_secs_f64());
    let Ok(answered) = outcome else { return };
    let count = |name, n| counter!(name, "model" => model.to_owned()).increment(n);
    count(PROMPT_TOKENS, tokens(answered.started.prompt_tokens));
    count(CACHED_TOKENS, tokens(answered.started.cached_tokens));
    count(COMPLETION_TOKENS, tokens(answered.finished.completion_tokens));
    let is_hit = answered.started.cached_tokens * 2 > answered.started.prompt_tokens;
    let found = if is_hit { "hit" } else { "miss" };
    counter!(PREFIXES, "model" => model.to_owned(), "found" => found).increment(1);
    count(FORCED_TOKENS, tokens(answered.forced));
    count(GRAMMAR_SEARCHES, tokens(answered.searched_all));
    // Counters are whole numbers; seconds come from gauges that only grow.
    let seconds = |name, it: Duration| gauge!(name, "model" => model.to_owned()).increment(it.as_secs_f64());
    seconds(PROMPT_SECONDS, answered.finished.prompt_time);
    seconds(PREDICTED_SECONDS, answered.finished.predicted_time);
}

/// A request that the full queue refused.
pub(crate) fn queue_full(model: &str) {
    counter!(REQUESTS, "model" => model.to_owned(), "outcome" => "queue_full").increment(1);
}

pub(crate) fn queue_depth(model: &str, waiting: usize) {
    gauge!(QUEUE, "model" => model.to_owned()).set(float(waiting));
}

pub(crate) fn kept_prefixes(model: &str, states: usize, bytes: usize) {
    gauge!(KEPT_PREFIXES, "model" => model.to_owned()).set(float(states));
    gauge!(KEPT_BYTES, "model" => model.to_owned()).set(float(bytes));
}

/// A rate; 0 when no time passed.
pub(crate) fn per_second(n: usize, time: Duration) -> f64 {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 { (float(n) / seconds * 10.0).round() / 10.0 } else { 0.0 }
}

/// Whole milliseconds, for log fields.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn word(outcome: &Result<Answered, EngineError>) -> &'static str {
    match outcome {
        Ok(it) if it.finished.finish == Finish::Length => "length",
        Ok(_) => "stop",
        Err(EngineError::Deadline) => "deadline",
        Err(EngineError::Cancelled) => "cancelled",
        Err(EngineError::Evaluation(_)) => "failed",
        Err(_) => "refused",
    }
}

fn tokens(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[expect(
    clippy::as_conversions,
    reason = "there is no other way to a float, and token counts are exact in one"
)]
fn float(n: usize) -> f64 {
    n as f64
}
