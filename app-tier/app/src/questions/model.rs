//! The second opinion: what the language models make of a question that the rules have read, half read or not read.
//!
//! Rules and model decide together: how sure both make of a reading says [`confidence::weighed`], to which the reranker adds
//! what the words alone tell; what is below the settings' threshold is asked back, as is a line of the model's own that leaves
//! out what was recognised. The large model, where there is one, is asked only what the rules have not read, where the small one
//! is unsure. Without a model rules and reranker decide.

mod candidate;

use std::{sync::atomic::Ordering, time::Duration};

use assistant::{Assistant, AssistantError, Judged, Task};
use contract::{
    query::{Measure, Plan},
    questions::{ReadBy, Reading},
};
use domain::{
    catalog::check::answers,
    questions::{
        confidence::{self, GUESS, OPEN},
        grammar::{INSTRUCTIONS, Said, Slots},
        link::{Linked, StoredValue},
        reranker, rules,
        words::Question,
    },
};

use tokio::time::timeout;

use self::candidate::{Candidate, Line, likeliest_first};
use super::{Asker, Decision};

/// No line that people need has more tokens than this.
const TOKENS: u32 = 96;
/// The model that is asked where the small one is unsure, for one line, and how long it may take: people wait for it.
const LARGE: (&str, Duration) = ("large", Duration::from_secs(20));
/// What has a smaller part than this in everything that might have been written is a guess of a model that does not know:
/// nobody is asked about it, unless the house trusts in less.
const LEAST: f64 = 0.1;
/// So many other lines are asked for beside the likeliest: room is for no more.
const RIVALS: u32 = 2;
/// How long what the rules have read waits for the model's opinion of it.
const SECOND_OPINION: Duration = Duration::from_secs(3);
/// As many readings are shown to choose from; all that the rules hold for open, and one of the model's besides.
const READINGS: usize = 3;

/// What the rules made of a question that they did not refuse.
pub(super) enum ByRules {
    /// Of one reading they are certain.
    Certain(Plan),
    /// Readings that the words leave open.
    Open(Vec<Plan>),
    /// Something is left over; what the rest says, if it says anything.
    Rest(Option<Plan>),
}

impl ByRules {
    fn is_certain(&self) -> bool {
        matches!(self, ByRules::Certain(..))
    }

    fn plans(&self) -> &[Plan] {
        match self {
            ByRules::Certain(plan) => std::slice::from_ref(plan),
            ByRules::Open(plans) => plans,
            ByRules::Rest(guess) => guess.as_slice(),
        }
    }
}

/// A question as it is put to the models.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    pub(super) linked: &'a Linked,
    pub(super) stored: &'a [StoredValue],
    /// The plan on the screen, which it may follow up.
    pub(super) previous: Option<&'a Plan>,
}

/// A line that a model wrote.
struct Voiced {
    line: String,
    said: Said,
    /// Its part in everything that might have been written.
    share: f64,
    /// It leaves out nothing that was recognised.
    whole: bool,
}

/// What models make of a question.
struct Heard {
    /// The likeliest first.
    candidates: Vec<Candidate>,
    /// How sure they are that there is none, where that comes first.
    refuses: Option<f64>,
    /// There is a reading of the rules that the models have no words for.
    wordless: bool,
}

impl Asker<'_> {
    /// Answers by the reading that rules and model together are sure of, or asks back.
    pub(super) async fn weigh(&self, asked: Asked<'_>, read: ByRules) -> Decision {
        let slots = self.slots(&asked);
        let heard = match &read {
            _ if !self.settings.use_model => None,
            // What the model was not taught it cannot judge.
            ByRules::Certain(plan) if !slots.is_taught(plan) => None,
            ByRules::Rest(_) => self.heard(&slots, &read).await,
            // What does not see all has no say in what the rules have read.
            _ if !slots.sees_all() => None,
            _ => self.soon(self.heard(&slots, &read)).await.flatten(),
        };
        let Some(Heard { candidates, refuses, wordless }) = heard else {
            return self.by_rules(&asked, &slots, read);
        };
        if let Some(best) = candidates.first().filter(|it| self.is_sure(it.confidence))
            && slots.sees_all()
            && best.whole
            && !best.lines.is_empty()
            // What the model has no words for it cannot outweigh, however sure it is.
            && (best.certain || !wordless && slots.is_taught(&best.plan))
        {
            return Decision::Run {
                plan: Box::new(best.plan.clone()),
                read_by: if best.certain { ReadBy::Rules } else { ReadBy::Model },
                confidence: best.confidence,
                links: asked.linked.links(),
            };
        }
        // What the rules made of it is still worth a question back.
        if read.plans().is_empty() && refuses.is_some_and(|it| self.is_sure(it)) {
            return Decision::Refuse(rules::nothing_named(&self.catalog));
        }
        self.ask_back(&asked, candidates, refuses.is_some())
    }

    fn is_sure(&self, confidence: f64) -> bool {
        confidence >= self.settings.least_confidence
    }

    /// As rules and reranker have it, without a model that would say more.
    fn by_rules(&self, asked: &Asked<'_>, slots: &Slots, read: ByRules) -> Decision {
        match read {
            ByRules::Certain(plan) => {
                let confidence = confidence::by_rules(reranker::odds_of(slots, &plan));
                if self.is_sure(confidence) {
                    let links = asked.linked.links();
                    return Decision::Run { plan: Box::new(plan), read_by: ReadBy::Rules, confidence, links };
                }
                let doubted = Candidate { confidence, ..Candidate::new(plan, ReadBy::Rules, true) };
                self.ask_back(asked, vec![doubted], false)
            }
            ByRules::Open(plans) => {
                let reading = |plan| self.reading(plan, ReadBy::Rules, OPEN);
                Decision::AskBack(plans.into_iter().map(reading).collect())
            }
            ByRules::Rest(guess) => {
                let of_rules =
                    |plan| Candidate { confidence: GUESS, ..Candidate::new(plan, ReadBy::Rules, false) };
                self.ask_back(asked, guess.map(of_rules).into_iter().collect(), false)
            }
        }
    }

    /// What the models make of a question, the likeliest reading first. `None`: they have no opinion.
    async fn heard(&self, slots: &Slots, read: &ByRules) -> Option<Heard> {
        let (certain, rest) = (read.is_certain(), matches!(read, ByRules::Rest(_)));
        let lines: Vec<Option<String>> = read.plans().iter().map(|it| slots.write(it).ok()).collect();
        let of_rules = |(plan, line): (&Plan, &Option<String>)| Candidate {
            // What leaves something over may leave out what was recognised.
            whole: !rest || line.as_ref().is_some_and(|it| slots.is_used_up(it)),
            ..Candidate::new(plan.clone(), ReadBy::Rules, certain)
        };
        let mut candidates: Vec<Candidate> = read.plans().iter().zip(&lines).map(of_rules).collect();
        let wordless = !rest && lines.contains(&None);
        // Of what is left over little is to be expected: what speaks for it, the model writes.
        let known: Vec<String> = lines.iter().flatten().filter(|_| !rest).cloned().collect();
        if !known.is_empty() {
            let judged = self.judge(slots, &known).await;
            if judged.is_empty() {
                return None;
            }
            for (candidate, line) in candidates.iter_mut().zip(&lines) {
                for it in judged.iter().filter(|it| Some(&it.text) == line.as_ref()) {
                    candidate.hear(Line::new(slots, it.text.clone(), it.share));
                }
            }
            likeliest_first(&mut candidates);
            if candidates.first().is_some_and(|it| self.is_sure(it.confidence) && (it.certain || !wordless)) {
                return Some(Heard { candidates, refuses: None, wordless });
            }
        }
        let voices = self.hear(&self.app.assistant, slots, RIVALS).await;
        let Some(first) = voices.first() else {
            return (!certain && !known.is_empty()).then_some(Heard { candidates, refuses: None, wordless });
        };
        if certain && first.share < LEAST {
            return None;
        }
        let mut refuses = refusal(first);
        self.add(&mut candidates, slots, voices);
        let sure = |it: f64| self.is_sure(it);
        let decided = candidates.iter().any(|it| sure(it.confidence)) || refuses.is_some_and(sure);
        if rest
            && !decided
            && let Some(large) = self.large().await
        {
            let voices = self.hear(&large, slots, 0).await;
            refuses = voices.first().and_then(refusal).or(refuses);
            let mut theirs = Vec::new();
            self.add(&mut theirs, slots, voices);
            self.take_surer(&mut candidates, theirs);
        }
        likeliest_first(&mut candidates);
        Some(Heard { candidates, refuses, wordless })
    }

    /// Adds what a model says to the readings: lines that mean the same are one.
    fn add(&self, candidates: &mut Vec<Candidate>, slots: &Slots, voices: Vec<Voiced>) {
        for Voiced { line, said, share, whole } in voices {
            let Said::Plan(plan) = said else { continue };
            let line = Line::new(slots, line, share);
            if let Some(it) = candidates.iter_mut().find(|it| self.is_same(&it.plan, &plan)) {
                it.whole |= whole;
                it.hear(line);
                continue;
            }
            let mut it = Candidate { whole, ..Candidate::new(*plan, ReadBy::Model, false) };
            it.hear(line);
            candidates.push(it);
        }
    }

    /// What another model says counts instead, where it is surer of it.
    fn take_surer(&self, candidates: &mut Vec<Candidate>, theirs: Vec<Candidate>) {
        for their in theirs {
            match candidates.iter_mut().find(|it| self.is_same(&it.plan, &their.plan)) {
                Some(it) if it.confidence < their.confidence => {
                    (it.lines, it.confidence, it.whole) = (their.lines, their.confidence, their.whole);
                }
                Some(_) => {}
                None => candidates.push(their),
            }
        }
    }

    fn is_same(&self, one: &Plan, other: &Plan) -> bool {
        let says = |it: &Plan, other: &Plan| answers(it, other, &self.catalog, self.at);
        one == other || says(one, other) && says(other, one)
    }

    /// The readings to choose from; where there is none, what is not understood.
    fn ask_back(&self, asked: &Asked<'_>, candidates: Vec<Candidate>, refuses: bool) -> Decision {
        let (by_rules, by_model): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|it| it.read_by == ReadBy::Rules);
        let room = READINGS.saturating_sub(by_rules.len()).max(1);
        let likely = |it: &Candidate| it.share() >= LEAST || self.is_sure(it.confidence);
        let mut all: Vec<Candidate> =
            by_rules.into_iter().chain(by_model.into_iter().filter(likely).take(room)).collect();
        likeliest_first(&mut all);
        let mut readings: Vec<Reading> = Vec::new();
        for it in all {
            self.offer(&mut readings, it.plan, it.read_by, it.confidence);
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

    /// The question as the models read it, and the reranker.
    fn slots(&self, asked: &Asked<'_>) -> Slots {
        Slots::asked(asked.previous, asked.question, &self.catalog, asked.stored, self.at)
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
            Some(Voiced { said: said?, share: it.share, whole: slots.is_used_up(&it.text), line: it.text })
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
            let less = GUESS.min(only.confidence / 2.0);
            self.offer(readings, other, ReadBy::Rules, less);
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

/// How sure a model is that there is no reading, if that is what it says.
fn refusal(voice: &Voiced) -> Option<f64> {
    (voice.said == Said::None).then(|| confidence::refuses(voice.share))
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
