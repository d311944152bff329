//! A question's way: asked, asked back, answered, changed by a chip, kept under a name, found on the overview, taken home.

use anyhow::Context;
use e2e::{Person, Stack};

#[tokio::test]
async fn from_a_question_with_two_readings_to_a_view() -> anyhow::Result<()> {
    let person = Person::arrive(Stack::from_env()?).await?;
    let outcome = journey(&person).await;
    if outcome.is_err() {
        person.photographs("asking-failed").await?;
    }
    person.leaves().await?;
    outcome
}

async fn journey(person: &Person) -> anyhow::Result<()> {
    person.signs_in().await?;
    person.syncs().await?;

    // What can be asked is there to read, with questions to try.
    person.go("/ask").await?;
    person.presses("ask-about").await?;
    let about = person.reads("about-table").await?;
    anyhow::ensure!(about.to_lowercase().contains("running mode"), "{about}");
    person.presses("about-example").await?;
    person.sees("answer-sentence").await?;

    // Which of the two volumes is larger, nobody has said.
    person.go("/ask").await?;
    person.writes("ask-input", "How many desktops have more than 100 GB by region").await?;
    person.presses("ask-submit").await?;
    let clarify = person.reads("answer-clarify").await?.to_lowercase();
    anyhow::ensure!(clarify.contains("root volume") && clarify.contains("user volume"), "{clarify}");
    person.photographs("asked-back").await?;
    person.presses("reading").await?;
    let sentence = person.reads("answer-sentence").await?;
    anyhow::ensure!(sentence.contains("100"), "{sentence}");

    // A chip says another number, and the same question is asked again without any reading.
    person.presses_within("plan-chip", "100", ".chip-edit").await?;
    person.writes("chip-value", "50").await?;
    person.presses("chip-apply").await?;
    person
        .waits("the answer to the changed question", async || {
            let sentence = person.reads("answer-sentence").await?;
            Ok((sentence.contains("50") && !sentence.contains("100")).then_some(()))
        })
        .await?;
    let answer = person.reads("answer-table").await?;
    anyhow::ensure!(answer.contains("eu-west-1"), "{answer}");

    // Kept under a name, it is on the overview and is asked again from the list.
    person.presses("view-keep").await?;
    person.writes("view-name", "Large volumes").await?;
    person.presses("view-on-overview").await?;
    person.presses("view-save").await?;
    person
        .waits("the dialog to close", async || Ok(person.all("view-save").await?.is_empty().then_some(())))
        .await?;
    person.go("/").await?;
    person
        .waits("the view on the overview", async || {
            Ok(person.reads("overview-view").await?.contains("Large volumes").then_some(()))
        })
        .await?;
    person.go("/ask").await?;
    person.presses("view-open").await?;
    let again = person.reads("answer-table").await?;
    anyhow::ensure!(again == answer, "the view answers otherwise:\n{again}\n{answer}");

    // Taken home.
    person.presses("export-csv").await?;
    person.presses("report-download").await?;
    let file = person.downloads("csv").await?;
    let text = tokio::fs::read_to_string(&file).await?;
    let region = text.lines().find(|it| it.contains("eu-west-1")).context("the file has no such region")?;
    let number = region.rsplit(',').next().unwrap_or_default().trim();
    // People read thousands in groups.
    anyhow::ensure!(answer.replace(',', "").contains(number), "{region} is not in\n{answer}");
    Ok(())
}
