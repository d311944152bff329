//! Whether a role may do what Skydesk needs it for: one small call for each capability.

use chrono::{DateTime, TimeDelta, Utc};
use contract::accounts::{AccessCheck, Capability};
use domain::usage::{SLOT, Span};

use crate::{
    Api, CloudError, Listing, Session,
    events::Events,
    tags::DesktopTags,
    workspaces::{Desktops, Directories},
};

/// Tries every capability in the session's region. Each is tried, whatever the others said.
pub async fn check_access(session: &Session) -> Vec<AccessCheck> {
    // Boxed, because six calls of the SDK at once are a large future.
    let (desktops, bundles, tags, connections, usage, events) = futures::join!(
        Box::pin(try_listing(session, Desktops { per_page: 1 })),
        Box::pin(try_bundles(session)),
        Box::pin(try_listing(session, DesktopTags { per_page: 1 })),
        Box::pin(try_connection_status(session)),
        Box::pin(try_usage(session)),
        Box::pin(try_listing(session, Events { span: None, per_page: 1 })),
    );
    [
        (Capability::Desktops, desktops),
        (Capability::Bundles, bundles),
        (Capability::Tags, tags),
        (Capability::ConnectionStatus, connections),
        (Capability::Usage, usage),
        (Capability::Events, events),
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

/// Five minutes of a desktop that nobody has: whether it may be asked, for a hundred-thousandth of a dollar.
async fn try_usage(session: &Session) -> Result<(), CloudError> {
    let until = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
    session.usage(&["ws-000000000"], Span::new(until - SLOT, until)).await.map(drop)
}
