//! What could not be told: what speaks for either, and who says how it went.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    harness::{Browser, House},
    operations::{desktops, ended, house},
};

/// A house with an operation on two desktops, of which it was not told whether it was done.
async fn unknown(house: &House, browser: &Browser, mut body: Value) -> Value {
    house.furnish(24).await;
    house
        .execute("UPDATE accounts SET operator_role_arn = 'arn:aws:iam::111111111111:role/SkydeskOperator'")
        .await;
    body["workspace_ids"] = json!(["ws-000000001", "ws-000000002"]);
    let made = browser.post("/api/operations", body).await.expect_status(StatusCode::ACCEPTED).await;
    lose(house, &made["id"]).await;
    made["id"].clone()
}

/// A worker called AWS an hour ago and could not tell how it went.
async fn lose(house: &House, id: &Value) {
    house
        .execute(&format!(
            "UPDATE operations SET state = 'unknown', began_at = now() - interval '1 hour', ended_at = now() WHERE id = {id};
             UPDATE operation_desktops SET state = 'unknown', called_at = now() - interval '1 hour', ended_at = now(),
                 message = 'Nobody knows.' WHERE operation = {id}"
        ))
        .await;
}

/// An event of CloudTrail, fifty minutes ago.
async fn event(house: &House, desktop: &str, name: &str, session: &str) {
    event_at(house, desktop, name, session, 50).await;
}

async fn event_at(house: &House, desktop: &str, name: &str, session: &str, minutes: u32) {
    house
        .execute(&format!(
            "INSERT INTO events (account, id, region, at, name, summary, actor, actor_arn, read_only, touched)
             SELECT account, 'e-' || id || '-{session}', region, now() - interval '{minutes} minutes', '{name}', '', '{session}',
                 'arn:aws:sts::111111111111:assumed-role/SkydeskOperator/{session}', false, '{{}}' FROM workspaces WHERE id = '{desktop}';
             INSERT INTO event_workspaces (account, event, workspace_id, at, read_only)
             SELECT account, 'e-' || id || '-{session}', id, now() - interval '{minutes} minutes', false FROM workspaces WHERE id = '{desktop}'"
        ))
        .await;
}

#[tokio::test]
async fn a_person_says_how_it_went_beside_what_cloudtrail_tells() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let id = unknown(&house, &operator, json!({"action": "reboot"})).await;
    let page = format!("/api/operations/{id}");
    let it = operator.get(&page).await.json().await;
    let evidence = &it["desktops"][0]["evidence"];
    assert_eq!(
        (&evidence["aws_state"], &evidence["verdict"], &evidence["events"]),
        (&json!("AVAILABLE"), &Value::Null, &json!([]))
    );
    assert!(evidence["why"].as_str().unwrap().contains("never read"), "{evidence}");

    // The first was rebooted by the operation's own call; the second by somebody who has nearly its name.
    event(&house, "ws-000000001", "RebootWorkspaces", &format!("skydesk-op{id}-operator")).await;
    event(&house, "ws-000000002", "RebootWorkspaces", &format!("skydesk-op{id}0-operator")).await;
    event(&house, "ws-000000002", "StopWorkspaces", &format!("skydesk-op{id}-operator")).await;
    let it = operator.get(&page).await.json().await;
    let told = |n: usize| it["desktops"][n]["evidence"].clone();
    assert_eq!((&told(0)["verdict"], &told(0)["events"][0]["own"]), (&json!("done"), &json!(true)), "{it}");
    assert_eq!((&told(1)["verdict"], &told(1)["events"][0]["own"]), (&Value::Null, &json!(false)), "{it}");
    assert_eq!((told(1)["events"].as_array().unwrap().len(), &it["state"]), (1, &json!("unknown")));

    let settle = format!("{page}/settle");
    let verdicts = |of: &[(&str, &str)]| {
        let of =
            of.iter().map(|(n, verdict)| json!({"workspace_id": format!("ws-{n:0>9}"), "verdict": verdict}));
        of.collect::<Vec<_>>()
    };
    let say = async |of: &[(&str, &str)], note: &str, typed: &str| {
        let body = json!({"desktops": verdicts(of), "note": note, "confirmation": typed});
        operator.post(&settle, body).await
    };
    assert_eq!(say(&[], "x", "").await.expect_problem("invalid_field").await, ["/desktops"]);
    let twice = say(&[("1", "done"), ("1", "not_done")], " ", "settle 2 desktops").await;
    assert_eq!(twice.expect_problem("invalid_field").await, ["/desktops/1/workspace_id", "/note"]);
    let other = say(&[("1", "done"), ("3", "done")], "x", "settle 2 desktops").await;
    assert_eq!(other.expect_problem("wrong_state").await, ["/desktops/1/workspace_id"]);
    let untyped = say(&[("1", "done")], "x", "settle 1 desktops").await;
    assert_eq!(untyped.expect_problem("wrong_confirmation").await, ["/confirmation"]);
    operator
        .post(&settle, json!({"desktops": [{"workspace_id": "ws-1", "verdict": "maybe"}]}))
        .await
        .expect_problem("malformed_body")
        .await;

    // One after the other; what is not settled stays unknown.
    let it = say(&[("1", "done")], "CloudTrail has it", "ws-000000001").await.json().await;
    assert_eq!(
        (&it["state"], &it["counts"]["done"], &it["counts"]["unknown"]),
        (&json!("unknown"), &json!(1), &json!(1)),
        "{it}"
    );
    let settled = &it["desktops"][0];
    assert_eq!(
        (&settled["settled"]["by"], &settled["settled"]["note"]),
        (&json!("operator"), &json!("CloudTrail has it"))
    );
    assert_eq!((&settled["message"], &settled["evidence"]), (&json!("Nobody knows."), &Value::Null));
    let ended_at = it["ended_at"].clone();
    let it = say(&[("2", "not_done")], "Its user says so", "ws-000000002").await.json().await;
    assert_eq!(
        (&it["state"], &it["desktops"][1]["state"], &it["ended_at"]),
        (&json!("partly_done"), &json!("failed"), &ended_at),
        "{it}"
    );
    assert_eq!(it["undoable"], false);
    say(&[("2", "done")], "x", "ws-000000002").await.expect_problem("wrong_state").await;

    let audit = house.sign_in("admin").await.get("/api/audit?limit=50").await.json().await;
    let acts: Vec<_> =
        audit["items"].as_array().unwrap().iter().filter(|it| it["action"] == "operation.settle").collect();
    assert_eq!(acts.len(), 2);
    assert_eq!(
        acts[1]["detail"]["desktops"],
        json!([{"workspace_id": "ws-000000001", "verdict": "done", "suggested": "done"}])
    );
    // Its job, should it come again, does nothing.
    house.work().await;
    assert_eq!(operator.get(&page).await.json().await["state"], "partly_done");
}

#[tokio::test]
async fn the_operation_s_own_call_is_seen_whatever_others_did_since() {
    let house = House::open().await;
    let operator = house.sign_in("operator").await;
    let id = unknown(&house, &operator, json!({"action": "reboot"})).await;
    event_at(&house, "ws-000000001", "RebootWorkspaces", &format!("skydesk-op{id}-operator"), 55).await;
    for n in 0..11 {
        event_at(&house, "ws-000000001", "RebootWorkspaces", &format!("somebody-{n}"), 40 - n).await;
    }
    let it = operator.get(&format!("/api/operations/{id}")).await.json().await;
    let evidence = &it["desktops"][0]["evidence"];
    assert_eq!((&evidence["verdict"], &evidence["events"][0]["own"]), (&json!("done"), &json!(true)), "{it}");
    let others: Vec<_> = evidence["events"].as_array().unwrap()[1..].iter().map(|it| &it["actor"]).collect();
    assert_eq!(others, ["somebody-10", "somebody-9", "somebody-8", "somebody-7"], "and the latest of others");
}

#[tokio::test]
async fn what_was_done_and_changes_the_bill_is_in_the_ledger_from_when_aws_was_called() {
    let house = House::open().await;
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let body = json!({"action": "set_running_mode", "parameters": {"running_mode": "ALWAYS_ON"}});
    let id = unknown(&house, &operator, body).await;
    // The first shows it since, and the second not.
    house
        .execute(
            "UPDATE workspaces SET running_mode = 'ALWAYS_ON', observed_at = now() WHERE id = 'ws-000000001';
             UPDATE workspaces SET observed_at = now() WHERE id = 'ws-000000002'",
        )
        .await;
    for desktop in ["ws-000000001", "ws-000000002"] {
        event(&house, desktop, "ModifyWorkspaceProperties", &format!("skydesk-op{id}-operator")).await;
    }
    // A sync noticed it twenty minutes after the call. Before the call, and once more after it, it was somebody else's doing.
    for (minutes, field) in
        [(90, "running_mode"), (40, "running_mode"), (10, "running_mode"), (40, "bundle_id")]
    {
        house
            .execute(&format!(
                "INSERT INTO changes (workspace_id, account, region, user_name, kind, field, old, new, observed_at)
                 SELECT id, account, region, user_name, 'changed', '{field}', 'a', 'b', now() - interval '{minutes} minutes'
                 FROM workspaces WHERE id IN ('ws-000000001', 'ws-000000002')"
            ))
            .await;
    }
    let page = format!("/api/operations/{id}");
    let it = operator.get(&page).await.json().await;
    let told = |n: usize, what: &str| it["desktops"][n]["evidence"][what].clone();
    assert_eq!((told(0, "verdict"), told(1, "verdict")), (json!("done"), Value::Null), "{it}");
    assert_eq!(told(0, "now"), json!({"running_mode": "ALWAYS_ON"}));

    // An administrator approved it, so one settles it.
    let body = json!({"desktops": [{"workspace_id": "ws-000000001", "verdict": "done"}, {"workspace_id": "ws-000000002", "verdict": "not_done"}],
        "note": "Looked at both", "confirmation": "settle 2 desktops"});
    operator.post(&format!("{page}/settle"), body.clone()).await.expect_problem("forbidden").await;
    let it = admin.post(&format!("{page}/settle"), body).await.json().await;
    assert_eq!((&it["state"], &it["undoable"]), (&json!("partly_done"), &json!(true)), "{it}");
    let changes = operator.get("/api/changes?limit=50").await.json().await;
    let own = changes["items"].as_array().unwrap().iter().filter(|it| it["operation"]["id"] == id);
    let own: Vec<_> = own.map(|it| (&it["workspace_id"], &it["field"])).collect();
    assert_eq!(
        own,
        [(&json!("ws-000000001"), &json!("running_mode"))],
        "the first since the call: {changes}"
    );
    let ledger = operator.get("/api/savings").await.json().await;
    let items = ledger["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{ledger}");
    assert_eq!(
        (&items[0]["operation_id"], &items[0]["applied_at"]),
        (&id, &it["desktops"][0]["called_at"]),
        "{ledger}"
    );
    assert_eq!(
        (&items[0]["before"]["running_mode"], &items[0]["after"]["running_mode"]),
        (&json!("AUTO_STOP"), &json!("ALWAYS_ON"))
    );

    // What was done can be taken back, and only that.
    let undo =
        operator.post(&format!("{page}/undo"), json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    let undone = undo["desktops"].as_array().unwrap();
    assert_eq!((undone.len(), &undone[0]["set"]["running_mode"]), (1, &json!("AUTO_STOP")), "{undo}");
}

#[tokio::test]
async fn the_session_of_an_operation_is_known_in_cloudtrail() {
    let house = house().await;
    let operator = house.sign_in("operator").await;
    let ids = desktops(&operator, "running_mode=ALWAYS_ON&state=AVAILABLE&sort=id", 2, 1).await;
    let begun = operator.post("/api/operations", json!({"action": "reboot", "workspace_ids": ids})).await;
    let begun = begun.expect_status(StatusCode::ACCEPTED).await;
    let id = &begun["id"];
    assert_eq!(ended(&house, &operator, id).await["state"], "done");
    // As if its end had not been seen.
    house
        .execute(&format!(
            "UPDATE operations SET state = 'unknown' WHERE id = {id}; UPDATE operation_desktops SET state = 'unknown' WHERE operation = {id}"
        ))
        .await;
    for _ in 0..20 {
        house.pass(TimeDelta::seconds(20));
        operator.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
        house.work().await;
        let it = operator.get(&format!("/api/operations/{id}")).await.json().await;
        let evidence = &it["desktops"][0]["evidence"];
        if evidence["verdict"] == "done" {
            assert_eq!(
                (&evidence["events"][0]["own"], &evidence["events"][0]["name"]),
                (&json!(true), &json!("RebootWorkspaces"))
            );
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    panic!("{}", operator.get(&format!("/api/operations/{id}")).await.json().await);
}
