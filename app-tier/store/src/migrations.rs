//! The database's shape: this crate's tables and those that other crates bring.

use std::time::Duration;

use diesel::{
    ConnectionResult,
    migration::{Migration, MigrationSource},
    pg::Pg,
};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::{Error, Result};

/// The tables and views of this crate.
pub const OWN: EmbeddedMigrations = embed_migrations!();

/// Why the database was not brought up to date.
#[derive(Debug, thiserror::Error)]
#[error("the database was not brought up to date")]
pub struct MigrationError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Any two starts of the house are kept apart by this number.
const LOCK: i64 = 7_364_021_955;

const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Applies what is missing of `sources`, in order, and answers what that was. Two that run at the same time wait for
/// each other, and for so long as `patience` for a PostgreSQL that is not up yet.
///
/// # Errors
/// PostgreSQL stays away or refuses.
pub async fn run(
    url: &SecretString,
    sources: Vec<EmbeddedMigrations>,
    patience: Duration,
) -> std::result::Result<Vec<String>, MigrationError> {
    let connect = async {
        let mut conn = patiently(url, patience).await?;
        // Held until the connection ends.
        diesel::sql_query("SELECT pg_advisory_lock($1)")
            .bind::<diesel::sql_types::BigInt, _>(LOCK)
            .execute(&mut conn)
            .await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(conn)
    };
    let conn = connect.await.map_err(MigrationError)?;
    // diesel's harness blocks, so it has a thread of its own.
    let applied = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(conn);
        let mut applied: Vec<String> = Vec::new();
        for source in sources {
            applied.extend(harness.run_pending_migrations(source)?.iter().map(ToString::to_string));
        }
        Ok(applied)
    });
    match applied.await {
        Ok(applied) => applied.map_err(MigrationError),
        Err(error) => Err(MigrationError(error.into())),
    }
}

/// A connection, as soon as there is one. Nothing tells whether waiting helps: a server that is starting knows no password
/// either. So each refusal is logged.
async fn patiently(url: &SecretString, patience: Duration) -> ConnectionResult<AsyncPgConnection> {
    let end = Instant::now() + patience;
    loop {
        match AsyncPgConnection::establish(url.expose_secret()).await {
            Err(error) if Instant::now() + BETWEEN_TRIES <= end => {
                tracing::warn!(%error, "PostgreSQL is not there yet");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            outcome => return outcome,
        }
    }
}

/// The versions that this release needs and the database lacks.
///
/// # Errors
/// PostgreSQL refuses.
pub async fn missing(conn: &mut AsyncPgConnection, sources: &[EmbeddedMigrations]) -> Result<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let applied: Vec<Version> =
        match diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(conn).await {
            // Before the first there is no such table.
            Err(Error::DatabaseError(_, information)) if information.message().contains("does not exist") => {
                Vec::new()
            }
            other => other?,
        };
    let mut missing = Vec::new();
    for source in sources {
        let known: Vec<Box<dyn Migration<Pg>>> = source.migrations().map_err(Error::DeserializationError)?;
        let versions = known.iter().map(|it| it.name().version().to_string());
        missing.extend(versions.filter(|version| !applied.iter().any(|it| it.version == *version)));
    }
    Ok(missing)
}
