//! The developer's door to Skydesk: `cargo xtask <command>`, or `make <command>`.
//!
//! It installs what a machine lacks, builds, starts the three tiers on this host, and runs every test.
//! It ships nothing: no code here ends up in a container, and nothing in the product knows that it exists.
//!
//! Invariant: whatever was started here is stopped when this process ends, however it ends.

mod bench;
mod cargo;
mod checks;
mod command;
mod digest;
mod interrupt;
mod place;
mod say;
mod setup;
mod stack;
mod test;
mod web;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::interrupt::Interrupted;
use crate::place::Place;
use crate::setup::Purpose;

/// Set-up, local stack, web build and tests of Skydesk.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Install what is missing: Debian packages, the WASM target, Python and npm packages
    Setup,
    /// Build the release binaries and the web application
    Build,
    /// Build the web application into web-tier/dist
    Web,
    /// Build, then start everything on this machine until Ctrl-C
    #[command(alias = "stack")]
    Run(stack::Options),
    /// Stop what `run` started, from another terminal
    Down,
    /// Formatting, lints, all tests, and a journey in a browser
    Test(test::Options),
    /// The house's own rules: which crate may see which, file sizes, words that do not ship
    Checks,
    /// Measure, side by side with floors and peers
    Bench(bench::Options),
    /// Format all Rust code
    Fmt,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match interrupt::listen().and_then(|()| perform(arguments.task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.is::<Interrupted>() => {
            say::line("stopped");
            ExitCode::from(130)
        }
        Err(e) => {
            say::failure(&e);
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let place = Place::find()?;
    match task {
        Task::Setup => setup::everything(&place, Purpose::Test),
        Task::Build => {
            setup::everything(&place, Purpose::Run)?;
            cargo::build_binaries(&place)?;
            web::build(&place)
        }
        Task::Web => {
            setup::for_web(&place)?;
            web::build(&place)
        }
        Task::Run(options) => stack::run(&place, &options),
        Task::Down => stack::down(&place),
        Task::Test(options) => test::run(&place, &options),
        Task::Checks => checks::run(&place),
        Task::Bench(options) => bench::run(&place, &options),
        Task::Fmt => command::run(cargo::cargo(&place).args(["fmt", "--all"]), "cargo fmt"),
    }
}
