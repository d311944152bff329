//! Values of the database that a question can name.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    catalog::{Entity, TAG_PREFIX},
    questions::link::StoredValue,
};

use crate::Result;

/// `domain::questions::words::squash` in SQL.
const SQUASHED: &str = "lower(regexp_replace(value, '[^[:alnum:]]', '', 'g'))";

/// Makes the known values of an entity what its view holds now.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn refresh(conn: &mut AsyncPgConnection, entity: &Entity) -> Result<()> {
    let view = entity.view;
    let standing = entity.standing.map_or(String::new(), |(_, sql)| format!("AND {sql}"));
    let mut sources: Vec<String> = entity
        .dimensions
        .iter()
        .filter(|it| it.values.are_stored())
        .map(|it| format!("SELECT DISTINCT '{0}' AS dimension, {0} AS value FROM {view} WHERE {0} IS NOT NULL {standing}", it.name))
        .collect();
    if entity.dimension("tags").is_some() {
        let each = format!("FROM {view}, jsonb_each_text(tags) AS t(name, value) WHERE true {standing}");
        sources.push(format!("SELECT DISTINCT 'tags', t.name {each}"));
        sources.push(format!("SELECT DISTINCT '{TAG_PREFIX}' || t.name, t.value {each}"));
    }
    sql_query(format!(
        "WITH now_there AS (SELECT dimension, value FROM ({}) AS s(dimension, value) WHERE length(value) BETWEEN 2 AND 200),
         forgotten AS (DELETE FROM known_values k WHERE entity = $1 AND NOT EXISTS (
             SELECT FROM now_there n WHERE n.dimension = k.dimension AND n.value = k.value))
         INSERT INTO known_values (entity, dimension, value, name)
         SELECT $1, dimension, value, {SQUASHED} FROM now_there WHERE {SQUASHED} <> ''
         ON CONFLICT DO NOTHING",
        sources.join(" UNION ALL ")
    ))
    .bind::<Text, _>(entity.name)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    dimension: String,
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = Text)]
    asked: String,
    #[diesel(sql_type = Bool)]
    similar: bool,
}

/// More values than this for one name say nothing.
const MOST: i64 = 64;

/// The values called by one of `names` (squashed); for names of six letters and more that nothing is called, the most
/// similar value.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(
    conn: &mut AsyncPgConnection,
    entity: &Entity,
    names: &[String],
    unknown: &[String],
) -> Result<Vec<StoredValue>> {
    let exact = "SELECT dimension, value, name AS asked, false AS similar FROM known_values WHERE entity = $1 AND name = ANY ($2)";
    let similar = "SELECT dimension, value, asked, true FROM unnest($3::text[]) AS u(asked)
        CROSS JOIN LATERAL (SELECT dimension, value FROM known_values
            WHERE entity = $1 AND length(asked) >= 6 AND name % asked AND similarity(name, asked) > 0.55
            ORDER BY similarity(name, asked) DESC, value LIMIT 1) AS s";
    let rows: Vec<Row> = sql_query(format!("({exact} LIMIT {MOST}) UNION ALL ({similar} LIMIT {MOST})"))
        .bind::<Text, _>(entity.name)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(unknown)
        .load(conn)
        .await?;
    let stored = |row: Row| StoredValue {
        dimension: row.dimension,
        value: row.value,
        name: row.asked,
        similar: row.similar,
    };
    Ok(rows.into_iter().map(stored).collect())
}
