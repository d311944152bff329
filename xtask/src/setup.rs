//! Installs what a machine lacks, and says what and why. When nothing is missing it costs a moment.
//!
//! Debian packages are the only things that change the machine; everything else lands in the cache folder or
//! in the checkout. It deliberately does not use the services that those packages bring: the stack runs its own.

pub(crate) mod debian;
pub(crate) mod model;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod wasm;

use anyhow::Result;

use crate::place::Place;

/// What the machine is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `make run` and `make build`.
    Run,
    /// `make test`: a browser as well.
    Test,
}

/// Everything that building and running needs, except the model: that is fetched by a program to be built first.
pub(crate) fn everything(place: &Place, purpose: Purpose) -> Result<()> {
    let mut missing = debian::missing(purpose);
    missing.extend(wasm::missing());
    debian::install(&missing)?;
    node::packages(place)?;
    python::sandbox(place)?;
    Ok(())
}

/// What `cargo xtask web` needs, so that an image can be built with nothing else.
pub(crate) fn for_web(place: &Place) -> Result<()> {
    let mut missing = debian::missing_for_web();
    missing.extend(wasm::missing());
    debian::install(&missing)?;
    node::packages(place)
}
