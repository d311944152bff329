//! A question as it stands in the address, so that a link asks the same thing. Pure.

use contract::{query::Plan, questions::QuestionRequest};

/// What is asked: words, or a plan that chips have changed since.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Question {
    pub(super) words: String,
    /// Run instead of the words.
    pub(super) plan: Option<Plan>,
    /// What a follow-up edits.
    pub(super) previous: Option<Plan>,
}

impl Question {
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Self {
        let mut it = Self::default();
        for (name, value) in pairs {
            // A plan that cannot be read is as good as none: the words are still there.
            match name.as_str() {
                "q" => it.words.clone_from(value),
                "plan" => it.plan = serde_json::from_str(value).ok(),
                "previous" => it.previous = serde_json::from_str(value).ok(),
                _ => {}
            }
        }
        it
    }

    pub(super) fn to_pairs(&self) -> Vec<(String, String)> {
        let json = |plan: &Option<Plan>| plan.as_ref().and_then(|it| serde_json::to_string(it).ok());
        let words = (!self.words.is_empty()).then(|| self.words.clone());
        [("q", words), ("plan", json(&self.plan)), ("previous", json(&self.previous))]
            .into_iter()
            .filter_map(|(name, value)| value.map(|it| (name.to_owned(), it)))
            .collect()
    }

    /// Nothing is asked.
    pub(super) fn is_empty(&self) -> bool {
        self.words.trim().is_empty() && self.plan.is_none()
    }

    /// As the API takes it.
    pub(super) fn request(&self, timezone: Option<String>) -> QuestionRequest {
        match &self.plan {
            Some(plan) => {
                QuestionRequest { plan: Some(plan.clone()), timezone, ..QuestionRequest::default() }
            }
            None => QuestionRequest {
                question: Some(self.words.clone()),
                previous: self.previous.clone(),
                timezone,
                ..QuestionRequest::default()
            },
        }
    }
}

/// The newest first, each once, at most this many.
const REMEMBERED: usize = 20;

/// The history after one more question.
pub(super) fn remembered(history: &[String], words: &str) -> Vec<String> {
    let mut next = vec![words.trim().to_owned()];
    next.extend(history.iter().filter(|it| !it.eq_ignore_ascii_case(words.trim())).cloned());
    next.truncate(REMEMBERED);
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::url;

    #[test]
    fn a_question_survives_the_address() {
        let plan = Plan { entity: "workspaces".into(), limit: Some(5), ..Plan::default() };
        let it = Question { words: "top 5 & more?".into(), plan: Some(plan.clone()), previous: Some(plan) };
        let address = url::query(&it.to_pairs());
        assert_eq!(Question::from_pairs(&url::pairs(&address)), it);
        assert_eq!(Question::from_pairs(&url::pairs("plan=%7Bbroken&q=x")).plan, None);
    }

    #[test]
    fn a_plan_is_run_instead_of_the_words() {
        let words = Question { words: "how many?".into(), ..Question::default() };
        assert!(words.request(None).check().is_empty());
        let planned = Question { plan: Some(Plan::default()), ..words };
        assert!(planned.request(None).check().is_empty());
        assert_eq!(planned.request(None).question, None);
    }

    #[test]
    fn a_question_is_remembered_once() {
        let history = remembered(&["a".into(), "b".into()], " B ");
        assert_eq!(history, ["B", "a"]);
        let long: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        assert_eq!(remembered(&long, "x").len(), REMEMBERED);
    }
}
