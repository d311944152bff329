//! Administrators managing users.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{House, PASSWORD};

#[tokio::test]
async fn a_user_comes_changes_and_goes() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let new = json!({"username": "ada", "email": "ada@example.com", "password": PASSWORD, "role": "viewer"});
    let user = admin.post("/api/users", new.clone()).await.expect_status(StatusCode::CREATED).await;
    assert!(user.get("password").is_none() && user.get("password_hash").is_none());
    assert_eq!(
        admin
            .post("/api/users", json!({"username": "ADA", "password": PASSWORD, "role": "viewer"}))
            .await
            .expect_problem("name_taken")
            .await,
        ["/username"]
    );

    // Who made the user knows the password: nothing works before it is changed.
    let ada = house.sign_in("ada").await;
    ada.get("/api/overview").await.expect_problem("password_change_required").await;

    let path = format!("/api/users/{}", user["id"]);
    let changed = admin.put(&path, json!({"role": "operator"})).await.json().await;
    assert_eq!((&changed["role"], &changed["email"]), (&json!("operator"), &json!("ada@example.com")));
    admin.put(&path, json!({})).await.json().await;
    admin.put(&path, json!({"disabled": true})).await.json().await;
    ada.get("/api/auth/me").await.expect_problem("unauthenticated").await;
    admin.send(Method::DELETE, &path, None).await.expect_status(StatusCode::NO_CONTENT).await;
    admin.get(&path).await.expect_problem("not_found").await;

    let audit = admin.get("/api/audit?action=user.").await.json().await;
    let actions: Vec<_> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(actions[..4], ["user.delete", "user.update", "user.update", "user.update"]);
    assert!(!audit.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let me = admin.get("/api/auth/me").await.json().await;
    let path = format!("/api/users/{}", me["id"]);
    admin.put(&path, json!({"role": "viewer"})).await.expect_problem("last_admin").await;
    admin.put(&path, json!({"disabled": true})).await.expect_problem("last_admin").await;
    admin.send(Method::DELETE, &path, None).await.expect_problem("last_admin").await;
}

#[tokio::test]
async fn every_wrong_body_is_named() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let post = |body: serde_json::Value| admin.post("/api/users", body);
    assert_eq!(
        post(json!({"username": "", "email": "x", "password": "short", "role": "viewer"}))
            .await
            .expect_problem("invalid_field")
            .await,
        ["/username", "/email", "/password"]
    );
    assert_eq!(
        post(json!({"username": "ada", "password": PASSWORD, "role": "emperor"}))
            .await
            .expect_problem("malformed_body")
            .await,
        ["/role"]
    );
    assert_eq!(
        post(json!({"username": "ada", "password": PASSWORD, "role": "viewer", "is_root": true}))
            .await
            .expect_problem("malformed_body")
            .await
            .len(),
        1
    );
    assert_eq!(
        post(json!({"username": "ada", "role": "viewer"})).await.expect_problem("malformed_body").await,
        ["/password"]
    );
    admin
        .raw(Method::POST, "/api/users", "application/json", "{\"username\":")
        .await
        .expect_problem("malformed_body")
        .await;
    admin
        .raw(Method::POST, "/api/users", "text/plain", "{}")
        .await
        .expect_problem("unsupported_media_type")
        .await;
    let large = format!("{{\"username\": \"{}\"}}", "x".repeat(300_000));
    admin
        .raw(Method::POST, "/api/users", "application/json", &large)
        .await
        .expect_problem("body_too_large")
        .await;
    admin.get("/api/users/seven").await.expect_problem("invalid_path").await;
    admin.get("/api/nothing").await.expect_problem("not_found").await;
    assert_eq!(admin.get("/api/users").await.json().await["total"], 4, "nothing was written");
}
