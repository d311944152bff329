//! What answers read: sums that were made when costs were written, never the costs of single desktops.

use chrono::{DateTime, NaiveDate, Utc};
use contract::{billing::DESKTOPS_SERVICE, ids::AccountId};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// What costs are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Service,
    Account,
    Region,
}

impl GroupBy {
    fn column(self) -> &'static str {
        match self {
            GroupBy::Service => "c.service",
            GroupBy::Account => "a.name",
            GroupBy::Region => "c.region",
        }
    }
}

/// Which costs; what is `None` is not looked at.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// `[from, until)`
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub service: Option<&'a str>,
    /// By its name.
    pub account: Option<&'a str>,
    pub region: Option<&'a str>,
}

/// What a group comes to in a day.
pub type DaySum = MonthSum;

/// What a group comes to in a month, or in a day.
#[derive(Debug, Clone, QueryableByName)]
pub struct MonthSum {
    #[diesel(sql_type = Date)]
    pub from: NaiveDate,
    #[diesel(sql_type = Text)]
    pub key: String,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub nanos: i64,
    #[diesel(sql_type = Bool)]
    pub estimated: bool,
    #[diesel(sql_type = Timestamptz)]
    pub read_at: DateTime<Utc>,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn month_sums(
    conn: &mut AsyncPgConnection,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<MonthSum>> {
    sums(conn, "cost_months", "month", group_by, filter).await
}

/// # Errors
/// PostgreSQL refuses.
pub async fn day_sums(
    conn: &mut AsyncPgConnection,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<DaySum>> {
    sums(conn, "cost_days", "day", group_by, filter).await
}

async fn sums(
    conn: &mut AsyncPgConnection,
    table: &str,
    time: &str,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<MonthSum>> {
    sql_query(format!(
        "SELECT c.{time} AS \"from\", coalesce({key}, '') AS key, c.currency, sum(c.nanos)::bigint AS nanos,
                bool_or(c.estimated) AS estimated, min(c.read_at) AS read_at
         FROM {table} c JOIN accounts a ON a.id = c.account
         WHERE c.{time} >= $1 AND c.{time} < $2 AND ($3::text IS NULL OR c.service = $3) AND ($4::text IS NULL OR a.name = $4)
           AND ($5::text IS NULL OR c.region = $5)
         GROUP BY 1, 2, 3",
        key = group_by.column()
    ))
    .bind::<Date, _>(filter.from)
    .bind::<Date, _>(filter.until)
    .bind::<Nullable<Text>, _>(filter.service)
    .bind::<Nullable<Text>, _>(filter.account)
    .bind::<Nullable<Text>, _>(filter.region)
    .load(conn)
    .await
}

/// What AWS says of the service of desktops (`desktops` is zero, source and status are not of desktops), or what is known
/// of desktops by one source, in an account's month.
#[derive(Debug, Clone, QueryableByName)]
pub struct PartSum {
    #[diesel(sql_type = BigInt)]
    pub account: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub nanos: i64,
    #[diesel(sql_type = BigInt)]
    pub desktops: i64,
    #[diesel(sql_type = Timestamptz)]
    pub as_of: DateTime<Utc>,
}

/// What is known of desktops, by account, month and source; the filter's service is not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn part_sums(conn: &mut AsyncPgConnection, filter: Filter<'_>) -> Result<Vec<PartSum>> {
    sql_query(
        "SELECT c.account, a.name, c.month, c.currency, c.source, c.status, sum(c.nanos)::bigint AS nanos,
                sum(c.desktops)::bigint AS desktops, min(c.as_of) AS as_of
         FROM cost_desktops c JOIN accounts a ON a.id = c.account
         WHERE c.month >= $1 AND c.month < $2 AND ($3::text IS NULL OR a.name = $3) AND ($4::text IS NULL OR c.region = $4)
         GROUP BY 1, 2, 3, 4, 5, 6",
    )
    .bind::<Date, _>(filter.from)
    .bind::<Date, _>(filter.until)
    .bind::<Nullable<Text>, _>(filter.account)
    .bind::<Nullable<Text>, _>(filter.region)
    .load(conn)
    .await
}

/// What AWS says of the service of desktops, by account and month; the filter's service is not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn difference_sums(conn: &mut AsyncPgConnection, filter: Filter<'_>) -> Result<Vec<PartSum>> {
    sql_query(
        "SELECT c.account, a.name, c.month, c.currency, 'service' AS source,
                CASE WHEN bool_or(c.estimated) THEN 'estimated' ELSE 'final' END AS status, sum(c.nanos)::bigint AS nanos,
                0::bigint AS desktops, min(c.read_at) AS as_of
         FROM cost_months c JOIN accounts a ON a.id = c.account
         WHERE c.month >= $1 AND c.month < $2 AND ($3::text IS NULL OR a.name = $3) AND ($4::text IS NULL OR c.region = $4)
           AND c.service = $5
         GROUP BY 1, 2, 3, 4",
    )
    .bind::<Date, _>(filter.from)
    .bind::<Date, _>(filter.until)
    .bind::<Nullable<Text>, _>(filter.account)
    .bind::<Nullable<Text>, _>(filter.region)
    .bind::<Text, _>(DESKTOPS_SERVICE)
    .load(conn)
    .await
}

/// What desktops with a value of a tag come to in a month.
#[derive(Debug, Clone, QueryableByName)]
pub struct TagSum {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub value: String,
    /// Of all values that are too many to be kept by name.
    #[diesel(sql_type = Bool)]
    pub others: bool,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub nanos: i64,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub as_of: DateTime<Utc>,
}

/// By the values of one tag; the filter's service is not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tag_sums(conn: &mut AsyncPgConnection, key: &str, filter: Filter<'_>) -> Result<Vec<TagSum>> {
    sql_query(
        "SELECT c.month, c.value, c.others, c.currency, sum(c.nanos)::bigint AS nanos,
                CASE WHEN min(c.source) = max(c.source) THEN min(c.source) ELSE 'mixed' END AS source,
                CASE WHEN bool_or(c.status = 'partial') THEN 'partial' WHEN bool_or(c.status = 'estimated') THEN 'estimated'
                     ELSE 'final' END AS status,
                min(c.as_of) AS as_of
         FROM cost_tags c JOIN accounts a ON a.id = c.account
         WHERE c.key = $1 AND c.month >= $2 AND c.month < $3 AND ($4::text IS NULL OR a.name = $4)
           AND ($5::text IS NULL OR c.region = $5)
         GROUP BY 1, 2, 3, 4",
    )
    .bind::<Text, _>(key)
    .bind::<Date, _>(filter.from)
    .bind::<Date, _>(filter.until)
    .bind::<Nullable<Text>, _>(filter.account)
    .bind::<Nullable<Text>, _>(filter.region)
    .load(conn)
    .await
}

/// A desktop's month in one currency: the best that is known, and what each source says.
#[derive(Debug, Clone, QueryableByName)]
pub struct WorkspaceCost {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = BigInt)]
    pub nanos: i64,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub resource_nanos: Option<i64>,
    #[diesel(sql_type = Integer)]
    pub resource_days: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub tag_nanos: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub tag_whole: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub model_nanos: Option<i64>,
    #[diesel(sql_type = Bool)]
    pub model_complete: bool,
    #[diesel(sql_type = Timestamptz)]
    pub as_of: DateTime<Utc>,
    /// The month's bill is closed.
    #[diesel(sql_type = Bool)]
    pub closed: bool,
}

/// The months of a desktop from `from` on, the latest first.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn workspace_costs(
    conn: &mut AsyncPgConnection,
    id: &str,
    from: NaiveDate,
) -> Result<Vec<WorkspaceCost>> {
    sql_query(
        "SELECT c.month, c.currency, c.nanos, c.source, c.status, c.resource_nanos, c.resource_days, c.tag_nanos, c.tag_whole, c.model_nanos,
                c.model_complete, c.as_of, coalesce(s.closed, false) AS closed
         FROM workspace_costs c LEFT JOIN cost_settled s ON s.account = c.account AND s.month = c.month
         WHERE c.workspace_id = $1 AND c.month >= $2 ORDER BY c.month DESC, c.currency DESC",
    )
    .bind::<Text, _>(id)
    .bind::<Date, _>(from)
    .load(conn)
    .await
}

/// Days of an account from `from` on of which all pages were read by resource, each with when.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn resource_days_of(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    from: NaiveDate,
) -> Result<Vec<(NaiveDate, DateTime<Utc>)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Timestamptz)]
        read_at: DateTime<Utc>,
    }
    let rows: Vec<Row> =
        sql_query("SELECT day, read_at FROM cost_resource_reads WHERE account = $1 AND day >= $2")
            .bind::<BigInt, _>(account.0)
            .bind::<Date, _>(from)
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|it| (it.day, it.read_at)).collect())
}
