//! Ctrl-C and SIGTERM as a flag that every wait looks at.
//!
//! The first one asks for an orderly stop; a second one ends the process at once, and the kernel then ends
//! the children (see [`crate::stack::supervisor`]).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

static ASKED_TO_STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The user asked to stop; not a failure.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped on request")
    }
}

impl std::error::Error for Interrupted {}

/// Begins to listen. Called once, before anything is started.
pub(crate) fn listen() -> Result<()> {
    let asked = ASKED_TO_STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Order matters: the shutdown is conditional on the flag that an earlier signal has set.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(asked))
            .context("cannot listen to signals")?;
        flag::register(signal, Arc::clone(asked)).context("cannot listen to signals")?;
    }
    Ok(())
}

/// Whether the user asked to stop.
pub(crate) fn asked() -> bool {
    ASKED_TO_STOP.get().is_some_and(|it| it.load(Ordering::Relaxed))
}

/// [`Interrupted`] when the user asked to stop.
pub(crate) fn check() -> Result<()> {
    if asked() { Err(Interrupted.into()) } else { Ok(()) }
}

/// One beat of a loop that waits for something.
///
/// # Errors
/// [`Interrupted`].
pub(crate) fn pause(duration: Duration) -> Result<()> {
    check()?;
    thread::sleep(duration);
    check()
}
