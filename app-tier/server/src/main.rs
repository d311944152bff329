//! The app-tier's one binary: `skydesk serve · work · migrate · admin`.

use std::{net::TcpListener, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context;
use clap::{Parser, Subcommand};
use contract::accounts::NewAccount;
use runtime::{config::Env, metrics, serve::Listener, telemetry};
use secrecy::ExposeSecret;
use server::{
    config::Config,
    house,
    http::{self, CookiePolicy},
    openapi,
};

/// The operations desk of a team that runs on AWS.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answer HTTP requests.
    Serve,
    /// Run jobs.
    Work,
    /// Bring the database to the shape that this release needs.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Set up by hand.
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Subcommand)]
enum Admin {
    /// Make the first administrator, the schedules, and register accounts. May run again: what is there stays.
    Bootstrap {
        /// A JSON list of accounts: name, `account_id`, `role_arn`, `external_id`, `operator_role_arn`, regions.
        #[arg(long)]
        accounts: Option<PathBuf>,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skydesk: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    if matches!(command, Command::Openapi) {
        return say(&openapi::document().to_pretty_json()?);
    }
    let (config, _) = Config::read(Env::from_process())?;
    telemetry::init(&config.telemetry)?;
    match command {
        Command::Serve => serve(&config).await,
        Command::Work => work(&config).await,
        Command::Migrate => migrate(&config).await,
        Command::Admin(Admin::Bootstrap { accounts }) => bootstrap(&config, accounts).await,
        Command::Openapi => Ok(()),
    }
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let stop = runtime::serve::shutdown_on_signals()?;
    let metrics =
        tokio::spawn(metrics::serve(TcpListener::bind(config.metrics)?, metrics::install()?, stop.clone()));
    let listener = Listener::bind(&config.serve)?;
    let house = house::build(config).await?;
    // How the model's server wants to be asked is found out now, where it is there, and not at somebody's question.
    let assistant = house.assistant.clone();
    tokio::spawn(async move { assistant.health().await });
    http::serve(house, listener, CookiePolicy { secure: config.secure_cookies }, stop).await?;
    Ok(metrics.await??)
}

async fn work(config: &Config) -> anyhow::Result<()> {
    let stop = runtime::serve::shutdown_on_signals()?;
    let metrics =
        tokio::spawn(metrics::serve(TcpListener::bind(config.metrics)?, metrics::install()?, stop.clone()));
    let house = house::build(config).await?;
    let told = Arc::clone(&house);
    let registry = match config.worker_lease {
        Some(lease) => app::registry().with_lease(lease),
        None => app::registry(),
    };
    queue::Worker::new(house.pool.clone(), registry, house)
        .concurrency(config.worker_jobs)
        .grace(config.serve.grace)
        .on_change(move |event| app::stream::publish(Arc::clone(&told), event))
        .run(stop)
        .await;
    Ok(metrics.await??)
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let applied = app::migrations::run(&config.database.url).await?;
    tracing::info!(n_applied = applied.len(), "The database is up to date");
    Ok(())
}

async fn bootstrap(config: &Config, accounts: Option<PathBuf>) -> anyhow::Result<()> {
    let wanted: Vec<NewAccount> = match &accounts {
        None => Vec::new(),
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text)
                .with_context(|| format!("{} is no list of accounts", path.display()))?
        }
    };
    let house = house::build(config).await?;
    let password = app::bootstrap::admin(&house, config.admin_password.clone()).await?;
    app::bootstrap::accounts(&house, &wanted).await?;
    match password {
        // The one time that it is shown.
        Some(password) => say(password.expose_secret()),
        None => Ok(()),
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
