//! A day of usage of the largest estate: how many calls of `GetMetricData` it takes, beside the fewest that AWS's limits
//! leave.
//!
//! AWS charges for metrics, and lets a call answer 100,800 points; so what is measured is calls, not time. Everybody is
//! written down as read until a day ago, and then a sync that somebody starts reads the rest. What else it calls is told:
//! nothing may be asked for each desktop alone.
//!
//! The bound is stated as max(⌈points / 100,800⌉, ⌈desktops / 350⌉); a day of 350 desktops is 100,800 points, so that the
//! second is never more than the first.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::psql;
use crate::sheet::{Aim, Entry, Sheet};
use crate::stack::Stack;
use crate::sync::AWS_CALLS;

/// Points of five minutes in a day, and in the three hours before, which the product reads again because AWS is late.
const POINTS: u64 = (24 + 3) * 12;
/// The most that one page of `GetMetricData` holds.
const POINTS_PER_CALL: u64 = 100_800;

const FORGET: &str = "TRUNCATE usage_connections, usage_gaps, usage_days, usage_marks";
const A_DAY_AGO: &str = "INSERT INTO usage_marks (workspace_id, observed_from, observed_until)
    SELECT id, date_bin('5 min', now(), 'epoch') - interval '63 days', date_bin('5 min', now(), 'epoch') - interval '1 day' FROM workspaces";
const PLACES: &str = "SELECT count(*) FROM workspaces WHERE gone_at IS NULL GROUP BY account, region";

/// What the sandbox has counted.
#[derive(Debug, Deserialize)]
struct Calls {
    calls: Vec<Counted>,
}

#[derive(Debug, Deserialize)]
struct Counted {
    operation: String,
    calls: u64,
}

pub(crate) async fn measure(stack: &Stack, sheet: &mut Sheet) -> anyhow::Result<()> {
    let desktops = stack.filled().await?;
    stack.stop_schedules().await?;
    psql::run(stack, &[FORGET, A_DAY_AGO]).await?;
    let before = stack.get("/api/admin/config").await?;
    let mut settings = before.clone();
    let fields = settings.as_object_mut().context("the settings are no object")?;
    fields.insert("usage_every_hours".to_owned(), json!(24));
    stack.put("/api/admin/config", &settings).await?;
    let outcome = a_day(stack, sheet, desktops).await;
    stack.stop_schedules().await?;
    stack.put("/api/admin/config", &before).await?;
    outcome
}

async fn a_day(stack: &Stack, sheet: &mut Sheet, desktops: u64) -> anyhow::Result<()> {
    let schedules = stack.get("/api/admin/schedules").await?;
    let mut schedules = schedules.get("items").and_then(|it| it.as_array()).into_iter().flatten();
    let usage = schedules.find(|it| it.get("name").is_some_and(|name| name == "usage"));
    let id = usage.and_then(|it| it.get("id")).context("there is no schedule of usage")?;
    stack.put(&format!("/api/admin/schedules/{id}"), &json!({"enabled": true})).await?;
    let calls = format!("{}{AWS_CALLS}", stack.place.aws_endpoint);
    stack.http.delete(&calls).send().await?.error_for_status()?;
    let took = stack.full_sync().await?;
    let counted: Calls = stack.http.get(&calls).send().await?.error_for_status()?.json().await?;
    let made = |operation: &str| {
        counted.calls.iter().filter(|it| it.operation == operation).map(|it| it.calls).sum::<u64>()
    };
    ensure!(made("GetMetricData") > 0, "nothing was read");

    let places = psql::run(stack, &[PLACES]).await?;
    let places: Vec<u64> = places.lines().map(str::parse).collect::<Result<_, _>>()?;
    let fewest = |points: u64| -> u64 {
        let of = |n: &u64| (n * points).div_ceil(POINTS_PER_CALL);
        places.iter().map(of).sum()
    };
    let what = format!("a day of {desktops} desktops in {} account-regions", places.len());
    sheet.add(
        Entry::new(format!("{what}: GetMetricData"), float(made("GetMetricData")), "calls")
            .beside("⌈points / 100,800⌉", float(fewest(POINTS)))
            .aim(Aim::RatioAtMost(1.0)),
    );
    let mut others: Vec<_> = counted.calls.iter().map(|it| it.operation.as_str()).collect();
    others.sort_unstable();
    others.dedup();
    let others: Vec<_> = others.into_iter().map(|it| format!("{it} {}", made(it))).collect();
    sheet.note(&format!(
        "the bound without the three hours that are read again: {}; desktops, tags, connections and usage together took {:.1} s and these \
         calls: {}",
        fewest(POINTS - 3 * 12),
        Duration::as_secs_f64(&took),
        others.join(", ")
    ));
    Ok(())
}

#[expect(clippy::as_conversions, reason = "calls are far below 2^53")]
fn float(calls: u64) -> f64 {
    calls as f64
}
