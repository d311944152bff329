//! Where the stack is, and a signed-in client for it.
//!
//! The environment is read once, here. What is asked of the product goes to the app-tier itself unless a measurement is
//! about the proxy: floors and peers have none in front.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::process::Process;

/// For any one request of [`Stack`]. Questions for a cold model take the longest.
const PATIENCE: Duration = Duration::from_secs(60);
/// A token works for 15 minutes.
const TOKEN_FOR: Duration = Duration::from_mins(10);
/// For a full sync of the largest estate.
const SYNC_WITHIN: Duration = Duration::from_mins(5);

/// What `cargo xtask bench` tells.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Set by cargo xtask bench")]
pub(crate) struct Place {
    /// The proxy
    #[arg(long, env = "BENCH_BASE_URL", hide_env_values = true)]
    pub(crate) base_url: String,
    /// The app-tier
    #[arg(long, env = "BENCH_APP_URL", hide_env_values = true)]
    pub(crate) app_url: String,
    #[arg(long, env = "BENCH_ADMIN_PASSWORD", hide_env_values = true)]
    pub(crate) admin_password: String,
    /// The AWS sandbox
    #[arg(long, env = "BENCH_AWS_ENDPOINT", hide_env_values = true)]
    pub(crate) aws_endpoint: String,
    /// The ai-tier
    #[arg(long, env = "BENCH_AI_URL", hide_env_values = true)]
    pub(crate) ai_url: String,
    #[arg(long, env = "BENCH_AI_API_KEY", hide_env_values = true)]
    pub(crate) ai_api_key: String,
    /// The file of the small model, adapter merged
    #[arg(long, env = "BENCH_MODEL", hide_env_values = true)]
    pub(crate) model: PathBuf,
    /// What tokens are signed with: a peer checks the product's own
    #[arg(long, env = "BENCH_SECRET_KEY", hide_env_values = true)]
    pub(crate) secret_key: String,
    #[arg(long, env = "BENCH_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: String,
    #[arg(long, env = "BENCH_REDIS_URL", hide_env_values = true)]
    pub(crate) redis_url: String,
    #[arg(long, env = "BENCH_WEBDRIVER_URL", hide_env_values = true)]
    pub(crate) webdriver_url: String,
    /// Desktops that a full sync of the sandbox finds at most
    #[arg(long, env = "BENCH_DESKTOPS", hide_env_values = true)]
    pub(crate) desktops: u32,
    /// The interpreter with the packages of `peers/requirements.txt`
    #[arg(long, env = "BENCH_PEERS_PYTHON", hide_env_values = true)]
    pub(crate) peers_python: PathBuf,
    /// The folder of the peers' programs
    #[arg(long, env = "BENCH_PEERS_DIR", hide_env_values = true)]
    pub(crate) peers_dir: PathBuf,
    /// The questions to judge by
    #[arg(long, env = "BENCH_QUESTIONS_DIR", hide_env_values = true)]
    pub(crate) questions_dir: PathBuf,
    /// PostgreSQL's own programs
    #[arg(long, env = "BENCH_POSTGRES_BIN", hide_env_values = true)]
    pub(crate) postgres_bin: PathBuf,
    /// Processes of the stack: `name=pid`, with commas between
    #[arg(long, env = "BENCH_PROCESSES", hide_env_values = true, value_delimiter = ',', value_parser = process)]
    pub(crate) processes: Vec<Process>,
}

fn process(text: &str) -> Result<Process, String> {
    let (name, pid) = text.split_once('=').ok_or("a process is name=pid")?;
    let pid = pid.parse().map_err(|error| format!("{pid}: {error}"))?;
    Ok(Process { name: name.to_owned(), pid })
}

/// A running Skydesk, with an administrator signed in.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) place: Place,
    pub(crate) http: reqwest::Client,
    token: Mutex<Option<(Instant, String)>>,
}

impl Stack {
    /// Signs in.
    ///
    /// # Errors
    /// The app-tier does not answer, or refuses the password.
    pub(crate) async fn enter(place: Place) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(5))
            .build()
            .context("there is no HTTP client")?;
        let stack = Self { place, http, token: Mutex::new(None) };
        stack.token().await?;
        Ok(stack)
    }

    /// An access token that works for some minutes more.
    ///
    /// # Errors
    /// Signing in failed.
    pub(crate) async fn token(&self) -> anyhow::Result<String> {
        let kept = self.token.lock().ok().and_then(|it| it.clone());
        if let Some((_, token)) = kept.filter(|(at, _)| at.elapsed() < TOKEN_FOR) {
            return Ok(token);
        }
        let credentials = json!({"username": "admin", "password": self.place.admin_password});
        let request = self.http.post(format!("{}/api/auth/login", self.place.app_url)).json(&credentials);
        let answer = answer(request, "signing in").await?;
        let token =
            answer.get("access_token").and_then(Value::as_str).context("there is no token")?.to_owned();
        if let Ok(mut kept) = self.token.lock() {
            *kept = Some((Instant::now(), token.clone()));
        }
        Ok(token)
    }

    /// `GET` of a path of the API.
    ///
    /// # Errors
    /// Anything but success, with the problem that came back.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(reqwest::Method::GET, path, None).await
    }

    /// `POST` to a path of the API.
    ///
    /// # Errors
    /// As [`Stack::get`].
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(reqwest::Method::POST, path, Some(body)).await
    }

    /// `PUT` to a path of the API.
    ///
    /// # Errors
    /// As [`Stack::get`].
    pub(crate) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(reqwest::Method::PUT, path, Some(body)).await
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let what = format!("{method} {path}");
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.place.app_url))
            .bearer_auth(self.token().await?);
        if let Some(body) = body {
            request = request.json(body);
        }
        answer(request, &what).await
    }

    /// The process of the stack with that name: `skydesk` (the server), `worker-1`, `worker-2`, `skydesk-ai`, `nginx`,
    /// `redis`, `postgres`, `sandbox`.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn process(&self, name: &str) -> anyhow::Result<&Process> {
        let mut processes = self.place.processes.iter();
        processes.find(|it| it.name == name).with_context(|| format!("there is no process {name}"))
    }

    /// A full sync of all accounts, until no job is left. Returns how long it took.
    ///
    /// # Errors
    /// A job is dead, or it takes longer than five minutes.
    pub(crate) async fn full_sync(&self) -> anyhow::Result<Duration> {
        let begin = Instant::now();
        self.post("/api/admin/sync", &json!({})).await?;
        while !self.is_quiet().await? {
            if begin.elapsed() > SYNC_WITHIN {
                bail!("the sync was not done after {SYNC_WITHIN:?}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(begin.elapsed())
    }

    /// Nothing starts by the clock from here on, and nothing follows a sync: usage of 63 days takes longer than all
    /// measurements together.
    ///
    /// # Errors
    /// The schedules cannot be read or changed.
    pub(crate) async fn stop_schedules(&self) -> anyhow::Result<()> {
        let schedules = self.get("/api/admin/schedules").await?;
        let schedules = schedules.get("items").and_then(Value::as_array).context("there are no schedules")?;
        for id in schedules.iter().filter_map(|it| it.get("id")) {
            self.put(&format!("/api/admin/schedules/{id}"), &json!({"enabled": false})).await?;
        }
        Ok(())
    }

    /// Makes sure that the database has the estate, by a full sync if it is empty; how many desktops there are.
    ///
    /// # Errors
    /// The sync failed.
    pub(crate) async fn filled(&self) -> anyhow::Result<u64> {
        if self.desktops().await? == 0 {
            self.stop_schedules().await?;
            self.full_sync().await?;
        }
        let total = self.desktops().await?;
        if total == 0 {
            bail!("there is no desktop after a full sync");
        }
        Ok(total)
    }

    async fn desktops(&self) -> anyhow::Result<u64> {
        let page = self.get("/api/workspaces?limit=1").await?;
        page.get("total").and_then(Value::as_u64).context("the list has no total")
    }

    /// Whether no job waits or runs.
    async fn is_quiet(&self) -> anyhow::Result<bool> {
        for state in ["waiting", "running"] {
            let jobs = self.get(&format!("/api/jobs?state={state}&limit=1")).await?;
            if jobs.get("total").and_then(Value::as_u64).context("the list has no total")? > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Sends, and reads the answer's JSON; an empty one is null.
async fn answer(request: reqwest::RequestBuilder, what: &str) -> anyhow::Result<Value> {
    let response = request.send().await.with_context(|| format!("{what}: no answer"))?;
    let status = response.status();
    let text = response.text().await.with_context(|| format!("{what}: the answer broke off"))?;
    if !status.is_success() {
        bail!("{what}: {status}: {text}");
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{what}: no JSON"))
}
