//! The connections to Redis, and the names of all keys.
//!
//! Connecting happens at first use: a process starts with Redis away. Invariants: no operation takes longer than its
//! timeout, all keys begin with the prefix, and no key shows who somebody is.

use std::{fmt, sync::Arc, time::Duration};

use deadpool_redis::{
    Manager, Pool, PoolError, Runtime,
    redis::{self, AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The longest that any operation takes, connecting included. Redis is a neighbour that answers within a millisecond;
/// one that does not is down.
pub const OPERATION_TIMEOUT: Duration = Duration::from_millis(250);

/// Connections of one process. Operations are short, and more of them wait in line.
const POOL_SIZE: usize = 16;

/// Redis, or the hope of it. Cloning is cheap.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    pool: Pool,
    /// For what has a connection of its own.
    client: Client,
    prefix: String,
}

/// Why Redis did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The cause is left out: it might tell the password.
    #[error("the address of Redis cannot be read")]
    BadUrl,
    #[error("Redis does not answer in time")]
    Timeout,
    #[error("Redis cannot be reached")]
    Unreachable(#[source] PoolError),
    #[error("Redis refuses")]
    Refused(#[source] RedisError),
    /// What was to be stored has no form as JSON.
    #[error("the value cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own form shows the password.
        f.debug_struct("Live").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

impl Live {
    /// Reads the address (`redis://:password@host:port/database`) and connects to nobody. All keys begin with
    /// `prefix`, so that several installations can share a Redis.
    ///
    /// # Errors
    /// [`LiveError::BadUrl`]
    pub fn connect(url: &SecretString, prefix: impl Into<String>) -> Result<Self, LiveError> {
        let url = url.expose_secret();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(OPERATION_TIMEOUT))
            .set_response_timeout(Some(OPERATION_TIMEOUT));
        let bad_url = |_: RedisError| LiveError::BadUrl;
        let manager = Manager::new_with_config(url, config).map_err(bad_url)?;
        let pool = Pool::builder(manager)
            .max_size(POOL_SIZE)
            .wait_timeout(Some(OPERATION_TIMEOUT))
            .create_timeout(Some(OPERATION_TIMEOUT))
            .recycle_timeout(Some(OPERATION_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_no_runtime| LiveError::BadUrl)?;
        let client = Client::open(url).map_err(bad_url)?;
        Ok(Self(Arc::new(Inner { pool, client, prefix: prefix.into() })))
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), LiveError> {
        self.ask::<String>(redis::cmd("PING")).await.map(drop)
    }

    /// One command, one answer, one deadline.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, LiveError> {
        let work = async {
            let mut connection = self.0.pool.get().await.map_err(|error| match error {
                PoolError::Timeout(_) => LiveError::Timeout,
                other => LiveError::Unreachable(other),
            })?;
            command.query_async(&mut connection).await.map_err(|error: RedisError| {
                if error.is_timeout() { LiveError::Timeout } else { LiveError::Refused(error) }
            })
        };
        match tokio::time::timeout(OPERATION_TIMEOUT, work).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(LiveError::Timeout),
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    /// A key of this installation.
    pub(crate) fn key(&self, family: &str, name: &str) -> String {
        format!("{}:{family}:{name}", self.0.prefix)
    }
}

/// A name of any length and content, as part of a key: short, and telling nothing to who reads the keys.
pub(crate) fn disguised(name: &str) -> String {
    Sha256::digest(name).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_printed() {
        let url = SecretString::from("redis://:hunter2@127.0.0.1:1/0");
        let live = Live::connect(&url, "test").unwrap();
        assert!(!format!("{live:?}").contains("hunter2"));
        let error = Live::connect(&SecretString::from("hunter2"), "test").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }

    #[test]
    fn disguised_names_differ_and_stay_the_same() {
        assert_eq!(disguised("ada"), disguised("ada"));
        assert_ne!(disguised("ada"), disguised("bob"));
        assert_eq!(disguised(&"x".repeat(10_000)).len(), 32);
    }
}
