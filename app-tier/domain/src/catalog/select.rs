//! A checked plan as one parameterised SELECT over the entity's view.
//!
//! Deliberately knows no database driver: the statement comes out as text and values in turn, and `store` joins them.
//! Invariant: text is made of constants and of names from the catalog's definition only; whatever came from outside is
//! a [`Bind`].

mod conditions;
mod page;

use chrono::{DateTime, Utc};
use contract::{
    catalog::Kind,
    query::{Aggregate, Grain},
    questions::Column,
};

use self::conditions::{conditions, expression};
pub use self::{
    conditions::{escape_like, number},
    page::{ListPage, list, list_total},
};
use super::{
    Field,
    check::{Checked, OrderBy},
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

/// The columns of the answer to a plan.
#[must_use]
pub fn columns(plan: &Checked) -> Vec<Column> {
    let column = |name: String, label: String, kind, unit: Option<&str>| Column {
        name,
        label,
        kind,
        unit: unit.map(str::to_owned),
    };
    let of_field = |it: &Field| column(it.name.clone(), it.label.clone(), it.kind, it.unit);
    if plan.measures.is_empty() {
        return plan.columns.iter().map(of_field).collect();
    }
    let groups = plan.group_by.iter().map(|(field, grain)| match grain {
        None => of_field(field),
        Some(_) => column(field.name.clone(), field.label.clone(), Kind::Date, None),
    });
    let figures = plan.measures.iter().map(|(function, field)| match field {
        None => column("count".to_owned(), plan.entity.plural.to_owned(), Kind::Number, None),
        Some(field) => column(
            format!("{}_{}", function.name(), field.name),
            format!("{} {}", function.name(), field.label),
            Kind::Number,
            field.unit,
        ),
    });
    groups.chain(figures).collect()
}

/// Rows of an answer: each one JSON array in column `row`, at most `rows` of them; `total` counts all that the plan
/// asks for.
#[must_use]
pub fn answer(plan: &Checked, rows: u32) -> Select {
    let mut out = Select::default();
    out.sql("WITH answer AS (");
    let order = body(plan, &mut out);
    out.sql(") SELECT jsonb_build_array(");
    numbered_columns(plan, &mut out);
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
    numbered_columns(plan, &mut out);
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

fn numbered_columns(plan: &Checked, out: &mut Select) {
    let n =
        if plan.measures.is_empty() { plan.columns.len() } else { plan.group_by.len() + plan.measures.len() };
    let names: Vec<_> = (1..=n).map(|it| format!("c{it}")).collect();
    out.sql(&names.join(", "));
}

/// The plan's own SELECT with columns `c1`, `c2`, …; gives the order to be repeated outside.
fn body(plan: &Checked, out: &mut Select) -> String {
    out.sql("SELECT ");
    let mut n = 0;
    let mut separate = |out: &mut Select| {
        n += 1;
        if n > 1 {
            out.sql(", ");
        }
        n
    };
    for field in &plan.columns {
        let n = separate(out);
        expression(field, out);
        out.sql(&format!(" AS c{n}"));
    }
    for (field, grain) in &plan.group_by {
        let n = separate(out);
        match grain {
            None => expression(field, out),
            Some(grain) => day_of(field, *grain, plan, out),
        }
        out.sql(&format!(" AS c{n}"));
    }
    for (function, field) in &plan.measures {
        let n = separate(out);
        match field {
            None => out.sql("count(*)"),
            Some(field) => {
                out.sql(match function {
                    Aggregate::Sum => "sum(",
                    Aggregate::Average => "round(avg(",
                    Aggregate::Minimum => "min(",
                    Aggregate::Maximum => "max(",
                    Aggregate::Count => "count(",
                });
                expression(field, out);
                out.sql(if *function == Aggregate::Average { "), 2)" } else { ")" });
            }
        }
        out.sql(&format!(" AS c{n}"));
    }
    let hidden = match &plan.order {
        Some((OrderBy::Hidden(field), _)) => {
            out.sql(", ");
            expression(field, out);
            out.sql(" AS hidden");
            true
        }
        _ => false,
    };
    if plan.measures.is_empty() {
        out.sql(&format!(", {} AS last", plan.entity.key));
    }
    out.sql(" FROM ");
    out.sql(plan.entity.view);
    conditions(plan.entity, &plan.filters, plan.search.as_deref(), plan.with_gone, out);
    if !plan.group_by.is_empty() {
        let ordinals: Vec<_> = (1..=plan.group_by.len()).map(|it| it.to_string()).collect();
        out.sql(&format!(" GROUP BY {}", ordinals.join(", ")));
    }
    let order = order_of(plan, hidden);
    if let Some(limit) = plan.limit {
        out.sql(&order);
        out.sql(" LIMIT ");
        out.bind(Bind::Integer(i64::from(limit)));
    }
    order
}

fn order_of(plan: &Checked, hidden: bool) -> String {
    let direction = |descending: &bool| if *descending { "DESC" } else { "ASC" };
    let mut terms = Vec::new();
    match &plan.order {
        Some((OrderBy::Answer(n), descending)) => {
            terms.push(format!("c{} {} NULLS LAST", n + 1, direction(descending)))
        }
        Some((OrderBy::Hidden(_), descending)) if hidden => {
            terms.push(format!("hidden {} NULLS LAST", direction(descending)))
        }
        _ => {
            // Nobody asked for an order: time goes forward, figures go down, rows by the entity's own.
            let first_grain = plan.group_by.first().and_then(|(_, grain)| *grain);
            if !plan.measures.is_empty() && first_grain.is_none() {
                terms.push(format!("c{} DESC NULLS LAST", plan.group_by.len() + 1));
            } else if plan.measures.is_empty() {
                let name = plan.entity.default_order.trim_start_matches('-');
                if let Some(n) = plan.columns.iter().position(|it| it.name == name) {
                    terms.push(format!(
                        "c{} {}",
                        n + 1,
                        direction(&plan.entity.default_order.starts_with('-'))
                    ));
                }
            }
        }
    }
    if plan.measures.is_empty() {
        terms.push("last".to_owned());
    } else {
        terms.extend((1..=plan.group_by.len()).map(|n| format!("c{n}")));
    }
    if terms.is_empty() { String::new() } else { format!(" ORDER BY {}", terms.join(", ")) }
}

fn day_of(field: &Field, grain: Grain, plan: &Checked, out: &mut Select) {
    out.sql(match grain {
        Grain::Day => "date_trunc('day', ",
        Grain::Week => "date_trunc('week', ",
        Grain::Month => "date_trunc('month', ",
    });
    expression(field, out);
    out.sql(" AT TIME ZONE ");
    out.bind(Bind::Text(plan.zone.name().to_owned()));
    out.sql(")::date");
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
