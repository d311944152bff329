//! WorkSpaces: desktops, bundles, directories and who is connected.
//!
//! Enumerations leave as AWS's own words: the SDK's types know only the values of the day it was built.

use aws_sdk_workspaces::types;
use chrono::{DateTime, Utc};
use domain::workspaces::{SeenBundle, SeenConnection, SeenDirectory, SeenWorkspace};
use futures::{Stream, StreamExt, stream};

use crate::{Api, CloudError, Listing, Pages, Session, paging::TokenGuard};

/// How many desktops or bundles AWS takes by id in one call, and the most desktops it puts on a page.
pub const IDS_PER_CALL: usize = 25;

const DESKTOPS_PER_PAGE: i32 = 25;

/// Desktops, as [`Session::desktops`] lists them.
#[derive(Debug)]
pub struct Desktops {
    pub(crate) per_page: i32,
}

impl Listing for Desktops {
    type Item = SeenWorkspace;
    const API: Api = Api::WORKSPACES;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<SeenWorkspace>, Option<String>), CloudError> {
        let page = session
            .call(Self::API, || {
                let call = session.clients.workspaces.describe_workspaces();
                call.limit(self.per_page).set_next_token(token.map(str::to_owned)).send()
            })
            .await?;
        let desktops = page.workspaces.unwrap_or_default();
        Ok((desktops.into_iter().filter_map(seen_workspace).collect(), page.next_token))
    }
}

/// Bundles of one owner, as [`Session::own_bundles`] and [`Session::amazon_bundles`] list them.
#[derive(Debug)]
pub struct Bundles {
    owner: Option<&'static str>,
}

impl Listing for Bundles {
    type Item = SeenBundle;
    const API: Api = Api::BUNDLES;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<SeenBundle>, Option<String>), CloudError> {
        let page = session
            .call(Self::API, || {
                let call = session.clients.workspaces.describe_workspace_bundles();
                call.set_owner(self.owner.map(str::to_owned)).set_next_token(token.map(str::to_owned)).send()
            })
            .await?;
        let bundles = page.bundles.unwrap_or_default();
        Ok((bundles.into_iter().filter_map(seen_bundle).collect(), page.next_token))
    }
}

/// Directories, as [`Session::directories`] lists them.
#[derive(Debug)]
pub struct Directories {
    pub(crate) per_page: i32,
}

impl Listing for Directories {
    type Item = SeenDirectory;
    const API: Api = Api::DIRECTORIES;

    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<SeenDirectory>, Option<String>), CloudError> {
        let page = session
            .call(Self::API, || {
                let call = session.clients.workspaces.describe_workspace_directories();
                call.limit(self.per_page).set_next_token(token.map(str::to_owned)).send()
            })
            .await?;
        let directories = page.directories.unwrap_or_default();
        Ok((directories.into_iter().filter_map(seen_directory).collect(), page.next_token))
    }
}

/// The connection status of some desktops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionBatch {
    /// The ids that AWS was asked about, at most [`IDS_PER_CALL`].
    pub asked: Vec<String>,
    /// What it knows; desktops that are new or broken are not in it.
    pub seen: Vec<SeenConnection>,
}

impl Session {
    /// All desktops, from the beginning or from a page's token.
    #[must_use]
    pub fn desktops(&self, from: Option<String>) -> Pages<Desktops> {
        Pages::new(self, Desktops { per_page: DESKTOPS_PER_PAGE }, from)
    }

    /// Bundles that the account made.
    #[must_use]
    pub fn own_bundles(&self, from: Option<String>) -> Pages<Bundles> {
        Pages::new(self, Bundles { owner: None }, from)
    }

    /// Bundles that AWS offers.
    #[must_use]
    pub fn amazon_bundles(&self, from: Option<String>) -> Pages<Bundles> {
        Pages::new(self, Bundles { owner: Some("AMAZON") }, from)
    }

    /// The bundles with these ids, at most [`IDS_PER_CALL`]: those that other accounts share are in no list.
    /// Ids that AWS does not know are left out.
    ///
    /// # Errors
    /// When AWS does not answer.
    pub async fn bundles_by_id(&self, ids: &[String]) -> Result<Vec<SeenBundle>, CloudError> {
        if ids.is_empty() {
            // AWS takes no ids for "all".
            return Ok(Vec::new());
        }
        let answer = self
            .call(Api::BUNDLES, || {
                let call = self.clients.workspaces.describe_workspace_bundles();
                call.set_bundle_ids(Some(ids.to_vec())).send()
            })
            .await?;
        Ok(answer.bundles.unwrap_or_default().into_iter().filter_map(seen_bundle).collect())
    }

    /// Directories that are registered for WorkSpaces.
    #[must_use]
    pub fn directories(&self, from: Option<String>) -> Pages<Directories> {
        Pages::new(self, Directories { per_page: DESKTOPS_PER_PAGE }, from)
    }

    /// The connection status of these desktops, at most [`IDS_PER_CALL`].
    ///
    /// # Errors
    /// When AWS does not answer, or repeats a page.
    pub async fn connection_status(&self, ids: &[String]) -> Result<Vec<SeenConnection>, CloudError> {
        let mut seen = Vec::with_capacity(ids.len());
        if ids.is_empty() {
            return Ok(seen);
        }
        let mut guard = TokenGuard::new(Api::CONNECTION_STATUS);
        let mut token = None;
        loop {
            let page = self
                .call(Api::CONNECTION_STATUS, || {
                    let call = self.clients.workspaces.describe_workspaces_connection_status();
                    call.set_workspace_ids(Some(ids.to_vec())).set_next_token(token.clone()).send()
                })
                .await?;
            let rows = page.workspaces_connection_status.unwrap_or_default();
            seen.extend(rows.into_iter().filter_map(seen_connection));
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(seen);
            }
            guard.pass(token.as_deref())?;
        }
    }

    /// The connection status of any number of desktops: calls of [`IDS_PER_CALL`], some at a time, in no order.
    /// A batch that fails does not stop the others.
    pub fn connection_batches(
        &self,
        ids: Vec<String>,
        at_a_time: usize,
    ) -> impl Stream<Item = Result<ConnectionBatch, CloudError>> + Send + use<> {
        let session = self.clone();
        let batches: Vec<Vec<String>> = ids.chunks(IDS_PER_CALL).map(<[String]>::to_vec).collect();
        stream::iter(batches)
            .map(move |asked| {
                let session = session.clone();
                async move {
                    let seen = session.connection_status(&asked).await?;
                    Ok(ConnectionBatch { asked, seen })
                }
            })
            .buffer_unordered(at_a_time.max(1))
    }
}

pub(crate) fn seen_workspace(it: types::Workspace) -> Option<SeenWorkspace> {
    let properties = it.workspace_properties.as_ref();
    let protocols = properties.map(types::WorkspaceProperties::protocols).unwrap_or_default();
    let primary = types::StandbyWorkspaceRelationshipType::Primary;
    let standby = it.related_workspaces().iter().any(|it| it.r#type() == Some(&primary));
    let protocols: Vec<&str> = protocols.iter().map(types::Protocol::as_str).collect();
    Some(SeenWorkspace {
        running_mode: properties.and_then(|p| p.running_mode()).map(|m| m.as_str().to_owned()),
        auto_stop_minutes: properties.and_then(|p| p.running_mode_auto_stop_timeout_in_minutes()),
        compute_type: properties.and_then(|p| p.compute_type_name()).map(|c| c.as_str().to_owned()),
        root_volume_gib: properties.and_then(|p| p.root_volume_size_gib()),
        user_volume_gib: properties.and_then(|p| p.user_volume_size_gib()),
        operating_system: properties.and_then(|p| p.operating_system_name()).map(|o| o.as_str().to_owned()),
        protocol: (!protocols.is_empty()).then(|| protocols.join(",")),
        id: it.workspace_id?,
        directory_id: it.directory_id.unwrap_or_default(),
        bundle_id: it.bundle_id,
        user_name: it.user_name.unwrap_or_default(),
        computer_name: it.computer_name,
        ip_address: it.ip_address,
        subnet_id: it.subnet_id,
        state: it.state.map_or_else(|| UNTOLD.to_owned(), |s| s.as_str().to_owned()),
        error_code: it.error_code,
        error_message: it.error_message,
        root_encrypted: it.root_volume_encryption_enabled.unwrap_or(false),
        user_encrypted: it.user_volume_encryption_enabled.unwrap_or(false),
        standby,
    })
}

/// AWS's own word for a state it does not tell.
const UNTOLD: &str = "UNKNOWN";

fn seen_bundle(it: types::WorkspaceBundle) -> Option<SeenBundle> {
    Some(SeenBundle {
        compute_type: it.compute_type().and_then(|c| c.name()).map(|c| c.as_str().to_owned()),
        id: it.bundle_id?,
        name: it.name.unwrap_or_default(),
        owner: it.owner,
    })
}

fn seen_directory(it: types::WorkspaceDirectory) -> Option<SeenDirectory> {
    Some(SeenDirectory {
        state: it.state().map(|s| s.as_str().to_owned()),
        id: it.directory_id?,
        name: it.directory_name,
        alias: it.alias,
    })
}

fn seen_connection(it: types::WorkspaceConnectionStatus) -> Option<SeenConnection> {
    Some(SeenConnection {
        checked_at: it.connection_state_check_timestamp().and_then(time),
        last_connected_at: it.last_known_user_connection_timestamp().and_then(time),
        state: it.connection_state().map_or_else(|| UNTOLD.to_owned(), |s| s.as_str().to_owned()),
        workspace_id: it.workspace_id?,
    })
}

/// `None` for times that no calendar has.
fn time(it: &aws_smithy_types::DateTime) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(it.secs(), it.subsec_nanos())
}
