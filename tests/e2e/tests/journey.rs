//! The main job, as a person does it: sign in, sync with live progress, filter, ask, take the report home and open it.

use calamine::{DataType, Reader, Xlsx, open_workbook};
use e2e::{Person, Stack};

#[tokio::test]
async fn from_signing_in_to_the_excel_file() -> anyhow::Result<()> {
    let person = Person::arrive(Stack::from_env()?).await?;
    let outcome = journey(&person).await;
    if outcome.is_err() {
        person.photographs("journey-failed").await?;
    }
    person.leaves().await?;
    outcome
}

async fn journey(person: &Person) -> anyhow::Result<()> {
    person.signs_in().await?;

    person.syncs().await?;

    // Filter: the address says what is shown, and every row shows it.
    person.go("/desktops?state=STOPPED&region=eu-west-1").await?;
    let table = person
        .waits("stopped desktops", async || {
            let text = person.reads("desktops-table").await?;
            Ok(text.to_lowercase().contains("stopped").then_some(text))
        })
        .await?;
    anyhow::ensure!(!table.contains("us-east-1"), "a filtered row is shown:\n{table}");

    // Ask in plain words.
    person.go("/ask").await?;
    person.writes("ask-input", "How many desktops are there by region?").await?;
    person.presses("ask-submit").await?;
    let sentence = person.reads("answer-sentence").await?;
    anyhow::ensure!(sentence.to_lowercase().contains("number of desktops, by region"), "{sentence}");
    let answer = person.reads("answer-table").await?;
    anyhow::ensure!(answer.contains("eu-west-1") && answer.contains("us-east-1"), "{answer}");

    // Take it home and open it.
    person.presses("export-xlsx").await?;
    person.presses("report-download").await?;
    let file = person.downloads("xlsx").await?;
    let mut book: Xlsx<_> = open_workbook(&file)?;
    let sheets = book.sheet_names();
    let first = sheets.first().cloned().unwrap_or_default();
    let range = book.worksheet_range(&first)?;
    let total: f64 = range.rows().skip(1).filter_map(|row| row.last().and_then(DataType::as_f64)).sum();
    anyhow::ensure!(range.height() >= 3, "two regions and a heading, not {} rows", range.height());
    anyhow::ensure!(total >= 1000.0, "the regions add up to {total} desktops");
    anyhow::ensure!(sheets.iter().any(|it| it == "Notes"), "{sheets:?}");
    Ok(())
}
