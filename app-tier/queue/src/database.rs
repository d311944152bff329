//! Connections for the worker's own statements, each bounded in time.
//!
//! Nothing here retries: what to do when PostgreSQL is away differs between claiming, renewing and finishing.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::deadpool::{Object, Pool as DeadPool, PoolError},
};

/// The pool a worker takes its connections from. It should allow a few more connections than the worker's jobs use.
pub type Pool = DeadPool<AsyncPgConnection>;

/// All statements here touch a handful of rows; one that takes longer means that PostgreSQL is away.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);

/// PostgreSQL did not do what the worker asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    #[error("no connection to PostgreSQL")]
    Pool(#[from] PoolError),
    #[error("PostgreSQL refused a statement of the queue")]
    Query(#[from] diesel::result::Error),
    #[error("PostgreSQL closed the connection")]
    Closed,
    #[error("PostgreSQL did not answer within {} seconds", STATEMENT_LIMIT.as_secs())]
    Silent,
}

/// A pooled connection.
pub(crate) async fn connect(pool: &Pool) -> Result<Object<AsyncPgConnection>, Unavailable> {
    match tokio::time::timeout(STATEMENT_LIMIT, pool.get()).await {
        Ok(connection) => Ok(connection?),
        Err(_elapsed) => Err(Unavailable::Silent),
    }
}

/// `query`, given up when it takes too long.
pub(crate) async fn bounded<T>(query: impl Future<Output = QueryResult<T>>) -> Result<T, Unavailable> {
    match tokio::time::timeout(STATEMENT_LIMIT, query).await {
        Ok(answer) => Ok(answer?),
        Err(_elapsed) => Err(Unavailable::Silent),
    }
}

/// Whole milliseconds for SQL. Ten years stand for "longer", so that adding it to a time cannot overflow.
pub(crate) fn millis(duration: Duration) -> i64 {
    const TEN_YEARS_MS: i64 = 315_360_000_000;
    i64::try_from(duration.as_millis()).map_or(TEN_YEARS_MS, |ms| ms.min(TEN_YEARS_MS))
}
