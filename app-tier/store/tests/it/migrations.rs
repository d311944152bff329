//! The database's shape comes about in every way that Skydesk starts.

use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use secrecy::ExposeSecret;
use store::migrations::{OWN, missing, run};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::Database;

fn all() -> Vec<EmbeddedMigrations> {
    vec![queue::MIGRATIONS, OWN]
}

const AT_ONCE: Duration = Duration::ZERO;

const TABLES: &str =
    "SELECT count(*)::text AS value FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND c.relkind IN ('r', 'v') AND c.relname <> '__diesel_schema_migrations'";

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_first_and_the_store_later() {
    let db = Database::empty().await;
    let mut conn = db.conn().await;
    let before = missing(&mut conn, &all()).await.unwrap();
    let own = missing(&mut conn, &[OWN]).await.unwrap();
    assert!(!own.is_empty() && before.len() > own.len(), "{before:?}");

    assert_eq!(db.migrate(vec![queue::MIGRATIONS]).await.len(), before.len() - own.len());
    assert_eq!(missing(&mut conn, &all()).await.unwrap(), own);
    assert_eq!(db.migrate(all()).await, own);
    assert!(db.migrate(all()).await.is_empty(), "there is nothing left to do");
    assert!(missing(&mut conn, &all()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_together_do_it_once() {
    let db = Database::empty().await;
    let (one, other) = tokio::join!(run(&db.url, all(), AT_ONCE), run(&db.url, all(), AT_ONCE));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.is_empty() != other.is_empty(), "{one:?} {other:?}");
    assert_ne!(db.text(TABLES).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_leaves_nothing() {
    let db = Database::new().await;
    let own = missing(&mut *Database::empty().await.conn().await, &[OWN]).await.unwrap();
    let conn = AsyncPgConnection::establish(db.url.expose_secret()).await.unwrap();
    let mut harness = AsyncMigrationHarness::new(conn);
    for _ in own {
        harness.revert_last_migration(OWN).unwrap();
    }
    assert_eq!(db.text(TABLES).await, "2", "those of the queue");
    harness.revert_all_migrations(queue::MIGRATIONS).unwrap();
    assert_eq!(db.text(TABLES).await, "0");
    assert!(!db.migrate(all()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_an_error() {
    let nobody = secrecy::SecretString::from("postgres://nobody@127.0.0.1:9/none");
    let error = run(&nobody, all(), AT_ONCE).await.unwrap_err();
    assert_eq!(error.to_string(), "the database was not brought up to date");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_starting_is_waited_for() {
    let db = Database::empty().await;
    let mut late = url::Url::parse(db.url.expose_secret()).unwrap();
    let server = (late.host_str().unwrap().to_owned(), late.port().unwrap());
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    late.set_host(Some("127.0.0.1")).unwrap();
    late.set_port(Some(door.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        drop(door.accept().await.unwrap());
        let (mut client, _) = door.accept().await.unwrap();
        let mut server = TcpStream::connect(server).await.unwrap();
        tokio::io::copy_bidirectional(&mut client, &mut server).await.unwrap();
    });
    let late = secrecy::SecretString::from(late.to_string());
    assert!(!run(&late, all(), Duration::from_secs(30)).await.unwrap().is_empty());
    assert_ne!(db.text(TABLES).await, "0");
}
