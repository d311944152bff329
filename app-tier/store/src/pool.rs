//! The connection pool.

use std::time::Duration;

use ::deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig,
        deadpool::{self, BuildError, Hook},
    },
};
use secrecy::{ExposeSecret, SecretString};

/// Connections to PostgreSQL.
pub type Pool = deadpool::Pool<AsyncPgConnection>;
/// One of them, given back when dropped.
pub type Connection = deadpool::Object<AsyncPgConnection>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("the database gives no connection")]
pub struct Unavailable(#[source] pub deadpool::PoolError);

/// How many connections, and how long to wait.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    pub url: SecretString,
    pub size: usize,
    /// For a free connection and for opening one.
    pub wait: Duration,
    /// For one statement. Jobs and reports set their own.
    pub statement_timeout: Duration,
}

/// Makes the pool. It opens connections when they are asked for, so PostgreSQL may start later.
///
/// # Errors
/// The configuration is not usable.
pub fn connect(config: &PoolConfig) -> Result<Pool, BuildError> {
    let mut manager = ManagerConfig::default();
    let timeout = config.statement_timeout.as_millis();
    manager.custom_setup = Box::new(move |url| {
        Box::pin(async move {
            let mut conn = <AsyncPgConnection as diesel_async::AsyncConnection>::establish(url).await?;
            conn.batch_execute(&format!("SET timezone = 'UTC'; SET statement_timeout = {timeout}; SET idle_in_transaction_session_timeout = '60s'"))
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(
        config.url.expose_secret(),
        manager,
    );
    Pool::builder(manager)
        .max_size(config.size)
        .wait_timeout(Some(config.wait))
        .create_timeout(Some(config.wait))
        .recycle_timeout(Some(config.wait))
        .runtime(Runtime::Tokio1)
        // A connection that has served for an hour is replaced, so that memory PostgreSQL keeps for it is freed.
        .pre_recycle(Hook::sync_fn(|_, metrics| {
            if metrics.created.elapsed() > Duration::from_secs(3600) {
                return Err(deadpool::HookError::message("served long enough"));
            }
            Ok(())
        }))
        .build()
}

/// Takes a connection.
///
/// # Errors
/// None came within the pool's wait.
pub async fn get(pool: &Pool) -> Result<Connection, Unavailable> {
    pool.get().await.map_err(Unavailable)
}
