//! Words that a house has of its own: "pool machines" for what the catalog calls desktops, "HQ" for a region.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ids::SynonymId, problem::FieldError};

/// The longest of either side, in characters.
pub const MAX_SYNONYM_CHARS: usize = 60;
/// Each is looked for in every question.
pub const MOST_SYNONYMS: i64 = 500;

/// `GET /api/synonyms`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Synonym {
    pub id: SynonymId,
    /// What people say.
    pub phrase: String,
    /// What is read in its place.
    pub means: String,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
}

/// `POST /api/synonyms`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewSynonym {
    /// No other has it, however it is written.
    pub phrase: String,
    /// Words that are understood already.
    pub means: String,
}

impl NewSynonym {
    /// Every rule that needs neither catalog nor database.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (pointer, text) in [("/phrase", &self.phrase), ("/means", &self.means)] {
            if !(1..=MAX_SYNONYM_CHARS).contains(&text.trim().chars().count()) {
                errors.push(FieldError::new(pointer, format!("has 1 to {MAX_SYNONYM_CHARS} characters")));
            } else if text.chars().any(char::is_control) {
                errors.push(FieldError::new(pointer, "is one line of text"));
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_one_short_line() {
        let faults = |phrase: &str, means: &str| -> Vec<String> {
            let new = NewSynonym { phrase: phrase.to_owned(), means: means.to_owned() };
            new.check().into_iter().map(|it| it.pointer).collect()
        };
        assert!(faults("HQ", "Frankfurt").is_empty());
        assert_eq!(faults(" ", &"x".repeat(61)), ["/phrase", "/means"]);
        assert_eq!(faults("a\nb", "c"), ["/phrase"]);
    }
}
