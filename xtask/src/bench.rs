//! `make bench`: the measurements of `tests/load`, against a stack with the largest estate.
//!
//! Here is only the stack; what is measured and beside what is that package's matter.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::cargo::{MEASURING, build_measured};
use crate::place::{Place, postgres_programs};
use crate::setup::{self, Purpose, model, python};
use crate::stack::{Address, Instance, Lock, Plan, Postgres, Programs, Redis, Stack, browser, random_token};
use crate::{command, say, web};

/// What `bench` can be told.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Desktops in the sandbox's estate
    #[arg(long, default_value_t = 20_000)]
    desktops: u32,
    /// Handed on to the measuring program: which measurements, `--json FILE`; see its `--help`
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Starts a stack afresh and measures it.
pub(crate) fn run(place: &Place, options: &Options) -> Result<()> {
    let _lock = Lock::take(&Instance::of_tests(place)?)?;
    // As for tests: the first page is timed in a browser.
    setup::everything(place, Purpose::Test)?;
    build_measured(place)?;
    web::build(place)?;
    let instance = Instance::measured(place)?;
    let outcome = measure(place, &instance, options);
    instance.discard();
    outcome
}

fn measure(place: &Place, instance: &Instance, options: &Options) -> Result<()> {
    let model = model::small(place)?;
    let programs = Programs { python: python::sandbox(place)?, model: Some(model.clone()) };
    let peers = python::peers(place)?;
    let postgres_bin = postgres_programs().context("PostgreSQL's programs are missing")?;
    let password: String = random_token()?.chars().take(24).collect();
    let plan = Plan {
        desktops: options.desktops,
        admin_password: Some(password.clone()),
        web: Address::private(instance)?,
        sandbox: Address::private(instance)?,
        workers: 2,
    };
    let mut stack = Stack::start(place, instance, &programs, &plan)?;
    // Chromium is no part of the product, and is not among the processes.
    let processes: Vec<String> =
        stack.supervisor.processes().map(|(name, pid)| format!("{name}={pid}")).collect();
    let driver = browser::start(instance, &mut stack.supervisor)?;
    let (ports, secrets) = (&stack.ports, &stack.secrets);
    let database = Postgres::url(ports.postgres, "skydesk", &secrets.postgres_password, "skydesk");
    let mut bench = Command::new(place.binary(MEASURING));
    bench.args(&options.arguments);
    bench.env("BENCH_BASE_URL", plan.web.url());
    bench.env("BENCH_APP_URL", format!("http://127.0.0.1:{}", ports.app));
    bench.env("BENCH_ADMIN_PASSWORD", password);
    bench.env("BENCH_AWS_ENDPOINT", plan.sandbox.url());
    bench.env("BENCH_AI_URL", format!("http://127.0.0.1:{}", ports.ai));
    bench.env("BENCH_AI_API_KEY", &secrets.ai_api_key);
    bench.env("BENCH_MODEL", model);
    bench.env("BENCH_SECRET_KEY", &secrets.secret_key);
    bench.env("BENCH_DATABASE_URL", database);
    bench.env("BENCH_REDIS_URL", Redis::url(ports.redis, &secrets.redis_password));
    bench.env("BENCH_WEBDRIVER_URL", driver.url());
    bench.env("BENCH_DESKTOPS", options.desktops.to_string());
    bench.env("BENCH_PEERS_PYTHON", peers);
    bench.env("BENCH_PEERS_DIR", place.root.join("tests/load/peers"));
    bench.env("BENCH_QUESTIONS_DIR", place.root.join("tests/questions"));
    bench.env("BENCH_POSTGRES_BIN", postgres_bin);
    bench.env("BENCH_PROCESSES", processes.join(","));
    let begin = Instant::now();
    let outcome = command::run(&mut bench, "the measuring program");
    say::line(&format!("measured for {}", say::seconds(begin.elapsed())));
    stack.stop();
    outcome
}
