//! The savings ledger: changes that were applied, with the settings and prices of that day.

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    ids::{OperationId, WorkspaceId},
    money::Money,
    operations::{OperationAction, Parameters},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Result;

/// The three prices of a desktop, kept as they were; those that were not known are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPrice {
    pub always_on_month: Option<Money>,
    pub auto_stop_month: Option<Money>,
    pub auto_stop_hour: Option<Money>,
    pub currency: String,
    /// `contract::recommendations::PriceOrigin`.
    pub origin: String,
}

/// A change that was applied.
#[derive(Debug, Clone)]
pub struct NewApplied<'a> {
    pub operation: OperationId,
    pub workspace_id: &'a str,
    pub account_name: &'a str,
    pub region: &'a str,
    pub user_name: &'a str,
    pub applied_at: DateTime<Utc>,
    /// Running mode, timeout and compute type.
    pub before: &'a Parameters,
    /// `None`: it was terminated.
    pub after: Option<&'a Parameters>,
    pub prices_before: Option<&'a KeptPrice>,
    pub prices_after: Option<&'a KeptPrice>,
}

/// Writes it once, however often it is told.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewApplied<'_>) -> Result<()> {
    sql_query(
        "INSERT INTO applied_changes (operation, workspace_id, account_name, region, user_name, applied_at, before, after,
             prices_before, prices_after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(new.operation.0)
    .bind::<Text, _>(new.workspace_id)
    .bind::<Text, _>(new.account_name)
    .bind::<Text, _>(new.region)
    .bind::<Text, _>(new.user_name)
    .bind::<Timestamptz, _>(new.applied_at)
    .bind::<Jsonb, _>(json!(new.before))
    .bind::<Nullable<Jsonb>, _>(new.after.map(|it| json!(it)))
    .bind::<Nullable<Jsonb>, _>(new.prices_before.map(|it| json!(it)))
    .bind::<Nullable<Jsonb>, _>(new.prices_after.map(|it| json!(it)))
    .execute(conn)
    .await?;
    Ok(())
}

/// A line of the ledger.
#[derive(Debug, Clone)]
pub struct Applied {
    pub operation: OperationId,
    pub workspace_id: WorkspaceId,
    pub account_name: String,
    pub region: String,
    pub user_name: String,
    pub action: OperationAction,
    pub proposed_by: String,
    pub applied_at: DateTime<Utc>,
    /// The next change of the same desktop, or when it was gone.
    pub ended_at: Option<DateTime<Utc>>,
    pub before: Parameters,
    pub after: Option<Parameters>,
    pub prices_before: Option<KeptPrice>,
    pub prices_after: Option<KeptPrice>,
    /// What the recommendation said it saves, from which day to before which.
    pub predicted: Option<(Money, NaiveDate, NaiveDate)>,
    /// Of the prediction.
    pub predicted_currency: Option<String>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    operation: i64,
    #[diesel(sql_type = Text)]
    workspace_id: String,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    proposed_by: String,
    #[diesel(sql_type = Timestamptz)]
    applied_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    replaced_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    gone_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Jsonb)]
    before: Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    after: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    prices_before: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    prices_after: Option<Value>,
    #[diesel(sql_type = Nullable<BigInt>)]
    predicted_p50: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    predicted_currency: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    predicted_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    predicted_until: Option<NaiveDate>,
}

impl From<Row> for Applied {
    fn from(row: Row) -> Self {
        let price = |it: Value| serde_json::from_value(it).ok();
        let predicted =
            || Some((Money::from_nanos(row.predicted_p50?), row.predicted_from?, row.predicted_until?));
        // A termination is why it is gone.
        let gone_at = row.gone_at.filter(|_| row.after.is_some());
        Self {
            operation: OperationId(row.operation),
            workspace_id: WorkspaceId(row.workspace_id),
            account_name: row.account_name,
            region: row.region,
            user_name: row.user_name,
            action: OperationAction::parse(&row.action).unwrap_or(OperationAction::Tag),
            proposed_by: row.proposed_by,
            applied_at: row.applied_at,
            ended_at: row.replaced_at.into_iter().chain(gone_at).min(),
            before: serde_json::from_value(row.before).unwrap_or_default(),
            after: row.after.map(|it| serde_json::from_value(it).unwrap_or_default()),
            prices_before: row.prices_before.and_then(price),
            prices_after: row.prices_after.and_then(price),
            predicted: predicted(),
            predicted_currency: row.predicted_currency,
        }
    }
}

/// The latest changes that count at or after `since`, at most `limit`.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection, since: DateTime<Utc>, limit: i64) -> Result<Vec<Applied>> {
    let rows: Vec<Row> = sql_query(
        "SELECT c.*, o.action, o.proposed_by, o.predicted_p50, o.predicted_currency, o.predicted_from, o.predicted_until, w.gone_at
         FROM (SELECT a.*, lead(a.applied_at) OVER (PARTITION BY a.workspace_id ORDER BY a.applied_at) AS replaced_at
               FROM applied_changes a) c
         JOIN operations o ON o.id = c.operation
         LEFT JOIN workspaces w ON w.id = c.workspace_id
         WHERE c.replaced_at IS NULL OR c.replaced_at >= $1
         ORDER BY c.applied_at DESC, c.operation DESC, c.workspace_id LIMIT $2",
    )
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Applied::from).collect())
}
