//! What every use-case holds: the house, and who asks.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use contract::{auth::Role, ids::UserId, settings::Settings};
use serde_json::Value;
use uuid::Uuid;

use crate::{auth::Keys, error::Result};

/// What time it is. The only fake inside the process, in tests.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else uses")]
        Self(Arc::new(Utc::now))
    }

    /// Any other.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// The house. One for the process.
pub struct App {
    pub pool: store::pool::Pool,
    pub live: live::Live,
    pub cloud: cloud::Cloud,
    pub assistant: assistant::Assistant,
    pub files: Arc<dyn ::reports::FileStore>,
    /// Where reports are put together.
    pub work_dir: PathBuf,
    pub clock: Clock,
    pub keys: Keys,
    pub started_at: DateTime<Utc>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("files", &self.files)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A connection, to be given back before anything slow.
    ///
    /// # Errors
    /// PostgreSQL does not answer.
    pub async fn conn(&self) -> Result<store::pool::Connection> {
        Ok(store::pool::get(&self.pool).await?)
    }

    /// What administrators set.
    ///
    /// # Errors
    /// PostgreSQL does not answer.
    pub async fn settings(&self) -> Result<Settings> {
        Ok(store::settings::read(&mut *self.conn().await?).await?)
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: UserId,
    pub username: String,
    pub role: Role,
    pub session: Uuid,
    /// May do nothing but change his password.
    pub must_change_password: bool,
}

/// One request: the house, who asks, and what the log calls it.
#[derive(Debug, Clone)]
pub struct OpCx {
    pub app: Arc<App>,
    pub actor: Actor,
    pub request_id: String,
    pub address: Option<IpAddr>,
}

impl OpCx {
    /// Writes the audit row of a change, in the change's own transaction.
    ///
    /// # Errors
    /// PostgreSQL refuses.
    pub async fn audit(
        &self,
        conn: &mut diesel_async::AsyncPgConnection,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> store::Result<()> {
        let address = self.address.map(|it| it.to_string());
        let entry = store::audit::NewEntry {
            actor: &self.actor.username,
            action,
            subject,
            detail,
            request_id: Some(&self.request_id),
            address: address.as_deref(),
        };
        store::audit::insert(conn, entry).await
    }
}
