//! The second opinion: what the language models make of a question that the rules have read, half read or not read.
//!
//! A model decides nothing that it is not sure of: what is below the settings' threshold is asked back, and so is a line
//! that leaves out what was recognised. Nor do the rules where the small model would say something else: then both are asked
//! back, or the model's is run where it is sure. The large model, where there is one, is asked only where neither is sure.
//! Without a model the rules answer alone.

use std::{sync::atomic::Ordering, time::Duration};

use assistant::{Assistant, AssistantError, Judged, Task};
use contract::{
    query::{Measure, Plan},
    questions::{ReadBy, Reading},
};
use domain::{
    catalog::check::{answers, check},
    questions::{
        grammar::{INSTRUCTIONS, Said, Slots},
        link::{Linked, StoredValue},
        rules::{
            self,
            confidence::{GUESS, OPEN},
        },
        words::Question,
    },
};

use tokio::time::timeout;

use super::{Asker, Decision};

/// No line that people need has more tokens than this.
const TOKENS: u32 = 96;
/// The model that is asked where the small one is unsure, for one line, and how long it may take: people wait for it.
const LARGE: (&str, Duration) = ("large", Duration::from_secs(20));
/// What has a smaller part than this in everything that might have been written is a guess of a model that does not know:
/// nobody is asked about it, unless the house trusts its model with less.
const LEAST: f64 = 0.1;
/// How long what the rules have read waits for the model's opinion of it.
const SECOND_OPINION: Duration = Duration::from_secs(3);
/// As many readings are shown to choose from.
const READINGS: usize = 3;
/// A model that gives a line of the rules this part in everything that might have been written agrees. Counted with the
/// adapter of 397fec4 on the 900 questions of `validation.jsonl`, `validation-2.jsonl` and `development-5.jsonl`, which
/// did not teach it (though the last one's failures told what to write more of): of 489 that the rules were certain of and the
/// model gave more than this, 473 were right; of 112 that it gave less, 50. Where it gave less and something else nine tenths,
/// that was right 39 times of 40.
const AGREED: f64 = 0.3;

/// A question as it is put to the models.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    pub(super) linked: &'a Linked,
    pub(super) stored: &'a [StoredValue],
    /// The plan on the screen, which it may follow up.
    pub(super) previous: Option<&'a Plan>,
}

impl Asked<'_> {
    /// The model's reading runs.
    fn by_model(&self, plan: &Plan, share: f64) -> Decision {
        Decision::Run {
            plan: Box::new(plan.clone()),
            read_by: ReadBy::Model,
            confidence: share,
            links: self.linked.links(),
        }
    }
}

/// A question in the model's language.
struct Put {
    slots: Slots,
    /// The model sees what the question may follow up. Where it does not, nothing that it reads is run unasked.
    sees_all: bool,
}

/// A line that a model wrote or judged.
struct Voiced {
    said: Said,
    /// Its part in everything that might have been written.
    share: f64,
    /// It leaves out nothing that was recognised.
    whole: bool,
}

/// What the model would rather say than a plan of the rules.
struct Doubts {
    voices: Vec<Voiced>,
    /// It could have said that plan, too. What it has no words for it cannot outweigh, however sure it is.
    weighed: bool,
}

impl Asker<'_> {
    /// Answers by a reading that the rules are certain of, unless the model takes the question for something else.
    pub(super) async fn confirm(&self, asked: Asked<'_>, plan: Plan, confidence: f64) -> Decision {
        let Some(doubts) = self.soon(self.doubts(&asked, &plan)).await.flatten() else {
            let links = asked.linked.links();
            let plan = Box::new(plan);
            return Decision::Run { plan, read_by: ReadBy::Rules, confidence, links };
        };
        // Of questions by others the model reads more than the rules: what it is sure of goes before what they are certain of.
        if doubts.weighed
            && let Some(Voiced { said: Said::Plan(plan), share, whole: true }) = doubts.voices.first()
            && *share >= self.settings.model_confidence
        {
            return asked.by_model(plan, *share);
        }
        let mut readings = Vec::new();
        self.offer(&mut readings, plan, ReadBy::Rules, OPEN);
        for it in doubts.voices {
            if let Said::Plan(plan) = it.said {
                self.offer(&mut readings, *plan, ReadBy::Model, it.share);
            }
        }
        self.offer_beside_one(&mut readings);
        Decision::AskBack(readings)
    }

    /// What the model would rather say than `plan`, of which `none` may be a part. `None`: it agrees, or it has no opinion,
    /// since it is not there, or has no words for the plan on the screen. Of four of the 900 questions whose plan it had
    /// no words for it read two the same way all the same, which were right, and two otherwise, which were wrong.
    async fn doubts(&self, asked: &Asked<'_>, plan: &Plan) -> Option<Doubts> {
        let Put { slots, sees_all: true } = self.put(asked)? else { return None };
        let line = slots.write(plan).ok();
        if let Some(line) = &line
            && self.judge(&slots, std::slice::from_ref(line)).await.first()?.share >= AGREED
        {
            return None;
        }
        let same = |it: &Voiced| matches!(&it.said, Said::Plan(other) if answers(other, plan, &self.catalog, self.at));
        let mut voices = self.hear(&self.app.assistant, &slots, 1).await;
        // The same in other words is no doubt either.
        if voices.first().is_none_or(|it| it.share < LEAST || same(it)) {
            return None;
        }
        voices.retain(|it| it.share >= LEAST && !same(it));
        Some(Doubts { voices, weighed: line.is_some() })
    }

    /// Answers what the rules did not read to the end. `guess` is what they made of the rest.
    pub(super) async fn ask_models(&self, asked: Asked<'_>, guess: Option<Plan>) -> Decision {
        let guess = guess.filter(|it| check(it, &self.catalog, self.at).is_ok());
        let mut voices = Vec::new();
        if let Some(Put { slots, sees_all }) = self.put(&asked) {
            // As many rivals as there will be room for beside the line itself and the guess.
            let rivals = if guess.is_some() { 1 } else { 2 };
            voices = self.hear(&self.app.assistant, &slots, rivals).await;
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
                        return Decision::Refuse(rules::nothing_named(&self.catalog));
                    }
                    Said::None => {}
                    Said::Plan(plan) if sees_all && best.whole => {
                        return asked.by_model(plan, best.share);
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
        self.offer_beside_one(&mut readings);
        if !readings.is_empty() {
            return Decision::AskBack(readings);
        }
        let unknown: Vec<_> = asked.linked.unknown().into_iter().map(|it| format!("“{it}”")).collect();
        Decision::Refuse(match unknown.as_slice() {
            [] => rules::nothing_named(&self.catalog),
            _ if refuses => rules::nothing_named(&self.catalog),
            them => format!("I can't answer that, because I do not know {}.", them.join(", ")),
        })
    }

    /// Asks back between readings that the words leave open, in the order that the model holds likely. Of a question that
    /// stands alone it decides nothing here: of nine such in `development-4.jsonl` seven have to be asked back, that of which it
    /// is surest (0.98) among them. After an answer, what is open is mostly whether it is followed up, which the model sees: in
    /// `validation-2.jsonl` all of 13 readings of which it was sure were right.
    pub(super) async fn settle(&self, asked: Asked<'_>, plans: Vec<Plan>) -> Decision {
        let mut judged = Vec::new();
        if let Some(Put { slots, sees_all: true }) = self.put(&asked) {
            let lines: Option<Vec<String>> = plans.iter().map(|it| slots.write(it).ok()).collect();
            if let Some(lines) = lines {
                judged = self.soon(self.judge(&slots, &lines)).await.unwrap_or_default();
                let sure =
                    |it: &Judged| it.share >= self.settings.model_confidence && slots.is_used_up(&it.text);
                if asked.previous.is_some()
                    && let Some((plan, it)) = plans.iter().zip(&judged).find(|(_, it)| sure(it))
                {
                    return asked.by_model(plan, it.share);
                }
            }
        }
        let share = |n: usize| judged.get(n).map_or(0.0, |it| it.share);
        let mut ranked: Vec<(Plan, f64)> =
            plans.into_iter().enumerate().map(|(n, it)| (it, share(n))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        let reading = |(plan, _)| self.reading(plan, ReadBy::Rules, OPEN);
        Decision::AskBack(ranked.into_iter().map(reading).collect())
    }

    /// The question as the models read it; `None` where the house uses none.
    fn put(&self, asked: &Asked<'_>) -> Option<Put> {
        if !self.settings.use_model {
            return None;
        }
        let (question, stored) = (asked.question, asked.stored);
        let after = asked.previous.and_then(|it| Slots::after(it, question, &self.catalog, stored, self.at));
        let sees_all = after.is_some() || asked.previous.is_none();
        let slots = after.unwrap_or_else(|| Slots::new(question, &self.catalog, stored, self.at));
        Some(Put { slots, sees_all })
    }

    /// The likeliest line and its rivals, those that are no line of the language left out; nothing when the model is away.
    async fn hear(&self, model: &Assistant, slots: &Slots, rivals: u32) -> Vec<Voiced> {
        let grammar = slots.grammar();
        let written = match model.write(task(slots, &grammar, rivals)).await {
            Ok(it) => it,
            Err(error) => {
                // That the large one is too slow for a machine, is how that machine reads.
                if model.model() == self.app.assistant.model() {
                    self.unheard.store(true, Ordering::Relaxed);
                }
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
            Some(Voiced { said: said?, share: it.share, whole: slots.is_used_up(&it.text) })
        };
        [best].into_iter().chain(written.rivals).filter_map(voiced).collect()
    }

    async fn judge(&self, slots: &Slots, lines: &[String]) -> Vec<Judged> {
        let grammar = slots.grammar();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        match self.app.assistant.judge(task(slots, &grammar, 0), &lines).await {
            Ok(judged) => judged,
            Err(AssistantError::NoJudgement) => Vec::new(),
            Err(error) => {
                self.unheard.store(true, Ordering::Relaxed);
                tracing::info!("Readings without the model's opinion: {error}");
                Vec::new()
            }
        }
    }

    /// A second opinion, if it comes in time: all of it, however many calls it takes.
    async fn soon<T>(&self, opinion: impl Future<Output = T>) -> Option<T> {
        let heard = timeout(SECOND_OPINION, opinion).await.ok();
        if heard.is_none() {
            self.unheard.store(true, Ordering::Relaxed);
            tracing::info!("The second opinion did not come in time");
        }
        heard
    }

    fn is_sure(&self, voices: &[Voiced]) -> bool {
        voices.first().is_some_and(|it| it.share >= self.settings.model_confidence)
    }

    /// The large model, where the ai-tier has one besides the one that is asked anyway.
    async fn large(&self) -> Option<Assistant> {
        let (name, wait) = LARGE;
        let small = &self.app.assistant;
        let models = small.models().await.ok().filter(|_| small.model() != name)?;
        models.iter().any(|it| it == name).then(|| small.with_model(name, wait))
    }

    /// One reading alone is no choice.
    fn offer_beside_one(&self, readings: &mut Vec<Reading>) {
        if let [only] = readings.as_slice()
            && let Some(other) = list_or_count(&only.plan)
        {
            self.offer(readings, other, ReadBy::Rules, GUESS);
        }
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
