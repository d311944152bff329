//! What administrators set.

use contract::settings::Settings;
use diesel_async::AsyncConnection;
use serde_json::json;

use crate::{Error, OpCx, Result};

/// `PUT /api/admin/config`
///
/// # Errors
/// A value is out of its bounds.
pub async fn write(cx: &OpCx, new: Settings) -> Result<Settings> {
    let errors = new.check();
    if !errors.is_empty() {
        return Err(Error::invalid(errors));
    }
    let mut conn = cx.app.conn().await?;
    conn.transaction::<_, Error, _>(async |conn| {
        let before = store::settings::read(conn).await?;
        store::settings::write(conn, &new).await?;
        cx.audit(conn, "config.update", "config", json!({"before": before, "after": new})).await?;
        Ok(())
    })
    .await?;
    Ok(new)
}
