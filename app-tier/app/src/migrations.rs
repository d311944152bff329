//! The database's shape: the house's own tables and the queue's.

use std::time::Duration;

use secrecy::SecretString;
use store::migrations::MigrationError;

use crate::{App, Result};

/// How long a PostgreSQL that starts at the same time is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Applies what is missing, and answers what that was.
///
/// # Errors
/// PostgreSQL stays away or refuses.
pub async fn run(url: &SecretString) -> std::result::Result<Vec<String>, MigrationError> {
    store::migrations::run(url, vec![queue::MIGRATIONS, store::migrations::OWN], PATIENCE).await
}

/// The versions that this release needs and the database lacks.
///
/// # Errors
/// PostgreSQL is away.
pub async fn missing(app: &App) -> Result<Vec<String>> {
    let sources = [queue::MIGRATIONS, store::migrations::OWN];
    Ok(store::migrations::missing(&mut *app.conn().await?, &sources).await?)
}
