//! A list tells its rows from each other: "dead jobs with their error" are jobs first.
//!
//! Only for what was asked in words. Whoever names the columns of a plan has these and no others.

use contract::query::{Filter, Op, Plan};

use super::{Catalog, Entity, check::MAX_PARTS};

impl Entity {
    /// A value of it tells one row from others, or as good as: few people have two desktops. Of what happened, or was
    /// billed, a person and a desktop have many rows.
    pub(crate) fn is_of_one(&self, dimension: &str) -> bool {
        let single = self.of_house || self.activity.is_some();
        dimension == self.key || single && self.identity.contains(&dimension)
    }
}

/// The same plan; a list of columns of which none says what a row is of has that first. One row needs none.
#[must_use]
pub fn identified(mut plan: Plan, catalog: &Catalog) -> Plan {
    let Some(entity) = catalog.entity(&plan.entity) else { return plan };
    let Some(first) = entity.identity.first() else { return plan };
    let tells = |it: &str| entity.identity.contains(&it);
    let one = |it: &Filter| it.op == Op::Is && it.values.len() == 1 && entity.is_of_one(&it.dimension);
    let listed = !plan.columns.is_empty() && plan.columns.len() < MAX_PARTS;
    if listed && !plan.filters.iter().any(one) && !plan.columns.iter().any(|it| tells(it)) {
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
