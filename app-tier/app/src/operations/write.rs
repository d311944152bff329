//! What a worker writes of an operation: each portion in one transaction that proves that the job is still its own.

use chrono::{DateTime, Utc};
use contract::{
    ids::{AccountId, OperationId},
    operations::{DesktopState, OperationAction},
};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::workspaces::SeenTags;
use serde_json::json;
use store::{operations::DesktopRow, workspaces::Look};

use super::{
    ledger,
    run::{End, Shown, Work, touched},
};
use crate::{Error, Result};

/// Writes in a transaction that proves that the job is still this run's.
macro_rules! fenced {
    ($work:expr, $conn:ident => $written:expr) => {{
        let mut connection = $work.app.conn().await?;
        let run = &$work.run;
        connection
            .transaction::<_, Error, _>(async |$conn| {
                run.fence($conn).await?;
                Ok($written)
            })
            .await
    }};
}

impl Work {
    pub(super) async fn begin(&self, now: DateTime<Utc>) -> Result<()> {
        let id = self.it.id;
        fenced!(self, conn => store::operations::begin(conn, id, now).await?)
    }

    pub(super) async fn write_accepted(
        &self,
        at_work: &[&str],
        silent: &[&str],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if at_work.is_empty() && silent.is_empty() {
            return Ok(());
        }
        let id = self.it.id;
        fenced!(self, conn => {
            store::operations::note_accepted(conn, id, at_work, true, now).await?;
            store::operations::note_accepted(conn, id, silent, false, now).await?;
        })
    }

    /// The intent; answers for which desktops AWS may be called.
    pub(super) async fn write_calls(&self, calls: &[(&DesktopRow, &Shown)]) -> Result<Vec<String>> {
        let (id, now) = (self.it.id, self.app.now());
        let befores: Vec<_> =
            calls.iter().map(|(row, shown)| shown.seen.before(self.it.action, &row.desktop.set)).collect();
        let desktops: Vec<_> = calls
            .iter()
            .zip(&befores)
            .map(|((row, shown), before)| {
                (row.desktop.workspace_id.0.as_str(), shown.seen.state.as_str(), before)
            })
            .collect();
        fenced!(self, conn => store::operations::note_calls(conn, id, &desktops, now).await?)
    }

    pub(super) async fn write_back(&self, ids: &[String]) -> Result<()> {
        let id = self.it.id;
        fenced!(self, conn => store::operations::put_back(conn, id, ids).await?)
    }

    pub(super) async fn write_answers(
        &self,
        answers: &[(&str, Option<(&str, &str)>)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let id = self.it.id;
        fenced!(self, conn => store::operations::note_answers(conn, id, answers, now).await?)
    }

    /// How desktops ended, with all that follows: the desktop's row, the change feed, and the savings ledger.
    pub(super) async fn write_ends(&self, ends: &[End<'_>], now: DateTime<Utc>) -> Result<()> {
        if ends.is_empty() {
            return Ok(());
        }
        let (id, action) = (self.it.id, self.it.action);
        let entries = ledger::entries(&self.app, action, ends).await?;
        let rows: Vec<_> = ends
            .iter()
            .map(|it| (it.row.desktop.workspace_id.0.clone(), it.state, it.code.clone(), it.message.clone()))
            .collect();
        fenced!(self, conn => {
            let ended = store::operations::note_ends(conn, id, &rows, now).await?;
            for end in ends.iter().filter(|it| ended.contains(&it.row.desktop.workspace_id.0)) {
                show(conn, id, action, end, now).await?;
            }
            for entry in entries.iter().filter(|it| ended.contains(&it.workspace_id)) {
                entry.insert(conn, id, now).await?;
            }
        })
    }

    /// Whether all desktops have ended, and with them the operation.
    pub(super) async fn finish(&self) -> Result<bool> {
        let (id, now) = (self.it.id, self.app.now());
        let (subject, action) = (format!("operation:{id}"), self.it.action);
        fenced!(self, conn => {
            let Some(state) = store::operations::finish(conn, id, now).await? else { return Ok(false) };
            let entry = store::audit::NewEntry {
                actor: "system",
                action: "operation.end",
                subject: &subject,
                detail: json!({"action": action.name(), "state": state.name()}),
                request_id: None,
                address: None,
            };
            store::audit::insert(conn, entry).await?;
            true
        })
    }
}

/// The desktop as it was seen at the end, and whose doing that is.
async fn show(
    conn: &mut AsyncPgConnection,
    id: OperationId,
    action: OperationAction,
    end: &End<'_>,
    now: DateTime<Utc>,
) -> store::Result<()> {
    let desktop = &end.row.desktop;
    let look = Look { account: AccountId(end.row.account), region: &desktop.region, began: now, at: now };
    let workspace = desktop.workspace_id.0.as_str();
    match end.shown {
        Some(shown) => {
            store::workspaces::observe(conn, look, std::slice::from_ref(&shown.whole)).await?;
            if let Some(tags) = &shown.seen.tags {
                let seen = SeenTags { workspace_id: workspace.to_owned(), tags: tags.clone() };
                store::workspaces::observe_tags(conn, look, &[seen]).await?;
            }
        }
        None if end.state == DesktopState::Done => store::workspaces::bury_one(conn, look, workspace).await?,
        None => return Ok(()),
    }
    // What AWS was not called for is somebody else's doing.
    if end.state == DesktopState::Done && desktop.called_at.is_some() {
        let touched: Vec<_> = touched(action, desktop, now).collect();
        store::operations::attribute_changes(conn, id, &touched).await?;
    }
    Ok(())
}
