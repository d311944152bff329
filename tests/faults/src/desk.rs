//! Somebody at the API: what comes back, and how long it took.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

/// Every answer comes sooner, or the product hangs.
const PATIENCE: Duration = Duration::from_secs(12);

/// A client, signed in or not.
#[derive(Debug, Clone)]
pub struct Desk {
    http: Client,
    base: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media_type: String,
    pub retry_after: Option<u64>,
    /// `Null` when it is no JSON.
    pub body: Value,
    pub took: Duration,
}

impl Desk {
    pub(crate) fn new(base: &str) -> anyhow::Result<Self> {
        let http = Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { http, base: base.to_owned(), token: None })
    }

    /// Signs in, and keeps the token for what follows.
    ///
    /// # Errors
    /// The answer is not 200.
    pub async fn sign_in(&mut self, username: &str, password: &str) -> anyhow::Result<()> {
        let login = json!({"username": username, "password": password});
        let answer = self.post("/api/auth/login", login).await?.ok()?;
        let token = answer.get("access_token").and_then(Value::as_str);
        self.token = Some(token.context("there is no token in the answer")?.to_owned());
        Ok(())
    }

    /// # Errors
    /// Nobody answers.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    /// # Errors
    /// Nobody answers.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// # Errors
    /// Nobody answers.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.with_context(|| format!("{path} is not answered"))?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, media_type) = (response.status().as_u16(), header("content-type"));
        let retry_after = header("retry-after").parse().ok();
        let text = response.text().await.with_context(|| format!("the answer to {path} does not end"))?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, media_type, retry_after, body, took: begun.elapsed() })
    }

    /// `GET /api/stream`, to be read piece by piece.
    ///
    /// # Errors
    /// Nobody answers, or not with a stream.
    pub async fn listen(&self) -> anyhow::Result<Response> {
        // A stream has no end, so the limit of other requests is not for it.
        let request = Client::new().get(format!("{}/api/stream", self.base));
        let request = request.bearer_auth(self.token.as_deref().unwrap_or_default());
        Ok(tokio::time::timeout(PATIENCE, request.send()).await??.error_for_status()?)
    }

    /// A file behind a signed link, which needs no token.
    ///
    /// # Errors
    /// It is not there.
    pub async fn download(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.http.get(format!("{}{url}", self.base)).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }

    /// `POST /api/admin/sync`; the numbers of its jobs.
    ///
    /// # Errors
    /// It is not accepted.
    pub async fn sync(&self) -> anyhow::Result<Vec<i64>> {
        let accepted = self.post("/api/admin/sync", json!({})).await?.ok()?;
        let jobs = accepted.get("jobs").and_then(Value::as_array).context("no jobs in the answer")?;
        Ok(jobs.iter().filter_map(Value::as_i64).collect())
    }

    /// How the last look at each capability of each account and region went.
    ///
    /// # Errors
    /// The overview is not there.
    pub async fn freshness(&self) -> anyhow::Result<Vec<Value>> {
        let overview = self.get("/api/overview").await?.ok()?;
        let freshness = overview.get("freshness").and_then(Value::as_array);
        freshness.cloned().context("no freshness in the overview")
    }

    /// How each of these looks ended, in the order of the overview.
    ///
    /// # Errors
    /// The overview is not there.
    pub async fn states(&self) -> anyhow::Result<Vec<Value>> {
        Ok(self.freshness().await?.iter().filter_map(|it| it.get("state").cloned()).collect())
    }

    /// How many desktops the list has.
    ///
    /// # Errors
    /// The list is not there.
    pub async fn desktops(&self) -> anyhow::Result<i64> {
        let page = self.get("/api/workspaces?limit=1").await?.ok()?;
        page.get("total").and_then(Value::as_i64).context("no total in the list")
    }
}

impl Answer {
    /// The body of an answer that is as it should be.
    ///
    /// # Errors
    /// The status is another than 2xx.
    pub fn ok(self) -> anyhow::Result<Value> {
        ensure!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        Ok(self.body)
    }

    /// The detail of a problem as the interface promises it: code, words, remedy and the request's id, and soon.
    ///
    /// # Errors
    /// It is another answer.
    pub fn problem(self, status: u16, code: &str) -> anyhow::Result<String> {
        let said = |name: &str| self.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        ensure!(self.status == status && said("code") == code, "{} {}", self.status, self.body);
        ensure!(self.media_type.starts_with("application/problem+json"), "sent as {}", self.media_type);
        for name in ["title", "detail", "remedy", "request_id"] {
            ensure!(!said(name).is_empty(), "{name} is missing: {}", self.body);
        }
        ensure!(self.took < Duration::from_secs(6), "it took {:?}", self.took);
        Ok(said("detail"))
    }
}
