//! Excel: typed cells, a heading that stays, a filter on every column, and a sheet of notes.
//!
//! Rows go to temporary files in the report's folder as they come and are compressed at the end. A sheet that is full
//! is followed by the next one. Texts are written as texts whatever they look like; what Excel cannot hold is cut
//! visibly (long texts) or written as text (times before 1900).

use std::{fs::File, io::BufWriter, path::Path};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use chrono_tz::Tz;
use contract::{catalog::Kind, questions::Column};
use rust_xlsxwriter::{ColNum, DocProperties, Format, FormatAlign, RowNum, Workbook, Worksheet};

use crate::{Cell, Notes, ReportError};

/// Excel's rows on a sheet, with the heading.
const SHEET_ROWS: RowNum = 1_048_576;

/// Excel's UTF-16 units in a cell.
const CELL_UNITS: usize = 32_767;

/// Excel's columns on a sheet.
const SHEET_COLUMNS: usize = 16_384;

/// Above it a sheet's XML may pass 4 GiB, which needs the larger form of the zip format.
const LARGE_FILE_CELLS: u64 = 20_000_000;

const NOTES_SHEET: &str = "Notes";

pub(crate) struct XlsxFile {
    workbook: Workbook,
    file: File,
    sheet: Worksheet,
    sheets: u32,
    /// The next row of the sheet, from 0.
    next: RowNum,
    sheet_rows: RowNum,
    headings: Vec<Heading>,
    formats: Formats,
    notes: Notes,
}

struct Heading {
    column: ColNum,
    text: String,
    kind: Kind,
}

struct Formats {
    heading: Format,
    time: Format,
    date: Format,
}

impl std::fmt::Debug for XlsxFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XlsxFile").field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

impl XlsxFile {
    pub(crate) fn create(
        file: File,
        folder: &Path,
        columns: &[Column],
        notes: Notes,
    ) -> Result<Self, ReportError> {
        Self::with_sheet_rows(file, folder, columns, notes, SHEET_ROWS)
    }

    fn with_sheet_rows(
        file: File,
        folder: &Path,
        columns: &[Column],
        notes: Notes,
        sheet_rows: RowNum,
    ) -> Result<Self, ReportError> {
        if columns.len() > SHEET_COLUMNS {
            return Err(ReportError::TooManyColumns);
        }
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        // The library would put the time of the machine; a report has the time it was given.
        let created = notes.generated_at.naive_utc().and_utc();
        workbook.set_properties(
            &DocProperties::new().set_title(cut(&notes.title, 255)).set_creation_datetime(&created),
        );
        let formats = Formats {
            heading: Format::new().set_bold().set_align(FormatAlign::Top),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
        };
        let headings = (0..)
            .zip(columns)
            .map(|(column, it)| Heading { column, text: heading(it), kind: it.kind })
            .collect();
        let sheet = workbook.new_worksheet_with_constant_memory()?;
        let mut it = Self { workbook, file, sheet, sheets: 1, next: 0, sheet_rows, headings, formats, notes };
        it.begin_sheet()?;
        Ok(it)
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        if self.next >= self.sheet_rows {
            let next = self.workbook.new_worksheet_with_constant_memory()?;
            let full = std::mem::replace(&mut self.sheet, next);
            self.end_sheet(full)?;
            self.sheets += 1;
            self.begin_sheet()?;
        }
        for (column, cell) in (0..).zip(cells) {
            self.cell(column, cell)?;
        }
        self.next += 1;
        Ok(())
    }

    pub(crate) fn finish(mut self, rows: u64) -> Result<(), ReportError> {
        let last = std::mem::take(&mut self.sheet);
        self.end_sheet(last)?;
        self.write_notes(rows)?;
        let cells = rows.saturating_mul(u64::try_from(self.headings.len()).unwrap_or(u64::MAX));
        self.workbook.use_zip_large_file(cells > LARGE_FILE_CELLS);
        self.workbook.save_to_writer(BufWriter::new(&self.file))?;
        Ok(())
    }

    fn cell(&mut self, column: ColNum, cell: &Cell<'_>) -> Result<(), ReportError> {
        let (sheet, row) = (&mut self.sheet, self.next);
        match *cell {
            Cell::Null => {}
            Cell::Text(text) => write_text(sheet, row, column, text)?,
            Cell::Integer(number) => {
                let size = exact(number.unsigned_abs());
                sheet.write_number(row, column, if number < 0 { -size } else { size })?;
            }
            Cell::Number(number) if number.is_finite() => {
                sheet.write_number(row, column, number)?;
            }
            // Excel has no such number, and an empty cell says so.
            Cell::Number(_) => {}
            Cell::Bool(it) => {
                sheet.write_boolean(row, column, it)?;
            }
            Cell::Time(time) => {
                let local = time.with_timezone(&self.notes.timezone).naive_local();
                match serial_time(local) {
                    Some(serial) => {
                        sheet.write_number_with_format(row, column, serial, &self.formats.time)?;
                    }
                    None => write_text(sheet, row, column, &time.to_rfc3339())?,
                }
            }
            Cell::Date(date) => match serial_date(date) {
                Some(serial) => {
                    sheet.write_number_with_format(row, column, serial, &self.formats.date)?;
                }
                None => write_text(sheet, row, column, &date.to_string())?,
            },
        }
        Ok(())
    }

    /// Names the sheet, sets widths and writes the heading.
    fn begin_sheet(&mut self) -> Result<(), ReportError> {
        let name = sheet_name(&self.notes.title, self.sheets);
        self.sheet.set_name(name)?;
        self.sheet.set_freeze_panes(1, 0)?;
        for it in &self.headings {
            self.sheet.set_column_width(it.column, width(it))?;
            self.sheet.write_string_with_format(
                0,
                it.column,
                cut(&it.text, CELL_UNITS),
                &self.formats.heading,
            )?;
        }
        self.next = 1;
        Ok(())
    }

    fn end_sheet(&mut self, mut sheet: Worksheet) -> Result<(), ReportError> {
        let last_column = self.headings.last().map_or(0, |it| it.column);
        sheet.autofilter(0, 0, self.next.saturating_sub(1), last_column)?;
        self.workbook.push_worksheet(sheet);
        Ok(())
    }

    fn write_notes(&mut self, rows: u64) -> Result<(), ReportError> {
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(NOTES_SHEET)?;
        sheet.set_column_width(0, 20)?;
        sheet.set_column_width(1, 80)?;
        let zone = self.notes.timezone;
        let mut lines = vec![("Report".to_owned(), self.notes.title.clone())];
        if self.notes.filters.is_empty() {
            lines.push(("Filters".to_owned(), "none".to_owned()));
        }
        lines.extend(
            self.notes.filters.iter().map(|(name, value)| (format!("Filter: {name}"), value.clone())),
        );
        let as_of = self.notes.data_as_of.map_or_else(|| "unknown".to_owned(), |it| told(it, zone));
        lines.push(("Data as of".to_owned(), as_of));
        lines.push(("Generated at".to_owned(), told(self.notes.generated_at, zone)));
        lines.push(("Times are in".to_owned(), zone.name().to_owned()));
        lines.push(("Requested by".to_owned(), self.notes.requested_by.clone()));
        let mut row = 0;
        for (name, value) in lines {
            sheet.write_string_with_format(row, 0, cut(&name, CELL_UNITS), &self.formats.heading)?;
            write_text(&mut sheet, row, 1, &value)?;
            row += 1;
        }
        sheet.write_string_with_format(row, 0, "Rows", &self.formats.heading)?;
        // Rows are far below 2^53, up to which numbers are exact.
        sheet.write_number(row, 1, exact(rows))?;
        self.workbook.push_worksheet(sheet);
        Ok(())
    }
}

fn write_text(sheet: &mut Worksheet, row: RowNum, column: ColNum, text: &str) -> Result<(), ReportError> {
    sheet.write_string(row, column, cut(text, CELL_UNITS))?;
    Ok(())
}

/// The text, or as much of it as fits with a word that it was cut.
fn cut(text: &str, units: usize) -> String {
    const CUT: &str = "… (cut)";
    // A byte is at most one unit, so short texts need no counting.
    if text.len() <= units || text.encode_utf16().count() <= units {
        return text.to_owned();
    }
    let mut left = units.saturating_sub(CUT.encode_utf16().count());
    let mut kept = String::new();
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.len_utf16()) else { break };
        left = rest;
        kept.push(c);
    }
    kept + CUT
}

/// Label and unit.
fn heading(column: &Column) -> String {
    match &column.unit {
        Some(unit) => format!("{} ({unit})", column.label),
        None => column.label.clone(),
    }
}

/// In characters: what the kind needs, or the heading with its filter's button, and no more than reads well.
fn width(heading: &Heading) -> f64 {
    let kind = match heading.kind {
        Kind::Bool => 8,
        Kind::Number => 10,
        Kind::Date => 12,
        Kind::Choice => 16,
        Kind::Time => 20,
        Kind::Text => 24,
        Kind::Tags => 40,
    };
    let label = u32::try_from(heading.text.chars().count()).unwrap_or(u32::MAX).saturating_add(4);
    f64::from(label.clamp(kind, 60))
}

/// A name that Excel takes: 31 characters, none of `[]:*?/\`, no `'` at the ends, not "History", not that of the notes.
fn sheet_name(title: &str, number: u32) -> String {
    let suffix = if number > 1 { format!(" ({number})") } else { String::new() };
    let room = 31 - suffix.len();
    let is_sound = |c: &char| !c.is_control() && !"[]:*?/\\".contains(*c);
    let mut name = String::new();
    for c in title.chars().filter(is_sound) {
        if name.encode_utf16().count() + c.len_utf16() > room {
            break;
        }
        name.push(c);
    }
    let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    let taken =
        name.is_empty() || name.eq_ignore_ascii_case("history") || name.eq_ignore_ascii_case(NOTES_SHEET);
    format!("{}{suffix}", if taken { "Report" } else { name })
}

/// A time for people, with its offset.
fn told(time: DateTime<Utc>, zone: Tz) -> String {
    time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// Days since the end of 1899 as Excel counts them, which has a 29 February 1900: exact from March 1900 on.
fn serial_date(date: NaiveDate) -> Option<f64> {
    let first = NaiveDate::from_ymd_opt(1900, 3, 1)?;
    if date < first || date.year() > 9999 {
        return None;
    }
    let days = i32::try_from(date.signed_duration_since(first).num_days()).ok()?;
    Some(f64::from(days) + 61.0)
}

fn serial_time(time: NaiveDateTime) -> Option<f64> {
    let day = serial_date(time.date())?;
    let millis = time.num_seconds_from_midnight() * 1000 + time.nanosecond() / 1_000_000;
    Some(day + f64::from(millis) / 86_400_000.0)
}

/// The number, or the nearest that Excel has: beyond 2^53 it rounds.
fn exact(count: u64) -> f64 {
    let (high, low) = (count >> 32, count & u64::from(u32::MAX));
    let part = |it: u64| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
    part(high) * 4_294_967_296.0 + part(low)
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook};

    use super::*;

    fn notes(title: &str) -> Notes {
        Notes {
            title: title.into(),
            filters: vec![],
            data_as_of: None,
            generated_at: DateTime::UNIX_EPOCH,
            requested_by: "ada".into(),
            timezone: Tz::UTC,
        }
    }

    #[test]
    fn a_full_sheet_is_followed_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("split.xlsx");
        let column = Column { name: "n".into(), label: "N".into(), kind: Kind::Number, unit: None };
        let file = File::create(&path).unwrap();
        let mut xlsx =
            XlsxFile::with_sheet_rows(file, folder.path(), &[column], notes("Numbers"), 4).unwrap();
        for n in 0..7 {
            xlsx.row(&[Cell::Number(f64::from(n))]).unwrap();
        }
        xlsx.finish(7).unwrap();
        let mut book: Xlsx<_> = open_workbook(&path).unwrap();
        assert_eq!(book.sheet_names(), ["Numbers", "Numbers (2)", "Numbers (3)", "Notes"]);
        let mut seen = Vec::new();
        for name in ["Numbers", "Numbers (2)", "Numbers (3)"] {
            let sheet = book.worksheet_range(name).unwrap();
            assert_eq!(
                sheet.get_value((0, 0)),
                Some(&Data::String("N".into())),
                "every sheet has its heading"
            );
            seen.push(sheet.rows().skip(1).map(|row| row[0].to_string()).collect::<Vec<_>>());
        }
        assert_eq!(seen, [vec!["0", "1", "2"], vec!["3", "4", "5"], vec!["6"]]);
    }

    #[test]
    fn a_report_without_rows_is_a_heading_with_notes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.xlsx");
        let column = Column { name: "n".into(), label: "N".into(), kind: Kind::Number, unit: None };
        let file = File::create(&path).unwrap();
        XlsxFile::create(file, folder.path(), &[column], notes("Nothing")).unwrap().finish(0).unwrap();
        let mut book: Xlsx<_> = open_workbook(&path).unwrap();
        assert_eq!(book.worksheet_range("Nothing").unwrap().height(), 1);
    }

    #[test]
    fn sheet_names_are_such_as_excel_takes() {
        assert_eq!(sheet_name("Desktops [all]: a/b\\c*?", 1), "Desktops all abc");
        assert_eq!(sheet_name(&"x".repeat(40), 12), format!("{} (12)", "x".repeat(26)));
        assert_eq!(sheet_name(&"😀".repeat(40), 1).encode_utf16().count(), 30);
        for taken in ["", "''", "history", "NOTES", "[]"] {
            assert_eq!(sheet_name(taken, 2), "Report (2)", "{taken:?}");
        }
    }

    #[test]
    fn times_count_as_excel_does() {
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(serial_date(date(1900, 3, 1)), Some(61.0));
        assert_eq!(serial_date(date(2000, 1, 1)), Some(36526.0));
        assert_eq!(serial_time(date(2000, 1, 1).and_hms_opt(18, 0, 0).unwrap()), Some(36526.75));
        assert_eq!(serial_date(date(1900, 2, 28)), None);
        assert_eq!(serial_date(date(10000, 1, 1)), None);
    }

    #[test]
    fn counts_stay_exact() {
        assert_eq!(exact(0), 0.0);
        assert_eq!(exact(5_000_000_001), 5_000_000_001.0);
    }

    #[test]
    fn columns_are_as_wide_as_their_kind_or_heading_needs() {
        let of = |label: &str, kind| width(&Heading { column: 0, text: label.into(), kind });
        assert_eq!(of("On", Kind::Bool), 8.0);
        assert_eq!(of("Seen", Kind::Time), 20.0);
        assert_eq!(of("A rather long heading indeed", Kind::Number), 32.0);
        assert_eq!(of(&"x".repeat(200), Kind::Text), 60.0);
    }
}
