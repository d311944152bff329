//! Values that a question can name are those that desktops have now.

use std::collections::BTreeMap;

use contract::auth::Role;
use diesel_async::AsyncPgConnection;
use domain::{
    catalog::{Catalog, Entity},
    questions::words::squash,
    workspaces::{SeenTags, SeenWorkspace},
};
use store::{
    known_values::{find, refresh},
    workspaces::{bury, set_tags, upsert},
};

use crate::harness::{Database, desktop, look};

fn desktops() -> &'static Entity {
    Catalog::for_role(Role::Viewer).entity("workspaces").unwrap()
}

fn of(id: &str, user: &str) -> SeenWorkspace {
    SeenWorkspace { user_name: user.into(), ..desktop(id) }
}

/// `name: dimension=value`, with a tilde for what is only similar.
async fn found(conn: &mut AsyncPgConnection, names: &[&str], unknown: &[&str]) -> Vec<String> {
    let owned = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut found: Vec<_> = find(conn, desktops(), &owned(names), &owned(unknown))
        .await
        .unwrap()
        .into_iter()
        .map(|it| format!("{}: {}{}={}", it.name, if it.similar { "~" } else { "" }, it.dimension, it.value))
        .collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_found_by_name_and_by_likeness() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[of("ws-1", "jane.smith"), of("ws-2", "bo")]).await;
    let mut conn = db.conn().await;
    let tags = [("Department", "Finance"), ("Team", "Finance")];
    let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    set_tags(&mut conn, look(account, 1), &[SeenTags { workspace_id: "ws-1".into(), tags }]).await.unwrap();
    assert!(
        found(&mut conn, &["janesmith"], &[]).await.is_empty(),
        "nothing is known before the first refresh"
    );
    for _ in 0..2 {
        refresh(&mut conn, desktops()).await.unwrap();
        assert_eq!(
            found(&mut conn, &["janesmith", "finance", "department", "nobody"], &[]).await,
            [
                "department: tags=Department",
                "finance: tags.Department=Finance",
                "finance: tags.Team=Finance",
                "janesmith: user_name=jane.smith",
            ]
        );
    }
    assert_eq!(
        found(&mut conn, &["production"], &["janesmth"]).await,
        ["janesmth: ~user_name=jane.smith", "production: account=Production",]
    );
    assert!(found(&mut conn, &[], &["jane", "cheesecake", "boo"]).await.is_empty(), "short or unlike");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_desktop_has_any_more_is_forgotten() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[of("ws-1", "jane.smith"), of("ws-2", "john.doe")]).await;
    let mut conn = db.conn().await;
    refresh(&mut conn, desktops()).await.unwrap();
    assert_eq!(found(&mut conn, &["johndoe", "janesmith"], &[]).await.len(), 2);
    upsert(&mut conn, look(account, 5), &[of("ws-1", "jane.miller")]).await.unwrap();
    bury(&mut conn, look(account, 5)).await.unwrap();
    refresh(&mut conn, desktops()).await.unwrap();
    assert_eq!(
        found(&mut conn, &["johndoe", "janesmith", "janemiller"], &[]).await,
        ["janemiller: user_name=jane.miller"]
    );

    // Entities forget for themselves.
    let changes = Catalog::for_role(Role::Viewer).entity("changes").unwrap();
    refresh(&mut conn, changes).await.unwrap();
    assert_eq!(found(&mut conn, &["janemiller"], &[]).await, ["janemiller: user_name=jane.miller"]);
    let fed = find(&mut conn, changes, &["johndoe".to_owned()], &[]).await.unwrap();
    assert_eq!(fed.len(), 1, "the feed still tells of who is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_squashed_as_questions_are() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let users =
        ["Zoë O'Brien-Smith 3", "CORP\\ÉLODIE_Ñ", "Владимир.Ли", "山田 太郎", "straße@example.com", "a١b"];
    let desktops: Vec<_> = users.iter().enumerate().map(|(n, user)| of(&format!("ws-{n}"), user)).collect();
    db.has(account, &desktops).await;
    refresh(&mut *db.conn().await, self::desktops()).await.unwrap();
    let known: BTreeMap<String, String> = db
        .texts("SELECT value || '|' || name AS value FROM known_values WHERE dimension = 'user_name'")
        .await
        .iter()
        .map(|it| it.split_once('|').unwrap())
        .map(|(value, name)| (value.to_owned(), name.to_owned()))
        .collect();
    let expected = users.map(|it| (it.to_owned(), squash(it)));
    assert_eq!(known, expected.into());
}
