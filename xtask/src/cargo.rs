//! Calls of cargo for native code: one profile, one target directory, so that nothing is compiled twice.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::{command, say};

/// The packages whose binaries the stack runs.
const BINARIES: [&str; 2] = ["server", "inference"];

/// The cargo that runs us, in the checkout.
pub(crate) fn cargo(place: &Place) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&place.root).env("CARGO_TARGET_DIR", &place.target);
    cargo
}

/// Builds `skydesk` and `skydesk-ai`.
pub(crate) fn build_binaries(place: &Place) -> Result<()> {
    say::step("release binaries", || {
        let mut build = cargo(place);
        build.args(["build", "--release"]);
        for package in BINARIES {
            build.args(["--package", package]);
        }
        command::run(&mut build, "cargo build")
    })
}

/// Builds everything that is tested, and with it the two binaries.
///
/// Features of dependencies follow from which packages are built together, so what tests need is built as one set:
/// building the binaries by themselves first would compile most of them twice.
pub(crate) fn build_tested(place: &Place) -> Result<()> {
    say::step("release binaries and tests", || {
        let mut build = cargo(place);
        build.args(["build", "--release", "--workspace", "--exclude", "frontend", "--all-targets"]);
        command::run(&mut build, "cargo build")
    })
}
