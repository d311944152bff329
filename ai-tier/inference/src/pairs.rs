//! `skydesk-ai tokenize`: what the small model is taught, from texts to its own tokens.
//!
//! Texts come as `{"instructions": …, "prompt": …, "completion": …}`, one JSON object a line, and leave as
//! `{"prompt": [ids], "completion": [ids]}`, as `ai-tier/training` reads them.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::engine::{Message, Role, Tokenizer};

#[derive(Deserialize)]
struct Texts {
    instructions: String,
    prompt: String,
    completion: String,
}

#[derive(Serialize)]
struct Tokens {
    prompt: Vec<i32>,
    completion: Vec<i32>,
}

/// Writes the tokens of every line.
///
/// # Errors
/// The model cannot be loaded, or a line not be read or written; it is named by its number.
pub fn tokenize(model: &Path, texts: impl BufRead, mut tokens: impl Write) -> anyhow::Result<()> {
    let tokenizer = Tokenizer::open(model).with_context(|| format!("cannot use {}", model.display()))?;
    for (number, line) in (1..).zip(texts.lines()) {
        let line = line.context("cannot read the texts")?;
        let pair = pair(&tokenizer, &line).with_context(|| format!("line {number}"))?;
        writeln!(tokens, "{pair}").context("cannot write the tokens")?;
    }
    tokens.flush().context("cannot write the tokens")
}

fn pair(tokenizer: &Tokenizer, line: &str) -> anyhow::Result<String> {
    let texts: Texts = serde_json::from_str(line)?;
    let messages = [Message { role: Role::System, content: texts.instructions }, Message::user(texts.prompt)];
    let prompt = tokenizer.prompt_tokens(&messages)?;
    let completion = tokenizer.answer_tokens(&texts.completion)?;
    Ok(serde_json::to_string(&Tokens { prompt, completion })?)
}
