//! A `LoRA` adapter answers alike beside the weights and merged into them.

use std::path::PathBuf;

use crate::support::{Running, Setup, ask, likelihood, tiny_adapter, tiny_model};
use serde_json::{Value, json};

async fn start(model: PathBuf, adapter: Option<PathBuf>) -> Running {
    let mut setup = Setup::of(model);
    setup.models[0].adapter = adapter;
    let running = setup.start();
    running.ready().await;
    running
}

/// How likely a few texts are.
async fn opinions(tier: &Running) -> Vec<f64> {
    let texts = json!(["count by region", "list with v1", "zzzz", "The capital of France is Paris."]);
    let answer = tier.chat(ask("how many desktops?", json!({"candidates": texts}))).await;
    answer["choices"].as_array().unwrap().iter().map(|it| likelihood(it, "logprob")).collect()
}

fn farthest(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[actix_web::test]
async fn merged_it_says_what_it_says_beside_the_weights() {
    let [adapter, merged, exact] = tiny_adapter();
    let (without, beside, merged, exact) = tokio::join!(
        start(tiny_model(), None),
        start(tiny_model(), Some(adapter)),
        start(merged, None),
        start(exact, None)
    );
    let plain = opinions(&without).await;
    let [beside, merged, exact] = [opinions(&beside).await, opinions(&merged).await, opinions(&exact).await];
    // The adapter's own numbers are rounded to 16 bits in one case and not in the other.
    assert!(farthest(&beside, &exact) < 0.05, "{beside:?} {exact:?}");
    // The changed matrices are rounded to 8 bits.
    assert!(farthest(&beside, &merged) < 0.5, "{beside:?} {merged:?}");
    assert_ne!(merged, exact, "nothing was rounded: is this how it is shipped?");
    for (name, it) in [("beside", &beside), ("merged", &merged), ("exact", &exact)] {
        assert!(farthest(&plain, it) > 1.0, "{name}, the adapter changes nothing: {plain:?} {it:?}");
    }
}

#[actix_web::test]
async fn health_names_the_adapter() {
    let [adapter, merged, _] = tiny_adapter();
    let (beside, merged) = tokio::join!(start(tiny_model(), Some(adapter)), start(merged, None));
    let named =
        async |tier: &Running| -> Value { tier.get("/health").await.1["models"][0]["adapter"].clone() };
    let (beside, merged) = (named(&beside).await, named(&merged).await);
    assert_eq!((&beside["merged"], &merged["merged"]), (&json!(false), &json!(true)));
    assert_eq!(beside["sha256"], merged["sha256"]);
    assert_eq!(merged["name"], "tiny noise");
}

#[actix_web::test]
async fn an_adapter_that_does_not_fit_is_said_so() {
    let mut setup = Setup::of(tiny_model());
    setup.models[0].adapter = Some(tiny_model());
    let tier = setup.start();
    let health = tier.health_until(|_, health| health["status"] == "failed").await;
    assert!(health["models"][0]["why"].as_str().unwrap().contains("adapter"), "{health}");
}
