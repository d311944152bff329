//! Calls of cargo for native code: one profile, one target directory, so that nothing is compiled twice.

use std::process::Command;

use anyhow::Result;

use crate::place::Place;
use crate::{command, say};

/// The binaries that the stack runs.
const BINARIES: [&str; 2] = ["skydesk", "skydesk-ai"];

/// A small test, named when binaries are built so that features resolve as they do for tests.
///
/// Features of dependencies follow from what is built together. Naming a test of the workspace makes cargo count the
/// development dependencies of every member in, and so the binaries and the tests share all they depend on: without
/// it llama.cpp and the AWS SDK are compiled once for `make run` and once more for `make test`.
const WITH_FEATURES_OF_TESTS: &str = "rules";

/// The cargo that runs us, in the checkout.
pub(crate) fn cargo(place: &Place) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&place.root).env("CARGO_TARGET_DIR", &place.target);
    cargo
}

/// The program that measures them.
pub(crate) const MEASURING: &str = "load";

/// Builds `skydesk` and `skydesk-ai`.
pub(crate) fn build_binaries(place: &Place) -> Result<()> {
    build_these(place, &BINARIES)
}

/// Builds what runs, and what measures it.
pub(crate) fn build_measured(place: &Place) -> Result<()> {
    let [server, assistant] = BINARIES;
    build_these(place, &[server, assistant, MEASURING])
}

fn build_these(place: &Place, binaries: &[&str]) -> Result<()> {
    say::step("release binaries", || {
        let mut build = cargo(place);
        build.args(["build", "--release", "--workspace", "--exclude", "frontend"]);
        for binary in binaries {
            build.args(["--bin", binary]);
        }
        build.args(["--test", WITH_FEATURES_OF_TESTS]);
        command::run(&mut build, "cargo build")
    })
}

/// Builds everything that is tested, and with it the two binaries.
///
/// As one set, for the reason told at [`WITH_FEATURES_OF_TESTS`].
pub(crate) fn build_tested(place: &Place) -> Result<()> {
    say::step("release binaries and tests", || {
        let mut build = cargo(place);
        build.args(["build", "--release", "--workspace", "--exclude", "frontend", "--all-targets"]);
        command::run(&mut build, "cargo build")
    })
}
