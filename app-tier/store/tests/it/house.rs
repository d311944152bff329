//! People, accounts, settings and how syncs went.

use contract::{
    accounts::Capability,
    auth::Role,
    ids::AccountId,
    overview::{Freshness, SyncState},
    settings::Settings,
    users::UserUpdate,
};
use diesel_async::AsyncConnection;
use secrecy::{ExposeSecret, SecretString};
use store::{Error, broken_constraint, sessions, settings, syncs, syncs::Target, users};
use uuid::Uuid;

use crate::harness::{Database, REGION, at};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_set_has_its_default() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    assert_eq!(settings::read(&mut conn).await.unwrap(), Settings::default());
    for answer_rows in [70, 80] {
        let wanted = Settings { answer_rows, use_model: false, ..Settings::default() };
        settings::write(&mut conn, &wanted).await.unwrap();
        assert_eq!(settings::read(&mut conn).await.unwrap(), wanted);
    }
    // Written by a release that had another field and lacked most of these.
    db.run_sql(
        "UPDATE settings SET value = '{\"idle_days\": 45, \"answer_rows\": \"many\", \"once_there_was\": 1}'",
    )
    .await;
    let expected = Settings { idle_days: 45, ..Settings::default() };
    assert_eq!(settings::read(&mut conn).await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_look_keeps_when_the_last_good_one_was() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let target = Target { account, region: REGION, capability: Capability::Tags };
    let shown = async || -> Freshness {
        let all = syncs::list(&mut *db.conn().await).await.unwrap();
        assert_eq!(all.len(), 2 * Capability::ALL.len(), "each capability of both regions, looked at or not");
        let (mine, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|it| it.region == REGION && it.capability == Capability::Tags);
        assert!(others.iter().all(|it| it.state == SyncState::Never && it.tried_at.is_none()));
        mine.into_iter().next().unwrap()
    };
    assert_eq!(shown().await.state, SyncState::Never);

    syncs::begin(&mut conn, target, at(0)).await.unwrap();
    let it = shown().await;
    assert_eq!((it.state, it.succeeded_at, it.tried_at), (SyncState::Running, None, Some(at(0))));
    syncs::succeed(&mut conn, target, at(1), 7).await.unwrap();
    let it = shown().await;
    assert_eq!((it.state, it.succeeded_at, it.rows), (SyncState::Ok, Some(at(1)), 7));

    syncs::begin(&mut conn, target, at(5)).await.unwrap();
    let it = shown().await;
    assert_eq!((it.state, it.succeeded_at, it.rows), (SyncState::Running, Some(at(1)), 7));
    let denied = Some("tag:GetResources");
    syncs::fail(&mut conn, target, SyncState::Denied, at(6), denied, "no permission").await.unwrap();
    let it = shown().await;
    assert_eq!((it.state, it.tried_at), (SyncState::Denied, Some(at(6))));
    assert_eq!((it.succeeded_at, it.rows), (Some(at(1)), 7), "what was read before stays");
    assert_eq!((it.denied_action.as_deref(), it.message.as_deref()), (denied, Some("no permission")));

    syncs::succeed(&mut conn, target, at(9), 0).await.unwrap();
    let it = shown().await;
    assert_eq!((it.state, it.succeeded_at, it.rows), (SyncState::Ok, Some(at(9)), 0));
    assert_eq!((it.denied_action, it.message), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_stirs_until_it_ends_and_once_after() {
    let db = Database::new().await;
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let desktops = Target { account, region: REGION, capability: Capability::Desktops };
    let others = Target { capability: Capability::ConnectionStatus, ..desktops };
    let of = async |account, since, lost| {
        let read = [Capability::Desktops, Capability::Tags];
        syncs::stirred(&mut *db.conn().await, &read, account, at(since), at(lost)).await.unwrap()
    };
    let stirred = async |since, lost| of(None, since, lost).await;
    assert!(!stirred(0, -10).await);
    syncs::begin(&mut conn, others, at(1)).await.unwrap();
    assert!(!stirred(0, -10).await, "questions name no connections");
    syncs::begin(&mut conn, desktops, at(1)).await.unwrap();
    assert!(stirred(5, -5).await, "it is under way");
    assert!(of(Some(account), 5, -5).await && !of(Some(AccountId(account.0 + 1)), 5, -5).await);
    assert!(!stirred(20, 10).await, "its worker is gone");
    syncs::succeed(&mut conn, desktops, at(6), 3).await.unwrap();
    assert!(stirred(5, -5).await, "it ended meanwhile");
    assert!(!stirred(7, -3).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_users_are_told_apart_without_regard_to_case() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    let hash = SecretString::from("a hash");
    let new = |username| users::NewRow {
        username,
        email: "",
        password_hash: &hash,
        role: Role::Viewer,
        must_change_password: false,
    };
    let ada = users::insert(&mut conn, &new("Ada")).await.unwrap();
    let taken = users::insert(&mut conn, &new("aDA")).await.unwrap_err();
    assert_eq!(broken_constraint(&taken), Some(users::NAME_TAKEN));
    let (found, its_hash) = users::find_for_login(&mut conn, "ADA").await.unwrap().unwrap();
    assert_eq!((found.id, its_hash.expose_secret()), (ada.id, "a hash"));
    assert!(users::find_for_login(&mut conn, "ada ").await.unwrap().is_none());

    let nothing = users::update(&mut conn, ada.id, &UserUpdate::default(), None, None).await.unwrap();
    assert_eq!(nothing.role, Role::Viewer);
    let promoted = UserUpdate { role: Some(Role::Admin), ..UserUpdate::default() };
    assert_eq!(users::update(&mut conn, ada.id, &promoted, None, None).await.unwrap().role, Role::Admin);
    assert!(users::delete(&mut conn, ada.id).await.unwrap());
    let missing = users::update(&mut conn, ada.id, &promoted, None, None).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_until_it_ends_in_any_way() {
    let db = Database::new().await;
    let mut conn = db.conn().await;
    let hash = SecretString::from("a hash");
    let row = users::NewRow {
        username: "ada",
        email: "",
        password_hash: &hash,
        role: Role::Viewer,
        must_change_password: false,
    };
    let ada = users::insert(&mut conn, &row).await.unwrap().id;
    let ids = [1, 2, 3].map(Uuid::from_u128);
    for (id, lasts) in ids.into_iter().zip([60, 600, 600]) {
        sessions::insert(&mut conn, id, ada, at(lasts)).await.unwrap();
    }
    sessions::insert_token(&mut conn, b"token", ids[1]).await.unwrap();
    let live = async |minute| -> Vec<bool> {
        let mut live = Vec::new();
        for id in ids {
            live.push(sessions::live_user(&mut *db.conn().await, id, at(minute)).await.unwrap().is_some());
        }
        live
    };
    assert_eq!(live(59).await, [true, true, true]);
    assert_eq!(live(60).await, [false, true, true]);

    let token = conn
        .transaction::<_, Error, _>(async |conn| {
            sessions::mark_used(conn, b"token", at(1)).await?;
            sessions::lock_token(conn, b"token").await
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!((token.session, token.user, token.used_at), (ids[1], ada, Some(at(1))));
    assert!(sessions::lock_token(&mut conn, b"other").await.unwrap().is_none());

    sessions::revoke_all(&mut conn, ada, Some(ids[2]), at(2)).await.unwrap();
    assert_eq!(live(3).await, [false, false, true]);
    let off = UserUpdate { disabled: Some(true), ..UserUpdate::default() };
    users::update(&mut conn, ada, &off, None, None).await.unwrap();
    assert_eq!(live(3).await, [false, false, false]);
    assert_eq!(sessions::prune(&mut conn, at(61)).await.unwrap(), 1);
    assert_eq!(sessions::prune(&mut conn, at(601)).await.unwrap(), 2);
    assert!(
        sessions::lock_token(&mut conn, b"token").await.unwrap().is_none(),
        "tokens go with their session"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_changed_in_the_version_that_was_read() {
    let db = Database::new().await;
    let first = db.account("Production", "111122223333").await;
    let second = db.account("Development", "444455556666").await;
    let mut conn = db.conn().await;
    let mut wanted = contract::accounts::NewAccount {
        name: "Live".into(),
        account_id: "111122223333".into(),
        role_arn: "arn:aws:iam::111122223333:role/Reader".into(),
        external_id: "x".into(),
        operator_role_arn: "arn:aws:iam::111122223333:role/Operator".into(),
        regions: vec![REGION.into()],
    };
    let changed = store::accounts::update(&mut conn, first, &wanted, Some(1)).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.version), ("Live", 2));
    assert_eq!(
        (changed.operator_role_arn.as_ref(), changed.can_act),
        (Some(&wanted.operator_role_arn), true)
    );
    let stale = store::accounts::update(&mut conn, first, &wanted, Some(1)).await.unwrap_err();
    assert!(matches!(stale, Error::NotFound), "{stale}");
    let taken = store::accounts::update(&mut conn, second, &wanted, None).await.unwrap_err();
    assert!(
        broken_constraint(&taken).is_some_and(|it| [
            store::accounts::NAME_TAKEN,
            store::accounts::NUMBER_TAKEN
        ]
        .contains(&it))
    );
    wanted.name = "Development".into();
    let taken = store::accounts::update(&mut conn, first, &wanted, None).await.unwrap_err();
    assert_eq!(broken_constraint(&taken), Some(store::accounts::NAME_TAKEN));
    assert!(store::accounts::delete(&mut conn, first).await.unwrap());
    assert!(!store::accounts::delete(&mut conn, first).await.unwrap());
    let left: Vec<_> =
        store::accounts::list(&mut conn).await.unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(left, ["Development"]);
}
