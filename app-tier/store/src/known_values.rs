//! Values of the database that a question can name.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    catalog::{Entity, TAG_PREFIX},
    questions::link::{By, StoredValue},
};

use crate::Result;

/// `domain::questions::words::squash` in SQL.
const SQUASHED: &str = "lower(regexp_replace(value, '[^[:alnum:]]', '', 'g'))";

/// Makes the known values of an entity what its view holds now. The view, or the few rows with the same values, is read
/// once, and what is known already costs a look only: on most days nothing is new.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn refresh(conn: &mut AsyncPgConnection, entity: &Entity) -> Result<()> {
    let view = entity.few.map_or_else(|| entity.view.to_owned(), |few| format!("({few}) AS few"));
    let standing = entity.standing.map_or(String::new(), |(_, sql)| format!("AND {sql}"));
    let columns: Vec<String> = entity
        .dimensions
        .iter()
        .filter(|it| it.values.are_stored())
        .map(|it| format!("('{0}', {0})", it.name))
        .collect();
    let mut sources = Vec::new();
    if !columns.is_empty() {
        sources.push(format!(
            "SELECT v.dimension, v.value FROM {view} CROSS JOIN LATERAL (VALUES {}) AS v(dimension, value)
             WHERE v.value IS NOT NULL {standing}",
            columns.join(", ")
        ));
    }
    if entity.dimension("tags").is_some() {
        sources.push(format!(
            "SELECT v.dimension, v.value FROM {view} CROSS JOIN LATERAL jsonb_each_text(tags) AS t(name, tagged)
             CROSS JOIN LATERAL (VALUES ('tags', t.name), ('{TAG_PREFIX}' || t.name, t.tagged)) AS v(dimension, value)
             WHERE true {standing}"
        ));
    }
    sql_query(format!(
        "WITH now_there AS MATERIALIZED (
             SELECT dimension, value FROM ({}) AS s(dimension, value) WHERE length(value) BETWEEN 2 AND 200
             GROUP BY dimension, value),
         forgotten AS (DELETE FROM known_values k WHERE entity = $1 AND NOT EXISTS (
             SELECT FROM now_there n WHERE n.dimension = k.dimension AND n.value = k.value)),
         learned AS MATERIALIZED (
             SELECT dimension, value, {SQUASHED} AS name FROM now_there n WHERE NOT EXISTS (
                 SELECT FROM known_values k WHERE k.entity = $1 AND k.dimension = n.dimension AND k.value = n.value))
         INSERT INTO known_values (entity, dimension, value, name)
         SELECT $1, dimension, value, name FROM learned WHERE name <> ''
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
    entity: String,
    #[diesel(sql_type = Text)]
    dimension: String,
    #[diesel(sql_type = Text)]
    value: String,
    #[diesel(sql_type = Text)]
    asked: String,
    #[diesel(sql_type = Text)]
    by: String,
}

/// More values than this of one name and entity say nothing.
const MOST_OF_ONE_NAME: i64 = 16;
/// Of so many values with one part in their names no more than these are read: a question means none of many.
const MOST_OF_ONE_PART: i64 = 32;

/// The values of some entities called by one of `names` (squashed), whole or in part; for names of six letters and more
/// among `unknown`, those called by the most similar one.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(
    conn: &mut AsyncPgConnection,
    entities: &[&str],
    names: &[String],
    unknown: &[String],
) -> Result<Vec<StoredValue>> {
    let exact = format!(
        "SELECT entity, dimension, value, asked, 'name' AS by FROM unnest($2::text[]) AS u(asked)
        CROSS JOIN unnest($1::text[]) AS w(of)
        CROSS JOIN LATERAL (SELECT entity, dimension, value FROM known_values WHERE entity = of AND name = asked
            ORDER BY dimension, value LIMIT {MOST_OF_ONE_NAME}) AS e"
    );
    let in_part = format!(
        "SELECT entity, dimension, value, asked, 'part' FROM unnest($2::text[]) AS u(asked)
        CROSS JOIN unnest($1::text[]) AS w(of)
        CROSS JOIN LATERAL (SELECT entity, dimension, value FROM known_values WHERE entity = of AND parts @> ARRAY[asked]
            LIMIT {MOST_OF_ONE_PART}) AS e"
    );
    let similar = format!(
        "SELECT entity, dimension, value, asked, 'likeness' FROM unnest($3::text[]) AS u(asked)
        CROSS JOIN LATERAL (SELECT name AS like_it FROM known_values
            WHERE entity = ANY($1) AND length(asked) >= 6 AND name % asked AND similarity(name, asked) > 0.55
            ORDER BY similarity(name, asked) DESC, value LIMIT 1) AS s
        CROSS JOIN LATERAL (SELECT entity, dimension, value FROM known_values WHERE entity = ANY($1) AND name = like_it
            ORDER BY entity, dimension, value LIMIT {MOST_OF_ONE_NAME}) AS e"
    );
    let rows: Vec<Row> = sql_query(format!("{exact} UNION ALL {in_part} UNION ALL {similar}"))
        .bind::<Array<Text>, _>(entities)
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(unknown)
        .load(conn)
        .await?;
    let stored = |row: Row| StoredValue {
        entity: row.entity,
        dimension: row.dimension,
        value: row.value,
        name: row.asked,
        by: match row.by.as_str() {
            "name" => By::Name,
            "part" => By::Part,
            _ => By::Likeness,
        },
    };
    Ok(rows.into_iter().map(stored).collect())
}
