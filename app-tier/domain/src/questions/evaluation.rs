//! Questions whose meaning is known, by which a reader is judged, whoever it is.
//!
//! A set is text: questions as lines of JSON, and the values that a database would know, divided by tabs. What a question
//! is put to, and whether two plans have the same rows, others say. Invariant: asking back is never wrong, and to answer
//! with confidence what cannot be told, or means several things, always is.

use chrono::{Datelike, Months, NaiveDate};
use contract::{evaluations::Verdict, query::Plan};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{
    link::{By, Lookup, NEVER_IN_PART, StoredValue},
    words::{self, parts, squash},
};

/// Two names of which less than this is alike are different words; what PostgreSQL's trigrams would say, roughly.
const ALIKE: f64 = 0.8;
/// Shorter names are not looked for by likeness.
const NAME: usize = 6;

/// A question and what it means.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "Line")]
pub struct Question {
    /// Stays the same.
    pub id: String,
    pub text: String,
    /// The plan that it follows up.
    pub previous: Option<Plan>,
    /// What a good reader does.
    pub expect: Act,
    /// Each is as good as the other; of what has to be asked back, its readings.
    pub meant: Vec<Plan>,
}

/// What a reader does with a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Answer,
    Ask,
    Refuse,
}

#[derive(Deserialize)]
struct Line {
    id: String,
    q: String,
    previous: Option<Plan>,
    expect: Act,
    plan: Option<Plan>,
    #[serde(default)]
    plans: Vec<Plan>,
}

impl From<Line> for Question {
    fn from(it: Line) -> Self {
        let meant = it.plans.into_iter().chain(it.plan).collect();
        Self { id: it.id, text: it.q, previous: it.previous, expect: it.expect, meant }
    }
}

impl Question {
    /// The lines of a file, with today's dates.
    ///
    /// # Errors
    /// A line is no question; it is named.
    pub fn read(lines: &str, today: NaiveDate) -> Result<Vec<Self>, String> {
        let question = |line: &str| {
            let json = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
            let json = dated(json, today).ok_or_else(|| format!("no calendar has such a day: {line}"))?;
            serde_json::from_value(json).map_err(|error| format!("{error}: {line}"))
        };
        lines.lines().filter(|it| !it.trim().is_empty()).map(question).collect()
    }

    /// What it is about, where it can be answered.
    #[must_use]
    pub fn entity(&self) -> Option<&str> {
        let meant = self.meant.first().filter(|_| self.expect == Act::Answer);
        meant.map(|it| it.entity.as_str())
    }

    /// `right`: the answer, or one of the readings, is what was meant.
    #[must_use]
    pub fn verdict(&self, did: Act, right: bool) -> Verdict {
        match (self.expect, did) {
            (Act::Answer, Act::Answer) if right => Verdict::Right,
            (_, Act::Answer) => Verdict::Wrong,
            (Act::Ask | Act::Refuse, Act::Ask | Act::Refuse) => Verdict::Right,
            (Act::Answer, Act::Ask) if right => Verdict::AskedRight,
            (Act::Answer, Act::Ask) => Verdict::AskedWrong,
            (Act::Answer, Act::Refuse) => Verdict::Refused,
        }
    }
}

/// Lines of entity, dimension and value.
#[must_use]
pub fn values(lines: &str) -> Vec<StoredValue> {
    let value = |line: &str| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let (entity, dimension, value) = (parts.next()?, parts.next()?, parts.next()?);
        Some(StoredValue { entity, dimension, name: squash(&value), value, by: By::Name })
    };
    lines.lines().filter_map(value).collect()
}

/// What a database that knows these values would find for a question: those that its names call, whole or in part, and for a
/// strange name the most similar one.
#[must_use]
pub fn found(question: impl Into<words::Question>, known: &[StoredValue]) -> Vec<StoredValue> {
    let asked = Lookup::of(question);
    let mut found: Vec<StoredValue> =
        known.iter().filter(|it| asked.names.contains(&it.name)).cloned().collect();
    for name in asked.unknown.into_iter().filter(|it| it.len() >= NAME) {
        let near = known
            .iter()
            .map(|it| (strsim::sorensen_dice(&it.name, &name), it))
            .filter(|(like, _)| *like > ALIKE);
        if let Some((_, it)) = near.max_by(|a, b| a.0.total_cmp(&b.0)) {
            found.push(StoredValue { name, by: By::Likeness, ..it.clone() });
        }
    }
    for it in known.iter().filter(|it| !NEVER_IN_PART.contains(&it.dimension.as_str())) {
        let called = parts(&it.value).into_iter().filter(|part| asked.names.contains(part));
        found.extend(called.map(|name| StoredValue { name, by: By::Part, ..it.clone() }));
    }
    found
}

/// `{"latest": "MM-DD", "plus_months": n}` is the latest such date that is not after today, so many months on; anything else
/// stays. `None`: no calendar has it.
#[must_use]
pub fn dated(it: Json, today: NaiveDate) -> Option<Json> {
    match it {
        Json::Object(them) if them.contains_key("latest") => {
            let day = them.get("latest")?.as_str()?;
            let on = |year: i32| format!("{year}-{day}").parse::<NaiveDate>().ok();
            let date = match on(today.year()).filter(|it| *it <= today) {
                Some(it) => it,
                None => on(today.year() - 1)?,
            };
            let months = them.get("plus_months").and_then(Json::as_u64).unwrap_or(0);
            let date = date.checked_add_months(Months::new(u32::try_from(months).ok()?))?;
            Some(Json::String(date.to_string()))
        }
        Json::Object(them) => {
            let them = them.into_iter().map(|(key, it)| Some((key, dated(it, today)?)));
            Some(Json::Object(them.collect::<Option<Map<_, _>>>()?))
        }
        Json::Array(them) => {
            them.into_iter().map(|it| dated(it, today)).collect::<Option<_>>().map(Json::Array)
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn today() -> NaiveDate {
        "2026-11-21".parse().unwrap()
    }

    #[test]
    fn a_day_without_a_year_is_the_latest_that_has_begun() {
        let since = |day: Json| {
            let plan =
                json!({"entity": "events", "filters": [{"dimension": "at", "op": "since", "values": [day]}]});
            let line = json!({"id": "x", "q": "?", "expect": "answer", "plan": plan}).to_string();
            Question::read(&line, today()).map(|it| json!(it[0].meant[0].filters[0].values[0]))
        };
        assert_eq!(since(json!({"latest": "03-01"})), Ok(json!("2026-03-01")));
        assert_eq!(since(json!({"latest": "12-24"})), Ok(json!("2025-12-24")));
        assert_eq!(since(json!({"latest": "12-01", "plus_months": 1})), Ok(json!("2026-01-01")));
        assert!(since(json!({"latest": "02-30"})).unwrap_err().starts_with("no calendar has such a day"));
    }

    #[test]
    fn who_asks_back_is_never_wrong_and_who_answers_what_cannot_be_told_always_is() {
        let question = |expect| Question {
            id: String::new(),
            text: String::new(),
            previous: None,
            expect,
            meant: Vec::new(),
        };
        for right in [true, false] {
            for expect in [Act::Answer, Act::Ask, Act::Refuse] {
                for did in [Act::Ask, Act::Refuse] {
                    assert_ne!(question(expect).verdict(did, right), Verdict::Wrong);
                }
            }
            for expect in [Act::Ask, Act::Refuse] {
                assert_eq!(question(expect).verdict(Act::Answer, right), Verdict::Wrong);
                assert_eq!(question(expect).verdict(Act::Ask, right), Verdict::Right);
            }
        }
        let answerable = question(Act::Answer);
        let of = |did| [true, false].map(|right| answerable.verdict(did, right));
        assert_eq!(of(Act::Answer), [Verdict::Right, Verdict::Wrong]);
        assert_eq!(of(Act::Ask), [Verdict::AskedRight, Verdict::AskedWrong]);
        assert_eq!(of(Act::Refuse), [Verdict::Refused, Verdict::Refused]);
    }
}
