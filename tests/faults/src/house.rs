//! All services together, and what a test can do to them.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Desk, eventually, seconds,
    service::{Recipe, Service},
};

/// How long a service may take until it answers; the ai-tier reads its model in that time.
const READY_WITHIN: Duration = Duration::from_secs(40);

/// What xtask has prepared.
#[derive(Debug, Deserialize)]
struct Prepared {
    services: Vec<Recipe>,
    web: String,
    app: String,
    ai: String,
    ai_key: String,
    sandbox: String,
    redis_port: u16,
    database: String,
    psql: PathBuf,
    admin_password: String,
    reports_dir: PathBuf,
    work_dir: PathBuf,
    logs: PathBuf,
}

/// The house. Dropping it ends every service.
#[derive(Debug)]
pub struct House {
    services: BTreeMap<String, Service>,
    prepared: Prepared,
    http: Client,
    _alone: File,
}

impl Drop for House {
    fn drop(&mut self) {
        // Programs first and at once; what keeps data in order, as the next test begins with it.
        self.services.retain(|name, _| matches!(name.as_str(), "postgres" | "redis" | "sandbox"));
        for service in self.services.values_mut() {
            let _paused_or_not = service.resume();
            let _or_killed_when_dropped = service.stop();
        }
    }
}

impl House {
    /// An empty house with PostgreSQL, Redis, the sandbox, and those of `programs`: `skydesk`, `worker-1`, `worker-2`,
    /// `skydesk-ai`, `nginx`.
    ///
    /// # Errors
    /// A service does not become ready.
    pub async fn begin(programs: &[&str]) -> anyhow::Result<Self> {
        let prepared = prepared()?;
        let alone = File::create(prepared.logs.join("alone"))?;
        alone.lock().context("cannot wait for the test before")?;
        let services = prepared.services.iter().map(|recipe| {
            let service = Service::new(as_tests_need(recipe.clone()), &prepared.logs);
            (recipe.name.clone(), service)
        });
        let services = services.collect();
        let http = Client::builder().timeout(seconds(10)).build()?;
        let mut house = Self { services, prepared, http, _alone: alone };
        for name in ["postgres", "redis", "sandbox"] {
            house.service(name)?.start()?;
        }
        house.is_ready("postgres").await?;
        house.clear()?;
        for folder in [&house.prepared.reports_dir, &house.prepared.work_dir] {
            fs::remove_dir_all(folder)
                .or_else(|it| if it.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(it) })?;
        }
        for name in ["redis", "sandbox"] {
            house.is_ready(name).await?;
        }
        house.tell_sandbox(Method::POST, "reset", None).await?;
        for name in programs {
            house.service(name)?.start()?;
        }
        for name in programs {
            house.is_ready(name).await?;
        }
        Ok(house)
    }

    /// Forgets what was synced, and all jobs and reports.
    ///
    /// # Errors
    /// PostgreSQL refuses.
    pub fn clear(&self) -> anyhow::Result<()> {
        // Nothing is to happen by itself, and no test is about the pace of calls.
        self.sql(
            "TRUNCATE workspaces, changes, bundles, directories, known_values, sync_states, reports, questions, queue_jobs, operations CASCADE;
             UPDATE queue_schedules SET enabled = false, next_planned = NULL;
             INSERT INTO settings (value) VALUES ('{\"aws_calls_per_second\": 1000}')
                 ON CONFLICT (single) DO UPDATE SET value = excluded.value",
        )?;
        Ok(())
    }

    /// A service by its name.
    ///
    /// # Errors
    /// There is none.
    pub fn service(&mut self, name: &str) -> anyhow::Result<&mut Service> {
        self.services.get_mut(name).with_context(|| format!("there is no service {name}"))
    }

    /// Starts a service and waits until it answers.
    ///
    /// # Errors
    /// It ends, or does not answer.
    pub async fn start(&mut self, name: &str) -> anyhow::Result<()> {
        self.service(name)?.start()?;
        self.is_ready(name).await
    }

    async fn is_ready(&mut self, name: &str) -> anyhow::Result<()> {
        eventually(&format!("{name} answers"), READY_WITHIN, async || {
            if !self.service(name)?.is_running()? {
                let said = self.service(name)?.said()?;
                let last: Vec<_> = said.lines().rev().take(5).collect();
                bail!("{name} has ended: {last:#?}");
            }
            Ok(self.answers(name).await?.then_some(()))
        })
        .await
    }

    async fn answers(&self, name: &str) -> anyhow::Result<bool> {
        let it = &self.prepared;
        let url = match name {
            "postgres" => return Ok(self.sql("SELECT 1").is_ok()),
            "redis" => return Ok(redis_answers(it.redis_port).await.unwrap_or(false)),
            "sandbox" => format!("{}/_sandbox/health", it.sandbox),
            "skydesk" => format!("{}/health/live", it.app),
            "skydesk-ai" => format!("{}/health", it.ai),
            "nginx" => format!("{}/", it.web),
            worker => {
                let recipe = &self.services.get(worker).context("unknown service")?.recipe;
                let port = recipe.environment.get("METRICS_PORT").context("it has no port for metrics")?;
                format!("http://127.0.0.1:{port}/metrics")
            }
        };
        let asked = self.http.get(url).header("accept", "text/html").send().await;
        Ok(asked.is_ok_and(|it| it.status().is_success()))
    }

    /// Runs a statement as the owner of the tables; the first column of its rows, one a line.
    ///
    /// # Errors
    /// PostgreSQL is away or refuses.
    pub fn sql(&self, statement: &str) -> anyhow::Result<String> {
        let mut psql = Command::new(&self.prepared.psql);
        psql.env("PGCONNECT_TIMEOUT", "5").arg(&self.prepared.database);
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
        let output = psql.args(["--command", statement]).output().context("cannot start psql")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// Like [`House::sql`], for a number.
    ///
    /// # Errors
    /// PostgreSQL is away or refuses, or answers with something else.
    pub fn count(&self, statement: &str) -> anyhow::Result<i64> {
        let text = self.sql(statement)?;
        text.parse().with_context(|| format!("{text:?} is no number"))
    }

    /// The administrator, signed in at the server itself.
    ///
    /// # Errors
    /// He does not get in.
    pub async fn sign_in(&self) -> anyhow::Result<Desk> {
        self.sign_in_at(&self.prepared.app).await
    }

    /// The administrator, signed in through nginx.
    ///
    /// # Errors
    /// He does not get in.
    pub async fn sign_in_by_web(&self) -> anyhow::Result<Desk> {
        self.sign_in_at(&self.prepared.web).await
    }

    async fn sign_in_at(&self, base: &str) -> anyhow::Result<Desk> {
        let mut desk = Desk::new(base)?;
        desk.sign_in("admin", &self.prepared.admin_password).await?;
        Ok(desk)
    }

    /// Has the sandbox get something wrong; see its README for kinds.
    ///
    /// # Errors
    /// There is no such fault.
    pub async fn fault(&self, fault: Value) -> anyhow::Result<()> {
        self.tell_sandbox(Method::POST, "faults", Some(fault)).await.map(drop)
    }

    /// Takes all faults of the sandbox down.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn calm(&self) -> anyhow::Result<()> {
        self.tell_sandbox(Method::DELETE, "faults", None).await.map(drop)
    }

    /// How often an operation was called since the last [`House::count_calls_anew`], in all accounts or one place.
    ///
    /// # Errors
    /// The sandbox does not answer.
    pub async fn calls(&self, operation: &str, place: Option<(&str, &str)>) -> anyhow::Result<u64> {
        let answer = self.tell_sandbox(Method::GET, "calls", None).await?;
        let calls = answer.get("calls").and_then(Value::as_array).context("no calls in the answer")?.iter();
        let is = |it: &Value, name: &str, value: &str| it.get(name).is_some_and(|it| it == value);
        let is_meant = |it: &&Value| {
            let there = |(account, region)| is(it, "account", account) && is(it, "region", region);
            is(it, "operation", operation) && place.is_none_or(there)
        };
        Ok(calls.filter(is_meant).filter_map(|it| it.get("calls")?.as_u64()).sum())
    }

    /// Sets the sandbox's counts to nothing.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn count_calls_anew(&self) -> anyhow::Result<()> {
        self.tell_sandbox(Method::DELETE, "calls", None).await.map(drop)
    }

    async fn tell_sandbox(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, format!("{}/_sandbox/{path}", self.prepared.sandbox));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status.is_success(), "the sandbox answers {path} with {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Waits until no job waits or runs.
    ///
    /// # Errors
    /// Some still do after `within`; the message names them.
    pub async fn all_work_done(&self, within: Duration) -> anyhow::Result<()> {
        let open = "SELECT count(*) FROM queue_jobs WHERE state IN ('waiting', 'running')";
        let done = eventually("all jobs ended", within, async || {
            Ok(self.sql(open).is_ok_and(|it| it == "0").then_some(()))
        });
        if let Err(error) = done.await {
            let left = self.sql(
                "SELECT concat_ws(' ', kind, unique_key, state, 'attempt', attempts, due_at - now(), last_error)
                 FROM queue_jobs WHERE state IN ('waiting', 'running')",
            )?;
            bail!("{error}; what is left:\n{left}");
        }
        Ok(())
    }

    /// What a sync has brought, in one line that differs when a row does. Without what changes by the minute.
    ///
    /// # Errors
    /// PostgreSQL is away.
    pub fn fingerprint(&self) -> anyhow::Result<String> {
        self.sql(
            "SELECT concat_ws(' ', (SELECT count(*) FROM workspaces), (SELECT count(*) FROM workspaces WHERE gone_at IS NOT NULL),
                (SELECT md5(string_agg(concat_ws('|', id, account, region, directory_id, bundle_id, user_name, running_mode,
                    compute_type, root_volume_gib, operating_system, tags::text, connection IS NULL), ',' ORDER BY id)) FROM workspaces),
                (SELECT md5(string_agg(concat_ws('|', account, region, id, name), ',' ORDER BY account, region, id)) FROM bundles),
                (SELECT md5(string_agg(concat_ws('|', account, region, id, name), ',' ORDER BY account, region, id)) FROM directories))",
        )
    }

    /// A sync from beginning to end, with nothing in its way; see [`House::fingerprint`].
    ///
    /// # Errors
    /// It does not end.
    pub async fn synced(&self, desk: &Desk) -> anyhow::Result<String> {
        desk.sync().await?;
        self.all_work_done(seconds(60)).await?;
        self.fingerprint()
    }

    /// What the ai-tier counts under a name, all labels together.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn ai_metric(&self, name: &str) -> anyhow::Result<f64> {
        let request =
            self.http.get(format!("{}/metrics", self.prepared.ai)).bearer_auth(&self.prepared.ai_key);
        let text = request.send().await?.error_for_status()?.text().await?;
        let lines = text.lines().filter(|it| it.starts_with(name));
        Ok(lines.filter_map(|it| it.rsplit_once(' ')?.1.parse::<f64>().ok()).sum())
    }

    /// Where finished reports lie.
    #[must_use]
    pub fn reports_dir(&self) -> &Path {
        &self.prepared.reports_dir
    }

    /// Where reports are put together.
    #[must_use]
    pub fn work_dir(&self) -> &Path {
        &self.prepared.work_dir
    }
}

fn prepared() -> anyhow::Result<Prepared> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment what was prepared")]
    let path = std::env::var("FAULTS_SERVICES")
        .context("FAULTS_SERVICES is not set; run: cargo xtask test --only faults")?;
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    serde_json::from_str(&text).with_context(|| format!("{path} is not as expected"))
}

/// Two things that would make tests long or their figures drift: an hour at which nobody works, and a lease as short as
/// it may be.
fn as_tests_need(mut recipe: Recipe) -> Recipe {
    if recipe.name == "sandbox" {
        recipe.arguments.extend(["--now", "2026-11-22T03:00:00Z"].map(String::from));
    }
    recipe.environment.insert("WORKER_LEASE_SECONDS".to_owned(), "3".to_owned());
    recipe
}

/// Any answer will do: without the password it is a refusal, and that comes from a server that is ready.
async fn redis_answers(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"PING\r\n").await?;
    let mut first = [0];
    stream.read_exact(&mut first).await?;
    Ok(matches!(first, [b'-' | b'+']))
}

/// Names of all files below a folder that may not exist.
///
/// # Errors
/// It cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(names),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            names.extend(files_below(&path)?);
        } else {
            names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A report of all changes.
#[must_use]
pub fn report_of_changes(format: &str) -> Value {
    json!({"source": "changes", "format": format})
}
