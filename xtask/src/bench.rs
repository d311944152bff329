//! `make bench`: the measurements of `tests/load`, against a stack with the largest estate.
//!
//! Here is only the stack; what is measured and beside what is that package's matter.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::cargo::{build_binaries, cargo};
use crate::place::Place;
use crate::setup::{self, Purpose, model, python};
use crate::stack::{Address, Instance, Lock, Plan, Postgres, Programs, Redis, Stack, random_token};
use crate::{command, say, web};

/// What `bench` can be told.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Desktops in the sandbox's estate
    #[arg(long, default_value_t = 20_000)]
    desktops: u32,
    /// Handed on to the measuring program
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Starts a stack afresh and measures it.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    if !place.root.join("tests/load/Cargo.toml").exists() {
        bail!("there is no tests/load in this checkout, so there is nothing to measure with");
    }
    let _lock = Lock::take(&Instance::of_tests(place)?)?;
    setup::everything(place, Purpose::Run)?;
    build_binaries(place)?;
    web::build(place)?;
    let instance = Instance::fresh(place, "bench")?;
    let outcome = measure(place, &instance, options);
    instance.discard();
    outcome
}

fn measure(place: &Place, instance: &Instance, options: &Options) -> Result<()> {
    let programs = Programs { python: python::sandbox(place)?, model: Some(model::small(place)?) };
    let password: String = random_token()?.chars().take(24).collect();
    let plan = Plan {
        desktops: options.desktops,
        admin_password: Some(password.clone()),
        web: Address::private(instance)?,
        sandbox: Address::private(instance)?,
        workers: 2,
    };
    let mut stack = Stack::start(place, instance, &programs, &plan)?;
    let (ports, secrets) = (&stack.ports, &stack.secrets);
    let mut bench = cargo(place);
    bench.args(["run", "--release", "--package", "load", "--"]).args(&options.arguments);
    bench
        .env("BENCH_BASE_URL", plan.web.url())
        .env("BENCH_APP_URL", format!("http://127.0.0.1:{}", ports.app));
    bench.env("BENCH_ADMIN_PASSWORD", password).env("BENCH_AWS_ENDPOINT", plan.sandbox.url());
    bench
        .env("BENCH_AI_URL", format!("http://127.0.0.1:{}", ports.ai))
        .env("BENCH_AI_API_KEY", &secrets.ai_api_key);
    bench.env(
        "BENCH_DATABASE_URL",
        Postgres::url(ports.postgres, "skydesk", &secrets.postgres_password, "skydesk"),
    );
    bench.env("BENCH_REDIS_URL", Redis::url(ports.redis, &secrets.redis_password));
    let begin = Instant::now();
    let outcome = command::run(&mut bench, "the measuring program");
    say::line(&format!("measured for {}", say::seconds(begin.elapsed())));
    stack.stop();
    outcome
}
