//! Memory of each process when nobody wants anything.
//!
//! After everything else in the run, so it is what caches and pools keep, not what a fresh process needs.

use std::time::Duration;

use crate::sheet::{Entry, Sheet};
use crate::stack::Stack;

/// Long enough for allocators and pools to give back what they give back.
const QUIET_FOR: Duration = Duration::from_secs(20);

const MEBIBYTE: f64 = 1024.0 * 1024.0;

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    tokio::time::sleep(QUIET_FOR).await;
    for process in &stack.place.processes {
        let memory = process.memory()?;
        let what = format!("{}: shared pages counted in parts (PSS)", process.name);
        sheet.add(Entry::new(what, mebibytes(memory.proportional), "MiB"));
        let what = format!("{}: shared pages counted wholly (RSS)", process.name);
        sheet.add(Entry::new(what, mebibytes(memory.resident), "MiB"));
    }
    sheet.note("a process counts with all that it has started; 20 s after the last request");
    Ok(())
}

#[expect(clippy::as_conversions, reason = "memory of a process is far below 2^53 bytes")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MEBIBYTE
}
