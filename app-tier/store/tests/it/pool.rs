//! What a request that was given up leaves to the next.

use std::time::Duration;

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use store::{
    Error,
    pool::{self, PoolConfig},
    select::confine,
};
use tokio::sync::Notify;

use crate::harness::{Database, pool_of, texts};

const STATE: &str = "SELECT current_user || ' ' || current_setting('transaction_read_only') || ' ' || current_setting('timezone')
    || ' ' || current_setting('statement_timeout') AS value";

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_given_up_between_statements_is_undone() {
    let db = Database::new().await;
    let single = pool_of(&db.url, 1);
    let clean = texts(&mut pool::get(&single).await.unwrap(), STATE).await.unwrap();
    {
        let mut conn = pool::get(&single).await.unwrap();
        let begun = Notify::new();
        let transaction = conn.transaction::<(), Error, _>(async |conn| {
            conn.batch_execute("INSERT INTO settings (value) VALUES ('{}')").await?;
            confine(conn, 7).await?;
            begun.notify_one();
            std::future::pending().await
        });
        tokio::select! {
            _ = transaction => panic!("it has no end"),
            () = begun.notified() => {}
        }
    }
    let mut next = pool::get(&single).await.unwrap();
    assert_eq!(texts(&mut next, STATE).await.unwrap(), clean);
    assert!(texts(&mut next, "SELECT '' AS value FROM settings").await.unwrap().is_empty());
    // It can begin one of its own.
    next.transaction::<_, Error, _>(async |conn| {
        conn.batch_execute("INSERT INTO settings (value) VALUES ('{}')").await
    })
    .await
    .unwrap();
    assert_eq!(db.text("SELECT count(*)::text AS value FROM settings").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_given_up_halfway_is_not_waited_for() {
    let db = Database::new().await;
    let single = pool_of(&db.url, 1);
    let clean = texts(&mut pool::get(&single).await.unwrap(), STATE).await.unwrap();
    {
        let mut conn = pool::get(&single).await.unwrap();
        let backend = texts(&mut conn, "SELECT pg_backend_pid()::text AS value").await.unwrap().remove(0);
        let asleep = async {
            let activity = format!(
                "SELECT '' AS value FROM pg_stat_activity WHERE pid = {backend} AND wait_event = 'PgSleep'"
            );
            while db.texts(&activity).await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let transaction =
            conn.transaction::<(), Error, _>(async |conn| conn.batch_execute("SELECT pg_sleep(30)").await);
        tokio::select! {
            _ = transaction => panic!("it was to be given up"),
            () = asleep => {}
        }
    }
    let began = tokio::time::Instant::now();
    let mut next = pool::get(&single).await.unwrap();
    assert_eq!(texts(&mut next, STATE).await.unwrap(), clean);
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_connection_has_an_end() {
    let db = Database::empty().await;
    let wait = Duration::from_millis(200);
    let config = PoolConfig { url: db.url.clone(), size: 1, wait, statement_timeout: Duration::from_secs(3) };
    let single = pool::connect(&config).unwrap();
    let held = pool::get(&single).await.unwrap();
    let error = pool::get(&single).await.map(drop).unwrap_err();
    assert_eq!(error.to_string(), "the database gives no connection");
    drop(held);
    let mut conn = pool::get(&single).await.unwrap();
    let settings =
        "SELECT current_setting('statement_timeout') || ' ' || current_setting('timezone') AS value";
    assert_eq!(texts(&mut conn, settings).await.unwrap(), ["3s UTC"]);
}
