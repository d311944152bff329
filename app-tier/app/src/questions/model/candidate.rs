//! A reading, and how sure what rules and models say of it makes.

use contract::{query::Plan, questions::ReadBy};
use domain::questions::{confidence, grammar::Slots, reranker};

/// What is taken for the part of a reading that is not among what the model would write.
const UNHEARD: f64 = 0.02;

/// A line that means a reading.
pub(super) struct Line {
    pub(super) text: String,
    /// Its part in everything that the model might have written.
    pub(super) share: f64,
    /// The odds that the reranker gives it.
    pub(super) reranked: f64,
}

/// A reading with all that speaks for it.
pub(super) struct Candidate {
    pub(super) plan: Plan,
    pub(super) read_by: ReadBy,
    /// The rules are certain of it.
    pub(super) certain: bool,
    /// It leaves out nothing that was recognised.
    pub(super) whole: bool,
    pub(super) lines: Vec<Line>,
    /// How sure that makes.
    pub(super) confidence: f64,
}

impl Line {
    pub(super) fn new(slots: &Slots, text: String, share: f64) -> Self {
        Self { share, reranked: reranker::odds(slots, &text), text }
    }
}

impl Candidate {
    /// Of which no model has said anything.
    pub(super) fn new(plan: Plan, read_by: ReadBy, certain: bool) -> Self {
        Self {
            plan,
            read_by,
            certain,
            whole: true,
            lines: Vec::new(),
            confidence: confidence::weighed(UNHEARD, certain, 0.0),
        }
    }

    pub(super) fn share(&self) -> f64 {
        self.lines.iter().map(|it| it.share).sum::<f64>().min(1.0)
    }

    /// A line that means it; the same line counts once.
    pub(super) fn hear(&mut self, line: Line) {
        match self.lines.iter_mut().find(|it| it.text == line.text) {
            Some(known) => known.share = known.share.max(line.share),
            None => self.lines.push(line),
        }
        let best = self.lines.iter().map(|it| it.reranked).reduce(f64::max).unwrap_or(0.0);
        self.confidence = confidence::weighed(self.share(), self.certain, best);
    }
}

pub(super) fn likeliest_first(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
}
