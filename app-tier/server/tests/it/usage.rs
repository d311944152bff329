//! Usage of the sandbox's desktops, what it costs to ask, and what is advised.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    accounts::account,
    harness::{Browser, House, setting},
};

async fn sandbox(path: &str) -> Value {
    let url = format!("{}{path}", setting("SKYDESK_TEST_AWS_ENDPOINT"));
    reqwest::get(url).await.unwrap().error_for_status().unwrap().json().await.unwrap()
}

/// With the account Production, read from the sandbox.
async fn synced(house: &House, settings: Value) -> Browser {
    let admin = house.sign_in("admin").await;
    admin.post("/api/accounts", account(1, "Production")).await.expect_status(StatusCode::CREATED).await;
    let mut config = admin.get("/api/admin/config").await.json().await;
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    admin.put("/api/admin/config", config).await.json().await;
    admin.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    house.enqueue(&app::syncs::ScheduleUsage {}).await;
    house.work().await;
    admin
}

fn usage_state<'a>(overview: &'a Value, region: &str) -> &'a Value {
    let rows = overview["freshness"].as_array().unwrap();
    rows.iter().find(|it| it["region"] == region && it["capability"] == "usage").unwrap()
}

/// Minutes of the spans that lie in a month.
fn minutes_within(spans: &Value, month: NaiveDate) -> i64 {
    let begin = month.and_time(chrono::NaiveTime::MIN).and_utc();
    let end = (month + Months::new(1)).and_time(chrono::NaiveTime::MIN).and_utc();
    let time = |it: &Value| it.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let minutes = |it: &Value| {
        let (from, until) = (time(&it["from"]).max(begin), time(&it["to"]).min(end));
        (until - from).num_minutes().max(0)
    };
    spans.as_array().unwrap().iter().map(minutes).sum()
}

#[tokio::test]
async fn usage_is_what_the_estate_did_and_leads_to_advice() {
    let house = House::open().await;
    let admin = synced(&house, json!({})).await;
    assert_eq!(usage_state(&admin.get("/api/overview").await.json().await, "eu-west-1")["state"], "ok");

    let desktops =
        admin.get("/api/workspaces?limit=40&running_mode=AUTO_STOP&region=eu-west-1").await.json().await;
    let today = house.app.now().date_naive();
    let last_month = today.with_day(1).unwrap() - Months::new(1);
    let (mut compared, mut same, mut hours, mut billed) = (0, 0, 0, 0);
    for desktop in desktops["items"].as_array().unwrap() {
        let id = desktop["id"].as_str().unwrap();
        let usage =
            admin.get(&format!("/api/workspaces/{id}/usage?time_zone=Europe/Berlin")).await.json().await;
        assert_eq!(usage["week"].as_array().unwrap().len(), 7);
        let truth = sandbox(&format!("/_sandbox/past?workspace={id}&from={last_month}")).await;
        let months = usage["months"].as_array().unwrap();
        let told = months.iter().find(|it| it["month"] == last_month.to_string()).unwrap();
        let month = truth["months"].as_array().unwrap()[0].clone();
        // Somebody who was connected is seen, but for points that AWS lost.
        let (ours, theirs) = (
            told["connected_minutes"].as_i64().unwrap(),
            minutes_within(&truth["connected_points"], last_month),
        );
        assert!(ours <= theirs + 5 && ours * 100 >= theirs * 90, "{id}: {ours} of {theirs} minutes\n{truth}");
        // The latest week was read first and the weeks before it after it; the days kept are as if at once.
        let kept =
            store::usage::hours(&mut house.app.conn().await.unwrap(), &[id], last_month).await.unwrap();
        for told in months.iter().filter(|it| it["month"].as_str() >= Some(&last_month.to_string())) {
            let month = told["month"].as_str().unwrap().parse::<NaiveDate>().unwrap();
            let days = kept.get(id).into_iter().flatten().filter(|it| it.0.with_day(1) == Some(month));
            assert_eq!(
                days.map(|it| i64::from(it.1)).sum::<i64>(),
                told["billable_hours"].as_i64().unwrap(),
                "{id}"
            );
        }
        compared += 1;
        same += i32::from(told["billable_hours"] == month["hours"]);
        hours += told["billable_hours"].as_i64().unwrap();
        billed += month["hours"].as_i64().unwrap();
    }
    assert!(compared >= 20 && same * 10 >= compared * 8, "{same} of {compared} have the hours of the bill");
    assert!((hours - billed).abs() * 100 <= billed * 3, "{hours} against {billed} hours");

    what_if(&admin).await;

    // What asking cost is counted: 0.01 USD for 1,000 metrics. Each desktop was asked for twice: its last week, and before.
    let spent = store::spend::of_month(&mut house.app.conn().await.unwrap(), today.with_day(1).unwrap())
        .await
        .unwrap();
    let desktops = admin.get("/api/workspaces?limit=1").await.json().await["total"].as_i64().unwrap();
    assert_eq!(spent.nanos(), desktops * 2 * 10_000);

    let advice = admin.get("/api/recommendations?limit=200").await.json().await;
    assert!(advice["total"].as_i64().unwrap() > 0, "{advice}");
    for it in advice["items"].as_array().unwrap() {
        assert!(!it["why"].as_str().unwrap().is_empty() && it["currency"] == "USD", "{it}");
        let saves = |name: &str| it[name].as_str().unwrap().parse::<contract::money::Money>().unwrap();
        assert!(saves("saves_p50").is_positive() && saves("saves_p90") <= saves("saves_p50"), "{it}");
    }
    // Nobody uses a desktop that stands by, and it is not to go for that.
    house
        .execute(
            "DO $$ BEGIN
                ASSERT EXISTS (SELECT FROM workspaces WHERE standby), 'there is one';
                ASSERT NOT EXISTS (SELECT FROM recommendations r JOIN workspaces w ON w.id = r.workspace_id
                                   WHERE w.standby AND r.action = 'terminate'), 'and it may stay';
             END $$",
        )
        .await;
    let first = &advice["items"][0];
    assert_ne!(first["prices"], "offline", "the sandbox tells its prices: {first}");
    let of_one = format!("/api/recommendations?workspace_id={}", first["workspace_id"].as_str().unwrap());
    assert!(admin.get(&of_one).await.json().await["total"].as_i64().unwrap() >= 1);
    // Who opted out is left alone.
    let id = first["workspace_id"].as_str().unwrap().to_owned();
    house
        .execute(&format!("UPDATE workspaces SET tags = '{{\"skip_convert\": \"\"}}' WHERE id = '{id}'"))
        .await;
    house.enqueue(&app::recommendations::Advise {}).await;
    house.work().await;
    assert_eq!(admin.get(&of_one).await.json().await["total"], 0);
}

#[tokio::test]
async fn nothing_is_asked_that_may_not_be_paid_for() {
    let house = House::open().await;
    let admin = synced(&house, json!({"aws_monthly_cap": "0.0001"})).await;
    let overview = admin.get("/api/overview").await.json().await;
    let state = usage_state(&overview, "eu-west-1");
    assert_eq!(state["state"], "failed");
    assert!(state["message"].as_str().unwrap().contains("Configuration"), "{state}");
    let cap = "0.0001".parse::<contract::money::Money>().unwrap();
    let month = house.app.now().date_naive().with_day(1).unwrap();
    let spent = store::spend::of_month(&mut house.app.conn().await.unwrap(), month).await.unwrap();
    assert!(spent <= cap, "{spent}");

    let id = admin.get("/api/workspaces?limit=1").await.json().await["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let usage = admin.get(&format!("/api/workspaces/{id}/usage")).await.json().await;
    assert_eq!((&usage["observed_until"], &usage["sessions"]), (&Value::Null, &json!([])));
    assert_eq!(
        admin
            .get(&format!("/api/workspaces/{id}/usage?days=0&time_zone=Mars/Base"))
            .await
            .expect_problem("invalid_field")
            .await,
        ["/days", "/time_zone"]
    );
    admin.get("/api/workspaces/ws-none/usage").await.expect_problem("not_found").await;
}

/// The month before this one under other rules, of all desktops and of one.
async fn what_if(admin: &Browser) {
    let money = |it: &Value| it.as_str().unwrap().parse::<contract::money::Money>().unwrap();
    let all = admin.get("/api/simulations?region=eu-west-1").await.json().await;
    let desktops = admin.get("/api/workspaces?region=eu-west-1&limit=1").await.json().await["total"].clone();
    assert_eq!((&all["desktops"], &all["looked_at"]), (&desktops, &desktops));
    let outcome = &all["outcomes"][0];
    let left_out: i64 =
        all["left_out"].as_array().unwrap().iter().map(|it| it["desktops"].as_i64().unwrap()).sum();
    assert_eq!(outcome["desktops"].as_i64().unwrap() + left_out, desktops.as_i64().unwrap(), "{all}");
    assert!(outcome["desktops"].as_i64().unwrap() * 2 > desktops.as_i64().unwrap(), "{all}");
    let least = money(&outcome["hindsight"]);
    for rule in ["as_it_is", "always_on", "auto_stop", "advice"] {
        assert!(money(&outcome[rule]) >= least, "{rule}: {outcome}");
    }
    assert_eq!(outcome["limits"].as_array().unwrap().len(), 21);

    let id = admin.get("/api/workspaces?region=eu-west-1&running_mode=AUTO_STOP&limit=1").await.json().await
        ["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let one = admin.get(&format!("/api/simulations?id={id}")).await.json().await;
    let usage = admin.get(&format!("/api/workspaces/{id}/usage")).await.json().await;
    let told =
        usage["months"].as_array().unwrap().iter().find(|it| it["month"] == one["from"]).unwrap().clone();
    let (minutes, timeouts) = (usage["timeout_minutes"].clone(), &one["outcomes"][0]["timeouts"]);
    let same = timeouts["choices"].as_array().unwrap().iter().find(|it| it["minutes"] == minutes).unwrap();
    assert_eq!(same["hours"], told["billable_hours"], "{one}");
    assert_eq!(timeouts["as_it_is"], same["cost"]);
    assert_eq!(same["cost"], one["outcomes"][0]["auto_stop"], "hours of sessions and hours of days are one");

    let refused = admin.get("/api/simulations?months=0&limit=9").await.expect_problem("invalid_query").await;
    assert_eq!(refused, ["limit", "months"]);
    admin.get("/api/simulations?colour=blue").await.expect_problem("invalid_query").await;
}
