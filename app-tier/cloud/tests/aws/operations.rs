//! Acting: what is sent, how often, and what AWS says of each desktop.

use cloud::{CloudError, Failure};
use contract::operations::{OperationAction, Parameters};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, matchers::header};

use crate::{
    answers::{answer, aws, refusal, requests},
    support::{self, ACCOUNT, target},
};

const REBOOT: &str = "WorkspacesService.RebootWorkspaces";
const MODIFY: &str = "WorkspacesService.ModifyWorkspaceProperties";

async fn says(server: &MockServer, operation: &str, response: wiremock::ResponseTemplate) {
    Mock::given(header("x-amz-target", operation)).respond_with(response).mount(server).await;
}

async fn sent(server: &MockServer, operation: &'static str) -> usize {
    requests(server, |it| it.headers.get("x-amz-target").is_some_and(|it| it == operation)).await
}

async fn act(
    server: &MockServer,
    action: OperationAction,
    ids: &[&str],
    set: Value,
) -> Result<Vec<Failure>, CloudError> {
    let session = support::cloud(&server.uri()).await.session(target(ACCOUNT, "eu-west-1")).await;
    let ids: Vec<String> = ids.iter().map(|it| (*it).to_owned()).collect();
    let set: Parameters = serde_json::from_value(set).unwrap();
    session.act(action, &ids, &set).await
}

#[tokio::test]
async fn each_desktop_that_aws_did_not_take_is_named() {
    let aws = aws().await;
    let failed = json!({"FailedRequests": [
        {"WorkspaceId": "ws-2", "ErrorCode": "InvalidResourceStateException", "ErrorMessage": "It is STOPPED"},
        {"WorkspaceId": "ws-3"}
    ]});
    says(&aws, REBOOT, answer(&failed)).await;
    let failures = act(&aws, OperationAction::Reboot, &["ws-1", "ws-2", "ws-3"], json!({})).await.unwrap();
    let told: Vec<_> = failures.iter().map(|it| (it.workspace_id.as_str(), it.code.as_str())).collect();
    assert_eq!(told, [("ws-2", "InvalidResourceStateException"), ("ws-3", "Unknown")]);
    assert_eq!(failures[0].message, "It is STOPPED");
}

#[tokio::test]
async fn a_call_without_an_answer_is_sent_once_and_may_have_arrived() {
    let aws = aws().await;
    says(&aws, REBOOT, refusal(503, "ServiceUnavailableException", "busy")).await;
    let error = act(&aws, OperationAction::Reboot, &["ws-1"], json!({})).await.unwrap_err();
    assert!(error.may_have_arrived(), "{error}");
    assert_eq!(sent(&aws, REBOOT).await, 1);
}

#[tokio::test]
async fn what_aws_throttled_it_did_not_take_so_it_is_sent_again() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", REBOOT))
        .respond_with(refusal(400, "ThrottlingException", "slow down"))
        .up_to_n_times(2)
        .with_priority(1)
        .mount(&aws)
        .await;
    says(&aws, REBOOT, answer(&json!({"FailedRequests": []}))).await;
    assert_eq!(act(&aws, OperationAction::Reboot, &["ws-1"], json!({})).await.unwrap(), []);
    assert_eq!(sent(&aws, REBOOT).await, 3);
}

#[tokio::test]
async fn a_refusal_did_not_arrive_and_is_told_in_aws_s_words() {
    let aws = aws().await;
    let why = "The running mode was changed less than 24 hours ago";
    says(&aws, MODIFY, refusal(400, "OperationNotSupportedException", why)).await;
    let set = json!({"running_mode": "ALWAYS_ON"});
    let error = act(&aws, OperationAction::SetRunningMode, &["ws-1"], set).await.unwrap_err();
    assert!(!error.may_have_arrived());
    assert_eq!(error.code(), Some("OperationNotSupportedException"));
    assert!(error.for_people().ends_with(why), "{}", error.for_people());
    let body = aws.received_requests().await.unwrap().pop().unwrap().body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, json!({"WorkspaceId": "ws-1", "WorkspaceProperties": {"RunningMode": "ALWAYS_ON"}}));
}
