//! AWS: away, throttling, denying, and lying about what there is.

use faults::{Desk, House, eventually, seconds};
use serde_json::{Value, json};

/// How one capability of the account that the sandbox calls Production looks in eu-west-1.
async fn seen(desk: &Desk, capability: &str) -> anyhow::Result<Value> {
    let all = desk.freshness().await?;
    let found = all.into_iter().find(|it| {
        it["account"] == "Production" && it["region"] == "eu-west-1" && it["capability"] == capability
    });
    found.ok_or_else(|| anyhow::anyhow!("the overview does not know {capability}"))
}

/// Calls of one account and region, for faults.
fn in_production(mut fault: Value) -> Value {
    fault["account"] = json!("111111111111");
    fault["region"] = json!("eu-west-1");
    fault
}

/// Only one account and region has to come back after a failure; its next attempt is some seconds away.
async fn failed(desk: &Desk, house: &House, state: &str) -> anyhow::Result<Value> {
    eventually("the failure is shown", seconds(30), async || {
        Ok(Some(seen(desk, "desktops").await?).filter(|it| it["state"] == state))
    })
    .await
    .map_err(|error| error.context(house.sql("SELECT state, last_error FROM queue_jobs").unwrap_or_default()))
}

#[tokio::test]
async fn with_aws_away_what_was_seen_stays_and_the_sync_comes_back() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let before = house.synced(&desk).await?;
    let desktops = desk.desktops().await?;

    house.service("sandbox")?.stop()?;
    desk.sync().await?;
    let failed = failed(&desk, &house, "failed").await?;
    let message = failed["message"].as_str().unwrap();
    assert!(message.contains("AWS does not answer") && message.contains("again"), "{message}");
    assert!(failed["succeeded_at"].is_string(), "when it was last seen is not forgotten: {failed}");
    assert_eq!(desk.desktops().await?, desktops);
    let waiting = desk.get("/api/jobs?state=waiting").await?.ok()?;
    let said = waiting["items"].as_array().unwrap().iter().filter_map(|it| it["error"].as_str());
    assert!(said.into_iter().any(|it| it.contains("AWS does not answer")), "{waiting}");

    house.start("sandbox").await?;
    house.all_work_done(seconds(90)).await?;
    assert_eq!(house.fingerprint()?, before);
    assert_eq!(seen(&desk, "desktops").await?["state"], "ok");
    Ok(())
}

#[tokio::test]
async fn throttling_only_slows_a_sync_down() -> anyhow::Result<()> {
    let house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let undisturbed = house.synced(&desk).await?;
    let states = desk.states().await?;

    house.clear()?;
    house.count_calls_anew().await?;
    house.fault(json!({"kind": "throttle", "rate": 0.3})).await?;
    desk.sync().await?;
    house.all_work_done(seconds(120)).await?;
    assert_eq!(house.fingerprint()?, undisturbed);
    assert_eq!(
        house.count("SELECT count(*) FROM queue_jobs WHERE attempts <> 1")?,
        0,
        "a job had to come again"
    );
    assert_eq!(desk.states().await?, states);
    Ok(())
}

#[tokio::test]
async fn what_a_complete_sweep_misses_is_marked_and_comes_back() -> anyhow::Result<()> {
    let house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    house.synced(&desk).await?;
    let (rows, listed) = (house.count("SELECT count(*) FROM workspaces")?, desk.desktops().await?);

    house.fault(in_production(json!({"kind": "drop", "count": 40}))).await?;
    house.synced(&desk).await?;
    assert_eq!(house.count("SELECT count(*) FROM workspaces")?, rows, "no row may be deleted");
    assert_eq!(desk.desktops().await?, listed - 40);
    let told = |kind: &str| house.count(&format!("SELECT count(*) FROM changes WHERE kind = '{kind}'"));
    assert_eq!(told("gone")?, 40);
    // Missed once more, told once.
    house.synced(&desk).await?;
    assert_eq!(told("gone")?, 40);
    let one = house.sql("SELECT min(id) FROM workspaces WHERE gone_at IS NOT NULL")?;
    assert!(desk.get(&format!("/api/workspaces/{one}")).await?.ok()?["gone_at"].is_string());

    house.calm().await?;
    house.synced(&desk).await?;
    assert_eq!(desk.desktops().await?, listed);
    assert_eq!((told("gone")?, told("returned")?, told("appeared")?), (40, 40, rows));
    assert!(desk.get(&format!("/api/workspaces/{one}")).await?.ok()?["gone_at"].is_null());
    Ok(())
}

#[tokio::test]
async fn a_sweep_that_breaks_off_marks_nothing() -> anyhow::Result<()> {
    let house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let before = house.synced(&desk).await?;

    // Some pages come, and then none, however often it is asked for.
    house.count_calls_anew().await?;
    let slow = json!({"kind": "slow", "operation": "DescribeWorkspaces", "ms": 100});
    house.fault(in_production(slow)).await?;
    desk.sync().await?;
    eventually("some pages have come", seconds(20), async || {
        let pages = house.calls("DescribeWorkspaces", Some(("111111111111", "eu-west-1"))).await?;
        Ok((pages > 12).then_some(()))
    })
    .await?;
    house.fault(in_production(json!({"kind": "error", "operation": "DescribeWorkspaces"}))).await?;
    failed(&desk, &house, "failed").await?;
    assert_eq!(house.count("SELECT count(*) FROM workspaces WHERE gone_at IS NOT NULL")?, 0);
    assert_eq!(house.count("SELECT count(*) FROM changes WHERE kind = 'gone'")?, 0);

    house.calm().await?;
    house.all_work_done(seconds(90)).await?;
    assert_eq!(house.fingerprint()?, before);
    Ok(())
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up_and_says_why() -> anyhow::Result<()> {
    let house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let before = house.synced(&desk).await?;

    let repeated = json!({"kind": "repeat_token", "operation": "DescribeWorkspaces"});
    house.fault(in_production(repeated)).await?;
    house.count_calls_anew().await?;
    desk.sync().await?;
    let look = failed(&desk, &house, "failed").await?;
    let message = look["message"].as_str().unwrap();
    assert!(message.contains("workspaces:DescribeWorkspaces repeats a page"), "{message}");
    let asked = house.calls("DescribeWorkspaces", Some(("111111111111", "eu-west-1"))).await?;
    assert!(asked < 10, "{asked} pages were asked for");
    assert_eq!(house.count("SELECT count(*) FROM workspaces WHERE gone_at IS NOT NULL")?, 0);

    house.calm().await?;
    house.all_work_done(seconds(90)).await?;
    assert_eq!(house.fingerprint()?, before);
    Ok(())
}

#[tokio::test]
async fn a_desktop_that_is_listed_twice_is_one() -> anyhow::Result<()> {
    let house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let undisturbed = house.synced(&desk).await?;
    house.clear()?;
    house.fault(json!({"kind": "duplicate_row", "operation": "DescribeWorkspaces"})).await?;
    assert_eq!(house.synced(&desk).await?, undisturbed);
    let rows = house.count("SELECT count(*) FROM workspaces")?;
    assert_eq!(house.count("SELECT count(*) FROM changes WHERE kind = 'appeared'")?, rows);
    assert_eq!(house.count("SELECT count(*) FROM changes WHERE kind <> 'appeared'")?, 0);
    Ok(())
}
