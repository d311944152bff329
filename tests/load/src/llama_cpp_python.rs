//! The peer of the small model: the same prompts and grammars, by the same file, through llama-cpp-python.
//!
//! It forgets its context before each question, as a server without a kept prefix does; what it writes is held against
//! what the ai-tier wrote, since another line would be other work.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use crate::peer;
use crate::stack::Stack;

/// For all questions together; they take some three minutes.
const WITHIN: Duration = Duration::from_mins(15);

/// What the ai-tier was asked, and what came of it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The request. The peer takes its messages, grammar and bound.
    pub(crate) body: Value,
    pub(crate) line: String,
    pub(crate) prompt_tokens: u64,
    /// From the request to its answer.
    pub(crate) took: Duration,
}

/// What the peer tells of a question.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    pub(crate) seconds: f64,
    pub(crate) text: String,
    pub(crate) prompt_tokens: u64,
}

/// Puts the same to the peer, one after the other.
///
/// # Errors
/// It cannot be started, or does not answer each.
pub(crate) async fn answer(stack: &Stack, asked: &[Asked]) -> anyhow::Result<Vec<Told>> {
    let threads = std::thread::available_parallelism()?;
    let mut python = peer::command(&stack.place.peers_python);
    python.arg(stack.place.peers_dir.join("plans.py")).arg(&stack.place.model).arg(threads.to_string());
    let mut child =
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start Python")?;
    let mut stdin = child.stdin.take().context("Python takes no input")?;
    let lines: String = asked.iter().map(|it| format!("{}\n", it.body)).collect();
    // It answers while it still reads: both at a time, or each would wait for the other.
    let written = async move {
        stdin.write_all(lines.as_bytes()).await?;
        drop(stdin);
        std::io::Result::Ok(())
    };
    let both = async { tokio::join!(written, child.wait_with_output()) };
    let (written, output) = timeout(WITHIN, both).await.context("llama-cpp-python needs too long")?;
    let output = output?;
    ensure!(output.status.success(), "llama-cpp-python ended ({})", output.status);
    written.context("llama-cpp-python did not read all questions")?;
    let told: Vec<Told> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("llama-cpp-python tells something else")?;
    ensure!(told.len() == asked.len(), "llama-cpp-python answered {} of {}", told.len(), asked.len());
    let other = asked.iter().zip(&told).find(|(ours, theirs)| ours.prompt_tokens != theirs.prompt_tokens);
    ensure!(other.is_none(), "llama-cpp-python reads another prompt: {other:?}");
    Ok(told)
}
