//! Desktops and their changes, as lists.

use chrono_tz::UTC;
use contract::{changes::Change, ids::WorkspaceId, page::Page, problem::Code, workspaces::WorkspaceDetail};
use domain::catalog::{Catalog, Entity, check::Moment, select::list as select_list};

use crate::{
    Error, OpCx, Result,
    lists::{JsonPage, ListRequest, Pairs},
};

/// Changes shown with a desktop.
const CHANGES_SHOWN: i64 = 50;

/// `GET /api/workspaces`: a `Page<Workspace>`.
///
/// # Errors
/// The query string is not understood.
pub async fn list(cx: &OpCx, pairs: &Pairs) -> Result<JsonPage> {
    let request = request(cx, "workspaces", pairs)?;
    let mut conn = cx.app.conn().await?;
    let statement = select_list(&request.page, store::workspaces::COLUMNS);
    let rows = store::workspaces::list(&mut conn, statement).await?;
    let total = request.total(&mut conn, rows.total()).await?;
    drop(conn);
    request.write(&rows, total)
}

/// `GET /api/changes`
///
/// # Errors
/// The query string is not understood.
pub async fn changes(cx: &OpCx, pairs: &Pairs) -> Result<Page<Change>> {
    let request = request(cx, "changes", pairs)?;
    let mut conn = cx.app.conn().await?;
    let (rows, total) =
        store::changes::list(&mut conn, select_list(&request.page, store::changes::COLUMNS)).await?;
    let total = request.total(&mut conn, total).await?;
    Ok(request.answer(rows, total, |it| it.id.to_string()))
}

/// `GET /api/workspaces/{id}`
///
/// # Errors
/// There is none.
pub async fn find(cx: &OpCx, id: &WorkspaceId) -> Result<WorkspaceDetail> {
    let mut conn = cx.app.conn().await?;
    let workspace = store::workspaces::find(&mut conn, id)
        .await?
        .ok_or_else(|| Error::not_found(format_args!("desktop {id}")))?;
    let changes = store::changes::of_workspace(&mut conn, id, CHANGES_SHOWN).await?;
    Ok(WorkspaceDetail { workspace, changes })
}

/// A list of the catalog as asked for by somebody who may.
pub(crate) fn request(cx: &OpCx, entity: &str, pairs: &Pairs) -> Result<ListRequest> {
    let catalog = Catalog::of(cx.actor.id, cx.actor.role);
    let entity: &'static Entity = catalog
        .entity(entity)
        .ok_or_else(|| Error::new(Code::Forbidden, "Your role does not see this list."))?;
    ListRequest::read(entity, &catalog, pairs, Moment { now: cx.app.now(), zone: UTC })
}
