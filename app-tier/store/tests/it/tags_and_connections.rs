//! What comes from other APIs than the desktops themselves.

use std::collections::BTreeMap;

use contract::{ids::WorkspaceId, workspaces::Workspace};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use domain::workspaces::{SeenConnection, SeenTags};
use store::workspaces::{Look, bury, clear_tags, find, set_connections, set_tags, upsert};

use crate::harness::{Database, at, desktop, look};

fn tags(id: &str, tags: &[(&str, &str)]) -> SeenTags {
    SeenTags { workspace_id: id.into(), tags: map(tags) }
}

fn map(tags: &[(&str, &str)]) -> BTreeMap<String, String> {
    tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn read(conn: &mut AsyncPgConnection, id: &str) -> Workspace {
    find(conn, &WorkspaceId(id.into())).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_read_for_the_first_time_are_no_news() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let mut conn = db.conn().await;
    assert_eq!(read(&mut conn, "ws-1").await.tags, None);
    let seen = tags("ws-1", &[("Team", "Finance"), ("Env", "prod")]);
    set_tags(&mut conn, look(account, 1), &[seen.clone(), seen]).await.unwrap();
    assert!(db.news().await.is_empty());
    let found = read(&mut conn, "ws-1").await;
    assert_eq!(found.tags, Some(map(&[("Team", "Finance"), ("Env", "prod")])));
    assert_eq!(found.tags_observed_at, Some(at(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tag_that_differs_is_one_change() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let other = db.account("Development", "444455556666").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    let mut conn = db.conn().await;
    let first =
        [tags("ws-1", &[("Team", "Finance"), ("Env", "prod"), ("Kept", "k")]), tags("ws-2", &[("A", "1")])];
    set_tags(&mut conn, look(account, 1), &first).await.unwrap();
    let second = [tags("ws-1", &[("Team", "HR"), ("New", "n"), ("Kept", "k")]), tags("ws-2", &[("A", "1")])];
    set_tags(&mut conn, look(account, 2), &second).await.unwrap();
    assert_eq!(
        db.news().await,
        [
            "ws-1 changed tags.Env: prod > none",
            "ws-1 changed tags.New: none > n",
            "ws-1 changed tags.Team: Finance > HR",
        ]
    );
    // Another account's tags are not this one's, whatever they are called.
    set_tags(&mut conn, look(other, 3), &[tags("ws-1", &[])]).await.unwrap();
    assert!(db.news().await.is_empty());
    assert_eq!(read(&mut conn, "ws-1").await.tags, Some(map(&[("Team", "HR"), ("New", "n"), ("Kept", "k")])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sweep_of_tags_does_not_tell_has_none() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let desktops = ["ws-never", "ws-kept", "ws-lost", "ws-gone"].map(desktop);
    db.has(account, &desktops).await;
    let mut conn = db.conn().await;
    let tagged = ["ws-kept", "ws-lost", "ws-gone"].map(|id| tags(id, &[("Team", "Finance")]));
    set_tags(&mut conn, look(account, 1), &tagged).await.unwrap();
    upsert(&mut conn, look(account, 5), &desktops[..3]).await.unwrap();
    bury(&mut conn, look(account, 5)).await.unwrap();
    db.news().await;

    set_tags(&mut conn, look(account, 10), &[tags("ws-kept", &[("Team", "Finance")])]).await.unwrap();
    // It came while the sweep was under way, which may have passed its place already.
    upsert(&mut conn, look(account, 11), &[desktop("ws-late")]).await.unwrap();
    clear_tags(&mut conn, Look { began: at(10), ..look(account, 12) }).await.unwrap();

    assert_eq!(db.news().await, ["ws-late appeared", "ws-lost changed tags.Team: Finance > none"]);
    let finance = Some(map(&[("Team", "Finance")]));
    let expected = [
        ("ws-never", Some(BTreeMap::new()), Some(at(12))),
        ("ws-kept", finance.clone(), Some(at(10))),
        ("ws-lost", Some(BTreeMap::new()), Some(at(12))),
        ("ws-gone", finance, Some(at(1))),
        ("ws-late", None, None),
    ];
    for (id, tags, observed) in expected {
        let found = read(&mut conn, id).await;
        assert_eq!((found.tags, found.tags_observed_at), (tags, observed), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_not_told_keeps_its_last_time_only() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2"), desktop("ws-3")]).await;
    let mut conn = db.conn().await;
    let connection = |id: &str, state: &str, last| SeenConnection {
        workspace_id: id.into(),
        state: state.into(),
        checked_at: None,
        last_connected_at: last,
    };
    let asked = ["ws-1".to_owned(), "ws-2".to_owned()];
    let seen = [connection("ws-1", "CONNECTED", Some(at(-60))), connection("ws-2", "DISCONNECTED", None)];
    set_connections(&mut conn, look(account, 1), &asked, &seen).await.unwrap();
    let state = |it: Workspace| (it.connection, it.last_connected_at, it.connection_observed_at);
    let connected = (Some("CONNECTED".to_owned()), Some(at(-60)), Some(at(1)));
    assert_eq!(state(read(&mut conn, "ws-1").await), connected);
    assert_eq!(state(read(&mut conn, "ws-2").await), (Some("DISCONNECTED".to_owned()), None, Some(at(1))));
    assert_eq!(state(read(&mut conn, "ws-3").await), (None, None, None), "nobody asked for it");

    // AWS has no row for the first any more, and an older time for the second than none is still a time.
    let seen = [connection("ws-2", "CONNECTED", Some(at(-90)))];
    set_connections(&mut conn, look(account, 2), &asked, &seen).await.unwrap();
    assert_eq!(state(read(&mut conn, "ws-1").await), (None, Some(at(-60)), Some(at(2))));
    assert_eq!(
        state(read(&mut conn, "ws-2").await),
        (Some("CONNECTED".to_owned()), Some(at(-90)), Some(at(2)))
    );
    assert!(db.news().await.is_empty(), "people come and go all day");

    let seen = [connection("ws-2", "UNKNOWN", None)];
    set_connections(&mut conn, look(account, 3), &asked, &seen).await.unwrap();
    assert_eq!(
        state(read(&mut conn, "ws-2").await),
        (Some("UNKNOWN".to_owned()), Some(at(-90)), Some(at(3)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_jobs_that_write_the_same_desktops_in_another_order_both_end() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    let connected = |id: &str| SeenConnection {
        workspace_id: id.into(),
        state: "CONNECTED".into(),
        checked_at: None,
        last_connected_at: None,
    };

    let mut tagging = db.conn().await;
    tagging.batch_execute("BEGIN").await.unwrap();
    set_tags(&mut tagging, look(account, 1), &[tags("ws-1", &[("Team", "Finance")])]).await.unwrap();
    let mut connecting = db.conn().await;
    let other = async {
        connecting.batch_execute("BEGIN").await.unwrap();
        for id in ["ws-2", "ws-1"] {
            set_connections(&mut connecting, look(account, 2), &[id.into()], &[connected(id)]).await.unwrap();
        }
        connecting.batch_execute("COMMIT").await.unwrap();
    };
    let one = async {
        // The other one waits: for its turn, or, were there none, for the row that this one holds.
        let waiting = "SELECT count(*)::text AS value FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query ~ 'pg_advisory_xact_lock|connection_observed_at'";
        while db.text(waiting).await == "0" {}
        set_tags(&mut tagging, look(account, 1), &[tags("ws-2", &[("Team", "HR")])]).await.unwrap();
        tagging.batch_execute("COMMIT").await.unwrap();
    };
    tokio::join!(one, other);
    for id in ["ws-1", "ws-2"] {
        let found = read(&mut *db.conn().await, id).await;
        assert!(found.tags.is_some_and(|it| it.len() == 1) && found.connection.is_some(), "{id}");
    }
}
