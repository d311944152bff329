//! Pages of lists join without gap or repetition, whatever they are sorted by.

use chrono::DateTime;
use contract::{auth::Role, catalog::Kind, workspaces::Workspace};
use diesel_async::AsyncConnection;
use domain::{
    catalog::{
        Catalog, Field,
        select::{Bind, ListPage, list, list_total, number},
    },
    workspaces::{SeenConnection, SeenTags, SeenWorkspace},
};
use serde_json::Value;
use store::{
    Error, changes, events,
    select::total,
    workspaces::{self, Listing},
};

use crate::{
    events::some,
    harness::{Database, REGION, at, desktop, look},
};

/// Seven desktops with much in common, values that are missing, and one that is gone.
async fn fleet(db: &Database) {
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let mut desktops: Vec<_> = (1..=7).map(|n| desktop(&format!("ws-{n}"))).collect();
    desktops[1].user_name = "user.ws-1".into();
    desktops[2].computer_name = None;
    desktops[3] = SeenWorkspace { root_volume_gib: Some(175), computer_name: None, ..desktops[3].clone() };
    desktops[4] = SeenWorkspace { root_volume_gib: None, root_encrypted: true, ..desktops[4].clone() };
    workspaces::upsert(&mut conn, look(account, 0), &desktops).await.unwrap();
    workspaces::upsert(&mut conn, look(account, 5), &desktops[..6]).await.unwrap();
    workspaces::bury(&mut conn, look(account, 5)).await.unwrap();
    let tagged = [("ws-1", "HR"), ("ws-2", "Finance"), ("ws-5", "HR")].map(|(id, team)| SeenTags {
        workspace_id: id.into(),
        tags: [("Team".to_owned(), team.to_owned())].into(),
    });
    workspaces::set_tags(&mut conn, look(account, 7), &tagged).await.unwrap();
    let seen = [("ws-1", -5), ("ws-4", -90), ("ws-6", -5)].map(|(id, minute)| SeenConnection {
        workspace_id: id.into(),
        state: "CONNECTED".into(),
        checked_at: None,
        last_connected_at: Some(at(minute) + chrono::TimeDelta::microseconds(123_456)),
    });
    let asked = seen.clone().map(|it| it.workspace_id);
    workspaces::set_connections(&mut conn, look(account, 8), &asked, &seen).await.unwrap();
    events::insert(&mut conn, account, REGION, &some()).await.unwrap();
}

/// A cursor's text as the value that it came from.
fn bind(text: &str, kind: Kind) -> Bind {
    match kind {
        Kind::Number => number(text.parse().unwrap()),
        Kind::Bool => Bind::Bool(text.parse().unwrap()),
        Kind::Time | Kind::Date => Bind::Time(DateTime::parse_from_rfc3339(text).unwrap().to_utc()),
        Kind::Text | Kind::Choice | Kind::Tags => Bind::Text(text.into()),
    }
}

/// The keys of every page, of at most `limit` rows each.
async fn pages(db: &Database, name: &str, sort: &Field, descending: bool, limit: u32) -> Vec<Vec<String>> {
    let entity = Catalog::for_role(Role::Viewer).entity(name).unwrap();
    let mut conn = db.conn().await;
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = ListPage {
            entity,
            own: None,
            conditions: Vec::new(),
            search: None,
            sort: sort.clone(),
            descending,
            after: after.take(),
            with_gone: true,
            limit,
        };
        let (mut rows, counted): (Vec<(String, Option<String>)>, _) = if name == "workspaces" {
            let rows = workspaces::list(&mut conn, list(&page, workspaces::COLUMNS)).await.unwrap();
            let marks = (0..rows.len()).map(|n| rows.mark(n).unwrap());
            (marks.map(|it| (it.item, it.sort_value)).collect(), rows.total())
        } else if name == "events" {
            let (rows, counted) = events::list(&mut conn, list(&page, events::COLUMNS)).await.unwrap();
            (rows.into_iter().map(|it| (it.item.entry, it.sort_value)).collect(), counted)
        } else {
            let (rows, counted) = changes::list(&mut conn, list(&page, changes::COLUMNS)).await.unwrap();
            (rows.into_iter().map(|it| (it.item.id.0.to_string(), it.sort_value)).collect(), counted)
        };
        assert_eq!(counted, Some(total(&mut conn, list_total(&page)).await.unwrap()));
        let limit = usize::try_from(limit).unwrap();
        let more = rows.len() > limit;
        rows.truncate(limit);
        pages.push(rows.iter().map(|(key, _)| key.clone()).collect());
        let (key, value) = rows.pop().unwrap();
        if !more {
            return pages;
        }
        let key = bind(&key, entity.dimension(entity.key).unwrap().kind);
        after = Some((value.map(|it| bind(&it, sort.kind)), key));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pages_are_one_large_page() {
    let db = Database::new().await;
    fleet(&db).await;
    for (name, n) in [("workspaces", 7), ("changes", 8), ("events", 6)] {
        let entity = Catalog::for_role(Role::Viewer).entity(name).unwrap();
        let names = entity.dimensions.iter().map(|it| it.name).chain(["tags.Team"]);
        for field in names.filter_map(|it| entity.field(it)).filter(|it| it.kind != Kind::Tags) {
            for descending in [false, true] {
                let whole = pages(&db, name, &field, descending, 100).await;
                assert_eq!((whole.len(), whole[0].len()), (1, n), "{name} by {}", field.name);
                let small = pages(&db, name, &field, descending, 2).await;
                assert_eq!(small.len(), n.div_ceil(2));
                assert_eq!(small.concat(), whole[0], "{name} by {}, descending: {descending}", field.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_value_come_last_both_ways() {
    let db = Database::new().await;
    fleet(&db).await;
    let entity = Catalog::for_role(Role::Viewer).entity("workspaces").unwrap();
    let by = async |name: &str, descending| {
        pages(&db, "workspaces", &entity.field(name).unwrap(), descending, 100).await.concat()
    };
    let expected = ["ws-4", "ws-1", "ws-6", "ws-2", "ws-3", "ws-5", "ws-7"];
    assert_eq!(by("last_connected_at", false).await, expected);
    let expected = ["ws-6", "ws-1", "ws-4", "ws-7", "ws-5", "ws-3", "ws-2"];
    assert_eq!(by("last_connected_at", true).await, expected);
    let expected = ["ws-2", "ws-1", "ws-5", "ws-3", "ws-4", "ws-6", "ws-7"];
    assert_eq!(by("tags.Team", false).await, expected);
}

/// What a list writes, read again.
fn written(rows: &Listing, n: usize) -> Vec<Workspace> {
    let mut json = Vec::new();
    rows.write(n, &mut json).unwrap();
    let values: Vec<Value> = serde_json::from_slice(&json).unwrap();
    values
        .into_iter()
        .map(|value| {
            let read: Workspace = serde_json::from_value(value.clone()).unwrap();
            // Nothing is missing that may be, and nothing is there that no desktop has.
            assert_eq!(serde_json::to_value(&read).unwrap(), value);
            read
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_writes_desktops_as_they_are() {
    let db = Database::new().await;
    fleet(&db).await;
    db.run_sql("UPDATE workspaces SET user_name = E'\"Zoë\"\\\\\n', error_message = '' WHERE id = 'ws-1'")
        .await;
    let entity = Catalog::for_role(Role::Viewer).entity("workspaces").unwrap();
    let page = ListPage {
        entity,
        own: None,
        conditions: Vec::new(),
        search: None,
        sort: entity.field("id").unwrap(),
        descending: false,
        after: None,
        with_gone: true,
        limit: 10,
    };
    let mut conn = db.conn().await;
    let rows = workspaces::list(&mut conn, list(&page, workspaces::COLUMNS)).await.unwrap();
    let all = written(&rows, 10);
    assert_eq!(all.len(), 7);
    assert_eq!(written(&rows, 2), all[..2]);
    assert_eq!(all[0].user_name, "\"Zoë\"\\\n");
    assert_eq!(all[0].tags, Some([("Team".to_owned(), "HR".to_owned())].into()));
    assert_eq!(all[0].last_connected_at, Some(at(-5) + chrono::TimeDelta::microseconds(123_456)));
    assert!(all[2].computer_name.is_none() && all[4].root_encrypted && all[6].gone_at.is_some());
    for desktop in all {
        assert_eq!(workspaces::find(&mut conn, &desktop.id).await.unwrap(), Some(desktop));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kept_total_is_what_counting_gives() {
    let db = Database::new().await;
    let (one, other) =
        (db.account("Production", "111122223333").await, db.account("Development", "444455556666").await);
    let desktops: Vec<_> = (1..=5).map(|n| desktop(&format!("ws-{n}"))).collect();
    let agree = async |expected: i64| {
        let kept = "SELECT coalesce(sum(n), 0)::text AS value FROM workspace_counts";
        let counted = "SELECT count(*)::text AS value FROM workspaces WHERE gone_at IS NULL";
        assert_eq!(db.text(kept).await, db.text(counted).await);
        assert_eq!(db.text(kept).await, expected.to_string());
    };
    agree(0).await;
    workspaces::upsert(&mut *db.conn().await, look(one, 0), &desktops).await.unwrap();
    agree(5).await;
    // Seen again, one of them by another account, one of them new.
    workspaces::upsert(&mut *db.conn().await, look(one, 5), &desktops[..3]).await.unwrap();
    workspaces::upsert(&mut *db.conn().await, look(other, 5), &[desktop("ws-3"), desktop("ws-6")])
        .await
        .unwrap();
    agree(6).await;
    let by_account = "SELECT n::text AS value FROM workspace_counts ORDER BY account";
    assert_eq!(db.texts(by_account).await, ["4", "2"]);
    workspaces::bury(&mut *db.conn().await, look(one, 5)).await.unwrap();
    agree(4).await;
    workspaces::upsert(&mut *db.conn().await, look(one, 7), &desktops[3..4]).await.unwrap();
    agree(5).await;
    // What is undone counts for nothing.
    let _undone: Result<(), Error> = db
        .conn()
        .await
        .transaction(async |conn| {
            workspaces::upsert(conn, look(one, 8), &[desktop("ws-9")]).await?;
            Err(Error::RollbackTransaction)
        })
        .await;
    agree(5).await;
    db.run_sql("DELETE FROM accounts WHERE name = 'Production'").await;
    agree(2).await;
    db.run_sql("TRUNCATE workspaces CASCADE").await;
    agree(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_takes_signs_as_they_are_and_hides_what_is_gone() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let users = ["ann_lee", "annalee", "50%", "Back\\Slash"];
    let desktops: Vec<_> = users
        .iter()
        .enumerate()
        .map(|(n, user)| SeenWorkspace { user_name: (*user).into(), ..desktop(&format!("ws-{n}")) })
        .collect();
    db.has(account, &desktops).await;
    let entity = Catalog::for_role(Role::Viewer).entity("workspaces").unwrap();
    let search = async |text: &str| {
        let page = ListPage {
            entity,
            own: None,
            conditions: Vec::new(),
            search: Some(text.into()),
            sort: entity.field("id").unwrap(),
            descending: false,
            after: None,
            with_gone: false,
            limit: 10,
        };
        let rows = workspaces::list(&mut *db.conn().await, list(&page, workspaces::COLUMNS)).await.unwrap();
        written(&rows, 10).into_iter().map(|it| it.user_name).collect::<Vec<_>>()
    };
    assert_eq!(search("ann_lee").await, ["ann_lee"]);
    assert_eq!(search("0%").await, ["50%"]);
    assert_eq!(search("back\\sl").await, ["Back\\Slash"]);
    assert_eq!(search("pc-ws-1").await, ["annalee"]);
    workspaces::bury(&mut *db.conn().await, look(account, 9)).await.unwrap();
    assert!(search("ann").await.is_empty());
}
