//! What the engine looks at, and what it advises.

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    ids::{OperationId, RecommendationId, WorkspaceId},
    money::{Currency, Money},
    recommendations::{Action, PriceOrigin, Recommendation},
};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::Select;
use serde_json::Value;

use crate::{Result, workspaces::Listed};

/// What is known of a desktop, apart from the hours of its days.
#[derive(Debug, Clone, QueryableByName)]
pub struct Subject {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = Text)]
    pub region: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub auto_stop_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub compute_type: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub operating_system: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub root_volume_gib: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_volume_gib: Option<i32>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub tags: Option<Value>,
    /// AWS has a row for its connection.
    #[diesel(sql_type = Nullable<Text>)]
    pub connection: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_connected_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub connection_observed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub observed_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub first_seen_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub standby: bool,
    /// It was in AlwaysOn this month and no longer is.
    #[diesel(sql_type = Bool)]
    pub left_always_on: bool,
}

/// Which desktops.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those that exist, after this id, by id; at most so many.
    After(&'a str, i64),
    Of(&'a [String]),
}

/// What the engine wants to know of desktops; `month` is when the current one began.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn subjects(
    conn: &mut AsyncPgConnection,
    which: Which<'_>,
    month: DateTime<Utc>,
) -> Result<Vec<Subject>> {
    let select = |condition: &str| {
        sql_query(format!(
            "SELECT w.id, w.region, w.running_mode, w.auto_stop_minutes, w.compute_type, w.operating_system, w.root_volume_gib,
                    w.user_volume_gib, w.tags, w.connection, w.last_connected_at, w.connection_observed_at, w.observed_at,
                    w.first_seen_at,
                    EXISTS (SELECT FROM changes c WHERE c.workspace_id = w.id AND c.field = 'running_mode' AND c.old = 'ALWAYS_ON'
                            AND c.observed_at >= $1) AS left_always_on,
                    EXISTS (SELECT FROM workspaces s WHERE s.id = w.id AND s.standby) AS standby
             FROM ask_workspaces w WHERE {condition}"
        ))
        .bind::<Timestamptz, _>(month)
    };
    match which {
        Which::After(id, most) => {
            select("w.gone_at IS NULL AND w.id > $2 ORDER BY w.id LIMIT $3")
                .bind::<Text, _>(id)
                .bind::<BigInt, _>(most)
                .load(conn)
                .await
        }
        Which::Of(ids) => select("w.id = ANY ($2)").bind::<Array<Text>, _>(ids).load(conn).await,
    }
}

/// Puts away what is advised of the desktops `ids`, in place of what was.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn replace(
    conn: &mut AsyncPgConnection,
    ids: &[&str],
    advice: &[(&str, domain::running_mode::Recommendation)],
    at: DateTime<Utc>,
) -> Result<()> {
    let rows: Vec<_> = advice.iter().map(|(id, it)| (*id, it, words(it))).collect();
    let whole = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
    macro_rules! column {
        ($row:ident => $value:expr) => {
            rows.iter().map(|$row| $value).collect::<Vec<_>>()
        };
    }
    sql_query(
        "WITH advised AS (
            SELECT * FROM unnest($2::text[], $3::text[], $4::int[], $5::date[], $6::text[], $7::bigint[], $8::bigint[], $9::text[], $10::date[],
                $11::int[], $12::bool[], $13::date[], $14::date[], $15::int[], $16::int[], $17::text[])
            AS t(workspace_id, action, minutes, holds_from, why, saves_p50, saves_p90, currency, saves_until, confidence, estimated,
                usage_from, usage_until, days_known, days_missing, prices)),
         withdrawn AS (
            DELETE FROM recommendations r WHERE r.workspace_id = ANY ($1)
              AND NOT EXISTS (SELECT FROM advised a WHERE a.workspace_id = r.workspace_id AND a.action = r.action))
         INSERT INTO recommendations (workspace_id, action, minutes, holds_from, why, saves_p50, saves_p90, currency, saves_until, confidence,
             estimated, usage_from, usage_until, days_known, days_missing, prices, made_at)
         SELECT a.*, $18 FROM advised a
         ON CONFLICT (workspace_id, action) DO UPDATE SET minutes = excluded.minutes, holds_from = excluded.holds_from, why = excluded.why,
             saves_p50 = excluded.saves_p50, saves_p90 = excluded.saves_p90, currency = excluded.currency, saves_until = excluded.saves_until,
             confidence = excluded.confidence, estimated = excluded.estimated, usage_from = excluded.usage_from,
             usage_until = excluded.usage_until, days_known = excluded.days_known, days_missing = excluded.days_missing,
             prices = excluded.prices, made_at = excluded.made_at",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Text>, _>(column!(it => it.0))
    .bind::<Array<Text>, _>(column!(it => it.2.action.name()))
    .bind::<Array<Nullable<Integer>>, _>(column!(it => it.2.minutes))
    .bind::<Array<Nullable<Date>>, _>(column!(it => it.2.holds_from))
    .bind::<Array<Text>, _>(column!(it => it.1.why.as_str()))
    .bind::<Array<BigInt>, _>(column!(it => it.1.saves_p50.nanos()))
    .bind::<Array<BigInt>, _>(column!(it => it.1.saves_p90.nanos()))
    .bind::<Array<Text>, _>(column!(it => it.1.currency.0.as_str()))
    .bind::<Array<Date>, _>(column!(it => it.1.saves_until))
    .bind::<Array<Integer>, _>(column!(it => it.2.confidence))
    .bind::<Array<Bool>, _>(column!(it => it.1.estimated))
    .bind::<Array<Date>, _>(column!(it => it.1.based_on.usage_from))
    .bind::<Array<Date>, _>(column!(it => it.1.based_on.usage_until))
    .bind::<Array<Integer>, _>(column!(it => whole(it.1.based_on.days_known)))
    .bind::<Array<Integer>, _>(column!(it => whole(it.1.based_on.days_missing)))
    .bind::<Array<Text>, _>(column!(it => it.2.prices.name()))
    .bind::<Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// What the wire and the table call parts of a recommendation.
struct Words {
    action: Action,
    minutes: Option<i32>,
    holds_from: Option<NaiveDate>,
    confidence: i32,
    prices: PriceOrigin,
}

fn words(it: &domain::running_mode::Recommendation) -> Words {
    use domain::{prices::Origin, running_mode::Action as Advised};
    let (action, minutes, holds_from) = match it.action {
        Advised::ToAlwaysOn => (Action::ToAlwaysOn, None, None),
        Advised::ToAutoStop { from } => (Action::ToAutoStop, None, Some(from)),
        Advised::SetTimeout { minutes } => (Action::SetTimeout, i32::try_from(minutes).ok(), None),
        Advised::Terminate => (Action::Terminate, None, None),
    };
    let prices = match it.based_on.prices {
        Origin::Listed => PriceOrigin::Listed,
        Origin::Offline => PriceOrigin::Offline,
        Origin::Estimated => PriceOrigin::Estimated,
    };
    let confidence =
        (0..=100).rev().find(|percent| f64::from(*percent) <= it.confidence * 100.0).unwrap_or(0);
    Words { action, minutes, holds_from, confidence, prices }
}

/// The columns that a list reads, for `domain::catalog::select::list`.
pub const COLUMNS: &str = "id, workspace_id, user_name, account, region, running_mode, auto_stop_minutes, compute_type, action, minutes,
    holds_from, why, saves_p50_nanos, saves_p90_nanos, currency, saves_until, confidence, estimated, usage_from, usage_until, days_known,
    days_missing, prices, made_at, operation";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Nullable<Text>)]
    running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    auto_stop_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    compute_type: Option<String>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Integer>)]
    minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Date>)]
    holds_from: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    why: String,
    #[diesel(sql_type = BigInt)]
    saves_p50_nanos: i64,
    #[diesel(sql_type = BigInt)]
    saves_p90_nanos: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Date)]
    saves_until: NaiveDate,
    #[diesel(sql_type = Integer)]
    confidence: i32,
    #[diesel(sql_type = Bool)]
    estimated: bool,
    #[diesel(sql_type = Date)]
    usage_from: NaiveDate,
    #[diesel(sql_type = Date)]
    usage_until: NaiveDate,
    #[diesel(sql_type = Integer)]
    days_known: i32,
    #[diesel(sql_type = Integer)]
    days_missing: i32,
    #[diesel(sql_type = Text)]
    prices: String,
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<BigInt>)]
    operation: Option<i64>,
}

impl From<Row> for Recommendation {
    fn from(row: Row) -> Self {
        Recommendation {
            id: RecommendationId(row.id),
            workspace_id: WorkspaceId(row.workspace_id),
            user_name: row.user_name,
            account: row.account,
            region: row.region,
            running_mode: row.running_mode,
            auto_stop_minutes: row.auto_stop_minutes,
            compute_type: row.compute_type,
            // The table holds no other.
            action: Action::parse(&row.action).unwrap_or(Action::SetTimeout),
            minutes: row.minutes,
            holds_from: row.holds_from,
            why: row.why,
            saves_p50: Money::from_nanos(row.saves_p50_nanos),
            saves_p90: Money::from_nanos(row.saves_p90_nanos),
            currency: Currency(row.currency),
            saves_until: row.saves_until,
            confidence: row.confidence,
            estimated: row.estimated,
            usage_from: row.usage_from,
            usage_until: row.usage_until,
            days_known: row.days_known,
            days_missing: row.days_missing,
            prices: PriceOrigin::parse(&row.prices).unwrap_or(PriceOrigin::Estimated),
            made_at: row.made_at,
            operation_id: row.operation.map(OperationId),
        }
    }
}

/// One of a desktop that exists.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: RecommendationId) -> Result<Option<Recommendation>> {
    let row: Option<Row> = sql_query(format!("SELECT {COLUMNS} FROM ask_recommendations WHERE id = $1"))
        .bind::<BigInt, _>(id.0)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Recommendation::from))
}

/// The rows of `domain::catalog::select::list` over [`COLUMNS`], and the total when there is a row to tell it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    select: Select,
) -> Result<(Vec<Listed<Recommendation>>, Option<i64>)> {
    crate::select::list::<Row, _>(conn, select).await
}
