//! What is asked for of desktops and never done: refused, withdrawn, rejected, expired, overtaken. No AWS is needed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{harness::House, operations::propose};

#[tokio::test]
async fn what_aws_would_not_take_is_refused_before() {
    let house = House::open().await;
    house.furnish(24).await;
    let operator = house.sign_in("operator").await;
    let ask = async |body: Value| operator.post("/api/operations", body).await;
    let id = |n: usize| format!("ws-{n:09}");
    // It may be read, and not acted on.
    let start = json!({"action": "start", "workspace_ids": [id(3)]});
    assert_eq!(ask(start.clone()).await.expect_problem("no_operator_role").await, ["/workspace_ids/0"]);
    let told = operator.post("/api/operations/preview", start).await.json().await;
    assert!(told["desktops"][0]["problem"].as_str().unwrap().contains("Production"), "{told}");
    house
        .execute("UPDATE accounts SET operator_role_arn = 'arn:aws:iam::111111111111:role/SkydeskOperator'")
        .await;

    // 3 is stopped, 4 in AlwaysOn, 2 available.
    for (body, code, pointers) in [
        (
            json!({"action": "stop", "workspace_ids": [id(2), id(3), id(4)]}),
            "wrong_state",
            vec!["/workspace_ids/1", "/workspace_ids/2"],
        ),
        (json!({"action": "reboot", "workspace_ids": [id(3)]}), "wrong_state", vec!["/workspace_ids/0"]),
        (
            json!({"action": "set_timeout", "workspace_ids": [id(4)], "parameters": {"auto_stop_minutes": 120}}),
            "wrong_state",
            vec!["/workspace_ids/0"],
        ),
        (
            json!({"action": "set_timeout", "workspace_ids": [id(2)], "parameters": {"auto_stop_minutes": 90}}),
            "invalid_field",
            vec!["/parameters/auto_stop_minutes"],
        ),
        (
            json!({"action": "set_compute_type", "workspace_ids": [id(2)], "parameters": {"compute_type": "STANDARD"}}),
            "wrong_state",
            vec!["/workspace_ids/0"],
        ),
        (
            json!({"action": "reboot", "workspace_ids": [id(2), "ws-none", id(2)]}),
            "invalid_field",
            vec!["/workspace_ids/1", "/workspace_ids/2"],
        ),
        (json!({"action": "reboot", "workspace_ids": []}), "invalid_field", vec!["/workspace_ids"]),
        (json!({"workspace_ids": [id(2)]}), "invalid_field", vec!["/action"]),
        (
            json!({"action": "tag", "workspace_ids": [id(2)], "parameters": {"tags": {"aws:x": "y"}}}),
            "invalid_field",
            vec!["/parameters/tags/aws:x"],
        ),
    ] {
        assert_eq!(ask(body.clone()).await.expect_problem(code).await, pointers, "{body}");
    }
    ask(json!({"action": "explode", "workspace_ids": [id(2)]})).await.expect_problem("malformed_body").await;
    ask(json!({"recommendation_id": 99})).await.expect_problem("not_found").await;
    assert_eq!(operator.get("/api/operations").await.json().await["total"], 0);
}

#[tokio::test]
async fn a_proposal_is_withdrawn_rejected_expires_or_is_overtaken() {
    let house = House::open().await;
    house.furnish(40).await;
    house
        .execute(
            "UPDATE accounts SET operator_role_arn = 'arn:aws:iam::111111111111:role/SkydeskOperator';
        UPDATE workspaces SET auto_stop_minutes = 60 WHERE running_mode = 'AUTO_STOP'",
        )
        .await;
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let body = |n: usize| json!({"action": "set_timeout", "workspace_ids": [format!("ws-{n:09}")], "parameters": {"auto_stop_minutes": 120}});
    let act = |id: &Value, what: &str| format!("/api/operations/{id}/{what}");

    let withdrawn = propose(&operator, body(1)).await;
    let cancelled = operator.post(&act(&withdrawn["id"], "cancel"), json!({})).await.json().await;
    assert_eq!(
        (&cancelled["state"], &cancelled["desktops"][0]["state"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    operator.post(&act(&withdrawn["id"], "cancel"), json!({})).await.expect_problem("wrong_state").await;

    let theirs = propose(&admin, body(1)).await;
    operator.post(&act(&theirs["id"], "cancel"), json!({})).await.expect_problem("forbidden").await;
    let rejected = admin.post(&act(&theirs["id"], "reject"), json!({"note": "Not now"})).await.json().await;
    assert_eq!((&rejected["state"], &rejected["decision_note"]), (&json!("rejected"), &json!("Not now")));
    admin.post(&act(&theirs["id"], "approve"), json!({})).await.expect_problem("wrong_state").await;

    // Somebody else changed it between proposal and approval.
    let overtaken = propose(&operator, body(2)).await;
    house.execute("UPDATE workspaces SET auto_stop_minutes = 180 WHERE id = 'ws-000000002'").await;
    assert_eq!(
        admin.post(&act(&overtaken["id"], "approve"), json!({})).await.expect_problem("stale").await,
        ["/workspace_ids/0"]
    );
    house
        .execute("UPDATE workspaces SET state = 'ERROR', auto_stop_minutes = 60 WHERE id = 'ws-000000002'")
        .await;
    admin.post(&act(&overtaken["id"], "approve"), json!({})).await.expect_problem("wrong_state").await;

    let forgotten = propose(&operator, body(3)).await;
    house.pass(TimeDelta::days(15));
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    admin.post(&act(&forgotten["id"], "approve"), json!({})).await.expect_problem("wrong_state").await;
    assert_eq!(operator.get("/api/operations?state=expired").await.json().await["total"], 2);

    // Lists page, filter, and name what they do not understand.
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = operator.get(&format!("/api/operations?limit=1{cursor}")).await.json().await;
        assert_eq!(page["total"], 4);
        seen.extend(page["items"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(seen.len() == 4 && seen.is_sorted_by(|a, b| a > b), "{seen:?}");
    let of = operator
        .get("/api/operations?workspace_id=ws-000000001&proposed_by=operator&open=false&action=set_timeout")
        .await;
    assert_eq!(of.json().await["items"][0]["id"], withdrawn["id"]);
    let wrong =
        operator.get("/api/operations?state=x&action=y&open=z").await.expect_problem("invalid_query").await;
    assert_eq!(wrong, ["state", "action", "open"]);
}

#[tokio::test]
async fn a_recommendation_becomes_a_proposal_once() {
    let house = House::open().await;
    house.furnish(4).await;
    house.execute("UPDATE accounts SET operator_role_arn = 'arn:aws:iam::111111111111:role/SkydeskOperator';
        INSERT INTO recommendations (workspace_id, action, why, saves_p50, saves_p90, currency, saves_until, confidence, estimated,
            usage_from, usage_until, days_known, days_missing, prices, made_at)
        VALUES ('ws-000000001', 'to_always_on', 'Because.', 12340000000, 1000000000, 'USD', current_date + 20, 90, false,
            current_date - 60, current_date, 60, 0, 'listed', now())").await;
    let operator = house.sign_in("operator").await;
    let advice = operator.get("/api/recommendations").await.json().await["items"][0].clone();
    assert!(advice["operation_id"].is_null(), "{advice}");
    let proposed = propose(&operator, json!({"recommendation_id": advice["id"]})).await;
    assert_eq!(
        (
            &proposed["action"],
            &proposed["parameters"],
            &proposed["workspace_id"],
            &proposed["predicted"]["saves_p50"]
        ),
        (
            &json!("set_running_mode"),
            &json!({"running_mode": "ALWAYS_ON"}),
            &json!("ws-000000001"),
            &advice["saves_p50"]
        )
    );
    let advice = operator.get("/api/recommendations").await.json().await["items"][0].clone();
    assert_eq!(advice["operation_id"], proposed["id"]);
    let again = json!({"recommendation_id": advice["id"]});
    operator.post("/api/operations", again).await.expect_problem("wrong_state").await;
    operator.post(&format!("/api/operations/{}/cancel", proposed["id"]), json!({})).await.json().await;
    assert!(operator.get("/api/recommendations").await.json().await["items"][0]["operation_id"].is_null());
}
