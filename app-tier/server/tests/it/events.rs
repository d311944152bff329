//! Who did what: from CloudTrail of the sandbox to the change feed.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::{
    accounts::account,
    harness::{Browser, House, setting},
};

const REGION: &str = "us-east-1";

/// Somebody who works in the account with a role of his own.
struct Colleague {
    key: String,
    token: String,
}

impl Colleague {
    /// Takes on the operators' role and says who he is.
    async fn of_production(name: &str) -> Self {
        let asked = format!(
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111111111111:role/SkydeskOperator\
             &RoleSessionName=botocore-session-1&ExternalId=skydesk-production&SourceIdentity={name}"
        );
        let sent = Client::new()
            .post(setting("SKYDESK_TEST_AWS_ENDPOINT"))
            .header("authorization", authorization("AKIATOOLING", "sts"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(asked);
        let told = sent.send().await.unwrap().error_for_status().unwrap().text().await.unwrap();
        let member = |name: &str| {
            let (_, rest) = told.split_once(&format!("<{name}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        Self { key: member("AccessKeyId"), token: member("SessionToken") }
    }

    async fn calls(&self, service: &str, target: &str, parameters: Value) -> Value {
        let sent = Client::new()
            .post(setting("SKYDESK_TEST_AWS_ENDPOINT"))
            .header("authorization", authorization(&self.key, service))
            .header("x-amz-security-token", &self.token)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1")
            .body(parameters.to_string());
        let answer = sent.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{target}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The ids of all events about desktops that CloudTrail has and that changed something.
    async fn deeds(&self) -> BTreeSet<String> {
        let mut asked = json!({"LookupAttributes": [{"AttributeKey": "EventSource", "AttributeValue": "workspaces.amazonaws.com"}]});
        let mut deeds = BTreeSet::new();
        loop {
            let page = self.calls("cloudtrail", "CloudTrail_20131101.LookupEvents", asked.clone()).await;
            let events = page["Events"].as_array().unwrap().iter().filter(|it| it["ReadOnly"] == "false");
            deeds.extend(events.map(|it| it["EventId"].as_str().unwrap().to_owned()));
            match page["NextToken"].as_str() {
                Some(token) => asked["NextToken"] = json!(token),
                None => return deeds,
            }
        }
    }
}

/// The sandbox believes what a signature says.
fn authorization(key: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261121/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=00"
    )
}

async fn sync(house: &House, operator: &Browser) {
    operator.post("/api/admin/sync", json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    house.enqueue(&app::syncs::ScheduleEvents {}).await;
    house.work().await;
}

/// The ids of all events that changed something, as the list has them page by page.
async fn listed(operator: &Browser) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = operator.get(&format!("/api/events?limit=200&cursor={cursor}")).await.json().await;
        ids.extend(page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => {
                assert_eq!(page["total"], ids.len());
                return ids;
            }
        }
    }
}

#[tokio::test]
async fn what_a_colleague_does_shows_up_as_his_event_and_beside_the_change() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let mut production = account(1, "Production");
    production["regions"] = json!([REGION]);
    admin.post("/api/accounts", production).await.expect_status(StatusCode::CREATED).await;
    let operator = house.sign_in("operator").await;
    let colleague = Colleague::of_production("ada.byron").await;

    // The first look reads all that AWS has, each event once.
    let past = colleague.deeds().await;
    sync(&house, &operator).await;
    let first = listed(&operator).await;
    let ids: BTreeSet<String> = first.iter().cloned().collect();
    // Some days may have left CloudTrail's 90 meanwhile, and others tests' deeds may have come.
    assert!(
        !ids.is_empty() && past.difference(&ids).count() <= past.len() / 50,
        "{} of {}",
        ids.len(),
        past.len()
    );
    let state = async || {
        let overview = operator.get("/api/overview").await.json().await;
        let freshness = overview["freshness"].as_array().unwrap().clone();
        freshness.into_iter().find(|it| it["capability"] == "events").unwrap()
    };
    assert_eq!(state().await["state"], "ok", "{}", state().await);

    // A desktop changes its mode.
    let query = format!("/api/workspaces?running_mode=AUTO_STOP&state=STOPPED&region={REGION}&limit=1");
    let desktop = operator.get(&query).await.json().await["items"][0].clone();
    let id = desktop["id"].as_str().unwrap();
    let wanted = json!({"WorkspaceId": id, "WorkspaceProperties": {"RunningMode": "ALWAYS_ON"}});
    colleague.calls("workspaces", "WorkspacesService.ModifyWorkspaceProperties", wanted).await;
    let feed = format!("/api/changes?workspace_id={id}&field=running_mode");
    let mut change = Value::Null;
    // The change is there at once, and who made it as soon as CloudTrail delivers.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        house.pass(TimeDelta::seconds(2));
        sync(&house, &operator).await;
        change = operator.get(&feed).await.json().await["items"][0].clone();
        assert_eq!((&change["old"], &change["new"]), (&json!("AUTO_STOP"), &json!("ALWAYS_ON")));
        if change["by"].is_object() {
            break;
        }
    }
    assert_eq!(change["by"]["actor"], "ada.byron", "{change}");

    let events = operator.get(&format!("/api/workspaces/{id}/events")).await.json().await;
    let event = &events["items"][0];
    assert_eq!(event["id"], change["by"]["event_id"]);
    assert_eq!(
        (&event["name"], &event["summary"], &event["source_identity"], &event["user_name"]),
        (
            &json!("ModifyWorkspaceProperties"),
            &json!("set running mode ALWAYS_ON"),
            &json!("ada.byron"),
            &desktop["user_name"]
        )
    );
    assert_eq!(operator.get("/api/events?actor=ada.byron").await.json().await["items"][0], *event);
    let actions = operator.get(&format!("/api/events/actions?workspace_id={id}")).await.json().await;
    assert_eq!(
        (&actions["items"][0]["actor"], &actions["items"][0]["event_ids"]),
        (&json!("ada.byron"), &json!([event["id"]]))
    );
    let asked = json!({"question": "How many events by actor in the last 7 days?"});
    let answer = operator.post("/api/ai/query", asked).await.json().await;
    assert_eq!(answer["read_by"], "rules", "{answer}");

    // What is read again is there once.
    let before = listed(&operator).await;
    assert_eq!(before.iter().filter(|it| **it == *event["id"].as_str().unwrap()).count(), 1);
    for _ in 0..2 {
        house.pass(TimeDelta::seconds(1));
        sync(&house, &operator).await;
    }
    let after = listed(&operator).await;
    let counted: BTreeSet<&String> = after.iter().filter(|it| before.contains(it)).collect();
    assert_eq!(counted.len(), before.iter().collect::<BTreeSet<_>>().len());
    assert_eq!(after.iter().filter(|it| before.contains(it)).count(), before.len(), "nothing doubles");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_named() {
    let house = House::open().await;
    house.furnish(3).await;
    let viewer = house.sign_in("viewer").await;
    viewer.get("/api/workspaces/ws-none/events").await.expect_problem("not_found").await;
    let twice = "/api/workspaces/ws-000000001/events?not_workspace_id=ws-000000002";
    assert_eq!(viewer.get(twice).await.expect_problem("invalid_query").await, ["workspace_id"]);
    assert_eq!(
        viewer.get("/api/events?gone=true&min_at=x").await.expect_problem("invalid_query").await.len(),
        1
    );
    let backwards = "/api/events/actions?from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z";
    assert_eq!(viewer.get(backwards).await.expect_problem("invalid_field").await, ["/from"]);
    let empty = viewer.get("/api/workspaces/ws-000000001/events").await.json().await;
    assert_eq!((&empty["total"], &empty["items"]), (&json!(0), &json!([])));
}
