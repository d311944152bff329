//! The way to AWS: where credentials come from, what times out when, and the sessions that are open.
//!
//! Credentials are the SDK's to find and to refresh; nothing of them is kept, shown or logged here. The endpoint is the
//! SDK's own `AWS_ENDPOINT_URL`, so that nothing in the product knows whether AWS is the real one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, default_provider::credentials::DefaultCredentialsChain,
    ecs::EcsCredentialsProvider, environment::EnvironmentVariableCredentialsProvider,
    meta::credentials::CredentialsProviderChain, profile::ProfileFileCredentialsProvider,
    provider_config::ProviderConfig, retry::RetryConfig, timeout::TimeoutConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_workspaces::config::SharedHttpClient;
use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};

use crate::{
    Bucket, BucketConfig, Session, Target,
    pacing::{LOOKUPS_PER_SECOND, Pacers},
    session::{Clients, SessionKey},
};

/// How to reach AWS.
#[derive(Debug, Clone)]
pub struct CloudConfig {
    /// The region of the product's own calls.
    pub region: String,
    /// For one call with all its retries.
    pub call_timeout: Duration,
    /// For one try.
    pub attempt_timeout: Duration,
    /// Tries of a call that fails for want of an answer. Throttled calls are counted apart, see [`crate::Session`].
    pub max_attempts: u32,
    /// Whether credentials may come from the host's metadata service. Off by default: on a machine that has none the
    /// search costs seconds, and on one that has, its role is rarely the one that is meant.
    pub instance_metadata: bool,
    /// The most `LookupEvents` a second in an account and region. More than AWS's two is for what is not AWS.
    pub lookups_per_second: f64,
}

impl CloudConfig {
    /// Timeouts that suit AWS's lists: 5 s a try, 20 s a call, three tries.
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            call_timeout: Duration::from_secs(20),
            attempt_timeout: Duration::from_secs(5),
            max_attempts: 3,
            instance_metadata: false,
            lookups_per_second: LOOKUPS_PER_SECOND,
        }
    }
}

/// Open sessions beyond this number close, the least recently used first.
const MAX_SESSIONS: usize = 256;

/// The door to AWS. One for the process; cloning is cheap.
#[derive(Debug, Clone)]
pub struct Cloud(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: SdkConfig,
    sessions: Mutex<HashMap<SessionKey, Open>>,
    pacers: Pacers,
}

#[derive(Debug)]
struct Open {
    clients: Arc<Clients>,
    used: Instant,
}

impl Cloud {
    /// Prepares everything and calls nobody: with AWS away, or without credentials, it is the first use that fails.
    pub async fn connect(config: CloudConfig) -> Self {
        let region = Region::new(config.region.clone());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(config.attempt_timeout.min(Duration::from_secs(3)))
            .operation_attempt_timeout(config.attempt_timeout)
            .operation_timeout(config.call_timeout)
            .build();
        let base = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .http_client(http_client())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(config.max_attempts.max(1)))
            .credentials_provider(credentials(region, config.instance_metadata).await)
            .load()
            .await;
        Self::with_pace(base, config.lookups_per_second)
    }

    /// Takes a configuration of the SDK as it is: for tests, and for credentials that the default chain does not know.
    #[must_use]
    pub fn with_sdk_config(base: SdkConfig) -> Self {
        Self::with_pace(base, LOOKUPS_PER_SECOND)
    }

    fn with_pace(base: SdkConfig, lookups_per_second: f64) -> Self {
        Self(Arc::new(Inner { base, sessions: Mutex::default(), pacers: Pacers::new(lookups_per_second) }))
    }

    /// A session in one region of an account, by the role that the account lends. Repeated calls share clients and
    /// the role's credentials, which are fetched at the first use and renewed before they expire. AWS is not called.
    pub async fn session(&self, target: Target) -> Session {
        let pacer = self.0.pacers.of(&target.account_id, &target.region, target.calls_per_second);
        let key = SessionKey::of(&target);
        let known = self.open(&key);
        let clients = match known {
            Some(clients) => clients,
            None => {
                let clients = Arc::new(Clients::new(&self.0.base, &target).await);
                self.keep(key, clients)
            }
        };
        Session::new(clients, pacer, target)
    }

    /// A bucket of the product's own account, as a place for files.
    #[must_use]
    pub fn bucket(&self, config: BucketConfig) -> Bucket {
        Bucket::new(&self.0.base, config)
    }

    fn open(&self, key: &SessionKey) -> Option<Arc<Clients>> {
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let open = sessions.get_mut(key)?;
        open.used = Instant::now();
        Some(Arc::clone(&open.clients))
    }

    /// Two callers may have built clients for the same role at once: the first to arrive stays.
    fn keep(&self, key: SessionKey, clients: Arc<Clients>) -> Arc<Clients> {
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_SESSIONS && !sessions.contains_key(&key) {
            let oldest = sessions.iter().min_by_key(|(_, open)| open.used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                sessions.remove(&oldest);
            }
        }
        let open = sessions.entry(key).or_insert(Open { clients, used: Instant::now() });
        Arc::clone(&open.clients)
    }

    #[cfg(test)]
    pub(crate) fn open_sessions(&self) -> usize {
        self.0.sessions.lock().unwrap().len()
    }
}

/// One pool of connections and one store of root certificates for all clients: left to itself, the SDK makes both anew
/// for every client, which is for every service in every region of every account.
fn http_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|it| it.sleep_impl()));
        connector.build()
    })
}

/// The SDK's default chain, without its last link unless that is wanted.
async fn credentials(region: Region, instance_metadata: bool) -> SharedCredentialsProvider {
    if instance_metadata {
        return SharedCredentialsProvider::new(
            DefaultCredentialsChain::builder().region(region).build().await,
        );
    }
    let config = ProviderConfig::default().with_region(Some(region));
    let chain =
        CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
            .or_else("Profile", ProfileFileCredentialsProvider::builder().configure(&config).build())
            .or_else(
                "WebIdentityToken",
                WebIdentityTokenCredentialsProvider::builder().configure(&config).build(),
            )
            .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(&config).build());
    SharedCredentialsProvider::new(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(role: &str) -> Target {
        Target {
            role_arn: format!("arn:aws:iam::111111111111:role/{role}"),
            external_id: None,
            account_id: "111111111111".into(),
            region: "eu-west-1".into(),
            session_name: "skydesk".into(),
            calls_per_second: 5.0,
        }
    }

    #[tokio::test]
    async fn the_same_target_shares_clients_and_the_longest_unused_close() {
        let cloud = Cloud::connect(CloudConfig::new("eu-west-1")).await;
        let first = cloud.session(target("first")).await;
        let again = cloud.session(target("first")).await;
        assert!(Arc::ptr_eq(&first.clients, &again.clients));
        for n in 0..MAX_SESSIONS {
            cloud.session(target(&n.to_string())).await;
            cloud.session(target("first")).await;
        }
        assert_eq!(cloud.open_sessions(), MAX_SESSIONS);
        let kept = cloud.session(target("first")).await;
        assert!(Arc::ptr_eq(&first.clients, &kept.clients), "what is used stays open");
    }
}
