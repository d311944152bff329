//! A row of any columns, as PostgreSQL sent it: typed values without a form for each column set.
//!
//! A report has a million of them, so a row is one piece of memory with a mark before each value, and its values borrow
//! from it. Deliberately knows no more types than the catalog's columns have; another one is an error, never a guess.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    deserialize::{self, FromSql},
    pg::{Pg, PgValue, data_types::PgNumeric},
    row::{Field, NamedRow},
    sql_types,
};

/// One value, borrowed from its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowValue<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Time(DateTime<Utc>),
    Date(NaiveDate),
    /// The text of a JSON value.
    Json(&'a str),
}

/// A row of `domain::catalog::select::all_rows`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    bytes: Vec<u8>,
}

impl Row {
    /// The values, in the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = RowValue<'_>> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let (mark, after) = rest.split_first()?;
            let (value, after) = read(*mark, after)?;
            rest = after;
            Some(value)
        })
    }
}

// What is before each value.
const NULL: u8 = 0;
const TEXT: u8 = 1;
const INTEGER: u8 = 2;
const NUMBER: u8 = 3;
const FALSE: u8 = 4;
const TRUE: u8 = 5;
const TIME: u8 = 6;
const DATE: u8 = 7;
const JSON: u8 = 8;

/// `None` only for what [`push`] never wrote, and for text that is no UTF-8, which PostgreSQL never sends: the row is
/// short then, and its reader misses columns. Checked here, because the thread that receives is the busier one.
fn read(mark: u8, rest: &[u8]) -> Option<(RowValue<'_>, &[u8])> {
    Some(match mark {
        NULL => (RowValue::Null, rest),
        FALSE => (RowValue::Bool(false), rest),
        TRUE => (RowValue::Bool(true), rest),
        TEXT | JSON => {
            let (length, rest) = rest.split_first_chunk()?;
            let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_ne_bytes(*length)).ok()?)?;
            let text = std::str::from_utf8(text).ok()?;
            (if mark == TEXT { RowValue::Text(text) } else { RowValue::Json(text) }, rest)
        }
        _ => {
            let (bytes, rest) = rest.split_first_chunk()?;
            let value = match mark {
                NUMBER => RowValue::Number(f64::from_ne_bytes(*bytes)),
                INTEGER => RowValue::Integer(i64::from_ne_bytes(*bytes)),
                TIME => time(i64::from_ne_bytes(*bytes)).map_or(RowValue::Null, RowValue::Time),
                DATE => date(i64::from_ne_bytes(*bytes)).map_or(RowValue::Null, RowValue::Date),
                _ => return None,
            };
            (value, rest)
        }
    })
}

/// PostgreSQL counts microseconds from 2000. `None` for its infinities, and for times that no calendar has.
fn time(microseconds: i64) -> Option<DateTime<Utc>> {
    const UNTIL_2000: i64 = 946_684_800_000_000;
    DateTime::from_timestamp_micros(microseconds.checked_add(UNTIL_2000)?)
}

/// … and days.
fn date(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2000, 1, 1)?.checked_add_signed(TimeDelta::try_days(days)?)
}

impl QueryableByName<Pg> for Row {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        // Texts of a list are short; a longer row grows once or twice.
        let mut bytes = Vec::with_capacity(32 * row.field_count());
        for n in 0..row.field_count() {
            let field = diesel::row::Row::get(row, n).ok_or("a column is missing")?;
            match field.value() {
                None => bytes.push(NULL),
                Some(value) => push(&mut bytes, value)?,
            }
        }
        Ok(Self { bytes })
    }
}

// PostgreSQL's own numbers of its types; they never change.
const OID_BOOL: u32 = 16;
const OID_INT8: u32 = 20;
const OID_INT2: u32 = 21;
const OID_INT4: u32 = 23;
const OID_TEXT: u32 = 25;
const OID_VARCHAR: u32 = 1043;
const OID_FLOAT8: u32 = 701;
const OID_NUMERIC: u32 = 1700;
const OID_DATE: u32 = 1082;
const OID_TIMESTAMPTZ: u32 = 1184;
const OID_JSONB: u32 = 3802;

fn push(out: &mut Vec<u8>, value: PgValue<'_>) -> deserialize::Result<()> {
    let oid = value.get_oid().get();
    let raw = value.as_bytes();
    match oid {
        OID_TEXT | OID_VARCHAR => push_text(out, TEXT, raw)?,
        // The first byte is the version of the form, of which there is one.
        OID_JSONB => push_text(out, JSON, raw.get(1..).ok_or("an empty jsonb")?)?,
        OID_INT2 => push_eight(out, INTEGER, i64::from(i16::from_be_bytes(raw.try_into()?)).to_ne_bytes()),
        OID_INT4 => push_eight(out, INTEGER, i64::from(i32::from_be_bytes(raw.try_into()?)).to_ne_bytes()),
        OID_INT8 => push_eight(out, INTEGER, i64::from_be_bytes(raw.try_into()?).to_ne_bytes()),
        OID_FLOAT8 => push_eight(out, NUMBER, f64::from_be_bytes(raw.try_into()?).to_ne_bytes()),
        OID_NUMERIC => {
            let number = number(&<PgNumeric as FromSql<sql_types::Numeric, Pg>>::from_sql(value)?)?;
            push_eight(out, NUMBER, number.to_ne_bytes());
        }
        OID_BOOL => out.push(if raw.first().is_some_and(|it| *it != 0) { TRUE } else { FALSE }),
        OID_TIMESTAMPTZ => push_eight(out, TIME, i64::from_be_bytes(raw.try_into()?).to_ne_bytes()),
        OID_DATE => push_eight(out, DATE, i64::from(i32::from_be_bytes(raw.try_into()?)).to_ne_bytes()),
        other => return Err(format!("a column has the type {other}, which no report knows").into()),
    }
    Ok(())
}

fn push_eight(out: &mut Vec<u8>, mark: u8, bytes: [u8; 8]) {
    out.push(mark);
    out.extend_from_slice(&bytes);
}

fn push_text(out: &mut Vec<u8>, mark: u8, text: &[u8]) -> deserialize::Result<()> {
    out.push(mark);
    out.extend_from_slice(&u32::try_from(text.len())?.to_ne_bytes());
    out.extend_from_slice(text);
    Ok(())
}

/// The nearest number, by way of its decimal digits.
fn number(numeric: &PgNumeric) -> deserialize::Result<f64> {
    let (sign, weight, digits) = match numeric {
        PgNumeric::Positive { weight, digits, .. } => ("", *weight, digits),
        PgNumeric::Negative { weight, digits, .. } => ("-", *weight, digits),
        PgNumeric::NaN => return Ok(f64::NAN),
    };
    let digits: String = digits.iter().map(|it| format!("{it:04}")).collect();
    // `digits` in groups of four, of which the first counts 10000^weight.
    let shift = 4 * (i64::from(weight) + 1) - i64::try_from(digits.len())?;
    Ok(format!("{sign}{}e{shift}", if digits.is_empty() { "0" } else { &digits }).parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerics_become_the_nearest_number() {
        let number = |weight, digits: &[i16]| {
            number(&PgNumeric::Positive { weight, scale: 2, digits: digits.to_vec() }).unwrap()
        };
        assert_eq!(number(0, &[80, 5000]), 80.5);
        assert_eq!(number(-1, &[1]), 0.0001);
        assert_eq!(number(1, &[12, 3456]), 123_456.0);
        assert_eq!(number(1, &[12]), 120_000.0);
        assert_eq!(number(0, &[]), 0.0);
        let negative = PgNumeric::Negative { weight: 0, scale: 1, digits: vec![7, 2500] };
        assert_eq!(super::number(&negative).unwrap(), -7.25);
        assert!(super::number(&PgNumeric::NaN).unwrap().is_nan());
    }

    #[test]
    fn times_count_from_2000_and_infinity_is_no_time() {
        assert_eq!(time(1_500_000).unwrap().to_rfc3339(), "2000-01-01T00:00:01.500+00:00");
        assert_eq!(date(-1).unwrap().to_string(), "1999-12-31");
        assert_eq!((time(i64::MAX), time(i64::MIN), date(i64::from(i32::MAX))), (None, None, None));
    }

    #[test]
    fn values_come_out_as_they_went_in() {
        let mut bytes = Vec::new();
        push_text(&mut bytes, TEXT, "ä".as_bytes()).unwrap();
        bytes.push(NULL);
        push_eight(&mut bytes, INTEGER, i64::MIN.to_ne_bytes());
        push_text(&mut bytes, JSON, b"{}").unwrap();
        bytes.push(TRUE);
        let row = Row { bytes };
        let values: Vec<_> = row.values().collect();
        assert_eq!(
            values,
            [
                RowValue::Text("ä"),
                RowValue::Null,
                RowValue::Integer(i64::MIN),
                RowValue::Json("{}"),
                RowValue::Bool(true)
            ]
        );
        let mut bytes = vec![TRUE];
        push_text(&mut bytes, TEXT, b"\xff").unwrap();
        assert_eq!(Row { bytes }.values().count(), 1, "nobody gets what is no text");
    }
}
