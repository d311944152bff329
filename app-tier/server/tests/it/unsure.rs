//! Questions that the rules leave to a model, with a model that says what the test has it say: what is run, what is asked
//! back, what is refused, and what the model gets to see.

use std::{sync::Arc, time::Duration};

use contract::auth::Role;
use domain::{
    catalog::{Catalog, check::Moment},
    questions::{
        confidence::weighed,
        grammar::{INSTRUCTIONS, Slots},
        reranker::odds,
    },
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::harness::{Browser, House};

/// Lines with their shares, the first of them the answer.
type Lines = Vec<(&'static str, f64)>;

/// A house beside an ai-tier with these models, which says `lines` of the model that is asked. Candidates get the share
/// of the line that they are, or next to none.
async fn house(
    models: &[&str],
    lines: impl Fn(&str) -> Lines + Send + Sync + 'static,
) -> (House, MockServer, Browser) {
    house_with(models, Duration::ZERO, lines).await
}

/// The same, where the model needs so long for each answer.
async fn house_with(
    models: &[&str],
    needs: Duration,
    lines: impl Fn(&str) -> Lines + Send + Sync + 'static,
) -> (House, MockServer, Browser) {
    let server = MockServer::start().await;
    let known: Vec<Value> = models.iter().map(|it| json!({"id": it})).collect();
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"data": known})))
        .mount(&server)
        .await;
    let speak = move |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let lines = lines(body["model"].as_str().unwrap());
        let said: Vec<(String, f64)> = match body["candidates"].as_array() {
            Some(them) => {
                let share = |it: &str| lines.iter().find(|(line, _)| *line == it).map_or(0.001, |it| it.1);
                them.iter().map(|it| it.as_str().unwrap()).map(|it| (it.to_owned(), share(it))).collect()
            }
            None if body["grammar"].as_str().unwrap().contains("zq7") => vec![("zq7".to_owned(), 1.0)],
            None => lines.iter().map(|(line, share)| ((*line).to_owned(), *share)).collect(),
        };
        let choice = |(text, share): (String, f64)| {
            json!({"message": {"content": text}, "finish_reason": "stop",
                "likelihood": {"logprob": share.ln() - 1.0, "allowed_logprob": share.ln()}})
        };
        let choices: Vec<Value> = said.into_iter().map(choice).collect();
        ResponseTemplate::new(200).set_delay(needs).set_body_json(json!({"choices": choices}))
    };
    Mock::given(method("POST")).respond_with(speak).mount(&server).await;
    let house = House::open_beside(server.uri(), None).await;
    house.furnish(60).await;
    let viewer = house.sign_in("viewer").await;
    (house, server, viewer)
}

async fn ask(viewer: &Browser, question: &str) -> Value {
    viewer.post("/api/ai/query", json!({"question": question})).await.json().await
}

/// What the chat requests asked, without the probe.
async fn asked(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    let bodies = requests.iter().filter_map(|it| it.body_json::<Value>().ok());
    bodies.filter(|it| it["grammar"].as_str().is_some_and(|it| !it.contains("zq7"))).collect()
}

fn sentences(answer: &Value) -> Vec<String> {
    let readings = answer["clarify"].as_array().unwrap_or_else(|| panic!("{answer}"));
    readings.iter().map(|it| it["sentence"].as_str().unwrap().to_owned()).collect()
}

/// The rules know no purple; what they guess is the number of desktops there.
const PURPLE: &str = "how many purple desktops in eu-west-1";

fn slots() -> Slots {
    let at = Moment { now: chrono::DateTime::UNIX_EPOCH, zone: chrono_tz::UTC };
    Slots::new(&PURPLE.into(), &Catalog::for_role(Role::Viewer), &[], at)
}

#[tokio::test]
async fn what_the_model_is_sure_of_runs() {
    let (_house, server, viewer) =
        house(&["small"], |_| vec![("workspaces count with v1 by state", 0.96)]).await;
    let answer = ask(&viewer, PURPLE).await;
    assert_eq!(answer["sentence"], "number of desktops in eu-west-1, by state", "{answer}");
    assert_eq!(answer["read_by"], "model");
    assert_eq!(answer["rows"], json!([["AVAILABLE", 20], ["STOPPED", 10]]));

    let [request] = asked(&server).await.try_into().unwrap();
    let slots = slots();
    assert_eq!(request["messages"][0]["content"], INSTRUCTIONS);
    assert_eq!(request["messages"][1]["content"], slots.masked(), "what is taught is what is asked");
    assert_eq!(slots.masked(), "how many purple desktops in (v1: region)");
    assert_eq!(request["grammar"], slots.grammar());
    let sure = weighed(0.96, false, odds(&slots, "workspaces count with v1 by state"));
    assert!((answer["confidence"].as_f64().unwrap() - sure).abs() < 1e-9);
}

#[tokio::test]
async fn what_it_is_not_sure_of_is_asked_back_with_its_rivals_and_the_guess() {
    let (_house, _server, viewer) = house(&["small"], |_| {
        vec![("workspaces list with v1", 0.6), ("workspaces list with not v1", 0.2), ("none", 0.1)]
    })
    .await;
    assert_eq!(
        sentences(&ask(&viewer, PURPLE).await),
        ["desktops in eu-west-1", "desktops not in eu-west-1", "number of desktops in eu-west-1"]
    );
}

#[tokio::test]
async fn lines_that_mean_the_same_count_together() {
    let shares = |second| vec![("workspaces list with v1", 0.5), ("workspaces list state with v1", second)];
    let (_house, _server, viewer) = house(&["small"], move |_| shares(0.48)).await;
    let answer = ask(&viewer, PURPLE).await;
    assert_eq!(answer["sentence"], "desktops in eu-west-1", "{answer}");
    let odds = ["workspaces list with v1", "workspaces list state with v1"].map(|it| odds(&slots(), it));
    let sure = weighed(0.98, false, odds[0].max(odds[1]));
    assert!((answer["confidence"].as_f64().unwrap() - sure).abs() < 1e-9);
    let (_house, _server, viewer) = house(&["small"], move |_| shares(0.2)).await;
    assert!(ask(&viewer, PURPLE).await["clarify"].is_array());
}

#[tokio::test]
async fn two_models_that_are_unsure_of_the_same_are_not_sure_together() {
    let (_house, server, viewer) =
        house(&["small", "large"], |_| vec![("workspaces count with v1 by state", 0.5)]).await;
    assert!(ask(&viewer, PURPLE).await["clarify"].is_array());
    assert_eq!(asked(&server).await.len(), 2);
}

#[tokio::test]
async fn a_line_that_leaves_out_what_was_recognised_is_asked_back() {
    let (_house, _server, viewer) = house(&["small"], |_| vec![("workspaces count", 0.99)]).await;
    assert_eq!(
        sentences(&ask(&viewer, PURPLE).await),
        ["number of desktops", "number of desktops in eu-west-1"]
    );
}

#[tokio::test]
async fn what_no_plan_answers_is_refused_with_what_can_be_asked() {
    let (_house, _server, viewer) = house(&["small"], |_| vec![("none", 0.97)]).await;
    // What the rules made of it is still worth a question back.
    assert_eq!(sentences(&ask(&viewer, PURPLE).await)[0], "number of desktops in eu-west-1");
    let answer = ask(&viewer, "flurbs yesterday").await;
    assert!(answer["refused"].as_str().is_some_and(|it| it.contains("You can ask about")), "{answer}");
}

#[tokio::test]
async fn a_refusal_that_has_a_rival_has_to_be_surer_than_a_reading() {
    for (share, refused) in [(0.8, false), (0.95, true)] {
        let lines = move |_: &str| vec![("none", share), ("events list with v1", 1.0 - share)];
        let (_house, _server, viewer) = house(&["small"], lines).await;
        let answer = ask(&viewer, "flurbs yesterday").await;
        assert_eq!(answer["refused"].is_string(), refused, "{share}: {answer}");
        assert_eq!(answer["clarify"].is_array(), !refused, "{share}: {answer}");
    }
}

#[tokio::test]
async fn what_the_model_has_no_words_for_rules_decide() {
    let (_house, server, viewer) = house(&["small"], |_| vec![("none", 0.97)]).await;
    for question in ["average hours per user", "sessions by region"] {
        let answer = ask(&viewer, question).await;
        assert_eq!(answer["read_by"], "rules", "{answer}");
    }
    assert!(asked(&server).await.is_empty());
}

#[tokio::test]
async fn what_is_no_line_is_not_read() {
    for line in ["workspaces count with v9", "DROP TABLE users", "users list", ""] {
        let (_house, _server, viewer) = house(&["small"], move |_| vec![(line, 1.0)]).await;
        let answer = ask(&viewer, PURPLE).await;
        assert_eq!(sentences(&answer)[0], "number of desktops in eu-west-1", "{line}");
        assert_eq!(answer["clarify"][0]["read_by"], "rules");
    }
}

#[tokio::test]
async fn a_follow_up_is_read_with_the_plan_on_the_screen_and_without_its_values() {
    let (_house, server, viewer) =
        house(&["small"], |_| vec![("workspaces count with v1 v2 by state", 0.96)]).await;
    let previous = json!({"entity": "workspaces", "measures": [{"function": "count"}],
        "filters": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]});
    let body = json!({"question": "purple ones in eu-west-1", "previous": previous});
    let answer = viewer.post("/api/ai/query", body).await.json().await;
    assert_eq!(answer["read_by"], "model", "{answer}");
    assert_eq!(answer["sentence"], "number of desktops with running mode ALWAYS_ON in eu-west-1, by state");
    assert_eq!(
        asked(&server).await[0]["messages"][1]["content"],
        "after workspaces count with (v1: running_mode) : purple ones in (v2: region)"
    );
}

#[tokio::test]
async fn a_model_that_cannot_see_what_is_followed_up_is_heard_but_runs_nothing() {
    let (_house, server, viewer) = house(&["small"], |_| vec![("workspaces count with v1", 0.99)]).await;
    // There is no word for an order by the second figure.
    let previous = json!({"entity": "workspaces", "measures": [{"function": "count"}, {"function": "distinct", "of": "user_name"}],
        "group_by": [{"dimension": "region"}], "order": {"by": "distinct_user_name"}});
    let body = json!({"question": PURPLE, "previous": previous});
    let answer = viewer.post("/api/ai/query", body).await.json().await;
    assert!(answer["clarify"].is_array(), "{answer}");
    assert_eq!(asked(&server).await[0]["messages"][1]["content"], "how many purple desktops in (v1: region)");
}

#[tokio::test]
async fn the_large_model_is_asked_where_the_small_one_is_unsure() {
    let lines = |model: &str| match model {
        "large" => vec![("workspaces count with v1 by state", 0.97)],
        _ => vec![("workspaces list with v1", 0.5)],
    };
    let (_house, server, viewer) = house(&["small", "large"], lines).await;
    let answer = ask(&viewer, PURPLE).await;
    assert_eq!(answer["sentence"], "number of desktops in eu-west-1, by state", "{answer}");
    let models: Vec<_> = asked(&server).await.into_iter().map(|it| it["model"].clone()).collect();
    assert_eq!(models, [json!("small"), json!("large")]);

    let (_house, server, viewer) =
        house(&["small", "large"], |_| vec![("workspaces count with v1", 0.97)]).await;
    ask(&viewer, PURPLE).await;
    assert_eq!(asked(&server).await.len(), 1);
}

/// The rules are certain of it; `workspaces count with v1` in the model's language.
const CERTAIN: &str = "how many desktops in eu-west-1";

#[tokio::test]
async fn what_the_rules_are_certain_of_runs_where_the_model_does_not_contradict() {
    for (line, share) in [
        ("workspaces count with v1", 0.7),
        ("workspaces list with v1", 0.05),
        // In other words the same.
        ("workspaces count with v1 top all", 0.9),
        ("no line", 0.9),
    ] {
        let (_house, server, viewer) = house(&["small"], move |_| vec![(line, share)]).await;
        let answer = ask(&viewer, CERTAIN).await;
        assert_eq!(answer["read_by"], "rules", "{line}: {answer}");
        assert_eq!(answer["rows"], json!([[30]]), "{line}");
        assert_eq!(asked(&server).await[0]["candidates"], json!(["workspaces count with v1"]));
    }
}

#[tokio::test]
async fn where_the_model_would_say_something_else_both_are_asked_back() {
    let readings = async |line: &'static str| {
        let (_house, _server, viewer) = house(&["small"], move |_| vec![(line, 0.8)]).await;
        sentences(&ask(&viewer, CERTAIN).await)
    };
    // The surest first.
    let both = ["number of desktops in eu-west-1, by state", "number of desktops in eu-west-1"];
    assert_eq!(readings("workspaces count with v1 by state").await, both);
    // Of a refusal there is nothing to choose, so what people mix up stands beside.
    assert_eq!(readings("none").await, ["number of desktops in eu-west-1", "desktops in eu-west-1"]);

    // Of what follows up, too; nobody asks a model that the house does not use.
    let (house, server, viewer) = house(&["small"], |_| vec![("workspaces list with not v1", 0.8)]).await;
    let body = json!({"question": "and in eu-west-1?", "previous": {"entity": "workspaces"}});
    let answer = viewer.post("/api/ai/query", body).await.json().await;
    assert_eq!(sentences(&answer), ["desktops not in eu-west-1", "desktops in eu-west-1"]);
    let heard = asked(&server).await.len();
    let admin = house.sign_in("admin").await;
    let mut settings = admin.get("/api/admin/config").await.json().await;
    settings["use_model"] = json!(false);
    admin.put("/api/admin/config", settings).await.json().await;
    assert_eq!(ask(&viewer, CERTAIN).await["read_by"], "rules");
    assert_eq!(asked(&server).await.len(), heard);
}

#[tokio::test]
async fn without_a_model_what_the_reranker_doubts_is_asked_back() {
    // The rules are certain of it. Of one bill, of all together, by account?
    const DOUBTED: &str = "biggest cost";
    let (house, server, viewer) = house(&["small"], |_| vec![("none", 0.5)]).await;
    let admin = house.sign_in("admin").await;
    let set = async |least: f64| {
        let mut settings = admin.get("/api/admin/config").await.json().await;
        settings["use_model"] = json!(false);
        settings["least_confidence"] = json!(least);
        admin.put("/api/admin/config", settings).await.json().await;
    };
    set(0.7).await;
    let answer = ask(&viewer, DOUBTED).await;
    assert_eq!(sentences(&answer)[0], "highest cost", "{answer}");
    let confidence = answer["clarify"][0]["confidence"].as_f64().unwrap();
    assert!(confidence < 0.7 && answer["clarify"][0]["read_by"] == "rules", "{answer}");
    // A house may rather have an answer.
    set(0.1).await;
    let answer = ask(&viewer, DOUBTED).await;
    assert_eq!(
        (answer["read_by"].as_str(), answer["confidence"].as_f64()),
        (Some("rules"), Some(confidence))
    );
    assert_eq!(asked(&server).await.len(), 0);
}

#[tokio::test]
async fn what_the_model_is_sure_of_goes_before_what_the_rules_are_certain_of_unless_it_leaves_something_out()
{
    let read_by = async |line: &'static str| {
        let (_house, _server, viewer) = house(&["small"], move |_| vec![(line, 0.95)]).await;
        ask(&viewer, CERTAIN).await["read_by"].clone()
    };
    assert_eq!(read_by("workspaces count with v1 by state").await, "model");
    assert_eq!(read_by("workspaces count by state").await, Value::Null, "the region was recognised");
}

#[tokio::test]
async fn what_the_model_has_no_words_for_it_does_not_outweigh() {
    // Three groups are the most that its language has.
    const QUESTION: &str = "number of desktops by account, region, state and bundle";
    let (_house, _server, viewer) =
        house(&["small"], |_| vec![("workspaces count by account region state", 0.99)]).await;
    let answer = ask(&viewer, QUESTION).await;
    assert_eq!(
        sentences(&answer),
        [
            "number of desktops, by account and region and state",
            "number of desktops, by account and region and state and bundle"
        ]
    );
}

#[tokio::test]
async fn a_second_opinion_that_needs_too_long_is_not_waited_for() {
    // No call by itself needs too long: the first says that it would rather write something else, the second comes too late.
    let lines = |_: &str| vec![("workspaces list with v1", 0.9)];
    let (_house, server, viewer) = house_with(&["small"], Duration::from_millis(1_600), lines).await;
    // The server is tried once, for which the first question is too short.
    ask(&viewer, CERTAIN).await;
    let answer = ask(&viewer, CERTAIN).await;
    assert_eq!(answer["read_by"], "rules", "{answer}");
    assert!(asked(&server).await.len() > 1);
}

#[tokio::test]
async fn readings_of_the_rules_are_put_into_the_models_order() {
    const QUESTION: &str = "list desktops over 100 GB";
    let shares = Arc::new(std::sync::Mutex::new(0.6));
    let share = Arc::clone(&shares);
    let (_house, server, viewer) =
        house(&["small"], move |_| vec![("workspaces list with v1 user_volume_gib", *share.lock().unwrap())])
            .await;
    assert_eq!(
        sentences(&ask(&viewer, QUESTION).await),
        ["desktops with user volume more than 100 GiB", "desktops with root volume more than 100 GiB"]
    );
    assert_eq!(asked(&server).await[0]["candidates"].as_array().unwrap().len(), 2);

    // The model is taught to be unsure of what has to be asked back.
    *shares.lock().unwrap() = 0.999;
    let answer = ask(&viewer, QUESTION).await;
    assert_eq!(answer["sentence"], "desktops with user volume more than 100 GiB", "{answer}");
    assert_eq!(answer["read_by"], "model");
}
