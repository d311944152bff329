//! `make bench`: Skydesk beside floors and peers, in one run on one host.
//!
//! A figure alone says little on an unknown machine, so each measurement has something beside it that does the same
//! work, run right before or after: PostgreSQL alone, another stack, a bare loop. Nothing is asserted; whether an aim is
//! met is printed. `cargo xtask bench` starts the stack and tells by the environment where it is; docs/BENCH.md says what
//! is measured how.

mod advice;
mod ask;
mod billing;
mod hammer;
mod idle;
mod list;
mod llama_cpp_python;
mod model_alone;
mod named;
mod page;
mod peer;
mod process;
mod psql;
mod questions;
mod reading;
mod reports;
mod sdk_loop;
mod sheet;
mod stack;
mod sync;
mod usage;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use crate::sheet::Sheet;
use crate::stack::{Place, Stack};

/// Measures a running Skydesk.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure; everything when nothing is named
    #[arg(value_enum)]
    measurements: Vec<Measurement>,
    /// Also write the results as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// In the order in which they run: the first one fills the database, the last one wants quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    Sync,
    List,
    Questions,
    Ask,
    Page,
    Reports,
    Billing,
    Reading,
    Usage,
    Advice,
    Idle,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let stack = Stack::enter(arguments.place).await?;
    let mut sheet = Sheet::default();
    let mut failed = Vec::new();
    for measurement in Measurement::value_variants() {
        if !arguments.measurements.is_empty() && !arguments.measurements.contains(measurement) {
            continue;
        }
        let name = measurement.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default();
        sheet.begin(&name);
        let outcome = match measurement {
            Measurement::Sync => sync::measure(&stack, &mut sheet).await,
            Measurement::Reports => reports::measure(&stack, &mut sheet).await,
            Measurement::List => list::measure(&stack, &mut sheet).await,
            Measurement::Questions => questions::measure(&stack, &mut sheet).await,
            Measurement::Ask => ask::measure(&stack, &mut sheet).await,
            Measurement::Page => page::measure(&stack, &mut sheet).await,
            Measurement::Billing => billing::measure(&stack, &mut sheet).await,
            Measurement::Reading => reading::measure(&stack, &mut sheet).await,
            Measurement::Usage => usage::measure(&stack, &mut sheet).await,
            Measurement::Advice => advice::measure(&mut sheet),
            Measurement::Idle => idle::measure(&stack, &mut sheet).await,
        };
        // The others' figures are worth having all the same.
        if let Err(error) = outcome {
            sheet.note(&format!("could not be measured: {error:#}"));
            failed.push(name);
        }
    }
    sheet.print()?;
    if let Some(path) = arguments.json {
        std::fs::write(&path, sheet.to_json()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    anyhow::ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}
