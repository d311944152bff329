//! The tables as diesel is told of them are the tables that the migrations make.

use chrono::{DateTime, Utc};
use diesel::{QueryDsl, debug_query, pg::Pg};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::harness::Database;

#[path = "../../src/schema.rs"]
mod schema;

/// In the order in which they refer to each other: a row that says everything, and one that says as little as may be.
const ROWS: &str = "
INSERT INTO users (username, email, password_hash, role, disabled, must_change_password, last_login_at)
    VALUES ('ada', 'ada@example.com', 'hash', 'admin', false, true, now());
INSERT INTO users (username, password_hash, role) VALUES ('bob', 'hash', 'viewer');
INSERT INTO sessions (id, user_id, expires_at, revoked_at) SELECT gen_random_uuid(), id, now(), now() FROM users LIMIT 1;
INSERT INTO sessions (id, user_id, expires_at) SELECT gen_random_uuid(), id, now() FROM users LIMIT 1;
INSERT INTO refresh_tokens (hash, session_id, used_at) SELECT '\\x01', id, now() FROM sessions LIMIT 1;
INSERT INTO refresh_tokens (hash, session_id) SELECT '\\x02', id FROM sessions LIMIT 1;
INSERT INTO audit (actor, action, subject, detail, request_id, address) VALUES ('ada', 'login', 'user:ada', '{}', 'r', '::1');
INSERT INTO audit (actor, action, subject) VALUES ('ada', 'login', 'user:ada');
INSERT INTO settings (value) VALUES ('{}');
INSERT INTO accounts (name, account_id, role_arn, external_id, regions) VALUES ('a', '111122223333', 'arn', 'e', '{eu-west-1}');
INSERT INTO accounts (name, account_id, role_arn, regions) VALUES ('b', '444455556666', 'arn', '{}');
INSERT INTO sync_states (account, region, capability, state, succeeded_at, tried_at, rows, denied_action, message)
    SELECT id, 'eu-west-1', 'tags', 'denied', now(), now(), 3, 'tag:GetResources', 'no' FROM accounts LIMIT 1;
INSERT INTO sync_states (account, region, capability, state) SELECT id, 'eu-west-1', 'bundles', 'ok' FROM accounts LIMIT 1;
INSERT INTO reports (user_id, job_id, title, format, request, finished_at, rows, bytes, sha256, storage_key)
    SELECT id, 1, 't', 'csv', '{}', now(), 1, 2, 'ab', 'k' FROM users LIMIT 1;
INSERT INTO reports (user_id, job_id, title, format, request) SELECT id, 1, 't', 'csv', '{}' FROM users LIMIT 1;
INSERT INTO views (user_id, name, plan, shared, on_overview, report, next_report_at) SELECT id, 'v', '{}', true, true, '{}', now() FROM users LIMIT 1;
INSERT INTO views (user_id, name, plan) SELECT id, 'w', '{}' FROM users LIMIT 1;
INSERT INTO questions (user_id, outcome, elapsed_ms) SELECT id, 'rules', 3 FROM users LIMIT 1;
INSERT INTO questions (outcome, elapsed_ms) VALUES ('rules', 3);
";

/// Every column that diesel knows is read, in both rows, as its type; and it knows every column that there is.
macro_rules! agrees {
    ($db:ident, $table:ident, $($column:ty),+) => {{
        let query = schema::$table::table.select(schema::$table::all_columns);
        let rows: Vec<($($column,)+)> = query.load(&mut *$db.conn().await).await.unwrap();
        assert!(!rows.is_empty(), "{}", stringify!($table));
        let known = debug_query::<Pg, _>(&query).to_string();
        let columns = $db.texts(&format!(
            "SELECT column_name::text AS value FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '{}'", stringify!($table))).await;
        for column in columns {
            assert!(known.contains(&format!("\"{column}\"")), "diesel does not know {}.{column}", stringify!($table));
        }
    }};
}

type Time = DateTime<Utc>;

#[tokio::test(flavor = "multi_thread")]
async fn diesel_is_told_the_truth() {
    let db = Database::new().await;
    db.run_sql(ROWS).await;
    agrees!(db, users, i64, String, String, String, String, bool, bool, Time, Option<Time>);
    agrees!(db, sessions, Uuid, i64, Time, Time, Option<Time>);
    agrees!(db, refresh_tokens, Vec<u8>, Uuid, Time, Option<Time>);
    agrees!(db, audit, i64, Time, String, String, String, Value, Option<String>, Option<String>);
    agrees!(db, settings, bool, Value);
    agrees!(db, accounts, i64, String, String, String, String, Vec<String>, Time, i32, String);
    agrees!(
        db,
        sync_states,
        i64,
        String,
        String,
        String,
        Option<Time>,
        Option<Time>,
        i64,
        Option<String>,
        Option<String>
    );
    agrees!(
        db,
        reports,
        i64,
        i64,
        i64,
        String,
        String,
        Value,
        Time,
        Option<Time>,
        Option<i64>,
        Option<i64>,
        Option<String>,
        Option<String>
    );
    agrees!(db, views, i64, i64, String, Value, bool, bool, Option<Value>, Option<Time>, Time);
    agrees!(db, questions, i64, Option<i64>, Time, String, i32);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dimension_of_the_catalog_is_a_column_of_its_view() {
    let db = Database::new().await;
    for entity in domain::catalog::Catalog::for_role(contract::auth::Role::Admin).entities() {
        let columns = db
            .texts(&format!(
                "SELECT column_name::text AS value FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = '{}'",
                entity.view
            ))
            .await;
        for dimension in entity.dimensions {
            assert!(columns.iter().any(|it| it == dimension.name), "{}.{}", entity.view, dimension.name);
        }
    }
}
