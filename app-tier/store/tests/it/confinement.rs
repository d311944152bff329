//! Answers read the views and nothing else, and not for long.

use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use domain::{catalog::Catalog, workspaces::SeenWorkspace};
use store::{Error, select::confine, workspaces::upsert};

use crate::{
    events::some,
    harness::{Database, REGION, desktop, look, texts},
};

/// What `sql` answers under [`confine`], or why it does not.
async fn confined(db: &Database, sql: &str) -> Result<Vec<String>, Error> {
    db.conn()
        .await
        .transaction(async |conn| {
            confine(conn, 20).await?;
            texts(conn, sql).await
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_read_and_no_table_is() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let seen: Vec<SeenWorkspace> = vec![desktop("ws-1")];
    upsert(&mut *db.conn().await, look(account, 0), &seen).await.unwrap();
    store::events::insert(&mut *db.conn().await, account, REGION, &some()[..1]).await.unwrap();
    db.run_sql(
        "INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days, model_complete, as_of)
         SELECT 'ws-1', '2026-11-01', 'USD', id, 'eu-west-1', 1, 'model', 'estimated', 0, true, now() FROM accounts;
         INSERT INTO usage_days VALUES ('ws-1', '2026-11-21', 60, 2, false, 1);
         INSERT INTO recommendations (workspace_id, action, why, saves_p50, saves_p90, currency, saves_until, confidence, estimated,
             usage_from, usage_until, days_known, days_missing, prices, made_at)
         VALUES ('ws-1', 'terminate', 'nobody', 1, 0, 'USD', '2026-12-01', 90, false, '2026-10-01', '2026-11-21', 51, 0, 'listed', now());
         INSERT INTO users (username, password_hash, role) VALUES ('ada', 'hash', 'admin');
         INSERT INTO queue_jobs (kind, payload) VALUES ('make_report', '{}');
         INSERT INTO reports (user_id, job_id, title, format, request) SELECT u.id, j.id, 't', 'csv', '{}' FROM users u, queue_jobs j;
         INSERT INTO operations (action, parameters, state, reason, proposed_by, proposed_at)
         VALUES ('stop', '{}', 'done', '', 'ada', now())",
    )
    .await;
    for entity in Catalog::for_role(contract::auth::Role::Admin).entities() {
        let sql = format!("SELECT count(*)::text AS value FROM {}", entity.view);
        assert_eq!(confined(&db, &sql).await.unwrap(), ["1"], "{}", entity.view);
    }
    let tables =
        db.texts("SELECT tablename::text AS value FROM pg_tables WHERE schemaname = current_schema()").await;
    assert!(tables.contains(&"users".to_owned()));
    for table in tables {
        let error = confined(&db, &format!("SELECT '' AS value FROM {table}")).await.unwrap_err();
        assert_eq!(error.to_string(), format!("permission denied for table {table}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let read_only = |what: &str| format!("cannot execute {what} in a read-only transaction");
    let forbidden = [
        ("INSERT INTO settings (value) VALUES ('{}') RETURNING 'x' AS value", read_only("INSERT")),
        ("UPDATE workspaces SET state = 'x' RETURNING 'x' AS value", read_only("UPDATE")),
        ("DELETE FROM changes RETURNING 'x' AS value", read_only("DELETE")),
        ("CREATE TABLE mine (id int)", read_only("CREATE TABLE")),
        (
            "SELECT nextval('changes_id_seq')::text AS value",
            "permission denied for sequence changes_id_seq".to_owned(),
        ),
    ];
    for (sql, why) in forbidden {
        assert_eq!(confined(&db, sql).await.unwrap_err().to_string(), why);
    }
    assert_eq!(db.text("SELECT count(*)::text AS value FROM workspaces").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_itself_again_afterwards() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    let who = "SELECT current_user || ' ' || current_setting('statement_timeout') || ' ' || current_setting('transaction_read_only') AS value";
    let before = texts(&mut conn, who).await.unwrap();
    let inside = conn
        .transaction::<_, Error, _>(async |conn| {
            confine(conn, 20).await?;
            texts(conn, who).await
        })
        .await
        .unwrap();
    assert_eq!(inside, ["skydesk_reader 20s on"]);
    let failed = conn
        .transaction::<(), Error, _>(async |conn| {
            confine(conn, 20).await?;
            conn.batch_execute("SELECT 1 / 0").await
        })
        .await;
    assert_eq!(failed.unwrap_err().to_string(), "division by zero");
    assert_eq!(texts(&mut conn, who).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_told_from_others() {
    let db = Database::new().await;
    let slow = db
        .conn()
        .await
        .transaction::<(), Error, _>(async |conn| {
            confine(conn, 1).await?;
            conn.batch_execute("SELECT pg_sleep(50)").await
        })
        .await
        .unwrap_err();
    assert!(store::timed_out(&slow), "{slow}");
    let refused = confined(&db, "SELECT username AS value FROM users").await.unwrap_err();
    assert!(!store::timed_out(&refused) && !store::unavailable(&refused), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_sees_one_moment() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let counted = "SELECT count(*)::text AS value FROM ask_workspaces";
    let seen = db
        .conn()
        .await
        .transaction::<_, Error, _>(async |conn| {
            store::select::confine_report(conn).await?;
            let first = texts(conn, counted).await?;
            upsert(&mut *db.conn().await, look(account, 1), &[desktop("ws-2")]).await?;
            Ok([first, texts(conn, counted).await?])
        })
        .await
        .unwrap();
    assert_eq!(seen, [["1"], ["1"]]);
    assert_eq!(db.text(counted).await, "2");
}
