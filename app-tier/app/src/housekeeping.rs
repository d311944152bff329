//! What is forgotten in time, so that nothing grows for ever.

use std::sync::Arc;

use chrono::TimeDelta;
use queue::{Job, JobError, Run};
use serde::{Deserialize, Serialize};

use crate::{App, Error, files};

/// Report files taken away in one go.
const FILES: i64 = 500;

/// Jobs forgotten in one go.
const JOBS: u32 = 100_000;

/// Forgets old jobs, sessions, questions and report files.
#[derive(Debug, Serialize, Deserialize)]
pub struct Prune {}

impl Job for Prune {
    const KIND: &'static str = "prune";
    type Ctx = Arc<App>;

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }

    async fn run(self, app: Arc<App>, _run: Run) -> Result<(), JobError> {
        let now = app.now();
        let mut conn = app.conn().await?;
        let settings = store::settings::read(&mut conn).await.map_err(Error::from)?;
        let days = |days: u32| now - TimeDelta::days(i64::from(days));
        queue::jobs::prune(&mut conn, days(settings.job_days), JOBS).await.map_err(Error::from)?;
        store::sessions::prune(&mut conn, now).await.map_err(Error::from)?;
        store::questions::prune(&mut conn, days(settings.job_days)).await.map_err(Error::from)?;
        let expired = store::reports::expired(&mut conn, days(settings.report_days), FILES)
            .await
            .map_err(Error::from)?;
        drop(conn);
        for (report, key) in expired {
            // First the file, then the note: a run that dies between them deletes nothing twice.
            app.files.delete(&files::key(&key)?).await.map_err(Error::from)?;
            store::reports::forget_file(&mut *app.conn().await?, report).await.map_err(Error::from)?;
        }
        Ok(())
    }
}
