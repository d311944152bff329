//! A house for one test: a schema of its own, a prefix of its own in Redis, a clock that the test moves.

use std::{
    env,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{App, Clock, auth::Keys};
use assistant::{Assistant, AssistantConfig};
use chrono::{DateTime, TimeDelta, Utc};
use cloud::{Cloud, CloudConfig};
use contract::{auth::Role, users::NewUser};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use live::Live;
use reports::LocalFolder;
use reqwest::{Client, Method, Response, StatusCode};
use runtime::serve::{Listener, ServeConfig};
use secrecy::SecretString;
use serde_json::{Value, json};
use server::http::{self, CookiePolicy};
use store::pool::PoolConfig;
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "correct horse battery";

#[expect(clippy::disallowed_methods, reason = "a test binary has no other place to read its settings")]
pub(crate) fn setting(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("set {name}; `cargo xtask test --only unit` does"))
}

/// The small model itself, without a house around it.
pub(crate) fn small_model() -> Assistant {
    let config = AssistantConfig {
        url: setting("SKYDESK_TEST_AI_URL"),
        api_key: Some(SecretString::from(setting("SKYDESK_TEST_AI_API_KEY"))),
        model: "small".into(),
        timeout: Duration::from_secs(120),
    };
    Assistant::new(config).unwrap()
}

/// A running server and what is behind it.
pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) base: String,
    clock: Arc<Mutex<DateTime<Utc>>>,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl House {
    /// With an `admin`, an `operator`, a `viewer` and a `requester`, all with [`PASSWORD`].
    pub(crate) async fn open() -> Self {
        // Nobody is there: what needs the model has to do without.
        Self::open_beside("http://127.0.0.1:9".into(), None).await
    }

    /// The same with the ai-tier at the other end of the line, and the small model in it.
    pub(crate) async fn open_with_model() -> Self {
        let api_key = SecretString::from(setting("SKYDESK_TEST_AI_API_KEY"));
        Self::open_beside(setting("SKYDESK_TEST_AI_URL"), Some(api_key)).await
    }

    /// The same with whatever answers there as the ai-tier.
    pub(crate) async fn open_beside(ai_url: String, ai_api_key: Option<SecretString>) -> Self {
        let schema = format!("server_{}", uuid::Uuid::new_v4().simple());
        let server = setting("SKYDESK_TEST_DATABASE_URL");
        let mut conn = AsyncPgConnection::establish(&server).await.expect("PostgreSQL should answer");
        conn.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = SecretString::from(format!("{server}{separator}options=-csearch_path%3D{schema},public"));
        app::migrations::run(&url).await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Mutex::new(now()));
        let read = Arc::clone(&clock);
        let seconds = Duration::from_secs;
        let app = Arc::new(App {
            pool: store::pool::connect(&PoolConfig {
                url,
                size: 8,
                wait: seconds(10),
                statement_timeout: seconds(30),
            })
            .unwrap(),
            live: Live::connect(&SecretString::from(setting("SKYDESK_TEST_REDIS_URL")), schema).unwrap(),
            // The sandbox has no such limit; that AWS's is kept is looked at in `cloud`.
            cloud: Cloud::connect(CloudConfig { lookups_per_second: 50.0, ..CloudConfig::new("eu-west-1") })
                .await,
            assistant: Assistant::new(AssistantConfig {
                url: ai_url,
                api_key: ai_api_key,
                model: "small".into(),
                timeout: seconds(60),
            })
            .unwrap(),
            files: Arc::new(LocalFolder::open(folder.path().join("files")).unwrap()),
            work_dir: folder.path().to_owned(),
            started_at: now(),
            clock: Clock::from_fn(move || *read.lock().unwrap()),
            keys: Keys::quick(&SecretString::from("a secret key that is long enough for tests")),
        });
        app::bootstrap::admin(&app, Some(SecretString::from(PASSWORD))).await.unwrap();

        let config = ServeConfig {
            address: "127.0.0.1:0".parse().unwrap(),
            tls: None,
            workers: std::num::NonZeroUsize::new(1),
            grace: seconds(1),
        };
        let listener = Listener::bind(&config).unwrap();
        let base = format!("http://{}", listener.address());
        let stop = CancellationToken::new();
        let (house, token) = (Arc::clone(&app), stop.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new()
                .block_on(http::serve(house, listener, CookiePolicy { secure: false }, token))
                .unwrap();
        });
        let house = Self { app, base, clock, stop, _folder: folder };
        let admin = house.sign_in("admin").await;
        for role in [Role::Operator, Role::Viewer, Role::Requester] {
            let new = NewUser {
                username: role.name().into(),
                email: String::new(),
                password: PASSWORD.into(),
                role,
            };
            admin.post("/api/users", json!(new)).await.expect_status(StatusCode::CREATED).await;
            // A new user has a password of his own before he can do anything else.
            let user = house.sign_in(role.name()).await;
            let change = json!({"current": PASSWORD, "new": format!("{PASSWORD} {}", role.name())});
            user.put("/api/auth/password", change).await.expect_status(StatusCode::NO_CONTENT).await;
        }
        house
    }

    /// A client without any token.
    pub(crate) fn anonymous(&self) -> Browser {
        let http = Client::builder().cookie_store(true).timeout(Duration::from_secs(60)).build().unwrap();
        Browser { http, base: self.base.clone(), token: None }
    }

    /// A client that has signed in.
    pub(crate) async fn sign_in(&self, username: &str) -> Browser {
        let mut browser = self.anonymous();
        let own = format!("{PASSWORD} {username}");
        for password in [own.as_str(), PASSWORD] {
            let answer =
                browser.post("/api/auth/login", json!({"username": username, "password": password})).await;
            if answer.0.status() == StatusCode::OK {
                browser.token = Some(answer.json().await["access_token"].as_str().unwrap().to_owned());
                return browser;
            }
        }
        panic!("{username} cannot sign in");
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        *self.clock.lock().unwrap() += time;
    }

    /// Works off all jobs that are due.
    pub(crate) async fn work(&self) -> usize {
        let worker = queue::Worker::new(self.app.pool.clone(), app::registry(), Arc::clone(&self.app));
        let mut n = 0;
        loop {
            match worker.run_due().await.unwrap() {
                0 => return n,
                more => n += more,
            }
        }
    }

    /// What the clock or another job would.
    pub(crate) async fn enqueue<J: queue::Job>(&self, job: &J) {
        let mut conn = self.app.conn().await.unwrap();
        let job = queue::enqueue(&mut conn, job, queue::EnqueueOptions::default()).await.unwrap();
        // It may have been there already, for later.
        let due = format!("UPDATE queue_jobs SET due_at = now() WHERE id = {} AND state = 'waiting'", job.id);
        conn.batch_execute(&due).await.unwrap();
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.app.conn().await.unwrap().batch_execute(sql).await.unwrap();
    }

    /// Some desktops without asking AWS: `n` of them, every third stopped.
    pub(crate) async fn furnish(&self, n: usize) {
        self.execute(&format!(
            "INSERT INTO accounts (name, account_id, role_arn, regions) VALUES ('Production', '111111111111', 'arn:aws:iam::111111111111:role/x', '{{eu-west-1,us-east-1}}');
             INSERT INTO workspaces (id, account, region, directory_id, user_name, computer_name, state, running_mode, compute_type, root_volume_gib, tags, first_seen_at, observed_at, last_connected_at)
             SELECT 'ws-' || lpad(n::text, 9, '0'), (SELECT id FROM accounts), CASE n % 2 WHEN 0 THEN 'eu-west-1' ELSE 'us-east-1' END, 'd-1',
                    'user.' || (n % 7), 'PC-' || n, CASE n % 3 WHEN 0 THEN 'STOPPED' ELSE 'AVAILABLE' END, CASE n % 4 WHEN 0 THEN 'ALWAYS_ON' ELSE 'AUTO_STOP' END,
                    CASE n % 5 WHEN 0 THEN NULL ELSE 'STANDARD' END, 80 + (n % 3) * 50, jsonb_build_object('Team', 'team-' || (n % 3)),
                    now(), now(), CASE n % 10 WHEN 0 THEN NULL ELSE now() - make_interval(days => n % 60) END
             FROM generate_series(1, {n}) AS n"
        ))
        .await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the test's clock starts at the machine's time")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A client of the API.
pub(crate) struct Browser {
    http: Client,
    base: String,
    pub(crate) token: Option<String>,
}

impl Browser {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header("x-skydesk", "1");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer(request.send().await.unwrap())
    }

    /// A request with a body that is no JSON value of ours.
    pub(crate) async fn raw(&self, method: Method, path: &str, content_type: &str, body: &str) -> Answer {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).header("content-type", content_type);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Answer(request.body(body.to_owned()).send().await.unwrap())
    }
}

/// A response that is still to be looked at.
#[must_use]
pub(crate) struct Answer(pub(crate) Response);

impl Answer {
    pub(crate) async fn expect_status(self, status: StatusCode) -> Value {
        let found = self.0.status();
        let text = self.0.text().await.unwrap();
        assert_eq!(found, status, "{text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn json(self) -> Value {
        self.expect_status(StatusCode::OK).await
    }

    /// A problem with this code, and all that belongs to one; gives the pointers of its errors.
    pub(crate) async fn expect_problem(self, code: &str) -> Vec<String> {
        let status = self.0.status().as_u16();
        let kind = self.0.headers()["content-type"].to_str().unwrap().to_owned();
        let header = self.0.headers()["x-request-id"].to_str().unwrap().to_owned();
        let text = self.0.text().await.unwrap();
        let problem: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"));
        assert_eq!(problem["code"], code, "{text}");
        assert_eq!(kind, "application/problem+json", "{text}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], header);
        assert!(
            !problem["remedy"].as_str().unwrap().is_empty()
                && !problem["detail"].as_str().unwrap().is_empty(),
            "{text}"
        );
        problem["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it["pointer"].as_str().unwrap().to_owned())
            .collect()
    }
}
