//! What administrators set: one row.

use contract::settings::Settings;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{Result, schema::settings};

/// The settings. What was never set, is new in this release, or has a type that it no longer had then, has its default;
/// one such field leaves the others as they were set.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn read(conn: &mut AsyncPgConnection) -> Result<Settings> {
    let stored: Option<Value> =
        settings::table.find(true).select(settings::value).first(conn).await.optional()?;
    let Some(Value::Object(stored)) = stored else { return Ok(Settings::default()) };
    let mut all = serde_json::to_value(Settings::default()).unwrap_or_default();
    for (name, value) in &stored {
        // A field that this release no longer has is dropped.
        if let Some(slot) = all.get_mut(name) {
            *slot = value.clone();
        }
    }
    // Read with every question, and nearly always as a whole.
    Ok(serde_json::from_value(all).unwrap_or_else(|_| stored.into_iter().fold(Settings::default(), with)))
}

/// The settings with one of them as it was stored, where this release can read it.
fn with(all: Settings, (name, value): (String, Value)) -> Settings {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&all) else { return all };
    let Some(slot) = fields.get_mut(&name) else {
        // This release has no such setting any more.
        return all;
    };
    *slot = value;
    serde_json::from_value(Value::Object(fields)).unwrap_or_else(|error| {
        tracing::warn!(setting = name, "A stored setting is not readable, its default is used: {error}");
        all
    })
}

/// # Errors
/// PostgreSQL refuses.
pub async fn write(conn: &mut AsyncPgConnection, new: &Settings) -> Result<()> {
    let value = serde_json::to_value(new)
        .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
    diesel::insert_into(settings::table)
        .values((settings::single.eq(true), settings::value.eq(&value)))
        .on_conflict(settings::single)
        .do_update()
        .set(settings::value.eq(&value))
        .execute(conn)
        .await?;
    Ok(())
}
