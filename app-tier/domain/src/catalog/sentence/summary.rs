//! The result of a plan in one sentence.

use contract::{
    query::{Measure, Plan},
    questions::{Column, SummaryFigure},
};
use serde_json::Value;

use crate::catalog::Catalog;

/// The result in words, and where in them its figures stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub text: String,
    pub figures: Vec<SummaryFigure>,
}

impl Summary {
    fn says(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn length(&self) -> u32 {
        u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX)
    }
}

/// The result in words, from the rows.
#[must_use]
pub fn summary(
    plan: &Plan,
    catalog: &Catalog,
    columns: &[Column],
    rows: &[Vec<Value>],
    total: i64,
) -> Summary {
    let Some(entity) = catalog.entity(&plan.entity) else { return Summary::default() };
    let mut summary = Summary::default();
    let groups = plan.group_by.len();
    match rows.first() {
        _ if plan.measures.is_empty() => summary.says(&match total {
            0 => format!("No {} match.", entity.plural),
            1 => format!("1 {} matches.", entity.singular),
            n => format!("{} {} match.", grouped(n), entity.plural),
        }),
        None => summary.says(&format!("No {} match.", entity.plural)),
        Some(first) if groups == 0 => {
            let keys: Vec<String> = plan.measures.iter().map(Measure::key).collect();
            for (n, column) in columns.iter().enumerate().filter(|(_, it)| keys.contains(&it.name)) {
                summary.says(if n > 0 { ", " } else { "" });
                if column.name == "count" {
                    figure(&mut summary, columns, first, n);
                    summary.says(&format!(" {}", entity.plural));
                } else {
                    summary.says(&format!("{}: ", column.label));
                    figure(&mut summary, columns, first, n);
                }
                if plan.compare.is_some() {
                    beside(&mut summary, columns, first, n);
                }
            }
            summary.says(".");
        }
        Some(first) => {
            let names: Vec<_> = (0..groups).map(|n| group(columns, first, n)).collect();
            let lead = if total == 1 {
                "One group: ".to_owned()
            } else {
                format!("{} groups; first comes ", grouped(total))
            };
            summary.says(&format!("{lead}{} with ", names.join(" / ")));
            figure(&mut summary, columns, first, groups);
            if columns.get(groups).is_some_and(|it| it.name == "count") {
                let one = first.get(groups).and_then(Value::as_i64) == Some(1);
                summary.says(&format!(" {}", if one { entity.singular } else { entity.plural }));
            }
            if plan.compare.is_some() {
                beside(&mut summary, columns, first, groups);
            }
            summary.says(".");
        }
    }
    summary
}

/// What a group is called: one without a value is "no directory".
fn group(columns: &[Column], row: &[Value], column: usize) -> String {
    let label = columns.get(column).map_or("value", |it| it.label.as_str());
    match row.get(column) {
        None | Some(Value::Null) => format!("no {label}"),
        Some(Value::Bool(true)) => label.to_owned(),
        Some(Value::Bool(false)) => format!("not {label}"),
        Some(_) => cell(columns, row, column),
    }
}

/// Says a figure of the first row, and remembers where.
fn figure(summary: &mut Summary, columns: &[Column], row: &[Value], column: usize) {
    let start = summary.length();
    summary.says(&cell(columns, row, column));
    summary.figures.push(SummaryFigure { start, end: summary.length(), row: 0, column });
}

/// The other figure and the change, which stand right of a figure.
fn beside(summary: &mut Summary, columns: &[Column], row: &[Value], column: usize) {
    summary.says(" (");
    figure(summary, columns, row, column + 1);
    let change = cell(columns, row, column + 2);
    let sign = if matches!(change.as_bytes().first(), Some(b'-' | b'n')) { "" } else { "+" };
    summary.says(&format!(" before, change {sign}{change})"));
}

fn cell(columns: &[Column], row: &[Value], column: usize) -> String {
    let unit = columns.get(column).and_then(|it| it.unit.as_deref());
    match row.get(column) {
        Some(Value::Number(it)) => {
            format!("{}{}", number(it, unit), unit.map_or(String::new(), |unit| format!(" {unit}")))
        }
        Some(Value::String(it)) => it.clone(),
        _ => "none".to_owned(),
    }
}

/// With its thousands apart; cents of money, else tenths.
fn number(it: &serde_json::Number, unit: Option<&str>) -> String {
    let Some(float) = it.as_f64().filter(|_| !it.is_i64()) else {
        return it.as_i64().map_or_else(|| it.to_string(), grouped);
    };
    let text = if unit == Some("USD") { format!("{float:.2}") } else { format!("{float:.1}") };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    match whole.parse::<i64>() {
        // "-0.5" is nothing below zero, as a whole.
        Ok(0) => text,
        Ok(whole) => format!("{}.{fraction}", grouped(whole)),
        Err(_) => text,
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

    /// The text, and of its figures the text and the cell.
    fn said(it: &Summary) -> (&str, Vec<(&str, usize, usize)>) {
        let place = |it: u32| usize::try_from(it).unwrap();
        let figure =
            |f: &SummaryFigure| (it.text.get(place(f.start)..place(f.end)).unwrap(), f.row, f.column);
        (&it.text, it.figures.iter().map(figure).collect())
    }

    #[test]
    fn summaries_take_their_numbers_from_the_rows() {
        let catalog = Catalog::for_role(Role::Viewer);
        let column = |name: &str, kind| Column { name: name.into(), label: name.into(), kind, unit: None };
        let plan: Plan = serde_json::from_value(json!({"entity": "workspaces", "measures": [{"function": "count"}], "group_by": [{"dimension": "region"}]})).unwrap();
        let columns = [column("region", Kind::Choice), column("count", Kind::Number)];
        let rows = vec![vec![json!("eu-west-1"), json!(1234)], vec![json!("us-east-1"), json!(5)]];
        assert_eq!(
            said(&summary(&plan, &catalog, &columns, &rows, 2)),
            ("2 groups; first comes eu-west-1 with 1,234 desktops.", vec![("1,234", 0, 1)])
        );
        let of = |group: Value, count: i64| {
            said(&summary(&plan, &catalog, &columns, &[vec![group, json!(count)]], 1)).0.to_owned()
        };
        assert_eq!(of(json!(null), 3), "One group: no region with 3 desktops.");
        assert_eq!(of(json!(false), 1), "One group: not region with 1 desktop.");
        assert_eq!(
            said(&summary(
                &Plan { group_by: vec![], ..plan.clone() },
                &catalog,
                &columns[1..],
                &[vec![json!(7)]],
                1
            )),
            ("7 desktops.", vec![("7", 0, 0)])
        );
        assert_eq!(
            said(&summary(&Plan { entity: "workspaces".into(), ..Plan::default() }, &catalog, &[], &[], 0)),
            ("No desktops match.", vec![])
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
        let of = |rows: Value| {
            let rows: Vec<Vec<Value>> = serde_json::from_value(rows).unwrap();
            summary(&plan, &catalog, &columns, &rows, 1)
        };
        assert_eq!(
            said(&of(json!([[1200, 1000, 200]]))),
            (
                "sum_cost: 1,200 USD (1,000 USD before, change +200 USD).",
                vec![("1,200 USD", 0, 0), ("1,000 USD", 0, 1)]
            )
        );
        assert_eq!(
            said(&of(json!([[1234567.891, 0.456, -1234567.435]]))).0,
            "sum_cost: 1,234,567.89 USD (0.46 USD before, change -1,234,567.44 USD)."
        );
        assert_eq!(
            said(&of(json!([[800, 1000, -200]]))).0,
            "sum_cost: 800 USD (1,000 USD before, change -200 USD)."
        );
    }
}
