//! Acting on desktops of the sandbox: proposed, decided, done, and told in the end.
//!
//! Each test acts on desktops of its own, by their place in the list, because all share one sandbox.

use std::time::Duration;

use app::{operations::RunOperation, recommendations::Advise};
use chrono::TimeDelta;
use contract::{auth::Role, ids::OperationId};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{
    accounts::account,
    harness::{Browser, House, PASSWORD, setting},
};

const REGION: &str = "eu-west-1";

/// A house that knows the desktops of Production in one region, and may act there.
pub(crate) async fn house() -> House {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let mut production = account(1, "Production");
    production["regions"] = json!([REGION]);
    production["operator_role_arn"] = json!("arn:aws:iam::111111111111:role/SkydeskOperator");
    let made = admin.post("/api/accounts", production).await.expect_status(StatusCode::CREATED).await;
    assert_eq!(made["can_act"], true);
    admin.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    house
}

/// Another administrator.
async fn deputy(house: &House) -> Browser {
    let new = json!({"username": "deputy", "email": "", "password": PASSWORD, "role": Role::Admin});
    house.sign_in("admin").await.post("/api/users", new).await.expect_status(StatusCode::CREATED).await;
    let change = json!({"current": PASSWORD, "new": format!("{PASSWORD} deputy")});
    let first = house.sign_in("deputy").await;
    first.put("/api/auth/password", change).await.expect_status(StatusCode::NO_CONTENT).await;
    house.sign_in("deputy").await
}

/// Desktops that have stopped. At noon on a working day these are a third of those on AutoStop, so that only what has to be
/// stopped is chosen among them, and many are taken from the end of the list.
const STOPPED: &str = "running_mode=AUTO_STOP&state=STOPPED&sort=id";
const LAST_STOPPED: &str = "running_mode=AUTO_STOP&state=STOPPED&sort=-id";
/// Whether somebody works or not.
pub(crate) const ON_AUTO_STOP: &str = "running_mode=AUTO_STOP&state=STOPPED&state=AVAILABLE&sort=id";

/// Ids of desktops, `n` after the first `skip` of the list.
pub(crate) async fn desktops(browser: &Browser, query: &str, skip: usize, n: usize) -> Vec<String> {
    let page = browser.get(&format!("/api/workspaces?{query}&limit=200")).await.json().await;
    let ids = page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
    let ids: Vec<_> = ids.skip(skip).take(n).collect();
    assert_eq!(ids.len(), n, "{query}");
    ids
}

/// Works until the operation has ended.
pub(crate) async fn ended(house: &House, browser: &Browser, id: &Value) -> Value {
    for _ in 0..180 {
        house.work().await;
        let it = browser.get(&format!("/api/operations/{id}")).await.json().await;
        if !matches!(it["state"].as_str().unwrap(), "proposed" | "queued" | "running") {
            return it;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("{}", browser.get(&format!("/api/operations/{id}")).await.json().await);
}

pub(crate) async fn propose(browser: &Browser, body: Value) -> Value {
    let it = browser.post("/api/operations", body).await.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(it["state"], "proposed", "{it}");
    it
}

pub(crate) async fn approve(browser: &Browser, id: &Value) -> Value {
    let path = format!("/api/operations/{id}/approve");
    browser.post(&path, json!({})).await.expect_status(StatusCode::ACCEPTED).await
}

/// How often the sandbox was called for an operation in the place of these tests.
async fn calls(operation: &str) -> u64 {
    let told =
        Client::new().get(format!("{}/_sandbox/calls", setting("SKYDESK_TEST_AWS_ENDPOINT"))).send().await;
    let told: Value = told.unwrap().json().await.unwrap();
    let counted = told["calls"].as_array().unwrap().iter();
    counted
        .filter(|it| it["operation"] == operation && it["region"] == REGION)
        .map(|it| it["calls"].as_u64().unwrap())
        .sum()
}

async fn fault(body: Value) -> String {
    let sent = Client::new()
        .post(format!("{}/_sandbox/faults", setting("SKYDESK_TEST_AWS_ENDPOINT")))
        .json(&body)
        .send();
    let put: Value = sent.await.unwrap().error_for_status().unwrap().json().await.unwrap();
    put["items"][0]["id"].to_string().replace('"', "")
}

async fn calm(fault: &str) {
    let url = format!("{}/_sandbox/faults/{fault}", setting("SKYDESK_TEST_AWS_ENDPOINT"));
    Client::new().delete(url).send().await.unwrap().error_for_status().unwrap();
}

#[tokio::test]
async fn a_proposal_goes_by_another_to_the_desktop_to_the_ledger_and_back() {
    let house = house().await;
    // The ledger keeps the prices of the day.
    house.enqueue(&Advise {}).await;
    house.work().await;
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let id = desktops(&operator, STOPPED, 0, 1).await.remove(0);
    let body = json!({"action": "set_running_mode", "workspace_ids": [id], "parameters": {"running_mode": "ALWAYS_ON"}, "reason": "Busy month"});

    // The preview shows the same steps, and writes nothing.
    let preview = operator.post("/api/operations/preview", body.clone()).await.json().await;
    assert_eq!(
        (&preview["needs_approval"], &preview["problems"], &preview["undoable"]),
        (&json!(true), &json!(0), &json!(true))
    );
    assert_eq!(preview["desktops"][0]["before"]["running_mode"], "AUTO_STOP", "{preview}");
    assert_eq!(operator.get("/api/operations").await.json().await["total"], 0);
    let proposed = propose(&operator, body).await;
    assert_eq!(proposed["steps"], preview["steps"]);
    let number = &proposed["id"];

    // Who proposes does not decide; who decides is not asked who he is twice.
    let path = format!("/api/operations/{number}/approve");
    operator.post(&path, json!({})).await.expect_problem("forbidden").await;
    assert_eq!(approve(&admin, number).await["state"], "queued");
    admin.post(&path, json!({})).await.expect_problem("wrong_state").await;
    let done = ended(&house, &operator, number).await;
    assert_eq!(
        (&done["state"], &done["decided_by"], &done["counts"]["done"]),
        (&json!("done"), &json!("admin"), &json!(1)),
        "{done}"
    );
    assert!(done["steps"].as_array().unwrap().iter().all(|it| it["state"] == "done"), "{done}");

    // The desktop, the feed and the log say so.
    let seen = operator.get(&format!("/api/workspaces/{id}")).await.json().await;
    assert_eq!(seen["running_mode"], "ALWAYS_ON");
    let change = &seen["changes"][0];
    let mine =
        seen["changes"].as_array().unwrap().iter().find(|it| it["field"] == "running_mode").unwrap_or(change);
    assert_eq!(mine["operation"], json!({"id": number, "proposed_by": "operator"}), "{change}");
    let audit = admin.get("/api/audit?limit=50").await.json().await;
    let acts: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["subject"] == format!("operation:{number}"))
        .collect();
    let told: Vec<_> =
        acts.iter().map(|it| (it["action"].as_str().unwrap(), it["actor"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [("operation.end", "system"), ("operation.approve", "admin"), ("operation.propose", "operator")]
    );

    // Its job again: nothing is done again.
    let before = calls("ModifyWorkspaceProperties").await;
    house.enqueue(&RunOperation { operation: OperationId(number.as_i64().unwrap()) }).await;
    house.work().await;
    assert_eq!(operator.get(&format!("/api/operations/{number}")).await.json().await, done);
    assert_eq!(calls("ModifyWorkspaceProperties").await, before);

    // Today nobody can tell what it saved; in some weeks, with usage, one can.
    let ledger = operator.get("/api/savings").await.json().await;
    let item = &ledger["items"][0];
    assert_eq!(
        (&item["operation_id"], &item["realised"], &item["source"]),
        (number, &Value::Null, &json!("modelled")),
        "{ledger}"
    );
    assert!(item["untold"].as_str().unwrap().contains("today"), "{item}");
    house
        .execute(&format!(
            "DELETE FROM usage_connections WHERE workspace_id = '{id}'; DELETE FROM usage_gaps WHERE workspace_id = '{id}';
             INSERT INTO usage_marks VALUES ('{id}', date_trunc('day', now()) - interval '90 days', date_trunc('day', now()) + interval '70 days')
                 ON CONFLICT (workspace_id) DO UPDATE SET observed_from = excluded.observed_from, observed_until = excluded.observed_until;
             INSERT INTO usage_connections SELECT '{id}', date_trunc('day', now()) + n * interval '1 day' + interval '8 hours',
                 date_trunc('day', now()) + n * interval '1 day' + interval '17 hours' FROM generate_series(0, 69) n"
        ))
        .await;
    house.pass(TimeDelta::days(70));
    let operator = house.sign_in("operator").await;
    let admin = house.sign_in("admin").await;
    let ledger = operator.get("/api/savings").await.json().await;
    let item = &ledger["items"][0];
    assert!(item["untold"].is_null() && item["days_missing"] == 0, "{item}");
    let realised: f64 = item["realised"].as_str().unwrap().parse().unwrap();
    assert!(realised > 20.0, "ten hours a day, 70 days: {ledger}");
    let months = ledger["months"].as_array().unwrap();
    assert!(months.len() >= 3 && months[0]["so_far"] == true && months[1]["so_far"] == false, "{ledger}");
    let sum: f64 = months.iter().map(|it| it["realised"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    assert!((sum - realised).abs() < 1e-6, "{ledger}");
    assert_eq!(
        (&ledger["total"][0]["realised"], &ledger["total"][0]["changes"]),
        (&item["realised"], &json!(1))
    );

    // And back: proposed, approved, done, and the ledger stops counting there.
    let undo = operator.post(&format!("/api/operations/{number}/undo"), json!({})).await;
    let undo = undo.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(
        (&undo["undo_of"], &undo["parameters"]["running_mode"]),
        (number, &json!("AUTO_STOP")),
        "{undo}"
    );
    operator
        .post(&format!("/api/operations/{number}/undo"), json!({}))
        .await
        .expect_problem("wrong_state")
        .await;
    approve(&admin, &undo["id"]).await;
    assert_eq!(ended(&house, &operator, &undo["id"]).await["state"], "done");
    let back = operator.get(&format!("/api/workspaces/{id}")).await.json().await;
    assert_eq!(
        (&back["running_mode"], &back["auto_stop_minutes"]),
        (&json!("AUTO_STOP"), &seen_minutes(&preview))
    );
    let first = operator.get(&format!("/api/operations/{number}")).await.json().await;
    assert_eq!((&first["undone_by"], &first["undoable"]), (&undo["id"], &json!(false)));
    let ledger = operator.get("/api/savings").await.json().await;
    assert!(ledger["items"][1]["counts_until"].is_string(), "{ledger}");
}

fn seen_minutes(preview: &Value) -> Value {
    preview["desktops"][0]["before"]["auto_stop_minutes"].clone()
}

#[tokio::test]
async fn a_termination_takes_two_people_and_the_typed_id() {
    let house = house().await;
    let (admin, deputy) = (house.sign_in("admin").await, deputy(&house).await);
    let id = desktops(&admin, STOPPED, 1, 1).await.remove(0);
    let mut body = json!({"action": "terminate", "workspace_ids": [id]});
    let preview = admin.post("/api/operations/preview", body.clone()).await.json().await;
    assert_eq!((&preview["confirmation"], &preview["needs_another_person"]), (&json!(id), &json!(true)));
    for typed in [Value::Null, json!("ws-other"), json!("terminate")] {
        body["confirmation"] = typed;
        let pointers =
            admin.post("/api/operations", body.clone()).await.expect_problem("wrong_confirmation").await;
        assert_eq!(pointers, ["/confirmation"]);
    }
    body["confirmation"] = json!(id);
    let proposed = propose(&admin, body).await;
    let path = format!("/api/operations/{}/approve", proposed["id"]);
    let typed = json!({"confirmation": id, "note": "He left"});
    admin.post(&path, typed.clone()).await.expect_problem("own_proposal").await;
    deputy.post(&path, json!({})).await.expect_problem("wrong_confirmation").await;
    deputy.post(&path, typed).await.expect_status(StatusCode::ACCEPTED).await;
    let done = ended(&house, &admin, &proposed["id"]).await;
    assert_eq!((&done["state"], &done["decision_note"]), (&json!("done"), &json!("He left")), "{done}");
    let gone = admin.get(&format!("/api/workspaces/{id}")).await.json().await;
    assert!(gone["gone_at"].is_string(), "{gone}");
    assert_eq!(
        (&gone["changes"][0]["kind"], &gone["changes"][0]["operation"]["id"]),
        (&json!("gone"), &proposed["id"])
    );
    admin
        .post(&format!("/api/operations/{}/undo", proposed["id"]), json!({}))
        .await
        .expect_problem("wrong_state")
        .await;
}

#[tokio::test]
async fn twenty_six_desktops_are_two_calls_and_each_has_an_outcome_of_its_own() {
    let house = house().await;
    let operator = house.sign_in("operator").await;
    let mut ids = desktops(&operator, LAST_STOPPED, 0, 26).await;
    ids.sort();
    // AWS does not know one of them when it is to start it.
    let lost = fault(json!({"kind": "drop", "operation": "StartWorkspaces", "ids": [ids[3]]})).await;
    let before = calls("StartWorkspaces").await;
    let body = json!({"action": "start", "workspace_ids": ids});
    let begun = operator.post("/api/operations", body).await.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(
        (&begun["state"], &begun["steps"][1]["desktops"], &begun["steps"][2]["desktops"]),
        (&json!("queued"), &json!(25), &json!(1))
    );
    // No second operation on the same desktop meanwhile.
    let twice = json!({"action": "start", "workspace_ids": [ids[0]]});
    assert_eq!(
        operator.post("/api/operations", twice).await.expect_problem("wrong_state").await,
        ["/workspace_ids/0"]
    );
    let done = ended(&house, &operator, &begun["id"]).await;
    calm(&lost).await;
    assert_eq!(calls("StartWorkspaces").await - before, 2, "{done}");
    // People start theirs themselves at any time, which is as good.
    assert_eq!(
        (&done["state"], &done["counts"]["done"], &done["counts"]["failed"]),
        (&json!("partly_done"), &json!(25), &json!(1)),
        "{done}"
    );
    let failed = &done["desktops"][3];
    assert_eq!(
        (&failed["state"], &failed["code"]),
        (&json!("failed"), &json!("ResourceNotFound.Workspace")),
        "{failed}"
    );
    assert!(failed["message"].as_str().unwrap().contains(&ids[3]), "{failed}");
}

#[tokio::test]
async fn the_worker_looks_at_aws_itself() {
    let house = house().await;
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let ids = desktops(&operator, ON_AUTO_STOP, 12, 2).await;
    // Skydesk believes what is not so.
    house.execute(&format!("UPDATE workspaces SET auto_stop_minutes = 2880 WHERE id = '{}'", ids[0])).await;
    let body = json!({"action": "set_timeout", "workspace_ids": [ids[0]], "parameters": {"auto_stop_minutes": 1440}});
    let proposed = propose(&operator, body).await;
    approve(&admin, &proposed["id"]).await;
    let failed = ended(&house, &operator, &proposed["id"]).await;
    assert_eq!(
        (&failed["state"], &failed["desktops"][0]["state"]),
        (&json!("failed"), &json!("refused")),
        "{failed}"
    );
    assert!(failed["desktops"][0]["message"].as_str().unwrap().contains("changed since"), "{failed}");

    // Tags are set, seen, and taken back with what was there before.
    let body =
        json!({"action": "tag", "workspace_ids": [ids[1]], "parameters": {"tags": {"skydesk-test": "yes"}}});
    let proposed = propose(&operator, body).await;
    approve(&admin, &proposed["id"]).await;
    assert_eq!(ended(&house, &operator, &proposed["id"]).await["state"], "done");
    let tags = async || {
        operator.get(&format!("/api/workspaces/{}", ids[1])).await.json().await["tags"]["skydesk-test"]
            .clone()
    };
    assert_eq!(tags().await, "yes");
    let undo = operator.post(&format!("/api/operations/{}/undo", proposed["id"]), json!({})).await;
    let undo = undo.expect_status(StatusCode::ACCEPTED).await;
    assert_eq!(undo["desktops"][0]["set"], json!({"remove_tags": ["skydesk-test"]}), "{undo}");
    approve(&admin, &undo["id"]).await;
    assert_eq!(ended(&house, &operator, &undo["id"]).await["state"], "done");
    assert_eq!(tags().await, Value::Null);
}

#[tokio::test]
async fn what_a_dead_worker_left_is_looked_into_and_never_done_twice() {
    let house = house().await;
    let operator = house.sign_in("operator").await;
    let ids = desktops(&operator, "running_mode=ALWAYS_ON&state=AVAILABLE&sort=id", 0, 2).await;
    let begun = operator.post("/api/operations", json!({"action": "reboot", "workspace_ids": ids})).await;
    let begun = begun.expect_status(StatusCode::ACCEPTED).await;
    let number = &begun["id"];
    // It had written down that it would call AWS for both.
    house
        .execute(&format!(
            "UPDATE operations SET state = 'running', began_at = now() WHERE id = {number};
             UPDATE operation_desktops SET state = 'calling', called_at = now(), state_before = 'AVAILABLE' WHERE operation = {number}"
        ))
        .await;
    let before = calls("RebootWorkspaces").await;
    house.work().await;
    let waits = operator.get(&format!("/api/operations/{number}")).await.json().await;
    assert_eq!((&waits["state"], &waits["counts"]["under_way"]), (&json!("running"), &json!(2)), "{waits}");
    // A job of an operation is not cancelled behind its back.
    let admin = house.sign_in("admin").await;
    admin
        .post(&format!("/api/jobs/{}/cancel", begun["job_id"]), json!({}))
        .await
        .expect_problem("wrong_state")
        .await;
    house.pass(TimeDelta::seconds(100));
    let done = ended(&house, &operator, number).await;
    assert_eq!((&done["state"], &done["counts"]["unknown"]), (&json!("unknown"), &json!(2)), "{done}");
    assert!(done["desktops"][0]["message"].as_str().unwrap().contains("not done a second time"), "{done}");
    assert_eq!(calls("RebootWorkspaces").await, before);
}
