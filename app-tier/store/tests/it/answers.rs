//! Plans over the whole catalog, run.

use chrono::DateTime;
use contract::{
    auth::Role,
    catalog::Kind,
    query::{Grain, GroupBy, Op, Plan, Value as Operand},
};
use diesel_async::AsyncPgConnection;
use domain::{
    catalog::{
        Catalog, Field,
        check::{Checked, Moment, check},
        select,
    },
    workspaces::{SeenConnection, SeenTags, SeenWorkspace},
};
use futures::TryStreamExt;
use serde_json::{Value, json};
use store::{
    select::{Row, RowValue, answer},
    workspaces,
};

use crate::{
    events::some,
    harness::{Database, REGION, at, desktop, look},
};

/// Six desktops of which one is gone; values are missing here and there.
pub(crate) async fn fleet(db: &Database) {
    let account = db.account("Production", "111122223333").await;
    let mut conn = db.conn().await;
    let mut desktops: Vec<_> = (1..=6).map(|n| desktop(&format!("ws-{n}"))).collect();
    desktops[1] = SeenWorkspace { root_volume_gib: Some(175), computer_name: None, ..desktops[1].clone() };
    desktops[2] = SeenWorkspace { root_volume_gib: None, bundle_id: None, ..desktops[2].clone() };
    desktops[3] = SeenWorkspace {
        running_mode: Some("ALWAYS_ON".into()),
        auto_stop_minutes: None,
        ..desktops[3].clone()
    };
    desktops[4] = SeenWorkspace { root_encrypted: true, state: "ERROR".into(), ..desktops[4].clone() };
    workspaces::upsert(&mut conn, look(account, 0), &desktops).await.unwrap();
    workspaces::upsert(&mut conn, look(account, 5), &desktops[..5]).await.unwrap();
    workspaces::bury(&mut conn, look(account, 5)).await.unwrap();
    let tagged = [("ws-1", "HR"), ("ws-2", "Finance"), ("ws-5", "HR")].map(|(id, team)| SeenTags {
        workspace_id: id.into(),
        tags: [("Team".to_owned(), team.to_owned())].into(),
    });
    workspaces::set_tags(&mut conn, look(account, 7), &tagged).await.unwrap();
    workspaces::clear_tags(&mut conn, look(account, 7)).await.unwrap();
    let days = 24 * 60;
    let seen = [("ws-1", -5), ("ws-4", -90 * days)].map(|(id, minute)| SeenConnection {
        workspace_id: id.into(),
        state: "CONNECTED".into(),
        checked_at: None,
        last_connected_at: Some(at(minute)),
    });
    let asked = seen.clone().map(|it| it.workspace_id);
    workspaces::set_connections(&mut conn, look(account, 8), &asked, &seen).await.unwrap();
    store::events::insert(&mut conn, account, REGION, &some()).await.unwrap();
}

fn checked(plan: Value) -> Checked {
    let plan: Plan = serde_json::from_value(plan).unwrap();
    check(&plan, &Catalog::for_role(Role::Viewer), asked())
        .unwrap_or_else(|errors| panic!("{plan:?}: {errors:?}"))
}

/// When and where these tests ask.
pub(crate) fn asked() -> Moment {
    Moment { now: at(60), zone: chrono_tz::Europe::Berlin }
}

/// The answer; its count, and the report of it, agree.
pub(crate) async fn run(conn: &mut AsyncPgConnection, plan: Value) -> Vec<Vec<Value>> {
    let checked = checked(plan.clone());
    run_checked(conn, &checked, &plan).await
}

/// As [`run`]; `plan` is what it is called when it fails.
pub(crate) async fn run_checked(
    conn: &mut AsyncPgConnection,
    checked: &Checked,
    plan: &Value,
) -> Vec<Vec<Value>> {
    let (rows, total) =
        answer(conn, select::answer(checked, 1000)).await.unwrap_or_else(|error| panic!("{plan}: {error}"));
    assert_eq!(i64::try_from(rows.len()).unwrap(), total, "{plan}");
    assert_eq!(store::select::total(conn, select::count_rows(checked)).await.unwrap(), total, "{plan}");
    let lines = store::select::stream(conn, select::all_rows(checked)).await.unwrap();
    let lines: Vec<Row> = lines.try_collect().await.unwrap();
    let streamed: Vec<Vec<Value>> = lines.iter().map(|it| it.values().map(as_json).collect()).collect();
    let measured = |row: &Vec<Value>| row.iter().map(as_measured).collect::<Vec<_>>();
    let expected: Vec<_> = rows.iter().map(measured).collect();
    assert_eq!(streamed.iter().map(measured).collect::<Vec<_>>(), expected, "{plan}");
    let columns = select::columns(checked).len();
    assert!(rows.iter().all(|row| row.len() == columns), "{plan}");
    rows
}

/// As PostgreSQL itself writes it into JSON.
fn as_json(value: RowValue<'_>) -> Value {
    match value {
        RowValue::Null => Value::Null,
        RowValue::Text(it) => it.into(),
        RowValue::Integer(it) => it.into(),
        RowValue::Number(it) => it.into(),
        RowValue::Bool(it) => it.into(),
        RowValue::Time(it) => it.to_rfc3339().into(),
        RowValue::Date(it) => it.to_string().into(),
        RowValue::Json(it) => serde_json::from_str(it).unwrap(),
    }
}

/// 1 and 1.0 are one number: JSON keeps PostgreSQL's digits, and a sum of whole numbers has type `numeric`. So are .5 s
/// and .500 s of one time.
fn as_measured(value: &Value) -> Value {
    let time = value.as_str().and_then(|it| DateTime::parse_from_rfc3339(it).ok());
    match (value.as_f64(), time) {
        (Some(number), _) => number.into(),
        (None, Some(time)) => time.to_rfc3339().into(),
        (None, None) => value.clone(),
    }
}

/// How many rows fulfil the filters.
async fn how_many(conn: &mut AsyncPgConnection, entity: &str, filters: Value) -> i64 {
    let plan = json!({"entity": entity, "measures": [{"function": "count"}], "filters": filters});
    run(conn, plan).await[0][0].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_by_group() {
    let db = Database::new().await;
    fleet(&db).await;
    let mut conn = db.conn().await;
    let plan = json!({"entity": "workspaces", "group_by": [{"dimension": "running_mode"}], "measures": [{"function": "count"},
        {"function": "sum", "of": "root_volume_gib"}, {"function": "average", "of": "root_volume_gib"},
        {"function": "minimum", "of": "root_volume_gib"}, {"function": "maximum", "of": "root_volume_gib"}]});
    assert_eq!(
        json!(run(&mut conn, plan).await),
        json!([["AUTO_STOP", 4, 335, 111.67, 80, 175], ["ALWAYS_ON", 1, 80, 80.00, 80, 80]])
    );
    let plan = json!({"entity": "workspaces", "group_by": [{"dimension": "tags.Team"}], "measures": [{"function": "count"}],
        "order": {"by": "tags.Team", "descending": true}});
    assert_eq!(json!(run(&mut conn, plan).await), json!([["HR", 2], ["Finance", 1], [null, 2]]));
    let plan = json!({"entity": "workspaces", "columns": ["id", "user_name"], "order": {"by": "root_volume_gib", "descending": true},
        "limit": 2});
    assert_eq!(json!(run(&mut conn, plan).await), json!([["ws-2", "user.ws-2"], ["ws-1", "user.ws-1"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_asker() {
    let db = Database::new().await;
    fleet(&db).await;
    // Half past eleven at night in London is the next day in Berlin.
    db.run_sql("UPDATE workspaces SET last_connected_at = '2026-11-20T23:30:00Z' WHERE id = 'ws-1'").await;
    let plan = json!({"entity": "workspaces", "measures": [{"function": "count"}],
        "group_by": [{"dimension": "last_connected_at", "grain": "day"}], "filters": [
        {"dimension": "last_connected_at", "op": "since", "values": ["2026-11-21"]}]});
    assert_eq!(json!(run(&mut *db.conn().await, plan).await), json!([["2026-11-21", 1]]));
}

/// Two values for an operator on a field; none for those that take none.
fn operands(field: &Field, op: Op) -> Vec<Operand> {
    match field.kind {
        _ if matches!(op, Op::Empty | Op::NotEmpty) => Vec::new(),
        Kind::Number if matches!(op, Op::Is | Op::IsNot) => {
            vec![Operand::Number(80.0), Operand::Number(60.5)]
        }
        Kind::Number => vec![Operand::Number(80.0)],
        Kind::Bool => vec![Operand::Bool(true)],
        Kind::Time | Kind::Date => vec![Operand::Ago { days_ago: 30 }],
        Kind::Text | Kind::Choice | Kind::Tags => ["AVAILABLE", "HR"].map(Operand::text).to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_and_its_opposite_share_the_rows() {
    let db = Database::new().await;
    fleet(&db).await;
    let mut conn = db.conn().await;
    for entity in Catalog::for_role(Role::Viewer).entities() {
        let names = entity.dimensions.iter().map(|it| it.name).chain(["tags.Team"]);
        for field in names.filter_map(|it| entity.field(it)) {
            // Rows that are gone count where being gone is what is asked for.
            let standing = entity.standing.filter(|(dimension, _)| *dimension != field.name);
            let all = match standing {
                Some(_) => how_many(&mut conn, entity.name, json!([])).await,
                None => db
                    .text(&format!("SELECT count(*)::text AS value FROM {}", entity.view))
                    .await
                    .parse()
                    .unwrap(),
            };
            let mut count = async |op: Op| -> Option<i64> {
                let filter = json!({"dimension": field.name, "op": op, "values": operands(&field, op)});
                if field.ops().contains(&op) {
                    Some(how_many(&mut conn, entity.name, json!([filter])).await)
                } else {
                    None
                }
            };
            let nothing = count(Op::Empty).await.unwrap_or(0);
            for (op, opposite, rest) in [
                (Op::Is, Op::IsNot, 0),
                (Op::Empty, Op::NotEmpty, 0),
                (Op::Since, Op::Before, 0),
                (Op::AtLeast, Op::LessThan, nothing),
                (Op::MoreThan, Op::AtMost, nothing),
            ] {
                let shares = (count(op).await, count(opposite).await);
                let (Some(those), Some(others)) = shares else {
                    assert_eq!(shares, (None, None), "{}.{}", entity.name, field.name);
                    continue;
                };
                assert_eq!(those + others + rest, all, "{}.{} {op:?}", entity.name, field.name);
            }
            if let Some(found) = count(Op::Contains).await {
                assert!(count(Op::Is).await.unwrap() <= found, "{}.{}", entity.name, field.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dimension_is_grouped_computed_and_ordered_by() {
    let db = Database::new().await;
    fleet(&db).await;
    let mut conn = db.conn().await;
    for entity in Catalog::for_role(Role::Viewer).entities() {
        let all = how_many(&mut conn, entity.name, json!([])).await;
        let names = entity.dimensions.iter().map(|it| it.name).chain(["tags.Team"]);
        for field in names.filter_map(|it| entity.field(it)) {
            let grains: Vec<Option<Grain>> = match field.kind {
                Kind::Time => field.grains().iter().copied().map(Some).collect(),
                _ if field.groupable() => vec![None],
                _ => Vec::new(),
            };
            for grain in grains {
                let group = json!(GroupBy { dimension: field.name.clone(), grain });
                let mut measures = vec![json!({"function": "count"})];
                measures
                    .extend(field.aggregates().iter().map(|it| json!({"function": it, "of": field.name})));
                let plan = json!({"entity": entity.name, "measures": measures, "group_by": [group]});
                let rows = run(&mut conn, plan).await;
                let counted: i64 = rows.iter().map(|it| it[1].as_i64().unwrap()).sum();
                let standing = entity.standing.is_some_and(|(dimension, _)| dimension == field.name);
                assert!(counted == all || standing, "{}.{}", entity.name, field.name);
            }
            if field.kind != Kind::Tags {
                let plan = json!({"entity": entity.name, "columns": [entity.key, field.name],
                    "order": {"by": field.name, "descending": true}, "limit": 100});
                assert_eq!(i64::try_from(run(&mut conn, plan).await.len()).unwrap(), all);
            }
        }
    }
}
