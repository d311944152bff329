//! One account in one region, through the role that it lends.
//!
//! All calls go through [`Session::call`]: it waits for a turn, tries again what is worth it, and sorts errors. The
//! SDK's own retries are off for these clients, so that no try goes past the pacing. The role's credentials are one
//! token for all clients of a session, which the SDK renews before it expires: a long sync outlives it.

use std::{error::Error as StdError, fmt, sync::Arc};

use aws_config::{Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_workspaces::{
    config::{IdentityCache, http::HttpResponse},
    error::SdkError,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    Api, CloudError,
    pacing::{Pacer, THROTTLE_ATTEMPTS, rest},
};

/// Where a session looks.
#[derive(Clone)]
pub struct Target {
    /// The role to take on.
    pub role_arn: String,
    /// What the role's trust policy asks for, where it asks.
    pub external_id: Option<String>,
    /// The 12 digits that the role must belong to; see [`Session::verify`].
    pub account_id: String,
    pub region: String,
    /// Shown in the account's CloudTrail. Characters that STS refuses become `-`. Sessions with different names share
    /// no credentials: looking has one name for all, acting one for each operation.
    pub session_name: String,
    /// How often each operation may be called in this account and region.
    pub calls_per_second: f64,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .field("session_name", &self.session_name)
            .field("calls_per_second", &self.calls_per_second)
            .finish_non_exhaustive()
    }
}

/// What makes two sessions the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SessionKey {
    role_arn: String,
    external_id: Option<String>,
    region: String,
    session_name: String,
}

impl SessionKey {
    pub(crate) fn of(target: &Target) -> Self {
        Self {
            role_arn: target.role_arn.clone(),
            external_id: target.external_id.clone(),
            region: target.region.clone(),
            session_name: sound_session_name(&target.session_name),
        }
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey")
            .field("role_arn", &self.role_arn)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// The SDK's clients for one role in one region.
pub(crate) struct Clients {
    pub(crate) workspaces: aws_sdk_workspaces::Client,
    pub(crate) cloudtrail: aws_sdk_cloudtrail::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) costs: aws_sdk_costexplorer::Client,
    pub(crate) pricing: aws_sdk_pricing::Client,
    pub(crate) tagging: aws_sdk_resourcegroupstagging::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    max_attempts: u32,
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").finish_non_exhaustive()
    }
}

impl Clients {
    pub(crate) async fn new(base: &SdkConfig, target: &Target) -> Self {
        let region = Region::new(target.region.clone());
        // The region's own STS: tokens of the global endpoint are not valid in opt-in regions.
        let mut role = AssumeRoleProvider::builder(&target.role_arn)
            .configure(base)
            .region(region.clone())
            .session_name(sound_session_name(&target.session_name));
        if let Some(external_id) = target.external_id.as_ref().filter(|it| !it.is_empty()) {
            role = role.external_id(external_id);
        }
        let config = base
            .to_builder()
            .region(region)
            .credentials_provider(SharedCredentialsProvider::new(role.build().await))
            .identity_cache(IdentityCache::lazy().build())
            .retry_config(RetryConfig::disabled())
            .build();
        Self {
            workspaces: aws_sdk_workspaces::Client::new(&config),
            cloudtrail: aws_sdk_cloudtrail::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            costs: aws_sdk_costexplorer::Client::new(&config),
            pricing: aws_sdk_pricing::Client::new(&config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            max_attempts: base.retry_config().map_or(1, RetryConfig::max_attempts),
        }
    }
}

/// One account in one region. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) clients: Arc<Clients>,
    pacer: Arc<Pacer>,
    target: Arc<Target>,
}

/// Who AWS says the session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    pub arn: String,
    /// 12 digits.
    pub account: String,
}

impl Session {
    pub(crate) fn new(clients: Arc<Clients>, pacer: Arc<Pacer>, target: Target) -> Self {
        Self { clients, pacer, target: Arc::new(target) }
    }

    /// The region it looks into.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// The account that was asked for, verified or not.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.target.account_id
    }

    /// The role that it takes on.
    pub(crate) fn role_arn(&self) -> &str {
        &self.target.role_arn
    }

    /// Takes on the role and asks AWS who that is.
    ///
    /// # Errors
    /// [`CloudError::WrongAccount`] when it is not the account that was asked for.
    pub async fn verify(&self) -> Result<CallerIdentity, CloudError> {
        let it = self.call(Api::CALLER_IDENTITY, || self.clients.sts.get_caller_identity().send()).await?;
        let account = it.account.unwrap_or_default();
        if account != self.target.account_id {
            return Err(CloudError::WrongAccount {
                expected: self.target.account_id.clone(),
                found: account,
            });
        }
        Ok(CallerIdentity { arn: it.arn.unwrap_or_default(), account })
    }

    /// Sends a call in its turn. A throttled one is sent again, ever slower, for about a minute; one without an answer
    /// as often as the configuration says. Only calls that read may come here: the SDK cannot tell what arrived.
    pub(crate) async fn call<T, E, F, Sent>(&self, api: Api, send: F) -> Result<T, CloudError>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        self.call_up_to(self.clients.max_attempts, api, send).await
    }

    /// As [`Session::call`], for calls that change something: one without an answer is not sent again.
    pub(crate) async fn call_once<T, E, F, Sent>(&self, api: Api, send: F) -> Result<T, CloudError>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        self.call_up_to(1, api, send).await
    }

    async fn call_up_to<T, E, F, Sent>(&self, max_attempts: u32, api: Api, send: F) -> Result<T, CloudError>
    where
        F: Fn() -> Sent,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let (mut throttled, mut unanswered) = (0, 0);
        loop {
            self.pacer.turn(api).await;
            let error = match send().await {
                Ok(it) => {
                    self.pacer.answered(api);
                    return Ok(it);
                }
                Err(error) => CloudError::of(api, error),
            };
            let rests = match error {
                CloudError::Throttled { .. } => {
                    self.pacer.throttled(api);
                    throttled += 1;
                    (throttled < THROTTLE_ATTEMPTS).then(|| rest(throttled))
                }
                CloudError::Unavailable { .. } => {
                    unanswered += 1;
                    (unanswered < max_attempts).then(|| rest(unanswered))
                }
                _ => None,
            };
            let Some(rests) = rests else { return Err(error) };
            tracing::debug!(
                account = %self.target.account_id, region = %self.target.region, api = %api,
                throttled, unanswered, "AWS did not answer, trying again: {error}"
            );
            tokio::time::sleep(rests).await;
        }
    }
}

/// STS takes 2 to 64 characters of `[\w+=,.@-]`.
fn sound_session_name(name: &str) -> String {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let mut sound: String = name.chars().take(64).map(|c| if is_sound(c) { c } else { '-' }).collect();
    while sound.len() < 2 {
        sound.push('-');
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_names_are_made_to_suit_sts() {
        assert_eq!(sound_session_name("skydesk"), "skydesk");
        assert_eq!(sound_session_name("Jörg Müller/sync"), "J-rg-M-ller-sync");
        assert_eq!(sound_session_name(""), "--");
        assert_eq!(sound_session_name(&"x".repeat(100)).len(), 64);
    }

    #[test]
    fn the_external_id_is_not_printed() {
        let target = Target {
            role_arn: "arn:aws:iam::111111111111:role/Skydesk".into(),
            external_id: Some("shared-secret".into()),
            account_id: "111111111111".into(),
            region: "eu-west-1".into(),
            session_name: "skydesk".into(),
            calls_per_second: 5.0,
        };
        let printed = format!("{target:?} {:?}", SessionKey::of(&target));
        assert!(!printed.contains("shared-secret") && printed.contains("eu-west-1"), "{printed}");
    }
}
