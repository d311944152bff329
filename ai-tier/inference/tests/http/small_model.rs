//! The tier on the small real model, as it comes from its registry: it answers under a grammar, and a second question
//! costs only its own tokens. Whether its answers are right is measured elsewhere; as it comes, few are.

use std::num::NonZeroUsize;

use crate::support::{Running, Setup, ask, cached_tokens, content, small_model};
use serde_json::{Value, json};

async fn small() -> Running {
    let mut setup = Setup::of(small_model());
    setup.models[0].threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    setup.models[0].context_tokens = 2048;
    let running = setup.start();
    running.ready().await;
    running
}

#[actix_web::test]
async fn it_is_asked_in_its_own_format() {
    let tier = small().await;
    let body =
        json!({"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]});
    let rendered: Value = tier.post("/apply-template", &body).await.json().await.unwrap();
    assert_eq!(
        rendered["prompt"],
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    );
}

#[actix_web::test]
async fn a_question_gets_a_plan_that_parses() {
    let tier = small().await;
    let grammar = r#"root ::= "{\"entity\":\"workspaces\",\"measure\":\"" ("count" | "list") "\",\"by\":" ("null" | "\"state\"" | "\"region\"") "}""#;
    let extra = json!({"grammar": grammar, "max_tokens": 60, "logprobs": true, "top_logprobs": 2});
    let answer = tier.chat(ask("How many desktops are there in each region?", extra)).await;
    let plan: Value = serde_json::from_str(content(&answer)).unwrap();
    assert_eq!(plan["entity"], "workspaces");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let said: String = answer["choices"][0]["logprobs"]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["token"].as_str().unwrap())
        .collect();
    assert_eq!(said, content(&answer));
}

#[actix_web::test]
async fn a_second_question_about_the_same_catalog_costs_only_its_own_tokens() {
    let tier = small().await;
    let catalog = "Desktops have a state, a running mode, a region, a user and a bundle. ".repeat(12);
    let about = |question: &str| {
        json!({
            "messages": [{"role": "system", "content": catalog}, {"role": "user", "content": question}],
            "grammar": "root ::= \"count\" | \"list\"",
        })
    };
    let first = tier.chat(about("How many are stopped?")).await;
    let second = tier.chat(about("Which ones run in Ireland?")).await;
    let prompt_tokens = second["usage"]["prompt_tokens"].as_u64().unwrap();
    assert!(cached_tokens(&first) < 30, "{first}");
    assert!(cached_tokens(&second) > prompt_tokens - 30, "{second}");
}
