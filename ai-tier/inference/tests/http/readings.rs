//! How likely an answer is: of what was written, of the readings beside it, and of what somebody else wrote.

use crate::support::{Running, Setup, ask, content, likelihood, small_model};
use serde_json::{Value, json};

fn texts(answer: &Value) -> Vec<&str> {
    let choices = answer["choices"].as_array().unwrap();
    choices.iter().map(|it| it["message"]["content"].as_str().unwrap()).collect()
}

fn share(choice: &Value) -> f64 {
    likelihood(choice, "allowed_logprob").exp()
}

/// A plan language in small, as catalogs are written in it.
const PLANS: &str = r#"root ::= ("count" | "list") (" with v1")? (" by " group)?
group ::= "region" | "running_mode" | "root_volume_gib" | "user_name""#;

async fn small() -> Running {
    let running = Setup::of(small_model()).start();
    running.ready().await;
    running
}

#[actix_web::test]
async fn where_the_grammar_leaves_no_choice_the_model_is_not_asked() {
    let tier = Running::tiny().await;
    let extra = json!({"grammar": "root ::= \"ab\" [cd] \"ef\"", "logprobs": true, "top_logprobs": 1});
    let answer = tier.chat(ask("hi", extra)).await;
    let tokens = answer["choices"][0]["logprobs"]["content"].as_array().unwrap();
    let asked: Vec<_> = tokens.iter().map(|it| it["top_logprobs"].as_array().unwrap().len()).collect();
    // The last token before a choice is asked for: what follows could belong to the same token.
    assert_eq!(asked, [0, 1, 1, 0, 0]);
    assert_eq!((&tokens[0]["logprob"], &tokens[1]["logprob"]), (&json!(0.0), &json!(0.0)));
    assert!(tokens[2]["allowed_logprob"].as_f64().unwrap() < 0.0);
    assert_eq!(content(&answer).len(), 5);
}

#[actix_web::test]
async fn forced_text_obeys_limit_and_stop_sequence() {
    let tier = Running::tiny().await;
    let cut = tier.chat(ask("hi", json!({"grammar": "root ::= [ab] \"cdefgh\"", "max_tokens": 3}))).await;
    assert!(content(&cut).ends_with("cd"), "{cut}");
    assert_eq!(content(&cut).len(), 3);
    assert_eq!(cut["choices"][0]["finish_reason"], "length");
    let stopped =
        tier.chat(ask("hi", json!({"grammar": "root ::= [ab] \"cdefgh\" [xy]", "stop": "ef"}))).await;
    assert!(content(&stopped).ends_with("cd"), "{stopped}");
    assert_eq!(stopped["choices"][0]["finish_reason"], "stop");
}

#[actix_web::test]
async fn the_likelihood_is_the_sum_of_the_tokens_and_the_end() {
    let tier = Running::tiny().await;
    let extra = json!({"grammar": "root ::= [ab] [cd]?", "logprobs": true});
    let answer = tier.chat(ask("hi", extra)).await;
    let choice = &answer["choices"][0];
    let tokens = choice["logprobs"]["content"].as_array().unwrap();
    let sum: f64 = tokens.iter().map(|it| it["allowed_logprob"].as_f64().unwrap()).sum();
    let all = likelihood(choice, "allowed_logprob");
    match tokens.len() {
        1 => assert!(all < sum, "the end was a choice as well: {choice}"),
        _ => assert!((all - sum).abs() < 1e-5, "the end was none: {choice}"),
    }
    assert!(likelihood(choice, "logprob") < all);
}

#[actix_web::test]
async fn a_stream_tells_the_likelihood_at_its_end() {
    let tier = Running::tiny().await;
    let asked = ask("hi", json!({"grammar": "root ::= [ab] [cd]?", "logprobs": true}));
    let whole = tier.chat(asked.clone()).await;
    let events = tier.stream(asked).await;
    let chunks: Vec<Value> = events.iter().filter_map(|it| serde_json::from_str(it).ok()).collect();
    let (closing, others) = chunks.split_last().unwrap();
    assert_eq!(closing["choices"][0]["finish_reason"], "stop");
    for kind in ["logprob", "allowed_logprob"] {
        let difference = likelihood(&closing["choices"][0], kind) - likelihood(&whole["choices"][0], kind);
        assert!(difference.abs() < 1e-4, "{closing} {whole}");
    }
    assert!(others.iter().all(|it| it["choices"][0]["likelihood"].is_null()), "{others:?}");
}

#[actix_web::test]
async fn rivals_are_other_readings_in_the_order_of_likelihood() {
    let tier = small().await;
    // Of this a model that was taught plans is as unsure as one that was not.
    let (question, grammar) = ("How many days does a month have?", "root ::= [1-9] [0-9]{0,2}");
    let answer = tier.chat(ask(question, json!({"grammar": grammar, "rivals": 3}))).await;
    let choices = answer["choices"].as_array().unwrap();
    assert!(choices.len() > 1, "{answer}");
    let mut different = texts(&answer);
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), choices.len());
    let shares: Vec<f64> = choices.iter().map(share).collect();
    assert!(shares.iter().all(|it| *it >= shares[0] * 0.0499), "{shares:?}");
    assert!(shares[1..].is_sorted_by(|a, b| a >= b), "{shares:?}");
    assert!(shares.iter().sum::<f64>() <= 1.0001, "{shares:?}");
    let alone = tier.chat(ask(question, json!({"grammar": grammar}))).await;
    assert_eq!(content(&alone), texts(&answer)[0]);
    let indices: Vec<_> = choices.iter().map(|it| it["index"].as_u64().unwrap()).collect();
    assert!(indices.into_iter().eq(0..u64::try_from(choices.len()).unwrap()));
}

#[actix_web::test]
async fn what_was_written_is_judged_as_likely_as_it_was_when_it_was_written() {
    let tier = small().await;
    // Every digit is a token of its own, so there is one way to write each number.
    let grammar = "root ::= [1-9] [0-9]{0,2}";
    let question = "How many days does a month have?";
    let written = tier.chat(ask(question, json!({"grammar": grammar, "rivals": 3, "logprobs": true}))).await;
    let numbers = texts(&written);
    assert!(numbers.len() > 1, "{written}");
    let judged = tier.chat(ask(question, json!({"grammar": grammar, "candidates": numbers}))).await;
    assert_eq!(texts(&judged), numbers);
    let both = |answer: &Value| answer["choices"].as_array().unwrap().clone();
    for (one, other) in both(&written).iter().zip(&both(&judged)) {
        for kind in ["logprob", "allowed_logprob"] {
            let difference = likelihood(one, kind) - likelihood(other, kind);
            // Batches of other sizes round otherwise.
            assert!(difference.abs() < 0.1, "{kind}: {one}\n{other}");
        }
    }
}

#[actix_web::test]
async fn the_answer_is_written_in_the_vocabularys_own_words() {
    let tier = small().await;
    let extra = json!({"grammar": "root ::= \"list\" | \"count\"", "logprobs": true});
    let answer = tier.chat(ask("Name the desktops.", extra)).await;
    // Whatever part of the word the model would have begun with.
    assert_eq!(answer["choices"][0]["logprobs"]["content"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["usage"]["completion_tokens"], 1);
}

#[actix_web::test]
async fn candidates_that_begin_alike_are_judged_as_if_alone() {
    let tier = small().await;
    let among = ["count by region", "count by running_mode", "count", "list with v1 by user_name"];
    let together = json!({"grammar": PLANS, "candidates": among});
    let together = tier.chat(ask("Desktops by region?", together)).await;
    for (n, text) in among.iter().enumerate() {
        let alone =
            tier.chat(ask("Desktops by region?", json!({"grammar": PLANS, "candidates": [text]}))).await;
        let difference =
            likelihood(&alone["choices"][0], "logprob") - likelihood(&together["choices"][n], "logprob");
        assert!(difference.abs() < 0.1, "{text}: {difference}");
    }
    // They are different answers, so their shares are parts of one whole.
    let shares: Vec<f64> = together["choices"].as_array().unwrap().iter().map(share).collect();
    let (all, largest) = (shares.iter().sum::<f64>(), shares.iter().copied().fold(0.0, f64::max));
    assert!(largest < all && all <= 1.0001, "{shares:?}");
}

#[actix_web::test]
async fn without_a_grammar_any_text_can_be_judged() {
    let tier = small().await;
    let candidates = json!(["The capital of France is Paris.", "The capital of France is zxqj vv."]);
    let judged = tier.chat(ask("What is the capital of France?", json!({"candidates": candidates}))).await;
    let [right, wrong] = [0, 1].map(|n| likelihood(&judged["choices"][n], "logprob"));
    assert!(right > wrong + 5.0, "{right} {wrong}");
}

#[actix_web::test]
async fn a_candidate_that_the_grammar_does_not_let_through_is_named() {
    let tier = Running::tiny().await;
    let body = ask("hi", json!({"grammar": "root ::= \"ab\" | \"ac\"", "candidates": ["ab", "ad"]}));
    let refused: Value = tier.post("/v1/chat/completions", &body).await.json().await.unwrap();
    assert_eq!(refused["error"]["code"], "candidate_not_in_grammar");
    assert_eq!(refused["error"]["param"], "candidates.1");
    let half = ask("hi", json!({"grammar": "root ::= \"ab\" | \"ac\"", "candidates": ["a"]}));
    assert_eq!(tier.refused(half).await, (400, "candidate_not_in_grammar".to_owned()));
}
