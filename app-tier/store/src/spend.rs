//! What asking AWS has cost this month, and the limit that an administrator set.
//!
//! Invariant: what a call is foreseen to cost is written before it is made. One that failed is counted too, since AWS may
//! have charged for it.

use chrono::NaiveDate;
use contract::{ids::AccountId, money::Money};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Date, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, kept::Kept};

/// Calls that AWS charges for.
#[derive(Debug, Clone, Copy)]
pub struct Spend<'a> {
    /// The first day of the month.
    pub month: NaiveDate,
    pub account: AccountId,
    /// The IAM action.
    pub api: &'a str,
    pub calls: i64,
    /// What AWS charges by.
    pub units: i64,
    pub cost: Money,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Counts calls that are about to be made, unless they would go beyond the `cap` of the month: then nothing is counted,
/// and the answer is `false`. To be called in a transaction of its own: others wait until it ends.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn reserve(conn: &mut AsyncPgConnection, spend: Spend<'_>, cap: Money) -> Result<bool> {
    // Two that look at the same time would both find room for the last cent.
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('spend of a month', 0))").execute(conn).await?;
    if of_month(conn, spend.month).await?.nanos().saturating_add(spend.cost.nanos()) > cap.nanos() {
        return Ok(false);
    }
    count(conn, spend).await?;
    Ok(true)
}

/// Counts calls, whatever they cost.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn count(conn: &mut AsyncPgConnection, spend: Spend<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO aws_spend AS s (month, account, api, calls, units, nanos) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (month, account, api) DO UPDATE SET calls = s.calls + excluded.calls, units = s.units + excluded.units,
             nanos = s.nanos + excluded.nanos",
    )
    .bind::<Date, _>(spend.month)
    .bind::<BigInt, _>(spend.account.0)
    .bind::<Text, _>(spend.api)
    .bind::<BigInt, _>(spend.calls)
    .bind::<BigInt, _>(spend.units)
    .bind::<BigInt, _>(spend.cost.nanos())
    .execute(conn)
    .await?;
    Ok(())
}

/// What all calls of a month cost.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn of_month(conn: &mut AsyncPgConnection, month: NaiveDate) -> Result<Money> {
    let row: Number = Kept::new("SELECT coalesce(sum(nanos), 0)::bigint AS n FROM aws_spend WHERE month = ")
        .value(month)
        .get_result(conn)
        .await?;
    Ok(Money::from_nanos(row.n))
}

/// How often an operation was called in a month, over all accounts.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn calls(conn: &mut AsyncPgConnection, month: NaiveDate, api: &str) -> Result<i64> {
    let row: Number =
        sql_query("SELECT coalesce(sum(calls), 0)::bigint AS n FROM aws_spend WHERE month = $1 AND api = $2")
            .bind::<Date, _>(month)
            .bind::<Text, _>(api)
            .get_result(conn)
            .await?;
    Ok(row.n)
}
