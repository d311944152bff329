//! A reading, and how sure what rules and models say of it makes.

use contract::{query::Plan, questions::ReadBy};
use domain::questions::confidence;

/// What is taken for the part of a reading that is not among what the model would write.
const UNHEARD: f64 = 0.02;

/// A reading with all that speaks for it.
pub(super) struct Candidate {
    pub(super) plan: Plan,
    pub(super) read_by: ReadBy,
    /// The rules are certain of it.
    pub(super) certain: bool,
    /// It leaves out nothing that was recognised.
    pub(super) whole: bool,
    /// The lines that mean it, each with its part in everything that the model might have written.
    pub(super) lines: Vec<(String, f64)>,
    /// The odds that the reranker gives that of them which it likes best.
    pub(super) reranked: Option<f64>,
    /// How sure that makes.
    pub(super) confidence: f64,
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
            reranked: None,
            confidence: confidence::weighed(UNHEARD, certain, 0.0),
        }
    }

    pub(super) fn share(&self) -> f64 {
        self.lines.iter().map(|(_, share)| share).sum::<f64>().min(1.0)
    }

    /// A line that means it; the same line counts once.
    pub(super) fn hear(&mut self, line: String, share: f64, reranked: f64) {
        self.reranked = Some(self.reranked.map_or(reranked, |it| it.max(reranked)));
        match self.lines.iter_mut().find(|(it, _)| *it == line) {
            Some((_, known)) => *known = known.max(share),
            None => self.lines.push((line, share)),
        }
        self.confidence = confidence::weighed(self.share(), self.certain, self.reranked.unwrap_or(0.0));
    }
}

pub(super) fn likeliest_first(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
}
