//! The tier on the small real model, as it comes from its registry: it answers under a grammar, and a second question
//! costs only its own tokens. Whether its answers are right is measured elsewhere; as it comes, few are.

use std::num::NonZeroUsize;

use crate::support::{Running, Setup, ask, cached_tokens, content, small_model};
use inference::{
    engine::{Message, Role, Tokenizer},
    pairs,
};
use serde_json::{Value, json};

async fn small() -> Running {
    let mut setup = Setup::of(small_model());
    setup.models[0].threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    setup.models[0].context_tokens = 2048;
    let running = setup.start();
    running.ready().await;
    running
}

#[test]
fn it_is_asked_in_its_own_format() {
    let messages = [Message { role: Role::System, content: "Be brief.".to_owned() }, Message::user("hi")];
    assert_eq!(
        Tokenizer::open(&small_model()).unwrap().prompt(&messages).unwrap(),
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    );
}

#[actix_web::test]
async fn it_is_taught_in_the_tokens_that_it_is_asked_and_judged_in() {
    let tier = small().await;
    let texts = r#"{"instructions":"Query plan.","prompt":"Idle desktops by (v1: region)?","completion":"count by region"}"#;
    let mut taught = Vec::new();
    pairs::tokenize(&small_model(), texts.as_bytes(), &mut taught).unwrap();
    let taught: Value = serde_json::from_slice(&taught).unwrap();
    let [prompt, completion] = ["prompt", "completion"].map(|it| taught[it].as_array().unwrap().len());
    assert_eq!(taught["completion"].as_array().unwrap().last(), Some(&json!(2)), "<|im_end|>");
    let judged = tier
        .chat(json!({
            "messages": [
                {"role": "system", "content": "Query plan."},
                {"role": "user", "content": "Idle desktops by (v1: region)?"},
            ],
            "candidates": ["count by region"],
        }))
        .await;
    assert_eq!(judged["usage"]["prompt_tokens"], prompt);
    assert_eq!(judged["usage"]["completion_tokens"], completion - 1);
    let broken = pairs::tokenize(&small_model(), &b"{}"[..], Vec::new()).unwrap_err();
    assert!(format!("{broken:#}").contains("line 1: missing field"), "{broken:#}");
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
