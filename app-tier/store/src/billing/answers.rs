//! What answers read: sums that were made when costs were written, never the costs of single desktops.

use chrono::{DateTime, NaiveDate, Utc};
use contract::billing::DESKTOPS_SERVICE;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, kept::Kept};

/// What costs are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Service,
    Account,
    Region,
    /// All of it is one.
    Nothing,
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

/// The account of a row `c`, by a name; and its name by the row.
const BY_NAME: &str = " AND c.account = (SELECT id FROM accounts WHERE name = ";
const NAME: &str = "(SELECT name FROM accounts WHERE id = c.account)";

/// A month that was read without adding up, of an account.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ShortMonth {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub account: String,
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    /// Something is known of it.
    #[diesel(sql_type = Bool)]
    pub told: bool,
}

/// Months that lack a page; the filter's service and region are not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn short_months(conn: &mut AsyncPgConnection, filter: Filter<'_>) -> Result<Vec<ShortMonth>> {
    Kept::new(format!(
        "SELECT {NAME} AS account, c.month,
                EXISTS (SELECT FROM cost_months m WHERE m.account = c.account AND m.month = c.month) AS told
         FROM cost_reads c WHERE c.part = 'services' AND NOT c.whole AND c.month >= date_trunc('month', "
    ))
    .value(filter.from)
    .sql("::date)::date AND c.month < ")
    .value(filter.until)
    .only(BY_NAME, filter.account, ")")
    .load(conn)
    .await
}

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

/// What a group comes to in a day.
pub type DaySum = MonthSum;

/// # Errors
/// PostgreSQL refuses.
pub async fn month_sums(
    conn: &mut AsyncPgConnection,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<MonthSum>> {
    let summed = match (group_by, filter.service, filter.region) {
        (GroupBy::Account | GroupBy::Nothing, None, None) => Some(("all", None)),
        (GroupBy::Region | GroupBy::Account | GroupBy::Nothing, None, region) => Some(("region", region)),
        (GroupBy::Service | GroupBy::Account | GroupBy::Nothing, service, None) => Some(("service", service)),
        _ => None,
    };
    match summed {
        Some((dimension, key)) => summed_up(conn, "month", dimension, group_by, key, filter).await,
        None => sums(conn, "cost_months", "month", group_by, filter).await,
    }
}

/// # Errors
/// PostgreSQL refuses.
pub async fn day_sums(
    conn: &mut AsyncPgConnection,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<DaySum>> {
    match (group_by, filter.service, filter.region) {
        (GroupBy::Account | GroupBy::Nothing, None, None) => {
            summed_up(conn, "day", "all", group_by, None, filter).await
        }
        _ => sums(conn, "cost_days", "day", group_by, filter).await,
    }
}

/// From the sums by one dimension.
async fn summed_up(
    conn: &mut AsyncPgConnection,
    step: &'static str,
    dimension: &'static str,
    group_by: GroupBy,
    key: Option<&str>,
    filter: Filter<'_>,
) -> Result<Vec<MonthSum>> {
    let (group, shown) = match group_by {
        GroupBy::Service | GroupBy::Region => (", c.key", "c.key"),
        GroupBy::Account => (", c.account", NAME),
        GroupBy::Nothing => ("", "''"),
    };
    Kept::new(format!(
        "SELECT c.starts AS \"from\", {shown} AS key, c.currency, sum(c.nanos)::bigint AS nanos, bool_or(c.estimated) AS estimated,
                min(c.read_at) AS read_at
         FROM cost_sums c WHERE c.step = '{step}' AND c.dimension = '{dimension}' AND c.starts >= "
    ))
    .value(filter.from)
    .sql(" AND c.starts < ")
    .value(filter.until)
    .only(" AND c.key = ", key, "")
    .only(BY_NAME, filter.account, ")")
    .sql(format!(" GROUP BY c.starts{group}, c.currency"))
    .load(conn)
    .await
}

async fn sums(
    conn: &mut AsyncPgConnection,
    table: &'static str,
    time: &'static str,
    group_by: GroupBy,
    filter: Filter<'_>,
) -> Result<Vec<MonthSum>> {
    let (group, shown) = match group_by {
        GroupBy::Service => (", c.service", "c.service"),
        GroupBy::Account => (", c.account", NAME),
        GroupBy::Region => (", c.region", "c.region"),
        GroupBy::Nothing => ("", "''"),
    };
    Kept::new(format!(
        "SELECT c.{time} AS \"from\", {shown} AS key, c.currency, sum(c.nanos)::bigint AS nanos, bool_or(c.estimated) AS estimated,
                min(c.read_at) AS read_at
         FROM {table} c WHERE c.{time} >= "
    ))
    .value(filter.from)
    .sql(format!(" AND c.{time} < "))
    .value(filter.until)
    .only(" AND c.service = ", filter.service, "")
    .only(BY_NAME, filter.account, ")")
    .only(" AND c.region = ", filter.region, "")
    .sql(format!(" GROUP BY c.{time}{group}, c.currency"))
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
    Kept::new(format!(
        "SELECT c.account, {NAME} AS name, c.month, c.currency, c.source, c.status, sum(c.nanos)::bigint AS nanos,
                sum(c.desktops)::bigint AS desktops, min(c.as_of) AS as_of
         FROM cost_desktops c WHERE c.month >= "
    ))
    .value(filter.from)
    .sql(" AND c.month < ")
    .value(filter.until)
    .only(BY_NAME, filter.account, ")")
    .only(" AND c.region = ", filter.region, "")
    .sql(" GROUP BY c.account, c.month, c.currency, c.source, c.status")
    .load(conn)
    .await
}

/// What AWS says of the service of desktops, by account and month; the filter's service is not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn difference_sums(conn: &mut AsyncPgConnection, filter: Filter<'_>) -> Result<Vec<PartSum>> {
    // By service alone they are summed up already.
    let (table, time, service) = match filter.region {
        None => ("cost_sums", "starts", "c.step = 'month' AND c.dimension = 'service' AND c.key = "),
        Some(_) => ("cost_months", "month", "c.service = "),
    };
    Kept::new(format!(
        "SELECT c.account, {NAME} AS name, c.{time} AS month, c.currency, 'service' AS source,
                CASE WHEN bool_or(c.estimated) THEN 'estimated' ELSE 'final' END AS status, sum(c.nanos)::bigint AS nanos,
                0::bigint AS desktops, min(c.read_at) AS as_of
         FROM {table} c WHERE {service}"
    ))
    .value(DESKTOPS_SERVICE)
    .sql(format!(" AND c.{time} >= "))
    .value(filter.from)
    .sql(format!(" AND c.{time} < "))
    .value(filter.until)
    .only(BY_NAME, filter.account, ")")
    .only(" AND c.region = ", filter.region, "")
    .sql(format!(" GROUP BY c.account, c.{time}, c.currency"))
    .load(conn)
    .await
}

/// What desktops with values of a tag come to in a month, by one source and with one status.
#[derive(Debug, Clone, QueryableByName)]
pub struct TagSum {
    #[diesel(sql_type = Date)]
    pub month: NaiveDate,
    /// Of all values that are too many to be kept by name; it is empty then.
    #[diesel(sql_type = Bool)]
    pub others: bool,
    #[diesel(sql_type = Text)]
    pub currency: String,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub as_of: DateTime<Utc>,
    /// As many as `nanos`; one may be in several rows.
    #[diesel(sql_type = Array<Text>)]
    pub named: Vec<String>,
    #[diesel(sql_type = Array<BigInt>)]
    pub nanos: Vec<i64>,
}

impl TagSum {
    /// Each value, and what it comes to.
    pub fn values(&self) -> impl Iterator<Item = (&str, i64)> {
        self.named.iter().map(String::as_str).zip(self.nanos.iter().copied())
    }
}

/// By the values of one tag; the filter's service is not looked at.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tag_sums(conn: &mut AsyncPgConnection, key: &str, filter: Filter<'_>) -> Result<Vec<TagSum>> {
    Kept::new(
        "SELECT c.month, c.others, c.currency, c.source, c.status, c.as_of, c.named, c.nanos FROM cost_tag_sums c WHERE c.key = ",
    )
    .value(key)
    .sql(" AND c.month >= ")
    .value(filter.from)
    .sql(" AND c.month < ")
    .value(filter.until)
    .only(BY_NAME, filter.account, ")")
    .only(" AND c.region = ", filter.region, "")
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
