//! Tests on parts: each crate's, on a private PostgreSQL, Redis, AWS sandbox and models.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cargo::{build_tested, cargo};
use crate::place::{Place, program};
use crate::setup::{model, python};
use crate::stack::supervisor::Supervisor;
use crate::stack::{Instance, Postgres, Programs, Redis, free_port, lone_ai, lone_sandbox, random_token};
use crate::{command, say};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// The tests of a folder in Python.
pub(super) fn pytest(place: &Place, python: &Path, folder: &str) -> Result<()> {
    let mut pytest = Command::new(python);
    pytest.current_dir(place.root.join(folder)).env("PYTHONPATH", ".");
    pytest.env("PYTHONPYCACHEPREFIX", place.cache.join("pycache"));
    command::run(pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]), "pytest")
}

/// The web application's units, as native code: scales, texts, filters, forms.
///
/// Apart from the others, because its dependencies want features that nothing else does.
pub(super) fn frontend(place: &Place) -> Result<()> {
    let mut test = cargo(place);
    command::run(
        test.args(["test", "--release", "--package", "frontend", "--bins", "--lib", "--quiet"]),
        "cargo test",
    )
}

/// All tests of the workspace but those of the whole house, with everything that they may ask for.
pub(super) fn unit(place: &Place) -> Result<()> {
    build_tested(place)?;
    let programs = Programs { python: python::sandbox(place)?, model: Some(model::small(place)?) };
    let instance = Instance::fresh(place, "test")?;
    let outcome = with_services(place, &instance, &programs);
    instance.discard();
    outcome
}

fn with_services(place: &Place, instance: &Instance, programs: &Programs) -> Result<()> {
    let mut supervisor = Supervisor::new(instance.dir.join("log"))?;
    let (database_port, redis_port, password) = (free_port(&[])?, free_port(&[])?, random_token()?);
    let postgres = Postgres::prepare(instance, database_port)?;
    let redis = Redis::prepare(instance, redis_port, &password)?;
    supervisor.start(postgres.service())?;
    supervisor.start(redis.service())?;
    supervisor.await_ready("postgres", READY_WITHIN, || postgres.answers())?;
    supervisor.await_ready("redis", READY_WITHIN, || redis.answers())?;
    postgres.make_database("skydesk", "skydesk_test", &password)?;
    let sandbox_url = lone_sandbox(place, instance, programs, &mut supervisor)?;
    let ai = lone_ai(place, instance, programs, &mut supervisor)?;

    let mut test = runner(place, Among::Parts);
    test.env("SKYDESK_TEST_DATABASE_URL", Postgres::url(database_port, "skydesk", &password, "skydesk_test"));
    test.env("SKYDESK_TEST_REDIS_URL", Redis::url(redis_port, &password));
    test.env("SKYDESK_TEST_AWS_ENDPOINT", &sandbox_url);
    if let Some((url, api_key)) = &ai {
        test.env("SKYDESK_TEST_AI_URL", url).env("SKYDESK_TEST_AI_API_KEY", api_key);
    }
    test.envs(programs.model.iter().map(|it| ("SKYDESK_TEST_SMALL_MODEL", it)));
    test.envs(tiny_models(place)?);
    test.env("OMP_WAIT_POLICY", "PASSIVE");
    // Nobody's own account is to be talked to, whatever a test forgets.
    for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN"] {
        test.env_remove(name);
    }
    test.env("AWS_ENDPOINT_URL", sandbox_url)
        .env("AWS_ACCESS_KEY_ID", "sandbox")
        .env("AWS_SECRET_ACCESS_KEY", "sandbox");
    test.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    test.env("AWS_EC2_METADATA_DISABLED", "true");
    let outcome = command::run(&mut test, "tests").and_then(|()| match &ai {
        Some((url, api_key)) => openai_client(place, url, api_key),
        None => Ok(()),
    });
    supervisor.stop();
    outcome
}

/// The official client talks to the ai-tier.
fn openai_client(place: &Place, url: &str, api_key: &str) -> Result<()> {
    let mut pytest = Command::new(python::openai_client(place)?);
    pytest.current_dir(place.root.join(python::OPENAI_CLIENT));
    pytest.env("PYTHONPYCACHEPREFIX", place.cache.join("pycache"));
    pytest.env("SKYDESK_TEST_AI_URL", url).env("SKYDESK_TEST_AI_API_KEY", api_key);
    let arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider"];
    command::run(pytest.args(arguments), "pytest with the openai client")
}

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// Those of the crates.
    Parts,
    /// Those of the whole house under faults, one after the other: each has the machine to itself.
    Faults,
    /// The journey through the whole stack.
    Whole,
}

/// nextest where it is installed. Building it would cost more minutes than it saves here, and tests do not rely on it:
/// they share no state, so they may as well run as threads of one process.
pub(super) fn runner(place: &Place, among: Among) -> Command {
    let mut test = cargo(place);
    if program("cargo-nextest").is_some() {
        // One set of packages for both, so that both use what was built once; the filter tells them apart.
        test.args(["nextest", "run", "--release", "--workspace", "--exclude", "frontend", "--filterset"]);
        match among {
            Among::Parts => test.arg("not package(e2e) and not package(faults)"),
            Among::Faults => test.args(["package(faults)", "--test-threads=1"]),
            Among::Whole => test.arg("package(e2e)"),
        };
        return test;
    }
    say::line("  cargo-nextest is not installed; `cargo test` runs the same tests");
    test.args(["test", "--release", "--lib", "--bins", "--tests"]);
    match among {
        Among::Parts => {
            test.args(["--workspace", "--exclude", "frontend", "--exclude", "e2e", "--exclude", "faults"])
        }
        Among::Faults => test.args(["--package", "faults", "--", "--test-threads=1"]),
        Among::Whole => test.args(["--package", "e2e"]),
    };
    test
}

/// A GGUF of some hundred kilobytes with random weights, an adapter for it, and both merged, as they are shipped and
/// without rounding anything: by variable.
fn tiny_models(place: &Place) -> Result<[(&'static str, PathBuf); 4]> {
    let python = python::gguf(place)?;
    let [tiny, adapter, merged, exact] =
        ["tiny-phi3.gguf", "tiny-phi3.adapter.gguf", "tiny-phi3-merged.gguf", "tiny-phi3-merged-exact.gguf"]
            .map(|name| place.local.join(name));
    let log = place.local.join("log/tiny-model.log");
    let mut generate = Command::new(&python);
    generate
        .arg(place.root.join("ai-tier/inference/tests/fixture/make_tiny_phi3.py"))
        .arg(&tiny)
        .arg(&adapter);
    command::run_quietly(&mut generate, "the tiny model's generator", &log)
        .context("the tiny model cannot be made")?;
    let options: [(_, &[&str]); 2] = [(&merged, &[]), (&exact, &["--type", "keep"])];
    for (target, options) in options {
        let mut merge = Command::new(&python);
        merge.arg(model::merge_script(place)).arg(&tiny).arg(&adapter).arg(target).args(options);
        command::run_quietly(&mut merge, "merge.py", &log).context("the tiny model cannot be merged")?;
    }
    Ok([
        ("SKYDESK_TEST_TINY_MODEL", tiny),
        ("SKYDESK_TEST_TINY_ADAPTER", adapter),
        ("SKYDESK_TEST_TINY_MERGED", merged),
        ("SKYDESK_TEST_TINY_MERGED_EXACT", exact),
    ])
}
