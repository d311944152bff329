//! The other tiers: the ai-tier away, and the app-tier away behind nginx.

use faults::{House, eventually, seconds};
use serde_json::json;

#[tokio::test]
async fn with_the_ai_tier_away_rules_still_answer() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1", "skydesk-ai"]).await?;
    let desk = house.sign_in().await?;
    house.synced(&desk).await?;
    // Which rules do not read.
    let odd = json!({"question": "show me the fancy desktops please"});
    let asked = async |question: &serde_json::Value| desk.post("/api/ai/query", question.clone()).await;
    assert_eq!(desk.get("/api/ai/health").await?.ok()?["available"], true);
    asked(&odd).await?.ok()?;
    let read = house.ai_metric("skydesk_ai_requests_total").await?;
    assert!(read >= 1.0, "the model was not asked");

    house.service("skydesk-ai")?.kill()?;
    let health = desk.get("/api/ai/health").await?.ok()?;
    assert_eq!(health["available"], false, "{health}");
    assert!(health["detail"].as_str().is_some_and(|it| !it.is_empty()), "{health}");
    let count = asked(&json!({"question": "how many desktops are stopped?"})).await?.ok()?;
    assert_eq!(count["read_by"], "rules", "{count}");
    // No failure: asked back, or told what was not understood.
    let answer = asked(&odd).await?;
    assert!(answer.took < seconds(5), "{:?}", answer.took);
    let answer = answer.ok()?;
    assert!(answer["clarify"].is_array() || answer["refused"].is_string(), "{answer}");
    // The page's chips: a plan needs no reader.
    let plan = json!({"plan": {"entity": "workspaces", "measures": [{"function": "count"}]}});
    assert_eq!(asked(&plan).await?.ok()?["read_by"], "plan");

    house.start("skydesk-ai").await?;
    eventually("the ai-tier is seen again", seconds(10), async || {
        Ok((desk.get("/api/ai/health").await?.ok()?["available"] == true).then_some(()))
    })
    .await?;
    asked(&odd).await?.ok()?;
    assert!(house.ai_metric("skydesk_ai_requests_total").await? >= 1.0, "the model was not asked again");
    Ok(())
}

#[tokio::test]
async fn with_the_app_tier_away_nginx_says_so_in_the_same_words() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "nginx"]).await?;
    let desk = house.sign_in_by_web().await?;
    assert_eq!(desk.get("/api/workspaces").await?.status, 200);

    house.service("skydesk")?.kill()?;
    for path in ["/api/workspaces", "/api/stream", "/health/ready"] {
        let answer = desk.get(path).await?;
        assert_eq!(answer.retry_after, Some(5), "{path}");
        answer.problem(503, "server_unavailable")?;
    }
    desk.post("/api/admin/sync", json!({})).await?.problem(503, "server_unavailable")?;
    // The application itself still comes.
    assert_eq!(desk.get("/index.html").await?.status, 200);

    house.start("skydesk").await?;
    assert_eq!(desk.get("/api/workspaces").await?.status, 200);
    Ok(())
}
