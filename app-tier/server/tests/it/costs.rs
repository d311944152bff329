//! Costs that come late or in pieces: what is modelled follows usage by itself, and a page that AWS loses or tells twice is
//! never a wrong figure that looks exact.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use contract::{
    billing::{Billing, CostSource, CostStatus, WorkspaceBilling},
    jobs::Job,
    money::Money,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    accounts::account,
    billing::{billing, fault, is_sound, read, take_down},
    harness::{Browser, House},
};

const PRODUCTION: &str = "111111111111";

/// With the account and its desktops, and nothing that a schedule would read by itself meanwhile.
async fn quiet_house() -> (House, Browser) {
    let house = House::open().await;
    house.execute("DELETE FROM queue_schedules").await;
    let admin = house.sign_in("admin").await;
    admin.post("/api/accounts", account(1, "Production")).await.expect_status(StatusCode::CREATED).await;
    admin.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    (house, admin)
}

async fn waiting(admin: &Browser) -> Vec<Job> {
    let jobs = admin.get("/api/jobs?kind=settle_billing&state=waiting").await.json().await;
    serde_json::from_value(jobs["items"].clone()).unwrap()
}

async fn overview(admin: &Browser) -> Value {
    admin.get("/api/overview/costs").await.json().await
}

#[tokio::test]
async fn what_desktops_cost_is_put_together_by_itself_when_usage_is_there() {
    let (house, _) = quiet_house().await;
    // What is for a minute later does not become due while this runs.
    house.pass(TimeDelta::minutes(30));
    let admin = house.sign_in("admin").await;
    house.enqueue(&app::syncs::ScheduleUsage {}).await;
    house.work().await;
    assert_eq!(overview(&admin).await["idle"], json!([]), "nothing is known before");

    // Two regions, the latest week and the weeks before: one job, soon.
    let jobs = waiting(&admin).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let soon = jobs[0].run_at - house.app.now();
    assert!(soon > TimeDelta::zero() && soon <= TimeDelta::minutes(1), "{soon}");
    house
        .execute("UPDATE queue_jobs SET due_at = now() WHERE kind = 'settle_billing' AND state = 'waiting'")
        .await;
    house.work().await;
    let told = overview(&admin).await;
    let idle = &told["idle"][0];
    assert!(idle["desktops"].as_i64() > Some(0) && idle["cost"].as_str() > Some("0"), "{told}");
    assert!(billing(&admin, "").await.currencies[0].reconciliation.iter().any(|it| !it.parts.is_empty()));
    assert!(waiting(&admin).await.is_empty());

    // Now that something is shown, what comes next is put together not so soon, and once.
    house.pass(TimeDelta::minutes(6));
    for _ in 0..2 {
        house.execute("UPDATE sync_states SET succeeded_at = succeeded_at - interval '2 days' WHERE capability = 'usage'").await;
        house.enqueue(&app::syncs::ScheduleUsage {}).await;
        house.work().await;
        house.pass(TimeDelta::minutes(6));
    }
    let jobs = waiting(&house.sign_in("admin").await).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let after = jobs[0].run_at - last_settled(&house).await;
    assert!(after >= TimeDelta::minutes(10), "{after}");
}

async fn last_settled(house: &House) -> DateTime<Utc> {
    let mut conn = house.app.conn().await.unwrap();
    let account = store::accounts::list(&mut conn).await.unwrap()[0].id;
    store::billing::settled_at(&mut conn, account).await.unwrap().unwrap()
}

/// What AWS says by resource of days that are over, by desktop and day.
async fn by_resource(house: &House, admin: &Browser, ids: &[String]) -> BTreeMap<(String, NaiveDate), Money> {
    let over = house.app.now().date_naive() - Days::new(1);
    let mut found = BTreeMap::new();
    for id in ids {
        let told = admin.get(&format!("/api/workspaces/{id}/billing?days=10&months=2")).await.json().await;
        let told: WorkspaceBilling = serde_json::from_value(told).unwrap();
        for it in told.days.iter().filter(|it| it.day < over && it.cost.source == CostSource::Resource) {
            found.insert((id.clone(), it.day), it.cost.amount);
        }
        for it in told.months.iter().filter(|it| it.cost.source == CostSource::Resource) {
            assert!(it.cost.status != CostStatus::Final || !it.cost.amount.is_zero(), "{id}: {it:?}");
        }
    }
    found
}

/// What months before the running one come to, by service.
fn past(it: &Billing, this_month: NaiveDate) -> BTreeMap<(String, NaiveDate), Money> {
    let groups = it.currencies.iter().flat_map(|it| &it.groups);
    let of = |it: &contract::billing::Group| -> Vec<_> {
        it.periods.iter().map(|period| ((it.label.clone(), period.from), period.total.amount)).collect()
    };
    groups.flat_map(of).filter(|it| it.0.1 < this_month).collect()
}

#[tokio::test]
async fn a_page_that_is_lost_is_no_exact_figure_and_one_that_is_doubled_changes_nothing() {
    let (house, admin) = quiet_house().await;
    let this_month =
        house.app.now().date_naive().format("%Y-%m-01").to_string().parse::<NaiveDate>().unwrap();
    let listed = admin.get("/api/workspaces?limit=30").await.json().await;
    let ids: Vec<String> =
        listed["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();

    // By service about half of the months come without their lines, by resource every day does.
    let some =
        fault(PRODUCTION, json!({"kind": "lost_page", "operation": "GetCostAndUsage", "rate": 0.5})).await;
    let all =
        fault(PRODUCTION, json!({"kind": "lost_page", "operation": "GetCostAndUsageWithResources"})).await;
    read(&house).await;
    take_down(&some).await;
    take_down(&all).await;
    let lost = billing(&admin, "").await;
    is_sound(&lost);
    for it in lost.currencies.iter().filter(|it| !it.periods.is_empty()) {
        assert_eq!(it.total.status, CostStatus::Partial);
        // Any group may have had something in a month that came without a line.
        assert!(it.groups.iter().all(|it| it.total.status == CostStatus::Partial), "{it:?}");
        // The months that came are whole, unless the totals that they are compared with have come without a line, too.
        let closed = this_month - Months::new(2);
        let all = |status| it.periods.iter().all(|it| it.from > closed || it.total.status == status);
        assert!(all(CostStatus::Final) || all(CostStatus::Partial), "{it:?}");
    }
    let told = by_resource(&house, &admin, &ids).await;
    assert!(told.is_empty(), "also of months that there is nothing to compare with: {told:?}");

    // The next reading asks again for what was short, and for nothing else that is over.
    read(&house).await;
    let healed = billing(&admin, "").await;
    is_sound(&healed);
    let costs = &healed.currencies[0];
    assert_eq!(costs.periods.len(), 12);
    let closed = this_month - Months::new(2);
    assert!(
        costs.periods.iter().all(|it| it.from > closed || it.total.status == CostStatus::Final),
        "{costs:?}"
    );
    let exact = by_resource(&house, &admin, &ids).await;
    assert!(exact.len() > 10, "{} days", exact.len());

    // Another house that lost nothing tells the same.
    let (other, other_admin) = quiet_house().await;
    read(&other).await;
    let whole = billing(&other_admin, "").await;
    assert_eq!(past(&healed, this_month), past(&whole, this_month));
    assert_eq!(exact, by_resource(&other, &other_admin, &ids).await);

    // Twice is once, also where it is read for the first time.
    let twice = fault(PRODUCTION, json!({"kind": "doubled_page"})).await;
    read(&other).await;
    let (third, third_admin) = quiet_house().await;
    read(&third).await;
    take_down(&twice).await;
    for (house, admin) in [(&other, &other_admin), (&third, &third_admin)] {
        let doubled = billing(admin, "").await;
        is_sound(&doubled);
        assert_eq!(past(&doubled, this_month), past(&whole, this_month));
        assert_eq!(by_resource(house, admin, &ids).await, exact);
    }

    // What was known of an open month outlives a page that comes without it.
    let all = fault(PRODUCTION, json!({"kind": "lost_page"})).await;
    read(&third).await;
    take_down(&all).await;
    let kept = billing(&third_admin, "").await;
    assert_eq!(past(&kept, this_month), past(&whole, this_month));
    assert_eq!(kept.currencies[0].periods.len(), 12);
    assert_eq!(kept.currencies[0].total.status, CostStatus::Partial);
    assert_eq!(by_resource(&third, &third_admin, &ids).await, exact);
}
