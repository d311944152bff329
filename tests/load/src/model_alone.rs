//! The small model by itself: its likeliest line, with no rules before it and no threshold behind it.
//!
//! It is asked as the product asks it, on the values that come with the questions.

use std::time::Instant;

use anyhow::Context as _;
use contract::auth::Role;
use domain::catalog::Catalog;
use domain::catalog::check::check;
use domain::questions::evaluation::{Act, Question, found, values};
use domain::questions::grammar::{INSTRUCTIONS, Said, Slots};
use domain::questions::link::StoredValue;
use serde_json::{Value, json};

use crate::ask::{Given, now};
use crate::llama_cpp_python::Asked;
use crate::stack::Stack;

/// As many as the product allows.
const TOKENS: u32 = 96;

/// See the module.
pub(crate) struct ModelAlone<'a> {
    stack: &'a Stack,
    catalog: Catalog,
    known: Vec<StoredValue>,
    /// Of all prompts, and of what was written.
    pub(crate) tokens: [u64; 2],
    /// What it was asked so far.
    pub(crate) asked: Vec<Asked>,
}

impl<'a> ModelAlone<'a> {
    /// # Errors
    /// The values are not there.
    pub(crate) fn new(stack: &'a Stack) -> anyhow::Result<Self> {
        let file = stack.place.questions_dir.join("values.tsv");
        let lines =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self {
            stack,
            catalog: Catalog::for_role(Role::Admin),
            known: values(&lines),
            tokens: [0; 2],
            asked: Vec::new(),
        })
    }

    /// # Errors
    /// The ai-tier does not answer.
    pub(crate) async fn ask(&mut self, question: &Question) -> anyhow::Result<Given> {
        let stored = found(question.text.as_str(), &self.known);
        let began = Instant::now();
        let text = question.text.as_str().into();
        let slots = match &question.previous {
            None => Some(Slots::new(&text, &self.catalog, &stored, now())),
            Some(previous) => Slots::after(previous, &text, &self.catalog, &stored, now()),
        };
        let Some(slots) = slots else {
            let told = "(the plan before cannot be said)".to_owned();
            return Ok(Given { act: Act::Refuse, read: Vec::new(), told, took: began.elapsed() });
        };
        let body = json!({
            "model": "small",
            "messages": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": slots.masked()}],
            "max_tokens": TOKENS,
            "temperature": 0,
            "grammar": slots.grammar(),
        });
        let sent = Instant::now();
        let url = format!("{}/v1/chat/completions", self.stack.place.ai_url);
        let request = self.stack.http.post(url).bearer_auth(&self.stack.place.ai_api_key).json(&body);
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        let (took, answered_in) = (began.elapsed(), sent.elapsed());
        let tokens = ["prompt_tokens", "completion_tokens"]
            .map(|it| answer.pointer(&format!("/usage/{it}")).and_then(Value::as_u64).unwrap_or(0));
        let [prompt_tokens, _] = tokens;
        for (sum, used) in self.tokens.iter_mut().zip(tokens) {
            *sum += used;
        }
        let line = answer.pointer("/choices/0/message/content").and_then(Value::as_str).unwrap_or_default();
        self.asked.push(Asked { body, line: line.to_owned(), prompt_tokens, took: answered_in });
        let (act, read) = match slots.parse(line) {
            Some(Said::Plan(plan)) if check(&plan, &self.catalog, now()).is_ok() => {
                (Act::Answer, vec![*plan])
            }
            _ => (Act::Refuse, Vec::new()),
        };
        Ok(Given { act, read, told: line.to_owned(), took })
    }
}
