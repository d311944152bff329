//! The way of a report: created with its columns, fed row by row, finished into a file with a fingerprint.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use contract::{questions::Column, reports::Format};
use sha2::{Digest, Sha256};
use tempfile::TempPath;

use crate::{
    csv_file::CsvFile,
    leftovers::{self, InUse},
    xlsx_file::XlsxFile,
};

/// How the files begin that a folder is cleared of.
const PREFIX: &str = "report-";

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Time(DateTime<Utc>),
    Date(NaiveDate),
}

/// What a reader of the file should know besides the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    /// What the rows are, in words; also the name of the sheet.
    pub title: String,
    /// Names and values, as the asker chose them.
    pub filters: Vec<(String, String)>,
    /// When the rows were last seen to be so; `None` when nobody knows.
    pub data_as_of: Option<DateTime<Utc>>,
    pub generated_at: DateTime<Utc>,
    /// For whom.
    pub requested_by: String,
    /// The asker's zone: times of the Excel file are in it. CSV has UTC.
    pub timezone: Tz,
}

/// A file that is complete. It is deleted with this value unless something took it away first.
#[derive(Debug)]
pub struct Finished {
    pub path: TempPath,
    /// Without headings.
    pub rows: u64,
    pub bytes: u64,
    /// In hex, lower case.
    pub sha256: String,
    _in_use: InUse,
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    #[error("the row has {found} cells for {expected} columns")]
    Width { expected: usize, found: usize },
    /// A report of nothing.
    #[error("the report has no columns")]
    NoColumns,
    /// Excel has 16,384 columns.
    #[error("the report has more columns than a sheet")]
    TooManyColumns,
    #[error("the file cannot be written")]
    Io(#[from] io::Error),
    #[error("the Excel file cannot be written")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

impl From<csv::Error> for ReportError {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}

/// A file that grows by rows. Dropped before [`Writer::finish`], it leaves nothing behind; what a killed process left,
/// the next writer in the same folder removes.
#[derive(Debug)]
pub struct Writer {
    sheet: Sheet,
    columns: usize,
    rows: u64,
    path: TempPath,
    in_use: InUse,
}

#[derive(Debug)]
enum Sheet {
    Csv(Box<CsvFile>),
    Xlsx(Box<XlsxFile>),
}

impl Writer {
    /// Begins a file in `folder`, which also takes what must be put aside meanwhile: for Excel about five times the
    /// finished file.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the columns make no sheet.
    pub fn create(
        format: Format,
        folder: &Path,
        columns: &[Column],
        notes: Notes,
    ) -> Result<Self, ReportError> {
        if columns.is_empty() {
            return Err(ReportError::NoColumns);
        }
        leftovers::clear(folder, PREFIX);
        let suffix = format!(".{}", format.extension());
        let (file, path) =
            tempfile::Builder::new().prefix(PREFIX).suffix(&suffix).tempfile_in(folder)?.into_parts();
        let in_use = InUse::mark(&file)?;
        let sheet = match format {
            Format::Csv => Sheet::Csv(Box::new(CsvFile::create(file, columns)?)),
            Format::Xlsx => Sheet::Xlsx(Box::new(XlsxFile::create(file, folder, columns, notes)?)),
        };
        Ok(Self { sheet, columns: columns.len(), rows: 0, path, in_use })
    }

    /// Adds a row, one cell for each column.
    ///
    /// # Errors
    /// When the row is of another width, or there is no room left.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ReportError> {
        if cells.len() != self.columns {
            return Err(ReportError::Width { expected: self.columns, found: cells.len() });
        }
        match &mut self.sheet {
            Sheet::Csv(it) => it.row(cells)?,
            Sheet::Xlsx(it) => it.row(cells)?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Completes the file. For Excel this is where most of the time goes: the rows are compressed now.
    ///
    /// # Errors
    /// When there is no room left.
    pub fn finish(self) -> Result<Finished, ReportError> {
        match self.sheet {
            Sheet::Csv(it) => it.finish()?,
            Sheet::Xlsx(it) => it.finish(self.rows)?,
        }
        let (bytes, sha256) = fingerprint(&self.path)?;
        Ok(Finished { path: self.path, rows: self.rows, bytes, sha256, _in_use: self.in_use })
    }
}

/// Size and SHA-256 of what really is in the file.
fn fingerprint(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|it| !it.is_empty()) else { break };
        hash.update(part);
        bytes += u64::try_from(read).unwrap_or_default();
    }
    let hex = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((bytes, hex))
}
