//! Events are there once, for ever, and tell who made a change.

use contract::{
    changes::ChangeBy,
    ids::{AccountId, EventId, WorkspaceId},
};
use diesel_async::AsyncPgConnection;
use domain::{
    events::{Outline, SeenEvent, read},
    usage::Span,
    workspaces::{SeenTags, SeenWorkspace},
};
use serde_json::{Value, json};
use store::{
    changes,
    events::{cover, covered, insert, latest},
    workspaces::{bury, set_tags, upsert},
};

use crate::harness::{Database, REGION, at, desktop, look};

/// So many minutes after the beginning of the tests, an operation of somebody.
fn event(id: &str, minute: i64, actor: &str, name: &str, request: Value) -> SeenEvent {
    let record = json!({"eventName": name, "userIdentity": {"type": "IAMUser", "userName": actor},
        "requestParameters": request, "readOnly": false});
    let outline = Outline { id: Some(id.into()), at: Some(at(minute)), ..Outline::default() };
    read(outline, Some(&record.to_string())).unwrap()
}

fn mode(id: &str, minute: i64, actor: &str, mode: &str) -> SeenEvent {
    let request = json!({"workspaceId": "ws-1", "workspaceProperties": {"runningMode": mode}});
    event(id, minute, actor, "ModifyWorkspaceProperties", request)
}

fn stop(id: &str, minute: i64, desktops: &[&str]) -> SeenEvent {
    let asked: Vec<_> = desktops.iter().map(|it| json!({"workspaceId": it})).collect();
    event(id, minute, "ada", "StopWorkspaces", json!({"stopWorkspaceRequests": asked}))
}

/// Five events, which are six rows: of one desktop, of two, of none, refused, and one that only looked.
pub(crate) fn some() -> [SeenEvent; 5] {
    let mut refused = mode("e-4", 1, "eve", "MANUAL");
    refused.error_code = Some("AccessDenied".into());
    let mut look = event("e-5", 4, "reader", "DescribeWorkspaces", Value::Null);
    look.read_only = true;
    let tag = event("e-3", 3, "ada", "CreateTags", json!({"resourceId": "d-1", "tags": []}));
    [mode("e-1", -10, "ada", "ALWAYS_ON"), stop("e-2", 3, &["ws-1", "ws-2"]), tag, refused, look]
}

async fn house() -> (Database, AccountId) {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    db.has(account, &[desktop("ws-1"), desktop("ws-2")]).await;
    (db, account)
}

async fn ids(conn: &mut AsyncPgConnection, workspace: Option<&str>) -> Vec<String> {
    let workspace = workspace.map(|it| WorkspaceId(it.into()));
    let events = latest(conn, Span::new(at(-1000), at(1000)), workspace.as_ref(), 100).await.unwrap();
    events
        .into_iter()
        .map(|it| format!("{} {}", it.id, it.workspace_id.map_or("-".into(), |it| it.0)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_there_once_however_often_it_is_read() {
    let (db, account) = house().await;
    let other = db.account("Development", "444455556666").await;
    let mut conn = db.conn().await;
    let tag = event("c", 3, "ada", "CreateTags", json!({"resourceId": "d-1", "tags": []}));
    let all = [stop("a", 1, &["ws-1", "ws-2"]), mode("b", 2, "ada", "ALWAYS_ON"), tag];
    // In portions that overlap, and twice in one.
    assert_eq!(
        insert(&mut conn, account, REGION, &[all[1].clone(), all[0].clone(), all[1].clone()]).await.unwrap(),
        2
    );
    assert_eq!(insert(&mut conn, account, REGION, &all).await.unwrap(), 1);
    assert_eq!(insert(&mut conn, account, REGION, &all).await.unwrap(), 0);
    assert_eq!(insert(&mut conn, account, REGION, &[]).await.unwrap(), 0);
    assert_eq!(ids(&mut conn, None).await, ["c -", "b ws-1", "a ws-2", "a ws-1"]);
    assert_eq!(ids(&mut conn, Some("ws-2")).await, ["a ws-2"]);
    assert_eq!(
        insert(&mut conn, other, REGION, &all[..1]).await.unwrap(),
        1,
        "accounts have events of their own"
    );

    let event = latest(&mut conn, Span::new(at(2), at(3)), None, 1).await.unwrap().remove(0);
    assert_eq!(
        (event.actor.as_str(), event.account.as_str(), event.region.as_str()),
        ("ada", "Production", REGION)
    );
    assert_eq!(
        (event.summary.as_str(), event.user_name.as_deref()),
        ("set running mode ALWAYS_ON", Some("user.ws-1"))
    );
    // They outlive the desktop, and go with the account.
    bury(&mut conn, look(account, 5)).await.unwrap();
    assert_eq!(ids(&mut conn, Some("ws-1")).await.len(), 3);
    store::accounts::delete(&mut conn, account).await.unwrap();
    assert_eq!(ids(&mut conn, None).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_grows_at_both_ends_and_begins_anew_after_a_gap() {
    let (db, account) = house().await;
    let mut conn = db.conn().await;
    assert_eq!(covered(&mut conn, account, REGION).await.unwrap(), None);
    for (from, until, expected) in
        [(10, 20, (10, 20)), (15, 30, (10, 30)), (0, 10, (0, 30)), (5, 8, (0, 30)), (40, 50, (40, 50))]
    {
        cover(&mut conn, account, REGION, Span::new(at(from), at(until))).await.unwrap();
        let expected = Span::new(at(expected.0), at(expected.1));
        assert_eq!(covered(&mut conn, account, REGION).await.unwrap(), Some(expected));
    }
    assert_eq!(covered(&mut conn, account, "us-east-1").await.unwrap(), None);
}

/// Who made the changes of ws-1, latest first: field or kind, event.
async fn makers(conn: &mut AsyncPgConnection) -> Vec<String> {
    let changes = changes::of_workspace(conn, &WorkspaceId("ws-1".into()), 10).await.unwrap();
    let told =
        |by: Option<ChangeBy>| by.map_or("nobody".into(), |it| format!("{} {}", it.actor, it.event_id));
    changes
        .into_iter()
        .map(|it| format!("{}: {}", it.field.unwrap_or(it.kind.name().into()), told(it.by)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_somebodys_doing_as_soon_as_the_event_is_there() {
    let (db, account) = house().await;
    let mut conn = db.conn().await;
    let always_on =
        SeenWorkspace { running_mode: Some("ALWAYS_ON".into()), auto_stop_minutes: None, ..desktop("ws-1") };
    bury(&mut conn, look(account, 0)).await.unwrap();
    upsert(&mut conn, look(account, 60), &[always_on.clone(), desktop("ws-2")]).await.unwrap();
    bury(&mut conn, look(account, 60)).await.unwrap();
    let mut expected = vec!["auto_stop_minutes: nobody", "running_mode: nobody"];
    let mut found = makers(&mut conn).await;
    found.sort();
    assert_eq!(found, expected);

    // Not it: too early, too late, another value, another desktop, refused, another field.
    let mut refused = mode("refused", 50, "eve", "ALWAYS_ON");
    refused.error_code = Some("AccessDenied".into());
    let mut other = mode("other", 50, "eve", "ALWAYS_ON");
    other.workspaces = [("ws-2".to_owned(), None)].into();
    let mut failed = mode("failed", 50, "eve", "ALWAYS_ON");
    failed.workspaces = [("ws-1".to_owned(), Some("Failed".to_owned()))].into();
    let not_it = [
        mode("early", -16, "eve", "ALWAYS_ON"),
        mode("late", 63, "eve", "ALWAYS_ON"),
        mode("value", 30, "eve", "AUTO_STOP"),
        refused,
        other,
        failed,
        stop("stop", 55, &["ws-1"]),
    ];
    assert_eq!(insert(&mut conn, account, REGION, &not_it).await.unwrap(), 7);
    let of_mode = |found: Vec<String>| found.into_iter().find(|it| it.starts_with("running_mode")).unwrap();
    assert_eq!(of_mode(makers(&mut conn).await), "running_mode: nobody");

    // Of two that can have made it, the later one.
    let it = [mode("first", 10, "bob", "ALWAYS_ON"), mode("last", 40, "ada", "ALWAYS_ON")];
    insert(&mut conn, account, REGION, &it).await.unwrap();
    expected = vec!["auto_stop_minutes: ada last", "running_mode: ada last"];
    let mut found = makers(&mut conn).await;
    found.sort();
    assert_eq!(found, expected);
    let change = changes::of_workspace(&mut conn, &WorkspaceId("ws-1".into()), 1).await.unwrap().remove(0);
    assert_eq!(
        change.by,
        Some(ChangeBy { actor: "ada".into(), event_id: EventId("last".into()), at: at(40) })
    );
    // As a question would have it.
    let by = "SELECT string_agg(DISTINCT actor, ' ') AS value FROM ask_changes WHERE field = 'running_mode'";
    assert_eq!(db.text(by).await, "ada");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_new_hardware_and_tags_are_somebodys_doing_too() {
    let (db, account) = house().await;
    let mut conn = db.conn().await;
    let tags = |value: &str| SeenTags {
        workspace_id: "ws-1".into(),
        tags: [("Team".to_owned(), value.to_owned()), ("Other".to_owned(), "x".to_owned())].into(),
    };
    bury(&mut conn, look(account, 0)).await.unwrap();
    set_tags(&mut conn, look(account, 1), &[tags("HR")]).await.unwrap();
    set_tags(&mut conn, look(account, 30), &[tags("IT")]).await.unwrap();
    // Asked for an hour before it shows.
    let power = SeenWorkspace { compute_type: Some("POWER".into()), ..desktop("ws-1") };
    upsert(&mut conn, look(account, 90), &[power, desktop("ws-2")]).await.unwrap();
    bury(&mut conn, look(account, 90)).await.unwrap();
    upsert(&mut conn, look(account, 120), &[desktop("ws-2")]).await.unwrap();
    bury(&mut conn, look(account, 120)).await.unwrap();
    let set = |id: &str, minute, value: &str| {
        let request = json!({"resourceId": "ws-1", "tags": [{"key": "Team", "value": value}]});
        event(id, minute, "tagger", "CreateTags", request)
    };
    let bigger = json!({"workspaceId": "ws-1", "workspaceProperties": {"computeTypeName": "POWER"}});
    let end = json!({"terminateWorkspaceRequests": [{"workspaceId": "ws-1"}]});
    let events = [
        set("t1", 20, "IT"),
        set("t2", 25, "Sales"),
        event("m", -60, "modder", "ModifyWorkspaceProperties", bigger),
        event("g", 70, "ender", "TerminateWorkspaces", end),
    ];
    insert(&mut conn, account, REGION, &events).await.unwrap();
    assert_eq!(makers(&mut conn).await, ["gone: ender g", "compute_type: modder m", "tags.Team: tagger t1"]);
    let since = db.texts("SELECT extract(epoch FROM observed_at - since)::int / 60 || '' AS value FROM changes ORDER BY id").await;
    assert_eq!(since, ["29", "90", "30"], "minutes between the looks");
}
