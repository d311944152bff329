//! `make test`: every check, cheap ones first, each with its seconds; the first failure ends it.
//!
//! What tests need is started here and told by variables: `SKYDESK_TEST_*` for tests on parts, `FAULTS_SERVICES` for
//! those that kill services, `E2E_*` for the journey through the whole.

mod faults;
mod parts;
mod whole;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::cargo::{build_tested, cargo};
use crate::place::{Place, program};
use crate::setup::wasm::Toolchain;
use crate::setup::{self, Purpose, python};
use crate::stack::{Instance, Lock};
use crate::{checks, command, say, web};

/// What `test` can be told.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Only these, with what they need
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Step>,
    /// All but these
    #[arg(long, value_enum, value_delimiter = ',')]
    skip: Vec<Step>,
}

/// One part of the suite, in the order of running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// cargo fmt --check
    Fmt,
    /// The house's own rules
    Checks,
    /// cargo deny, where it is installed
    Deny,
    /// clippy for the native crates
    Clippy,
    /// clippy for what runs in the browser
    ClippyWasm,
    /// The AWS sandbox's own tests
    Sandbox,
    /// Those of what writes questions for the small model to learn from
    Training,
    /// Unit and property tests, and those on real PostgreSQL, Redis, sandbox and model
    Unit,
    /// Examples in documentation
    Doc,
    /// The web application's build, and its units
    Web,
    /// The whole house while parts of it are killed, stopped or lying
    Faults,
    /// The journey in a browser, through everything
    E2e,
}

/// Runs the chosen steps.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let chosen = |step: &&Step| {
        (options.only.is_empty() || options.only.contains(step)) && !options.skip.contains(step)
    };
    let _lock = Lock::take(&Instance::of_tests(place)?)?;
    let begin = Instant::now();
    setup::everything(place, Purpose::Test)?;
    let mut taken = vec![("setup".to_owned(), begin.elapsed())];
    for step in Step::value_variants().iter().filter(chosen) {
        let name = step.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default();
        let start = Instant::now();
        let outcome = say::step(&name, || step.run(place)).with_context(|| format!("{name} failed"));
        taken.push((name, start.elapsed()));
        if outcome.is_err() {
            report(&taken, begin.elapsed());
            return outcome;
        }
    }
    report(&taken, begin.elapsed());
    say::line("everything passed");
    Ok(())
}

impl Step {
    fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Fmt => command::run(cargo(place).args(["fmt", "--all", "--check"]), "cargo fmt --check"),
            Self::Checks => checks::run(place),
            Self::Deny => deny(place),
            Self::Clippy => clippy(place),
            Self::ClippyWasm => clippy_wasm(place),
            Self::Sandbox => parts::pytest(place, &python::sandbox(place)?, "tests/sandbox"),
            Self::Training => parts::pytest(place, &python::training(place)?, "ai-tier/training"),
            Self::Unit => parts::unit(place),
            Self::Doc => doc(place),
            Self::Web => {
                web::build(place)?;
                parts::frontend(place)
            }
            Self::Faults => {
                build_tested(place)?;
                web::build(place)?;
                faults::house(place)
            }
            Self::E2e => {
                build_tested(place)?;
                web::build(place)?;
                whole::journey(place)
            }
        }
    }
}

/// Licences and advisories. Its database comes from the network, so it is no condition of a test run.
fn deny(place: &Place) -> Result<()> {
    if program("cargo-deny").is_none() {
        say::line(
            "  cargo-deny is not installed, so licences are not checked; `cargo install cargo-deny` brings it",
        );
        return Ok(());
    }
    command::run(cargo(place).args(["deny", "check", "licenses", "bans", "sources"]), "cargo deny")
}

fn clippy(place: &Place) -> Result<()> {
    let mut clippy = cargo(place);
    clippy.args(["clippy", "--release", "--workspace", "--exclude", "frontend", "--all-targets", "--"]);
    command::run(clippy.args(["--deny", "warnings"]), "clippy")
}

fn clippy_wasm(place: &Place) -> Result<()> {
    let mut clippy = Toolchain::find()?.clippy(place)?;
    clippy.args(["--profile", "web", "-p", "contract", "-p", "domain", "-p", "frontend", "--"]);
    command::run(clippy.args(["--deny", "warnings"]), "clippy for the browser")
}

fn doc(place: &Place) -> Result<()> {
    let mut test = cargo(place);
    test.args(["test", "--release", "--quiet", "--doc", "--workspace", "--exclude", "frontend"]);
    command::run(&mut test, "cargo test --doc")
}

fn report(taken: &[(String, Duration)], all: Duration) {
    say::line("");
    for (name, duration) in taken {
        say::line(&format!("{name:>12}  {}", say::seconds(*duration)));
    }
    say::line(&format!("{:>12}  {}", "together", say::seconds(all)));
}
