//! What a sync writes of desktops, and which differences become news.

use std::collections::BTreeMap;

use contract::ids::WorkspaceId;
use domain::workspaces::{SeenBundle, SeenConnection, SeenDirectory, SeenTags, SeenWorkspace};
use store::workspaces::{
    Look, bury, clear_tags, complete_connections, count, find, ids, set_connections, set_tags, upsert,
    upsert_bundles, upsert_directories,
};

use crate::harness::{Database, REGION, at, desktop, look};

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_appears_once() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    upsert(&mut conn, look(account, 0), &[desktop("ws-1"), desktop("ws-2")]).await.unwrap();
    assert_eq!(db.news().await, ["ws-1 appeared", "ws-2 appeared"]);
    upsert(&mut conn, look(account, 5), &[desktop("ws-1"), desktop("ws-2")]).await.unwrap();
    bury(&mut conn, look(account, 5)).await.unwrap();
    assert!(db.news().await.is_empty());
    let found = find(&mut conn, &WorkspaceId("ws-1".into())).await.unwrap().unwrap();
    assert_eq!((found.first_seen_at, found.observed_at, found.gone_at), (at(0), at(5), None));
    assert_eq!(found.account, "Production");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_twice_in_a_batch_counts_once() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    for minute in [0, 5] {
        let batch = [desktop("ws-1"), desktop("ws-2"), desktop("ws-1")];
        upsert(&mut conn, look(account, minute), &batch).await.unwrap();
        assert_eq!(count(&mut conn, account, REGION).await.unwrap(), 2);
    }
    assert_eq!(db.news().await, ["ws-1 appeared", "ws-2 appeared"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_difference_is_one_change() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    let mut conn = db.conn().await;
    let always_on = SeenWorkspace {
        running_mode: Some("ALWAYS_ON".into()),
        auto_stop_minutes: None,
        root_volume_gib: Some(175),
        ..desktop("ws-1")
    };
    upsert(&mut conn, look(account, 5), &[always_on, desktop("ws-2")]).await.unwrap();
    assert_eq!(
        db.news().await,
        [
            "ws-1 changed auto_stop_minutes: 60 > none",
            "ws-1 changed root_volume_gib: 80 > 175",
            "ws-1 changed running_mode: AUTO_STOP > ALWAYS_ON",
        ]
    );
    let found = find(&mut conn, &WorkspaceId("ws-1".into())).await.unwrap().unwrap();
    assert_eq!(found.running_mode.as_deref(), Some("ALWAYS_ON"));
    assert_eq!((found.auto_stop_minutes, found.root_volume_gib), (None, Some(175)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_breathing_of_auto_stop_is_no_news_and_an_error_is() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let mut conn = db.conn().await;
    for (minute, state) in
        [(1, "STOPPING"), (2, "STOPPED"), (3, "STARTING"), (4, "AVAILABLE"), (5, "STOPPED")]
    {
        let seen = SeenWorkspace { state: state.into(), ..desktop("ws-1") };
        upsert(&mut conn, look(account, minute), &[seen]).await.unwrap();
        let found = find(&mut conn, &WorkspaceId("ws-1".into())).await.unwrap().unwrap();
        assert_eq!(found.state, state);
    }
    assert!(db.news().await.is_empty());
    for (minute, state) in [(6, "ERROR"), (7, "AVAILABLE")] {
        let seen = SeenWorkspace { state: state.into(), ..desktop("ws-1") };
        upsert(&mut conn, look(account, minute), &[seen]).await.unwrap();
    }
    assert_eq!(
        db.news().await,
        ["ws-1 changed state: ERROR > AVAILABLE", "ws-1 changed state: STOPPED > ERROR"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sweep_did_not_see_is_gone_and_may_return() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let other = db.account("Development", "444455556666").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    db.has(other, &[desktop("ws-3")]).await;
    let mut conn = db.conn().await;

    upsert(&mut conn, look(account, 10), &[desktop("ws-1")]).await.unwrap();
    let end = |minute| Look { began: at(10), ..look(account, minute) };
    assert_eq!(bury(&mut conn, end(11)).await.unwrap(), 1);
    assert_eq!(db.news().await, ["ws-2 gone"]);
    let gone = find(&mut conn, &WorkspaceId("ws-2".into())).await.unwrap().expect("nothing is deleted");
    assert_eq!((gone.gone_at, gone.observed_at), (Some(at(11)), at(0)));
    assert_eq!(count(&mut conn, account, REGION).await.unwrap(), 1);
    assert_eq!(
        count(&mut conn, other, REGION).await.unwrap(),
        1,
        "another account's sweep says nothing of it"
    );
    assert_eq!(ids(&mut conn, account, REGION, "", 10).await.unwrap(), ["ws-1"]);

    // A second burial of the same sweep finds nobody, though what it saw is forgotten.
    assert_eq!(bury(&mut conn, end(12)).await.unwrap(), 0);
    assert!(db.news().await.is_empty());

    let moved = SeenWorkspace { running_mode: Some("ALWAYS_ON".into()), ..desktop("ws-2") };
    upsert(&mut conn, look(account, 20), &[moved]).await.unwrap();
    assert_eq!(db.news().await, ["ws-2 changed running_mode: AUTO_STOP > ALWAYS_ON", "ws-2 returned"]);
    let back = find(&mut conn, &WorkspaceId("ws-2".into())).await.unwrap().unwrap();
    assert_eq!((back.gone_at, back.first_seen_at), (None, at(0)));
    assert_eq!(count(&mut conn, account, REGION).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_unfinished_sweep_saw_says_nothing_in_the_next() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    let mut conn = db.conn().await;
    // The first one came across both and never ended; by the time of the second one, one of them is gone.
    upsert(&mut conn, look(account, 10), &[desktop("ws-1"), desktop("ws-2")]).await.unwrap();
    upsert(&mut conn, look(account, 20), &[desktop("ws-1")]).await.unwrap();
    assert_eq!(bury(&mut conn, look(account, 20)).await.unwrap(), 1);
    assert_eq!(db.news().await, ["ws-2 gone"]);
    assert_eq!(db.text("SELECT count(*)::text AS value FROM sightings").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_is_as_it_was_is_not_written() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    let mut conn = db.conn().await;
    let version = "SELECT string_agg(xmin::text, ' ' ORDER BY id) AS value FROM workspaces";
    let tags = ["ws-1", "ws-2"].map(|id| SeenTags { workspace_id: id.into(), tags: BTreeMap::new() });
    let connections = ["ws-1", "ws-2"].map(|id| SeenConnection {
        workspace_id: id.into(),
        state: "CONNECTED".into(),
        checked_at: None,
        last_connected_at: Some(at(0)),
    });
    let asked = ["ws-1".to_owned(), "ws-2".to_owned()];
    let mut versions = Vec::new();
    for minute in [5, 10] {
        let look = look(account, minute);
        upsert(&mut conn, look, &[desktop("ws-1"), desktop("ws-2")]).await.unwrap();
        bury(&mut conn, look).await.unwrap();
        set_tags(&mut conn, look, &tags).await.unwrap();
        clear_tags(&mut conn, look).await.unwrap();
        set_connections(&mut conn, look, &asked, &connections).await.unwrap();
        complete_connections(&mut conn, look).await.unwrap();
        versions.push(db.text(version).await);
    }
    assert_eq!(versions[0], versions[1]);
    let found = find(&mut conn, &WorkspaceId("ws-1".into())).await.unwrap().unwrap();
    assert_eq!(found.observed_at, at(10), "it was seen all the same");
    assert_eq!((found.tags_observed_at, found.connection_observed_at), (Some(at(10)), Some(at(10))));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_come_in_pages() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let all: Vec<_> = ["ws-1", "ws-2", "ws-3"].map(desktop).to_vec();
    db.has(account, &all).await;
    let mut conn = db.conn().await;
    assert_eq!(ids(&mut conn, account, REGION, "", 2).await.unwrap(), ["ws-1", "ws-2"]);
    assert_eq!(ids(&mut conn, account, REGION, "ws-2", 2).await.unwrap(), ["ws-3"]);
    assert!(ids(&mut conn, account, "us-east-1", "", 2).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_and_directories_give_desktops_their_names() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1")]).await;
    let mut conn = db.conn().await;
    let bundle = |name: &str| SeenBundle {
        id: "wsb-1".into(),
        name: name.into(),
        owner: None,
        compute_type: Some("POWER".into()),
    };
    let directory = |name: Option<&str>| SeenDirectory {
        id: "d-1".into(),
        name: name.map(Into::into),
        alias: Some("corp".into()),
        state: None,
    };
    let mut names = Vec::new();
    for (minute, called, directed) in
        [(1, "Power", None), (2, "Power with Windows 11", Some("corp.example.com"))]
    {
        let bundles = [bundle(called), bundle(called)];
        upsert_bundles(&mut conn, look(account, minute), &bundles).await.unwrap();
        let directories = [directory(directed), directory(directed)];
        upsert_directories(&mut conn, look(account, minute), &directories).await.unwrap();
        let found = find(&mut conn, &WorkspaceId("ws-1".into())).await.unwrap().unwrap();
        names.push((found.bundle.unwrap(), found.directory.unwrap()));
    }
    let expected = [("Power", "corp"), ("Power with Windows 11", "corp.example.com")];
    assert_eq!(names, expected.map(|(bundle, directory)| (bundle.to_owned(), directory.to_owned())));
}
