//! Which desktops have the tag with their own id, and which lack it.

use chrono::{DateTime, Utc};
use contract::{
    ids::{AccountId, WorkspaceId},
    operations::{Tagging, TaggingAccount},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// Whether a desktop `w` has the tag `$1` with its own id.
const HAS: &str = "coalesce(w.tags ->> $1 = w.id, false)";

/// Of each desktop that is there: whether it has the tag `$1`, an open operation gives it to it, or nobody can now. `$2` is now,
/// `$3` the states in which AWS tags nothing.
fn desktops() -> String {
    format!(
        "SELECT w.id, w.account, a.name AS account_name, w.region, a.operator_role_arn <> '' AS can_act,
                {HAS} AS has, coalesce(o.gives, false) AS proposed,
                a.operator_role_arn = '' OR w.tags IS NULL OR w.state = ANY ($3) OR coalesce(o.busy, false) AS blocked
         FROM workspaces w JOIN accounts a ON a.id = w.account
         LEFT JOIN LATERAL (
             SELECT bool_or(d.set -> 'tags' ->> $1 = w.id) AS gives, bool_or(d.state <> 'planned') AS busy
             FROM operation_desktops d JOIN operations p ON p.id = d.operation
             WHERE d.workspace_id = w.id AND d.state IN ('planned', 'waiting', 'calling', 'accepted')
               AND (p.state <> 'proposed' OR p.expires_at > $2)) o ON true
         WHERE w.gone_at IS NULL"
    )
}

/// How many desktops have the tag `key` with their own id, and at most `limit` of those that an operation can give it to.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn tagging(
    conn: &mut AsyncPgConnection,
    key: &str,
    now: DateTime<Utc>,
    not_in: &[&str],
    limit: usize,
) -> Result<Tagging> {
    #[derive(QueryableByName)]
    struct RowOfAccount {
        #[diesel(sql_type = Text)]
        account: String,
        #[diesel(sql_type = Bool)]
        can_act: bool,
        #[diesel(sql_type = BigInt)]
        with: i64,
        #[diesel(sql_type = BigInt)]
        without: i64,
        #[diesel(sql_type = BigInt)]
        proposed: i64,
        #[diesel(sql_type = BigInt)]
        ready: i64,
        #[diesel(sql_type = Array<Text>)]
        ids: Vec<String>,
    }
    let accounts: Vec<RowOfAccount> = sql_query(format!(
        "SELECT account_name AS account, can_act, count(*) FILTER (WHERE has) AS with, count(*) FILTER (WHERE NOT has) AS without,
                count(*) FILTER (WHERE NOT has AND proposed) AS proposed,
                count(*) FILTER (WHERE NOT has AND NOT proposed AND NOT blocked) AS ready,
                coalesce((array_agg(id ORDER BY region, id) FILTER (WHERE NOT has AND NOT proposed AND NOT blocked))[:$4], '{{}}') AS ids
         FROM ({}) d GROUP BY account_name, can_act ORDER BY account_name",
        desktops()
    ))
    .bind::<Text, _>(key)
    .bind::<Timestamptz, _>(now)
    .bind::<Array<Text>, _>(not_in)
    .bind::<Integer, _>(i32::try_from(limit).unwrap_or(i32::MAX))
    .load(conn)
    .await?;
    let ids = accounts.iter().flat_map(|it| &it.ids).take(limit).cloned().map(WorkspaceId).collect();
    let sum = |of: fn(&RowOfAccount) -> i64| accounts.iter().map(of).sum::<i64>();
    let (without, proposed, ready) = (sum(|it| it.without), sum(|it| it.proposed), sum(|it| it.ready));
    Ok(Tagging {
        key: key.to_owned(),
        desktops_with: sum(|it| it.with),
        desktops_without: without,
        proposed,
        blocked: without - proposed - ready,
        ready,
        workspace_ids: ids,
        accounts: accounts
            .into_iter()
            .map(|it| TaggingAccount {
                account: it.account,
                desktops_with: it.with,
                desktops_without: it.without,
                can_act: it.can_act,
            })
            .collect(),
    })
}

/// Whether any desktop of an account has the tag `key` with its own id.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn uses_tag(conn: &mut AsyncPgConnection, account: AccountId, key: &str) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        uses: bool,
    }
    let row: Row = sql_query(format!(
        "SELECT EXISTS (SELECT FROM workspaces w WHERE w.account = $2 AND w.gone_at IS NULL AND {HAS}) AS uses"
    ))
    .bind::<Text, _>(key)
    .bind::<BigInt, _>(account.0)
    .get_result(conn)
    .await?;
    Ok(row.uses)
}
