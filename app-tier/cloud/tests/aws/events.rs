//! CloudTrail's history: how it is asked for, and what is left out of it.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cloud::{CloudError, Session};
use domain::usage::Span;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, header},
};

use crate::{
    answers::{answer, aws, refusal, requests},
    support::{self, ACCOUNT, target},
};

const LOOKUP: &str = "CloudTrail_20131101.LookupEvents";

async fn session(server: &MockServer) -> Session {
    support::cloud(&server.uri()).await.session(target(ACCOUNT, "eu-west-1")).await
}

fn span() -> Span {
    let until: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    Span::new(until - TimeDelta::hours(1), until)
}

/// An event of a session of a role, as `LookupEvents` answers it.
fn event(id: &str, name: &str, role: &str) -> Value {
    let record = json!({"eventID": id, "eventName": name, "readOnly": name.starts_with("Describe"),
        "requestParameters": {"workspaceId": "ws-1"}, "userIdentity": {"type": "AssumedRole",
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/jane"), "sessionContext": {"sessionIssuer":
                {"arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}"), "userName": role}}}});
    json!({"EventId": id, "EventName": name, "EventTime": 1_795_255_200, "ReadOnly": "false", "Username": "jane",
        "CloudTrailEvent": record.to_string()})
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_same_words_and_no_faster_than_aws_allows() {
    let aws = aws().await;
    let asked = json!({"LookupAttributes": [{"AttributeKey": "EventSource", "AttributeValue": "workspaces.amazonaws.com"}],
        "StartTime": 1_795_251_600, "EndTime": 1_795_255_200, "MaxResults": 50});
    let pages = [("null", "1", "a"), ("1", "2", "b"), ("2", "3", "c"), ("3", "", "d")];
    for (token, next, id) in pages {
        let mut asked = asked.clone();
        if token != "null" {
            asked["NextToken"] = json!(token);
        }
        Mock::given(header("x-amz-target", LOOKUP))
            .and(body_partial_json(&asked))
            .respond_with(answer(
                &json!({"Events": [event(id, "StopWorkspaces", "Admin")], "NextToken": next}),
            ))
            // The one without a token suits all of them.
            .with_priority(if token == "null" { 2 } else { 1 })
            .mount(&aws)
            .await;
    }
    let begun = Instant::now();
    let events = session(&aws).await.events(span(), None).rest().await.unwrap();
    let took = begun.elapsed();
    assert_eq!(events.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert_eq!((events[0].at, events[0].actor.as_str()), (span().until, "jane"));
    assert!(took >= Duration::from_millis(1450), "four pages at two a second: {took:?}");
    let rest = session(&aws).await.events(span(), Some("3".into())).rest().await.unwrap();
    assert_eq!(rest.len(), 1, "a token is good in another process");
    assert_eq!(requests(&aws, |it| it.headers.get("x-amz-target").is_some_and(|it| it == LOOKUP)).await, 5);
}

#[tokio::test]
async fn own_looks_are_left_out_and_nothing_else() {
    let aws = aws().await;
    let mut nobody = event("", "StopWorkspaces", "Admin");
    nobody["EventId"] = Value::Null;
    nobody["CloudTrailEvent"] = json!("{}");
    let page = json!({"Events": [event("a", "DescribeWorkspaces", "SkydeskReader"), event("b", "StopWorkspaces", "SkydeskReader"),
        event("c", "DescribeWorkspaces", "Admin"), nobody, {"EventId": "d", "EventTime": 1_795_255_200, "CloudTrailEvent": "no JSON"}]});
    Mock::given(header("x-amz-target", LOOKUP)).respond_with(answer(&page)).mount(&aws).await;
    let events = session(&aws).await.events(span(), None).rest().await.unwrap();
    assert_eq!(events.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["b", "c", "d"]);
}

#[tokio::test]
async fn a_token_that_aws_no_longer_takes_is_told_apart() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", LOOKUP))
        .respond_with(refusal(400, "InvalidNextTokenException", "Invalid token"))
        .mount(&aws)
        .await;
    let error = session(&aws).await.events(span(), Some("old".into())).next_page().await.unwrap_err();
    assert!(matches!(error, CloudError::TokenRejected { .. }), "{error:?}");
    let refused = ResponseTemplate::new(400)
        .set_body_json(json!({"__type": "AccessDeniedException", "Message":
        "User: x is not authorized to perform: cloudtrail:LookupEvents because no policy allows it"}));
    let aws = crate::answers::aws().await;
    Mock::given(header("x-amz-target", LOOKUP)).respond_with(refused).mount(&aws).await;
    let error = session(&aws).await.events(span(), None).next_page().await.unwrap_err();
    assert_eq!(error.denied_action(), Some("cloudtrail:LookupEvents"));
}
