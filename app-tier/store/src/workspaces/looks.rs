//! What a sweep has come across, and since when a place has been looked at in full.
//!
//! A desktop that is as it was is not written again: which ones a sweep saw is kept in one row for each batch until the
//! sweep is complete, and when they were seen in one row for each account-region. The view `ask_workspaces` joins both.

use chrono::{DateTime, Utc};
use contract::{accounts::Capability, ids::AccountId};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// Where a sync writes and when it looked.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub account: AccountId,
    pub region: &'a str,
    /// When the sweep began that this look is part of; it names the sweep.
    pub began: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

/// A list of a statement: the desktops that this sweep of `capability` has come across.
///
/// `$1` and `$2` of the statement are the account and the region, `$3` is when the sweep began. To be asked by `NOT IN`:
/// PostgreSQL thinks of ten ids a row, so that it would join them in nested loops.
pub(super) fn seen_by_sweep(capability: Capability) -> String {
    format!(
        "sighted AS MATERIALIZED (SELECT unnest(workspace_ids) AS id FROM sightings
             WHERE account = $1 AND region = $2 AND sweep = $3 AND capability = '{}')",
        capability.name()
    )
}

/// A condition of a statement, with the same parameters: the sweep has not been completed before.
///
/// A job that was killed after its last transaction runs again; what the sweep saw is forgotten by then.
pub(super) fn not_complete(capability: Capability) -> String {
    format!(
        "NOT EXISTS (SELECT FROM workspace_looks WHERE account = $1 AND region = $2 AND {} >= $3)",
        capability.name()
    )
}

/// A value of a statement: since when all of the place has been looked at, in whose parameters account and region are the
/// ones from `$first` on. NULL before the first look has ended.
pub(super) fn last_look(capability: Capability, first: u8) -> String {
    format!(
        "(SELECT {} FROM workspace_looks WHERE account = ${first} AND region = ${})",
        capability.name(),
        first.saturating_add(1)
    )
}

/// Notes that the sweep came across these desktops. What sweeps before it left, which never ended, is forgotten.
pub(super) async fn sight(
    conn: &mut AsyncPgConnection,
    look: Look<'_>,
    capability: Capability,
    ids: &[&str],
) -> Result<()> {
    sql_query(
        "WITH abandoned AS (
            DELETE FROM sightings WHERE account = $1 AND region = $2 AND capability = $4 AND sweep < $3)
         INSERT INTO sightings (account, region, sweep, capability, workspace_ids) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.began)
    .bind::<Text, _>(capability.name())
    .bind::<Array<Text>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// The sweep has seen all there is: every desktop of the place was there when it began.
///
/// # Errors
/// PostgreSQL refuses.
pub(super) async fn complete(
    conn: &mut AsyncPgConnection,
    look: Look<'_>,
    capability: Capability,
) -> Result<()> {
    sql_query(format!(
        "WITH forgotten AS (DELETE FROM sightings WHERE account = $1 AND region = $2 AND capability = $4)
         INSERT INTO workspace_looks AS l (account, region, {column}) VALUES ($1, $2, $3)
         ON CONFLICT (account, region) DO UPDATE SET {column} = greatest(l.{column}, excluded.{column})",
        column = capability.name()
    ))
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.began)
    .bind::<Text, _>(capability.name())
    .execute(conn)
    .await?;
    Ok(())
}
