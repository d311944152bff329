//! Giving desktops the tag with their own id: from the figure of the page of costs to the tag in AWS, and back.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    harness::{Browser, House},
    operations::{ON_AUTO_STOP, approve, desktops, ended, house, propose},
};

/// Nobody else's, because tests share the sandbox.
const KEY: &str = "skydesk-own-id";

async fn tagging(browser: &Browser) -> Value {
    let it = browser.get("/api/billing/tagging").await.json().await;
    let n = |name: &str| it[name].as_i64().unwrap();
    assert_eq!(n("desktops_without"), n("proposed") + n("blocked") + n("ready"), "{it}");
    let by_account = it["accounts"].as_array().unwrap().iter();
    assert_eq!(
        by_account.map(|it| it["desktops_without"].as_i64().unwrap()).sum::<i64>(),
        n("desktops_without")
    );
    it
}

#[tokio::test]
async fn every_desktop_gets_its_own_id_and_its_former_value_back() {
    let house = house().await;
    let (operator, admin) = (house.sign_in("operator").await, house.sign_in("admin").await);
    let mut settings = admin.get("/api/admin/config").await.json().await;
    settings["cost_tag"] = json!(KEY);
    admin.put("/api/admin/config", settings).await.json().await;
    let ids = desktops(&operator, ON_AUTO_STOP, 17, 2).await;
    // One has the tag with another value already.
    let old = json!({"action": "tag", "workspace_ids": [ids[0]], "parameters": {"tags": {KEY: "old"}}});
    let old = propose(&operator, old).await;
    approve(&admin, &old["id"]).await;
    assert_eq!(ended(&house, &operator, &old["id"]).await["state"], "done");

    let before = tagging(&operator).await;
    assert_eq!((&before["key"], &before["desktops_with"]), (&json!(KEY), &json!(0)));
    assert!(
        ids.iter().all(|id| before["workspace_ids"].as_array().unwrap().contains(&json!(id))),
        "{before}"
    );
    let body = json!({"action": "tag", "workspace_ids": ids, "parameters": {"own_id_tags": [KEY]}});
    let preview = operator.post("/api/operations/preview", body.clone()).await.json().await;
    assert_eq!(preview["summary"], format!("Tag 2 desktops: {KEY}=its own id"));
    let told = |n: usize| (preview["desktops"][n]["set"].clone(), preview["desktops"][n]["before"].clone());
    assert_eq!(told(0), (json!({"tags": {KEY: ids[0]}}), json!({"tags": {KEY: "old"}})));
    assert_eq!(told(1), (json!({"tags": {KEY: ids[1]}}), json!({"remove_tags": [KEY]})));

    // What is proposed is not offered a second time.
    let proposed = propose(&operator, body).await;
    let now = tagging(&operator).await;
    assert_eq!((&now["proposed"], &now["desktops_without"]), (&json!(2), &before["desktops_without"]));
    assert_eq!(now["ready"].as_i64().unwrap(), before["ready"].as_i64().unwrap() - 2);
    assert!(!now["workspace_ids"].as_array().unwrap().contains(&json!(ids[0])));
    approve(&admin, &proposed["id"]).await;
    let done = ended(&house, &operator, &proposed["id"]).await;
    assert_eq!((&done["state"], &done["counts"]["done"]), (&json!("done"), &json!(2)), "{done}");
    let tag = async |n: usize| {
        operator.get(&format!("/api/workspaces/{}", ids[n])).await.json().await["tags"][KEY].clone()
    };
    assert_eq!((tag(0).await, tag(1).await), (json!(ids[0]), json!(ids[1])));
    let now = tagging(&operator).await;
    assert_eq!((&now["desktops_with"], &now["proposed"]), (&json!(2), &json!(0)));

    // Each goes back to what it was, which is not the same for both.
    let undo = operator.post(&format!("/api/operations/{}/undo", proposed["id"]), json!({})).await;
    let undo = undo.expect_status(StatusCode::ACCEPTED).await;
    approve(&admin, &undo["id"]).await;
    assert_eq!(ended(&house, &operator, &undo["id"]).await["state"], "done");
    assert_eq!((tag(0).await, tag(1).await), (json!("old"), Value::Null));
    let clean = json!({"action": "tag", "workspace_ids": [ids[0]], "parameters": {"remove_tags": [KEY]}});
    let clean = propose(&operator, clean).await;
    approve(&admin, &clean["id"]).await;
    assert_eq!(ended(&house, &operator, &clean["id"]).await["state"], "done");
}

#[tokio::test]
async fn what_one_operation_does_not_take_remains_and_what_cannot_be_tagged_is_not_offered() {
    let house = House::open().await;
    house.furnish(620).await;
    let operator = house.sign_in("operator").await;
    let read_only = tagging(&operator).await;
    assert_eq!((&read_only["blocked"], &read_only["ready"]), (&json!(620), &json!(0)));
    assert_eq!(read_only["accounts"][0]["can_act"], false);
    // One has it, one is gone, one was never looked at for tags, one is on its way out, one belongs to another.
    house
        .execute(
            "UPDATE accounts SET operator_role_arn = 'arn:aws:iam::111111111111:role/SkydeskOperator';
             UPDATE workspaces SET tags = jsonb_build_object('skydesk:workspace-id', id) WHERE id = 'ws-000000001';
             UPDATE workspaces SET gone_at = now() WHERE id = 'ws-000000002';
             UPDATE workspaces SET tags = NULL WHERE id = 'ws-000000003';
             UPDATE workspaces SET state = 'TERMINATING' WHERE id = 'ws-000000004';
             UPDATE workspaces SET tags = jsonb_build_object('skydesk:workspace-id', 'ws-000000001') WHERE id = 'ws-000000005'",
        )
        .await;
    let it = tagging(&operator).await;
    assert_eq!(
        (&it["desktops_with"], &it["desktops_without"], &it["blocked"], &it["ready"]),
        (&json!(1), &json!(618), &json!(2), &json!(616))
    );
    let ids = it["workspace_ids"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 500);
    // What is offered is taken as it is.
    let body = json!({"action": "tag", "workspace_ids": ids, "parameters": {"own_id_tags": ["skydesk:workspace-id"]}});
    assert_eq!(propose(&operator, body).await["counts"]["total"], 500);
    let rest = tagging(&operator).await;
    assert_eq!((&rest["proposed"], &rest["ready"]), (&json!(500), &json!(116)));
    assert_eq!(rest["workspace_ids"].as_array().unwrap().len(), 116);

    for (body, pointer) in [
        (json!({"action": "start", "parameters": {"own_id_tags": ["a"]}}), "/parameters/own_id_tags"),
        (json!({"action": "tag", "parameters": {"own_id_tags": ["aws:a"]}}), "/parameters/own_id_tags/0"),
    ] {
        let mut body = body;
        body["workspace_ids"] = json!(["ws-000000006"]);
        assert_eq!(
            operator.post("/api/operations", body).await.expect_problem("invalid_field").await,
            [pointer]
        );
    }
}
