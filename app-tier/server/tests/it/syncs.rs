//! Reading the sandbox's estate.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    accounts::account,
    harness::{House, setting},
};

async fn estate() -> Value {
    let url = format!("{}/_sandbox/estate", setting("SKYDESK_TEST_AWS_ENDPOINT"));
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_sync_reads_all_that_may_be_read_and_names_what_may_not() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    for (n, name) in [(1, "Production"), (2, "Development"), (3, "Acquisition")] {
        admin.post("/api/accounts", account(n, name)).await.expect_status(StatusCode::CREATED).await;
    }
    // CloudTrail's past takes a while at AWS's pace.
    house
        .execute(
            "INSERT INTO event_reads (account, region, read_from, read_until)
             SELECT a.id, r, now() - interval '90 days', now() - interval '1 minute' FROM accounts a, unnest(regions) AS r",
        )
        .await;
    let operator = house.sign_in("operator").await;
    let jobs = operator.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 12);
    let again = operator.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(again["jobs"], jobs["jobs"], "those under way are not doubled");
    house.work().await;

    let overview = operator.get("/api/overview").await.json().await;
    let there = estate().await;
    assert_eq!(overview["desktops"], there["total"]["desktops"], "{there}");
    let state = |account: &str, region: &str, capability: &str| {
        let of = |it: &&Value| {
            it["account"] == account && it["region"] == region && it["capability"] == capability
        };
        let row = overview["freshness"].as_array().unwrap().iter().find(of).unwrap();
        (row["state"].as_str().unwrap().to_owned(), row["denied_action"].clone())
    };
    assert_eq!(state("Production", "eu-west-1", "connection_status"), ("ok".into(), Value::Null));
    assert_eq!(state("Development", "us-east-1", "tags"), ("denied".into(), json!("tag:GetResources")));
    assert_eq!(state("Development", "us-east-1", "desktops"), ("ok".into(), Value::Null));
    assert_eq!(state("Acquisition", "eu-west-1", "desktops"), ("denied".into(), json!("sts:AssumeRole")));

    let dead = house.sign_in("admin").await.get("/api/jobs?state=dead").await.json().await;
    assert_eq!(dead["total"], 0, "{dead}");
    let desktop = &operator.get("/api/workspaces?limit=1&region=eu-west-1").await.json().await["items"][0];
    assert!(
        desktop["directory"].is_string()
            && desktop["connection_observed_at"].is_string()
            && desktop["tags_observed_at"].is_string(),
        "{desktop}"
    );

    // The second look is the same job once more: nothing doubles, nothing is lost, and what was denied hides nothing.
    operator.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    let after = operator.get("/api/overview").await.json().await;
    assert_eq!(after["desktops"], there["total"]["desktops"]);
    assert_eq!(operator.get("/api/changes?kind=gone").await.json().await["total"], 0);
    assert_eq!(
        operator.get("/api/changes?kind=appeared").await.json().await["total"],
        there["total"]["desktops"]
    );

    // Values of the estate can be named in questions.
    let user = desktop["user_name"].as_str().unwrap();
    let answer =
        operator.post("/api/ai/query", json!({"question": format!("desktops of {user}")})).await.json().await;
    assert_eq!(answer["read_by"], "rules", "{answer}");
}
