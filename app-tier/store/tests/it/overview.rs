//! Where the money goes, as the first page tells it.

use chrono::NaiveDate;
use contract::money::Money;
use store::overview::costs;

use crate::harness::{Database, desktop};

#[tokio::test(flavor = "multi_thread")]
async fn movers_idle_spend_and_open_savings_are_of_whole_months_and_single_currencies() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &["ws-1", "ws-2", "ws-3"].map(desktop)).await;
    let mut conn = db.conn().await;
    let id = account.0;
    db.run_sql(&format!(
        "UPDATE workspaces SET last_connected_at = now() - CASE id WHEN 'ws-1' THEN interval '1 day' ELSE interval '90 days' END;
         INSERT INTO cost_months (account, month, service, region, currency, nanos, estimated, read_at) VALUES
            ({id}, '2026-09-01', 'S3', 'eu-west-1', 'USD', 10, false, now()), ({id}, '2026-09-01', 'S3', 'us-east-1', 'USD', 5, false, now()),
            ({id}, '2026-10-01', 'S3', 'eu-west-1', 'USD', 90, true, now()), ({id}, '2026-10-01', 'EC2', 'eu-west-1', 'USD', 900, false, now()),
            ({id}, '2026-09-01', 'KMS', '', 'USD', 7, false, now()), ({id}, '2026-10-01', 'KMS', '', 'USD', 7, false, now()),
            ({id}, '2026-09-01', 'Tax', '', 'USD', 3, false, now()), ({id}, '2026-10-01', 'Tax', '', 'EUR', 300, false, now());
         INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days, model_complete, as_of)
         SELECT w, m::date, 'USD', {id}, 'eu-west-1', n, 'model', s, 0, true, now() FROM (VALUES
            ('ws-1', '2026-09-01', 40, 'final'), ('ws-1', '2026-10-01', 30, 'estimated'), ('ws-2', '2026-09-01', 1, 'partial'),
            ('ws-2', '2026-10-01', 50, 'final'), ('ws-3', '2026-10-01', 2, 'final')) v (w, m, n, s);
         INSERT INTO recommendations (workspace_id, action, why, saves_p50, saves_p90, currency, saves_until, confidence, estimated,
            usage_from, usage_until, days_known, days_missing, prices, made_at)
         SELECT w, a, '', p50, p90, 'USD', '2026-12-01', 80, false, '2026-10-01', '2026-11-01', 30, 0, 'listed', now() FROM (VALUES
            ('ws-1', 'set_timeout', 5, 4), ('ws-1', 'terminate', 9, 1), ('ws-2', 'to_always_on', 3, 2)) v (w, a, p50, p90);
         UPDATE workspaces SET gone_at = now() WHERE id = 'ws-3';"
    ))
    .await;
    let date = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (before, month) = (date("2026-09-01"), date("2026-10-01"));

    let services = costs::services(&mut conn, before, month, 10).await.unwrap();
    let told: Vec<_> = services
        .iter()
        .map(|it| (it.service.as_str(), it.before.nanos(), it.after.nanos(), it.estimated))
        .collect();
    assert_eq!(
        told,
        [("S3", 15, 90, true)],
        "regions are summed; what is new, the same or in another currency is none"
    );

    let desktops = costs::desktops(&mut conn, before, month, 10).await.unwrap();
    let told: Vec<_> = desktops
        .iter()
        .map(|it| (it.workspace_id.0.as_str(), it.before.nanos(), it.after.nanos(), it.estimated))
        .collect();
    assert_eq!(told, [("ws-1", 40, 30, true)], "of ws-2 September is known in parts only");

    let idle = costs::idle(&mut conn, 30, month).await.unwrap();
    let told: Vec<_> = idle.iter().map(|it| (it.desktops, it.cost.nanos(), it.estimated)).collect();
    assert_eq!(told, [(1, 50, false)], "ws-3 is gone");

    let open = costs::open_savings(&mut conn).await.unwrap();
    let told: Vec<_> = open.iter().map(|it| (it.desktops, it.p50, it.p90)).collect();
    assert_eq!(told, [(2, Money::from_nanos(12), Money::from_nanos(3))], "the best of each desktop");
}
