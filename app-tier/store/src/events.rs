//! Who did what to desktops: events as CloudTrail told them, kept for ever, and what of it has been read.
//!
//! Invariant: an event is there once, however often and in whatever portions it is read. It never changes, so reading it
//! again writes nothing.

use chrono::{DateTime, Utc};
use contract::{
    events::Event,
    ids::{AccountId, EventId, WorkspaceId},
};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{catalog::select::Select, events::SeenEvent, usage::Span};
use serde_json::Value;

use crate::{Result, workspaces::Listed};

/// The columns that a list reads, for `domain::catalog::select::list`.
pub const COLUMNS: &str = "entry, id, at, name, summary, account, region, workspace_id, user_name, actor, actor_arn, \
                           source_identity, source_ip, user_agent, read_only, error_code, error_message";

/// Writes events of a place; those that are known already stay as they are. How many were new.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn insert(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    region: &str,
    seen: &[SeenEvent],
) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    macro_rules! column {
        ($field:ident) => {
            seen.iter().map(|it| it.$field.clone()).collect::<Vec<_>>()
        };
    }
    let touched: Vec<_> = seen.iter().map(|it| Value::Object(it.touched.clone())).collect();
    let desktops = seen.iter().flat_map(|event| {
        let named = event.workspaces.iter().map(|(id, error)| (Some(id.as_str()), error.as_deref()));
        // A call that names none is listed, too.
        let nothing = event.workspaces.is_empty().then_some((None, None));
        named.chain(nothing).map(move |(id, error)| (event.id.as_str(), (id, error)))
    });
    let (events, (ids, errors)): (Vec<_>, (Vec<_>, Vec<_>)) = desktops.unzip();
    let count: Count = sql_query(
        "WITH new AS (
            INSERT INTO events (account, region, id, at, name, summary, actor, actor_arn, source_identity, source_ip, user_agent,
                read_only, error_code, error_message, request, touched)
            SELECT $1, $2, t.* FROM unnest($3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::bool[], $13::text[], $14::text[], $15::jsonb[], $16::jsonb[]) AS t
            ON CONFLICT DO NOTHING RETURNING id, at, read_only),
         named AS (
            INSERT INTO event_workspaces (account, event, workspace_id, at, read_only, error_code)
            SELECT DISTINCT ON (n.id, t.workspace_id) $1, n.id, t.workspace_id, n.at, n.read_only, t.error_code
            FROM unnest($17::text[], $18::text[], $19::text[]) AS t(event, workspace_id, error_code)
            JOIN new n ON n.id = t.event
            ORDER BY n.id, t.workspace_id)
         SELECT count(*) AS n FROM new",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(region)
    .bind::<Array<Text>, _>(column!(id))
    .bind::<Array<Timestamptz>, _>(column!(at))
    .bind::<Array<Text>, _>(column!(name))
    .bind::<Array<Text>, _>(column!(summary))
    .bind::<Array<Text>, _>(column!(actor))
    .bind::<Array<Nullable<Text>>, _>(column!(actor_arn))
    .bind::<Array<Nullable<Text>>, _>(column!(source_identity))
    .bind::<Array<Nullable<Text>>, _>(column!(source_ip))
    .bind::<Array<Nullable<Text>>, _>(column!(user_agent))
    .bind::<Array<Bool>, _>(column!(read_only))
    .bind::<Array<Nullable<Text>>, _>(column!(error_code))
    .bind::<Array<Nullable<Text>>, _>(column!(error_message))
    .bind::<Array<Nullable<Jsonb>>, _>(column!(request))
    .bind::<Array<Jsonb>, _>(touched)
    .bind::<Array<Text>, _>(events)
    .bind::<Array<Nullable<Text>>, _>(ids)
    .bind::<Array<Nullable<Text>>, _>(errors)
    .get_result(conn)
    .await?;
    Ok(count.n)
}

/// What has been read of a place without a gap.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn covered(conn: &mut AsyncPgConnection, account: AccountId, region: &str) -> Result<Option<Span>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Timestamptz)]
        read_from: DateTime<Utc>,
        #[diesel(sql_type = Timestamptz)]
        read_until: DateTime<Utc>,
    }
    let row: Option<Row> =
        sql_query("SELECT read_from, read_until FROM event_reads WHERE account = $1 AND region = $2")
            .bind::<BigInt, _>(account.0)
            .bind::<Text, _>(region)
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(|it| Span::new(it.read_from, it.read_until)))
}

/// A span that touches what has been read is read now, too. One that comes after a gap begins anew: what lies before it
/// can no longer be had.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn cover(conn: &mut AsyncPgConnection, account: AccountId, region: &str, span: Span) -> Result<()> {
    sql_query(
        "INSERT INTO event_reads AS r (account, region, read_from, read_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, region) DO UPDATE SET
             read_from = CASE WHEN excluded.read_from > r.read_until THEN excluded.read_from
                              ELSE least(r.read_from, excluded.read_from) END,
             read_until = greatest(r.read_until, excluded.read_until)",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(region)
    .bind::<Timestamptz, _>(span.from)
    .bind::<Timestamptz, _>(span.until)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    entry: i64,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    summary: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Nullable<Text>)]
    workspace_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_name: Option<String>,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Nullable<Text>)]
    actor_arn: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    source_identity: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    source_ip: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    user_agent: Option<String>,
    #[diesel(sql_type = Bool)]
    read_only: bool,
    #[diesel(sql_type = Nullable<Text>)]
    error_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    error_message: Option<String>,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Event {
            entry: row.entry.to_string(),
            id: EventId(row.id),
            at: row.at,
            name: row.name,
            summary: row.summary,
            account: row.account,
            region: row.region,
            workspace_id: row.workspace_id.map(WorkspaceId),
            user_name: row.user_name,
            actor: row.actor,
            actor_arn: row.actor_arn,
            source_identity: row.source_identity,
            source_ip: row.source_ip,
            user_agent: row.user_agent,
            read_only: row.read_only,
            error_code: row.error_code,
            error_message: row.error_message,
        }
    }
}

/// The rows of `domain::catalog::select::list` over [`COLUMNS`], and the total when there is a row to tell it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection, select: Select) -> Result<(Vec<Listed<Event>>, Option<i64>)> {
    crate::select::list::<Row, _>(conn, select).await
}

/// The latest events of a span that changed something or tried to, latest first: of one desktop, or of all.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn latest(
    conn: &mut AsyncPgConnection,
    span: Span,
    workspace: Option<&WorkspaceId>,
    limit: i64,
) -> Result<Vec<Event>> {
    let rows: Vec<Row> = sql_query(format!(
        "SELECT {COLUMNS} FROM ask_events WHERE NOT read_only AND at >= $1 AND at < $2 AND ($3 IS NULL OR workspace_id = $3)
         ORDER BY at DESC, entry DESC LIMIT $4"
    ))
    .bind::<Timestamptz, _>(span.from)
    .bind::<Timestamptz, _>(span.until)
    .bind::<Nullable<Text>, _>(workspace.map(|it| it.0.as_str()))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}
