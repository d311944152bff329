//! A reading, and how sure what rules and models say of it makes.

use contract::{query::Plan, questions::ReadBy};
use domain::questions::rules::confidence::{self, Support};

/// What is taken for the part of a reading that is not among what the model would write.
const UNHEARD: f64 = 0.02;

/// A reading with all that speaks for it.
pub(super) struct Candidate {
    pub(super) plan: Plan,
    pub(super) read_by: ReadBy,
    pub(super) support: Support,
    /// It leaves out nothing that was recognised.
    pub(super) whole: bool,
    /// The lines that mean it, each with its part in everything that the model might have written.
    pub(super) lines: Vec<(String, f64)>,
    /// How sure that makes.
    pub(super) confidence: f64,
}

impl Candidate {
    /// Of which no model has said anything.
    pub(super) fn new(plan: Plan, read_by: ReadBy, support: Support) -> Self {
        Self {
            plan,
            read_by,
            support,
            whole: true,
            lines: Vec::new(),
            confidence: confidence::weighed(UNHEARD, support),
        }
    }

    pub(super) fn is_certain(&self) -> bool {
        self.support == Support::Certain
    }

    pub(super) fn share(&self) -> f64 {
        self.lines.iter().map(|(_, share)| share).sum::<f64>().min(1.0)
    }

    /// A line that means it; the same line counts once.
    pub(super) fn hear(&mut self, line: String, share: f64) {
        match self.lines.iter_mut().find(|(it, _)| *it == line) {
            Some((_, known)) => *known = known.max(share),
            None => self.lines.push((line, share)),
        }
        self.confidence = confidence::weighed(self.share(), self.support);
    }
}

pub(super) fn likeliest_first(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
}
