//! `kill -9`: somebody else finishes what was begun, once.

use std::{fs, io::Cursor};

use calamine::{Reader, Xlsx};
use faults::{Desk, House, eventually, files_below, report_of_changes, seconds};
use serde_json::Value;

/// A sync that has kept its place and has more to come.
const HALF_WAY: &str = "SELECT id FROM queue_jobs WHERE kind = 'sync_desktops' AND state = 'running'
    AND checkpoint ->> 'token' IS NOT NULL ORDER BY (checkpoint ->> 'done')::int DESC LIMIT 1";

/// Changes enough that writing them takes seconds.
const MANY: i64 = 250_000;

#[tokio::test]
async fn a_sync_whose_worker_is_killed_is_finished_by_another_once() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let undisturbed = house.synced(&desk).await?;

    house.clear()?;
    let slow = serde_json::json!({"kind": "slow", "operation": "DescribeWorkspaces", "ms": 150});
    house.fault(slow).await?;
    desk.sync().await?;
    let job = eventually("a sync is half-way", seconds(30), async || {
        Ok(Some(house.sql(HALF_WAY)?).filter(|it| !it.is_empty()))
    })
    .await?;
    house.service("worker-1")?.kill()?;
    let orphans = house.sql("SELECT id FROM queue_jobs WHERE state = 'running' ORDER BY id")?;
    assert!(orphans.lines().any(|it| it == job), "job {job} is not among {orphans}");
    let place = house.sql(&format!(
        "SELECT a.account_id || ' ' || (j.payload ->> 'region') || ' ' || (j.checkpoint ->> 'done')
         FROM queue_jobs j JOIN accounts a ON a.id = (j.payload ->> 'account')::bigint WHERE j.id = {job}"
    ))?;
    let place: Vec<_> = place.split(' ').collect();
    house.count_calls_anew().await?;

    house.start("worker-2").await?;
    house.calm().await?;
    house.all_work_done(seconds(60)).await?;
    assert_eq!(house.fingerprint()?, undisturbed);
    for job in orphans.lines() {
        let job = desk.get(&format!("/api/jobs/{job}")).await?.ok()?;
        assert_eq!((&job["state"], &job["attempt"]), (&"done".into(), &2.into()), "{job}");
    }
    // It went on from where the place was kept, and did not begin again. One page was on its way to who was killed.
    let all = house.count(&format!(
        "SELECT count(*) FROM workspaces w JOIN accounts a ON a.id = w.account
         WHERE a.account_id = '{}' AND w.region = '{}'",
        place[0], place[1]
    ))?;
    let (done, page): (i64, i64) = (place[2].parse()?, 25);
    let asked = i64::try_from(house.calls("DescribeWorkspaces", Some((place[0], place[1]))).await?)?;
    let left = (all - done + page - 1) / page;
    assert!((left..=left + 1).contains(&asked), "{asked} pages; {done} of {all} were read before");
    // Each desktop appeared once, and none seemed to go.
    let news = house.sql(
        "SELECT kind || ' ' || count(*) || ' ' || count(DISTINCT workspace_id) FROM changes GROUP BY kind",
    )?;
    let desktops = desk.desktops().await?;
    assert_eq!(news, format!("appeared {desktops} {desktops}"));
    Ok(())
}

/// Asks for a report of very many changes and waits until a worker has written some of its rows.
async fn half_a_report(house: &House, desk: &Desk) -> anyhow::Result<Value> {
    house.sql(&format!(
        "INSERT INTO changes (workspace_id, account, region, user_name, kind, field, old, new, observed_at)
         SELECT 'ws-' || n, (SELECT min(id) FROM accounts), 'eu-west-1', 'user' || n, 'changed', 'state', 'AVAILABLE',
             'STOPPED', now() - n * interval '1 second' FROM generate_series(1, {MANY}) n"
    ))?;
    let report = desk.post("/api/reports/generate", report_of_changes("xlsx")).await?.ok()?;
    eventually("a report is half-way", seconds(30), async || {
        let rows = house.sql("SELECT progress ->> 'done' FROM queue_jobs WHERE state = 'running'")?;
        let has_file = !files_below(house.work_dir())?.is_empty();
        Ok((has_file && rows.parse().unwrap_or(0) > 0).then_some(()))
    })
    .await?;
    Ok(report)
}

/// Waits for a report and looks into its file: one, whole, and nothing beside it.
async fn finished_once(house: &House, desk: &Desk, report: &Value) -> anyhow::Result<Value> {
    house.all_work_done(seconds(60)).await?;
    let report = desk.get(&format!("/api/reports/{}", report["id"])).await?.ok()?;
    assert_eq!((&report["state"], &report["rows"]), (&"done".into(), &MANY.into()), "{report}");
    assert_eq!(files_below(house.reports_dir())?.len(), 1, "{:?}", files_below(house.reports_dir())?);
    let file = desk.download(report["download"]["url"].as_str().unwrap()).await?;
    let mut book = Xlsx::new(Cursor::new(file))?;
    let sheet = book.sheet_names()[0].clone();
    assert_eq!(i64::try_from(book.worksheet_range(&sheet)?.height())?, MANY + 1);
    Ok(report)
}

#[tokio::test]
async fn a_report_whose_worker_is_killed_is_finished_by_another_once() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let report = half_a_report(&house, &desk).await?;
    house.service("worker-1")?.kill()?;
    assert!(!files_below(house.work_dir())?.is_empty(), "it was killed too late to leave anything");
    // Another that was killed after it had put its file away, and before it could say so.
    let attempt = house.reports_dir().join(format!("reports/{}-1.xlsx", report["id"]));
    fs::create_dir_all(attempt.parent().unwrap())?;
    fs::write(&attempt, "what the first attempt had put away")?;

    house.start("worker-2").await?;
    let report = finished_once(&house, &desk, &report).await?;
    let job = desk.get(&format!("/api/jobs/{}", report["job_id"])).await?.ok()?;
    assert_eq!(job["attempt"], 2, "{job}");
    assert_eq!(files_below(house.work_dir())?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_worker_that_wakes_up_too_late_changes_nothing() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    let report = half_a_report(&house, &desk).await?;
    house.service("worker-1")?.pause()?;
    house.start("worker-2").await?;
    let report = finished_once(&house, &desk, &report).await?;

    house.service("worker-1")?.resume()?;
    eventually("the sleeper has noticed and let go", seconds(20), async || {
        Ok(files_below(house.work_dir())?.is_empty().then_some(()))
    })
    .await?;
    let again = finished_once(&house, &desk, &report).await?;
    assert_eq!(again["sha256"], report["sha256"]);
    assert_eq!(again["finished_at"], report["finished_at"]);
    Ok(())
}

#[tokio::test]
async fn what_a_killed_server_had_accepted_is_done() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk"]).await?;
    let desk = house.sign_in().await?;
    let jobs = desk.sync().await?;
    house.service("skydesk")?.kill()?;
    house.start("worker-1").await?;
    house.all_work_done(seconds(60)).await?;
    house.start("skydesk").await?;
    // Signed in as before: the session is not the server's memory.
    assert!(desk.desktops().await? > 2000);
    for job in jobs {
        let job = desk.get(&format!("/api/jobs/{job}")).await?.ok()?;
        assert_eq!((&job["state"], &job["requested_by"]), (&"done".into(), &"admin".into()), "{job}");
    }
    Ok(())
}

#[tokio::test]
async fn a_worker_killed_while_it_reboots_desktops_leaves_none_to_be_rebooted_twice() -> anyhow::Result<()> {
    let mut house = House::begin(&["skydesk", "worker-1"]).await?;
    let desk = house.sign_in().await?;
    house.synced(&desk).await?;
    let ready =
        "/api/workspaces?running_mode=ALWAYS_ON&state=AVAILABLE&region=eu-west-1&account=Production&limit=30";
    let ready = desk.get(ready).await?.ok()?;
    let ids: Vec<&Value> = ready["items"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids.len(), 30);
    // AWS does it, and its answer takes so long that the worker is dead by then.
    house.fault(serde_json::json!({"kind": "slow", "operation": "RebootWorkspaces", "ms": 3000})).await?;
    house.count_calls_anew().await?;
    let body = serde_json::json!({"action": "reboot", "workspace_ids": ids});
    let begun = desk.post("/api/operations", body).await?.ok()?;
    eventually("AWS is called", seconds(30), async || {
        let calling = house.count("SELECT count(*) FROM operation_desktops WHERE state = 'calling'")?;
        Ok((calling == 25).then_some(()))
    })
    .await?;
    house.service("worker-1")?.kill()?;
    house.start("worker-2").await?;
    house.calm().await?;
    let path = format!("/api/operations/{}", begun["id"]);
    let done = eventually("the operation has ended", seconds(180), async || {
        let it = desk.get(&path).await?.ok()?;
        Ok(it["ended_at"].is_string().then_some(it))
    })
    .await?;
    // Two groups, one call each: the first by the dead worker, the second by the other.
    let calls = house.calls("RebootWorkspaces", None).await?;
    assert!(calls <= 2, "{calls} calls: {done}");
    // What is called done was done; of the rest nobody can tell, and nobody tried.
    let (total, counts) = (30, &done["counts"]);
    let told = counts["done"].as_i64().unwrap() + counts["unknown"].as_i64().unwrap();
    assert_eq!(told, total, "{done}");
    assert!(counts["done"].as_i64().unwrap() >= 5, "the second group was undisturbed: {done}");
    Ok(())
}
