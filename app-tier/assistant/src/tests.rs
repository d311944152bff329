//! The client and the manners of servers.

use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use super::*;

fn assistant(server: &MockServer) -> Assistant {
    assistant_at(server.uri())
}

fn assistant_at(url: String) -> Assistant {
    let config = AssistantConfig {
        url,
        api_key: Some(SecretString::from("k")),
        model: "small".into(),
        timeout: Duration::from_secs(2),
    };
    Assistant::new(config).unwrap()
}

const TASK: Task<'static> =
    Task { instructions: "i", question: "q", grammar: "root ::= \"count\"", max_tokens: 8, rivals: 2 };

/// A server that obeys grammars under `field` and otherwise says yes.
async fn server_obeying(field: &'static str) -> MockServer {
    let server = MockServer::start().await;
    let obey = move |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let grammar = match field {
            "grammar" => &body["grammar"],
            "structured_outputs" => &body["structured_outputs"]["grammar"],
            _ => &Value::Null,
        };
        let text =
            grammar.as_str().map_or("yes", |it| it.trim_start_matches("root ::= \"").trim_end_matches('"'));
        ResponseTemplate::new(200).set_body_json(json!({
            "choices": [{"message": {"content": text}, "finish_reason": "stop",
                "logprobs": {"content": [{"logprob": -0.5}, {"logprob": 0.0}, {"logprob": -1.5}]}}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 7}}}))
    };
    Mock::given(method("POST")).and(path("/v1/chat/completions")).respond_with(obey).mount(&server).await;
    server
}

#[tokio::test]
async fn the_dialect_is_found_by_who_obeys() {
    for field in ["grammar", "structured_outputs"] {
        let server = server_obeying(field).await;
        let assistant = assistant(&server);
        let written = assistant.write(TASK).await.unwrap();
        assert_eq!(written.text, "count");
        assert!((written.confidence - (-1.0_f64).exp()).abs() < 1e-9);
        assert_eq!((written.prompt_tokens, written.cached_tokens, written.written_tokens), (9, 7, 2));
        assert_eq!(assistant.manners().await.unwrap().dialect.name(), field);
        assert_eq!(written.rivals, []);
    }
}

#[tokio::test]
async fn a_server_without_grammar_is_not_used() {
    let server = server_obeying("neither").await;
    assert!(matches!(assistant(&server).write(TASK).await, Err(AssistantError::NoGrammar)));
}

#[tokio::test]
async fn busy_and_away_are_told_apart() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "3");
    Mock::given(method("POST")).respond_with(busy).mount(&server).await;
    let error = assistant(&server).write(TASK).await.unwrap_err();
    assert!(matches!(error, AssistantError::Busy { retry_after: Some(it) } if it.as_secs() == 3));
    assert!(!assistant(&server).health().await.available);

    // Nobody listens where a listener has been.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = assistant_at(format!("http://{address}"));
    assert!(matches!(away.write(TASK).await, Err(AssistantError::Unavailable(_))));
    assert!(!away.health().await.available);
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_not_read() {
    let server = server_obeying("grammar").await;
    let assistant = assistant(&server);
    assistant.write(TASK).await.unwrap();
    server.reset().await;
    let cut = json!({"choices": [{"message": {"content": "cou"}, "finish_reason": "length"}]});
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_json(cut))
        .mount(&server)
        .await;
    assert!(matches!(assistant.write(TASK).await, Err(AssistantError::Unreadable(_))));
}

#[tokio::test]
async fn health_names_the_model() {
    let server = server_obeying("structured_outputs").await;
    let models = json!({"data": [{"id": "small-1"}]});
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(ResponseTemplate::new(200).set_body_json(models))
        .mount(&server)
        .await;
    let health = assistant(&server).health().await;
    assert!(health.available);
    assert_eq!(health.model.as_deref(), Some("small-1"));
    assert_eq!(health.dialect.as_deref(), Some("structured_outputs"));
}

/// Log probabilities are what llama-cpp-python's server fails at unless it was started for them.
#[tokio::test]
async fn a_server_that_fails_at_probabilities_is_asked_for_none() {
    let server = MockServer::start().await;
    let obey = |request: &Request| {
        let body: Value = request.body_json().unwrap();
        if body["logprobs"] == true {
            return ResponseTemplate::new(500).set_body_json(json!({"error": {"message": "logits_all"}}));
        }
        let grammar = body["grammar"].as_str().unwrap_or("root ::= \"yes\"");
        let text = grammar.trim_start_matches("root ::= \"").trim_end_matches('"');
        ResponseTemplate::new(200)
            .set_body_json(json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}))
    };
    Mock::given(method("POST")).respond_with(obey).mount(&server).await;
    let written = assistant(&server).write(TASK).await.unwrap();
    assert_eq!((written.text.as_str(), written.confidence), ("count", 0.0));
}

#[tokio::test]
async fn a_server_that_only_fails_is_said_to_fail() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    assert!(matches!(assistant(&server).write(TASK).await, Err(AssistantError::Failed(_))));
}

fn choice(text: &str, share: f64) -> Value {
    json!({"message": {"content": text}, "finish_reason": "stop",
        "likelihood": {"logprob": share.ln() - 1.0, "allowed_logprob": share.ln()}})
}

/// A server with the extensions of `skydesk-ai`.
async fn judging_server() -> MockServer {
    let server = MockServer::start().await;
    let answer = |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let choices: Vec<Value> = match body["candidates"].as_array() {
            Some(lines) => lines.iter().map(|it| choice(it.as_str().unwrap(), 0.25)).collect(),
            _ if body["grammar"].as_str().unwrap().contains("zq7") => vec![choice("zq7", 1.0)],
            _ => vec![choice("count", 0.6), choice("list", 0.3)],
        };
        ResponseTemplate::new(200).set_body_json(json!({"choices": choices}))
    };
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn rivals_come_with_the_line_and_their_shares() {
    let server = judging_server().await;
    let written = assistant(&server).write(TASK).await.unwrap();
    assert!((written.confidence - 0.6).abs() < 1e-9);
    assert_eq!(written.rivals.len(), 1);
    assert_eq!(written.rivals[0].text, "list");
    assert!((written.rivals[0].share - 0.3).abs() < 1e-9);
}

#[tokio::test]
async fn lines_are_judged_where_the_server_can() {
    let server = judging_server().await;
    let judged = assistant(&server).judge(TASK, &["count", "list"]).await.unwrap();
    assert_eq!(judged.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["count", "list"]);
    assert!((judged[0].logprob - (0.25_f64.ln() - 1.0)).abs() < 1e-9);

    let server = server_obeying("grammar").await;
    let assistant = assistant(&server);
    let mut requests = Vec::new();
    for _ in 0..2 {
        let error = assistant.judge(TASK, &["count"]).await.unwrap_err();
        assert!(matches!(error, AssistantError::NoJudgement));
        requests.push(server.received_requests().await.unwrap().len());
    }
    assert_eq!(requests[0], requests[1], "it is not asked for that again");
}

#[tokio::test]
async fn another_model_of_the_same_server_is_asked_by_its_name() {
    let server = server_obeying("grammar").await;
    let small = assistant(&server);
    small.write(TASK).await.unwrap();
    small.with_model("large", Duration::from_secs(1)).write(TASK).await.unwrap();
    let asked: Vec<Value> =
        server.received_requests().await.unwrap().iter().map(|it| it.body_json().unwrap()).collect();
    let models: Vec<_> = asked.iter().map(|it| it["model"].as_str().unwrap()).collect();
    // The first is the probe, and nothing is probed twice.
    assert_eq!(models, ["small", "small", "large"]);
}

/// The ai-tier of the test run, or any other server at that address: see `docs/OPERATIONS.md`, "Another server for the
/// model".
#[tokio::test]
async fn a_plan_comes_from_a_running_server() {
    #[expect(clippy::disallowed_methods, reason = "tests have no other way to learn where the server is")]
    let setting = |name: &str| std::env::var(name).unwrap();
    let api_key =
        Some(setting("SKYDESK_TEST_AI_API_KEY")).filter(|it| !it.is_empty()).map(SecretString::from);
    let config = AssistantConfig {
        url: setting("SKYDESK_TEST_AI_URL"),
        api_key,
        model: "small".into(),
        timeout: Duration::from_secs(60),
    };
    let assistant = Assistant::new(config).unwrap();
    let task = Task {
        instructions: "Translate the question into a query: count|list by region|state",
        question: "How many desktops are in each region?",
        grammar: "root ::= (\"count\" | \"list\") \" by \" (\"region\" | \"state\")",
        max_tokens: 16,
        rivals: 0,
    };
    let written = assistant.write(task).await.unwrap();
    let words: Vec<_> = written.text.split(' ').collect();
    assert!(matches!(words.as_slice(), ["count" | "list", "by", "region" | "state"]), "{written:?}");
    let health = assistant.health().await;
    assert!(health.available, "{health:?}");
}
