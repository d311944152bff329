//! Live progress: what a worker does reaches every browser that may see it.

use std::sync::Arc;

use contract::{auth::Permission, stream::StreamEvent};
use queue::{Change, JobEvent};

use crate::{Actor, App, jobs};

/// Tells what happened to a job. Progress is worth little a second later, so nothing here fails: without Redis the
/// browsers see no bars, and the lists are right all the same.
pub async fn publish(app: Arc<App>, event: JobEvent) {
    let Ok(mut conn) = app.conn().await else { return };
    let Ok(Some(mut row)) = queue::jobs::find(&mut conn, event.id).await else { return };
    match event.change {
        // Fresher than the row, which is written less often.
        Change::Progress(value) => row.progress = Some(value),
        Change::Ended(state) => row.state = state,
        _ => {}
    }
    let Ok(mut jobs) = jobs::named(&mut conn, vec![row]).await else { return };
    drop(conn);
    if let Some(job) = jobs.pop() {
        let _untold = app.live.publish(&StreamEvent::Job(Box::new(job))).await;
    }
}

/// Whether somebody may see an event: jobs are for those who may see jobs, and for who asked for them; how a sync goes
/// is for everybody who sees desktops.
#[must_use]
pub fn may_see(actor: &Actor, event: &StreamEvent) -> bool {
    match event {
        StreamEvent::Job(job) => {
            actor.role.allows(Permission::JobsRead)
                || job.requested_by.as_deref() == Some(actor.username.as_str())
                || (job.kind.starts_with("sync_") && actor.role.allows(Permission::WorkspacesRead))
        }
        StreamEvent::Operation(_) => actor.role.allows(Permission::OperationsRead),
        StreamEvent::Resync {} => true,
    }
}
