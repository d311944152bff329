//! The SELECT of a plan with measures, from the inside out: figures by group; beside each the change, where two stretches of
//! time are compared; conditions on figures; the first of each group.
//!
//! Shares are of all groups, also of those that a condition on figures or a limit leaves out: they are computed first.

use contract::query::{Aggregate, Grain, Op};

use super::{
    Bind, Select,
    columns::per_figure,
    conditions::{all_of, expression, number},
    from, ordered,
};
use crate::catalog::{
    Clock, Field, WEEKDAYS,
    check::{Checked, Condition, FigureCondition, OrderBy, Typed},
};

/// Writes it, and gives the order to be repeated outside.
pub(super) fn figures(plan: &Checked, out: &mut Select) -> String {
    let order = order_of(plan);
    let first = plan.limit_per.zip(plan.limit).map(|(place, limit)| (place + 1, limit));
    if let Some((place, _)) = first {
        let rank = format!("row_number() OVER (PARTITION BY c{place} ORDER BY {order}) AS place");
        out.sql(&format!("SELECT * FROM (SELECT *, {rank} FROM ("));
    }
    // Only what stands around a SELECT may compute with its columns, as the order of weekdays does.
    let weekdays = plan.group_by.iter().any(|(it, _)| it.clock == Some(Clock::Weekday));
    let wraps = !plan.having.is_empty() || weekdays;
    if wraps {
        out.sql("SELECT * FROM (");
    }
    if plan.compare.is_some() {
        out.sql(&format!("SELECT {} FROM (", with_changes(plan)));
    }
    by_group(plan, out);
    if plan.compare.is_some() {
        out.sql(") AS compared");
    }
    if wraps {
        out.sql(") AS figures");
    }
    for (n, it) in plan.having.iter().enumerate() {
        out.sql(if n > 0 { " AND " } else { " WHERE " });
        figure_condition(it, out);
    }
    if let Some((place, limit)) = first {
        out.sql(") AS kept) AS ranked WHERE place <= ");
        out.bind(Bind::Integer(i64::from(limit)));
        // Read group by group.
        return format!(" ORDER BY c{place}, {order}");
    }
    if order.is_empty() { order } else { format!(" ORDER BY {order}") }
}

/// Figures by group: of two stretches, this and the other, with room for the change.
fn by_group(plan: &Checked, out: &mut Select) {
    out.sql("SELECT ");
    for (n, (field, grain)) in (1..).zip(&plan.group_by) {
        match grain {
            None => expression(field, out),
            Some(grain) => cut(field, *grain, plan, out),
        }
        out.sql(&format!(" AS c{n}, "));
    }
    let mut column = plan.group_by.len() + 1;
    for (function, field) in &plan.measures {
        if column > plan.group_by.len() + 1 {
            out.sql(", ");
        }
        match &plan.compare {
            None => {
                figure(*function, field.as_ref(), plan, &[], out);
                out.sql(&format!(" AS c{column}"));
            }
            Some(compared) => {
                figure(*function, field.as_ref(), plan, &compared.this, out);
                out.sql(&format!(" AS c{column}, "));
                figure(*function, field.as_ref(), plan, &compared.other, out);
                out.sql(&format!(" AS c{}", column + 1));
            }
        }
        column += per_figure(*function, plan);
    }
    from(plan, out);
    if !plan.group_by.is_empty() {
        let ordinals: Vec<_> = (1..=plan.group_by.len()).map(|it| it.to_string()).collect();
        out.sql(&format!(" GROUP BY {}", ordinals.join(", ")));
    }
}

/// All columns, those of change and growth made of the two figures before them.
fn with_changes(plan: &Checked) -> String {
    let mut columns: Vec<String> = (1..=plan.group_by.len()).map(|n| format!("c{n}")).collect();
    for (function, _) in &plan.measures {
        let n = columns.len() + 1;
        let (this, other) = (format!("c{n}"), format!("c{}", n + 1));
        let change = format!("{this} - {other} AS c{}", n + 2);
        let growth = format!(
            "round((100.0 * ({this} - {other}) / nullif(abs({other}), 0))::numeric, 1) AS c{}",
            n + 3
        );
        columns.extend([this, other, change, growth].into_iter().take(per_figure(*function, plan)));
    }
    columns.join(", ")
}

/// A figure of the rows that fulfil `scope`; of all rows when there is none.
fn figure(function: Aggregate, field: Option<&Field>, plan: &Checked, scope: &[Condition], out: &mut Select) {
    let Some(field) = field.filter(|_| function != Aggregate::Share) else {
        return match function {
            Aggregate::Share => share(field, plan, scope, out),
            Aggregate::Average => per_one(None, plan, scope, out),
            _ => whole(None, scope, &[], out),
        };
    };
    let (before, after) = match function {
        // Nothing of a stretch adds up to nothing.
        Aggregate::Sum if !scope.is_empty() => return whole(Some(field), scope, &[], out),
        Aggregate::Average if plan.per.is_some() => return per_one(Some(field), plan, scope, out),
        Aggregate::Average => ("round(avg(", ", 2)"),
        Aggregate::Minimum => ("min(", ""),
        Aggregate::Maximum => ("max(", ""),
        Aggregate::Distinct => ("count(DISTINCT ", ""),
        Aggregate::Sum | Aggregate::Count | Aggregate::Share => ("sum(", ""),
    };
    out.sql(before);
    expression(field, out);
    out.sql(")");
    of_those(scope, &[], out);
    out.sql(after);
}

/// How many rows, or the sum of a number, for each of what the plan's averages are per: of those rows that have one.
fn per_one(field: Option<&Field>, plan: &Checked, scope: &[Condition], out: &mut Select) {
    let Some((of, grain)) = &plan.per else { return whole(field, scope, &[], out) };
    let have_one = Condition { field: of.clone(), op: Op::NotEmpty, values: Typed::None };
    let having_one: Vec<Condition> = scope.iter().cloned().chain([have_one]).collect();
    out.sql("round(");
    whole(field, &having_one, &[], out);
    out.sql("::numeric / nullif(count(DISTINCT ");
    match grain {
        None => expression(of, out),
        Some(grain) => cut(of, *grain, plan, out),
    }
    out.sql(")");
    of_those(scope, &[], out);
    out.sql(", 0), 2)");
}

/// Percent of the rows, or of the sum of a number: of what fulfils the part too, else of this group among all.
fn share(field: Option<&Field>, plan: &Checked, scope: &[Condition], out: &mut Select) {
    out.sql("round(100.0 * ");
    whole(field, scope, &plan.part, out);
    if plan.part.is_empty() {
        out.sql(" / nullif(sum(");
        whole(field, scope, &[], out);
        out.sql(") OVER (), 0), 2)");
    } else {
        out.sql(" / nullif(");
        whole(field, scope, &[], out);
        out.sql(", 0), 2)");
    }
}

/// How many rows, or the sum of a number, which is 0 where there is none.
fn whole(field: Option<&Field>, scope: &[Condition], part: &[Condition], out: &mut Select) {
    match field {
        None => {
            out.sql("count(*)");
            of_those(scope, part, out);
        }
        Some(field) => {
            out.sql("coalesce(sum(");
            expression(field, out);
            out.sql(")");
            of_those(scope, part, out);
            out.sql(", 0)");
        }
    }
}

fn of_those(scope: &[Condition], part: &[Condition], out: &mut Select) {
    if scope.is_empty() && part.is_empty() {
        return;
    }
    out.sql(" FILTER (WHERE ");
    all_of(scope.iter().chain(part), out);
    out.sql(")");
}

fn figure_condition(it: &FigureCondition, out: &mut Select) {
    let sign = match it.op {
        Op::AtLeast => ">=",
        Op::AtMost => "<=",
        Op::MoreThan => ">",
        Op::LessThan => "<",
        Op::IsNot => "IS DISTINCT FROM",
        _ => "=",
    };
    out.sql(&format!("c{} {sign} ", it.column + 1));
    out.bind(number(it.value));
}

/// What comes first, without the words `ORDER BY`: time goes forward, figures go down, unless the plan says otherwise.
fn order_of(plan: &Checked) -> String {
    let groups = plan.group_by.len();
    let mut terms = match &plan.order {
        Some((OrderBy::Answer(n), descending)) => vec![ordered(&format!("c{}", n + 1), *descending)],
        _ if plan.group_by.first().is_some_and(|(it, grain)| grain.is_some() || it.clock.is_some()) => {
            Vec::new()
        }
        _ => vec![ordered(&format!("c{}", groups + 1), true)],
    };
    terms.extend((1..).zip(&plan.group_by).map(|(n, (field, _))| match field.clock {
        Some(Clock::Weekday) => format!("array_position(ARRAY['{}'], c{n})", WEEKDAYS.join("', '")),
        _ => format!("c{n}"),
    }));
    terms.join(", ")
}

/// The beginning of the stretch that a time is in. A date is one in every zone; an hour stays an instant, because when
/// clocks go back there are two of the same name.
fn cut(field: &Field, grain: Grain, plan: &Checked, out: &mut Select) {
    let zone = if field.is_date() { "UTC" } else { plan.zone.name() };
    out.sql(&format!("date_trunc('{}', ", grain.name()));
    expression(field, out);
    out.sql(if grain == Grain::Hour { ", " } else { " AT TIME ZONE " });
    out.bind(Bind::Text(zone.to_owned()));
    out.sql(if grain == Grain::Hour { ")" } else { ")::date" });
}

#[cfg(test)]
mod tests {
    use contract::{auth::Role, ids::UserId, query::Plan};
    use serde_json::json;

    use crate::catalog::{
        Catalog,
        check::{Moment, check},
        select::count_rows,
    };

    fn text(plan: serde_json::Value) -> String {
        let plan: Plan = serde_json::from_value(plan).unwrap();
        let at = Moment { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: chrono_tz::Europe::Berlin };
        count_rows(&check(&plan, &Catalog::of(UserId(7), Role::Operator), at).unwrap()).text()
    }

    #[test]
    fn a_share_of_a_part_and_one_of_all_groups() {
        insta::assert_snapshot!(text(json!({"entity": "workspaces", "measures": [{"function": "share"}],
            "part": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]})), @"WITH answer AS (SELECT round(100.0 * count(*) FILTER (WHERE running_mode = $1) / nullif(count(*), 0), 2) AS c1 FROM ask_workspaces WHERE gone_at IS NULL) SELECT count(*) AS total FROM answer");
        insta::assert_snapshot!(text(json!({"entity": "billing", "measures": [{"function": "share", "of": "cost"}],
            "group_by": [{"dimension": "service"}], "having": [{"by": "share_cost", "op": "at_least", "value": 5}]})), @"WITH answer AS (SELECT * FROM (SELECT service AS c1, round(100.0 * coalesce(sum(cost), 0) / nullif(sum(coalesce(sum(cost), 0)) OVER (), 0), 2) AS c2 FROM ask_billing GROUP BY 1) AS figures WHERE c2 >= $1) SELECT count(*) AS total FROM answer");
    }

    #[test]
    fn two_stretches_beside_each_other() {
        insta::assert_snapshot!(text(json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
            "group_by": [{"dimension": "account"}],
            "filters": [{"dimension": "month", "op": "since", "values": [{"start_of": "month", "ago": 0}]}],
            "compare": {"since": {"start_of": "month", "ago": 1}, "before": {"start_of": "month", "ago": 0}}})), @"WITH answer AS (SELECT c1, c2, c3, c2 - c3 AS c4, round((100.0 * (c2 - c3) / nullif(abs(c3), 0))::numeric, 1) AS c5 FROM (SELECT account AS c1, coalesce(sum(cost) FILTER (WHERE month >= $1), 0) AS c2, coalesce(sum(cost) FILTER (WHERE month >= $2 AND month < $3), 0) AS c3 FROM ask_billing WHERE ((month >= $4) OR (month >= $5 AND month < $6)) GROUP BY 1) AS compared) SELECT count(*) AS total FROM answer");
    }

    #[test]
    fn an_average_per_user() {
        insta::assert_snapshot!(text(json!({"entity": "billing", "measures": [{"function": "average", "of": "cost"}, {"function": "average"}],
            "per": {"dimension": "user_name"}, "group_by": [{"dimension": "region"}]})), @"WITH answer AS (SELECT region AS c1, round(coalesce(sum(cost) FILTER (WHERE (user_name IS NOT NULL)), 0)::numeric / nullif(count(DISTINCT user_name), 0), 2) AS c2, round(count(*) FILTER (WHERE (user_name IS NOT NULL))::numeric / nullif(count(DISTINCT user_name), 0), 2) AS c3 FROM ask_billing GROUP BY 1) SELECT count(*) AS total FROM answer");
    }

    #[test]
    fn the_first_of_each_group_with_its_desktop() {
        insta::assert_snapshot!(text(json!({"entity": "usage", "measures": [{"function": "distinct", "of": "workspace_id"}],
            "group_by": [{"dimension": "desktop.operating_system"}, {"dimension": "day", "grain": "week"}],
            "order": {"by": "distinct_workspace_id", "descending": true}, "limit": 3, "limit_per": "day"})), @r#"WITH answer AS (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY c2 ORDER BY c3 DESC NULLS LAST, c1, c2) AS place FROM (SELECT "desktop.operating_system" AS c1, date_trunc('week', day AT TIME ZONE $1)::date AS c2, count(DISTINCT workspace_id) AS c3 FROM ask_usage LEFT JOIN (SELECT operating_system AS "desktop.operating_system", id AS "desktop.id" FROM ask_workspaces) AS desktop ON "desktop.id" = workspace_id GROUP BY 1, 2) AS kept) AS ranked WHERE place <= $2) SELECT count(*) AS total FROM answer"#);
    }

    #[test]
    fn rows_of_ones_own_by_the_hour() {
        insta::assert_snapshot!(text(json!({"entity": "reports", "measures": [{"function": "count"}],
            "group_by": [{"dimension": "created_at", "grain": "hour"}]})), @"WITH answer AS (SELECT date_trunc('hour', created_at, $1) AS c1, count(*) AS c2 FROM ask_reports WHERE user_id = $2 GROUP BY 1) SELECT count(*) AS total FROM answer");
    }
}
