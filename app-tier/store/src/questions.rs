//! How questions were answered; never what was asked.

use chrono::{DateTime, Utc};
use contract::ids::UserId;
use diesel::ExpressionMethods;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, schema::questions};

/// `outcome`: `rules`, `model`, `plan`, `clarify` or `refused`.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    user: UserId,
    outcome: &str,
    elapsed_ms: i32,
) -> Result<()> {
    let row =
        (questions::user_id.eq(user.0), questions::outcome.eq(outcome), questions::elapsed_ms.eq(elapsed_ms));
    diesel::insert_into(questions::table).values(row).execute(conn).await?;
    Ok(())
}

/// Forgets what is older; how many.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn prune(conn: &mut AsyncPgConnection, before: DateTime<Utc>) -> Result<usize> {
    use diesel::QueryDsl;
    diesel::delete(questions::table.filter(questions::at.lt(before))).execute(conn).await
}
