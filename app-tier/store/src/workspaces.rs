//! Desktops: the rows of lists here, what a sync writes in `sync`.

mod sync;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contract::{ids::WorkspaceId, workspaces::Workspace};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::Select;
use serde_json::Value;

pub use self::sync::{
    Look, bury, clear_tags, count, ids, set_connections, set_tags, upsert, upsert_bundles, upsert_directories,
};
use crate::{Result, select::Statement};

/// The columns that a list reads, for `domain::catalog::select::list`.
pub const COLUMNS: &str = "id, account, account_id, region, directory_id, directory, bundle_id, bundle, user_name, computer_name,
    ip_address, subnet_id, state, error_code, error_message, running_mode, auto_stop_minutes, compute_type, root_volume_gib,
    user_volume_gib, operating_system, protocol, root_encrypted, user_encrypted, connection, last_connected_at,
    connection_observed_at, tags, tags_observed_at, first_seen_at, observed_at, gone_at";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    account: String,
    #[diesel(sql_type = Text)]
    account_id: String,
    #[diesel(sql_type = Text)]
    region: String,
    #[diesel(sql_type = Text)]
    directory_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    directory: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bundle_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bundle: Option<String>,
    #[diesel(sql_type = Text)]
    user_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    computer_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    ip_address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    subnet_id: Option<String>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Text>)]
    error_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    error_message: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    running_mode: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    auto_stop_minutes: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    compute_type: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    root_volume_gib: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    user_volume_gib: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    operating_system: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    protocol: Option<String>,
    #[diesel(sql_type = Bool)]
    root_encrypted: bool,
    #[diesel(sql_type = Bool)]
    user_encrypted: bool,
    #[diesel(sql_type = Nullable<Text>)]
    connection: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_connected_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    connection_observed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    tags: Option<Value>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    tags_observed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    first_seen_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    observed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    gone_at: Option<DateTime<Utc>>,
}

impl From<Row> for Workspace {
    fn from(row: Row) -> Self {
        Workspace {
            id: WorkspaceId(row.id),
            account: row.account,
            account_id: row.account_id,
            region: row.region,
            directory_id: row.directory_id,
            directory: row.directory,
            bundle_id: row.bundle_id,
            bundle: row.bundle,
            user_name: row.user_name,
            computer_name: row.computer_name,
            ip_address: row.ip_address,
            subnet_id: row.subnet_id,
            state: row.state,
            error_code: row.error_code,
            error_message: row.error_message,
            running_mode: row.running_mode,
            auto_stop_minutes: row.auto_stop_minutes,
            compute_type: row.compute_type,
            root_volume_gib: row.root_volume_gib,
            user_volume_gib: row.user_volume_gib,
            operating_system: row.operating_system,
            protocol: row.protocol,
            root_encrypted: row.root_encrypted,
            user_encrypted: row.user_encrypted,
            connection: row.connection,
            last_connected_at: row.last_connected_at,
            connection_observed_at: row.connection_observed_at,
            tags: row.tags.map(tags_of),
            tags_observed_at: row.tags_observed_at,
            first_seen_at: row.first_seen_at,
            observed_at: row.observed_at,
            gone_at: row.gone_at,
        }
    }
}

fn tags_of(value: Value) -> BTreeMap<String, String> {
    let Value::Object(them) = value else { return BTreeMap::new() };
    let text = |value: Value| if let Value::String(it) = value { Some(it) } else { None };
    them.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// A row of a list, with what its cursor is made of.
#[derive(Debug)]
pub struct Listed<T> {
    pub item: T,
    pub sort_value: Option<String>,
}

#[derive(QueryableByName)]
struct ListRow {
    #[diesel(embed)]
    item: Row,
    #[diesel(sql_type = Nullable<Text>)]
    sort_value: Option<String>,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// The rows of `domain::catalog::select::list` over [`COLUMNS`], and the total when there is a row to tell it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(
    conn: &mut AsyncPgConnection,
    select: Select,
) -> Result<(Vec<Listed<Workspace>>, Option<i64>)> {
    let rows: Vec<ListRow> = Statement::kept(select).load(conn).await?;
    let total = rows.iter().map(|it| it.total).next();
    let listed = |row: ListRow| Listed { item: row.item.into(), sort_value: row.sort_value };
    Ok((rows.into_iter().map(listed).collect(), total))
}

/// One desktop, gone or not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: &WorkspaceId) -> Result<Option<Workspace>> {
    let statement = format!("SELECT {COLUMNS} FROM ask_workspaces WHERE id = $1");
    let row: Option<Row> = sql_query(statement).bind::<Text, _>(&id.0).get_result(conn).await.optional()?;
    Ok(row.map(Workspace::from))
}
