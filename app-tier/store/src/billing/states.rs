//! How readings of Cost Explorer went, what is known of the tag with desktops' own ids, and when to read again.

use chrono::{DateTime, Utc};
use contract::{
    billing::{CostTagState, Reading, ReadingPart, ReadingState},
    ids::AccountId,
};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{Result, kept::Kept};

/// Notes how the reading of a part goes; a success is remembered when a later one fails.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn note(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    part: ReadingPart,
    state: ReadingState,
    at: DateTime<Utc>,
    denied_action: Option<&str>,
    message: Option<&str>,
) -> Result<()> {
    sql_query(
        "INSERT INTO cost_states AS s (account, part, state, tried_at, succeeded_at, denied_action, message)
         VALUES ($1, $2, $3, $4, CASE WHEN $3 = 'ok' THEN $4 END, $5, $6)
         ON CONFLICT (account, part) DO UPDATE SET state = excluded.state, tried_at = excluded.tried_at,
             succeeded_at = coalesce(excluded.succeeded_at, s.succeeded_at), denied_action = excluded.denied_action,
             message = excluded.message",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(part.name())
    .bind::<Text, _>(state.name())
    .bind::<Timestamptz, _>(at)
    .bind::<Nullable<Text>, _>(denied_action)
    .bind::<Nullable<Text>, _>(message)
    .execute(conn)
    .await?;
    Ok(())
}

/// How the last reading of every part of every account went, read or not; of one account if it is named.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn readings(conn: &mut AsyncPgConnection, account: Option<AccountId>) -> Result<Vec<Reading>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        part: String,
        #[diesel(sql_type = Text)]
        state: String,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        tried_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        succeeded_at: Option<DateTime<Utc>>,
        #[diesel(sql_type = Nullable<Text>)]
        denied_action: Option<String>,
        #[diesel(sql_type = Nullable<Text>)]
        message: Option<String>,
    }
    let parts: Vec<&str> = ReadingPart::ALL.iter().map(|it| it.name()).collect();
    let rows: Vec<Row> = Kept::new(format!(
        "SELECT a.id, a.name, p.part, coalesce(s.state, 'never') AS state, s.tried_at, s.succeeded_at, s.denied_action, s.message
         FROM accounts a CROSS JOIN unnest('{{{}}}'::text[]) WITH ORDINALITY AS p(part, place)
         LEFT JOIN cost_states s ON s.account = a.id AND s.part = p.part",
        parts.join(",")
    ))
    .only(" WHERE a.id = ", account.map(|it| it.0), "")
    .sql(" ORDER BY a.name, p.place")
    .load(conn)
    .await?;
    let reading = |row: Row| Reading {
        account_id: AccountId(row.id),
        account: row.name,
        part: ReadingPart::parse(&row.part).unwrap_or(ReadingPart::Services),
        state: ReadingState::parse(&row.state).unwrap_or(ReadingState::Failed),
        tried_at: row.tried_at,
        succeeded_at: row.succeeded_at,
        denied_action: row.denied_action,
        message: row.message,
    };
    Ok(rows.into_iter().map(reading).collect())
}

/// What is known of the tag with desktops' own ids, of one account or of all together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagState {
    pub state: CostTagState,
    /// Since when it was seen to be active.
    pub active_since: Option<DateTime<Utc>>,
    pub asked_at: DateTime<Utc>,
}

/// # Errors
/// PostgreSQL refuses.
pub async fn write_tag_state(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    key: &str,
    it: &TagState,
) -> Result<()> {
    sql_query(
        "INSERT INTO cost_tag_states (account, key, state, active_since, asked_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account) DO UPDATE SET key = excluded.key, state = excluded.state, active_since = excluded.active_since,
             asked_at = excluded.asked_at",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(key)
    .bind::<Text, _>(it.state.name())
    .bind::<Nullable<Timestamptz>, _>(it.active_since)
    .bind::<Timestamptz, _>(it.asked_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Of one account, or of all together: activated only where it is in all that use it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tag_state(
    conn: &mut AsyncPgConnection,
    account: Option<AccountId>,
    key: &str,
) -> Result<Option<TagState>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        state: String,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        active_since: Option<DateTime<Utc>>,
        #[diesel(sql_type = Nullable<Timestamptz>)]
        asked_at: Option<DateTime<Utc>>,
    }
    let row: Option<Row> = Kept::new(
        "SELECT CASE WHEN bool_or(state = 'inactive') THEN 'inactive' WHEN bool_or(state = 'unknown') THEN 'unknown'
                     WHEN bool_or(state = 'active') THEN 'active' ELSE 'unused' END AS state,
                max(active_since) AS active_since, min(asked_at) AS asked_at
         FROM cost_tag_states WHERE key = ",
    )
    .value(key)
    .only(" AND account = ", account.map(|it| it.0), "")
    .get_result(conn)
    .await
    .optional()?;
    Ok(row.and_then(|row| {
        Some(TagState {
            state: CostTagState::parse(&row.state)?,
            active_since: row.active_since,
            asked_at: row.asked_at?,
        })
    }))
}

/// Accounts whose desktops are known and that were last asked before `since`, or never.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn due(conn: &mut AsyncPgConnection, since: DateTime<Utc>) -> Result<Vec<AccountId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT a.id FROM accounts a LEFT JOIN cost_states s ON s.account = a.id AND s.part = 'services'
         WHERE (s.tried_at IS NULL OR s.tried_at < $1)
           AND EXISTS (SELECT FROM sync_states d WHERE d.account = a.id AND d.capability = 'desktops' AND d.succeeded_at IS NOT NULL)
         ORDER BY a.id",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| AccountId(it.id)).collect())
}

/// When desktops of an account were last put together.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn settled_at(conn: &mut AsyncPgConnection, account: AccountId) -> Result<Option<DateTime<Utc>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        at: Option<DateTime<Utc>>,
    }
    let row: Row = sql_query("SELECT max(settled_at) AS at FROM cost_settled WHERE account = $1")
        .bind::<BigInt, _>(account.0)
        .get_result(conn)
        .await?;
    Ok(row.at)
}
