//! Asking in plain words.

use serde::{Deserialize, Serialize};

use crate::{catalog::Kind, problem::FieldError, query::Plan};

/// Longer questions are refused.
pub const MAX_QUESTION_CHARS: usize = 500;

/// `POST /api/ai/query`: exactly one of `question` and `plan`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuestionRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Run this instead of reading a question: chips and saved views.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// The plan that a follow-up ("and in Frankfurt?") edits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Plan>,
    /// IANA name; dates and days are cut in it. UTC when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

impl QuestionRequest {
    /// Every rule that needs no catalog.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        match (&self.question, &self.plan) {
            (None, None) => errors.push(FieldError::new("/question", "is needed, or a plan")),
            (Some(_), Some(_)) => errors.push(FieldError::new("/plan", "cannot stand beside a question")),
            (Some(question), None) if question.trim().is_empty() => {
                errors.push(FieldError::new("/question", "is empty"))
            }
            (Some(question), None) if question.chars().count() > MAX_QUESTION_CHARS => {
                errors.push(FieldError::new(
                    "/question",
                    format!("has more than {MAX_QUESTION_CHARS} characters"),
                ));
            }
            _ => {}
        }
        errors
    }
}

/// The answer to a question: one of three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum QuestionResponse {
    Answer(Box<Answer>),
    /// It cannot be answered, and why.
    Refused {
        refused: String,
        elapsed_ms: u64,
    },
    /// It has more than one reading, or an unsure one.
    Clarify {
        clarify: Vec<Reading>,
        elapsed_ms: u64,
    },
}

/// Rows, and how the question was understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    pub plan: Plan,
    /// The plan in words.
    pub sentence: String,
    /// The result in one sentence; its numbers come from the rows.
    pub summary: String,
    /// Where the summary's figures stand, in their order, and which cells they are.
    pub figures: Vec<SummaryFigure>,
    pub columns: Vec<Column>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Vec<Object>>))]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Rows there are, shown or not.
    pub total: i64,
    /// `rows` are not all of them.
    pub truncated: bool,
    pub read_by: ReadBy,
    /// 0 to 1; 1 for plans given as such.
    pub confidence: f64,
    pub elapsed_ms: u64,
    /// What was recognised in the question.
    pub links: Vec<Link>,
}

/// A figure of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryFigure {
    /// In characters of the summary, from 0.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    pub row: usize,
    pub column: usize,
}

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Column {
    pub name: String,
    /// For people.
    pub label: String,
    pub kind: Kind,
    pub unit: Option<String>,
}

/// Who understood the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    Rules,
    Model,
    /// Nobody had to: it came as a plan.
    Plan,
}

/// A possible meaning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reading {
    pub sentence: String,
    pub plan: Plan,
    pub read_by: ReadBy,
    pub confidence: f64,
}

/// A part of the question and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// In characters of the question, from 0.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// `region: eu-west-1`
    pub meaning: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_of_question_and_plan_is_taken() {
        let pointers = |it: QuestionRequest| it.check().into_iter().map(|e| e.pointer).collect::<Vec<_>>();
        let question = |text: &str| QuestionRequest { question: Some(text.into()), ..Default::default() };
        assert!(pointers(question("how many desktops?")).is_empty());
        assert_eq!(pointers(question("  ")), ["/question"]);
        assert_eq!(pointers(question(&"x".repeat(10_000))), ["/question"]);
        assert_eq!(pointers(QuestionRequest::default()), ["/question"]);
        assert_eq!(
            pointers(QuestionRequest { plan: Some(Plan::default()), ..question("how many?") }),
            ["/plan"]
        );
    }
}
