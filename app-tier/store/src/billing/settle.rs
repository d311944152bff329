//! What each desktop costs in a month, written with its sums.

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    billing::{CostSource, CostStatus},
    ids::AccountId,
    money::{Currency, Money},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// Values of a tag that are kept by name, of each month.
const VALUES_OF_A_KEY: i32 = 60;

/// Months of an account that were read, or may have changed, since their desktops were last put together; from `first` on
/// and up to `last`. A month that is closed and put together since stays.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn months_to_settle(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<NaiveDate>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        month: NaiveDate,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT m::date AS month FROM generate_series($2::date, $3::date, interval '1 month') AS m
         LEFT JOIN cost_settled s ON s.account = $1 AND s.month = m::date
         WHERE s.month IS NULL OR NOT s.closed
            OR EXISTS (SELECT FROM cost_reads r WHERE r.account = $1 AND r.month = m::date AND r.read_at > s.settled_at)
         ORDER BY 1 DESC",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(first)
    .bind::<Date, _>(last)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.month).collect())
}

/// What is to be stored of one desktop's month in one currency.
#[derive(Debug, Clone)]
pub struct MonthCost {
    pub workspace_id: String,
    pub region: String,
    pub currency: Currency,
    pub amount: Money,
    pub source: CostSource,
    pub status: CostStatus,
    pub resource: Option<Money>,
    pub resource_days: u32,
    pub tag: Option<Money>,
    /// By tag the month is known whole.
    pub tag_whole: bool,
    pub model: Option<Money>,
    pub model_complete: bool,
}

/// Puts away all desktops of an account's month in place of what was known, with their sums. To be called in a transaction.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn write_month(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: NaiveDate,
    costs: &[MonthCost],
    cost_tag: &str,
    closed: bool,
    at: DateTime<Utc>,
) -> Result<()> {
    // Two that write the same month at once would not see what the other one puts away.
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('costs of account ' || $1, 0))")
        .bind::<BigInt, _>(account.0)
        .execute(conn)
        .await?;
    for table in ["workspace_costs", "cost_desktops", "cost_tag_sums", "cost_settled"] {
        sql_query(format!("DELETE FROM {table} WHERE account = $1 AND month = $2"))
            .bind::<BigInt, _>(account.0)
            .bind::<Date, _>(month)
            .execute(conn)
            .await?;
    }
    macro_rules! column {
        ($row:ident => $value:expr) => {
            costs.iter().map(|$row| $value).collect::<Vec<_>>()
        };
    }
    let nanos = |it: Option<Money>| it.map(Money::nanos);
    // A desktop that moved between accounts of ours within a month is charged in both; what was put away last holds.
    sql_query(
        "INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_nanos, resource_days,
             tag_nanos, model_nanos, model_complete, tag_whole, as_of)
         SELECT id, $2, currency, $1, region, nanos, source, status, resource_nanos, resource_days, tag_nanos, model_nanos, model_complete,
             tag_whole, $15
         FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::bigint[], $10::int[], $11::bigint[],
             $12::bigint[], $13::bool[], $14::bool[])
             AS t(id, region, currency, nanos, source, status, resource_nanos, resource_days, tag_nanos, model_nanos, model_complete,
                 tag_whole)
         ON CONFLICT (workspace_id, month, currency) DO UPDATE SET account = excluded.account, region = excluded.region,
             nanos = excluded.nanos, source = excluded.source, status = excluded.status, resource_nanos = excluded.resource_nanos,
             resource_days = excluded.resource_days, tag_nanos = excluded.tag_nanos, model_nanos = excluded.model_nanos,
             model_complete = excluded.model_complete, tag_whole = excluded.tag_whole, as_of = excluded.as_of",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month)
    .bind::<Array<Text>, _>(column!(it => it.workspace_id.as_str()))
    .bind::<Array<Text>, _>(column!(it => it.region.as_str()))
    .bind::<Array<Text>, _>(column!(it => it.currency.0.as_str()))
    .bind::<Array<BigInt>, _>(column!(it => it.amount.nanos()))
    .bind::<Array<Text>, _>(column!(it => it.source.name()))
    .bind::<Array<Text>, _>(column!(it => it.status.name()))
    .bind::<Array<Nullable<BigInt>>, _>(column!(it => nanos(it.resource)))
    .bind::<Array<Integer>, _>(column!(it => i32::try_from(it.resource_days).unwrap_or(i32::MAX)))
    .bind::<Array<Nullable<BigInt>>, _>(column!(it => nanos(it.tag)))
    .bind::<Array<Nullable<BigInt>>, _>(column!(it => nanos(it.model)))
    .bind::<Array<Bool>, _>(column!(it => it.model_complete))
    .bind::<Array<Bool>, _>(column!(it => it.tag_whole))
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    sum_up(conn, account, month, cost_tag).await?;
    sql_query("INSERT INTO cost_settled (account, month, closed, settled_at) VALUES ($1, $2, $3, $4)")
        .bind::<BigInt, _>(account.0)
        .bind::<Date, _>(month)
        .bind::<Bool, _>(closed)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}

async fn sum_up(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: NaiveDate,
    cost_tag: &str,
) -> Result<()> {
    sql_query(
        "INSERT INTO cost_desktops (account, month, region, currency, source, status, nanos, desktops, as_of)
         SELECT account, month, region, currency, source, status, sum(nanos), count(*), min(as_of) FROM workspace_costs
         WHERE account = $1 AND month = $2 GROUP BY account, month, region, currency, source, status",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month)
    .execute(conn)
    .await?;
    sql_query(
        "INSERT INTO cost_tag_sums (key, month, account, region, currency, source, status, others, as_of, named, nanos)
         SELECT key, $2, $1, region, currency, source, status, others, min(as_of), array_agg(value), array_agg(nanos)
         FROM (
             SELECT key, CASE WHEN place <= $4 THEN value ELSE '' END AS value, place > $4 AS others, region, currency,
                 sum(nanos)::bigint AS nanos, CASE WHEN min(source_from) = max(source_to) THEN min(source_from) ELSE 'mixed' END AS source,
                 CASE max(status) WHEN 2 THEN 'partial' WHEN 1 THEN 'estimated' ELSE 'final' END AS status, min(as_of) AS as_of
             FROM (
                 SELECT t.key, t.value, c.region, c.currency, sum(c.nanos) AS nanos, min(c.source) AS source_from,
                     max(c.source) AS source_to, min(c.as_of) AS as_of,
                     max(CASE c.status WHEN 'partial' THEN 2 WHEN 'estimated' THEN 1 ELSE 0 END) AS status,
                     row_number() OVER (PARTITION BY t.key, c.currency ORDER BY sum(c.nanos) DESC, t.value, c.region) AS place
                 FROM workspace_costs c
                 JOIN workspaces w ON w.id = c.workspace_id AND jsonb_typeof(w.tags) = 'object'
                 CROSS JOIN LATERAL jsonb_each_text(w.tags) AS t(key, value)
                 WHERE c.account = $1 AND c.month = $2 AND t.key <> $3
                 GROUP BY t.key, t.value, c.region, c.currency) AS ranked
             GROUP BY 1, 2, 3, 4, 5) AS named
         GROUP BY key, region, currency, source, status, others",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month)
    .bind::<Text, _>(cost_tag)
    .bind::<Integer, _>(VALUES_OF_A_KEY)
    .execute(conn)
    .await?;
    Ok(())
}
