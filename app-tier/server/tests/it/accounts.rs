//! Registering AWS accounts, and testing what their roles allow.

use contract::accounts::Capability;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::House;

pub(crate) fn account(n: u8, name: &str) -> Value {
    let number = n.to_string().repeat(12);
    json!({"name": name, "account_id": number, "role_arn": format!("arn:aws:iam::{number}:role/SkydeskReader"),
        "external_id": format!("skydesk-{}", name.to_lowercase()), "regions": ["eu-west-1", "us-east-1"]})
}

#[tokio::test]
async fn an_account_comes_changes_and_goes() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let made =
        admin.post("/api/accounts", account(1, "Production")).await.expect_status(StatusCode::CREATED).await;
    assert_eq!(
        admin.post("/api/accounts", account(1, "Other")).await.expect_problem("name_taken").await,
        ["/account_id"]
    );
    assert_eq!(
        admin.post("/api/accounts", account(2, "Production")).await.expect_problem("name_taken").await,
        ["/name"]
    );
    let mut wrong = account(3, "Third");
    wrong["role_arn"] = json!("arn:aws:s3:::bucket");
    wrong["regions"] = json!(["atlantis-1"]);
    assert_eq!(
        admin.post("/api/accounts", wrong).await.expect_problem("invalid_field").await,
        ["/role_arn", "/regions/0"]
    );

    let viewer = house.sign_in("viewer").await;
    let seen = viewer.get("/api/accounts").await.json().await;
    assert_eq!(
        (&seen["items"][0]["name"], &seen["items"][0]["role_arn"], &seen["items"][0]["external_id"]),
        (&json!("Production"), &Value::Null, &Value::Null)
    );

    let path = format!("/api/accounts/{}", made["id"]);
    let mut renamed = account(1, "Production");
    renamed["name"] = json!("Live");
    assert_eq!(admin.put(&path, renamed.clone()).await.json().await["version"], 2);
    let stale = reqwest::Client::new()
        .put(format!("{}{path}", house.base))
        .bearer_auth(admin.token.as_ref().unwrap())
        .header("if-match", "\"1\"")
        .json(&renamed);
    crate::harness::Answer(stale.send().await.unwrap()).expect_problem("stale").await;
    admin.send(Method::DELETE, &path, None).await.expect_status(StatusCode::NO_CONTENT).await;
    admin.get(&path).await.expect_problem("not_found").await;
}

#[tokio::test]
async fn a_test_says_what_the_role_allows() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let test = async |body: Value| {
        let made = admin.post("/api/accounts", body).await.expect_status(StatusCode::CREATED).await;
        admin.post(&format!("/api/accounts/{}/test", made["id"]), json!({})).await.json().await
    };
    let mut acting = account(1, "Production");
    acting["operator_role_arn"] = json!("arn:aws:iam::111111111111:role/SkydeskOperator");
    let allowed = test(acting).await;
    assert_eq!(allowed["operator"], json!({"assumed": true, "problem": null}), "{allowed}");
    assert_eq!(allowed["assumed"], true, "{allowed}");
    assert_eq!(allowed["checks"].as_array().unwrap().len(), 2 * Capability::ALL.len());
    assert!(allowed["checks"].as_array().unwrap().iter().all(|it| it["allowed"] == true), "{allowed}");

    let partly = test(account(2, "Development")).await;
    let denied: Vec<_> =
        partly["checks"].as_array().unwrap().iter().filter(|it| it["allowed"] == false).collect();
    assert_eq!(denied.len(), 1, "{partly}");
    assert_eq!(partly["operator"], Value::Null, "it may be read only");
    assert_eq!(
        (&denied[0]["region"], &denied[0]["capability"], &denied[0]["denied_action"]),
        (&json!("us-east-1"), &json!("tags"), &json!("tag:GetResources"))
    );

    let refused = test(account(3, "Acquisition")).await;
    assert_eq!(refused["assumed"], false);
    assert!(refused["problem"].as_str().unwrap().contains("sts:AssumeRole"), "{refused}");
}
