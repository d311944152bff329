//! Desktops as a list: filters, search, order, pages.

use std::collections::BTreeSet;

use contract::accounts::Capability;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn pages_hold_every_row_once_in_order() {
    let house = House::open().await;
    house.furnish(230).await;
    let viewer = house.sign_in("viewer").await;
    for sort in [
        "",
        "user_name",
        "-user_name",
        "last_connected_at",
        "-last_connected_at",
        "compute_type",
        "id",
        "-root_volume_gib",
        "tags.Team",
        "account",
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = viewer
                .get(&format!("/api/workspaces?limit=37&sort={sort}&cursor={cursor}").replace("sort=&", ""))
                .await
                .json()
                .await;
            assert_eq!(page["total"], 230, "{sort}");
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen.len(), 230, "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 230, "{sort}: a row is there twice");
    }
}

#[tokio::test]
async fn filters_narrow_and_search_looks_into_names_and_tags() {
    let house = House::open().await;
    house.furnish(60).await;
    let viewer = house.sign_in("viewer").await;
    let total = async |query: &str| {
        viewer.get(&format!("/api/workspaces?{query}")).await.json().await["total"].as_i64().unwrap()
    };
    assert_eq!(total("state=STOPPED").await, 20);
    assert_eq!(total("state=STOPPED&state=AVAILABLE").await, 60);
    assert_eq!(total("not_state=STOPPED").await, 40);
    assert_eq!(total("state=STOPPED&region=eu-west-1").await, 10);
    assert_eq!(total("min_root_volume_gib=130&max_root_volume_gib=130").await, 20);
    assert_eq!(total("compute_type=").await, 12);
    assert_eq!(total("tags.Team=team-1").await, 20);
    assert_eq!(total("q=TEAM-1").await, 20);
    assert_eq!(total("q=pc-60").await, 1);
    assert_eq!(total("q=100%25").await, 0, "a wildcard is no wildcard");
    assert_eq!(total("user_name=*ser.3*").await, 9);
    assert_eq!(total("state=NO_SUCH_STATE").await, 0);
    assert_eq!(total("gone=true").await, 0);
    house.execute("UPDATE workspaces SET gone_at = now() WHERE id = 'ws-000000001'").await;
    assert_eq!((total("gone=true").await, total("gone=any").await, total("").await), (1, 60, 59));
}

#[tokio::test]
async fn what_is_not_understood_is_named() {
    let house = House::open().await;
    house.furnish(60).await;
    let viewer = house.sign_in("viewer").await;
    let refused = async |query: &str, code: &str| {
        viewer.get(&format!("/api/workspaces?{query}")).await.expect_problem(code).await
    };
    assert_eq!(refused("password=x", "invalid_query").await, ["password"]);
    assert_eq!(
        refused("limit=201&sort=nothing&min_state=a", "invalid_query").await,
        ["limit", "min_state", "sort"]
    );
    assert_eq!(refused("cursor=%00%ff", "invalid_cursor").await, ["cursor"]);
    assert_eq!(refused("cursor=e30", "invalid_cursor").await, ["cursor"]);
    let page = viewer.get("/api/workspaces?limit=10").await.json().await;
    let next = page["next"].as_str().unwrap();
    assert_eq!(refused(&format!("limit=10&state=STOPPED&cursor={next}"), "invalid_cursor").await, ["cursor"]);
    viewer.get("/api/workspaces/ws-none").await.expect_problem("not_found").await;
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again() {
    let house = House::open().await;
    house.furnish(5).await;
    let viewer = house.sign_in("viewer").await;
    let first = viewer.get("/api/workspaces").await;
    let tag = first.0.headers()["etag"].to_str().unwrap().to_owned();
    let again = reqwest::Client::new()
        .get(format!("{}/api/workspaces", house.base))
        .bearer_auth(viewer.token.as_ref().unwrap())
        .header("if-none-match", tag);
    assert_eq!(again.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn the_overview_adds_up() {
    let house = House::open().await;
    house.furnish(60).await;
    let overview = house.sign_in("viewer").await.get("/api/overview").await.json().await;
    assert_eq!(overview["desktops"], 60);
    let sum: i64 =
        overview["by_state"].as_array().unwrap().iter().map(|it| it["count"].as_i64().unwrap()).sum();
    assert_eq!(sum, 60);
    assert_eq!(overview["by_account"], json!([{"value": "Production", "count": 60}]));
    assert_eq!(overview["freshness"].as_array().unwrap().len(), 2 * Capability::ALL.len());
    assert!(overview["freshness"].as_array().unwrap().iter().all(|it| it["state"] == "never"));
}
