//! The money's way, as an administrator goes it: from the overview to a recommendation, to its approval, to the changed
//! desktop at AWS, to the ledger.

use anyhow::Context;
use e2e::{Person, Stack};

#[tokio::test]
async fn from_the_overview_to_the_ledger() -> anyhow::Result<()> {
    let person = Person::arrive(Stack::from_env()?).await?;
    let outcome = journey(&person).await;
    if outcome.is_err() {
        person.photographs("saving-failed").await?;
    }
    person.leaves().await?;
    outcome
}

async fn journey(person: &Person) -> anyhow::Result<()> {
    person.signs_in().await?;
    person.syncs().await?;

    // Usage follows by itself, advice follows from it, and the page tells it without being asked again.
    person
        .waits("something that could be saved", async || {
            let open = person.reads("overview-open").await?;
            Ok(open.contains("USD").then_some(()))
        })
        .await?;
    person.presses("overview-open").await?;
    person.sees("savings-table").await?;

    // The greatest saving that takes nobody's desktop away.
    person.go("/savings?action=to_always_on&action=set_timeout").await?;
    person.presses("propose").await?;
    let preview = person.reads("preview").await?;
    anyhow::ensure!(preview.contains("ws-"), "the preview names the desktop:\n{preview}");
    person.presses("act-submit").await?;
    // Going on before the answer is there would take the request back.
    person.sees("operation-detail").await?;

    // It waits for an administrator, who sees the same steps.
    person.go("/operations?state=proposed").await?;
    person.presses("operation-link").await?;
    let desktop = person.reads("operation-desktop").await?;
    let desktop = desktop
        .split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'))
        .find(|it| it.starts_with("ws-"))
        .map(str::to_owned)
        .with_context(|| format!("no desktop in {desktop}"))?;
    let before = mode(person, &desktop).await?;
    person.presses("operation-approve").await?;
    person.writes("decide-note", "Saves money").await?;
    person.presses("decide-submit").await?;
    person
        .waits("the operation to be done", async || {
            let detail = person.sees("operation-detail").await?;
            Ok((detail.attr("data-state").await?.as_deref() == Some("done")).then_some(()))
        })
        .await?;

    let after = mode(person, &desktop).await?;
    anyhow::ensure!(before != after, "AWS has {desktop} as it was: {after}");
    person.go(&format!("/desktops/{desktop}")).await?;
    person.sees("usage").await?;

    person.go("/savings/ledger").await?;
    let row = person.reads("ledger-row").await?;
    anyhow::ensure!(row.contains("Production") || row.contains("Development"), "{row}");
    Ok(())
}

/// How AWS bills the desktop by its latest setting: mode and timeout.
async fn mode(person: &Person, desktop: &str) -> anyhow::Result<String> {
    let past = person.past(desktop).await?;
    let modes = past.pointer("/modes").and_then(serde_json::Value::as_array);
    let last = modes.and_then(|it| it.last()).context("the desktop has no mode")?;
    let of = |name: &str| last.get(name).map(ToString::to_string).unwrap_or_default();
    Ok(format!("{} {}", of("mode"), of("timeout_minutes")))
}
