//! AWS's price list of desktops, as it was last read.

use chrono::{DateTime, Utc};
use contract::money::{Currency, Money};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::prices::{Licence, PriceKey, Sku, Unit};

use crate::Result;

fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::AlwaysOnMonth => "always_on_month",
        Unit::AutoStopMonth => "auto_stop_month",
        Unit::AutoStopHour => "auto_stop_hour",
    }
}

/// Replaces the list of one region. To be called in a transaction.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn replace(
    conn: &mut AsyncPgConnection,
    region: &str,
    skus: &[Sku],
    at: DateTime<Utc>,
) -> Result<()> {
    sql_query("DELETE FROM prices WHERE region = $1").bind::<Text, _>(region).execute(conn).await?;
    let skus: Vec<_> = skus.iter().filter(|it| it.key.region == region).collect();
    let gib = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
    sql_query(
        "INSERT INTO prices (region, operating_system, byol, compute_type, root_gib, user_gib, unit, nanos, currency)
         SELECT $1, * FROM unnest($2::text[], $3::bool[], $4::text[], $5::int[], $6::int[], $7::text[], $8::bigint[], $9::text[])
         ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(region)
    .bind::<Array<Text>, _>(skus.iter().map(|it| it.key.operating_system.as_str()).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(skus.iter().map(|it| it.key.licence == Licence::Byol).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skus.iter().map(|it| it.key.compute_type.as_str()).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(skus.iter().map(|it| gib(it.key.root_gib)).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(skus.iter().map(|it| gib(it.key.user_gib)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skus.iter().map(|it| name(it.unit)).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(skus.iter().map(|it| it.price.nanos()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(skus.iter().map(|it| it.currency.0.as_str()).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    note(conn, region, at, Some(at), None).await
}

/// Notes that the list of a region could not be read. What was read before stays.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn fail(
    conn: &mut AsyncPgConnection,
    region: &str,
    at: DateTime<Utc>,
    message: &str,
) -> Result<()> {
    note(conn, region, at, None, Some(message)).await
}

async fn note(
    conn: &mut AsyncPgConnection,
    region: &str,
    tried_at: DateTime<Utc>,
    read_at: Option<DateTime<Utc>>,
    message: Option<&str>,
) -> Result<()> {
    sql_query(
        "INSERT INTO price_reads (region, read_at, tried_at, message) VALUES ($1, $2, $3, $4)
         ON CONFLICT (region) DO UPDATE SET read_at = coalesce(excluded.read_at, price_reads.read_at),
             tried_at = excluded.tried_at, message = excluded.message",
    )
    .bind::<Text, _>(region)
    .bind::<Nullable<Timestamptz>, _>(read_at)
    .bind::<Timestamptz, _>(tried_at)
    .bind::<Nullable<Text>, _>(message)
    .execute(conn)
    .await?;
    Ok(())
}

/// Regions with desktops whose list was not asked for since `since`.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn regions_to_read(conn: &mut AsyncPgConnection, since: DateTime<Utc>) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        region: String,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT DISTINCT c.region FROM workspace_counts c LEFT JOIN price_reads p ON p.region = c.region
         WHERE c.n > 0 AND (p.tried_at IS NULL OR p.tried_at < $1) ORDER BY 1",
    )
    .bind::<Timestamptz, _>(since)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|it| it.region).collect())
}

/// All that is known.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn all(conn: &mut AsyncPgConnection) -> Result<Vec<Sku>> {
    load(conn, None).await
}

/// All that is known of one region.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn of_region(conn: &mut AsyncPgConnection, region: &str) -> Result<Vec<Sku>> {
    load(conn, Some(region)).await
}

async fn load(conn: &mut AsyncPgConnection, region: Option<&str>) -> Result<Vec<Sku>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        region: String,
        #[diesel(sql_type = Text)]
        operating_system: String,
        #[diesel(sql_type = Bool)]
        byol: bool,
        #[diesel(sql_type = Text)]
        compute_type: String,
        #[diesel(sql_type = Integer)]
        root_gib: i32,
        #[diesel(sql_type = Integer)]
        user_gib: i32,
        #[diesel(sql_type = Text)]
        unit: String,
        #[diesel(sql_type = BigInt)]
        nanos: i64,
        #[diesel(sql_type = Text)]
        currency: String,
    }
    let rows: Vec<Row> = sql_query("SELECT * FROM prices WHERE $1::text IS NULL OR region = $1")
        .bind::<Nullable<Text>, _>(region)
        .load(conn)
        .await?;
    let sku = |row: Row| {
        Some(Sku {
            unit: Unit::ALL.into_iter().find(|it| name(*it) == row.unit)?,
            key: PriceKey {
                region: row.region,
                operating_system: row.operating_system,
                licence: if row.byol { Licence::Byol } else { Licence::Included },
                compute_type: row.compute_type,
                root_gib: u32::try_from(row.root_gib).ok()?,
                user_gib: u32::try_from(row.user_gib).ok()?,
            },
            price: Money::from_nanos(row.nanos),
            currency: Currency(row.currency),
        })
    };
    Ok(rows.into_iter().filter_map(sku).collect())
}
