//! Questions that the rules do not read, or read in several ways: what the language models make of them.
//!
//! A model decides nothing that it is not sure of: what is below the settings' threshold is asked back, and so is a line
//! that leaves out what was recognised. The large model, where there is one, is asked only where the small one is unsure.

use std::time::Duration;

use assistant::{Assistant, AssistantError, Judged, Task};
use contract::{
    query::{Measure, Plan},
    questions::{QuestionResponse, ReadBy, Reading},
};
use domain::{
    catalog::check::check,
    questions::{
        grammar::{INSTRUCTIONS, Said, Slots},
        link::{Linked, StoredValue},
        rules::{
            self,
            confidence::{GUESS, OPEN, SETTLED},
        },
        words::Question,
    },
};

use super::Asker;
use crate::Result;

/// No line that people need has more tokens than this.
const TOKENS: u32 = 96;
/// The model that is asked where the small one is unsure, for one line, and how long it may take: people wait for it.
const LARGE: (&str, Duration) = ("large", Duration::from_secs(20));
/// What has a smaller part than this in everything that might have been written is a guess of a model that does not know:
/// nobody is asked about it, unless the house trusts its model with less.
const LEAST: f64 = 0.1;
/// As many readings are shown to choose from.
const READINGS: usize = 3;

/// A question as it is put to the models.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    pub(super) linked: &'a Linked,
    pub(super) stored: &'a [StoredValue],
    /// It follows this up. The models do not see it, so that what they read is never run unasked.
    pub(super) previous: Option<&'a Plan>,
}

/// A line that a model wrote or judged.
struct Voiced {
    line: String,
    said: Said,
    /// Its part in everything that might have been written.
    share: f64,
}

impl Asker<'_> {
    /// Answers what the rules did not read to the end. `guess` is what they made of the rest.
    pub(super) async fn ask_models(&self, asked: Asked<'_>, guess: Option<Plan>) -> Result<QuestionResponse> {
        let guess = guess.filter(|it| check(it, &self.catalog, self.at).is_ok());
        let mut voices = Vec::new();
        if self.settings.use_model {
            let slots = Slots::new(asked.question, &self.catalog, asked.stored, self.at);
            // As many rivals as there will be room for beside the line itself and the guess.
            let rivals = if guess.is_some() { 1 } else { 2 };
            voices = self.hear(&self.cx.app.assistant, &slots, rivals).await;
            if !voices.is_empty()
                && !self.is_sure(&voices)
                && let Some(large) = self.large().await
            {
                let more = self.hear(&large, &slots, 0).await;
                voices = more.into_iter().chain(voices).collect();
            }
            if self.is_sure(&voices)
                && let Some(best) = voices.first()
            {
                match &best.said {
                    // What the rules made of it is still worth a question back.
                    Said::None if guess.is_none() => {
                        return Ok(self.refused(rules::nothing_named(&self.catalog)));
                    }
                    Said::None => {}
                    Said::Plan(plan) if asked.previous.is_none() && slots.is_used_up(&best.line) => {
                        let links = asked.linked.links();
                        return self.run((**plan).clone(), ReadBy::Model, best.share, links).await;
                    }
                    Said::Plan(_) => {}
                }
            }
        }
        let refuses = voices.first().is_some_and(|it| it.said == Said::None);
        let mut readings: Vec<Reading> = Vec::new();
        let least = LEAST.min(self.settings.model_confidence);
        for it in voices.into_iter().filter(|it| it.share >= least) {
            if let Said::Plan(plan) = it.said {
                self.offer(&mut readings, *plan, ReadBy::Model, it.share);
            }
        }
        readings.truncate(READINGS - usize::from(guess.is_some()));
        if let Some(plan) = guess {
            self.offer(&mut readings, plan, ReadBy::Rules, GUESS);
        }
        if let [only] = readings.as_slice()
            && let Some(other) = list_or_count(&only.plan)
        {
            self.offer(&mut readings, other, ReadBy::Rules, GUESS);
        }
        if !readings.is_empty() {
            return Ok(self.clarify(readings));
        }
        let unknown: Vec<_> = asked.linked.unknown().into_iter().map(|it| format!("“{it}”")).collect();
        Ok(self.refused(match unknown.as_slice() {
            [] => rules::nothing_named(&self.catalog),
            _ if refuses => rules::nothing_named(&self.catalog),
            them => format!("I can't answer that, because I do not know {}.", them.join(", ")),
        }))
    }

    /// Puts readings that the words leave open into the order that the model holds likely. It chooses only where it is as
    /// good as certain.
    pub(super) async fn settle(&self, asked: Asked<'_>, plans: Vec<Plan>) -> Result<QuestionResponse> {
        let mut judged = Vec::new();
        if self.settings.use_model && asked.previous.is_none() {
            let slots = Slots::new(asked.question, &self.catalog, asked.stored, self.at);
            let lines: Option<Vec<String>> = plans.iter().map(|it| slots.write(it).ok()).collect();
            if let Some(lines) = lines {
                judged = self.judge(&slots, &lines).await;
            }
        }
        let share = |n: usize| judged.get(n).map(|it| it.share);
        let mut ranked: Vec<(Plan, Option<f64>)> =
            plans.into_iter().enumerate().map(|(n, it)| (it, share(n))).collect();
        ranked.sort_by(|a, b| b.1.unwrap_or(0.0).total_cmp(&a.1.unwrap_or(0.0)));
        if let Some((plan, Some(share))) = ranked.first()
            && *share >= SETTLED
        {
            return self.run(plan.clone(), ReadBy::Model, *share, asked.linked.links()).await;
        }
        let reading = |(plan, _)| self.reading(plan, ReadBy::Rules, OPEN);
        Ok(self.clarify(ranked.into_iter().map(reading).collect()))
    }

    /// The likeliest line and its rivals, those that are no line of the language left out; nothing when the model is away.
    async fn hear(&self, model: &Assistant, slots: &Slots, rivals: u32) -> Vec<Voiced> {
        let grammar = slots.grammar();
        let written = match model.write(task(slots, &grammar, rivals)).await {
            Ok(it) => it,
            Err(error) => {
                tracing::info!(model = model.model(), "Read without the model: {error}");
                return Vec::new();
            }
        };
        let best = Judged { text: written.text, share: written.confidence, logprob: 0.0 };
        let voiced = |it: Judged| {
            let said = slots.parse(&it.text);
            if said.is_none() {
                tracing::info!(model = model.model(), "The model wrote something that is no plan");
            }
            Some(Voiced { said: said?, line: it.text, share: it.share })
        };
        [best].into_iter().chain(written.rivals).filter_map(voiced).collect()
    }

    async fn judge(&self, slots: &Slots, lines: &[String]) -> Vec<Judged> {
        let grammar = slots.grammar();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        match self.cx.app.assistant.judge(task(slots, &grammar, 0), &lines).await {
            Ok(judged) => judged,
            Err(AssistantError::NoJudgement) => Vec::new(),
            Err(error) => {
                tracing::info!("Readings without the model's opinion: {error}");
                Vec::new()
            }
        }
    }

    fn is_sure(&self, voices: &[Voiced]) -> bool {
        voices.first().is_some_and(|it| it.share >= self.settings.model_confidence)
    }

    /// The large model, where the ai-tier has one besides the one that is asked anyway.
    async fn large(&self) -> Option<Assistant> {
        let (name, wait) = LARGE;
        let small = &self.cx.app.assistant;
        let models = small.models().await.ok().filter(|_| small.model() != name)?;
        models.iter().any(|it| it == name).then(|| small.with_model(name, wait))
    }

    /// Adds a reading that means something else than those before.
    fn offer(&self, readings: &mut Vec<Reading>, plan: Plan, read_by: ReadBy, confidence: f64) {
        let reading = self.reading(plan, read_by, confidence);
        let known = |it: &Reading| it.plan == reading.plan || it.sentence == reading.sentence;
        if !readings.iter().any(known) {
            readings.push(reading);
        }
    }
}

fn task<'a>(slots: &'a Slots, grammar: &'a str, rivals: u32) -> Task<'a> {
    Task { instructions: INSTRUCTIONS, question: slots.masked(), grammar, max_tokens: TOKENS, rivals }
}

/// A list beside the count, and the other way round: the commonest slip.
fn list_or_count(plan: &Plan) -> Option<Plan> {
    let other = if plan.measures.is_empty() {
        Plan {
            measures: vec![Measure::count()],
            columns: Vec::new(),
            order: None,
            limit: None,
            ..plan.clone()
        }
    } else if plan.group_by.is_empty() {
        Plan {
            measures: Vec::new(),
            part: Vec::new(),
            compare: None,
            order: None,
            limit: None,
            ..plan.clone()
        }
    } else {
        return None;
    };
    Some(other)
}
