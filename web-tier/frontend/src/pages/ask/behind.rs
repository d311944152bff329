//! The rows behind a figure: a question for the list that the figure was computed from. Pure.
//!
//! Deliberately none for a change between two figures, which no single list is behind.

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta};
use contract::{
    query::{Filter, Grain, GroupBy, Op, Plan, Value},
    questions::Answer,
};
use serde_json::Value as Cell;

/// The list behind the figure in a row and column of an answer as the server gave it.
pub(super) fn behind(answer: &Answer, row: usize, column: usize) -> Option<Plan> {
    let plan = &answer.plan;
    let cells = answer.rows.get(row)?;
    let figure = column.checked_sub(plan.group_by.len())?;
    let mut sides = plan.measures.iter().flat_map(|it| 0..it.keys(plan.compare.is_some()).len());
    let mut filters = match sides.nth(figure)? {
        0 => plan.filters.clone(),
        1 => of_the_other_stretch(plan)?,
        _ => return None,
    };
    filters.extend(plan.part.iter().cloned());
    for (group, cell) in plan.group_by.iter().zip(cells) {
        filters.extend(of_group(group, cell)?);
    }
    filters.dedup();
    Some(Plan { entity: plan.entity.clone(), filters, ..Plan::default() })
}

/// The conditions with the time that the plan compares with.
fn of_the_other_stretch(plan: &Plan) -> Option<Vec<Filter>> {
    let other = plan.compare.as_ref()?;
    let is_time = |it: &&Filter| matches!(it.op, Op::Since | Op::Before);
    let time = plan.filters.iter().find(is_time)?.dimension.clone();
    let mut filters: Vec<Filter> =
        plan.filters.iter().filter(|it| !(is_time(it) && it.dimension == time)).cloned().collect();
    filters.push(Filter::new(time.clone(), Op::Since, other.since.clone()));
    filters.extend(other.before.iter().map(|it| Filter::new(time.clone(), Op::Before, it.clone())));
    Some(filters)
}

/// What the rows of one group have in common.
fn of_group(group: &GroupBy, cell: &Cell) -> Option<Vec<Filter>> {
    let name = group.dimension.as_str();
    let value = match cell {
        Cell::Null => {
            return Some(vec![Filter { dimension: name.to_owned(), op: Op::Empty, values: Vec::new() }]);
        }
        Cell::Bool(it) => Value::Bool(*it),
        Cell::Number(it) => Value::Number(it.as_f64()?),
        Cell::String(it) => Value::Text(it.clone()),
        Cell::Array(_) | Cell::Object(_) => return None,
    };
    let Some(grain) = group.grain else { return Some(vec![Filter::new(name, Op::Is, value)]) };
    let Value::Text(begins) = &value else { return None };
    let ends = end(begins, grain)?;
    Some(vec![Filter::new(name, Op::Since, value), Filter::new(name, Op::Before, Value::Text(ends))])
}

/// Where a stretch ends that begins at that day or, for hours, at that instant.
fn end(begins: &str, grain: Grain) -> Option<String> {
    if grain == Grain::Hour {
        let hour = DateTime::parse_from_rfc3339(begins).ok()?;
        return Some((hour + TimeDelta::hours(1)).to_rfc3339());
    }
    let day: NaiveDate = begins.parse().ok()?;
    let end = match grain {
        Grain::Hour | Grain::Day => day.checked_add_days(Days::new(1)),
        Grain::Week => day.checked_add_days(Days::new(7)),
        Grain::Month => day.checked_add_months(Months::new(1)),
        Grain::Quarter => day.checked_add_months(Months::new(3)),
        Grain::Year => day.checked_add_months(Months::new(12)),
    };
    end.map(|it| it.to_string())
}

#[cfg(test)]
mod tests {
    use contract::questions::ReadBy;
    use serde_json::json;

    use super::*;

    fn answer(plan: Cell, rows: Cell) -> Answer {
        Answer {
            plan: serde_json::from_value(plan).unwrap(),
            sentence: String::new(),
            summary: String::new(),
            figures: Vec::new(),
            columns: Vec::new(),
            rows: serde_json::from_value(rows).unwrap(),
            total: 1,
            truncated: false,
            read_by: ReadBy::Rules,
            confidence: 1.0,
            elapsed_ms: 1,
            links: Vec::new(),
        }
    }

    fn list(answer: &Answer, row: usize, column: usize) -> Cell {
        serde_json::to_value(behind(answer, row, column)).unwrap()
    }

    #[test]
    fn a_group_is_the_rows_that_have_its_values() {
        let it = answer(
            json!({"entity": "workspaces", "measures": [{"function": "count"}], "limit": 2,
                "group_by": [{"dimension": "region"}, {"dimension": "last_connected_at", "grain": "month"}],
                "filters": [{"dimension": "state", "op": "is", "values": ["STOPPED"]}]}),
            json!([["eu-west-1", "2026-10-01", 7], [null, "2026-12-01", 1]]),
        );
        assert_eq!(
            list(&it, 0, 2),
            json!({"entity": "workspaces", "filters": [
                {"dimension": "state", "op": "is", "values": ["STOPPED"]},
                {"dimension": "region", "op": "is", "values": ["eu-west-1"]},
                {"dimension": "last_connected_at", "op": "since", "values": ["2026-10-01"]},
                {"dimension": "last_connected_at", "op": "before", "values": ["2026-11-01"]}]})
        );
        assert_eq!(
            list(&it, 1, 2)["filters"][1],
            json!({"dimension": "region", "op": "empty"}),
            "no value is a group, too"
        );
        assert_eq!(list(&it, 0, 0), Cell::Null, "a group's name is no figure");
    }

    #[test]
    fn a_comparison_has_two_lists_and_none_behind_the_change() {
        let month = |ago: u32| json!({"start_of": "month", "ago": ago});
        let it = answer(
            json!({"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
                "filters": [{"dimension": "month", "op": "since", "values": [month(0)]}],
                "compare": {"since": month(1), "before": month(0)}}),
            json!([[12, 10, 2, 20]]),
        );
        assert_eq!(list(&it, 0, 0)["filters"][0]["values"], json!([month(0)]));
        assert_eq!(
            list(&it, 0, 1)["filters"],
            json!([{"dimension": "month", "op": "since", "values": [month(1)]},
                {"dimension": "month", "op": "before", "values": [month(0)]}])
        );
        assert_eq!((list(&it, 0, 2), list(&it, 0, 3)), (Cell::Null, Cell::Null));
    }

    #[test]
    fn a_share_is_of_the_rows_of_its_part() {
        let it = answer(
            json!({"entity": "workspaces", "measures": [{"function": "share"}],
                "part": [{"dimension": "running_mode", "op": "is", "values": ["ALWAYS_ON"]}]}),
            json!([[12.5]]),
        );
        assert_eq!(list(&it, 0, 0)["filters"][0]["dimension"], "running_mode");
    }

    #[test]
    fn an_hour_ends_an_hour_later() {
        assert_eq!(end("2026-11-21T23:00:00Z", Grain::Hour).unwrap(), "2026-11-22T00:00:00+00:00");
        assert_eq!(end("2026-10-01", Grain::Quarter).unwrap(), "2027-01-01");
        assert_eq!(end("soon", Grain::Day), None);
    }
}
