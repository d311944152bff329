//! PostgreSQL and Redis: away, silent, and back.

use std::time::Duration;

use faults::{Answer, Desk, House, eventually, seconds};
use reqwest::{Method, Response};
use serde_json::json;
use tokio::task::JoinSet;

/// The pool asks a connection that was idle for a second whether it still lives.
const TRUSTED_FOR: Duration = Duration::from_millis(1100);

/// One operation of each kind: a list, a change, a question, a report, a sign-in.
async fn some_of_everything(desk: &Desk) -> anyhow::Result<Vec<Answer>> {
    let login = json!({"username": "admin", "password": "not this one"});
    Ok(vec![
        desk.get("/api/workspaces").await?,
        desk.get("/api/overview").await?,
        desk.post("/api/admin/sync", json!({})).await?,
        question(desk).await?,
        desk.post("/api/reports/generate", json!({"source": "workspaces", "format": "csv"})).await?,
        desk.send(Method::DELETE, "/api/users/999", None).await?,
        desk.post("/api/auth/login", login).await?,
    ])
}

/// What readiness says of a part: whether it is well, and what is wrong.
async fn readiness(desk: &Desk, part: &str) -> anyhow::Result<(u16, bool, String)> {
    let answer = desk.get("/health/ready").await?;
    let check = answer.body["checks"].as_array().unwrap().iter().find(|it| it["name"] == part).unwrap();
    Ok((answer.status, check["ok"] == true, check["detail"].as_str().unwrap_or_default().to_owned()))
}

#[tokio::test]
async fn with_postgresql_away_everything_says_so_and_goes_on_by_itself() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1", "worker-2"]).await?;
    let desk = house.sign_in().await?;
    let undisturbed = house.synced(&desk).await?;
    let states = desk.states().await?;

    house.clear()?;
    house.fault(json!({"kind": "slow", "operation": "DescribeWorkspaces", "ms": 150})).await?;
    desk.sync().await?;
    eventually("the sync is under way", seconds(20), async || {
        Ok((house.count("SELECT count(*) FROM workspaces")? > 0).then_some(()))
    })
    .await?;
    house.service("postgres")?.stop()?;
    for answer in some_of_everything(&desk).await? {
        answer.problem(503, "database_unavailable")?;
    }
    let (status, well, why) = readiness(&desk, "database").await?;
    assert!(status == 503 && !well && why.contains("PostgreSQL"), "{status} {why}");
    assert_eq!(desk.get("/health/live").await?.status, 200);

    house.calm().await?;
    house.start("postgres").await?;
    eventually("the server is ready again", seconds(10), async || {
        Ok((desk.get("/health/ready").await?.status == 200).then_some(()))
    })
    .await?;
    // The sync that was under way, with the same workers, the same server and the same session.
    house.all_work_done(seconds(60)).await?;
    assert_eq!(house.fingerprint()?, undisturbed);
    let twice = "SELECT count(*) FROM (SELECT 1 FROM changes GROUP BY workspace_id, kind, field HAVING count(*) > 1) t";
    assert_eq!(house.count(twice)?, 0, "changes were written twice");
    assert_eq!(house.count("SELECT count(*) FROM queue_jobs WHERE state <> 'done'")?, 0);
    assert_eq!(desk.states().await?, states);
    for name in ["skydesk", "worker-1", "worker-2"] {
        assert!(house.service(name)?.is_running()?, "{name} has ended");
    }
    Ok(())
}

#[tokio::test]
async fn a_postgresql_that_falls_silent_holds_nobody_up_for_long() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk"]).await?;
    let desk = house.sign_in().await?;
    // Several connections that are idle in the pool: each is one more to try.
    let mut asked = JoinSet::new();
    for _ in 0..12 {
        let desk = desk.clone();
        asked.spawn(async move { desk.get("/api/overview").await?.ok() });
    }
    for answer in asked.join_all().await {
        answer?;
    }
    house.service("postgres")?.pause()?;
    // A connection that answered within the last second is trusted; nobody can tell in advance that it will not.
    tokio::time::sleep(TRUSTED_FOR).await;
    let silent = desk.get("/api/workspaces").await?;
    house.service("postgres")?.resume()?;
    silent.problem(503, "database_unavailable")?;
    eventually("lists are back", seconds(10), async || {
        Ok((desk.get("/api/workspaces").await?.status == 200).then_some(()))
    })
    .await
}

/// Reads a stream of events until one of that name comes.
async fn hears(stream: &mut Response, text: &mut String, event: &str) -> anyhow::Result<()> {
    let wanted = format!("event: {event}\n");
    let read = async {
        while !text.contains(&wanted) {
            let piece = stream.chunk().await?;
            let piece = piece.ok_or_else(|| anyhow::anyhow!("the stream has ended: {text}"))?;
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        anyhow::Ok(())
    };
    let in_time = tokio::time::timeout(seconds(20), read).await;
    in_time.map_err(|_elapsed| anyhow::anyhow!("no {event} came: {text}"))?
}

#[tokio::test]
async fn with_redis_away_only_live_progress_and_limits_are_missing() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let mut stream = desk.listen().await?;
    let mut heard = String::new();
    desk.sync().await?;
    hears(&mut stream, &mut heard, "job").await?;
    house.all_work_done(seconds(60)).await?;

    house.service("redis")?.stop()?;
    let (status, well, why) = readiness(&desk, "redis").await?;
    assert!(status == 503 && !well && why.contains("Redis"), "{status} {why}");
    assert!(readiness(&desk, "database").await?.1);
    // Signing in, lists, questions, syncs: as ever, and soon.
    let again = house.sign_in().await?;
    assert!(again.desktops().await? > 2000);
    let answer = question(&again).await?;
    assert!(answer.took < seconds(3), "{:?}", answer.took);
    assert_eq!(answer.ok()?["read_by"], "rules");
    house.synced(&again).await?;
    // Nobody is limited.
    house.sql("UPDATE settings SET value = value || '{\"questions_per_minute\": 3}'")?;
    for _ in 0..5 {
        question(&desk).await?.ok()?;
    }

    heard.clear();
    house.start("redis").await?;
    eventually("the server is ready again", seconds(10), async || {
        Ok((desk.get("/health/ready").await?.status == 200).then_some(()))
    })
    .await?;
    // The same stream: first that something may be missing, then news.
    hears(&mut stream, &mut heard, "resync").await?;
    desk.sync().await?;
    hears(&mut stream, &mut heard, "job").await?;
    let limited = eventually("questions are limited again", seconds(20), async || {
        let answer = question(&desk).await?;
        Ok((answer.status == 429).then_some(answer))
    })
    .await?;
    assert!(limited.retry_after.is_some_and(|it| (1..=60).contains(&it)), "{:?}", limited.retry_after);
    limited.problem(429, "too_many_requests")?;
    house.all_work_done(seconds(60)).await
}

/// One that rules read.
async fn question(desk: &Desk) -> anyhow::Result<Answer> {
    desk.post("/api/ai/query", json!({"question": "how many desktops are there?"})).await
}

#[tokio::test]
async fn a_house_that_is_started_in_the_wrong_order_comes_up_all_the_same() -> anyhow::Result<()> {
    let mut house = House::begin(&[]).await?;
    house.service("postgres")?.stop()?;
    house.service("redis")?.stop()?;
    house.start("skydesk").await?;
    house.start("worker-1").await?;

    house.start("postgres").await?;
    let desk = house.sign_in().await?;
    let mut stream = desk.listen().await?;
    house.start("redis").await?;
    // Who listened from before on hears that he may have missed something, and then what there is.
    let mut heard = String::new();
    hears(&mut stream, &mut heard, "resync").await?;
    desk.sync().await?;
    hears(&mut stream, &mut heard, "job").await?;
    house.all_work_done(seconds(60)).await?;
    assert!(desk.desktops().await? > 2000);
    Ok(())
}
