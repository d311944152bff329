//! What is known of desktops, as far as what they cost follows from it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    ids::AccountId,
    money::{Currency, Money},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Date, Double, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{billing::model::ModeChange, usage::Month};
use serde_json::Value;

use crate::Result;

/// What is known of a desktop, as far as its price follows from it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Desktop {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = BigInt)]
    pub account: i64,
    #[diesel(sql_type = Text)]
    pub region: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    tags: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub operating_system: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub compute_type: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub root_volume_gib: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub user_volume_gib: Option<i32>,
    #[diesel(sql_type = Timestamptz)]
    pub first_seen_at: DateTime<Utc>,
    /// When it was made, if it was made after Skydesk began to look.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub created_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub gone_at: Option<DateTime<Utc>>,
    /// From when to when its usage is known.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub observed_from: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub observed_until: Option<DateTime<Utc>>,
}

impl Desktop {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.as_ref()?.get(key)?.as_str()
    }
}

/// The desktops of these ids that Skydesk has seen.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn subjects(conn: &mut AsyncPgConnection, ids: &[String]) -> Result<Vec<Desktop>> {
    sql_query(
        "SELECT w.id, w.account, w.region, w.tags, w.running_mode, w.operating_system, w.compute_type, w.root_volume_gib, w.user_volume_gib,
                w.first_seen_at, w.gone_at, m.observed_from, m.observed_until,
                (SELECT min(c.observed_at) FROM changes c WHERE c.workspace_id = w.id AND c.kind = 'appeared' AND c.since IS NOT NULL)
                    AS created_at
         FROM workspaces w LEFT JOIN usage_marks m ON m.workspace_id = w.id WHERE w.id = ANY ($1)",
    )
    .bind::<Array<Text>, _>(ids)
    .load(conn)
    .await
}

/// Every desktop of an account that may have been charged in a month: seen by Skydesk and not gone before, or told of by
/// Cost Explorer. By id.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn ids_of_month(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: Month,
) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        id: String,
    }
    let span = month.span();
    let rows: Vec<Row> = sql_query(
        "SELECT id FROM workspaces WHERE account = $1 AND (gone_at IS NULL OR gone_at >= $2)
         UNION SELECT workspace_id FROM cost_resource_days WHERE account = $1 AND day >= $3 AND day < $4
         UNION SELECT workspace_id FROM cost_tag_months WHERE account = $1 AND month = $3 ORDER BY 1",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Timestamptz, _>(span.from)
    .bind::<Date, _>(month.first_day())
    .bind::<Date, _>(month.next().first_day())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.id).collect())
}

/// What is known of the days of one desktop.
#[derive(Debug, Clone, Default)]
pub struct DesktopDays {
    /// Billable hours of the days that have any.
    pub hours: BTreeMap<NaiveDate, u32>,
    /// What was charged by resource.
    pub resource: BTreeMap<Currency, BTreeMap<NaiveDate, Money>>,
    pub modes: Vec<ModeChange>,
}

/// What is known of desktops in `[from, until)`, and all changes of their modes.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn known(
    conn: &mut AsyncPgConnection,
    ids: &[String],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<HashMap<String, DesktopDays>> {
    #[derive(QueryableByName)]
    struct Hours {
        #[diesel(sql_type = Text)]
        workspace_id: String,
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Integer)]
        billable_hours: i32,
    }
    #[derive(QueryableByName)]
    struct Charged {
        #[diesel(sql_type = Text)]
        workspace_id: String,
        #[diesel(sql_type = Date)]
        day: NaiveDate,
        #[diesel(sql_type = Text)]
        currency: String,
        #[diesel(sql_type = BigInt)]
        nanos: i64,
    }
    #[derive(QueryableByName)]
    struct Change {
        #[diesel(sql_type = Text)]
        workspace_id: String,
        #[diesel(sql_type = Timestamptz)]
        at: DateTime<Utc>,
        #[diesel(sql_type = Nullable<Text>)]
        old: Option<String>,
        #[diesel(sql_type = Text)]
        new: String,
    }
    let mut all: HashMap<String, DesktopDays> = HashMap::new();
    let hours: Vec<Hours> = sql_query(
        "SELECT workspace_id, day, billable_hours FROM usage_days
         WHERE workspace_id = ANY ($1) AND day >= $2 AND day < $3 AND billable_hours > 0",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Date, _>(from)
    .bind::<Date, _>(until)
    .load(conn)
    .await?;
    for it in hours {
        let hours = u32::try_from(it.billable_hours).unwrap_or(0);
        all.entry(it.workspace_id).or_default().hours.insert(it.day, hours);
    }
    let charged: Vec<Charged> = sql_query(
        "SELECT workspace_id, day, currency, nanos FROM cost_resource_days
         WHERE workspace_id = ANY ($1) AND day >= $2 AND day < $3",
    )
    .bind::<Array<Text>, _>(ids)
    .bind::<Date, _>(from)
    .bind::<Date, _>(until)
    .load(conn)
    .await?;
    for it in charged {
        let of_one = &mut all.entry(it.workspace_id).or_default().resource;
        of_one.entry(Currency(it.currency)).or_default().insert(it.day, Money::from_nanos(it.nanos));
    }
    let changes: Vec<Change> = sql_query(
        "SELECT workspace_id, observed_at AS at, old, new FROM changes
         WHERE workspace_id = ANY ($1) AND field = 'running_mode' AND new IS NOT NULL
         UNION ALL
         SELECT n.workspace_id, n.at, NULL, e.touched ->> 'running_mode' FROM event_workspaces n
         JOIN events e ON e.account = n.account AND e.id = n.event
         WHERE n.workspace_id = ANY ($1) AND NOT n.read_only AND n.error_code IS NULL AND e.error_code IS NULL
           AND e.touched ->> 'running_mode' IS NOT NULL",
    )
    .bind::<Array<Text>, _>(ids)
    .load(conn)
    .await?;
    for it in changes {
        let change = ModeChange {
            at: it.at,
            from_always_on: it.old.as_deref().map(charged_monthly),
            to_always_on: charged_monthly(&it.new),
        };
        all.entry(it.workspace_id).or_default().modes.push(change);
    }
    Ok(all)
}

/// Whether a mode is charged by the month alone. Of modes that are not known the model says nothing anyhow.
fn charged_monthly(mode: &str) -> bool {
    mode != "AUTO_STOP"
}

/// What desktops were charged in a month by the tag of `key` with their id, and how much of the month's costs carries it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tag_amounts(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    month: NaiveDate,
    key: &str,
) -> Result<(f64, HashMap<String, BTreeMap<Currency, Money>>)> {
    #[derive(QueryableByName)]
    struct Carried {
        #[diesel(sql_type = Double)]
        carried: f64,
    }
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        workspace_id: String,
        #[diesel(sql_type = Text)]
        currency: String,
        #[diesel(sql_type = BigInt)]
        nanos: i64,
    }
    let carried: Vec<Carried> = sql_query(
        "SELECT carried FROM cost_reads WHERE account = $1 AND month = $2 AND part = 'tags' AND key = $3 AND carried IS NOT NULL",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month)
    .bind::<Text, _>(key)
    .load(conn)
    .await?;
    let Some(carried) = carried.into_iter().next() else { return Ok((0.0, HashMap::new())) };
    let rows: Vec<Row> = sql_query(
        "SELECT workspace_id, currency, nanos FROM cost_tag_months WHERE account = $1 AND month = $2",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Date, _>(month)
    .load(conn)
    .await?;
    let mut all: HashMap<String, BTreeMap<Currency, Money>> = HashMap::new();
    for it in rows {
        all.entry(it.workspace_id).or_default().insert(Currency(it.currency), Money::from_nanos(it.nanos));
    }
    Ok((carried.carried, all))
}
