//! Runs the statements that `domain::catalog::select` writes.

mod list;
mod row;

use diesel::{
    QueryResult, QueryableByName,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Double, Text, Timestamptz, Untyped},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use domain::catalog::select::{Bind, Part, Select};
use futures::Stream;
use serde_json::Value;

pub(crate) use self::list::list;
pub use self::row::{Row, RowValue};

/// The role that answers run as; the migrations make it.
const READER: &str = "skydesk_reader";

/// A statement in pieces, as diesel wants it. Its text is what the prepared statement is kept under, so statements
/// whose text repeats (lists) are planned once for each connection.
#[derive(Debug)]
pub struct Statement {
    select: Select,
    kept: bool,
}

impl Statement {
    /// Of a list: few texts, kept prepared.
    #[must_use]
    pub fn kept(select: Select) -> Self {
        Self { select, kept: true }
    }

    /// Of a question: no two alike, not kept.
    #[must_use]
    pub fn once(select: Select) -> Self {
        Self { select, kept: false }
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.select.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Bind(Bind::Text(it)) => out.push_bind_param::<Text, _>(it)?,
                Part::Bind(Bind::Texts(it)) => out.push_bind_param::<Array<Text>, _>(it)?,
                Part::Bind(Bind::Integer(it)) => out.push_bind_param::<BigInt, _>(it)?,
                Part::Bind(Bind::Number(it)) => out.push_bind_param::<Double, _>(it)?,
                Part::Bind(Bind::Numbers(it)) => out.push_bind_param::<Array<Double>, _>(it)?,
                Part::Bind(Bind::Bool(it)) => out.push_bind_param::<Bool, _>(it)?,
                Part::Bind(Bind::Time(it)) => out.push_bind_param::<Timestamptz, _>(it)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = Untyped;
}

#[derive(QueryableByName)]
struct AnswerRow {
    #[diesel(sql_type = Text, column_name = row)]
    cells: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Confines the transaction that the caller has opened to reading the views, for so long.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn confine(conn: &mut AsyncPgConnection, seconds: u32) -> QueryResult<()> {
    conn.batch_execute(&format!(
        "SET TRANSACTION READ ONLY; SET LOCAL ROLE {READER}; SET LOCAL statement_timeout = '{seconds}s'"
    ))
    .await
}

/// As [`confine`], for a report: one snapshot for all that follows, and half an hour for it.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn confine_report(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    conn.batch_execute(&format!(
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL ROLE {READER}; SET LOCAL statement_timeout = '30min'"
    ))
    .await
}

/// The rows of `domain::catalog::select::answer` and how many there are in all.
///
/// # Errors
/// PostgreSQL refuses, or the time is up (see [`crate::timed_out`]).
pub async fn answer(conn: &mut AsyncPgConnection, select: Select) -> QueryResult<(Vec<Vec<Value>>, i64)> {
    let rows: Vec<AnswerRow> = Statement::once(select).load(conn).await?;
    let total = rows.iter().map(|it| it.total).next().unwrap_or(0);
    let rows = rows.iter().map(|it| parse(&it.cells)).collect::<QueryResult<_>>()?;
    Ok((rows, total))
}

/// How many rows `domain::catalog::select::all_rows` gives.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn total(conn: &mut AsyncPgConnection, select: Select) -> QueryResult<i64> {
    let row: Total = Statement::once(select).get_result(conn).await?;
    Ok(row.total)
}

/// The rows of `domain::catalog::select::all_rows`, as they come.
///
/// # Errors
/// PostgreSQL refuses, at the start or on the way.
pub async fn stream(
    conn: &mut AsyncPgConnection,
    select: Select,
) -> QueryResult<impl Stream<Item = QueryResult<Row>> + Send + '_> {
    Statement::once(select).load_stream::<Row>(conn).await
}

fn parse(row: &str) -> QueryResult<Vec<Value>> {
    serde_json::from_str(row).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}
