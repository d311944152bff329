//! Hearing at once that there is work, or that a job shall stop.
//!
//! Only a shortcut: polling finds the same a little later, and renewals learn about cancelling by themselves. So a
//! lost connection is a reason to try again, never to fail.

use std::{pin::pin, sync::Arc, time::Duration};

use diesel::QueryableByName;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Object};
use futures::StreamExt;
use tokio::sync::Notify;

use crate::{
    Pool,
    backoff::Backoff,
    database::{self, Unavailable},
    running::Running,
};

/// A quiet connection may be a dead one; PostgreSQL is asked after this time without a word.
const QUIET: Duration = Duration::from_secs(30);

/// Listen for ever. The caller drops this to end it.
pub(crate) async fn listen(pool: Pool, wake: Arc<Notify>, running: Running) {
    let mut failures: u32 = 0;
    loop {
        match open(&pool).await {
            Ok(mut conn) => {
                failures = 0;
                // What was said while nobody listened is not repeated.
                wake.notify_one();
                let lost = hear(&mut conn, &wake, &running).await;
                tracing::warn!(error = %crate::job::chain(&lost), "Lost the connection that hears about new jobs");
            }
            Err(error) => {
                tracing::warn!(error = %crate::job::chain(&error), "Cannot listen for new jobs, polling goes on");
            }
        }
        failures = failures.saturating_add(1);
        tokio::time::sleep(Backoff::DATABASE.after(failures)).await;
    }
}

async fn open(pool: &Pool) -> Result<AsyncPgConnection, Unavailable> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Oid)]
        oid: u32,
    }
    // Taken out of the pool, which then has room for another: this connection is held for as long as it lives, and
    // must not go back with a LISTEN on it. It is set up like all the others (search path, TLS).
    let mut conn = Object::take(database::connect(pool).await?);
    let table = diesel::sql_query("SELECT 'queue_jobs'::regclass::oid AS oid");
    let table: Table = database::bounded(table.get_result(&mut conn)).await?;
    let listen = diesel::sql_query(format!("LISTEN queue_jobs_{}", table.oid));
    database::bounded(listen.execute(&mut conn)).await?;
    Ok(conn)
}

/// Pass on what is heard until the connection fails.
async fn hear(conn: &mut AsyncPgConnection, wake: &Notify, running: &Running) -> Unavailable {
    loop {
        let heard = {
            let mut notifications = pin!(conn.notifications_stream());
            tokio::time::timeout(QUIET, notifications.next()).await
        };
        match heard {
            Ok(Some(Ok(notification))) => match notification.payload.parse() {
                Ok(job) => running.cancel(job),
                Err(_no_number) => wake.notify_one(),
            },
            Ok(Some(Err(error))) => return error.into(),
            Ok(None) => return Unavailable::Closed,
            Err(_quiet) => {
                if let Err(error) = database::bounded(diesel::sql_query("SELECT 1").execute(conn)).await {
                    return error;
                }
            }
        }
    }
}
