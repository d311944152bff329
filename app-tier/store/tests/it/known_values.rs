//! Values that a question can name are those that desktops have now.

use std::collections::BTreeMap;

use contract::auth::Role;
use diesel_async::AsyncPgConnection;
use domain::{
    catalog::{Catalog, Entity},
    questions::{
        link::{By, NEVER_IN_PART},
        words::{parts, squash},
    },
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

/// `name: dimension=value`, with a tilde for what is only similar, and dots for what is called so in part.
async fn found(conn: &mut AsyncPgConnection, names: &[&str], unknown: &[&str]) -> Vec<String> {
    let owned = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut found: Vec<_> = find(conn, &[desktops().name], &owned(names), &owned(unknown))
        .await
        .unwrap()
        .into_iter()
        .map(|it| {
            let by = match it.by {
                By::Name => "",
                By::Part => "…",
                By::Likeness => "~",
            };
            format!("{}: {by}{}={}", it.name, it.dimension, it.value)
        })
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
    let fed = find(&mut conn, &[changes.name], &["johndoe".to_owned()], &[]).await.unwrap();
    assert_eq!(fed.len(), 1, "the feed still tells of who is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_found_by_parts_of_their_names() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let users = [
        "jane.smith",
        "jane.van der berg",
        "contractors.example.org",
        "GRAPHICS_G6_XLARGE",
        "bo",
        "Ana-María",
    ];
    let them: Vec<_> = users.iter().enumerate().map(|(n, user)| of(&format!("ws-{n}"), user)).collect();
    db.has(account, &them).await;
    let mut conn = db.conn().await;
    refresh(&mut conn, desktops()).await.unwrap();
    assert_eq!(
        found(&mut conn, &["jane", "vanderberg", "contractors", "g6", "der berg", "janesmith"], &[]).await,
        [
            "contractors: …user_name=contractors.example.org",
            "g6: …user_name=GRAPHICS_G6_XLARGE",
            "jane: …user_name=jane.smith",
            "jane: …user_name=jane.van der berg",
            "janesmith: user_name=jane.smith",
            "vanderberg: …user_name=jane.van der berg",
        ]
    );
    // Whatever the database takes for a part, a question does.
    for user in users {
        let kept = db
            .texts(&format!(
                "SELECT unnest(parts) AS value FROM known_values WHERE entity = 'workspaces' AND value = '{user}' ORDER BY 1"
            ))
            .await;
        let mut asked = parts(user);
        asked.sort();
        let mut kept: Vec<String> = kept;
        kept.sort();
        assert_eq!(kept, asked, "{user}");
    }
    for dimension in NEVER_IN_PART.iter().chain(&["user_name", "directory"]) {
        let row = format!("('x', '{dimension}', 'one two', 'onetwo')");
        db.texts(&format!("INSERT INTO known_values VALUES {row} RETURNING dimension AS value")).await;
    }
    let mut whole =
        db.texts("SELECT dimension AS value FROM known_values WHERE entity = 'x' AND parts = '{}'").await;
    whole.sort();
    assert_eq!(whole, NEVER_IN_PART);
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

/// What the rows of the view hold, dimension by dimension, as `refresh` takes it.
async fn held(db: &Database, entity: &Entity) -> Vec<String> {
    let mut held = Vec::new();
    for it in entity.dimensions.iter().filter(|it| it.values.are_stored()) {
        let (name, view) = (it.name, entity.view);
        let sql = format!(
            "SELECT DISTINCT '{name}=' || {name} AS value FROM {view} WHERE length({name}) BETWEEN 2 AND 200"
        );
        held.extend(db.texts(&sql).await);
    }
    held.sort();
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn the_few_rows_that_values_are_read_from_have_those_of_the_view() {
    let db = Database::new().await;
    for (name, number) in
        [("Production", "111122223333"), ("Unused", "444455556666"), ("Other", "777788889999")]
    {
        let account = db.account(name, number).await;
        if name != "Unused" {
            let ids =
                ["1", "2", "3", "4"].map(|n| of(&format!("ws-{name}-{n}"), &format!("user.{n}.{name}")));
            db.has(account, &ids).await;
        }
    }
    // The first of each account has costs and usage, the second costs alone, the third usage alone, the last nothing; a
    // desktop that nobody knows is charged; the other account has costs of services that are not those of desktops.
    db.run_sql(
        "UPDATE workspaces SET gone_at = now(), running_mode = NULL WHERE id = 'ws-Production-1';
         UPDATE workspaces SET region = 'us-east-1', running_mode = 'MANUAL', compute_type = 'POWER' WHERE id LIKE '%-3';
         INSERT INTO directories (account, region, id, name, observed_at)
             SELECT DISTINCT account, region, directory_id, 'directory of ' || region, now() FROM workspaces WHERE id <> 'ws-Other-3';
         INSERT INTO workspace_costs (workspace_id, month, currency, account, region, nanos, source, status, resource_days, model_complete, as_of)
             SELECT id, m, 'USD', account, region, 5, 'model', 'final', 0, true, now()
             FROM workspaces, unnest(ARRAY['2026-09-01', '2026-10-01']::date[]) AS m WHERE id LIKE '%-1' OR id LIKE '%-2'
             UNION ALL SELECT 'ws-stranger', '2026-10-01', 'EUR', id, '', 5, 'resource', 'final', 0, true, now() FROM accounts WHERE name = 'Other';
         INSERT INTO cost_desktops (account, month, region, currency, source, status, nanos, desktops, as_of)
             SELECT account, month, region, currency, source, status, sum(nanos), count(*), min(as_of) FROM workspace_costs GROUP BY 1, 2, 3, 4, 5, 6;
         INSERT INTO cost_months (account, month, service, region, currency, nanos, estimated, read_at)
             SELECT id, '2026-10-01', 'Amazon S3', 'ap-south-1', 'USD', 7, false, now() FROM accounts WHERE name = 'Other';
         INSERT INTO usage_days (workspace_id, day, connected_minutes, billable_hours, estimated, sessions)
             SELECT id, d, 60, 1, false, 1 FROM workspaces, unnest(ARRAY['2026-09-07', '2026-10-08']::date[]) AS d WHERE id LIKE '%-1' OR id LIKE '%-3'",
    )
    .await;
    let catalog = Catalog::for_role(Role::Admin);
    let with_few: Vec<_> = catalog.entities().iter().filter(|it| it.few.is_some()).collect();
    assert_eq!(with_few.iter().map(|it| it.name).collect::<Vec<_>>(), ["usage", "billing"]);
    for entity in with_few {
        refresh(&mut *db.conn().await, entity).await.unwrap();
        let sql = format!(
            "SELECT dimension || '=' || value AS value FROM known_values WHERE entity = '{}'",
            entity.name
        );
        let mut known = db.texts(&sql).await;
        known.sort();
        assert!(known.len() >= 9, "{known:?}");
        assert_eq!(known, held(&db, entity).await, "{}", entity.name);
    }
}
