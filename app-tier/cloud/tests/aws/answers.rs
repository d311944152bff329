//! What becomes of AWS's answers, the odd ones before all: against a server that says what the test tells it to.

use std::time::{Duration, Instant};

use aws_credential_types::{
    credential_fn::provide_credentials_fn,
    provider::{SharedCredentialsProvider, error::CredentialsError},
};
use cloud::{Cloud, CloudError, Session, check_access};
use contract::accounts::Capability;
use futures::StreamExt;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, header},
};

use crate::support::{self, ACCOUNT, target};

const WORKSPACES: &str = "WorkspacesService.DescribeWorkspaces";
const STATUS: &str = "WorkspacesService.DescribeWorkspacesConnectionStatus";
const BUNDLES: &str = "WorkspacesService.DescribeWorkspaceBundles";
const DIRECTORIES: &str = "WorkspacesService.DescribeWorkspaceDirectories";
const LOOKUP: &str = "CloudTrail_20131101.LookupEvents";
const TAGS: &str = "ResourceGroupsTaggingAPI_20170126.GetResources";

/// An AWS that lends its role and knows nothing else.
pub(crate) async fn aws() -> MockServer {
    let server = MockServer::start().await;
    let role = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
        <AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::111111111111:assumed-role/R/s</Arn></AssumedRoleUser>\
        <Credentials><AccessKeyId>ASIATEST</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
        <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
        </AssumeRoleResult></AssumeRoleResponse>";
    Mock::given(body_string_contains("Action=AssumeRole"))
        .respond_with(ResponseTemplate::new(200).set_body_string(role))
        .named("AssumeRole")
        .mount(&server)
        .await;
    server
}

async fn session(server: &MockServer) -> Session {
    support::cloud(&server.uri()).await.session(target(ACCOUNT, "eu-west-1")).await
}

pub(crate) fn answer(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn refusal(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"__type": code, "message": message}))
}

async fn says(server: &MockServer, operation: &str, response: ResponseTemplate) {
    Mock::given(header("x-amz-target", operation)).respond_with(response).mount(server).await;
}

pub(crate) async fn requests(server: &MockServer, matching: impl Fn(&Request) -> bool) -> usize {
    server.received_requests().await.unwrap().iter().filter(|it| matching(it)).count()
}

fn is(operation: &'static str) -> impl Fn(&Request) -> bool {
    move |request| request.headers.get("x-amz-target").is_some_and(|it| it == operation)
}

fn is_assume_role(request: &Request) -> bool {
    String::from_utf8_lossy(&request.body).contains("Action=AssumeRole")
}

async fn first_page(session: &Session) -> CloudError {
    session.desktops(None).next_page().await.expect_err("the page should have failed")
}

#[tokio::test]
async fn every_property_of_a_desktop_is_read_and_values_of_tomorrow_too() {
    let aws = aws().await;
    let page = json!({"Workspaces": [
        {
            "WorkspaceId": "ws-1", "DirectoryId": "d-1", "UserName": "ada", "IpAddress": "10.0.0.1",
            "State": "HIBERNATING", "BundleId": "wsb-1", "SubnetId": "subnet-1", "ComputerName": "WSAMZN-1",
            "RelatedWorkspaces": [{"WorkspaceId": "ws-9", "Region": "us-east-1", "State": "AVAILABLE", "Type": "PRIMARY"}],
            "ErrorCode": "E1", "ErrorMessage": "broken", "RootVolumeEncryptionEnabled": true,
            "WorkspaceProperties": {
                "RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60, "RootVolumeSizeGib": 80,
                "UserVolumeSizeGib": 50, "ComputeTypeName": "QUANTUM", "Protocols": ["WSP", "PCOIP"],
                "OperatingSystemName": "WINDOWS_SERVER_2022"
            }
        },
        {"WorkspaceId": "ws-2", "RelatedWorkspaces": [{"WorkspaceId": "ws-8", "Type": "STANDBY"}, {"Type": "TERTIARY"}]},
        {"UserName": "nobody"}
    ]});
    says(&aws, WORKSPACES, answer(&page)).await;
    let mut pages = session(&aws).await.desktops(None);
    let page = pages.next_page().await.unwrap().unwrap();
    assert_eq!(page.next_token, None);
    let [full, bare] = page.items.as_slice() else { panic!("{:?}", page.items) };
    assert_eq!((full.state.as_str(), full.compute_type.as_deref()), ("HIBERNATING", Some("QUANTUM")));
    assert_eq!((full.protocol.as_deref(), full.auto_stop_minutes), (Some("WSP,PCOIP"), Some(60)));
    assert_eq!((full.root_volume_gib, full.user_volume_gib), (Some(80), Some(50)));
    assert_eq!((full.root_encrypted, full.user_encrypted), (true, false));
    assert_eq!((full.standby, bare.standby), (true, false), "one whose partner is the primary stands by");
    assert_eq!(full.operating_system.as_deref(), Some("WINDOWS_SERVER_2022"));
    assert_eq!((full.user_name.as_str(), full.error_code.as_deref()), ("ada", Some("E1")));
    assert_eq!((bare.id.as_str(), bare.state.as_str()), ("ws-2", "UNKNOWN"));
    assert_eq!(pages.next_page().await.unwrap(), None);
}

#[tokio::test]
async fn connection_status_follows_its_own_pages_and_keeps_never_apart_from_unknown() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", STATUS))
        .and(body_string_contains("more"))
        .respond_with(answer(&json!({"WorkspacesConnectionStatus": [
            {"WorkspaceId": "ws-2", "ConnectionState": "DISCONNECTED", "ConnectionStateCheckTimestamp": 1.8e9}
        ]})))
        .with_priority(1)
        .mount(&aws)
        .await;
    let first = json!({
        "WorkspacesConnectionStatus": [{
            "WorkspaceId": "ws-1", "ConnectionState": "CONNECTED",
            "ConnectionStateCheckTimestamp": 1_800_000_000.5, "LastKnownUserConnectionTimestamp": 1_700_000_000
        }],
        "NextToken": "more"
    });
    says(&aws, STATUS, answer(&first)).await;
    let session = session(&aws).await;
    let ids: Vec<String> = ["ws-1", "ws-2", "ws-3"].map(Into::into).into();
    let seen = session.connection_status(&ids).await.unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].last_connected_at.unwrap().to_rfc3339(), "2023-11-14T22:13:20+00:00");
    assert_eq!(seen[0].checked_at.unwrap().timestamp_subsec_millis(), 500);
    assert_eq!((seen[1].last_connected_at, seen[1].state.as_str()), (None, "DISCONNECTED"));
    assert_eq!(session.connection_status(&[]).await.unwrap(), []);
    assert_eq!(requests(&aws, is(STATUS)).await, 2, "nobody is asked about nothing");
}

#[tokio::test]
async fn any_number_of_desktops_is_asked_about_in_batches_of_25() {
    let aws = aws().await;
    says(&aws, STATUS, answer(&json!({"WorkspacesConnectionStatus": []}))).await;
    let ids: Vec<String> = (0..60).map(|n| format!("ws-{n}")).collect();
    let batches: Vec<_> = session(&aws).await.connection_batches(ids.clone(), 4).collect().await;
    let mut asked: Vec<String> = batches.into_iter().flat_map(|it| it.unwrap().asked).collect();
    asked.sort_by_key(|id| ids.iter().position(|it| it == id));
    assert_eq!(asked, ids);
    assert_eq!(requests(&aws, is(STATUS)).await, 3);
}

#[tokio::test]
async fn tags_are_read_by_desktop() {
    let aws = aws().await;
    let page = json!({"PaginationToken": "", "ResourceTagMappingList": [
        {
            "ResourceARN": "arn:aws:workspaces:eu-west-1:111111111111:workspace/ws-1",
            "Tags": [{"Key": "Team", "Value": "Ops"}, {"Key": "Empty", "Value": ""}]
        },
        {"ResourceARN": "arn:aws:workspaces:eu-west-1:111111111111:workspace/ws-2", "Tags": []},
        {"ResourceARN": "arn:aws:workspaces:eu-west-1:111111111111:directory/d-1", "Tags": []}
    ]});
    says(&aws, TAGS, answer(&page)).await;
    let tags = session(&aws).await.desktop_tags(None).rest().await.unwrap();
    let names: Vec<&str> = tags.iter().map(|it| it.workspace_id.as_str()).collect();
    assert_eq!(names, ["ws-1", "ws-2"]);
    let first: Vec<_> = tags[0].tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(first, [("Empty", ""), ("Team", "Ops")]);
}

#[tokio::test]
async fn a_token_given_twice_ends_the_list() {
    let aws = aws().await;
    says(&aws, WORKSPACES, answer(&json!({"Workspaces": [], "NextToken": "again"}))).await;
    says(&aws, STATUS, answer(&json!({"WorkspacesConnectionStatus": [], "NextToken": "again"}))).await;
    let session = session(&aws).await;
    let error = session.desktops(None).rest().await.unwrap_err();
    assert!(matches!(error, CloudError::RepeatedToken { .. }), "{error}");
    let error = session.connection_status(&["ws-1".into()]).await.unwrap_err();
    assert!(matches!(error, CloudError::RepeatedToken { .. }), "{error}");
}

#[tokio::test]
async fn a_list_goes_on_from_a_token_and_tells_when_aws_will_not() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", WORKSPACES))
        .and(body_string_contains("good"))
        .respond_with(answer(&json!({"Workspaces": [{"WorkspaceId": "ws-26"}]})))
        .with_priority(1)
        .mount(&aws)
        .await;
    says(&aws, WORKSPACES, refusal(400, "InvalidParameterValuesException", "NextToken is invalid")).await;
    let session = session(&aws).await;
    let rest = session.desktops(Some("good".into())).rest().await.unwrap();
    assert_eq!(rest[0].id, "ws-26");
    let error = session.desktops(Some("stale".into())).next_page().await.unwrap_err();
    assert!(matches!(error, CloudError::TokenRejected { .. }), "{error}");
    let error = first_page(&session).await;
    assert!(matches!(error, CloudError::Other { ref code, .. } if code == "InvalidParameterValuesException"));
}

#[tokio::test]
async fn a_refusal_names_the_action_that_aws_names_or_else_the_one_that_was_tried() {
    let aws = aws().await;
    let told = "User: arn:aws:sts::111111111111:assumed-role/R/s is not authorized to perform: \
                workspaces:DescribeWorkspaces on resource: *";
    says(&aws, WORKSPACES, refusal(400, "AccessDeniedException", told)).await;
    says(&aws, TAGS, refusal(400, "AccessDeniedException", "Access denied.")).await;
    let session = session(&aws).await;
    let error = first_page(&session).await;
    assert_eq!(error.denied_action(), Some("workspaces:DescribeWorkspaces"));
    assert!(error.for_people().contains("assumed-role/R/s"), "{}", error.for_people());
    let error = session.desktop_tags(None).next_page().await.unwrap_err();
    assert_eq!(error.denied_action(), Some("tag:GetResources"));
    assert!(!error.is_transient());
    assert_eq!(requests(&aws, is(WORKSPACES)).await, 1, "asking again changes nothing");
}

#[tokio::test]
async fn a_role_that_may_not_be_taken_on_is_a_denied_assume_role() {
    let aws = MockServer::start().await;
    let refused = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
        <Code>AccessDenied</Code><Message>User: arn:aws:iam::000000000000:user/skydesk is not authorized to \
        perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/SkydeskReader</Message></Error>\
        <RequestId>r</RequestId></ErrorResponse>";
    Mock::given(is_assume_role)
        .respond_with(ResponseTemplate::new(403).set_body_string(refused))
        .mount(&aws)
        .await;
    let session = session(&aws).await;
    for error in [session.verify().await.unwrap_err(), first_page(&session).await] {
        assert_eq!(error.denied_action(), Some("sts:AssumeRole"), "{error:?}");
        assert!(error.for_people().contains("role/SkydeskReader"));
    }
    let checks = check_access(&session).await;
    assert!(checks.iter().all(|it| !it.allowed && it.denied_action.as_deref() == Some("sts:AssumeRole")));
}

#[tokio::test]
async fn own_credentials_that_are_missing_or_expired_are_told_apart_from_a_refusing_role() {
    let aws = MockServer::start().await;
    let nothing = provide_credentials_fn(|| async { Err(CredentialsError::not_loaded("none")) });
    let config = support::sdk_config(&aws.uri(), SharedCredentialsProvider::new(nothing)).await;
    let session = Cloud::with_sdk_config(config).session(target(ACCOUNT, "eu-west-1")).await;
    let error = session.verify().await.unwrap_err();
    assert!(matches!(error, CloudError::Credentials { .. }), "{error:?}");
    assert!(error.for_people().contains("no credentials were found"), "{}", error.for_people());

    let expired = "<ErrorResponse><Error><Code>ExpiredToken</Code>\
        <Message>The security token included in the request is expired</Message></Error></ErrorResponse>";
    Mock::given(is_assume_role)
        .respond_with(ResponseTemplate::new(403).set_body_string(expired))
        .mount(&aws)
        .await;
    let error = support::cloud(&aws.uri()).await.session(target(ACCOUNT, "eu-west-1")).await.verify().await;
    assert!(matches!(error, Err(CloudError::Credentials { .. })), "{error:?}");
}

#[tokio::test]
async fn a_role_of_another_account_is_found_out() {
    let aws = aws().await;
    let caller = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
        <GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/R/s</Arn><UserId>A:s</UserId>\
        <Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
    Mock::given(body_string_contains("Action=GetCallerIdentity"))
        .respond_with(ResponseTemplate::new(200).set_body_string(caller))
        .mount(&aws)
        .await;
    let cloud = support::cloud(&aws.uri()).await;
    let caller = cloud.session(target(ACCOUNT, "eu-west-1")).await.verify().await.unwrap();
    assert_eq!((caller.account.as_str(), caller.arn.ends_with("R/s")), (ACCOUNT, true));
    let error = cloud.session(target("222222222222", "eu-west-1")).await.verify().await.unwrap_err();
    assert!(matches!(&error, CloudError::WrongAccount { expected, found }
        if expected == "222222222222" && found == ACCOUNT));
}

#[tokio::test]
async fn one_role_is_taken_on_once_for_all_its_services_and_sessions() {
    let aws = aws().await;
    says(&aws, WORKSPACES, answer(&json!({"Workspaces": []}))).await;
    says(&aws, TAGS, answer(&json!({"ResourceTagMappingList": []}))).await;
    let cloud = support::cloud(&aws.uri()).await;
    for _ in 0..3 {
        let session = cloud.session(target(ACCOUNT, "eu-west-1")).await;
        session.desktops(None).rest().await.unwrap();
        session.desktop_tags(None).rest().await.unwrap();
    }
    assert_eq!(requests(&aws, is_assume_role).await, 1);
    let mut other = target(ACCOUNT, "eu-west-1");
    other.external_id = Some("another".into());
    cloud.session(other).await.desktops(None).rest().await.unwrap();
    assert_eq!(requests(&aws, is_assume_role).await, 2, "another external id is another trust");
}

#[tokio::test]
async fn throttles_are_waited_out_and_do_not_count_as_failures() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", WORKSPACES))
        .respond_with(refusal(400, "ThrottlingException", "Rate exceeded"))
        .up_to_n_times(4)
        .with_priority(1)
        .mount(&aws)
        .await;
    says(&aws, WORKSPACES, answer(&json!({"Workspaces": [{"WorkspaceId": "ws-1"}]}))).await;
    let desktops = session(&aws).await.desktops(None).rest().await.unwrap();
    assert_eq!(desktops.len(), 1);
    assert_eq!(requests(&aws, is(WORKSPACES)).await, 5);
}

#[tokio::test]
async fn an_aws_that_fails_is_asked_as_often_as_configured() {
    let aws = aws().await;
    says(&aws, WORKSPACES, refusal(503, "ServiceUnavailable", "try later")).await;
    says(&aws, TAGS, ResponseTemplate::new(502).set_body_string("<html>bad gateway</html>")).await;
    let session = session(&aws).await;
    let error = first_page(&session).await;
    assert!(matches!(error, CloudError::Unavailable { .. }) && error.is_transient(), "{error:?}");
    assert_eq!(requests(&aws, is(WORKSPACES)).await, 3);
    let error = session.desktop_tags(None).next_page().await.unwrap_err();
    assert!(matches!(error, CloudError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_aws_that_is_not_there_is_an_error_within_seconds() {
    let cloud = support::cloud("http://127.0.0.1:1").await;
    let begun = Instant::now();
    let error = cloud.session(target(ACCOUNT, "eu-west-1")).await.verify().await.unwrap_err();
    assert!(matches!(error, CloudError::Unavailable { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn access_is_checked_for_each_capability_on_its_own() {
    let aws = aws().await;
    says(&aws, WORKSPACES, answer(&json!({"Workspaces": [], "NextToken": "there is more"}))).await;
    says(&aws, STATUS, answer(&json!({"WorkspacesConnectionStatus": []}))).await;
    says(&aws, DIRECTORIES, answer(&json!({"Directories": []}))).await;
    let told = "is not authorized to perform: workspaces:DescribeWorkspaceBundles because";
    says(&aws, BUNDLES, refusal(400, "AccessDeniedException", told)).await;
    says(&aws, TAGS, refusal(400, "AccessDeniedException", "no")).await;
    says(&aws, LOOKUP, answer(&json!({"Events": []}))).await;
    let checks = check_access(&session(&aws).await).await;
    let told: Vec<_> =
        checks.iter().map(|it| (it.capability, it.allowed, it.denied_action.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Capability::Desktops, true, None),
            (Capability::Bundles, false, Some("workspaces:DescribeWorkspaceBundles")),
            (Capability::Tags, false, Some("tag:GetResources")),
            (Capability::ConnectionStatus, true, None),
            // This AWS has never heard of metrics.
            (Capability::Usage, false, None),
            (Capability::Events, true, None),
        ]
    );
    assert!(checks.iter().all(|it| it.region == "eu-west-1" && it.message.is_some() != it.allowed));
}

#[tokio::test]
async fn bundles_are_asked_for_by_owner_and_by_id() {
    let aws = aws().await;
    let bundle =
        |id: &str| json!({"Bundles": [{"BundleId": id, "Name": "Value", "ComputeType": {"Name": "VALUE"}}]});
    for (part, id) in [("\"Owner\":\"AMAZON\"", "wsb-amazon"), ("BundleIds", "wsb-shared")] {
        Mock::given(header("x-amz-target", BUNDLES))
            .and(body_string_contains(part))
            .respond_with(answer(&bundle(id)))
            .with_priority(1)
            .mount(&aws)
            .await;
    }
    says(&aws, BUNDLES, answer(&bundle("wsb-own"))).await;
    let session = session(&aws).await;
    let own = session.own_bundles(None).rest().await.unwrap();
    let amazon = session.amazon_bundles(None).rest().await.unwrap();
    let shared = session.bundles_by_id(&["wsb-shared".into()]).await.unwrap();
    assert_eq!(
        (own[0].id.as_str(), amazon[0].id.as_str(), shared[0].id.as_str()),
        ("wsb-own", "wsb-amazon", "wsb-shared")
    );
    assert_eq!(own[0].compute_type.as_deref(), Some("VALUE"));
    assert_eq!(session.bundles_by_id(&[]).await.unwrap(), []);
}
