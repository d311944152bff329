//! Desktops as lists show them.
//!
//! The list is what people look at most, so its rows go from PostgreSQL's form to JSON without becoming anything between:
//! a page of 50 has 1,600 values, and giving each its own piece of memory took longer than all the rest. What is written
//! is [`contract::workspaces::Workspace`], field by field in the order of [`COLUMNS`]; one desktop is read by way of the
//! same JSON, so that the two cannot part.

use chrono::{DateTime, Datelike, Timelike, Utc};
use contract::{ids::WorkspaceId, workspaces::Workspace};
use diesel::{
    QueryResult, QueryableByName,
    result::Error::DeserializationError,
    sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::catalog::select::Select;

use crate::{
    Result,
    select::{self, Row, RowValue, Statement},
};

/// Fields of [`Workspace`] that are columns of the view.
macro_rules! columns {
    ($first:ident $($name:ident)*) => {
        /// The columns that a list reads, for `domain::catalog::select::list`.
        pub const COLUMNS: &str = concat!(stringify!($first), $(", ", stringify!($name)),*);
        /// What is before each value in JSON.
        const BEFORE: &[&str] =
            &[concat!("{\"", stringify!($first), "\":"), $(concat!(",\"", stringify!($name), "\":")),*];
    };
}

columns! {
    id account account_id region directory_id directory bundle_id bundle user_name computer_name ip_address subnet_id
    state error_code error_message running_mode auto_stop_minutes compute_type root_volume_gib user_volume_gib
    operating_system protocol root_encrypted user_encrypted connection last_connected_at connection_observed_at tags
    tags_observed_at first_seen_at observed_at gone_at
}

/// A row of a list, with what its cursor is made of.
#[derive(Debug)]
pub struct Listed<T> {
    pub item: T,
    pub sort_value: Option<String>,
}

/// Rows of a list of desktops, which have only to be written.
#[derive(Debug)]
pub struct Listing(Vec<Row>);

impl Listing {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Rows on all pages; any row tells it.
    #[must_use]
    pub fn total(&self) -> Option<i64> {
        match self.0.as_slice().first()?.values().nth(BEFORE.len() + 1)? {
            RowValue::Integer(total) => Some(total),
            _ => None,
        }
    }

    /// What the cursor of the `n`th row is made of: its id, and the value it is sorted by.
    #[must_use]
    pub fn mark(&self, n: usize) -> Option<Listed<String>> {
        let row = self.0.get(n)?;
        let text = |value| if let Some(RowValue::Text(it)) = value { Some(it.to_owned()) } else { None };
        Some(Listed { item: text(row.values().next())?, sort_value: text(row.values().nth(BEFORE.len())) })
    }

    /// The first `n` as a JSON array.
    ///
    /// # Errors
    /// A value has no form in JSON.
    pub fn write(&self, n: usize, out: &mut Vec<u8>) -> serde_json::Result<()> {
        out.push(b'[');
        for (number, row) in self.0.iter().take(n).enumerate() {
            if number > 0 {
                out.push(b',');
            }
            write_row(row, out)?;
        }
        out.push(b']');
        Ok(())
    }
}

/// The rows of `domain::catalog::select::list` over [`COLUMNS`].
///
/// # Errors
/// PostgreSQL refuses.
pub async fn list(conn: &mut AsyncPgConnection, select: Select) -> Result<Listing> {
    Ok(Listing(Statement::kept(select).load(conn).await?))
}

/// The keys alone of `domain::catalog::select::list` over `id`, and how many there are in all when there is one to tell.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn listed_ids(conn: &mut AsyncPgConnection, select: Select) -> Result<(Vec<String>, Option<i64>)> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        id: String,
    }
    impl From<Id> for String {
        fn from(it: Id) -> Self {
            it.id
        }
    }
    let (rows, total) = select::list::<Id, String>(conn, select).await?;
    Ok((rows.into_iter().map(|it| it.item).collect(), total))
}

/// One desktop, gone or not.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find(conn: &mut AsyncPgConnection, id: &WorkspaceId) -> Result<Option<Workspace>> {
    Ok(find_all(conn, &[id.0.as_str()]).await?.pop())
}

/// These desktops, gone or not, in any order.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn find_all(conn: &mut AsyncPgConnection, ids: &[&str]) -> Result<Vec<Workspace>> {
    let statement = format!("SELECT {COLUMNS} FROM ask_workspaces WHERE id = ANY ($1)");
    let rows: Vec<Row> = sql_query(statement).bind::<Array<Text>, _>(ids).load(conn).await?;
    let parse = |row| -> QueryResult<Workspace> {
        let mut json = Vec::new();
        write_row(&row, &mut json)
            .and_then(|()| serde_json::from_slice(&json))
            .map_err(|error| DeserializationError(Box::new(error)))
    };
    rows.into_iter().map(parse).collect()
}

fn write_row(row: &Row, out: &mut Vec<u8>) -> serde_json::Result<()> {
    for (before, value) in BEFORE.iter().zip(row.values()) {
        out.extend_from_slice(before.as_bytes());
        match value {
            RowValue::Null => out.extend_from_slice(b"null"),
            RowValue::Bool(true) => out.extend_from_slice(b"true"),
            RowValue::Bool(false) => out.extend_from_slice(b"false"),
            RowValue::Text(text) => serde_json::to_writer(&mut *out, text)?,
            RowValue::Integer(number) => serde_json::to_writer(&mut *out, &number)?,
            RowValue::Number(number) => serde_json::to_writer(&mut *out, &number)?,
            RowValue::Json(json) => out.extend_from_slice(json.as_bytes()),
            RowValue::Time(time) => write_time(time, out)?,
            RowValue::Date(date) => serde_json::to_writer(&mut *out, &date)?,
        }
    }
    out.push(b'}');
    Ok(())
}

/// A time as serde writes it; each row has six, and going by way of `fmt` was a fifth of a page.
fn write_time(time: DateTime<Utc>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Some(year) = u32::try_from(time.year()).ok().filter(|it| *it <= 9999) else {
        return serde_json::to_writer(out, &time);
    };
    out.push(b'"');
    digits(out, year, 4);
    for (before, number) in [
        (b'-', time.month()),
        (b'-', time.day()),
        (b'T', time.hour()),
        (b':', time.minute()),
        (b':', time.second()),
    ] {
        out.push(before);
        digits(out, number, 2);
    }
    let micros = time.nanosecond() / 1000;
    if micros > 0 {
        out.push(b'.');
        if micros.is_multiple_of(1000) { digits(out, micros / 1000, 3) } else { digits(out, micros, 6) }
    }
    out.extend_from_slice(b"Z\"");
    Ok(())
}

fn digits(out: &mut Vec<u8>, number: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_serde_writes_them() {
        for micros in [
            0,
            1,
            999_999,
            1_000,
            120_000,
            1_795_000_000_123_456,
            1_795_000_000_120_000,
            -1,
            253_402_300_799_999_999,
            253_402_300_800_000_000,
            -62_167_219_200_000_001,
        ] {
            let time = DateTime::from_timestamp_micros(micros).unwrap();
            let mut ours = Vec::new();
            write_time(time, &mut ours).unwrap();
            assert_eq!(String::from_utf8(ours).unwrap(), serde_json::to_string(&time).unwrap());
        }
    }
}
