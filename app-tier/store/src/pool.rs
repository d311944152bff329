//! The connection pool.

use std::time::Duration;

use ::deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
        deadpool::{self, BuildError, Hook, HookError},
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

/// A connection that has served so long is replaced, so that memory PostgreSQL keeps for it is freed.
const SERVES_FOR: Duration = Duration::from_hours(1);
/// A connection that nobody has used for so long is asked whether it still lives before somebody gets it. Asking each time
/// would double the round trips of a busy server; one that is known to be closed is never handed out.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Makes the pool. It opens connections when they are asked for, so PostgreSQL may start later.
///
/// # Errors
/// The configuration is not usable.
pub fn connect(config: &PoolConfig) -> Result<Pool, BuildError> {
    let mut manager = ManagerConfig::default();
    // The hook below asks where it is needed.
    manager.recycling_method = RecyclingMethod::Fast;
    let (timeout, wait) = (config.statement_timeout.as_millis(), config.wait);
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
        .pre_recycle(Hook::<AsyncPgConnection>::async_fn(move |conn, metrics| {
            let (served, idle) = (metrics.created.elapsed(), metrics.last_used());
            Box::pin(async move {
                if served > SERVES_FOR {
                    return Err(HookError::message("served long enough"));
                }
                if idle > TRUSTED_FOR {
                    let ping = conn.ping(&RecyclingMethod::Verified);
                    let Ok(Ok(())) = tokio::time::timeout(wait, ping).await else {
                        return Err(HookError::message("does not answer"));
                    };
                }
                Ok(())
            })
        }))
        .build()
}

/// Takes a connection.
///
/// # Errors
/// None came within the pool's wait.
pub async fn get(pool: &Pool) -> Result<Connection, Unavailable> {
    let Some(wait) = pool.timeouts().wait else { return pool.get().await.map_err(Unavailable) };
    // The pool's own limits are for each step, and behind a server that fell silent every idle connection is a step.
    tokio::time::timeout(wait, pool.get())
        .await
        .unwrap_or(Err(deadpool::PoolError::Timeout(::deadpool::managed::TimeoutType::Wait)))
        .map_err(Unavailable)
}
