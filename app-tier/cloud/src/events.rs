//! CloudTrail's history of an account and region: who called what, newest first, some minutes late, 90 days back.
//!
//! AWS takes one attribute to look for, and that is the service: everything that it was asked is read, and what Skydesk
//! itself only looked at, thousands of calls in an hour, is left out here.

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime as AwsTime;
use chrono::DateTime;
use domain::{
    events::{Outline, SeenEvent, read},
    usage::Span,
};

use crate::{Api, CloudError, Listing, Pages, Session};

/// What AWS puts on a page of `LookupEvents`.
const EVENTS_PER_PAGE: i32 = 50;

/// Events about desktops, as [`Session::events`] lists them.
#[derive(Debug)]
pub struct Events {
    /// AWS takes all that it has for none.
    pub(crate) span: Option<Span>,
    pub(crate) per_page: i32,
}

impl Listing for Events {
    type Item = SeenEvent;
    const API: Api = Api::EVENTS;
    // Five million events: a month of somebody who asks for everything all the time.
    const MAX_PAGES: usize = 100_000;

    /// A token is good for the parameters that it was given for and no others: they follow from the listing alone.
    async fn fetch(
        &self,
        session: &Session,
        token: Option<&str>,
    ) -> Result<(Vec<SeenEvent>, Option<String>), CloudError> {
        let of_workspaces = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventSource)
            .attribute_value("workspaces.amazonaws.com")
            .build()
            .map_err(|error| CloudError::Other {
                api: Self::API,
                code: "no request".to_owned(),
                message: error.to_string(),
                source: Box::new(error),
            })?;
        let page = session
            .call(Self::API, || {
                let call = session.clients.cloudtrail.lookup_events();
                call.lookup_attributes(of_workspaces.clone())
                    .set_start_time(self.span.map(|it| AwsTime::from_secs(it.from.timestamp())))
                    .set_end_time(self.span.map(|it| AwsTime::from_secs(it.until.timestamp())))
                    .max_results(self.per_page)
                    .set_next_token(token.map(str::to_owned))
                    .send()
            })
            .await?;
        let own_look = |it: &SeenEvent| it.read_only && it.role_arn.as_deref() == Some(session.role_arn());
        let events = page.events.unwrap_or_default().into_iter().filter_map(seen_event);
        Ok((events.filter(|it| !own_look(it)).collect(), page.next_token))
    }
}

impl Session {
    /// Events about desktops that happened from a second to another, both included, newest first. Those of the last
    /// quarter of an hour may not be there yet. AWS allows two pages a second.
    #[must_use]
    pub fn events(&self, span: Span, from_token: Option<String>) -> Pages<Events> {
        Pages::new(self, Events { span: Some(span), per_page: EVENTS_PER_PAGE }, from_token)
    }
}

fn seen_event(event: Event) -> Option<SeenEvent> {
    let resources = event.resources.unwrap_or_default();
    let outline = Outline {
        id: event.event_id,
        at: event.event_time.and_then(|it| DateTime::from_timestamp(it.secs(), it.subsec_nanos())),
        name: event.event_name,
        user_name: event.username,
        read_only: event.read_only.and_then(|it| it.parse().ok()),
        resources: resources.into_iter().filter_map(|it| it.resource_name).collect(),
    };
    let seen = read(outline, event.cloud_trail_event.as_deref());
    if seen.is_none() {
        tracing::warn!("AWS tells of an event without an id or a time");
    }
    seen
}
