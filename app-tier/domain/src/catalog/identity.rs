//! A list tells its rows from each other: "dead jobs with their error" are jobs first.
//!
//! Only for what was asked in words. Whoever names the columns of a plan has these and no others.

use contract::query::{Op, Plan};

use super::{Catalog, check::MAX_PARTS};

/// The same plan; a list of columns of which none says what a row is of has that first. One row needs none.
#[must_use]
pub fn identified(mut plan: Plan, catalog: &Catalog) -> Plan {
    let Some(entity) = catalog.entity(&plan.entity) else { return plan };
    let Some(first) = entity.identity.first() else { return plan };
    let tells = |it: &str| entity.identity.contains(&it);
    // Of other entities a person or a desktop has many rows.
    let single = entity.of_house || entity.activity.is_some();
    let one = plan.filters.iter().any(|it| {
        it.op == Op::Is
            && it.values.len() == 1
            && (it.dimension == entity.key || single && tells(&it.dimension))
    });
    let listed = !plan.columns.is_empty() && plan.columns.len() < MAX_PARTS;
    if listed && !one && !plan.columns.iter().any(|it| tells(it)) {
        plan.columns.insert(0, (*first).to_owned());
    }
    plan
}

#[cfg(test)]
mod tests {
    use contract::{auth::Role, ids::UserId};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_says_what_its_rows_are_of() {
        let columns = |plan: serde_json::Value| {
            let plan = serde_json::from_value(plan).unwrap();
            identified(plan, &Catalog::of(UserId(1), Role::Admin)).columns
        };
        assert_eq!(columns(json!({"entity": "jobs", "columns": ["error"]})), ["id", "error"]);
        assert_eq!(
            columns(json!({"entity": "workspaces", "columns": ["ip_address", "subnet_id"]})),
            ["user_name", "ip_address", "subnet_id"]
        );
        // What tells it by itself, and what has columns of its own, stays as it is.
        assert_eq!(columns(json!({"entity": "workspaces", "columns": ["computer_name"]})), ["computer_name"]);
        assert!(columns(json!({"entity": "workspaces"})).is_empty());
        let of_one = |entity: &str, name: &str, column: &str| {
            let filter = json!({"dimension": name, "op": "is", "values": ["jane.smith"]});
            columns(json!({"entity": entity, "columns": [column], "filters": [filter]}))
        };
        assert_eq!(of_one("workspaces", "user_name", "ip_address"), ["ip_address"]);
        assert_eq!(of_one("changes", "user_name", "old"), ["user_name", "old"]);
    }
}
