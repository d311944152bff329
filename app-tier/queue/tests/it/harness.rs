//! A schema per test, and a job that does what the test says.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, deadpool::Object},
};
use diesel_migrations::MigrationHarness;
use futures::{FutureExt, future::BoxFuture};
use queue::{EnqueueOptions, Job, JobError, Pool, Registry, Run, State, Worker, jobs};
use serde::{Deserialize, Serialize};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Nothing here takes a tenth of it, unless the machine is very busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A lease that no test outlives.
pub(crate) const LONG: u64 = 60_000;
/// A lease that lapses while a test waits.
pub(crate) const SHORT: u64 = 600;

/// The URL of the PostgreSQL for tests.
#[expect(clippy::disallowed_methods, reason = "a test binary has no other place to read its settings")]
fn server() -> String {
    env::var("SKYDESK_TEST_DATABASE_URL").expect(
        "set SKYDESK_TEST_DATABASE_URL to a PostgreSQL where tests may make schemas, \
         such as postgres://postgres@127.0.0.1:5432/postgres",
    )
}

/// An empty schema with the queue's tables.
pub(crate) struct Database {
    server: String,
    schema: String,
    pub(crate) pool: Pool,
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self::through(|url| url).await
    }

    /// With connections that go where `route` says; the schema itself is made directly.
    pub(crate) async fn through(route: impl FnOnce(String) -> String) -> Self {
        let server = server();
        let schema = format!("queue_{}", uuid::Uuid::new_v4().simple());
        let mut conn = AsyncPgConnection::establish(&server).await.expect("PostgreSQL should answer");
        conn.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();

        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-csearch_path%3D{schema}");
        let conn = AsyncPgConnection::establish(&url).await.unwrap();
        AsyncMigrationHarness::new(conn).run_pending_migrations(queue::MIGRATIONS).unwrap();
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(route(url));
        let pool = Pool::builder(manager).max_size(12).build().unwrap();
        Self { server, schema, pool }
    }

    pub(crate) async fn conn(&self) -> Object<AsyncPgConnection> {
        self.pool.get().await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) -> usize {
        diesel::sql_query(sql).execute(&mut *self.conn().await).await.unwrap()
    }

    /// The text that `sql` answers in its column `value`.
    pub(crate) async fn text(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Answer {
            #[diesel(sql_type = Text)]
            value: String,
        }
        diesel::sql_query(sql).get_result::<Answer>(&mut *self.conn().await).await.unwrap().value
    }

    pub(crate) async fn enqueue<const LEASE: u64>(&self, task: Task<LEASE>) -> i64 {
        queue::enqueue(&mut *self.conn().await, &task, EnqueueOptions::default()).await.unwrap().id
    }

    pub(crate) async fn job(&self, id: i64) -> jobs::JobRow {
        jobs::find(&mut *self.conn().await, id).await.unwrap().expect("the job should exist")
    }

    /// Wait until the job is in this state.
    pub(crate) async fn reaches(&self, id: i64, state: State) -> jobs::JobRow {
        eventually(&format!("job {id} is {state}"), async || {
            let job = self.job(id).await;
            (job.state == state).then_some(job)
        })
        .await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Its connections may have been left in the middle of a transaction.
        self.pool.close();
        let (server, schema) = (self.server.clone(), self.schema.clone());
        // Dropping is not async; a thread of its own may block.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut conn = AsyncPgConnection::establish(&server).await.unwrap();
                // A statement of a worker that was just dropped may still hold a lock.
                conn.batch_execute("SET lock_timeout = '2s'").await.unwrap();
                let drop = format!("DROP SCHEMA {schema} CASCADE");
                for _ in 0..5 {
                    if conn.batch_execute(&drop).await.is_ok() {
                        return true;
                    }
                }
                false
            })
        });
        if !matches!(dropped.join(), Ok(true)) {
            eprintln!("schema {} was left behind", self.schema);
        }
    }
}

/// What `future` brings, or a failure instead of a test that hangs.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("something should have happened by now")
}

/// Wait until `look` finds something, or fail naming what was waited for.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited for: {what}"))
}

/// A job with a lease of so many milliseconds that does what its context says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Task<const LEASE: u64> {
    pub(crate) label: String,
    pub(crate) key: Option<String>,
}

impl<const LEASE: u64> Task<LEASE> {
    pub(crate) fn new(label: &str) -> Self {
        Self { label: label.to_owned(), key: None }
    }

    pub(crate) fn keyed(label: &str, key: &str) -> Self {
        Self { label: label.to_owned(), key: Some(key.to_owned()) }
    }
}

impl<const LEASE: u64> Job for Task<LEASE> {
    const KIND: &'static str = "task";
    const MAX_ATTEMPTS: u16 = 3;
    const LEASE: Duration = Duration::from_millis(LEASE);
    type Ctx = Behaviour;

    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }

    async fn run(self, cx: Behaviour, run: Run) -> Result<(), JobError> {
        (cx.0)(self.label, run).await
    }
}

type Act = dyn Fn(String, Run) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync;

/// What every task of a worker does.
#[derive(Clone)]
pub(crate) struct Behaviour(Arc<Act>);

/// A worker whose tasks do `act` with their label.
pub(crate) fn worker<const LEASE: u64, F, Fut>(db: &Database, act: F) -> Worker<Behaviour>
where
    F: Fn(String, Run) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), JobError>> + Send + 'static,
{
    let behaviour = Behaviour(Arc::new(move |label, run| act(label, run).boxed()));
    Worker::new(db.pool.clone(), Registry::new().register::<Task<LEASE>>(), behaviour)
        .poll_every(Duration::from_millis(50))
        .grace(Duration::from_millis(300))
}

/// A worker at work.
pub(crate) struct Started {
    shutdown: CancellationToken,
    task: AbortOnDropHandle<()>,
}

pub(crate) fn start(worker: Worker<Behaviour>) -> Started {
    let shutdown = CancellationToken::new();
    let task = AbortOnDropHandle::new(tokio::spawn(worker.run(shutdown.clone())));
    Started { shutdown, task }
}

impl Started {
    /// Stop it in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("a worker should stop").unwrap();
    }

    /// End it without a word, as a crash does.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let _aborted = self.task.await;
    }
}

/// Connections to PostgreSQL through here break when the test says so.
pub(crate) struct Cable {
    pub(crate) port: u16,
    cut: tokio::sync::watch::Sender<bool>,
    refused: Arc<AtomicUsize>,
    _carrier: AbortOnDropHandle<()>,
}

impl Cable {
    /// To the server of the tests; answers the cable and a route for [`Database::through`].
    pub(crate) async fn lay() -> Self {
        let target = address(&server()).to_owned();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, is_cut) = tokio::sync::watch::channel(false);
        let refused = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&refused);
        let carrier = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                if *is_cut.borrow() {
                    count.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
                let (target, mut is_cut) = (target.clone(), is_cut.clone());
                open.spawn(async move {
                    let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self { port, cut, refused, _carrier: AbortOnDropHandle::new(carrier) }
    }

    /// The same database by way of this cable.
    pub(crate) fn route(&self, url: String) -> String {
        url.replace(address(&url), &format!("127.0.0.1:{}", self.port))
    }

    /// How many connections were tried while it was cut.
    pub(crate) fn refused(&self) -> usize {
        self.refused.as_ref().load(Ordering::SeqCst)
    }

    pub(crate) fn cut(&self) {
        self.cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.cut.send_replace(false);
    }
}

/// The `host:port` of a database URL.
fn address(url: &str) -> &str {
    let authority = url.split("//").nth(1).unwrap().split(['/', '?']).next().unwrap();
    authority.rsplit('@').next().unwrap()
}
