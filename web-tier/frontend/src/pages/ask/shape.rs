//! How an answer is best seen: one figure, bars (shares stacked, what is compared beside each other), lines, or only its
//! table; and which words of the question were recognised. Pure.

use chrono::{DateTime, FixedOffset, Utc};
use contract::{
    catalog::Kind,
    query::{Aggregate, Measure},
    questions::{Answer, Column, Link},
};
use serde_json::Value;

use crate::{
    charts::{Data, Row, card::Shape as Drawn},
    format::{cents, decimal, spoken},
};

/// Bars beyond these are not read; the table has them all.
const BARS: usize = 24;
/// As many as there are colours.
const SERIES: usize = 8;

/// What stands above the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Label and value of each measure.
    Figures(Vec<(String, String)>),
    Chart(Data, Drawn),
    Table,
}

/// A cell in words; texts stay as they are.
pub(super) fn words(value: &Value, kind: Kind) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::Bool(it) => if *it { "Yes" } else { "No" }.to_owned(),
        Value::Number(it) => it.as_f64().map_or_else(|| it.to_string(), decimal),
        Value::String(it) if kind == Kind::Choice => spoken(it),
        Value::String(it) => it.clone(),
        other => other.to_string(),
    }
}

/// A number of a column as people read it: amounts of money have two decimals.
pub(super) fn figure_of(value: &Value, column: &Column) -> String {
    match value.as_f64().filter(|_| is_money(column)) {
        Some(amount) => cents(amount),
        None => words(value, column.kind),
    }
}

fn is_money(column: &Column) -> bool {
    column.unit.as_deref() == Some("USD")
}

/// The best view of an answer. Groups come before measures in the columns.
pub(crate) fn shape_of(answer: &Answer) -> Shape {
    let groups = answer.plan.group_by.len();
    let is_compared = answer.plan.compare.is_some();
    let measures = answer.plan.measures.iter().map(|it| it.keys(is_compared).len()).sum::<usize>();
    if measures == 0 || answer.columns.len() != groups + measures || answer.rows.is_empty() {
        return Shape::Table;
    }
    let (dimensions, figures) = answer.columns.split_at(groups);
    match (dimensions, figures) {
        ([], figures) if answer.rows.len() == 1 => Shape::Figures(
            figures
                .iter()
                .zip(answer.rows.iter().flatten())
                .map(|(column, value)| (column.label.clone(), with_unit(&figure_of(value, column), column)))
                .collect(),
        ),
        ([by], [figure, before, ..]) if is_compared => {
            let series = vec![figure.label.clone(), before.label.clone()];
            chart(by, figure, series, rows(answer, by, 2), Drawn::Beside)
        }
        ([by], [figure]) if is_share_of_all(answer) && !is_time(by) => shares(answer, by, figure),
        ([by], [figure, ..]) => {
            let series = vec![figure.label.clone()];
            chart(by, figure, series, rows(answer, by, 1), Drawn::Bars { axis: true })
        }
        ([by, split], [figure]) => stacked(answer, by, split, figure),
        _ => Shape::Table,
    }
}

/// The answer with the hours that it groups by as the clock of whoever looks shows them; days are dates already.
pub(super) fn with_local_hours(
    answer: &Answer,
    local: impl Fn(DateTime<Utc>) -> DateTime<FixedOffset>,
) -> Answer {
    let mut answer = answer.clone();
    for n in 0..answer.plan.group_by.len() {
        let Some(column) = answer.columns.get_mut(n).filter(|it| it.kind == Kind::Time) else { continue };
        column.kind = Kind::Date;
        for cell in answer.rows.iter_mut().filter_map(|row| row.get_mut(n)) {
            let hour = cell.as_str().and_then(|it| DateTime::parse_from_rfc3339(it).ok());
            if let Some(hour) = hour {
                *cell = local(hour.to_utc()).format("%Y-%m-%d %H:%M").to_string().into();
            }
        }
    }
    answer
}

fn with_unit(value: &str, column: &Column) -> String {
    column.unit.as_ref().map_or_else(|| value.to_owned(), |unit| format!("{value} {unit}"))
}

fn is_time(column: &Column) -> bool {
    matches!(column.kind, Kind::Date | Kind::Time)
}

/// So many figures of each row, which begin after its one group; a row that has none of them is left out.
fn rows(answer: &Answer, by: &Column, figures: usize) -> Vec<Row> {
    let rows = answer.rows.iter().filter_map(|row| {
        let number = |at: usize| row.get(at).and_then(Value::as_f64).unwrap_or(f64::NAN);
        let values: Vec<f64> = (1..=figures).map(number).collect();
        let known = values.iter().any(|it| it.is_finite());
        known.then_some(Row { label: words(row.first()?, by.kind), values })
    });
    rows.collect()
}

fn is_share_of_all(answer: &Answer) -> bool {
    let is_share = matches!(answer.plan.measures.as_slice(), [it] if it.function == Aggregate::Share);
    is_share && answer.plan.part.is_empty()
}

/// Shares of all are one bar.
fn shares(answer: &Answer, by: &Column, figure: &Column) -> Shape {
    const WHOLE: f64 = 100.0;
    /// Each share is rounded to this.
    const ROUNDED: f64 = 0.01;
    let found = rows(answer, by, 1);
    let mut series: Vec<String> = found.iter().map(|it| it.label.clone()).collect();
    let mut values: Vec<f64> = found.iter().flat_map(|it| it.values.iter().copied()).collect();
    if series.len() < 2 || values.iter().any(|it| *it < 0.0) {
        return Shape::Table;
    }
    let all: f64 = values.iter().sum();
    #[expect(clippy::as_conversions, reason = "rows of an answer")]
    let left_out = Some(WHOLE - all).filter(|it| *it > ROUNDED * values.len() as f64);
    if left_out.is_none() {
        values.iter_mut().for_each(|it| *it *= WHOLE / all);
    }
    // What a limit left out is among the others.
    if let Some(left_out) = left_out {
        series.push("others".to_owned());
        values.push(left_out);
    }
    let mut rows = vec![Row { label: "All".to_owned(), values }];
    if series.len() > SERIES {
        (series, rows) = folded(&series, &rows);
        series.pop();
        series.push("others".to_owned());
    }
    let unit = figure.unit.clone().unwrap_or_else(|| "%".to_owned());
    Shape::Chart(
        Data { dimension: by.label.clone(), series, rows, unit, money: is_money(figure) },
        Drawn::Bars { axis: true },
    )
}

fn chart(by: &Column, figure: &Column, series: Vec<String>, mut rows: Vec<Row>, drawn: Drawn) -> Shape {
    let unit = figure.unit.clone().unwrap_or_else(|| figure.label.to_lowercase());
    let dimension = by.label.clone();
    if is_time(by) {
        // Time runs from left to right, whatever the order of the rows.
        rows.sort_by(|a, b| a.label.cmp(&b.label));
        if rows.len() > 1 {
            return Shape::Chart(
                Data { dimension, series, rows, unit, money: is_money(figure) },
                Drawn::Lines,
            );
        }
    }
    // A single bar says nothing that the table does not, and bars have no way below zero.
    let negative = rows.iter().flat_map(|row| &row.values).any(|it| *it < 0.0);
    if rows.len() < 2 || negative {
        return Shape::Table;
    }
    rows.truncate(BARS);
    Shape::Chart(Data { dimension, series, rows, unit, money: is_money(figure) }, drawn)
}

fn stacked(answer: &Answer, by: &Column, split: &Column, figure: &Column) -> Shape {
    let mut series = Vec::<String>::new();
    let mut rows = Vec::<Row>::new();
    for row in &answer.rows {
        let [label, part, value] = row.as_slice() else { return Shape::Table };
        let (label, part) = (words(label, by.kind), words(part, split.kind));
        let Some(value) = value.as_f64() else { continue };
        let at = series.iter().position(|it| *it == part).unwrap_or_else(|| {
            series.push(part);
            series.len() - 1
        });
        let row = match rows.iter().position(|it| it.label == label) {
            Some(at) => at,
            None => {
                rows.push(Row { label, values: Vec::new() });
                rows.len() - 1
            }
        };
        if let Some(row) = rows.get_mut(row) {
            if row.values.len() <= at {
                row.values.resize(at + 1, 0.0);
            }
            if let Some(cell) = row.values.get_mut(at) {
                *cell = value;
            }
        }
    }
    rows.iter_mut().for_each(|row| row.values.resize(series.len(), 0.0));
    if series.len() > SERIES {
        let adds_up = |it: &Measure| matches!(it.function, Aggregate::Count | Aggregate::Sum);
        if !answer.plan.measures.iter().all(adds_up) {
            return Shape::Table;
        }
        (series, rows) = folded(&series, &rows);
    }
    chart(by, figure, series, rows, Drawn::Bars { axis: true })
}

/// The largest series, and all others as one.
fn folded(series: &[String], rows: &[Row]) -> (Vec<String>, Vec<Row>) {
    let total = |at: usize| rows.iter().filter_map(|row| row.values.get(at)).sum::<f64>();
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by(|a, b| total(*b).total_cmp(&total(*a)));
    let (kept, others) = order.split_at((SERIES - 1).min(order.len()));
    let mut names: Vec<String> = kept.iter().filter_map(|at| series.get(*at).cloned()).collect();
    names.push(format!("{} others", others.len()));
    let rows = rows.iter().map(|row| {
        let mut values: Vec<f64> = kept.iter().filter_map(|at| row.values.get(*at).copied()).collect();
        values.push(others.iter().filter_map(|at| row.values.get(*at)).sum());
        Row { label: row.label.clone(), values }
    });
    (names, rows.collect())
}

/// A part of a question, with what it was taken for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) meaning: Option<String>,
}

/// The question in parts. Links that overlap an earlier one, or lie outside, are left out.
pub(super) fn marked(question: &str, links: &[Link]) -> Vec<Part> {
    let letters: Vec<char> = question.chars().collect();
    let mut links: Vec<&Link> = links.iter().collect();
    links.sort_by_key(|it| (it.start, it.end));
    let mut parts = Vec::new();
    let mut at = 0;
    let mut push = |from: usize, to: usize, meaning: Option<String>| {
        if let Some(text) = letters.get(from..to).filter(|it| !it.is_empty()) {
            parts.push(Part { text: text.iter().collect(), meaning });
        }
    };
    for link in links {
        let (Ok(start), Ok(end)) = (usize::try_from(link.start), usize::try_from(link.end)) else { continue };
        if start >= at && start < end && end <= question.chars().count() {
            push(at, start, None);
            push(start, end, Some(link.meaning.clone()));
            at = end;
        }
    }
    push(at, question.chars().count(), None);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{
        query::{GroupBy, Plan},
        questions::ReadBy,
    };
    use serde_json::json;

    fn column(name: &str, kind: Kind) -> Column {
        Column { name: name.into(), label: name.into(), kind, unit: None }
    }

    fn answer(groups: &[(&str, Kind)], rows: Value) -> Answer {
        let mut columns: Vec<_> = groups.iter().map(|(name, kind)| column(name, *kind)).collect();
        columns.push(column("count", Kind::Number));
        Answer {
            plan: Plan {
                measures: vec![Measure::count()],
                group_by: groups.iter().map(|(name, _)| GroupBy::values(*name)).collect(),
                ..Plan::default()
            },
            sentence: String::new(),
            summary: String::new(),
            figures: Vec::new(),
            columns,
            rows: serde_json::from_value(rows).unwrap(),
            total: 0,
            truncated: false,
            read_by: ReadBy::Rules,
            confidence: 1.0,
            elapsed_ms: 1,
            links: vec![],
        }
    }

    #[test]
    fn one_figure_stands_alone() {
        assert_eq!(
            shape_of(&answer(&[], json!([[2400]]))),
            Shape::Figures(vec![("count".into(), "2,400".into())])
        );
    }

    #[test]
    fn groups_are_bars_and_times_are_lines_in_their_order() {
        let bars = shape_of(&answer(&[("mode", Kind::Choice)], json!([["ALWAYS_ON", 5], [null, 2]])));
        let Shape::Chart(data, Drawn::Bars { axis: true }) = bars else { panic!("{bars:?}") };
        assert_eq!(data.rows.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(), ["AlwaysOn", "(none)"]);
        let lines = shape_of(&answer(&[("day", Kind::Date)], json!([["2026-03-04", 5], ["2026-03-03", 2]])));
        let Shape::Chart(data, Drawn::Lines) = lines else { panic!("{lines:?}") };
        assert_eq!(data.rows[0].label, "2026-03-03");
    }

    #[test]
    fn two_groups_are_stacked_with_holes_as_zero() {
        let shape = shape_of(&answer(
            &[("region", Kind::Choice), ("state", Kind::Choice)],
            json!([["eu", "A", 1], ["eu", "B", 2], ["us", "B", 3]]),
        ));
        let Shape::Chart(data, _) = shape else { panic!("{shape:?}") };
        assert_eq!(data.series, ["A", "B"]);
        assert_eq!(data.rows[1].values, [0.0, 3.0]);
    }

    #[test]
    fn more_series_than_colours_are_folded_only_where_they_add_up() {
        let rows: Vec<Value> = (1..=10).map(|n| json!(["eu", format!("S{n}"), n])).collect();
        let rows: Vec<Value> = rows.into_iter().chain([json!(["us", "S1", 5])]).collect();
        let mut split = answer(&[("region", Kind::Choice), ("state", Kind::Choice)], json!(rows));
        let Shape::Chart(data, _) = shape_of(&split) else { panic!("no bars") };
        assert_eq!(data.series.len(), SERIES);
        assert_eq!((data.series[0].as_str(), data.series[7].as_str()), ("S10", "3 others"));
        assert_eq!(data.rows[0].values.iter().sum::<f64>(), 55.0, "nothing is lost");
        split.plan.measures = vec![Measure { function: Aggregate::Average, of: Some("root".into()) }];
        assert_eq!(shape_of(&split), Shape::Table);
    }

    #[test]
    fn what_is_compared_stands_beside_what_was() {
        let mut compared = answer(
            &[("account", Kind::Text)],
            json!([
                ["A", 5, 4, 1, 25],
                ["B", 2, null, null, null],
                ["C", null, 1, null, null],
                ["D", null, null, null, null]
            ]),
        );
        compared.plan.compare =
            serde_json::from_value(json!({"since": "2026-10-01", "before": "2026-11-01"})).unwrap();
        let beside = ["count before", "change", "growth"].map(|it| column(it, Kind::Number));
        compared.columns.extend(beside);
        let Shape::Chart(data, Drawn::Beside) = shape_of(&compared) else { panic!("no bars") };
        assert_eq!(data.series, ["count", "count before"]);
        let written: Vec<_> =
            data.rows.iter().flat_map(|it| it.values.iter().map(|it| decimal(*it))).collect();
        assert_eq!(written, ["5", "4", "2", "–", "–", "1"], "what is not known is no zero");
    }

    #[test]
    fn money_has_two_decimals() {
        let mut paid = answer(&[("service", Kind::Text)], json!([["A", 28889.9], ["B", 5]]));
        paid.columns.last_mut().unwrap().unit = Some("USD".into());
        let Shape::Chart(data, _) = shape_of(&paid) else { panic!("no bars") };
        assert_eq!(data.written(28889.9), "28,889.90");
        assert_eq!(figure_of(&json!(5), paid.columns.last().unwrap()), "5.00");
    }

    #[test]
    fn shares_are_stacked_up_to_a_hundred() {
        let share = |rows: Value| {
            let mut share = answer(&[("mode", Kind::Text)], rows);
            share.plan.measures = vec![Measure { function: Aggregate::Share, of: None }];
            share
        };
        let Shape::Chart(data, _) = shape_of(&share(json!([["A", 60], ["B", 30]]))) else { panic!("no bar") };
        assert_eq!(data.series, ["A", "B", "others"]);
        assert_eq!(data.rows.iter().map(|it| it.values.clone()).collect::<Vec<_>>(), [[60.0, 30.0, 10.0]]);
        let rounded = share(json!([["A", 33.34], ["B", 33.34], ["C", 33.34]]));
        let Shape::Chart(data, _) = shape_of(&rounded) else { panic!("no bar") };
        assert_eq!((data.series.len(), data.most(true).round()), (3, 100.0));
        let many: Vec<Value> = (0..20).map(|n| json!([format!("S{n}"), 4.5])).collect();
        let Shape::Chart(data, _) = shape_of(&share(json!(many))) else { panic!("no bar") };
        assert_eq!((data.series.len(), data.series[7].as_str(), data.most(true)), (SERIES, "others", 100.0));
        // Parts of groups do not add up.
        let mut part = share(json!([["A", 60], ["B", 100]]));
        part.plan.part = vec![serde_json::from_value(json!({"dimension": "state", "op": "empty"})).unwrap()];
        let Shape::Chart(data, _) = shape_of(&part) else { panic!("no bars") };
        assert_eq!((data.series.as_slice(), data.rows.len()), (["count".to_owned()].as_slice(), 2));
    }

    #[test]
    fn lists_single_groups_and_negative_figures_stay_tables() {
        let mut list = answer(&[], json!([["x"]]));
        list.plan.measures.clear();
        assert_eq!(shape_of(&list), Shape::Table);
        assert_eq!(shape_of(&answer(&[("a", Kind::Text)], json!([["x", 1]]))), Shape::Table);
        assert_eq!(shape_of(&answer(&[("a", Kind::Text)], json!([["x", 1], ["y", -1]]))), Shape::Table);
    }

    #[test]
    fn hours_are_those_of_whoever_looks() {
        let rows = json!([["2026-11-20T23:00:00+00:00", 1], ["2026-11-21T00:00:00+00:00", 2], [null, 3]]);
        let it = answer(&[("at", Kind::Time)], rows);
        let east = FixedOffset::east_opt(3600).unwrap();
        let shown = with_local_hours(&it, |at| at.with_timezone(&east));
        let cells: Vec<_> = shown.rows.iter().map(|row| row[0].clone()).collect();
        assert_eq!(json!(cells), json!(["2026-11-21 00:00", "2026-11-21 01:00", null]));
        assert_eq!(shown.columns[0].kind, Kind::Date);
    }

    #[test]
    fn recognised_words_are_marked_by_characters_not_bytes() {
        let link = |start, end, meaning: &str| Link { start, end, meaning: meaning.into() };
        let parts = marked(
            "é in eu-west-1?",
            &[link(5, 14, "region"), link(6, 9, "inside"), link(14, 99, "outside")],
        );
        let shown: Vec<_> = parts.iter().map(|it| (it.text.as_str(), it.meaning.as_deref())).collect();
        assert_eq!(shown, [("é in ", None), ("eu-west-1", Some("region")), ("?", None)]);
        assert_eq!(marked("", &[]), []);
    }
}
