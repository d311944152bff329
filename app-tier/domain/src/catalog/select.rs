//! A checked plan as one parameterised SELECT over the entity's view.
//!
//! Deliberately knows no database driver: the statement comes out as text and values in turn, and `store` joins them.
//! Invariant: text is made of constants and of names from the catalog's definition only; whatever came from outside is
//! a [`Bind`].

mod columns;
mod conditions;
mod figures;
mod page;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use self::conditions::{Rows, conditions, expression};
pub use self::{
    columns::columns,
    conditions::{escape_like, number},
    page::{ListPage, list, list_total},
};
use super::{
    DESKTOP_PREFIX, Field,
    check::{Checked, OrderBy},
    workspaces::WORKSPACES,
};

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Sql(String),
    Bind(Bind),
}

/// A value, sent beside the statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    Text(String),
    Texts(Vec<String>),
    Integer(i64),
    Number(f64),
    Numbers(Vec<f64>),
    Bool(bool),
    Time(DateTime<Utc>),
}

/// A statement in pieces, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Select {
    pub parts: Vec<Part>,
}

impl Select {
    fn sql(&mut self, text: &str) {
        if let Some(Part::Sql(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Sql(text.to_owned()));
        }
    }

    fn bind(&mut self, bind: Bind) {
        self.parts.push(Part::Bind(bind));
    }

    /// With `$1`, `$2`, … for reading and for tests.
    #[must_use]
    pub fn text(&self) -> String {
        let mut n = 0;
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Sql(it) => text.push_str(it),
                Part::Bind(_) => {
                    n += 1;
                    text.push('$');
                    text.push_str(&n.to_string());
                }
            }
        }
        text
    }
}

/// Rows of an answer: each one JSON array in column `row`, at most `rows` of them; `total` counts all that the plan
/// asks for.
#[must_use]
pub fn answer(plan: &Checked, rows: u32) -> Select {
    let mut out = Select::default();
    out.sql("WITH answer AS (");
    let order = body(plan, &mut out);
    out.sql(") SELECT jsonb_build_array(");
    out.sql(&numbered(columns::how_many(plan)));
    out.sql(")::text AS row, (SELECT count(*) FROM answer) AS total FROM answer");
    out.sql(&order);
    out.sql(" LIMIT ");
    out.bind(Bind::Integer(i64::from(rows)));
    out
}

/// Every row of an answer, for reports: a column for each of [`columns`], in PostgreSQL's own types, and no total.
#[must_use]
pub fn all_rows(plan: &Checked) -> Select {
    let mut out = Select::default();
    out.sql("WITH answer AS (");
    let order = body(plan, &mut out);
    out.sql(") SELECT ");
    out.sql(&numbered(columns::how_many(plan)));
    out.sql(" FROM answer");
    out.sql(&order);
    out
}

/// How many rows [`all_rows`] gives.
#[must_use]
pub fn count_rows(plan: &Checked) -> Select {
    let mut out = Select::default();
    out.sql("WITH answer AS (");
    body(plan, &mut out);
    out.sql(") SELECT count(*) AS total FROM answer");
    out
}

/// `c1, c2, …`
fn numbered(columns: usize) -> String {
    (1..=columns).map(|it| format!("c{it}")).collect::<Vec<_>>().join(", ")
}

/// The plan's own SELECT with columns `c1`, `c2`, …; gives the order to be repeated outside.
fn body(plan: &Checked, out: &mut Select) -> String {
    let order = if plan.measures.is_empty() { rows(plan, out) } else { figures::figures(plan, out) };
    if let (Some(limit), None) = (plan.limit, plan.limit_per) {
        out.sql(&order);
        out.sql(" LIMIT ");
        out.bind(Bind::Integer(i64::from(limit)));
    }
    order
}

/// A list.
fn rows(plan: &Checked, out: &mut Select) -> String {
    out.sql("SELECT ");
    for (n, field) in (1..).zip(&plan.columns) {
        expression(field, out);
        out.sql(&format!(" AS c{n}, "));
    }
    let order = match &plan.order {
        Some((OrderBy::Answer(n), descending)) => {
            format!("{}, ", ordered(&format!("c{}", n + 1), *descending))
        }
        Some((OrderBy::Hidden(field), descending)) => {
            expression(field, out);
            out.sql(" AS hidden, ");
            format!("{}, ", ordered("hidden", *descending))
        }
        // Nobody asked for an order: by the entity's own, where it is shown.
        None => {
            let name = plan.entity.default_order.trim_start_matches('-');
            let direction = if plan.entity.default_order.starts_with('-') { "DESC" } else { "ASC" };
            let shown = plan.columns.iter().position(|it| it.name == name);
            shown.map_or_else(String::new, |n| format!("c{} {direction}, ", n + 1))
        }
    };
    out.sql(&format!("{} AS last", plan.entity.key));
    from(plan, out);
    format!(" ORDER BY {order}last")
}

fn ordered(column: &str, descending: bool) -> String {
    format!("{column} {} NULLS LAST", if descending { "DESC" } else { "ASC" })
}

/// ` FROM … WHERE …`
fn from(plan: &Checked, out: &mut Select) {
    out.sql(" FROM ");
    out.sql(plan.entity.view);
    join_desktops(plan, out);
    let rows = Rows {
        entity: plan.entity,
        own: plan.own,
        conditions: &plan.filters,
        compare: plan.compare.as_ref(),
        part: &plan.part,
        search: plan.search.as_deref(),
        with_gone: plan.with_gone,
    };
    conditions(&rows, out);
}

/// The desktop of each row, if the plan names anything of it. Its columns have names of their own, so that none of the
/// row's needs another.
fn join_desktops(plan: &Checked, out: &mut Select) {
    let stretches = plan.compare.iter().flat_map(|it| it.this.iter().chain(&it.other));
    let hidden = match &plan.order {
        Some((OrderBy::Hidden(field), _)) => Some(field),
        _ => None,
    };
    let named: BTreeSet<&str> = (plan.columns.iter())
        .chain(plan.group_by.iter().chain(&plan.per).map(|(field, _)| field))
        .chain(plan.measures.iter().filter_map(|(_, field)| field.as_ref()))
        .chain(plan.filters.iter().chain(&plan.part).chain(stretches).map(|it| &it.field))
        .chain(hidden)
        .filter(|it: &&Field| it.of_desktop)
        .map(|it| it.column)
        .collect();
    if named.is_empty() {
        return;
    }
    let key = WORKSPACES.key;
    let named: Vec<_> = named.into_iter().filter(|it| *it != key).chain([key]).collect();
    let columns: Vec<_> = named.iter().map(|it| format!("{it} AS \"{DESKTOP_PREFIX}{it}\"")).collect();
    out.sql(&format!(
        " LEFT JOIN (SELECT {} FROM {}) AS desktop ON \"{DESKTOP_PREFIX}{key}\" = workspace_id",
        columns.join(", "),
        WORKSPACES.view
    ));
}

#[cfg(test)]
mod tests {
    use contract::{auth::Role, query::Plan};
    use serde_json::json;

    use super::*;
    use crate::catalog::{
        Catalog,
        check::{Moment, check},
    };

    fn checked(plan: serde_json::Value) -> Checked {
        let plan: Plan = serde_json::from_value(plan).unwrap();
        let at = Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::UTC };
        check(&plan, &Catalog::for_role(Role::Viewer), at).unwrap()
    }

    #[test]
    fn figures_by_group() {
        let plan = checked(
            json!({"entity": "workspaces", "measures": [{"function": "count"}, {"function": "average", "of": "root_volume_gib"}],
            "group_by": [{"dimension": "region"}], "filters": [
                {"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]},
                {"dimension": "last_connected_at", "op": "before", "values": [{"days_ago": 30}]}],
            "order": {"by": "count", "descending": true}, "limit": 5}),
        );
        insta::assert_snapshot!(answer(&plan, 500).text(), @"WITH answer AS (SELECT region AS c1, count(*) AS c2, round(avg(root_volume_gib), 2) AS c3 FROM ask_workspaces WHERE gone_at IS NULL AND running_mode = $1 AND (last_connected_at IS NULL OR last_connected_at < $2) GROUP BY 1 ORDER BY c2 DESC NULLS LAST, c1 LIMIT $3) SELECT jsonb_build_array(c1, c2, c3)::text AS row, (SELECT count(*) FROM answer) AS total FROM answer ORDER BY c2 DESC NULLS LAST, c1 LIMIT $4");
    }

    #[test]
    fn time_is_cut_in_the_zone_of_the_asker() {
        let plan = checked(json!({"entity": "workspaces", "measures": [{"function": "count"}],
            "group_by": [{"dimension": "last_connected_at", "grain": "week"}]}));
        insta::assert_snapshot!(answer(&plan, 10).text(), @"WITH answer AS (SELECT date_trunc('week', last_connected_at AT TIME ZONE $1)::date AS c1, count(*) AS c2 FROM ask_workspaces WHERE gone_at IS NULL GROUP BY 1) SELECT jsonb_build_array(c1, c2)::text AS row, (SELECT count(*) FROM answer) AS total FROM answer ORDER BY c1 LIMIT $2");
    }

    #[test]
    fn a_list_with_tags_and_negation() {
        let plan = checked(json!({"entity": "workspaces", "columns": ["id", "tags.Team"], "filters": [
            {"dimension": "tags.Team", "op": "is_not", "values": ["Finance", "HR"]},
            {"dimension": "user_name", "op": "contains", "values": ["50%_a"]},
            {"dimension": "gone_at", "op": "not_empty"}], "order": {"by": "root_volume_gib"}}));
        let select = all_rows(&plan);
        insta::assert_snapshot!(select.text(), @"WITH answer AS (SELECT id AS c1, (tags ->> $1) AS c2, root_volume_gib AS hidden, id AS last FROM ask_workspaces WHERE ((tags ->> $2) IS NULL OR NOT (tags ->> $3) = ANY ($4)) AND user_name ILIKE ANY ($5) AND (gone_at IS NOT NULL)) SELECT c1, c2 FROM answer ORDER BY hidden ASC NULLS LAST, last");
        assert!(
            select.parts.contains(&Part::Bind(Bind::Texts(vec!["%50\\%\\_a%".into()]))),
            "wildcards are taken as they are"
        );
    }
}
