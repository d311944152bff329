//! A schema per test, an account in it, and desktops as a sync tells them.

use std::{env, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use contract::{accounts::NewAccount, ids::AccountId};
use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::EmbeddedMigrations;
use domain::workspaces::SeenWorkspace;
use secrecy::SecretString;
use store::{
    migrations,
    pool::{self, Connection, Pool, PoolConfig},
    workspaces::Look,
};

pub(crate) const REGION: &str = "eu-west-1";

/// The URL of the PostgreSQL for tests.
#[expect(clippy::disallowed_methods, reason = "a test binary has no other place to read its settings")]
fn server() -> String {
    env::var("SKYDESK_TEST_DATABASE_URL").expect(
        "set SKYDESK_TEST_DATABASE_URL to a PostgreSQL where tests may make schemas and roles, \
         such as postgres://postgres@127.0.0.1:5432/postgres",
    )
}

/// A schema with the store's tables, and with the queue's, which the store's views read.
pub(crate) struct Database {
    server: String,
    schema: String,
    pub(crate) url: SecretString,
    pub(crate) pool: Pool,
}

impl Database {
    pub(crate) async fn new() -> Self {
        let db = Self::empty().await;
        db.migrate(vec![queue::MIGRATIONS, migrations::OWN]).await;
        db
    }

    /// Without any table.
    pub(crate) async fn empty() -> Self {
        let server = server();
        let schema = format!("store_{}", uuid::Uuid::new_v4().simple());
        let mut conn = AsyncPgConnection::establish(&server).await.expect("PostgreSQL should answer");
        conn.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = SecretString::from(format!("{server}{separator}options=-csearch_path%3D{schema},public"));
        let pool = pool_of(&url, 4);
        Self { server, schema, url, pool }
    }

    /// What was applied.
    pub(crate) async fn migrate(&self, sources: Vec<EmbeddedMigrations>) -> Vec<String> {
        migrations::run(&self.url, sources, Duration::ZERO).await.unwrap()
    }

    pub(crate) async fn conn(&self) -> Connection {
        pool::get(&self.pool).await.unwrap()
    }

    /// Runs SQL that the product does not have.
    pub(crate) async fn run_sql(&self, sql: &str) {
        self.conn().await.batch_execute(sql).await.unwrap();
    }

    /// The texts that `sql` answers in its column `value`.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        texts(&mut *self.conn().await, sql).await.unwrap()
    }

    /// The only one of [`Database::texts`].
    pub(crate) async fn text(&self, sql: &str) -> String {
        let mut found = self.texts(sql).await;
        assert_eq!(found.len(), 1, "{sql}");
        found.remove(0)
    }

    /// The changes written since the last call, in words and sorted. They are taken out.
    pub(crate) async fn news(&self) -> Vec<String> {
        let mut news = self
            .texts(
                "DELETE FROM changes RETURNING workspace_id || ' ' || kind ||
                    coalesce(' ' || field || ': ' || coalesce(old, 'none') || ' > ' || coalesce(new, 'none'), '') AS value",
            )
            .await;
        news.sort();
        news
    }

    /// A registered account.
    pub(crate) async fn account(&self, name: &str, number: &str) -> AccountId {
        let new = NewAccount {
            name: name.into(),
            account_id: number.into(),
            role_arn: format!("arn:aws:iam::{number}:role/SkydeskReader"),
            external_id: String::new(),
            operator_role_arn: String::new(),
            regions: vec![REGION.into(), "us-east-1".into()],
        };
        store::accounts::insert(&mut *self.conn().await, &new).await.unwrap().id
    }

    /// Writes desktops as seen in the account so many minutes after [`start`], and takes the news away.
    pub(crate) async fn has(&self, account: AccountId, desktops: &[SeenWorkspace]) {
        store::workspaces::upsert(&mut *self.conn().await, look(account, 0), desktops).await.unwrap();
        self.news().await;
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
                // A statement that was just given up may still hold a lock.
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

pub(crate) fn pool_of(url: &SecretString, size: usize) -> Pool {
    let config = PoolConfig {
        url: url.clone(),
        size,
        wait: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(60),
    };
    pool::connect(&config).unwrap()
}

/// The texts that `sql` answers in its column `value`, or why it does not.
pub(crate) async fn texts(conn: &mut AsyncPgConnection, sql: &str) -> store::Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let rows: Vec<Answer> = diesel::sql_query(sql).load(conn).await?;
    Ok(rows.into_iter().map(|it| it.value).collect())
}

/// So many minutes after the tests' beginning of time.
pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    start + TimeDelta::minutes(minutes)
}

/// A look at the account in [`REGION`] at [`at`].
pub(crate) fn look(account: AccountId, minutes: i64) -> Look<'static> {
    Look { account, region: REGION, began: at(minutes), at: at(minutes) }
}

/// An AutoStop desktop that is up.
pub(crate) fn desktop(id: &str) -> SeenWorkspace {
    SeenWorkspace {
        id: id.into(),
        directory_id: "d-1".into(),
        bundle_id: Some("wsb-1".into()),
        user_name: format!("user.{id}"),
        computer_name: Some(format!("PC-{id}")),
        ip_address: Some("10.0.0.1".into()),
        subnet_id: Some("subnet-1".into()),
        state: "AVAILABLE".into(),
        running_mode: Some("AUTO_STOP".into()),
        auto_stop_minutes: Some(60),
        compute_type: Some("STANDARD".into()),
        root_volume_gib: Some(80),
        user_volume_gib: Some(50),
        operating_system: Some("WINDOWS_11".into()),
        protocol: Some("DCV".into()),
        ..SeenWorkspace::default()
    }
}
