//! How the last look at each capability of each account-region went.

use chrono::{DateTime, Utc};
use contract::{
    accounts::Capability,
    ids::AccountId,
    overview::{Freshness, SyncState},
};
use diesel::{
    OptionalExtension, QueryDsl, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, schema::sync_states};

/// One account-region and what is read from it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    pub account: AccountId,
    pub region: &'a str,
    pub capability: Capability,
}

/// A look begins.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn begin(conn: &mut AsyncPgConnection, target: Target<'_>, at: DateTime<Utc>) -> Result<()> {
    write(conn, target, SyncState::Running, at, None, None, None).await
}

/// A look ended well with so many rows.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn succeed(
    conn: &mut AsyncPgConnection,
    target: Target<'_>,
    at: DateTime<Utc>,
    rows: i64,
) -> Result<()> {
    write(conn, target, SyncState::Ok, at, Some(rows), None, None).await
}

/// A look failed; what was read before stays, and so does when.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    target: Target<'_>,
    state: SyncState,
    at: DateTime<Utc>,
    denied_action: Option<&str>,
    message: &str,
) -> Result<()> {
    write(conn, target, state, at, None, denied_action, Some(message)).await
}

async fn write(
    conn: &mut AsyncPgConnection,
    target: Target<'_>,
    state: SyncState,
    at: DateTime<Utc>,
    rows: Option<i64>,
    denied_action: Option<&str>,
    message: Option<&str>,
) -> Result<()> {
    sql_query(
        "INSERT INTO sync_states (account, region, capability, state, tried_at, succeeded_at, rows, denied_action, message)
         VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::bigint IS NULL THEN NULL ELSE $5 END, coalesce($6, 0), $7, $8)
         ON CONFLICT (account, region, capability) DO UPDATE SET state = excluded.state, tried_at = excluded.tried_at,
             succeeded_at = coalesce(excluded.succeeded_at, sync_states.succeeded_at), rows = coalesce($6, sync_states.rows),
             denied_action = excluded.denied_action, message = excluded.message",
    )
    .bind::<BigInt, _>(target.account.0)
    .bind::<Text, _>(target.region)
    .bind::<Text, _>(target.capability.name())
    .bind::<Text, _>(state.name())
    .bind::<Timestamptz, _>(at)
    .bind::<Nullable<BigInt>, _>(rows)
    .bind::<Nullable<Text>, _>(denied_action)
    .bind::<Nullable<Text>, _>(message)
    .execute(conn)
    .await?;
    Ok(())
}

/// When a look last ended well.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn succeeded_at(conn: &mut AsyncPgConnection, target: Target<'_>) -> Result<Option<DateTime<Utc>>> {
    let key = (target.account.0, target.region, target.capability.name());
    let stored =
        sync_states::table.find(key).select(sync_states::succeeded_at).first(conn).await.optional()?;
    Ok(stored.flatten())
}

/// Whether a look at one of these, of an account or of any, is under way or ended after `since`. One that began before `lost`
/// and never ended does not count: its worker is gone, and its job begins anew.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn stirred(
    conn: &mut AsyncPgConnection,
    capabilities: &[Capability],
    account: Option<AccountId>,
    since: DateTime<Utc>,
    lost: DateTime<Utc>,
) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Stirred {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        stirred: bool,
    }
    let row: Stirred = sql_query(
        "SELECT EXISTS (SELECT FROM sync_states WHERE capability = ANY ($1) AND account = coalesce($5, account)
             AND CASE WHEN state = $2 THEN tried_at > $4 ELSE tried_at > $3 END) AS stirred",
    )
    .bind::<diesel::sql_types::Array<Text>, _>(
        capabilities.iter().map(|it| it.name()).collect::<Vec<_>>(),
    )
    .bind::<Text, _>(SyncState::Running.name())
    .bind::<Timestamptz, _>(since)
    .bind::<Timestamptz, _>(lost)
    .bind::<Nullable<BigInt>, _>(account.map(|it| it.0))
    .get_result(conn)
    .await?;
    Ok(row.stirred)
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    account: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    capability: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    succeeded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    tried_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Nullable<Text>)]
    denied_action: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    message: Option<String>,
}

/// Every capability of every registered account-region, looked at or not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection) -> Result<Vec<Freshness>> {
    let capabilities: Vec<_> = Capability::ALL.iter().map(|it| it.name().to_owned()).collect();
    let rows: Vec<Row> = sql_query(
        "SELECT a.id AS account, a.name, r.region, c.capability, coalesce(s.state, 'never') AS state, s.succeeded_at, s.tried_at,
                coalesce(s.rows, 0) AS rows, s.denied_action, s.message
         FROM accounts a
         CROSS JOIN unnest(a.regions) AS r(region)
         CROSS JOIN unnest($1::text[]) WITH ORDINALITY AS c(capability, place)
         LEFT JOIN sync_states s ON s.account = a.id AND s.region = r.region AND s.capability = c.capability
         ORDER BY a.name, r.region, c.place",
    )
    .bind::<diesel::sql_types::Array<Text>, _>(capabilities)
    .load(conn)
    .await?;
    let freshness = |row: Row| Freshness {
        account_id: AccountId(row.account),
        account: row.name,
        region: row.region,
        capability: Capability::parse(&row.capability).unwrap_or(Capability::Desktops),
        state: SyncState::parse(&row.state).unwrap_or(SyncState::Failed),
        succeeded_at: row.succeeded_at,
        tried_at: row.tried_at,
        rows: row.rows,
        denied_action: row.denied_action,
        message: row.message,
    };
    Ok(rows.into_iter().map(freshness).collect())
}
