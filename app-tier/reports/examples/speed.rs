//! How fast files are written, and in how much memory: prints seconds, rows/s, bytes and the peak of the process.
//!
//! `cargo run --release -p reports --example speed -- csv 1000000 10`
#![expect(clippy::print_stdout, reason = "a measurement is for the terminal")]

use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use contract::{catalog::Kind, questions::Column, reports::Format};
use reports::{Cell, Notes, Writer};

const KINDS: [Kind; 6] = [Kind::Text, Kind::Choice, Kind::Number, Kind::Time, Kind::Text, Kind::Bool];

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let format = args.next().as_deref().and_then(Format::parse).ok_or("which format: csv or xlsx?")?;
    let rows: u32 = args.next().ok_or("how many rows?")?.parse()?;
    let width: usize = args.next().ok_or("how many columns?")?.parse()?;

    let kinds: Vec<Kind> = KINDS.into_iter().cycle().take(width).collect();
    let columns: Vec<Column> = (1..)
        .zip(&kinds)
        .map(|(n, kind)| Column {
            name: format!("column_{n}"),
            label: format!("Column {n}"),
            kind: *kind,
            unit: None,
        })
        .collect();
    let start = DateTime::from_timestamp(1_700_000_000, 0).ok_or("no such time")?;
    let notes = Notes {
        title: "Speed".into(),
        filters: vec![],
        data_as_of: None,
        generated_at: start,
        requested_by: "nobody".into(),
        timezone: Tz::Europe__Berlin,
    };
    let folder = tempfile::tempdir()?;
    let before = Instant::now();
    let mut writer = Writer::create(format, folder.path(), &columns, notes)?;
    let mut id = String::new();
    for row in 0..rows {
        use std::fmt::Write;
        id.clear();
        write!(id, "ws-{:09}", row)?;
        let cells: Vec<Cell<'_>> = kinds
            .iter()
            .map(|kind| match kind {
                Kind::Choice => Cell::Text(if row % 50 == 0 { "a, \"b\"" } else { "AVAILABLE" }),
                Kind::Number => Cell::Number(f64::from(row % 2000)),
                Kind::Time => Cell::Time(start + TimeDelta::seconds(row.into())),
                Kind::Bool => Cell::Bool(row % 2 == 0),
                _ => Cell::Text(&id),
            })
            .collect();
        writer.row(&cells)?;
    }
    let fed = before.elapsed();
    let file = writer.finish()?;
    let all = before.elapsed();
    println!(
        "{} rows of {width} in {:.2} s ({:.2} s fed): {:.0} rows/s, {} bytes, peak {} MB",
        file.rows,
        all.as_secs_f64(),
        fed.as_secs_f64(),
        per_second(rows, all),
        file.bytes,
        peak_megabytes()?
    );
    Ok(())
}

fn per_second(rows: u32, time: Duration) -> f64 {
    f64::from(rows) / time.as_secs_f64()
}

/// The most memory that this process ever held, from Linux's own count.
fn peak_megabytes() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    Ok(kilobytes / 1024)
}
