//! What was read of Cost Explorer, and what need not be read again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    billing::DESKTOPS_SERVICE,
    ids::AccountId,
    money::{Currency, Money},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Date, Double, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    billing::{CostLine, Days},
    usage::Month,
};

use crate::Result;

/// What is asked by the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Services,
    /// By the tag of this key.
    Tags(&'a str),
}

impl<'a> Part<'a> {
    fn names(self) -> (&'static str, &'a str) {
        match self {
            Part::Services => ("services", ""),
            Part::Tags(key) => ("tags", key),
        }
    }
}

/// Months that are not asked for again: those that are closed, and those that a look which began at `began` has read.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn closed_months(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    part: Part<'_>,
    began: DateTime<Utc>,
) -> Result<BTreeSet<NaiveDate>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        month: NaiveDate,
    }
    let (part, key) = part.names();
    let rows: Vec<Row> =
        sql_query("SELECT month FROM cost_reads WHERE account = $1 AND part = $2 AND key = $3 AND (closed OR read_at >= $4)")
            .bind::<BigInt, _>(account.0)
            .bind::<Text, _>(part)
            .bind::<Text, _>(key)
            .bind::<Timestamptz, _>(began)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|it| it.month).collect())
}

/// Puts away all lines of a month by service and region, in place of what was known, with their sums. `false`: the month
/// is closed, and stays as it is. Nothing at all of a month that is not `whole` is a page that went missing: what was known
/// stays. To be called in a transaction.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn replace_month(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: Month,
    lines: &[CostLine],
    whole: bool,
    closed: bool,
    at: DateTime<Utc>,
) -> Result<bool> {
    if !mark(conn, account, month, Part::Services, whole, closed, at).await? {
        return Ok(false);
    }
    if lines.is_empty() && !whole {
        return Ok(true);
    }
    for (table, column) in [("cost_days", "day"), ("cost_months", "month"), ("cost_sums", "starts")] {
        sql_query(format!("DELETE FROM {table} WHERE account = $1 AND {column} >= $2 AND {column} < $3"))
            .bind::<BigInt, _>(account.0)
            .bind::<Date, _>(month.first_day())
            .bind::<Date, _>(month.next().first_day())
            .execute(conn)
            .await?;
    }
    let key = |it: &CostLine, n: usize| it.keys.get(n).cloned().unwrap_or_default();
    sql_query(
        "INSERT INTO cost_days (account, day, service, region, currency, nanos, estimated, read_at)
         SELECT $1, day, service, region, currency, nanos, estimated, $8
         FROM unnest($2::date[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bool[])
             AS t(day, service, region, currency, nanos, estimated)",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Array<Date>, _>(lines.iter().map(|it| it.from).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lines.iter().map(|it| key(it, 0)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lines.iter().map(|it| key(it, 1)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(lines.iter().map(|it| it.currency.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(lines.iter().map(|it| it.amount.nanos()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(lines.iter().map(|it| it.estimated || !whole).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    sql_query(
        "INSERT INTO cost_months (account, month, service, region, currency, nanos, estimated, read_at)
         SELECT account, $2, service, region, currency, sum(nanos), bool_or(estimated) OR NOT $4, min(read_at)
         FROM cost_days WHERE account = $1 AND day >= $2 AND day < $3 GROUP BY account, service, region, currency",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month.first_day())
    .bind::<Date, _>(month.next().first_day())
    .bind::<Bool, _>(closed)
    .execute(conn)
    .await?;
    sum_up(conn, account, month).await?;
    Ok(true)
}

/// What answers read first; from what has just been written.
async fn sum_up(conn: &mut AsyncPgConnection, account: AccountId, month: Month) -> Result<()> {
    sql_query(
        "INSERT INTO cost_sums (step, dimension, starts, key, currency, account, nanos, estimated, read_at)
         SELECT 'month', d.dimension, m.month, d.key, m.currency, m.account, sum(m.nanos), bool_or(m.estimated), min(m.read_at)
         FROM cost_months m
         CROSS JOIN LATERAL (VALUES ('all', ''), ('service', m.service), ('region', m.region)) AS d(dimension, key)
         WHERE m.account = $1 AND m.month = $2 GROUP BY 2, 3, 4, 5, 6
         UNION ALL
         SELECT 'day', 'all', day, '', currency, account, sum(nanos), bool_or(estimated), min(read_at)
         FROM cost_days WHERE account = $1 AND day >= $2 AND day < $3 GROUP BY day, currency, account",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month.first_day())
    .bind::<Date, _>(month.next().first_day())
    .execute(conn)
    .await?;
    Ok(())
}

/// What was read of a month by a tag.
#[derive(Debug, Clone, Copy)]
pub struct TagMonth<'a> {
    pub month: Month,
    pub key: &'a str,
    /// What each desktop was charged.
    pub amounts: &'a [(String, CostLine)],
    /// How much of the month's costs carries the tag.
    pub carried: f64,
    pub closed: bool,
}

/// Puts away what desktops are charged in a month by a tag, and how much of the month's costs carries it.
/// `false`: the month is closed. To be called in a transaction.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn replace_tag_month(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    read: TagMonth<'_>,
    at: DateTime<Utc>,
) -> Result<bool> {
    let TagMonth { month, key, amounts, carried, closed } = read;
    if !mark(conn, account, month, Part::Tags(key), true, closed, at).await? {
        return Ok(false);
    }
    sql_query(
        "UPDATE cost_reads SET carried = $4 WHERE account = $1 AND month = $2 AND part = 'tags' AND key = $3",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month.first_day())
    .bind::<Text, _>(key)
    .bind::<Double, _>(carried)
    .execute(conn)
    .await?;
    sql_query("DELETE FROM cost_tag_months WHERE account = $1 AND month = $2")
        .bind::<BigInt, _>(account.0)
        .bind::<Date, _>(month.first_day())
        .execute(conn)
        .await?;
    sql_query(
        "INSERT INTO cost_tag_months (account, month, workspace_id, currency, nanos, read_at)
         SELECT $1, $2, id, currency, sum(nanos), $6 FROM unnest($3::text[], $4::text[], $5::bigint[]) AS t(id, currency, nanos)
         GROUP BY id, currency",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month.first_day())
    .bind::<Array<Text>, _>(amounts.iter().map(|it| it.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(amounts.iter().map(|it| it.1.currency.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(amounts.iter().map(|it| it.1.amount.nanos()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(true)
}

/// Notes that a month was read. `false`: it was closed before.
async fn mark(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: Month,
    part: Part<'_>,
    whole: bool,
    closed: bool,
    at: DateTime<Utc>,
) -> Result<bool> {
    let (part, key) = part.names();
    let marked = sql_query(
        "INSERT INTO cost_reads AS r (account, month, part, key, closed, whole, read_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (account, month, part, key)
             DO UPDATE SET closed = excluded.closed, whole = excluded.whole, read_at = excluded.read_at WHERE NOT r.closed",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month.first_day())
    .bind::<Text, _>(part)
    .bind::<Text, _>(key)
    .bind::<Bool, _>(closed)
    .bind::<Bool, _>(whole)
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(marked > 0)
}

/// A day that does not add up is asked for so often, and then is as AWS tells it; its costs by resource are a part.
const MOST_TRIES: i32 = 3;

/// Days that were read whole by resource, from `from` on, each with when.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn resource_days_read(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    from: NaiveDate,
) -> Result<BTreeMap<NaiveDate, DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Timestamptz)]
        read_at: DateTime<Utc>,
    }
    let rows: Vec<Row> =
        sql_query("SELECT day, read_at FROM cost_resource_reads WHERE account = $1 AND day >= $2 AND whole")
            .bind::<BigInt, _>(account.0)
            .bind::<Date, _>(from)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|it| (it.day, it.read_at)).collect())
}

/// Days that need not be asked for by resource again, from `from` on.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn resource_days_asked(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    from: NaiveDate,
) -> Result<BTreeSet<NaiveDate>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT day FROM cost_resource_reads WHERE account = $1 AND day >= $2 AND (whole OR tries >= $3)",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(from)
    .bind::<Integer, _>(MOST_TRIES)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.day).collect())
}

/// What AWS says of the service of desktops on days from `from` to before `until`, of months that were read whole since `since`
/// or are closed. A day of such a month on which nothing was charged is there, with nothing; days of other months are not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn service_days(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    (from, until): (NaiveDate, NaiveDate),
    since: DateTime<Utc>,
) -> Result<Days> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Nullable<Text>)]
        currency: Option<String>,
        #[diesel(sql_type = BigInt)]
        nanos: i64,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT t.day, d.currency, coalesce(sum(d.nanos), 0)::bigint AS nanos
         FROM (SELECT $3 + n AS day FROM generate_series(0, $4 - $3 - 1) AS n) t
         JOIN cost_reads r ON r.account = $1 AND r.part = 'services' AND r.month = date_trunc('month', t.day)::date
             AND r.whole AND (r.closed OR r.read_at >= $5)
         LEFT JOIN cost_days d ON d.account = $1 AND d.service = $2 AND d.day = t.day
         GROUP BY 1, 2",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(DESKTOPS_SERVICE)
    .bind::<Date, _>(from)
    .bind::<Date, _>(until)
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?;
    let mut days = Days::new();
    for it in rows {
        let day = days.entry(it.day).or_default();
        if let Some(currency) = it.currency {
            day.insert(Currency(currency), Money::from_nanos(it.nanos));
        }
    }
    Ok(days)
}

/// Whether anything is known to be charged in a month.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn knows_month(conn: &mut AsyncPgConnection, account: AccountId, month: NaiveDate) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        known: bool,
    }
    let row: Row =
        sql_query("SELECT EXISTS (SELECT FROM cost_months WHERE account = $1 AND month = $2) AS known")
            .bind::<BigInt, _>(account.0)
            .bind::<Date, _>(month)
            .get_result(conn)
            .await?;
    Ok(row.known)
}

/// Puts away one page by resource.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn write_resource_days(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    amounts: &[(String, CostLine)],
    at: DateTime<Utc>,
) -> Result<()> {
    sql_query(
        "INSERT INTO cost_resource_days AS r (workspace_id, day, currency, account, nanos, read_at)
         SELECT id, day, currency, $1, sum(nanos), $6
         FROM unnest($2::text[], $3::date[], $4::text[], $5::bigint[]) AS t(id, day, currency, nanos) GROUP BY id, day, currency
         ON CONFLICT (workspace_id, day, currency) DO UPDATE SET account = excluded.account, nanos = excluded.nanos,
             read_at = excluded.read_at",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Array<Text>, _>(amounts.iter().map(|it| it.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(amounts.iter().map(|it| it.1.from).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(amounts.iter().map(|it| it.1.currency.0.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(amounts.iter().map(|it| it.1.amount.nanos()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// All pages of these days were read by a look that began at `began`: what it did not come across is no longer charged. But
/// for days that are `lacking`: of them what was known before stays, too; and where it was whole, the day is.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn end_resources(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    (from, until): (NaiveDate, NaiveDate),
    began: DateTime<Utc>,
    lacking: &BTreeSet<NaiveDate>,
) -> Result<()> {
    let days = from.iter_days().take_while(|it| *it < until);
    let (lacking, whole): (Vec<NaiveDate>, Vec<NaiveDate>) = days.partition(|it| lacking.contains(it));
    sql_query("DELETE FROM cost_resource_days WHERE account = $1 AND day = ANY($2) AND read_at < $3")
        .bind::<BigInt, _>(account.0)
        .bind::<Array<Date>, _>(&whole)
        .bind::<Timestamptz, _>(began)
        .execute(conn)
        .await?;
    sql_query(
        "INSERT INTO cost_resource_reads AS r (account, day, read_at, whole)
         SELECT $1, day, $2, true FROM unnest($3::date[]) AS t(day)
         UNION ALL SELECT $1, day, $2, false FROM unnest($4::date[]) AS t(day)
         ON CONFLICT (account, day) DO UPDATE SET read_at = excluded.read_at,
             -- What was read while the day or the next one went on was compared with nothing.
             whole = excluded.whole OR (r.whole AND r.day < r.read_at::date - 1),
             tries = CASE WHEN excluded.whole THEN 1 ELSE r.tries + 1 END",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Timestamptz, _>(began)
    .bind::<Array<Date>, _>(whole)
    .bind::<Array<Date>, _>(lacking)
    .execute(conn)
    .await?;
    Ok(())
}
