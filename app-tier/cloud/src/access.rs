//! Whether a role may do what Skydesk needs it for: one small call for each capability.

use contract::accounts::{AccessCheck, Capability};

use crate::{
    Api, CloudError, Listing, Session,
    tags::DesktopTags,
    workspaces::{Desktops, Directories},
};

/// Tries every capability in the session's region. Each is tried, whatever the others said.
pub async fn check_access(session: &Session) -> Vec<AccessCheck> {
    // Boxed, because four calls of the SDK at once are a large future.
    let (desktops, bundles, tags, connections) = futures::join!(
        Box::pin(try_listing(session, Desktops { per_page: 1 })),
        Box::pin(try_bundles(session)),
        Box::pin(try_listing(session, DesktopTags { per_page: 1 })),
        Box::pin(try_connection_status(session)),
    );
    [
        (Capability::Desktops, desktops),
        (Capability::Bundles, bundles),
        (Capability::Tags, tags),
        (Capability::ConnectionStatus, connections),
    ]
    .into_iter()
    .map(|(capability, outcome)| AccessCheck {
        region: session.region().to_owned(),
        capability,
        allowed: outcome.is_ok(),
        denied_action: outcome.as_ref().err().and_then(CloudError::denied_action).map(str::to_owned),
        message: outcome.err().map(|error| error.for_people()),
    })
    .collect()
}

async fn try_listing<L: Listing>(session: &Session, listing: L) -> Result<(), CloudError> {
    listing.fetch(session, None).await.map(drop)
}

/// The capability needs both operations. Bundles have no limit to ask for; AWS pages them by itself.
async fn try_bundles(session: &Session) -> Result<(), CloudError> {
    try_listing(session, Directories { per_page: 1 }).await?;
    session.own_bundles(None).next_page().await.map(drop)
}

/// Without ids AWS answers for the first desktops it has, which may be none.
async fn try_connection_status(session: &Session) -> Result<(), CloudError> {
    let send = || session.clients.workspaces.describe_workspaces_connection_status().send();
    session.call(Api::CONNECTION_STATUS, send).await.map(drop)
}
