//! Some of everything that can be asked about, with gaps: the fleet of `answers`, and its use, costs, advice and operations;
//! the house's accounts, people, jobs and reports.

use contract::{auth::Role, ids::UserId, query::Plan};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::catalog::{
    Catalog,
    check::{Checked, check},
};
use serde_json::Value;
use store::{Error, select::confine};

use crate::{
    answers::{asked, fleet, run_checked},
    harness::{Database, desktop},
};

const REST: &str = "
UPDATE workspaces SET region = 'us-east-1' WHERE id IN ('ws-3', 'ws-4');
INSERT INTO usage_days VALUES ('ws-1', '2026-11-20', 60, 2, false, 1), ('ws-1', '2026-11-19', 600, 11, false, 1), ('ws-2', '2026-11-20', 5, 1, true, 1),
    ('ws-3', '2026-10-02', 120, 3, false, 1), ('ws-6', '2026-10-02', 30, 2, false, 1), ('ws-7', '2025-12-31', 30, 2, false, 1);
INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days, model_complete, as_of)
    SELECT w.id, m.month, m.currency, w.account, w.region, m.nanos * length(w.user_name), 'model', 'estimated', 0, true, now()
    FROM workspaces w, (VALUES (date '2026-11-01', 'USD', 3000000000), ('2026-10-01', 'USD', 4500000000), ('2026-10-01', 'CNY', 7)) AS m(month, currency, nanos)
    WHERE w.id <> 'ws-5';
INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days, model_complete, as_of)
    SELECT 'ws-unseen', '2026-10-01', 'USD', min(id), 'eu-west-1', 5000000000, 'resource', 'final', 31, true, now() FROM accounts;
INSERT INTO cost_months (account, month, service, region, currency, nanos, estimated, read_at)
    SELECT id, '2026-10-01', 'Amazon RDS', 'eu-west-1', 'USD', 12340000000, false, now() FROM accounts;
INSERT INTO recommendations (workspace_id, action, why, saves_p50, saves_p90, currency, saves_until, confidence, estimated, usage_from,
        usage_until, days_known, days_missing, prices, made_at)
    SELECT id, 'to_auto_stop', 'few hours', 7000000000, 2000000000, CASE id WHEN 'ws-1' THEN 'CNY' ELSE 'USD' END, '2026-12-01', 90, false,
        '2026-10-01', '2026-11-21', 51, 0, 'listed', '2026-11-21T09:00:00Z' FROM workspaces WHERE id IN ('ws-1', 'ws-2', 'ws-4');
INSERT INTO sync_states (account, region, capability, state, succeeded_at, tried_at, message)
    SELECT id, 'eu-west-1', 'tags', 'denied', '2026-11-20T10:00:00Z', now(), 'no' FROM accounts WHERE name = 'Production';
INSERT INTO users (username, password_hash, role, last_login_at, disabled) VALUES ('ada', 'hash', 'admin', '2026-11-21T08:00:00Z', false),
    ('bob', 'hash', 'operator', NULL, false), ('eve', 'hash', 'operator', '2026-01-05T08:00:00Z', true);
INSERT INTO queue_jobs (kind, payload, state, finished_at, last_error, attempts) VALUES ('make_report', '{}', 'done', now(), NULL, 1),
    ('sync_tags', '{}', 'dead', now(), 'denied', 8), ('sync_tags', '{}', 'waiting', NULL, NULL, 0);
INSERT INTO reports (user_id, job_id, title, format, request, finished_at, rows, bytes)
    SELECT u.id, 1, 'Desktops of ' || u.username, f.format, '{}', f.at, f.rows, f.rows * 100
    FROM users u, (VALUES ('csv', now(), 12), ('xlsx', NULL, NULL)) AS f(format, at, rows) WHERE u.username <> 'ada';
INSERT INTO operations (action, parameters, state, reason, proposed_by, proposed_at, expires_at, predicted_p50, predicted_currency)
    VALUES ('stop', '{}', 'done', 'asked to', 'bob', '2026-11-20T10:00:00Z', NULL, NULL, NULL),
    ('terminate', '{}', 'proposed', 'unused', 'eve', '2026-09-01T10:00:00Z', '2026-09-15T10:00:00Z', 40000000000, 'USD');
INSERT INTO operation_desktops (operation, place, workspace_id, account, account_name, region, user_name, call_group, state, before, set)
    SELECT o.id, w.place, w.id, 1, 'Production', 'eu-west-1', w.id, 0, w.state, '{}', '{}'
    FROM operations o, (VALUES (1, 'ws-1', 'done'), (2, 'ws-2', 'refused')) AS w(place, id, state) WHERE o.action = 'stop';
";

/// See the module.
pub(crate) async fn estate() -> Database {
    let db = Database::new().await;
    fleet(&db).await;
    let other = db.account("Development", "444455556666").await;
    db.has(other, &[desktop("ws-7")]).await;
    db.run_sql(REST).await;
    db
}

/// The number of somebody.
pub(crate) async fn user(db: &Database, name: &str) -> UserId {
    UserId(
        db.text(&format!("SELECT id::text AS value FROM users WHERE username = '{name}'"))
            .await
            .parse()
            .unwrap(),
    )
}

/// The whole catalog.
pub(crate) fn everything() -> Catalog {
    Catalog::of(UserId(1), Role::Admin)
}

/// A plan that fits the catalog.
pub(crate) fn checked(plan: &Value, catalog: &Catalog) -> Checked {
    let plan: Plan = serde_json::from_value(plan.clone()).unwrap();
    check(&plan, catalog, asked()).unwrap_or_else(|errors| panic!("{plan:?}: {errors:?}"))
}

/// The answer to a plan as the reader role gives it, in time.
pub(crate) async fn confined(
    conn: &mut AsyncPgConnection,
    checked: &Checked,
    plan: &Value,
) -> Vec<Vec<Value>> {
    let answered = conn
        .transaction::<_, Error, _>(async |conn| {
            confine(conn, 5).await?;
            Ok(run_checked(conn, checked, plan).await)
        })
        .await;
    answered.unwrap_or_else(|error| panic!("{plan}: {error}"))
}

/// [`confined`] of a plan about anything.
pub(crate) async fn ask(db: &Database, plan: Value) -> Vec<Vec<Value>> {
    confined(&mut *db.conn().await, &checked(&plan, &everything()), &plan).await
}
