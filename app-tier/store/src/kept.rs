//! Statements that are sent with every request: planned once for each connection, not at each call.
//!
//! `diesel::sql_query` keeps nothing prepared, so that PostgreSQL parses and plans it each time, and the client waits one
//! round trip more; for a sum that is read from a few hundred rows that is most of the work. What is sent seldom is better
//! off there.
//!
//! Invariant: the text depends on which filters are set and never on their values, so that a connection keeps few of them.

use chrono::NaiveDate;
use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Date, Text, Untyped},
};

/// A statement in pieces, put together in order.
#[derive(Debug)]
pub(crate) struct Kept<'a> {
    parts: Vec<Part<'a>>,
}

#[derive(Debug)]
enum Part<'a> {
    Sql(String),
    Value(Value<'a>),
}

/// What a statement is told.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Day(NaiveDate),
    Number(i64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(it: &'a str) -> Self {
        Value::Text(it)
    }
}

impl From<NaiveDate> for Value<'_> {
    fn from(it: NaiveDate) -> Self {
        Value::Day(it)
    }
}

impl From<i64> for Value<'_> {
    fn from(it: i64) -> Self {
        Value::Number(it)
    }
}

impl<'a> Kept<'a> {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { parts: vec![Part::Sql(sql.into())] }
    }

    /// More of the text.
    pub(crate) fn sql(mut self, sql: impl Into<String>) -> Self {
        self.parts.push(Part::Sql(sql.into()));
        self
    }

    /// A value, where the text has come to.
    pub(crate) fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.parts.push(Part::Value(value.into()));
        self
    }

    /// Text with a value between its two parts, if there is one.
    pub(crate) fn only(self, before: &str, value: Option<impl Into<Value<'a>>>, after: &str) -> Self {
        match value {
            Some(value) => self.sql(before).value(value).sql(after),
            None => self,
        }
    }
}

impl QueryFragment<Pg> for Kept<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Value(Value::Text(it)) => out.push_bind_param::<Text, _>(it)?,
                Part::Value(Value::Day(it)) => out.push_bind_param::<Date, _>(it)?,
                Part::Value(Value::Number(it)) => out.push_bind_param::<BigInt, _>(it)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Kept<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Kept<'_> {
    type SqlType = Untyped;
}
