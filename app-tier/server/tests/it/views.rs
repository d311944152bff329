//! Keeping a question, seeing it again, and having it as a file by the clock.

use app::views::ReportViews;
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::House;

fn view(name: &str) -> Value {
    json!({"name": name, "plan": {"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "region"}]}})
}

fn with(mut view: Value, field: &str, value: Value) -> Value {
    view[field] = value;
    view
}

#[tokio::test]
async fn a_view_is_its_owners_until_he_shares_it() {
    let house = House::open().await;
    let (viewer, other) = (house.sign_in("viewer").await, house.sign_in("operator").await);
    let made = viewer.post("/api/views", view(" Fleet ")).await.expect_status(StatusCode::CREATED).await;
    assert_eq!((made["name"].as_str(), made["mine"].as_bool()), (Some("Fleet"), Some(true)));
    assert_eq!(made["sentence"], "number of desktops, by region");
    let address = format!("/api/views/{}", made["id"]);
    assert_eq!(other.get("/api/views").await.json().await["total"], 0);
    other.get(&address).await.expect_problem("not_found").await;
    other.put(&address, view("Mine now")).await.expect_problem("not_found").await;
    other.send(Method::DELETE, &address, None).await.expect_problem("not_found").await;

    viewer
        .put(&address, with(view("Fleet"), "shared", json!(true)))
        .await
        .expect_status(StatusCode::OK)
        .await;
    let seen = other.get("/api/views").await.json().await;
    assert_eq!((&seen["items"][0]["owner"], &seen["items"][0]["mine"]), (&json!("viewer"), &json!(false)));
    other.put(&address, view("Mine now")).await.expect_problem("not_found").await;
    other.send(Method::DELETE, &address, None).await.expect_problem("not_found").await;

    let gone = viewer.send(Method::DELETE, &address, None).await;
    assert_eq!(gone.0.status(), StatusCode::NO_CONTENT);
    viewer.get(&address).await.expect_problem("not_found").await;
}

#[tokio::test]
async fn what_does_not_fit_is_not_kept() {
    let house = House::open().await;
    let viewer = house.sign_in("viewer").await;
    assert_eq!(viewer.post("/api/views", view(" ")).await.expect_problem("invalid_field").await, ["/name"]);
    let plan =
        json!({"entity": "workspaces", "filters": [{"dimension": "password", "op": "is", "values": ["x"]}]});
    let wrong = with(view("Wrong"), "plan", plan);
    assert_eq!(
        viewer.post("/api/views", wrong).await.expect_problem("invalid_plan").await,
        ["/plan/filters/0/dimension"]
    );
    let report = json!({"format": "csv", "every": "week", "hour": 7, "timezone": "Europe/Berlin"});
    let scheduled = with(view("Weekly"), "report", report.clone());
    viewer.post("/api/views", scheduled.clone()).await.expect_problem("forbidden").await;
    viewer.post("/api/views", view("Fleet")).await.expect_status(StatusCode::CREATED).await;
    assert_eq!(viewer.post("/api/views", view("FLEET")).await.expect_problem("name_taken").await, ["/name"]);

    let operator = house.sign_in("operator").await;
    let nowhere = with(scheduled, "report", with(report, "timezone", json!("Mars/Olympus")));
    assert_eq!(
        operator.post("/api/views", nowhere).await.expect_problem("invalid_field").await,
        ["/report/timezone"]
    );
    assert_eq!(operator.get("/api/views").await.json().await["total"], 0);
}

#[tokio::test]
async fn a_report_that_is_due_is_made_once() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let report = json!({"format": "csv", "every": "day", "hour": 7, "timezone": "Europe/Berlin"});
    let made = operator
        .post("/api/views", with(view("Fleet"), "report", report))
        .await
        .expect_status(StatusCode::CREATED)
        .await;
    let first = made["next_report_at"].as_str().unwrap().to_owned();
    house.enqueue(&ReportViews {}).await;
    house.work().await;
    assert_eq!(operator.get("/api/reports").await.json().await["total"], 0, "it is not due");

    // Two days late, as after a long night: one file, not two.
    house.pass(TimeDelta::days(2));
    for _ in 0..2 {
        house.enqueue(&ReportViews {}).await;
        house.work().await;
    }
    let operator = house.sign_in("operator").await;
    let reports = operator.get("/api/reports").await.json().await;
    assert_eq!((&reports["total"], &reports["items"][0]["title"]), (&json!(1), &json!("Fleet")));
    assert_eq!((&reports["items"][0]["state"], &reports["items"][0]["rows"]), (&json!("done"), &json!(2)));
    let next = operator.get(&format!("/api/views/{}", made["id"])).await.json().await;
    assert!(next["next_report_at"].as_str().unwrap() > first.as_str());

    // Who may not make reports any more gets none.
    house.execute("UPDATE users SET role = 'viewer' WHERE username = 'operator'").await;
    house.pass(TimeDelta::days(2));
    house.enqueue(&ReportViews {}).await;
    house.work().await;
    let admin = house.sign_in("admin").await;
    assert_eq!(admin.get("/api/reports").await.json().await["total"], 1);
}
