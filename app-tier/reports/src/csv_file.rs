//! CSV as RFC 4180 has it: UTF-8, CRLF, quotes where needed; headings are the columns' names, times RFC 3339 in UTC.
//!
//! Spreadsheets run what looks like a formula, so a text that does gets a `'` in front. Numbers are not texts: `-1`
//! stays what it is. No cell allocates.

use std::{
    fs::File,
    io::{self, Write},
};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use contract::questions::Column;
use csv::{Terminator, WriterBuilder};

use crate::{Cell, ReportError};

/// Bytes between two writes to the file.
const BUFFER_BYTES: usize = 256 * 1024;

pub(crate) struct CsvFile {
    out: csv::Writer<File>,
    /// The cell that is being written, where it is not a text as it came.
    cell: Vec<u8>,
}

impl std::fmt::Debug for CsvFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvFile").finish_non_exhaustive()
    }
}

impl CsvFile {
    pub(crate) fn create(file: File, columns: &[Column]) -> Result<Self, ReportError> {
        let out =
            WriterBuilder::new().terminator(Terminator::CRLF).buffer_capacity(BUFFER_BYTES).from_writer(file);
        let mut it = Self { out, cell: Vec::with_capacity(64) };
        for column in columns {
            it.text(&column.name)?;
        }
        it.end_row()?;
        Ok(it)
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        for cell in cells {
            match *cell {
                Cell::Null => self.out.write_field(b"")?,
                Cell::Text(text) => self.text(text)?,
                Cell::Bool(true) => self.out.write_field(b"true")?,
                Cell::Bool(false) => self.out.write_field(b"false")?,
                Cell::Integer(number) => {
                    self.cell.clear();
                    write!(self.cell, "{number}")?;
                    self.out.write_field(&self.cell)?;
                }
                Cell::Number(number) => {
                    self.cell.clear();
                    push_number(&mut self.cell, number)?;
                    self.out.write_field(&self.cell)?;
                }
                Cell::Time(time) => {
                    self.cell.clear();
                    push_time(&mut self.cell, time)?;
                    self.out.write_field(&self.cell)?;
                }
                Cell::Date(date) => {
                    self.cell.clear();
                    push_date(&mut self.cell, date)?;
                    self.out.write_field(&self.cell)?;
                }
            }
        }
        self.end_row()
    }

    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        self.out.flush()?;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ReportError> {
        if !looks_like_a_formula(text) {
            return Ok(self.out.write_field(text)?);
        }
        self.cell.clear();
        self.cell.push(b'\'');
        self.cell.extend_from_slice(text.as_bytes());
        Ok(self.out.write_field(&self.cell)?)
    }

    fn end_row(&mut self) -> Result<(), ReportError> {
        // An empty record ends the one that was written field by field.
        Ok(self.out.write_record(None::<&[u8]>)?)
    }
}

/// What makes a spreadsheet calculate, and its full-width forms, which some read as the plain ones.
fn looks_like_a_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(0xEF) => text.starts_with(['＝', '＋', '－', '＠']),
        _ => false,
    }
}

/// The shortest digits that read back as the same number. What is no number is left empty.
fn push_number(cell: &mut Vec<u8>, number: f64) -> io::Result<()> {
    if number.is_finite() { write!(cell, "{number}") } else { Ok(()) }
}

/// `2026-03-03T10:00:00Z`, with milliseconds where there are some. By hand: chrono's own formatting took longer than
/// all the rest of a row.
fn push_time(cell: &mut Vec<u8>, time: DateTime<Utc>) -> io::Result<()> {
    let time = time.naive_utc();
    push_date(cell, time.date())?;
    cell.push(b'T');
    push_two(cell, time.hour());
    cell.push(b':');
    push_two(cell, time.minute());
    cell.push(b':');
    // A leap second is second 59 with more than a thousand milliseconds.
    let millis = time.nanosecond() / 1_000_000;
    push_two(cell, time.second() + millis / 1000);
    let millis = millis % 1000;
    if millis != 0 {
        cell.push(b'.');
        cell.push(digit(millis / 100));
        push_two(cell, millis % 100);
    }
    cell.push(b'Z');
    Ok(())
}

fn push_date(cell: &mut Vec<u8>, date: NaiveDate) -> io::Result<()> {
    match u32::try_from(date.year()) {
        Ok(year @ 0..=9999) => {
            push_two(cell, year / 100);
            push_two(cell, year % 100);
            cell.push(b'-');
            push_two(cell, date.month());
            cell.push(b'-');
            push_two(cell, date.day());
            Ok(())
        }
        _ => write!(cell, "{date}"),
    }
}

fn push_two(cell: &mut Vec<u8>, below_hundred: u32) {
    cell.push(digit(below_hundred / 10));
    cell.push(digit(below_hundred % 10));
}

fn digit(below_ten: u32) -> u8 {
    b'0' + u8::try_from(below_ten % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut cell = Vec::new();
        push(&mut cell).unwrap();
        String::from_utf8(cell).unwrap()
    }

    #[test]
    fn times_are_written_as_chrono_would() {
        for text in [
            "2026-03-03T10:20:30Z",
            "1969-12-31T23:59:59.007Z",
            "2024-02-29T00:00:00.120Z",
            "0001-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.500Z",
        ] {
            let time: DateTime<Utc> = text.parse().unwrap();
            assert_eq!(written(|cell| push_time(cell, time)), text);
        }
        let far = NaiveDate::from_ymd_opt(12026, 1, 2).unwrap();
        assert_eq!(written(|cell| push_date(cell, far)), "+12026-01-02");
    }

    #[test]
    fn numbers_read_back_as_the_same_number() {
        for (number, text) in
            [(3.0, "3"), (-0.25, "-0.25"), (0.1 + 0.2, "0.30000000000000004"), (1e15, "1000000000000000")]
        {
            assert_eq!(written(|cell| push_number(cell, number)), text);
        }
        assert_eq!(written(|cell| push_number(cell, f64::NAN)), "");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_told_from_what_it_would_show() {
        for text in ["=1+1", "+49", "-x", "@SUM(A1)", "\tx", "\rx", "＝1", "＠x"] {
            assert!(looks_like_a_formula(text), "{text:?}");
        }
        for text in ["", "a=b", "1-2", "ﬀ", "'=1", "日本"] {
            assert!(!looks_like_a_formula(text), "{text:?}");
        }
    }
}
