//! Shares, comparisons, conditions on figures and the first of each group: what always holds of them, and what they say of
//! a known estate.

use std::collections::BTreeMap;

use contract::{
    auth::Role,
    catalog::Kind,
    query::{Aggregate, GroupBy, Measure},
};
use domain::catalog::{Catalog, Clock, Entity, Field};
use serde_json::{Value, json};

use crate::{
    estate::{ask, checked, confined, estate, everything, user},
    harness::Database,
};

/// Every way to group the rows of an entity, those of its desktops too.
fn groups(catalog: &Catalog, entity: &Entity) -> Vec<GroupBy> {
    let own = entity.dimensions.iter().map(|it| it.name.to_owned());
    let reached = ["desktop.operating_system", "desktop.tags.Team", "desktop.gone_at", "tags.Team"];
    let parts = Clock::ALL.map(|it| it.of(entity.time));
    own.chain(reached.map(str::to_owned))
        .chain(parts)
        .filter_map(|name| catalog.field(entity, &name))
        .filter(Field::groupable)
        .map(|it| GroupBy { grain: it.grains().first().copied(), dimension: it.name })
        .collect()
}

fn numbers(entity: &Entity) -> impl Iterator<Item = String> {
    entity.dimensions.iter().filter(|it| it.kind == Kind::Number).map(|it| it.name.to_owned())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_of_all_groups_are_a_hundred() {
    let db = estate().await;
    let catalog = everything();
    for entity in catalog.entities() {
        for group in groups(&catalog, entity) {
            let mut measures = vec![Measure { function: Aggregate::Share, of: None }];
            measures.extend(numbers(entity).map(|it| Measure { function: Aggregate::Share, of: Some(it) }));
            let rows =
                ask(&db, json!({"entity": entity.name, "measures": measures, "group_by": [group]})).await;
            for n in 1..=measures.len() {
                let shares: Vec<_> = rows.iter().filter_map(|row| row[n].as_f64()).collect();
                // Nothing of nothing is no share.
                if !shares.is_empty() {
                    let sum: f64 = shares.iter().sum();
                    let rounded = 0.005 * f64::from(u32::try_from(rows.len()).unwrap()) + 1e-9;
                    assert!((sum - 100.0).abs() <= rounded, "{} {group:?} {n}: {sum}", entity.name);
                }
            }
            assert!(rows.is_empty() || rows[0][1].is_number(), "rows have a share of the rows");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_average_per_something_is_the_total_by_how_many_there_are() {
    let db = estate().await;
    let catalog = everything();
    for entity in catalog.entities() {
        for group in groups(&catalog, entity) {
            let of: Vec<_> = numbers(entity).collect();
            let plan = |function: &str, more: Value| {
                let of = of.iter().map(|name| json!({"function": function, "of": name}));
                let rows = json!({"function": if function == "sum" { "count" } else { "average" }});
                let measures: Vec<_> = [rows].into_iter().chain(of).collect();
                let mut plan = json!({"entity": entity.name, "measures": measures});
                plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                plan
            };
            let totals = ask(&db, plan("sum", json!({"group_by": [group]}))).await;
            let totals: Vec<_> = totals.into_iter().filter(|row| !row[0].is_null()).collect();
            let found = ask(&db, plan("average", json!({"per": group}))).await;
            for (n, average) in found[0].iter().enumerate() {
                let total: f64 = totals.iter().filter_map(|row| row[n + 1].as_f64()).sum();
                let each = total / f64::from(u32::try_from(totals.len()).unwrap());
                let same = average
                    .as_f64()
                    .map_or(totals.is_empty(), |it| (it - each).abs() < 0.006 + each.abs() * 1e-9);
                assert!(same, "{} per {group:?}: {average} and {total} of {}", entity.name, totals.len());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_itself_nothing_has_changed() {
    let db = estate().await;
    let catalog = everything();
    for entity in catalog.entities() {
        let times = entity.dimensions.iter().filter(|it| it.kind == Kind::Time);
        let of: Vec<_> = numbers(entity).map(Some).chain([None]).collect();
        for (time, of) in times.flat_map(|time| of.iter().map(move |of| (time, of))) {
            let mut measures = vec![json!({"function": "count"}), json!({"function": "share"})];
            if let Some(name) = of {
                let functions = ["sum", "average", "minimum", "maximum", "share", "distinct"];
                measures.extend(functions.map(|it| json!({"function": it, "of": name})));
            }
            let group = groups(&catalog, entity).into_iter().find(|it| it.grain.is_none()).unwrap();
            let plan = |filters: Value, compare: Value| {
                json!({"entity": entity.name, "measures": measures, "group_by": [group], "filters": filters,
                    "compare": compare})
            };
            let since = json!({"start_of": "year", "ago": 1});
            let filters = json!([{"dimension": time.name, "op": "since", "values": [since]},
                {"dimension": time.name, "op": "before", "values": ["2027-01-01"]}]);
            let same = ask(&db, plan(filters.clone(), json!({"since": since, "before": "2027-01-01"}))).await;
            for row in &same {
                let mut cells = row[1..].iter();
                for measure in &measures {
                    // Shares have no growth.
                    let figure: Vec<_> =
                        cells.by_ref().take(if measure["function"] == "share" { 3 } else { 4 }).collect();
                    assert_eq!(figure[0], figure[1], "{} {}", entity.name, time.name);
                    assert!(figure[2..].iter().all(|it| it.is_null() || number(it) == 0.0));
                }
                assert_eq!(cells.next(), None);
            }
            // Beside a time when nothing was, counts and sums are their own change.
            let none = ask(&db, plan(filters, json!({"since": "1990-01-01", "before": "1991-01-01"}))).await;
            assert_eq!(none.len(), same.len());
            for row in &none {
                assert_eq!((&row[1], number(&row[2])), (&row[3], 0.0));
                assert!(row[4].is_null(), "nothing grew by how much?");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_on_figures_leaves_some_of_the_groups() {
    let db = estate().await;
    let catalog = everything();
    for entity in catalog.entities() {
        for group in groups(&catalog, entity) {
            let plan = |having: Value| {
                json!({"entity": entity.name, "measures": [{"function": "share"}, {"function": "count"}],
                    "group_by": [group], "having": having})
            };
            let all = ask(&db, plan(json!([]))).await;
            let two = json!([{"by": "count", "op": "at_least", "value": 2}, {"by": "share", "op": "less_than", "value": 99.5}]);
            let some = ask(&db, plan(two)).await;
            let expected: Vec<_> =
                all.into_iter().filter(|row| number(&row[2]) >= 2.0 && number(&row[1]) < 99.5).collect();
            assert_eq!(some, expected, "{} {group:?}", entity.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_each_group_the_first() {
    let db = estate().await;
    let catalog = everything();
    for entity in catalog.entities() {
        let all = groups(&catalog, entity);
        for (per, other) in all.iter().zip(&all[1..]) {
            let plan = |limit: Value| {
                let mut plan = json!({"entity": entity.name, "measures": [{"function": "count"}], "group_by": [per, other],
                    "order": {"by": "count", "descending": true}});
                plan.as_object_mut().unwrap().extend(limit.as_object().unwrap().clone());
                plan
            };
            let unlimited = ask(&db, plan(json!({}))).await;
            let first = ask(&db, plan(json!({"limit": 2, "limit_per": per.dimension}))).await;
            let mut left: BTreeMap<String, u32> = BTreeMap::new();
            let mut expected: Vec<_> = unlimited
                .into_iter()
                .filter(|row| {
                    let n = left.entry(row[0].to_string()).or_default();
                    *n += 1;
                    *n <= 2
                })
                .collect();
            let by_text = |a: &Vec<Value>, b: &Vec<Value>| json!(a).to_string().cmp(&json!(b).to_string());
            expected.sort_by(by_text);
            let mut found = first.clone();
            found.sort_by(by_text);
            assert_eq!(found, expected, "{} {per:?} {other:?}", entity.name);
            let mut order: Vec<_> = first.iter().map(|row| row[0].to_string()).collect();
            order.dedup();
            let together = order.len();
            order.sort();
            order.dedup();
            assert_eq!(order.len(), together, "the rows of a group stand together");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_say_of_a_known_estate() {
    let db = estate().await;
    let share = json!({"entity": "workspaces", "measures": [{"function": "share"}, {"function": "count"}],
        "part": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]});
    assert_eq!(json!(ask(&db, share).await), json!([[16.67, 6]]), "one of six that are there");
    let gone = json!({"entity": "workspaces", "measures": [{"function": "share"}], "part": [{"dimension": "gone_at", "op": "not_empty"}]});
    assert_eq!(json!(ask(&db, gone).await), json!([[14.29]]), "one of seven that ever were");
    let nothing = json!({"entity": "workspaces", "measures": [{"function": "share"}],
        "filters": [{"dimension": "state", "op": "is", "values": ["SUSPENDED"]}],
        "part": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]});
    assert_eq!(json!(ask(&db, nothing).await), json!([[null]]), "of nothing there is no share");

    // Desktops' owners have names of nine letters: 27 dollars in November, 40.5 in October, each but one.
    let costs = json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}], "group_by": [{"dimension": "account"}],
        "filters": [{"dimension": "month", "op": "since", "values": [{"start_of": "month", "ago": 0}]}],
        "compare": {"since": {"start_of": "month", "ago": 1}, "before": {"start_of": "month", "ago": 0}},
        "order": {"by": "sum_cost_change"}});
    assert_eq!(
        json!(ask(&db, costs).await),
        json!([["Production", 135.0, 219.84, -84.84, -38.6], ["Development", 27.0, 52.84, -25.84, -48.9]])
    );
    let hours = json!({"entity": "usage", "measures": [{"function": "sum", "of": "billable_hours"}, {"function": "distinct", "of": "workspace_id"}],
        "group_by": [{"dimension": "desktop.tags.Team"}]});
    assert_eq!(json!(ask(&db, hours).await), json!([["HR", 13, 1], [null, 7, 3], ["Finance", 1, 1]]));
    let months = json!({"entity": "usage", "measures": [{"function": "count"}], "group_by": [{"dimension": "day", "grain": "quarter"}]});
    assert_eq!(
        json!(ask(&db, months).await),
        json!([["2025-10-01", 1], ["2026-10-01", 5]]),
        "the last day of a year is of that year, in Berlin too"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_house_answers_about_itself() {
    let db = estate().await;
    let accounts = json!({"entity": "accounts", "columns": ["name", "regions", "can_operate", "sync_state", "desktops"]});
    assert_eq!(
        json!(ask(&db, accounts).await),
        json!([["Development", 2, false, "never", 1], ["Production", 2, false, "denied", 5]])
    );
    let operations = json!({"entity": "operations", "columns": ["action", "state", "desktops", "failed", "predicted_saving"]});
    assert_eq!(
        json!(ask(&db, operations).await),
        json!([["stop", "done", 2, 1, null], ["terminate", "expired", 0, 0, 40.0]])
    );
    let never = json!({"entity": "users", "columns": ["username"], "filters": [{"dimension": "last_login_at", "op": "empty"}]});
    assert_eq!(json!(ask(&db, never).await), json!([["bob"]]));
    let dead = json!({"entity": "jobs", "columns": ["kind", "error"], "filters": [{"dimension": "state", "op": "is", "values": ["dead"]}]});
    assert_eq!(json!(ask(&db, dead).await), json!([["sync_tags", "denied"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_administrator_sees_his_own_reports() {
    async fn seen(db: &Database, catalog: Catalog) -> Value {
        let plan = json!({"entity": "reports", "measures": [{"function": "count"}, {"function": "share"}],
            "group_by": [{"dimension": "asked_by"}], "order": {"by": "asked_by"}});
        json!(confined(&mut *db.conn().await, &checked(&plan, &catalog), &plan).await)
    }
    let db = estate().await;
    let bob = user(&db, "bob").await;
    assert_eq!(seen(&db, Catalog::of(bob, Role::Operator)).await, json!([["bob", 2, 100.0]]));
    let ada = user(&db, "ada").await;
    assert_eq!(seen(&db, Catalog::of(ada, Role::Operator)).await, json!([]), "she has none");
    assert_eq!(seen(&db, Catalog::of(ada, Role::Admin)).await, json!([["bob", 2, 50.0], ["eve", 2, 50.0]]));
    // Nothing that a plan says widens it.
    let asked =
        json!({"entity": "reports", "filters": [{"dimension": "asked_by", "op": "is", "values": ["eve"]}]});
    let bobs = Catalog::of(bob, Role::Operator);
    assert!(confined(&mut *db.conn().await, &checked(&asked, &bobs), &asked).await.is_empty());
}
