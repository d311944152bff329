//! From points to billable hours, on one core, beside the same rule in pandas.
//!
//! The points are those of a generated fleet as `CloudWatch` would deliver them: in order of time, with gaps, lost, doubled
//! and late ones. Both have them in memory when the clock starts; making and reading them is nobody's time. The two must
//! come to the same: sessions, estimates, and each desktop's hours of each month.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use domain::usage::{Billable, Profile, Series, Span, Timeout};
use fleet::{Desktop, Faults, Fleet};
use serde::Deserialize;

use crate::peer;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;

const YEAR: i32 = 2025;
const DESKTOPS: u32 = 200;
/// pandas gets a part: all kinds of users are in it.
const DESKTOPS_OF_THE_PEER: u32 = 30;
const ROUNDS: u32 = 3;
/// As they are asked for by `ScanBy=TimestampAscending`.
const IN_ORDER: Faults = Faults { page: 1, ..Faults::ROUGH };

/// What points came to.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
struct Outcome {
    sessions: usize,
    estimated: usize,
    /// By desktop's number and month, such as `2025-03`.
    hours: BTreeMap<u32, BTreeMap<String, u32>>,
}

/// What the peer tells.
#[derive(Debug, Deserialize)]
struct Told {
    seconds: f64,
    outcome: Outcome,
}

/// Points and the time that they took.
#[derive(Debug, Default, Clone, Copy)]
struct Pace {
    points: u64,
    time: Duration,
}

impl Pace {
    fn count(&mut self, points: usize, time: Duration) {
        self.points += u64::try_from(points).unwrap_or(0);
        self.time += time;
    }

    fn points(self) -> f64 {
        f64::from(u32::try_from(self.points).unwrap_or(u32::MAX))
    }

    /// Million points a second.
    fn rate(self) -> f64 {
        self.points() / self.time.as_secs_f64() / 1e6
    }

    fn nanoseconds_a_point(self) -> f64 {
        self.time.as_secs_f64() * 1e9 / self.points().max(1.0)
    }
}

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let fleet = Fleet::mixed(1, DESKTOPS, YEAR);
    let (mut reconstruction, mut all, mut disorder) = (Pace::default(), Pace::default(), Pace::default());
    for desktop in fleet.desktops() {
        let points = desktop.reported(IN_ORDER);
        let begin = Instant::now();
        let series: Series = points.iter().copied().collect();
        reconstruction.count(points.len(), begin.elapsed());
        let outlook = whole_outlook(&series, &desktop);
        all.count(points.len(), begin.elapsed());
        ensure!(outlook || desktop.connections.is_empty(), "{} has no hours", desktop.id);

        let shuffled = desktop.reported(Faults::ROUGH);
        let begin = Instant::now();
        let same: Series = shuffled.iter().copied().collect();
        disorder.count(shuffled.len(), begin.elapsed());
        ensure!(same.points() == series.points(), "{}: order matters", desktop.id);
    }
    sheet.add(
        Entry::new(
            "a year of 200 desktops to sessions, hours, week, simulation",
            all.nanoseconds_a_point(),
            "ns/point",
        )
        .aim(Aim::AtMost(1000.0)),
    );
    sheet.add(Entry::new("the same", all.rate(), "million points/s"));
    sheet.add(Entry::new("reconstruction alone", reconstruction.rate(), "million points/s"));
    sheet.add(Entry::new("reconstruction, days in any order", disorder.rate(), "million points/s"));
    beside_pandas(stack, sheet).await
}

/// All that a page and an advice ask of a series; whether there is any hour.
fn whole_outlook(series: &Series, desktop: &Desktop) -> bool {
    let (now, span) = (desktop.span.end, Span::new(desktop.span.start, desktop.span.end));
    let hours = series.billable(Timeout::HOUR, now);
    let profile = Profile::of(series, &hours, desktop.zone, now);
    let map = series.heat_map(span, desktop.zone);
    let simulated = series.simulate(span, now);
    let months = hours.by_month();
    // Each of them is looked at, so that none is left out for being unused.
    std::hint::black_box((profile, map, simulated));
    months.values().any(|it| it.hours > 0)
}

async fn beside_pandas(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let fleet = Fleet::mixed(1, DESKTOPS_OF_THE_PEER, YEAR);
    let now = fleet.desktops().next().context("the fleet is empty")?.span.end;
    let points: Vec<Vec<(DateTime<Utc>, bool)>> = fleet.desktops().map(|it| it.reported(IN_ORDER)).collect();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("points.bin");
    write(&path, &points)?;
    let (mut ours, mut theirs) = (Pace::default(), Pace::default());
    let count = points.iter().map(Vec::len).sum();
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        let outcome = outcome(&points, now);
        ours.count(count, begin.elapsed());
        let told = pandas(stack, &path, now).await?;
        theirs.count(count, Duration::try_from_secs_f64(told.seconds)?);
        ensure!(
            told.outcome == outcome,
            "pandas comes to something else: {:?}, and we to {outcome:?}",
            told.outcome
        );
    }
    sheet.add(
        Entry::new("points to hours by month", ours.rate(), "million points/s")
            .beside("pandas, the same rule", theirs.rate())
            .aim(Aim::RatioAtLeast(20.0)),
    );
    sheet.note(&format!(
        "pandas had {count} points of {DESKTOPS_OF_THE_PEER} desktops and came to the same hours, sessions and estimates; \
         {ROUNDS} rounds, one after the other in turn"
    ));
    Ok(())
}

fn outcome(points: &[Vec<(DateTime<Utc>, bool)>], now: DateTime<Utc>) -> Outcome {
    let mut outcome = Outcome::default();
    for (number, points) in (0..).zip(points) {
        let series: Series = points.iter().copied().collect();
        let sessions = series.sessions(Timeout::HOUR, now);
        outcome.sessions += sessions.len();
        outcome.estimated += sessions.iter().filter(|it| it.estimated).count();
        let months = Billable::of(&sessions, now).by_month();
        if !months.is_empty() {
            let named =
                months.iter().map(|(month, it)| (month.first_day().format("%Y-%m").to_string(), it.hours));
            outcome.hours.insert(number, named.collect());
        }
    }
    outcome
}

/// Packed as `usage.py` reads them: number of the desktop, seconds, whether a user was connected.
fn write(path: &Path, points: &[Vec<(DateTime<Utc>, bool)>]) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for (number, points) in (0_u32..).zip(points) {
        for (at, connected) in points {
            file.write_all(&number.to_le_bytes())?;
            file.write_all(&at.timestamp().to_le_bytes())?;
            file.write_all(&[u8::from(*connected)])?;
        }
    }
    Ok(file.flush()?)
}

async fn pandas(stack: &Stack, points: &Path, now: DateTime<Utc>) -> anyhow::Result<Told> {
    let mut python = peer::command(&stack.place.peers_python);
    python.arg(stack.place.peers_dir.join("usage.py")).arg(points);
    python.arg((i64::from(Timeout::HOUR.minutes()) * 60).to_string()).arg(now.timestamp().to_string());
    let output = python.stdout(Stdio::piped()).output().await.context("cannot start Python")?;
    ensure!(output.status.success(), "the pandas peer failed ({})", output.status);
    serde_json::from_slice(&output.stdout).context("the pandas peer tells no such JSON")
}
