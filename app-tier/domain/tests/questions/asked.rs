//! Questions from a file as the product would meet them: with the values that its database would find, and with dates for
//! what is said relative to today.

use chrono::{Datelike, Months, NaiveDate};
use domain::questions::link::{Lookup, StoredValue};
use serde_json::{Map, Value as Json};

/// What the database would answer: the values that a question's names call, and for strange names the most similar one.
pub(crate) fn stored(question: &str, known: &[StoredValue]) -> Vec<StoredValue> {
    let asked = Lookup::of(question);
    let mut found: Vec<StoredValue> =
        known.iter().filter(|it| asked.names.contains(&it.name)).cloned().collect();
    for name in asked.unknown.into_iter().filter(|it| it.len() >= 6) {
        let near = known
            .iter()
            .map(|it| (strsim::sorensen_dice(&it.name, &name), it))
            .filter(|(like, _)| *like > 0.8);
        if let Some((_, it)) = near.max_by(|a, b| a.0.total_cmp(&b.0)) {
            found.push(StoredValue { name, similar: true, ..it.clone() });
        }
    }
    found
}

/// `{"latest": "MM-DD", "plus_months": n}` is the latest such date, so many months on. `None`: no calendar has it.
pub(crate) fn dated(it: Json, today: NaiveDate) -> Option<Json> {
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
