//! The result of a plan in one sentence.

use contract::{query::Plan, questions::Column};

use crate::catalog::Catalog;

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
    // The other figure and the change stand right of a figure.
    let beside = |n: usize, row: &[serde_json::Value]| {
        let change = figure(n + 2, row);
        let sign = if matches!(change.as_bytes().first(), Some(b'-' | b'n')) { "" } else { "+" };
        format!("{} before, change {sign}{change}", figure(n + 1, row))
    };
    let Some(first) = rows.first() else { return format!("No {} match.", entity.plural) };
    let groups = plan.group_by.len();
    let compared = plan.compare.is_some();
    if groups == 0 {
        let figures: Vec<_> = (0..columns.len())
            .step_by(if compared { 3 } else { 1 })
            .map(|n| {
                let this = match columns.get(n) {
                    Some(column) if column.name == "count" => {
                        format!("{} {}", figure(n, first), entity.plural)
                    }
                    Some(column) => format!("{}: {}", column.label, figure(n, first)),
                    None => String::new(),
                };
                if compared { format!("{this} ({})", beside(n, first)) } else { this }
            })
            .collect();
        return format!("{}.", figures.join(", "));
    }
    let names: Vec<_> = (0..groups).map(|n| figure(n, first)).collect();
    let mut lead = format!("{} with {}", names.join(" / "), figure(groups, first));
    if compared {
        lead.push_str(&format!(" ({})", beside(groups, first)));
    }
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
    use contract::{auth::Role, catalog::Kind};
    use serde_json::json;

    use super::*;

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

    #[test]
    fn a_comparison_says_both_figures() {
        let catalog = Catalog::for_role(Role::Viewer);
        let plan: Plan = serde_json::from_value(
            json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
            "compare": {"since": {"start_of": "month", "ago": 1}}}),
        )
        .unwrap();
        let column = |name: &str| Column {
            name: name.into(),
            label: name.into(),
            kind: Kind::Number,
            unit: Some("USD".into()),
        };
        let columns = ["sum_cost", "sum_cost_before", "sum_cost_change"].map(column);
        let said = |rows: serde_json::Value| {
            let rows: Vec<Vec<serde_json::Value>> = serde_json::from_value(rows).unwrap();
            summary(&plan, &catalog, &columns, &rows, 1)
        };
        assert_eq!(
            said(json!([[1200, 1000, 200]])),
            "sum_cost: 1,200 USD (1,000 USD before, change +200 USD)."
        );
        assert_eq!(
            said(json!([[800, 1000, -200]])),
            "sum_cost: 800 USD (1,000 USD before, change -200 USD)."
        );
    }
}
