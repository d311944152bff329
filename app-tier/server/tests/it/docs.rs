//! The API's own pages, as a browser meets them.

use reqwest::StatusCode;

use crate::harness::House;

#[tokio::test]
async fn the_pages_run_only_their_own_scripts_and_call_nobody_else() {
    let house = House::open().await;
    let anonymous = house.anonymous();
    for path in ["/api/docs/", "/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-initializer.js"] {
        let answer = anonymous.get(path).await.0;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policies: Vec<_> = answer.headers().get_all("content-security-policy").iter().collect();
        let [policy] = policies.as_slice() else { panic!("{path}: {policies:?}") };
        let policy = policy.to_str().unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(
            policy.contains("connect-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
    let page = anonymous.get("/api/docs").await.0;
    assert_eq!(page.url().path(), "/api/docs/");
    let set_up = anonymous.get("/api/docs/swagger-initializer.js").await.0.text().await.unwrap();
    assert!(set_up.contains(r#""url": "/api/openapi.json""#), "{set_up}");
    assert!(set_up.contains(r#""validatorUrl": "none""#), "{set_up}");
    let document = anonymous.get("/api/openapi.json").await;
    assert!(!document.0.headers()["content-security-policy"].to_str().unwrap().contains("script-src"));
    assert_eq!(document.json().await["openapi"], "3.1.0");
}
