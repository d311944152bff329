//! What xtask prints. Progress goes to stderr, results (such as the address) to stdout.

use std::time::{Duration, Instant};

use anyhow::Result;

/// One line of progress.
pub(crate) fn line(text: &str) {
    eprintln!("{text}");
}

/// One line of result, for people and for scripts.
#[expect(clippy::print_stdout, reason = "this is the command's result")]
pub(crate) fn result(text: &str) {
    println!("{text}");
}

/// An error with its causes, one a line.
pub(crate) fn failure(error: &anyhow::Error) {
    eprintln!("\nerror: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}

/// Runs a step, says that it begins and how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    line(&format!("→ {name}"));
    let start = Instant::now();
    let done = work()?;
    line(&format!("✓ {name} ({})", seconds(start.elapsed())));
    Ok(done)
}

/// `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{whole} s"),
        _ => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_at_a_glance() {
        assert_eq!(seconds(Duration::from_millis(440)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(59)), "59 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
