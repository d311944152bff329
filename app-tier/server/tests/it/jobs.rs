//! Jobs as administrators stop them and drive them again.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn a_waiting_job_is_cancelled_once_and_driven_again() {
    let house = House::open().await;
    house
        .execute("INSERT INTO queue_jobs (kind, payload, due_at) VALUES ('prune', '{}', now() + interval '1 hour')")
        .await;
    let admin = house.sign_in("admin").await;
    let id = admin.get("/api/jobs?kind=prune").await.json().await["items"][0]["id"].as_i64().unwrap();
    let cancel = format!("/api/jobs/{id}/cancel");
    let operator = house.sign_in("operator").await;
    operator.post(&cancel, json!(null)).await.expect_problem("forbidden").await;

    let cancelled = admin.post(&cancel, json!(null)).await.json().await;
    assert_eq!((&cancelled["state"], &cancelled["cancel_requested"]), (&json!("cancelled"), &json!(false)));
    admin.post(&cancel, json!(null)).await.expect_problem("wrong_state").await;
    admin.post("/api/jobs/999999/cancel", json!(null)).await.expect_problem("not_found").await;
    assert_eq!(house.work().await, 0, "a cancelled job is not run");

    let audit = admin.get("/api/audit?action=job.cancel").await.json().await;
    assert_eq!(audit["total"], 1, "{audit}");
    assert_eq!(audit["items"][0]["subject"], format!("job:{id}"));
    assert_eq!(audit["items"][0]["detail"], json!({"kind": "prune"}));

    let again = admin.post(&format!("/api/jobs/{id}/retry"), json!(null)).await.json().await;
    assert_eq!(again["state"], "waiting");
    assert_eq!(house.work().await, 1);
}

#[tokio::test]
async fn a_running_job_is_told_to_stop() {
    let house = House::open().await;
    house
        .execute(
            "INSERT INTO queue_jobs (kind, payload, state, lease_id, attempts, started_at, due_at)
             VALUES ('prune', '{}', 'running', gen_random_uuid(), 1, now(), now() + interval '1 hour')",
        )
        .await;
    let admin = house.sign_in("admin").await;
    let id = admin.get("/api/jobs?state=running").await.json().await["items"][0]["id"].as_i64().unwrap();
    let told =
        admin.post(&format!("/api/jobs/{id}/cancel"), json!(null)).await.expect_status(StatusCode::OK).await;
    assert_eq!((&told["state"], &told["cancel_requested"]), (&json!("running"), &json!(true)));

    // Its worker is gone: when the lease lapses, the next one ends it instead of running it.
    house.execute("UPDATE queue_jobs SET due_at = now() - interval '1 second' WHERE state = 'running'").await;
    house.work().await;
    let ended = admin.get(&format!("/api/jobs/{id}")).await.json().await;
    assert_eq!((&ended["state"], &ended["cancel_requested"]), (&json!("cancelled"), &json!(false)));
}
