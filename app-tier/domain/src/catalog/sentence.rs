//! A plan in words, and its result in one sentence. The numbers come from the rows, never from a model.

use contract::{
    catalog::Kind,
    query::{Filter, Grain, Op, Plan, Value},
    questions::Column,
};

use super::{Catalog, Entity};

/// The plan as a sentence without a full stop: `number of desktops in eu-west-1 with state STOPPED, by bundle`.
#[must_use]
pub fn plan(plan: &Plan, catalog: &Catalog) -> String {
    let Some(entity) = catalog.entity(&plan.entity) else { return plan.entity.clone() };
    let label = |name: &str| entity.field(name).map_or_else(|| name.to_owned(), |it| it.label);
    let subject = match plan.measures.as_slice() {
        [] => entity.plural.to_owned(),
        measures => {
            let figures: Vec<_> = measures
                .iter()
                .map(|it| match &it.of {
                    None => "number".to_owned(),
                    Some(of) => format!("{} {}", it.function.name(), label(of)),
                })
                .collect();
            format!("{} of {}", figures.join(" and "), entity.plural)
        }
    };
    let mut text = subject;
    for filter in &plan.filters {
        text.push(' ');
        text.push_str(&condition(filter, entity));
    }
    if !plan.group_by.is_empty() {
        let groups: Vec<_> = plan
            .group_by
            .iter()
            .map(|it| match it.grain {
                None => label(&it.dimension),
                Some(grain) => format!("{} of {}", grain_name(grain), label(&it.dimension)),
            })
            .collect();
        text.push_str(&format!(", by {}", groups.join(" and ")));
    }
    if let Some(order) = &plan.order {
        let by = plan.measures.iter().find(|it| it.key() == order.by);
        let by = by.map_or_else(
            || label(&order.by),
            |it| {
                it.of
                    .as_ref()
                    .map_or("number".to_owned(), |of| format!("{} {}", it.function.name(), label(of)))
            },
        );
        text.push_str(&match (plan.limit, order.descending) {
            (Some(limit), true) => format!(", the {limit} with the highest {by}"),
            (Some(limit), false) => format!(", the {limit} with the lowest {by}"),
            (None, true) => format!(", highest {by} first"),
            (None, false) => format!(", lowest {by} first"),
        });
    } else if let Some(limit) = plan.limit {
        text.push_str(&format!(", the first {limit}"));
    }
    text
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
    }
}

fn condition(filter: &Filter, entity: &Entity) -> String {
    let field = entity.field(&filter.dimension);
    let label = field.as_ref().map_or(filter.dimension.as_str(), |it| it.label.as_str());
    let unit = field.as_ref().and_then(|it| it.unit).map_or(String::new(), |it| format!(" {it}"));
    let kind = field.as_ref().map_or(Kind::Text, |it| it.kind);
    let values: Vec<_> = filter.values.iter().map(|it| format!("{it}{unit}")).collect();
    let values = values.join(" or ");
    match (filter.op, filter.dimension.as_str()) {
        (Op::Is, "region") => format!("in {values}"),
        (Op::IsNot, "region") => format!("not in {values}"),
        (Op::Is, _) if kind == Kind::Bool => match filter.values.as_slice() {
            [Value::Bool(false)] => format!("without {label}"),
            _ => format!("with {label}"),
        },
        (Op::Is, _) => format!("with {label} {values}"),
        (Op::IsNot, _) => format!("with {label} other than {values}"),
        (Op::Contains, _) => format!("with “{values}” in {label}"),
        (Op::Empty, _) => format!("without {label}"),
        (Op::NotEmpty, _) => format!("with any {label}"),
        (op, _) => format!("with {label} {} {values}", op.label()),
    }
}

/// The result in words, from the rows.
#[must_use]
pub fn summary(
    plan: &Plan,
    catalog: &Catalog,
    columns: &[Column],
    rows: &[Vec<serde_json::Value>],
    total: i64,
) -> String {
    let Some(entity) = catalog.entity(&plan.entity) else { return String::new() };
    if plan.measures.is_empty() {
        return match total {
            0 => format!("No {} match.", entity.plural),
            1 => format!("1 {} matches.", entity.singular),
            n => format!("{} {} match.", grouped(n), entity.plural),
        };
    }
    let figure = |column: usize, row: &[serde_json::Value]| -> String {
        let unit = columns
            .get(column)
            .and_then(|it| it.unit.as_deref())
            .map_or(String::new(), |it| format!(" {it}"));
        match row.get(column) {
            Some(serde_json::Value::Number(it)) => format!("{}{unit}", number(it)),
            Some(serde_json::Value::String(it)) => it.clone(),
            _ => "none".to_owned(),
        }
    };
    let Some(first) = rows.first() else { return format!("No {} match.", entity.plural) };
    let groups = plan.group_by.len();
    if groups == 0 {
        let figures: Vec<_> = (0..columns.len())
            .map(|n| match columns.get(n) {
                Some(column) if column.name == "count" => format!("{} {}", figure(n, first), entity.plural),
                Some(column) => format!("{}: {}", column.label, figure(n, first)),
                None => String::new(),
            })
            .collect();
        return format!("{}.", figures.join(", "));
    }
    let names: Vec<_> = (0..groups).map(|n| figure(n, first)).collect();
    let lead = format!("{} with {}", names.join(" / "), figure(groups, first));
    if total == 1 {
        format!("One group: {lead}.")
    } else {
        format!("{} groups; first comes {lead}.", grouped(total))
    }
}

fn number(it: &serde_json::Number) -> String {
    match (it.as_i64(), it.as_f64()) {
        (Some(whole), _) => grouped(whole),
        (None, Some(float)) => format!("{float:.1}"),
        _ => it.to_string(),
    }
}

fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use contract::auth::Role;
    use serde_json::json;

    use super::*;

    fn words(value: serde_json::Value) -> String {
        plan(&serde_json::from_value(value).unwrap(), &Catalog::for_role(Role::Viewer))
    }

    #[test]
    fn plans_read_as_people_would_say_them() {
        assert_eq!(words(json!({"entity": "workspaces"})), "desktops");
        assert_eq!(
            words(
                json!({"entity": "workspaces", "measures": [{"function": "average", "of": "root_volume_gib"}],
                "filters": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}, {"dimension": "region", "op": "is", "values": ["eu-west-1"]},
                    {"dimension": "last_connected_at", "op": "since", "values": [{"days_ago": 30}]}],
                "group_by": [{"dimension": "bundle"}], "order": {"by": "average_root_volume_gib", "descending": true}, "limit": 5})
            ),
            "average root volume of desktops with running mode ALWAYS_ON in eu-west-1 with last connection since 30 days ago, by bundle, the 5 with the highest average root volume"
        );
        assert_eq!(
            words(
                json!({"entity": "workspaces", "filters": [{"dimension": "last_connected_at", "op": "empty"},
                {"dimension": "root_volume_gib", "op": "at_least", "values": [100]}]})
            ),
            "desktops without last connection with root volume at least 100 GiB"
        );
    }

    #[test]
    fn summaries_take_their_numbers_from_the_rows() {
        let catalog = Catalog::for_role(Role::Viewer);
        let column = |name: &str, kind| Column { name: name.into(), label: name.into(), kind, unit: None };
        let plan: Plan = serde_json::from_value(json!({"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "region"}]})).unwrap();
        let columns = [column("region", Kind::Choice), column("count", Kind::Number)];
        let rows = vec![vec![json!("eu-west-1"), json!(1234)], vec![json!("us-east-1"), json!(5)]];
        assert_eq!(
            summary(&plan, &catalog, &columns, &rows, 2),
            "2 groups; first comes eu-west-1 with 1,234."
        );
        assert_eq!(
            summary(
                &Plan { group_by: vec![], ..plan.clone() },
                &catalog,
                &columns[1..],
                &[vec![json!(7)]],
                1
            ),
            "7 desktops."
        );
        assert_eq!(
            summary(&Plan { entity: "workspaces".into(), ..Plan::default() }, &catalog, &[], &[], 0),
            "No desktops match."
        );
    }
}
