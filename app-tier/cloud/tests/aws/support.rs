//! The way of tests to a pretended AWS.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, identity::IdentityCache, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use cloud::{Cloud, Target};

pub(crate) const ACCOUNT: &str = "111111111111";

/// The SDK as [`Cloud::connect`] would set it up, but for the endpoint and the keys.
pub(crate) async fn sdk_config(endpoint: &str, credentials: SharedCredentialsProvider) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(20))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(credentials)
        .identity_cache(IdentityCache::lazy().build())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

pub(crate) async fn cloud(endpoint: &str) -> Cloud {
    let keys = Credentials::new("AKIDTEST", "not a secret", None, None, "tests");
    Cloud::with_sdk_config(sdk_config(endpoint, SharedCredentialsProvider::new(keys)).await)
}

pub(crate) fn target(account: &str, region: &str) -> Target {
    Target {
        role_arn: format!("arn:aws:iam::{account}:role/SkydeskReader"),
        external_id: None,
        account_id: account.to_owned(),
        region: region.to_owned(),
        session_name: "skydesk-test".to_owned(),
        calls_per_second: 1000.0,
    }
}
