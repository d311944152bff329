//! Cost Explorer: how it is asked, and what its answers come to.

use chrono::NaiveDate;
use cloud::{CloudError, CostDays, Session, TagActivation};
use contract::money::{Currency, Money};
use domain::billing::Costs;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer,
    matchers::{body_partial_json, header},
};

use crate::{
    answers::{answer, aws, refusal, requests},
    support::{self, ACCOUNT, target},
};

const COSTS: &str = "AWSInsightsIndexService.GetCostAndUsage";
const BY_RESOURCE: &str = "AWSInsightsIndexService.GetCostAndUsageWithResources";

async fn session(server: &MockServer) -> Session {
    support::cloud(&server.uri()).await.session(target(ACCOUNT, "us-east-1")).await
}

fn november() -> CostDays {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    CostDays { from: day("2026-11-01"), until: day("2026-11-22") }
}

fn group(keys: &[&str], amount: &str, unit: &str) -> Value {
    json!({"Keys": keys, "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": unit}}})
}

fn day(start: &str, groups: &[Value]) -> Value {
    json!({"TimePeriod": {"Start": start, "End": "2026-11-30"}, "Total": {}, "Groups": groups, "Estimated": true})
}

#[tokio::test]
async fn an_account_asks_for_its_own_costs_page_by_page() {
    let aws = aws().await;
    let asked = json!({"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-22"}, "Granularity": "DAILY", "Metrics": ["UnblendedCost"],
        "Filter": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [ACCOUNT]}},
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "REGION"}]});
    let second = day(
        "2026-11-02",
        &[group(&["S3", "eu-west-1"], "4.4E-7", "USD"), group(&["Free", "global"], "0", "N/A")],
    );
    let first = day(
        "2026-11-01",
        &[group(&["S3", "eu-west-1"], "1.2000000000", "USD"), group(&["Tax", "NoRegion"], "0.3", "EUR")],
    );
    Mock::given(header("x-amz-target", COSTS))
        .and(body_partial_json(&asked))
        .respond_with(answer(&json!({"ResultsByTime": [first], "NextPageToken": "two"})))
        .with_priority(2)
        .mount(&aws)
        .await;
    let mut more = asked.clone();
    more["NextPageToken"] = json!("two");
    // The second page has the first one's last day once more.
    Mock::given(header("x-amz-target", COSTS))
        .and(body_partial_json(&more))
        .respond_with(answer(&json!({"ResultsByTime": [first, second]})))
        .with_priority(1)
        .mount(&aws)
        .await;
    let mut costs = Costs::default();
    costs.add(session(&aws).await.costs_by_service(november()).rest().await.unwrap());
    let nanos = |it: &str| it.parse::<Money>().unwrap();
    let totals: Vec<_> = costs.totals().into_iter().collect();
    assert_eq!(totals, [(Currency("EUR".into()), nanos("0.3")), (Currency::usd(), nanos("1.20000044"))]);
    assert!(costs.len() == 3 && costs.estimated());
    assert_eq!(requests(&aws, |it| it.headers.get("x-amz-target").is_some_and(|it| it == COSTS)).await, 2);
}

#[tokio::test]
async fn desktops_are_told_by_resource_and_by_tag() {
    let aws = aws().await;
    let filter = json!({"And": [{"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [ACCOUNT]}},
        {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon WorkSpaces"]}}]});
    let arn = "arn:aws:workspaces:eu-west-1:111111111111:workspace/ws-1";
    Mock::given(header("x-amz-target", BY_RESOURCE))
        .and(body_partial_json(json!({"Filter": filter, "Granularity": "DAILY", "GroupBy": [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]})))
        .respond_with(answer(&json!({"ResultsByTime": [day("2026-11-01", &[group(&[arn], "9.75", "USD")])]})))
        .mount(&aws)
        .await;
    Mock::given(header("x-amz-target", COSTS))
        .and(body_partial_json(json!({"Filter": filter, "Granularity": "MONTHLY", "GroupBy": [{"Type": "TAG", "Key": "id"}]})))
        .respond_with(answer(&json!({"ResultsByTime": [day("2026-11-01", &[group(&["id$ws-1"], "11", "USD"), group(&["id$"], "3", "USD")])]})))
        .mount(&aws)
        .await;
    let session = session(&aws).await;
    let by_resource = session.costs_by_resource(november(), None).rest().await.unwrap();
    assert_eq!((by_resource[0].keys[0].as_str(), by_resource[0].amount), (arn, Money::from_cents(975)));
    let by_tag = session.costs_by_tag(november(), "id").rest().await.unwrap();
    let told: Vec<_> = by_tag.iter().map(|it| it.keys[0].as_str()).collect();
    assert_eq!(told, ["id$ws-1", "id$"]);
}

#[tokio::test]
async fn what_is_hurried_is_asked_again_and_what_repeats_ends() {
    let aws = aws().await;
    Mock::given(header("x-amz-target", COSTS))
        .respond_with(refusal(400, "LimitExceededException", "Too many requests"))
        .up_to_n_times(2)
        .with_priority(1)
        .mount(&aws)
        .await;
    Mock::given(header("x-amz-target", COSTS))
        .respond_with(answer(&json!({"ResultsByTime": [], "NextPageToken": "again"})))
        .with_priority(2)
        .mount(&aws)
        .await;
    let error = session(&aws).await.costs_by_month(november()).rest().await.unwrap_err();
    assert!(matches!(error, CloudError::RepeatedToken { .. }), "{error}");
    assert_eq!(requests(&aws, |it| it.headers.get("x-amz-target").is_some_and(|it| it == COSTS)).await, 4);
}

#[tokio::test]
async fn whether_a_tag_is_active_is_read_or_denied() {
    let aws = aws().await;
    let tag = |status: &str| {
        answer(&json!({"CostAllocationTags": [{"TagKey": "id", "Type": "UserDefined", "Status": status,
            "LastUpdatedDate": "2026-11-03T00:00:00Z"}]}))
    };
    let list = "AWSInsightsIndexService.ListCostAllocationTags";
    for (n, response) in [
        tag("Active"),
        tag("Inactive"),
        answer(&json!({"CostAllocationTags": []})),
        refusal(400, "AccessDeniedException", "Linked account doesn't have access to cost allocation tags"),
    ]
    .into_iter()
    .enumerate()
    {
        let priority = u8::try_from(n + 1).unwrap();
        Mock::given(header("x-amz-target", list))
            .respond_with(response)
            .up_to_n_times(1)
            .with_priority(priority)
            .mount(&aws)
            .await;
    }
    let session = session(&aws).await;
    let since = "2026-11-03T00:00:00Z".parse().ok();
    assert_eq!(session.tag_activation("id").await.unwrap(), TagActivation::Active { since });
    assert_eq!(session.tag_activation("id").await.unwrap(), TagActivation::Inactive);
    assert_eq!(session.tag_activation("id").await.unwrap(), TagActivation::NotFound);
    let error = session.tag_activation("id").await.unwrap_err();
    assert_eq!(error.denied_action(), Some("ce:ListCostAllocationTags"));
}
