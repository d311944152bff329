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

/// As after a release that knows a column no more.
const SPOILT: &str =
    r#"UPDATE views SET plan = '{"entity": "workspaces", "columns": ["horoscope"]}' WHERE name = 'Fleet'"#;

#[tokio::test]
async fn one_s_own_that_no_longer_fits_is_there_and_can_be_deleted() {
    let house = House::open().await;
    let (operator, other) = (house.sign_in("operator").await, house.sign_in("viewer").await);
    let shared = with(view("Fleet"), "shared", json!(true));
    let made = operator.post("/api/views", shared).await.expect_status(StatusCode::CREATED).await;
    assert_eq!(made["fits"], true);
    let address = format!("/api/views/{}", made["id"]);
    for spoil in [SPOILT, r#"UPDATE views SET plan = '{"sql": "no plan"}'"#] {
        house.execute(spoil).await;
        let own = operator.get("/api/views").await.json().await;
        let it = &own["items"][0];
        assert_eq!(
            (&own["total"], &it["name"], &it["fits"]),
            (&json!(1), &json!("Fleet"), &json!(false)),
            "{own}"
        );
        assert_eq!(it["sentence"], "");
        operator.get(&format!("{address}/answer")).await.expect_problem("invalid_plan").await;
        // To others it is not there.
        assert_eq!(other.get("/api/views").await.json().await["total"], 0);
        other.get(&address).await.expect_problem("not_found").await;
        other.get(&format!("{address}/answer")).await.expect_problem("not_found").await;
    }
    assert_eq!(
        operator.post("/api/views", view("fleet")).await.expect_problem("name_taken").await,
        ["/name"]
    );
    let gone = operator.send(Method::DELETE, &address, None).await;
    assert_eq!(gone.0.status(), StatusCode::NO_CONTENT);
    operator.post("/api/views", view("fleet")).await.expect_status(StatusCode::CREATED).await;
}

#[tokio::test]
async fn a_report_that_cannot_be_made_is_stopped_and_its_view_says_so() {
    let house = House::open().await;
    house.furnish(6).await;
    let operator = house.sign_in("operator").await;
    let report = json!({"format": "csv", "every": "day", "hour": 7, "timezone": "UTC"});
    let fleet = with(view("Fleet"), "report", report);
    let made = operator.post("/api/views", fleet.clone()).await.expect_status(StatusCode::CREATED).await;
    let address = format!("/api/views/{}", made["id"]);
    house.execute(SPOILT).await;
    for _ in 0..2 {
        house.pass(TimeDelta::days(2));
        house.enqueue(&ReportViews {}).await;
        house.work().await;
    }
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let stopped = operator.get(&address).await.json().await;
    assert_eq!(
        (&stopped["next_report_at"], &stopped["report"]["every"]),
        (&Value::Null, &json!("day")),
        "{stopped}"
    );
    let audit = admin.get("/api/audit?limit=50").await.json().await;
    let acts = audit["items"].as_array().unwrap().iter().filter(|it| it["action"] == "view.stop_report");
    assert_eq!(acts.map(|it| &it["actor"]).collect::<Vec<_>>(), ["system"], "once: {audit}");

    // Saved once more it goes on.
    let again = operator.put(&address, fleet).await.expect_status(StatusCode::OK).await;
    assert!(again["fits"] == true && again["next_report_at"].is_string(), "{again}");
    house.pass(TimeDelta::days(2));
    house.enqueue(&ReportViews {}).await;
    house.work().await;
    assert_eq!(house.sign_in("operator").await.get("/api/reports").await.json().await["total"], 1);
}

#[tokio::test]
async fn asking_a_view_again_is_no_question() {
    let house = House::open().await;
    house.furnish(6).await;
    let (admin, viewer) = (house.sign_in("admin").await, house.sign_in("viewer").await);
    let mut config = admin.get("/api/admin/config").await.json().await;
    config["questions_per_minute"] = json!(2);
    admin.put("/api/admin/config", config).await.json().await;
    let made = viewer.post("/api/views", view("Fleet")).await.expect_status(StatusCode::CREATED).await;
    let address = format!("/api/views/{}/answer", made["id"]);
    for _ in 0..4 {
        let answer = viewer.get(&format!("{address}?timezone=Europe/Berlin")).await.json().await;
        assert_eq!((&answer["total"], &answer["sentence"]), (&json!(2), &made["sentence"]), "{answer}");
    }
    assert_eq!(admin.get(&address).await.expect_problem("not_found").await, [""; 0]);
    viewer.get(&format!("{address}?timezone=Mars/Olympus")).await.expect_problem("invalid_field").await;
    viewer.get(&format!("{address}?colour=blue")).await.expect_problem("invalid_query").await;
    house.execute("DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM questions), 'none was counted'; END $$").await;
    let asked = json!({"plan": made["plan"]});
    for _ in 0..2 {
        viewer.post("/api/ai/query", asked.clone()).await.json().await;
    }
    viewer.post("/api/ai/query", asked).await.expect_problem("too_many_requests").await;
}
