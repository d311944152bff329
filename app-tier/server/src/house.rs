//! Puts the house together from its configuration.

use std::sync::Arc;

use anyhow::Context;
use app::{App, Clock, auth::Keys, files::BucketFiles};
use assistant::Assistant;
use cloud::{BucketConfig, Cloud};
use live::Live;
use reports::{FileStore, LocalFolder};

use crate::config::{Config, Files};

/// Calls nobody: databases and AWS may come later than the process.
///
/// # Errors
/// A folder cannot be made, or an address is none.
pub async fn build(config: &Config) -> anyhow::Result<Arc<App>> {
    let cloud = Cloud::connect(config.cloud.clone()).await;
    let files: Arc<dyn FileStore> = match &config.files {
        Files::Folder(path) => Arc::new(
            LocalFolder::open(path).with_context(|| format!("cannot use the folder {}", path.display()))?,
        ),
        Files::Bucket(name) => {
            let bucket =
                BucketConfig { name: name.clone(), region: config.cloud.region.clone(), path_style: false };
            Arc::new(BucketFiles(cloud.bucket(bucket)))
        }
    };
    std::fs::create_dir_all(&config.work_dir)
        .with_context(|| format!("cannot make the work folder {}", config.work_dir.display()))?;
    let clock = Clock::system();
    Ok(Arc::new(App {
        pool: store::pool::connect(&config.database).context("the database's settings cannot be used")?,
        live: Live::connect(&config.redis_url, "skydesk").context("REDIS_URL cannot be used")?,
        cloud,
        assistant: Assistant::new(config.assistant.clone())?,
        files,
        work_dir: config.work_dir.clone(),
        started_at: clock.now(),
        clock,
        keys: Keys::new(&config.secret_key),
    }))
}
