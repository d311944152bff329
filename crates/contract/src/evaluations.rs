//! How well questions are read here: those whose meaning is known, put to the rules and models that this installation has.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ids::EvaluationId, jobs::Job, names::words};

words! {
    /// What became of a question whose meaning is known.
    pub enum Verdict {
        /// Answered as it was meant, or held back where it cannot be told or means several things.
        Right = "right";
        /// Asked back, and one of the readings is what was meant.
        AskedRight = "asked_right";
        /// Asked back without it.
        AskedWrong = "asked_wrong";
        /// Refused, although the data can tell.
        Refused = "refused";
        /// Answered with confidence, and not what was meant.
        Wrong = "wrong";
    }
}

/// How often each verdict was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdicts {
    pub right: u32,
    pub asked_right: u32,
    pub asked_wrong: u32,
    pub refused: u32,
    pub wrong: u32,
}

impl Verdicts {
    pub fn add(&mut self, verdict: Verdict) {
        let of = match verdict {
            Verdict::Right => &mut self.right,
            Verdict::AskedRight => &mut self.asked_right,
            Verdict::AskedWrong => &mut self.asked_wrong,
            Verdict::Refused => &mut self.refused,
            Verdict::Wrong => &mut self.wrong,
        };
        *of += 1;
    }

    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Right => self.right,
            Verdict::AskedRight => self.asked_right,
            Verdict::AskedWrong => self.asked_wrong,
            Verdict::Refused => self.refused,
            Verdict::Wrong => self.wrong,
        }
    }

    #[must_use]
    pub fn all(&self) -> u32 {
        Verdict::ALL.iter().map(|it| self.of(*it)).sum()
    }
}

/// The questions about one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// The entity's name in plans; none of those that cannot be told or mean several things.
    pub entity: Option<String>,
    pub verdicts: Verdicts,
}

/// A question that was not read right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Miss {
    pub question: String,
    pub verdict: Verdict,
    /// What it was taken to mean, in words, or why it was refused.
    pub told: String,
}

/// One evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    pub id: EvaluationId,
    /// Who asked for it, by username.
    pub started_by: Option<String>,
    pub finished_at: DateTime<Utc>,
    /// The model that was asked where the rules were unsure; none when it was away or is not used.
    pub model: Option<String>,
    /// Changes with the questions, the release, its catalog, the house's synonyms and the settings that decide.
    pub catalog: String,
    pub groups: Vec<Group>,
    /// Of the newest evaluation only.
    pub misses: Vec<Miss>,
    /// From question to decision, in milliseconds: the median, and what 95 of a hundred need at most.
    pub median_ms: u32,
    pub p95_ms: u32,
}

impl Evaluation {
    /// Of the questions that can be answered.
    #[must_use]
    pub fn answerable(&self) -> Verdicts {
        self.sum(|it| it.entity.is_some())
    }

    /// Of those that cannot be told or mean several things.
    #[must_use]
    pub fn unanswerable(&self) -> Verdicts {
        self.sum(|it| it.entity.is_none())
    }

    fn sum(&self, of: impl Fn(&Group) -> bool) -> Verdicts {
        let groups = self.groups.iter().filter(|it| of(it)).map(|it| it.verdicts);
        groups.fold(Verdicts::default(), |sum, it| Verdicts {
            right: sum.right + it.right,
            asked_right: sum.asked_right + it.asked_right,
            asked_wrong: sum.asked_wrong + it.asked_wrong,
            refused: sum.refused + it.refused,
            wrong: sum.wrong + it.wrong,
        })
    }
}

/// `GET /api/admin/evaluations`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluations {
    /// As many questions are put.
    pub questions: u32,
    /// Model, catalog, synonyms or settings are others than those of the newest evaluation.
    pub outdated: bool,
    /// The one under way.
    pub running: Option<Job>,
    /// The newest first.
    pub items: Vec<Evaluation>,
}
