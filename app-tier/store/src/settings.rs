//! What administrators set: one row.

use contract::settings::Settings;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use crate::{Result, schema::settings};

/// The settings; what was never set, or is new in this release, has its default.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn read(conn: &mut AsyncPgConnection) -> Result<Settings> {
    let stored: Option<Value> =
        settings::table.find(true).select(settings::value).first(conn).await.optional()?;
    let mut all = serde_json::to_value(Settings::default()).unwrap_or_default();
    if let (Some(Value::Object(stored)), Value::Object(all)) = (stored, &mut all) {
        for (name, value) in stored {
            // A field that this release no longer has is dropped.
            if let Some(slot) = all.get_mut(&name) {
                *slot = value;
            }
        }
    }
    Ok(serde_json::from_value(all).unwrap_or_default())
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
