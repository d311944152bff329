//! Signing in, staying in, and being shown out.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{House, PASSWORD};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let house = House::open().await;
    let browser = house.anonymous();
    for (username, password) in [("admin", "wrong"), ("nobody", "wrong"), ("admin", &*"x".repeat(100))] {
        let answer =
            browser.post("/api/auth/login", json!({"username": username, "password": password})).await;
        answer.expect_problem("wrong_credentials").await;
    }
    browser.post("/api/auth/login", json!({"username": "ADMIN", "password": PASSWORD})).await.json().await;
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let house = House::open().await;
    let browser = house.anonymous();
    for n in 0..30 {
        let answer =
            browser.post("/api/auth/login", json!({"username": "victim", "password": "guess"})).await;
        if answer.0.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(n >= 5, "too early: {n}");
            assert!(answer.0.headers().contains_key("retry-after"));
            answer.expect_problem("too_many_requests").await;
            return;
        }
    }
    panic!("thirty guesses in a row were answered");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_ten_seconds() {
    let house = House::open().await;
    let login =
        house.anonymous().post("/api/auth/login", json!({"username": "admin", "password": PASSWORD})).await;
    let cookie = login.0.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly")
            && cookie.contains("SameSite=Strict")
            && cookie.contains("Path=/api/auth"),
        "{cookie}"
    );
    let value = cookie.split(';').next().unwrap().to_owned();
    let refresh = async || {
        let request = reqwest::Client::new().post(format!("{}/api/auth/refresh", house.base));
        crate::harness::Answer(
            request.header("cookie", &value).header("x-skydesk", "1").send().await.unwrap(),
        )
    };
    refresh().await.json().await;
    refresh().await.json().await;
    house.pass(TimeDelta::seconds(11));
    refresh().await.expect_problem("token_reused").await;
    refresh().await.expect_problem("unauthenticated").await;
    let admin = house.sign_in("admin").await;
    let audit = admin.get("/api/audit?action=session.token_reused").await.json().await;
    assert_eq!(audit["total"], 1, "{audit}");
}

#[tokio::test]
async fn another_site_cannot_refresh() {
    let house = House::open().await;
    let answer =
        reqwest::Client::new().post(format!("{}/api/auth/refresh", house.base)).send().await.unwrap();
    crate::harness::Answer(answer).expect_problem("cross_site").await;
}

#[tokio::test]
async fn an_access_token_ends_with_its_time_and_with_its_session() {
    let house = House::open().await;
    let viewer = house.sign_in("viewer").await;
    viewer.get("/api/auth/me").await.json().await;
    house.pass(TimeDelta::minutes(16));
    viewer.get("/api/auth/me").await.expect_problem("token_expired").await;

    let viewer = house.sign_in("viewer").await;
    viewer.post("/api/auth/logout", json!({})).await.expect_status(StatusCode::NO_CONTENT).await;
    viewer.get("/api/auth/me").await.expect_problem("unauthenticated").await;
    // Signing out twice is one end.
    viewer.post("/api/auth/logout", json!({})).await.expect_status(StatusCode::NO_CONTENT).await;
    let audit = house.sign_in("admin").await.get("/api/audit?action=session.end").await.json().await;
    assert_eq!((&audit["total"], &audit["items"][0]["actor"]), (&json!(1), &json!("viewer")), "{audit}");
}

#[tokio::test]
async fn a_tampered_token_is_nobodys() {
    let house = House::open().await;
    let mut viewer = house.sign_in("viewer").await;
    let token = viewer.token.take().unwrap();
    let (head, tail) = token.rsplit_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", head.split('.').nth(1).unwrap());
    for forged in
        [format!("{head}.{}", tail.chars().rev().collect::<String>()), unsigned, "x".into(), String::new()]
    {
        viewer.token = Some(forged);
        viewer.get("/api/auth/me").await.expect_problem("unauthenticated").await;
    }
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_only_those() {
    let house = House::open().await;
    let (here, there) = (house.sign_in("viewer").await, house.sign_in("viewer").await);
    let old = format!("{PASSWORD} viewer");
    let change = |current: &str, new: &str| json!({"current": current, "new": new});
    let put = async |current: &str, new: &str| here.put("/api/auth/password", change(current, new)).await;
    assert_eq!(put("not it", "another password").await.expect_problem("invalid_field").await, ["/current"]);
    assert_eq!(put(&old, "short").await.expect_problem("invalid_field").await, ["/new"]);
    assert_eq!(put(&old, &"é".repeat(40)).await.expect_problem("invalid_field").await, ["/new"]);
    put(&old, "another password").await.expect_status(StatusCode::NO_CONTENT).await;
    here.get("/api/auth/me").await.json().await;
    there.get("/api/auth/me").await.expect_problem("unauthenticated").await;
}
