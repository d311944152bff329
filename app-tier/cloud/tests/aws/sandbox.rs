//! Against the AWS sandbox, named by `SKYDESK_TEST_AWS_ENDPOINT`: paging, refusals and throttling as AWS has them.
//!
//! Other tests may use the same sandbox at the same time, so the one fault that is put up here is of a kind that only
//! slows them down, strikes one account and region, and is taken down by its number.
#![expect(clippy::disallowed_methods, reason = "tests have no configuration but their environment")]

use std::{collections::HashSet, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use cloud::{Bucket, BucketConfig, Cloud, CloudError, Session, Target, check_access};
use contract::accounts::Capability;
use futures::TryStreamExt;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::support;

fn endpoint() -> String {
    std::env::var("SKYDESK_TEST_AWS_ENDPOINT").expect("SKYDESK_TEST_AWS_ENDPOINT names an AWS sandbox")
}

fn target(account: &str, external_id: &str, region: &str) -> Target {
    Target { external_id: Some(external_id.to_owned()), ..support::target(account, region) }
}

async fn session(target: Target) -> Session {
    support::cloud(&endpoint()).await.session(target).await
}

async fn production(region: &str) -> Session {
    session(target("111111111111", "skydesk-production", region)).await
}

async fn development(region: &str) -> Session {
    session(target("222222222222", "skydesk-development", region)).await
}

/// What the sandbox says is there.
async fn site(account: &str, region: &str) -> Value {
    let estate: Value =
        reqwest::get(format!("{}/_sandbox/estate", endpoint())).await.unwrap().json().await.unwrap();
    let sites = estate["sites"].as_array().unwrap();
    sites.iter().find(|it| it["account"] == account && it["region"] == region).unwrap().clone()
}

fn count(site: &Value, of: &str) -> usize {
    site[of].as_u64().unwrap().try_into().unwrap()
}

/// A fault of the sandbox, for as long as it is held.
struct Fault(String);

impl Fault {
    async fn put_up(fault: Value) -> Self {
        let faults = format!("{}/_sandbox/faults", endpoint());
        let answer = reqwest::Client::new().post(&faults).json(&fault).send().await.unwrap();
        let told: Value = answer.error_for_status().unwrap().json().await.unwrap();
        Self(format!("{faults}/{}", told["items"][0]["id"].to_string().trim_matches('"')))
    }

    async fn take_down(self) {
        reqwest::Client::new().delete(self.0).send().await.unwrap().error_for_status().unwrap();
    }
}

#[tokio::test]
async fn every_desktop_is_read_once_with_all_that_belongs_to_it() {
    for region in ["eu-west-1", "us-east-1"] {
        let (session, site) = (production(region).await, site("111111111111", region).await);
        assert_eq!(session.verify().await.unwrap().account, "111111111111");

        let mut desktops = Vec::new();
        let mut pages = session.desktops(None);
        while let Some(page) = pages.next_page().await.unwrap() {
            assert!(page.items.len() <= 25);
            desktops.extend(page.items);
        }
        let ids: HashSet<&str> = desktops.iter().map(|it| it.id.as_str()).collect();
        assert_eq!((desktops.len(), ids.len()), (count(&site, "desktops"), count(&site, "desktops")));
        assert!(desktops.iter().all(|it| !it.user_name.is_empty() && it.running_mode.is_some()));

        let tags = session.desktop_tags(None).rest().await.unwrap();
        let tagged = tags.iter().filter(|it| !it.tags.is_empty()).count();
        assert_eq!(tagged, count(&site, "tagged"));
        assert!(tags.iter().all(|it| ids.contains(it.workspace_id.as_str())));

        let asked = desktops.iter().map(|it| it.id.clone()).collect();
        let batches: Vec<_> = session.connection_batches(asked, 8).try_collect().await.unwrap();
        assert_eq!(batches.iter().map(|it| it.asked.len()).sum::<usize>(), desktops.len());
        let seen: HashSet<&str> =
            batches.iter().flat_map(|it| &it.seen).map(|it| it.workspace_id.as_str()).collect();
        assert!(!seen.is_empty() && seen.is_subset(&ids));

        let directories = session.directories(None).rest().await.unwrap();
        assert_eq!(directories.len(), count(&site, "directories"));
        let own = session.own_bundles(None).rest().await.unwrap();
        let amazon = session.amazon_bundles(None).rest().await.unwrap();
        assert_eq!((own.len(), amazon.len()), (count(&site, "own_bundles"), count(&site, "public_bundles")));
        let by_id = session.bundles_by_id(&[own[0].id.clone(), amazon[0].id.clone()]).await.unwrap();
        assert_eq!(by_id.len(), 2);
    }
}

#[tokio::test]
async fn a_list_goes_on_in_another_process_from_the_token_that_was_written_down() {
    let whole = production("eu-west-1").await.desktops(None).rest().await.unwrap();
    let first = production("eu-west-1").await.desktops(None).next_page().await.unwrap().unwrap();
    let rest = production("eu-west-1").await.desktops(first.next_token).rest().await.unwrap();
    let read = first.items.iter().chain(&rest).map(|it| &it.id);
    assert!(read.eq(whole.iter().map(|it| &it.id)));
    let made_up = production("eu-west-1").await.desktops(Some("made up".into())).next_page().await;
    assert!(matches!(made_up, Err(CloudError::TokenRejected { .. })), "{made_up:?}");
}

#[tokio::test]
async fn refusals_are_told_with_the_action_that_is_missing() {
    let checks = check_access(&development("us-east-1").await).await;
    for check in &checks {
        let denied = (check.capability == Capability::Tags).then_some("tag:GetResources");
        assert_eq!((check.allowed, check.denied_action.as_deref()), (denied.is_none(), denied), "{check:?}");
    }
    assert_eq!(checks.len(), Capability::ALL.len());
    for unwilling in [
        target("333333333333", "skydesk-acquisition", "eu-west-1"),
        target("111111111111", "another-id", "eu-west-1"),
    ] {
        let error = session(unwilling).await.verify().await.unwrap_err();
        assert_eq!(error.denied_action(), Some("sts:AssumeRole"), "{error:?}");
    }
}

#[tokio::test]
async fn three_throttles_in_ten_only_slow_a_sweep_down() {
    let fault = Fault::put_up(json!({
        "kind": "throttle", "rate": 0.3, "seconds": 120, "service": "workspaces",
        "account": "222222222222", "region": "eu-west-1"
    }))
    .await;
    let (session, site) = (development("eu-west-1").await, site("222222222222", "eu-west-1").await);
    let desktops = session.desktops(None).rest().await.unwrap();
    assert_eq!(desktops.len(), count(&site, "desktops"));
    let asked = desktops.into_iter().map(|it| it.id).collect();
    let batches: Vec<_> = session.connection_batches(asked, 8).try_collect().await.unwrap();
    assert_eq!(batches.iter().map(|it| it.asked.len()).sum::<usize>(), count(&site, "desktops"));
    fault.take_down().await;
}

/// A bucket of this test alone.
async fn bucket() -> Bucket {
    let keys = Credentials::new("AKIDTEST", "not a secret", None, None, "tests");
    let config = support::sdk_config(&endpoint(), SharedCredentialsProvider::new(keys)).await;
    let name = format!("reports-{}", uuid::Uuid::new_v4());
    let region = "eu-west-1".to_owned();
    let s3 = aws_sdk_s3::Client::new(&config);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(region.as_str().into())
        .build();
    s3.create_bucket().bucket(&name).create_bucket_configuration(place).send().await.unwrap();
    Cloud::with_sdk_config(config).bucket(BucketConfig { name, region, path_style: true })
}

async fn content(bucket: &Bucket, key: &str) -> Option<Vec<u8>> {
    let (head, mut reader) = bucket.open(key).await.unwrap()?;
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(head.bytes, u64::try_from(bytes.len()).unwrap());
    Some(bytes)
}

#[tokio::test]
async fn files_of_any_size_are_put_read_linked_and_deleted() {
    let (bucket, folder) = (bucket().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("file");
    // Empty, small, and three parts of which the last is short.
    for size in [0, 1000, 33 * 1024 * 1024 + 7] {
        let bytes: Vec<u8> = (0_u32..).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[2]).take(size).collect();
        std::fs::write(&path, &bytes).unwrap();
        bucket.put_file(&path, "reports/1.csv", "text/csv").await.unwrap();
        let head = bucket.head("reports/1.csv").await.unwrap().unwrap();
        assert_eq!(
            (head.bytes, head.content_type.as_deref()),
            (u64::try_from(size).unwrap(), Some("text/csv"))
        );
        assert!(content(&bucket, "reports/1.csv").await.unwrap() == bytes, "{size} bytes differ");
    }
    let link = bucket.presigned_get("reports/1.csv", Duration::from_secs(300), "desktops.csv").await.unwrap();
    assert!(link.contains("X-Amz-Expires=300"), "{link}");
    let fetched = reqwest::get(&link).await.unwrap().error_for_status().unwrap();
    assert_eq!(fetched.headers()["content-disposition"], "attachment; filename=\"desktops.csv\"");
    for _ in 0..2 {
        bucket.delete("reports/1.csv").await.unwrap();
        assert_eq!(bucket.head("reports/1.csv").await.unwrap(), None);
        assert_eq!(content(&bucket, "reports/1.csv").await, None);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_an_error_that_says_why() {
    let (bucket, folder) = (bucket().await, tempfile::tempdir().unwrap());
    let missing = bucket.put_file(&folder.path().join("missing"), "a", "text/csv").await;
    assert!(matches!(missing, Err(CloudError::File(_))), "{missing:?}");
    let path = folder.path().join("file");
    std::fs::write(&path, "x").unwrap();
    let nowhere = support::cloud(&endpoint()).await.bucket(BucketConfig {
        name: format!("missing-{}", uuid::Uuid::new_v4()),
        region: "eu-west-1".into(),
        path_style: true,
    });
    let error = nowhere.put_file(&path, "a", "text/csv").await.unwrap_err();
    assert!(matches!(&error, CloudError::Other { code, .. } if code == "NoSuchBucket"), "{error:?}");
}
