//! The house's own rules, those that no compiler and no lint knows.
//!
//! `cargo xtask checks` reports every breach at once, each with the rule's reason.

mod arrows;
mod files;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::say;

/// Checks everything.
///
/// # Errors
/// A rule is broken; the breaches have been printed.
pub(crate) fn run(place: &Place) -> Result<()> {
    let mut breaches = arrows::breaches(place)?;
    breaches.extend(files::breaches(place)?);
    for breach in &breaches {
        say::line(&format!("  {breach}"));
    }
    match breaches.len() {
        0 => Ok(()),
        1 => bail!("one house rule is broken"),
        n => bail!("{n} house rules are broken"),
    }
}
