//! Registered AWS accounts.

use chrono::{DateTime, Utc};
use contract::{
    accounts::{Account, NewAccount},
    ids::AccountId,
};
use diesel::OptionalExtension;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::Result;

/// The constraint that a taken name breaks.
pub const NAME_TAKEN: &str = "accounts_name_key";
/// The constraint that an account number broke that is registered already.
pub const NUMBER_TAKEN: &str = "accounts_account_id_key";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    account_id: String,
    #[diesel(sql_type = Text)]
    role_arn: String,
    #[diesel(sql_type = Text)]
    external_id: String,
    #[diesel(sql_type = Text)]
    operator_role_arn: String,
    #[diesel(sql_type = Array<Text>)]
    regions: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    desktops: i64,
    #[diesel(sql_type = Integer)]
    version: i32,
}

impl From<Row> for Account {
    fn from(row: Row) -> Self {
        Account {
            id: AccountId(row.id),
            name: row.name,
            account_id: row.account_id,
            role_arn: Some(row.role_arn),
            external_id: Some(row.external_id),
            can_act: !row.operator_role_arn.is_empty(),
            operator_role_arn: Some(row.operator_role_arn).filter(|it| !it.is_empty()),
            regions: row.regions,
            created_at: row.created_at,
            desktops: row.desktops,
            version: row.version,
        }
    }
}

const COLUMNS: &str =
    "a.id, a.name, a.account_id, a.role_arn, a.external_id, a.operator_role_arn, a.regions, a.created_at, a.version,
    coalesce((SELECT sum(c.n) FROM workspace_counts c WHERE c.account = a.id), 0)::bigint AS desktops";

/// All accounts by name. A team has tens of them, so there are no pages.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection) -> Result<Vec<Account>> {
    let rows: Vec<Row> =
        sql_query(format!("SELECT {COLUMNS} FROM accounts a ORDER BY a.name")).load(conn).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: AccountId) -> Result<Option<Account>> {
    let row: Option<Row> = sql_query(format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = $1"))
        .bind::<BigInt, _>(id.0)
        .get_result(conn)
        .await
        .optional()?;
    Ok(row.map(Account::from))
}

/// # Errors
/// [`NAME_TAKEN`], [`NUMBER_TAKEN`], or PostgreSQL refuses.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewAccount) -> Result<Account> {
    let statement = format!(
        "WITH a AS (INSERT INTO accounts (name, account_id, role_arn, external_id, regions, operator_role_arn)
                    VALUES ($1, $2, $3, $4, $5, $6) RETURNING *)
         SELECT {COLUMNS} FROM a"
    );
    let row: Row = sql_query(statement)
        .bind::<Text, _>(&new.name)
        .bind::<Text, _>(&new.account_id)
        .bind::<Text, _>(&new.role_arn)
        .bind::<Text, _>(&new.external_id)
        .bind::<Array<Text>, _>(&new.regions)
        .bind::<Text, _>(&new.operator_role_arn)
        .get_result(conn)
        .await?;
    Ok(row.into())
}

/// Changes the account if its version is still `version`, or whatever it is when `None`. `NotFound` otherwise.
///
/// # Errors
/// [`NAME_TAKEN`], [`NUMBER_TAKEN`], or PostgreSQL refuses.
pub async fn update(
    conn: &mut AsyncPgConnection,
    id: AccountId,
    new: &NewAccount,
    version: Option<i32>,
) -> Result<Account> {
    let statement = format!(
        "WITH a AS (UPDATE accounts SET name = $1, account_id = $2, role_arn = $3, external_id = $4, regions = $5,
                        operator_role_arn = $8, version = version + 1
                    WHERE id = $6 AND ($7::int IS NULL OR version = $7) RETURNING *)
         SELECT {COLUMNS} FROM a"
    );
    let row: Row = sql_query(statement)
        .bind::<Text, _>(&new.name)
        .bind::<Text, _>(&new.account_id)
        .bind::<Text, _>(&new.role_arn)
        .bind::<Text, _>(&new.external_id)
        .bind::<Array<Text>, _>(&new.regions)
        .bind::<BigInt, _>(id.0)
        .bind::<diesel::sql_types::Nullable<Integer>, _>(version)
        .bind::<Text, _>(&new.operator_role_arn)
        .get_result(conn)
        .await?;
    Ok(row.into())
}

/// Gives an account that has no role for operations the one of `new`. Whether it had none.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn add_operator_role(conn: &mut AsyncPgConnection, new: &NewAccount) -> Result<bool> {
    let changed = sql_query(
        "UPDATE accounts SET operator_role_arn = $2, version = version + 1
         WHERE account_id = $1 AND operator_role_arn = '' AND $2 <> ''",
    )
    .bind::<Text, _>(&new.account_id)
    .bind::<Text, _>(&new.operator_role_arn)
    .execute(conn)
    .await?;
    Ok(changed > 0)
}

/// Removes the account and everything known of it. Whether there was one.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn delete(conn: &mut AsyncPgConnection, id: AccountId) -> Result<bool> {
    Ok(sql_query("DELETE FROM accounts WHERE id = $1").bind::<BigInt, _>(id.0).execute(conn).await? > 0)
}
