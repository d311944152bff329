//! Who did what to desktops.

use chrono::{DateTime, TimeDelta, Utc};
use contract::{
    events::{Actions, Event},
    ids::WorkspaceId,
    page::Page,
    problem::{Code, FieldError},
};
use domain::{catalog::select::list as select_list, events::actions as group, usage::Span};
use serde::Deserialize;

use crate::{Error, OpCx, Result, lists::Pairs, workspaces::request};

/// How far back actions are put together unless told.
const USUAL_DAYS: i64 = 7;
/// The longest span that actions are put together of.
const MOST_DAYS: i64 = 92;
/// More events than these are cut, the earliest first.
const MOST_EVENTS: i64 = 20_000;

/// `GET /api/events`
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<Page<Event>> {
    let request = request(cx, "events", pairs)?;
    let mut conn = cx.app.conn().await?;
    let (rows, total) =
        store::events::list(&mut conn, select_list(&request.page, store::events::COLUMNS)).await?;
    let total = request.total(&mut conn, total).await?;
    Ok(request.answer(rows, total, |it| it.entry.clone()))
}

/// `GET /api/workspaces/{id}/events`: the same list, of one desktop.
///
/// # Errors
/// There is no such desktop, or the query string is not understood.
pub async fn of_workspace(cx: &OpCx, id: &WorkspaceId, pairs: &Pairs) -> Result<Page<Event>> {
    if pairs.iter().any(|(name, _)| name.ends_with("workspace_id")) {
        let error = FieldError::new("workspace_id", "is in the path already");
        return Err(Error::with_fields(Code::InvalidQuery, vec![error]));
    }
    known(cx, id).await?;
    let mut pairs = pairs.to_vec();
    pairs.push(("workspace_id".to_owned(), id.0.clone()));
    list(cx, &pairs).await
}

/// What the query string of actions may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionsQuery {
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    workspace_id: Option<WorkspaceId>,
}

/// `GET /api/events/actions`
///
/// # Errors
/// The span is none or too long, or there is no such desktop.
pub async fn actions(cx: &OpCx, query: &ActionsQuery) -> Result<Actions> {
    let until = query.until.unwrap_or_else(|| cx.app.now());
    let from = query.from.unwrap_or(until - TimeDelta::days(USUAL_DAYS));
    if from >= until || until - from > TimeDelta::days(MOST_DAYS) {
        let error =
            FieldError::new("/from", format!("takes a time before `until`, by {MOST_DAYS} days at most"));
        return Err(Error::invalid(vec![error]));
    }
    if let Some(id) = &query.workspace_id {
        known(cx, id).await?;
    }
    let mut conn = cx.app.conn().await?;
    let span = Span::new(from, until);
    let mut events =
        store::events::latest(&mut conn, span, query.workspace_id.as_ref(), MOST_EVENTS + 1).await?;
    drop(conn);
    let mut begins = from;
    if i64::try_from(events.len()).is_ok_and(|it| it > MOST_EVENTS)
        && let Some(earliest) = events.pop()
    {
        // Not all events of that moment are here.
        begins = earliest.at + TimeDelta::microseconds(1);
        events.retain(|it| it.at >= begins);
    }
    Ok(Actions { from: begins, until, items: group(events) })
}

async fn known(cx: &OpCx, id: &WorkspaceId) -> Result<()> {
    let mut conn = cx.app.conn().await?;
    let found = store::workspaces::find(&mut conn, id).await?;
    found.map(drop).ok_or_else(|| Error::not_found(format_args!("desktop {id}")))
}
