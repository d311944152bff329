//! Evaluations: what is put, what is told of it, and what makes it outdated.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use contract::evaluations::{Evaluations, Verdict};
use reqwest::StatusCode;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::method};

use crate::harness::{Browser, House};

const PATH: &str = "/api/admin/evaluations";

async fn told(admin: &Browser) -> Evaluations {
    serde_json::from_value(admin.get(PATH).await.json().await).unwrap()
}

#[tokio::test]
async fn an_evaluation_tells_what_became_of_every_question() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    let none = told(&admin).await;
    assert!(none.items.is_empty() && none.running.is_none() && !none.outdated);

    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    let twice = admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    let running = told(&admin).await.running.unwrap();
    assert_eq!(json!([running.id]), twice["jobs"], "one that is under way is not doubled");
    assert_eq!(running.requested_by.as_deref(), Some("admin"));
    house.work().await;

    let first = told(&admin).await;
    assert!(first.running.is_none() && !first.outdated);
    let [it] = first.items.as_slice() else { panic!("{} evaluations", first.items.len()) };
    assert_eq!((it.model.as_deref(), it.started_by.as_deref()), (None, Some("admin")));
    let (answerable, unanswerable) = (it.answerable(), it.unanswerable());
    assert_eq!((answerable.all(), unanswerable.all()), (294, 66));
    assert_eq!(first.questions, 360);
    // By rules alone, far from good and far from nothing; the figures themselves are no business of this test.
    assert!(answerable.right > 100 && unanswerable.right > 30, "{answerable:?} {unanswerable:?}");
    let missed = u32::try_from(it.misses.len()).unwrap();
    assert_eq!(missed, first.questions - answerable.right - unanswerable.right);
    assert!(it.misses.iter().all(|it| it.verdict != Verdict::Right && !it.told.is_empty()));
    let last = it.groups.last().unwrap();
    assert!(last.entity.is_none() && it.groups.len() == 12, "{:?}", it.groups);
    assert!(it.median_ms <= it.p95_ms);

    // What the house calls things decides, too, and what it calls values.
    let word = json!({"phrase": "burn", "means": "cost"});
    admin.post("/api/synonyms", word).await.expect_status(StatusCode::CREATED).await;
    assert!(told(&admin).await.outdated);
    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    let second = told(&admin).await;
    assert!(!second.outdated);
    let [newest, oldest] = second.items.as_slice() else { panic!("{} evaluations", second.items.len()) };
    assert_ne!(newest.catalog, oldest.catalog);
    assert!(!newest.misses.is_empty() && oldest.misses.is_empty(), "of the newest only");
}

#[tokio::test]
async fn an_evaluation_that_was_interrupted_goes_on_where_it_stopped() {
    let house = House::open().await;
    let admin = house.sign_in("admin").await;
    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    let catalog = {
        house.work().await;
        told(&admin).await.items[0].catalog.clone()
    };
    house.execute("TRUNCATE evaluations").await;
    // As a worker leaves it that dies after 350 of 360, all of which were right.
    let times = vec![1; 350];
    let report = json!({"subject": {"model": null, "catalog": catalog}, "misses": [], "times": times,
        "groups": [{"entity": "workspaces", "verdicts": {"right": 350, "asked_right": 0, "asked_wrong": 0, "refused": 0, "wrong": 0}}]});
    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house
        .execute(&format!(
            "UPDATE queue_jobs SET checkpoint = '{report}' WHERE kind = 'evaluate' AND state = 'waiting'"
        ))
        .await;
    house.work().await;
    let it = &told(&admin).await.items[0];
    assert_eq!(it.answerable().all() + it.unanswerable().all(), 360);
    assert!(it.answerable().right >= 350, "{:?}", it.groups);

    // Of what has changed since, nothing is taken over.
    house.execute("TRUNCATE evaluations").await;
    let other = report.to_string().replace(&catalog, "another");
    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house
        .execute(&format!(
            "UPDATE queue_jobs SET checkpoint = '{other}' WHERE kind = 'evaluate' AND state = 'waiting'"
        ))
        .await;
    house.work().await;
    assert!(told(&admin).await.items[0].answerable().right < 350);
}

#[tokio::test]
async fn what_a_model_did_not_answer_is_put_to_it_again() {
    let server = MockServer::start().await;
    let is_away = Arc::new(AtomicBool::new(true));
    let away = Arc::clone(&is_away);
    let speak = move |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let choice = |text: &str, share: f64| {
            json!({"message": {"content": text}, "finish_reason": "stop",
                "likelihood": {"logprob": share.ln(), "allowed_logprob": share.ln()}})
        };
        let choices: Vec<Value> = match body["candidates"].as_array() {
            _ if body["grammar"].as_str().unwrap().contains("zq7") => vec![choice("zq7", 1.0)],
            _ if away.load(Ordering::Relaxed) => return ResponseTemplate::new(503),
            // It agrees with all that the rules are certain of, and has nothing to say of the rest.
            Some(them) => them.iter().map(|it| choice(it.as_str().unwrap(), 0.9)).collect(),
            None => vec![choice("none", 0.5)],
        };
        ResponseTemplate::new(200)
            .set_body_json(json!({"choices": choices, "system_fingerprint": "weights-1"}))
    };
    Mock::given(method("POST")).respond_with(speak).mount(&server).await;
    let house = House::open_beside(server.uri(), None).await;
    let admin = house.sign_in("admin").await;
    admin.post(PATH, json!({})).await.expect_status(StatusCode::ACCEPTED).await;
    house.work().await;
    let put_off = told(&admin).await;
    assert!(put_off.items.is_empty());
    assert!(put_off.running.unwrap().error.unwrap().contains("does not answer"));

    is_away.store(false, Ordering::Relaxed);
    house.execute("UPDATE queue_jobs SET due_at = now() WHERE kind = 'evaluate'").await;
    house.work().await;
    let by_model = told(&admin).await;
    let it = &by_model.items[0];
    assert_eq!(it.model.as_deref(), Some("weights-1"));
    assert_eq!(it.answerable().all() + it.unanswerable().all(), 360);
    assert!(!by_model.outdated);
}
