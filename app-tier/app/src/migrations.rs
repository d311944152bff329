//! The database's shape: the house's own tables and the queue's.

use secrecy::SecretString;
use store::migrations::MigrationError;

use crate::{App, Result};

/// Applies what is missing, and answers what that was.
///
/// # Errors
/// PostgreSQL is away or refuses.
pub async fn run(url: &SecretString) -> std::result::Result<Vec<String>, MigrationError> {
    store::migrations::run(url, vec![queue::MIGRATIONS, store::migrations::OWN]).await
}

/// The versions that this release needs and the database lacks.
///
/// # Errors
/// PostgreSQL is away.
pub async fn missing(app: &App) -> Result<Vec<String>> {
    let sources = [queue::MIGRATIONS, store::migrations::OWN];
    Ok(store::migrations::missing(&mut *app.conn().await?, &sources).await?)
}
