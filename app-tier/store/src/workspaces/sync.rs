//! What a sync writes of desktops, and what it asks before.
//!
//! Invariant: nothing here deletes a desktop. What a complete sweep did not see gets `gone_at`, and each difference from
//! the row before is written to `changes` by the same statement that writes the row. A row without a difference is left
//! alone: that it was seen is in [`super::looks`].

use contract::{accounts::Capability, ids::AccountId};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::workspaces::{SeenBundle, SeenConnection, SeenDirectory, SeenTags, SeenWorkspace};

use super::looks::{Look, complete, last_look, not_complete, seen_by_sweep, sight};
use crate::Result;

/// The states that AutoStop desktops go through every day. Going from one to another is their breathing, not news: the
/// change feed would hold nothing else.
const BREATHING: &str = "('AVAILABLE', 'STOPPED', 'STARTING', 'STOPPING')";

/// Waits until nobody else writes desktops of this account-region, and keeps others waiting until the transaction ends.
///
/// Tags, connections and the desktops themselves are read by jobs that run at the same time and write to the same rows,
/// each in its own order: two of them would sooner or later wait for each other. It also makes what a statement sees as
/// the state before its own the state that it then replaces.
async fn take_turn(conn: &mut AsyncPgConnection, look: Look<'_>) -> Result<()> {
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('workspaces of ' || $1, $2))")
        .bind::<Text, _>(look.region)
        .bind::<BigInt, _>(look.account.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a batch of desktops and their changes; a desktop that is in the batch twice counts once.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn upsert(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenWorkspace]) -> Result<()> {
    take_turn(conn, look).await?;
    let ids: Vec<_> = seen.iter().map(|it| it.id.as_str()).collect();
    sight(conn, look, Capability::Desktops, &ids).await?;
    write(conn, look, seen).await
}

/// Writes some desktops that were looked at beside any sweep, and their changes. Of the look only its time counts.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn observe(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenWorkspace]) -> Result<()> {
    take_turn(conn, look).await?;
    write(conn, look, seen).await
}

async fn write(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenWorkspace]) -> Result<()> {
    let statement = format!(
        "WITH seen AS (
            SELECT DISTINCT ON (id) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::int[], $13::text[], $14::int[], $15::int[], $16::text[],
                $17::text[], $18::bool[], $19::bool[], $23::bool[])
            AS t(id, directory_id, bundle_id, user_name, computer_name, ip_address, subnet_id, state, error_code, error_message,
                running_mode, auto_stop_minutes, compute_type, root_volume_gib, user_volume_gib, operating_system, protocol,
                root_encrypted, user_encrypted, standby)
            ORDER BY id),
        before AS (SELECT w.* FROM workspaces w WHERE w.id IN (SELECT id FROM seen)),
        news AS (
            SELECT s.* FROM seen s LEFT JOIN before b ON b.id = s.id
            WHERE b.id IS NULL OR b.gone_at IS NOT NULL OR (b.account, b.region) IS DISTINCT FROM ($20, $21) OR
                (b.directory_id, b.bundle_id, b.user_name, b.computer_name, b.ip_address, b.subnet_id, b.state, b.error_code,
                 b.error_message, b.running_mode, b.auto_stop_minutes, b.compute_type, b.root_volume_gib, b.user_volume_gib,
                 b.operating_system, b.protocol, b.root_encrypted, b.user_encrypted, b.standby)
                IS DISTINCT FROM
                (s.directory_id, s.bundle_id, s.user_name, s.computer_name, s.ip_address, s.subnet_id, s.state, s.error_code,
                 s.error_message, s.running_mode, s.auto_stop_minutes, s.compute_type, s.root_volume_gib, s.user_volume_gib,
                 s.operating_system, s.protocol, s.root_encrypted, s.user_encrypted, s.standby)),
        written AS (
            INSERT INTO workspaces (id, account, region, directory_id, bundle_id, user_name, computer_name, ip_address, subnet_id,
                state, error_code, error_message, running_mode, auto_stop_minutes, compute_type, root_volume_gib, user_volume_gib,
                operating_system, protocol, root_encrypted, user_encrypted, standby, first_seen_at, observed_at)
            SELECT id, $20, $21, directory_id, bundle_id, user_name, computer_name, ip_address, subnet_id, state, error_code,
                error_message, running_mode, auto_stop_minutes, compute_type, root_volume_gib, user_volume_gib, operating_system,
                protocol, root_encrypted, user_encrypted, standby, $22, $22 FROM news
            ON CONFLICT (id) DO UPDATE SET account = excluded.account, region = excluded.region,
                directory_id = excluded.directory_id, bundle_id = excluded.bundle_id, user_name = excluded.user_name,
                computer_name = excluded.computer_name, ip_address = excluded.ip_address, subnet_id = excluded.subnet_id,
                state = excluded.state, error_code = excluded.error_code, error_message = excluded.error_message,
                running_mode = excluded.running_mode, auto_stop_minutes = excluded.auto_stop_minutes,
                compute_type = excluded.compute_type, root_volume_gib = excluded.root_volume_gib,
                user_volume_gib = excluded.user_volume_gib, operating_system = excluded.operating_system,
                protocol = excluded.protocol, root_encrypted = excluded.root_encrypted, user_encrypted = excluded.user_encrypted,
                standby = excluded.standby, observed_at = excluded.observed_at, gone_at = NULL)
        INSERT INTO changes (workspace_id, account, region, user_name, kind, field, old, new, observed_at, since)
        SELECT s.id, $20, $21, s.user_name, 'appeared', NULL, NULL, NULL, $22, {last_look}
            FROM news s WHERE NOT EXISTS (SELECT FROM before b WHERE b.id = s.id)
        UNION ALL
        SELECT s.id, $20, $21, s.user_name, 'returned', NULL, NULL, NULL, $22, greatest(b.gone_at, {last_look})
            FROM news s JOIN before b ON b.id = s.id WHERE b.gone_at IS NOT NULL
        UNION ALL
        SELECT s.id, $20, $21, s.user_name, 'changed', v.field, v.old, v.new, $22, greatest(b.observed_at, {last_look})
            FROM news s JOIN before b ON b.id = s.id
            CROSS JOIN LATERAL (VALUES
                ('state', b.state, s.state), ('running_mode', b.running_mode, s.running_mode),
                ('auto_stop_minutes', b.auto_stop_minutes::text, s.auto_stop_minutes::text),
                ('compute_type', b.compute_type, s.compute_type), ('bundle_id', b.bundle_id, s.bundle_id),
                ('directory_id', b.directory_id, s.directory_id), ('user_name', b.user_name, s.user_name),
                ('computer_name', b.computer_name, s.computer_name), ('subnet_id', b.subnet_id, s.subnet_id),
                ('root_volume_gib', b.root_volume_gib::text, s.root_volume_gib::text),
                ('user_volume_gib', b.user_volume_gib::text, s.user_volume_gib::text),
                ('operating_system', b.operating_system, s.operating_system), ('protocol', b.protocol, s.protocol),
                ('error_code', b.error_code, s.error_code)) AS v(field, old, new)
            WHERE v.old IS DISTINCT FROM v.new
              AND NOT (v.field = 'state' AND v.old IN {BREATHING} AND v.new IN {BREATHING})",
        last_look = last_look(Capability::Desktops, 20)
    );
    macro_rules! column {
        ($field:ident) => {
            seen.iter().map(|it| it.$field.clone()).collect::<Vec<_>>()
        };
    }
    sql_query(statement)
        .bind::<Array<Text>, _>(column!(id))
        .bind::<Array<Text>, _>(column!(directory_id))
        .bind::<Array<Nullable<Text>>, _>(column!(bundle_id))
        .bind::<Array<Text>, _>(column!(user_name))
        .bind::<Array<Nullable<Text>>, _>(column!(computer_name))
        .bind::<Array<Nullable<Text>>, _>(column!(ip_address))
        .bind::<Array<Nullable<Text>>, _>(column!(subnet_id))
        .bind::<Array<Text>, _>(column!(state))
        .bind::<Array<Nullable<Text>>, _>(column!(error_code))
        .bind::<Array<Nullable<Text>>, _>(column!(error_message))
        .bind::<Array<Nullable<Text>>, _>(column!(running_mode))
        .bind::<Array<Nullable<Integer>>, _>(column!(auto_stop_minutes))
        .bind::<Array<Nullable<Text>>, _>(column!(compute_type))
        .bind::<Array<Nullable<Integer>>, _>(column!(root_volume_gib))
        .bind::<Array<Nullable<Integer>>, _>(column!(user_volume_gib))
        .bind::<Array<Nullable<Text>>, _>(column!(operating_system))
        .bind::<Array<Nullable<Text>>, _>(column!(protocol))
        .bind::<Array<Bool>, _>(column!(root_encrypted))
        .bind::<Array<Bool>, _>(column!(user_encrypted))
        .bind::<BigInt, _>(look.account.0)
        .bind::<Text, _>(look.region)
        .bind::<Timestamptz, _>(look.at)
        .bind::<Array<Bool>, _>(column!(standby))
        .execute(conn)
        .await?;
    Ok(())
}

/// After a complete sweep: what it did not see is gone. How many that are.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn bury(conn: &mut AsyncPgConnection, look: Look<'_>) -> Result<usize> {
    take_turn(conn, look).await?;
    let buried = sql_query(format!(
        "WITH {sighted}, buried AS (
            UPDATE workspaces w SET gone_at = $4, observed_at = greatest(observed_at,
                (SELECT desktops FROM workspace_looks WHERE account = $1 AND region = $2))
            WHERE account = $1 AND region = $2 AND gone_at IS NULL AND observed_at < $3
              AND w.id NOT IN (SELECT id FROM sighted) AND {not_complete}
            RETURNING id, user_name)
         INSERT INTO changes (workspace_id, account, region, user_name, kind, observed_at, since)
         SELECT id, $1, $2, user_name, 'gone', $4, {last_look} FROM buried",
        sighted = seen_by_sweep(Capability::Desktops),
        not_complete = not_complete(Capability::Desktops),
        last_look = last_look(Capability::Desktops, 1)
    ))
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.began)
    .bind::<Timestamptz, _>(look.at)
    .execute(conn)
    .await?;
    complete(conn, look, Capability::Desktops).await?;
    Ok(buried)
}

/// Notes that one desktop is gone, which was looked at beside any sweep.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn bury_one(conn: &mut AsyncPgConnection, look: Look<'_>, id: &str) -> Result<()> {
    take_turn(conn, look).await?;
    sql_query(format!(
        "WITH buried AS (
            UPDATE workspaces SET gone_at = $3, observed_at = $3
            WHERE account = $1 AND region = $2 AND id = $4 AND gone_at IS NULL RETURNING id, user_name)
         INSERT INTO changes (workspace_id, account, region, user_name, kind, observed_at, since)
         SELECT id, $1, $2, user_name, 'gone', $3, {last_look} FROM buried",
        last_look = last_look(Capability::Desktops, 1)
    ))
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.at)
    .bind::<Text, _>(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Desktops that exist, of one account-region, after the id `after`, by id.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn ids(
    conn: &mut AsyncPgConnection,
    account: AccountId,
    region: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        id: String,
    }
    let rows: Vec<Id> = sql_query(
        "SELECT id FROM workspaces WHERE account = $1 AND region = $2 AND gone_at IS NULL AND id > $3 ORDER BY id LIMIT $4",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(region)
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.id).collect())
}

/// How many exist in one account-region.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn count(conn: &mut AsyncPgConnection, account: AccountId, region: &str) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let row: Count = sql_query(
        "SELECT coalesce((SELECT n FROM workspace_counts WHERE account = $1 AND region = $2), 0) AS n",
    )
    .bind::<BigInt, _>(account.0)
    .bind::<Text, _>(region)
    .get_result(conn)
    .await?;
    Ok(row.n)
}

/// Writes the tags of a batch, with a change for each tag that differs.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn set_tags(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenTags]) -> Result<()> {
    take_turn(conn, look).await?;
    let ids: Vec<_> = seen.iter().map(|it| it.workspace_id.as_str()).collect();
    let tags: Vec<_> = seen.iter().map(|it| serde_json::json!(it.tags)).collect();
    sight(conn, look, Capability::Tags, &ids).await?;
    write_seen_tags(conn, look, &ids, tags).await
}

/// Writes the tags of some desktops that were looked at beside any sweep, and their changes.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn observe_tags(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenTags]) -> Result<()> {
    take_turn(conn, look).await?;
    let ids: Vec<_> = seen.iter().map(|it| it.workspace_id.as_str()).collect();
    let tags: Vec<_> = seen.iter().map(|it| serde_json::json!(it.tags)).collect();
    write_seen_tags(conn, look, &ids, tags).await
}

async fn write_seen_tags(
    conn: &mut AsyncPgConnection,
    look: Look<'_>,
    ids: &[&str],
    tags: Vec<serde_json::Value>,
) -> Result<()> {
    sql_query(write_tags("seen AS (SELECT DISTINCT ON (id) id, tags FROM unnest($5::text[], $6::jsonb[]) AS t(id, tags) ORDER BY id)"))
        .bind::<BigInt, _>(look.account.0)
        .bind::<Text, _>(look.region)
        .bind::<Timestamptz, _>(look.began)
        .bind::<Timestamptz, _>(look.at)
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<Jsonb>, _>(tags)
        .execute(conn)
        .await?;
    Ok(())
}

/// After a complete sweep of tags: those it did not answer for have none. A desktop that appeared later is left to the
/// next sweep, because this one may have been past its place.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn clear_tags(conn: &mut AsyncPgConnection, look: Look<'_>) -> Result<()> {
    take_turn(conn, look).await?;
    sql_query(write_tags(&format!(
        "{sighted}, seen AS (
            SELECT id, '{{}}'::jsonb AS tags FROM workspaces w
            WHERE account = $1 AND region = $2 AND gone_at IS NULL AND first_seen_at <= $3
              AND w.id NOT IN (SELECT id FROM sighted) AND {not_complete})",
        sighted = seen_by_sweep(Capability::Tags),
        not_complete = not_complete(Capability::Tags)
    )))
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.began)
    .bind::<Timestamptz, _>(look.at)
    .execute(conn)
    .await?;
    complete(conn, look, Capability::Tags).await
}

/// The statement that gives the desktops of the list `seen` its tags, where they differ: at `$4`, in the place `$1`, `$2`.
fn write_tags(seen: &str) -> String {
    format!(
        "WITH {seen},
         before AS (SELECT w.id, w.user_name, w.tags, w.tags_observed_at FROM workspaces w JOIN seen s ON s.id = w.id
                    WHERE w.account = $1 AND w.region = $2 AND w.tags IS DISTINCT FROM s.tags),
         written AS (UPDATE workspaces w SET tags = s.tags, tags_observed_at = $4 FROM before b JOIN seen s ON s.id = b.id
                     WHERE w.id = b.id)
         INSERT INTO changes (workspace_id, account, region, user_name, kind, field, old, new, observed_at, since)
         SELECT b.id, $1, $2, b.user_name, 'changed', 'tags.' || k.name, b.tags ->> k.name, s.tags ->> k.name, $4,
             greatest(b.tags_observed_at, {last_look})
         FROM before b JOIN seen s ON s.id = b.id
         CROSS JOIN LATERAL (SELECT jsonb_object_keys(b.tags || s.tags) AS name) k
         -- The first time tags are read, all of them would be news.
         WHERE b.tags IS NOT NULL AND b.tags ->> k.name IS DISTINCT FROM s.tags ->> k.name",
        last_look = last_look(Capability::Tags, 1)
    )
}

/// Writes the connection status of the desktops `asked`; those that AWS has no row for keep their last connection and
/// lose their state.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn set_connections(
    conn: &mut AsyncPgConnection,
    look: Look<'_>,
    asked: &[String],
    seen: &[SeenConnection],
) -> Result<()> {
    take_turn(conn, look).await?;
    sql_query(
        "UPDATE workspaces w SET connection = s.state, last_connected_at = greatest(w.last_connected_at, s.last_connected_at),
             connection_observed_at = $3
         FROM unnest($4::text[]) AS a(id)
         LEFT JOIN (SELECT DISTINCT ON (id) * FROM unnest($5::text[], $6::text[], $7::timestamptz[]) AS t(id, state, last_connected_at) ORDER BY id) s
             ON s.id = a.id
         WHERE w.id = a.id AND w.account = $1 AND w.region = $2
           AND (w.connection_observed_at IS NULL OR w.connection IS DISTINCT FROM s.state
                OR s.last_connected_at > w.last_connected_at OR w.last_connected_at IS NULL AND s.last_connected_at IS NOT NULL)",
    )
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.at)
    .bind::<Array<Text>, _>(asked)
    .bind::<Array<Text>, _>(seen.iter().map(|it| it.workspace_id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(seen.iter().map(|it| it.state.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Timestamptz>>, _>(seen.iter().map(|it| it.last_connected_at).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// After a complete sweep of connections: all desktops that there were have been asked for.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn complete_connections(conn: &mut AsyncPgConnection, look: Look<'_>) -> Result<()> {
    complete(conn, look, Capability::ConnectionStatus).await
}

/// # Errors
/// PostgreSQL refuses.
pub async fn upsert_bundles(conn: &mut AsyncPgConnection, look: Look<'_>, seen: &[SeenBundle]) -> Result<()> {
    sql_query(
        "INSERT INTO bundles (account, region, id, name, owner, compute_type, observed_at)
         SELECT DISTINCT ON (id) $1, $2, id, name, owner, compute_type, $3
         FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS t(id, name, owner, compute_type) ORDER BY id
         ON CONFLICT (account, region, id) DO UPDATE SET name = excluded.name, owner = excluded.owner,
             compute_type = excluded.compute_type, observed_at = excluded.observed_at",
    )
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.at)
    .bind::<Array<Text>, _>(seen.iter().map(|it| it.id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(seen.iter().map(|it| it.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(seen.iter().map(|it| it.owner.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(seen.iter().map(|it| it.compute_type.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// PostgreSQL refuses.
pub async fn upsert_directories(
    conn: &mut AsyncPgConnection,
    look: Look<'_>,
    seen: &[SeenDirectory],
) -> Result<()> {
    sql_query(
        "INSERT INTO directories (account, region, id, name, alias, state, observed_at)
         SELECT DISTINCT ON (id) $1, $2, id, name, alias, state, $3
         FROM unnest($4::text[], $5::text[], $6::text[], $7::text[]) AS t(id, name, alias, state) ORDER BY id
         ON CONFLICT (account, region, id) DO UPDATE SET name = excluded.name, alias = excluded.alias, state = excluded.state,
             observed_at = excluded.observed_at",
    )
    .bind::<BigInt, _>(look.account.0)
    .bind::<Text, _>(look.region)
    .bind::<Timestamptz, _>(look.at)
    .bind::<Array<Text>, _>(seen.iter().map(|it| it.id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(seen.iter().map(|it| it.name.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(seen.iter().map(|it| it.alias.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(seen.iter().map(|it| it.state.as_deref()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}
