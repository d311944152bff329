//! The floor of a sync: the calls that it makes, through the same SDK, with nothing done with the answers.
//!
//! Same order and concurrency as the product: all account-regions at once; in each desktops page by page beside bundles
//! and directories; then tags page by page beside connection status, six batches of 25 at a time. Deliberately without
//! pacing, retries and storing. It needs a desktop's id for its connection, so ids are all that it keeps.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use futures::{StreamExt as _, TryStreamExt as _, future::join_all, stream};
use serde_json::Value;

use crate::stack::Stack;

const DESKTOPS_A_PAGE: i32 = 25;
const TAGGED_A_PAGE: i32 = 100;
const IDS_A_CALL: usize = 25;
const CALLS_AT_A_TIME: usize = 6;

/// What the calls answered.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(crate) desktops: AtomicU64,
    pub(crate) pages: AtomicU64,
    pub(crate) refused: AtomicU64,
}

/// A registered account's region.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    role_arn: String,
    external_id: Option<String>,
    region: String,
}

/// Every account-region that the product has registered.
///
/// # Errors
/// The product does not tell.
pub(crate) async fn targets(stack: &Stack) -> anyhow::Result<Vec<Target>> {
    let accounts = stack.get("/api/accounts").await?;
    let accounts = accounts.get("items").and_then(Value::as_array).context("there are no accounts")?;
    let text = |it: &Value, name| it.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut targets = Vec::new();
    for account in accounts {
        let regions =
            account.get("regions").and_then(Value::as_array).context("an account has no regions")?;
        for region in regions.iter().filter_map(Value::as_str) {
            targets.push(Target {
                role_arn: text(account, "role_arn").context("an account has no role")?,
                external_id: text(account, "external_id").filter(|it| !it.is_empty()),
                region: region.to_owned(),
            });
        }
    }
    Ok(targets)
}

/// Makes all calls once.
///
/// # Errors
/// A call failed that is not refused in this estate.
pub(crate) async fn run(stack: &Stack, targets: &[Target]) -> anyhow::Result<Answered> {
    // The sandbox takes any key.
    let own = Credentials::new("sandbox", "sandbox", None, None, "bench");
    let base = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(&stack.place.aws_endpoint)
        .credentials_provider(SharedCredentialsProvider::new(own))
        .retry_config(RetryConfig::disabled())
        .load()
        .await;
    let answered = Answered::default();
    let looks = targets.iter().map(|target| look(&base, target, &answered));
    join_all(looks).await.into_iter().collect::<anyhow::Result<()>>()?;
    Ok(answered)
}

/// One account-region. A refused role ends it, as in the product.
async fn look(base: &SdkConfig, target: &Target, answered: &Answered) -> anyhow::Result<()> {
    let region = Region::new(target.region.clone());
    let mut role = AssumeRoleProvider::builder(&target.role_arn)
        .configure(base)
        .region(region.clone())
        .session_name("skydesk-bench");
    if let Some(external_id) = &target.external_id {
        role = role.external_id(external_id);
    }
    let role = SharedCredentialsProvider::new(role.build().await);
    let config = base.to_builder().region(region).credentials_provider(role).build();
    let workspaces = aws_sdk_workspaces::Client::new(&config);
    let tagging = aws_sdk_resourcegroupstagging::Client::new(&config);
    let (ids, named) = tokio::join!(desktops(&workspaces, answered), names(&workspaces, answered));
    let (Ok(ids), Ok(())) = (ids, named) else {
        answered.refused.fetch_add(1, Ordering::Relaxed);
        return Ok(());
    };
    let (tagged, connected) =
        tokio::join!(tags(&tagging, answered), connections(&workspaces, &ids, answered));
    if tagged.is_err() {
        answered.refused.fetch_add(1, Ordering::Relaxed);
    }
    connected
}

async fn desktops(client: &aws_sdk_workspaces::Client, answered: &Answered) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    let mut token = None;
    loop {
        let page = client.describe_workspaces().limit(DESKTOPS_A_PAGE).set_next_token(token).send().await?;
        answered.pages.fetch_add(1, Ordering::Relaxed);
        let before = ids.len();
        ids.extend(page.workspaces.unwrap_or_default().into_iter().filter_map(|it| it.workspace_id));
        answered.desktops.fetch_add(u64::try_from(ids.len() - before)?, Ordering::Relaxed);
        token = page.next_token.filter(|it| !it.is_empty());
        if token.is_none() {
            return Ok(ids);
        }
    }
}

/// Bundles of both owners, and directories.
async fn names(client: &aws_sdk_workspaces::Client, answered: &Answered) -> anyhow::Result<()> {
    for owner in [None, Some("AMAZON".to_owned())] {
        let mut token = None;
        loop {
            let call = client.describe_workspace_bundles().set_owner(owner.clone());
            let page = call.set_next_token(token).send().await?;
            answered.pages.fetch_add(1, Ordering::Relaxed);
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                break;
            }
        }
    }
    let mut token = None;
    loop {
        let call = client.describe_workspace_directories().limit(DESKTOPS_A_PAGE);
        let page = call.set_next_token(token).send().await?;
        answered.pages.fetch_add(1, Ordering::Relaxed);
        token = page.next_token.filter(|it| !it.is_empty());
        if token.is_none() {
            return Ok(());
        }
    }
}

async fn tags(client: &aws_sdk_resourcegroupstagging::Client, answered: &Answered) -> anyhow::Result<()> {
    let mut token = None;
    loop {
        let call = client.get_resources().resource_type_filters("workspaces:workspace");
        let page = call.resources_per_page(TAGGED_A_PAGE).set_pagination_token(token).send().await?;
        answered.pages.fetch_add(1, Ordering::Relaxed);
        token = page.pagination_token.filter(|it| !it.is_empty());
        if token.is_none() {
            return Ok(());
        }
    }
}

async fn connections(
    client: &aws_sdk_workspaces::Client,
    ids: &[String],
    answered: &Answered,
) -> anyhow::Result<()> {
    let batches: Vec<Vec<String>> = ids.chunks(IDS_A_CALL).map(<[String]>::to_vec).collect();
    stream::iter(batches)
        .map(|ids| async {
            client.describe_workspaces_connection_status().set_workspace_ids(Some(ids)).send().await?;
            answered.pages.fetch_add(1, Ordering::Relaxed);
            anyhow::Ok(())
        })
        .buffer_unordered(CALLS_AT_A_TIME)
        .try_collect::<()>()
        .await
}
