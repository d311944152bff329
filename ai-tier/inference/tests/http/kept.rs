//! What was made of instructions outlives the process, and is believed only as long as it is what was written.

use std::path::{Path, PathBuf};

use crate::support::{Running, Setup, ask, cached_tokens, content, tiny_model};
use serde_json::{Value, json};

fn about(question: &str) -> Value {
    told("desktops ", question)
}

fn told(instructions: &str, question: &str) -> Value {
    json!({
        "messages": [
            {"role": "system", "content": instructions.repeat(60)},
            {"role": "user", "content": question},
        ],
        "grammar": "root ::= [a-z]{8}",
    })
}

async fn with_archive(folder: &Path) -> Running {
    let mut setup = Setup::of(tiny_model());
    setup.models[0].archive = Some(folder.to_owned());
    let running = setup.start();
    running.ready().await;
    running
}

/// Every kept file, below the model's folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = |it: &Path| std::fs::read_dir(it).unwrap().map(|it| it.unwrap().path()).collect::<Vec<_>>();
    entries(folder).iter().flat_map(|it| entries(it)).collect()
}

#[actix_web::test]
async fn a_prefix_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = with_archive(folder.path()).await;
    let cold = before.chat(about("how many?")).await;
    assert!(cached_tokens(&cold) < 20, "{cold}");
    drop(before);
    let after = with_archive(folder.path()).await;
    let warm = after.chat(about("how many?")).await;
    assert!(cached_tokens(&warm) > 500, "{warm}");
    assert_eq!(content(&warm), content(&cold));
}

#[actix_web::test]
async fn instructions_are_kept_once_whatever_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let tier = with_archive(folder.path()).await;
    for question in ["how many?", "which?", "how many?"] {
        tier.chat(about(question)).await;
    }
    let first = files(folder.path());
    assert_eq!(first.len(), 1, "{first:?}");
    tier.chat(ask(&"invoices ".repeat(60), json!({"grammar": "root ::= [a-z]{8}"}))).await;
    assert_eq!(files(folder.path()), first, "a question is not kept, however long");
}

#[actix_web::test]
async fn every_instructions_are_kept_and_what_that_took_does_not_count_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let tier = with_archive(folder.path()).await;
    let instructions = ["desktops ", "invoices ", "accounts ", "bundles ", "regions "];
    for (n, it) in instructions.iter().enumerate() {
        tier.chat(told(it, "how many?")).await;
        tier.chat(told(it, "which?")).await;
        assert_eq!(files(folder.path()).len(), (n + 1).min(4));
    }
    let before = files(folder.path());
    // Their file made room for the last ones, while the whole prompt may still be in memory.
    let again = tier.chat(told(instructions[0], "which?")).await;
    assert_ne!(files(folder.path()), before);
    let once_more = tier.chat(told(instructions[0], "which?")).await;
    assert!(cached_tokens(&again) > 500, "{again}");
    assert!(cached_tokens(&again) < cached_tokens(&once_more), "{again} {once_more}");
}

#[actix_web::test]
async fn a_file_that_was_changed_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    with_archive(folder.path()).await.chat(about("how many?")).await;
    let [file] = files(folder.path()).try_into().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let tier = with_archive(folder.path()).await;
    assert!(!file.exists());
    let again = tier.chat(about("how many?")).await;
    assert!(cached_tokens(&again) < 20, "{again}");
    assert_eq!(files(folder.path()).len(), 1);
}

#[actix_web::test]
async fn a_folder_that_cannot_be_used_costs_nothing_but_time() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("in the way");
    std::fs::write(&file, "").unwrap();
    let tier = with_archive(&file).await;
    assert_eq!(content(&tier.chat(about("how many?")).await).len(), 8);
}
