//! Events of CloudTrail as AWS writes them, and what becomes of the odd ones; and the laws of putting them together.

#![expect(clippy::unwrap_used, reason = "clippy knows tests by their attribute only")]

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use contract::{
    events::Event,
    ids::{EventId, WorkspaceId},
};
use domain::events::{Outline, SeenEvent, TOGETHER, actions, read};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(seconds: i64) -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// An operation of an IAM user, as CloudTrail writes it down.
fn record(name: &str, request: Value) -> Value {
    json!({"eventVersion": "1.11", "eventID": "e-1", "eventTime": "2026-11-21T10:00:00Z", "eventName": name,
        "userIdentity": {"type": "IAMUser", "userName": "bob", "arn": "arn:aws:iam::111111111111:user/bob"},
        "eventSource": "workspaces.amazonaws.com", "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2", "requestParameters": request, "responseElements": null, "readOnly": false})
}

fn seen(record: &Value) -> SeenEvent {
    read(Outline::default(), Some(&record.to_string())).unwrap()
}

fn named(event: &SeenEvent) -> Vec<&str> {
    event.workspaces.keys().map(String::as_str).collect()
}

#[test]
fn known_operations_are_told_in_words_with_what_they_can_have_changed() {
    let cases = [
        (
            "ModifyWorkspaceProperties",
            json!({"workspaceId": "ws-1", "workspaceProperties": {"runningMode": "ALWAYS_ON"}}),
            "set running mode ALWAYS_ON",
            json!({"running_mode": "ALWAYS_ON", "auto_stop_minutes": null, "state": null}),
        ),
        (
            "ModifyWorkspaceProperties",
            json!({"workspaceId": "ws-1", "workspaceProperties":
                {"runningMode": "AUTO_STOP", "runningModeAutoStopTimeoutInMinutes": 120, "globalAccelerator": {"mode": "X"}}}),
            "set running mode AUTO_STOP, AutoStop timeout 120 min, global accelerator",
            json!({"running_mode": "AUTO_STOP", "auto_stop_minutes": "120", "state": null}),
        ),
        (
            "ModifyWorkspaceProperties",
            json!({"workspaceId": "ws-1", "workspaceProperties": {"rootVolumeSizeGib": 175, "userVolumeSizeGib": 100,
                "computeTypeName": "POWER", "protocols": ["DCV", "PCOIP"]}}),
            "set compute type POWER, root volume 175 GiB, user volume 100 GiB, protocol DCV,PCOIP",
            json!({"compute_type": "POWER", "root_volume_gib": "175", "user_volume_gib": "100", "protocol": "DCV,PCOIP",
                "state": null}),
        ),
        (
            "ModifyWorkspaceState",
            json!({"workspaceId": "ws-1", "workspaceState": "ADMIN_MAINTENANCE"}),
            "set state ADMIN_MAINTENANCE",
            json!({"state": "ADMIN_MAINTENANCE"}),
        ),
        (
            "StopWorkspaces",
            json!({"stopWorkspaceRequests": [{"workspaceId": "ws-1"}]}),
            "stopped",
            json!({"state": null}),
        ),
        (
            "CreateTags",
            json!({"resourceId": "ws-1", "tags": [{"key": "Team", "value": "HR"}, {"key": "Empty", "value": ""}]}),
            "set tags Team=HR, Empty=",
            json!({"tags.Team": "HR", "tags.Empty": ""}),
        ),
        (
            "DeleteTags",
            json!({"resourceId": "ws-1", "tagKeys": ["Team"]}),
            "removed tags Team",
            json!({"tags.Team": null}),
        ),
        (
            "MigrateWorkspace",
            json!({"sourceWorkspaceId": "ws-1", "bundleId": "wsb-2"}),
            "migrated to wsb-2",
            json!({"bundle_id": "wsb-2", "state": null, "gone": null, "appeared": null}),
        ),
        (
            "AssociateWorkspaceApplication",
            json!({"workspaceId": "ws-1", "applicationId": "wsa-1"}),
            "associate workspace application",
            json!({}),
        ),
    ];
    for (name, request, summary, touched) in cases {
        let event = seen(&record(name, request.clone()));
        assert_eq!(
            (event.summary.as_str(), Value::Object(event.touched.clone())),
            (summary, touched),
            "{name}"
        );
        assert_eq!(
            (event.name.as_str(), event.request.as_ref(), named(&event)),
            (name, Some(&request), vec!["ws-1"])
        );
        assert_eq!((event.actor.as_str(), event.at, event.read_only), ("bob", at(0), false));
    }
}

#[test]
fn one_call_names_many_desktops_and_fails_for_some() {
    let asked: Vec<_> = (0..25).map(|n| json!({"workspaceId": format!("ws-{n:02}")})).collect();
    let mut call = record("StartWorkspaces", json!({"startWorkspaceRequests": asked}));
    call["responseElements"] = json!({"failedRequests": [
        {"workspaceId": "ws-03", "errorCode": "OperationNotSupported", "errorMessage": "no"}, {"errorCode": "?"}, 7]});
    let event = seen(&call);
    assert_eq!(event.workspaces.len(), 25);
    assert_eq!(event.workspaces["ws-03"].as_deref(), Some("OperationNotSupported"));
    assert_eq!(event.workspaces.values().flatten().count(), 1);

    let mut made = record(
        "CreateWorkspaces",
        json!({"workspaces": [
        {"userName": "jane", "bundleId": "wsb-1", "tags": [{"key": "Like", "value": "ws-9"}]}, {"userName": "joe", "bundleId": "wsb-1"}]}),
    );
    made["responseElements"] =
        json!({"pendingRequests": [{"workspaceId": "ws-1", "userName": "jane"}, {"workspaceId": "ws-2"}]});
    let event = seen(&made);
    assert_eq!(
        (event.summary.as_str(), named(&event)),
        ("created for jane, joe from wsb-1", vec!["ws-1", "ws-2"])
    );
}

#[test]
fn what_aws_refused_changed_nothing() {
    let mut call =
        record("TerminateWorkspaces", json!({"terminateWorkspaceRequests": [{"workspaceId": "ws-1"}]}));
    call["errorCode"] = json!("AccessDenied");
    call["errorMessage"] = json!("not authorized");
    let event = seen(&call);
    assert_eq!(event.summary, "could not terminate: AccessDenied");
    assert!(event.touched.is_empty());
    assert_eq!((named(&event), event.error_message.as_deref()), (vec!["ws-1"], Some("not authorized")));
}

#[test]
fn what_is_not_understood_is_kept() {
    let outline = Outline {
        id: Some("e-9".into()),
        at: Some(at(9)),
        name: Some("StopWorkspaces".into()),
        user_name: Some("carol".into()),
        read_only: Some(false),
        resources: vec!["ws-7".into(), "wsb-1".into(), "d-1".into()],
    };
    for broken in [
        None,
        Some(""),
        Some("{"),
        Some("[]"),
        Some("7"),
        Some("{\"userIdentity\": 3, \"requestParameters\": \"x\"}"),
    ] {
        let event = read(outline.clone(), broken).unwrap();
        assert_eq!(
            (event.id.as_str(), event.at, event.summary.as_str()),
            ("e-9", at(9), "stopped"),
            "{broken:?}"
        );
        assert_eq!((event.actor.as_str(), named(&event)), ("carol", vec!["ws-7"]));
    }
    assert_eq!(read(Outline { id: None, ..outline.clone() }, None), None);
    assert_eq!(read(Outline { at: None, ..outline }, None), None);

    let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
    let event = seen(&record(
        "ModifyWorkspaceProperties",
        json!({"workspaceId": "ws-1", "workspaceProperties":
        {"runningMode": hidden, "computeTypeName": {"new": "shape"}}}),
    ));
    assert_eq!(event.summary, "set running mode (not told), compute type (not told)");
    assert_eq!(event.touched["running_mode"], Value::Null);
    // No text of PostgreSQL holds it.
    let mut odd = record(
        "CreateTags",
        json!({"resourceId": "ws-1", "tags": [{"key": "a\u{0}b", "value": "c\u{0}"}], "x\u{0}": 1}),
    );
    odd["userAgent"] = json!("\u{0}agent");
    let event = seen(&odd);
    assert!(!format!("{event:?}").contains("\\0"), "{event:?}");
    assert_eq!(event.touched["tags.ab"], "c");
}

/// An event of few kinds, so that many are alike.
fn event() -> impl Strategy<Value = Event> {
    (0..5_000_i64, 0..3_u8, 0..2_u8, 0..3_u8, prop::option::of(0..4_u8), 0..2_u8).prop_map(
        |(second, actor, name, serial, workspace, region)| Event {
            entry: String::new(),
            // Few serials: some calls name several desktops.
            id: EventId(format!("e-{second}-{actor}-{name}-{serial}")),
            at: at(second),
            name: format!("Operation{name}"),
            summary: format!("did {name}"),
            account: "Production".into(),
            region: format!("region-{region}"),
            workspace_id: workspace.map(|it| WorkspaceId(format!("ws-{it}"))),
            user_name: None,
            actor: format!("actor-{actor}"),
            actor_arn: None,
            source_identity: None,
            source_ip: None,
            user_agent: None,
            read_only: false,
            error_code: None,
            error_message: None,
        },
    )
}

proptest! {
    #[test]
    fn actions_do_not_depend_on_order_or_repetition(
        (events, shuffled) in prop::collection::vec(event(), 0..60).prop_flat_map(|events| {
            // Some of them twice.
            let repeated: Vec<Event> = events.iter().chain(events.iter().step_by(3)).cloned().collect();
            (Just(events), Just(repeated).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(actions(events), actions(shuffled));
    }

    #[test]
    fn each_event_is_in_one_action_and_alike_ones_near_each_other_in_the_same(
        events in prop::collection::vec(event(), 0..60),
    ) {
        let actions = actions(events.clone());
        let ids: Vec<&EventId> = actions.iter().flat_map(|it| &it.event_ids).collect();
        let all: BTreeSet<&EventId> = events.iter().map(|it| &it.id).collect();
        prop_assert_eq!(ids.len(), all.len());
        prop_assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), all);
        let of = |event: &Event| actions.iter().position(|it| it.event_ids.contains(&event.id)).unwrap();
        for a in &events {
            let action = &actions[of(a)];
            prop_assert!(action.began_at <= a.at && a.at <= action.ended_at && action.actor == a.actor);
            prop_assert!(a.workspace_id.iter().all(|it| action.workspace_ids.contains(it)));
            for b in &events {
                if (&a.actor, &a.name) == (&b.actor, &b.name) && (a.at - b.at).abs() <= TOGETHER {
                    prop_assert_eq!(of(a), of(b));
                }
            }
        }
        prop_assert!(actions.windows(2).all(|it| it[0].ended_at >= it[1].ended_at));
        let apart = |a: usize, b: usize| actions[a].began_at > actions[b].ended_at + TOGETHER
            || actions[b].began_at > actions[a].ended_at + TOGETHER;
        for a in 0..actions.len() {
            for b in 0..a {
                let alike = (&actions[a].actor, &actions[a].name) == (&actions[b].actor, &actions[b].name);
                prop_assert!(!alike || apart(a, b));
            }
        }
    }
}
