//! Hours by month and by day: what is billed beside what was used.

use chrono::NaiveDate;
use contract::usage::Usage;
use yew::prelude::*;

use super::note;
use crate::{
    charts::{Data, Row, columns::Columns, panel::ChartPanel, table::Table},
    format::{grouped, hours},
};

/// Rows of a chart.
struct Rows {
    data: Data,
    /// Which of them are estimated.
    estimated: Vec<bool>,
    /// What each is called in a table, exactly.
    names: Vec<String>,
}

pub(super) fn by_month(it: &Usage, file: String) -> Html {
    let rows = months(it);
    let summary = rows.data.spoken(rows.data.rows.len().saturating_sub(1));
    panel("Hours by month", "usage-months", classes!(), rows, summary, file)
}

pub(super) fn by_day(it: &Usage, file: String) -> Html {
    let connected = it.days.iter().map(|it| it.connected_minutes).sum();
    let billable: u32 = it.days.iter().map(|it| it.billable_hours).sum();
    let summary = format!(
        "In all: Billable hours {}, Connected hours {}",
        grouped(i64::from(billable)),
        hours(connected)
    );
    panel("Hours by day", "usage-days", classes!("lg:col-span-2"), days(it), summary, file)
}

fn panel(
    title: &'static str,
    testid: &'static str,
    class: Classes,
    rows: Rows,
    summary: String,
    file: String,
) -> Html {
    let Rows { data, estimated, names } = rows;
    let mut table = Table::of(&data);
    table.heads.push("Estimated".to_owned());
    for ((row, name), estimated) in table.rows.iter_mut().zip(names).zip(&estimated) {
        row.first_mut().into_iter().for_each(|it| it.clone_from(&name));
        row.push(if *estimated { "yes" } else { "no" }.to_owned());
    }
    html! {
        <ChartPanel {title} heading="h3" {table} {file} {testid} {class} note={note("In UTC, as on AWS's bill.")}>
            <Columns {data} {title} {estimated} {summary} />
        </ChartPanel>
    }
}

fn data(dimension: &str, rows: impl Iterator<Item = (String, u32, u32)>) -> Data {
    let row = |(label, billable, minutes): (String, u32, u32)| Row {
        label,
        values: vec![f64::from(billable), (f64::from(minutes) / 6.0).round() / 10.0],
    };
    Data {
        dimension: dimension.to_owned(),
        series: vec!["Billable hours".to_owned(), "Connected hours".to_owned()],
        rows: rows.map(row).collect(),
        unit: "hours".to_owned(),
        money: false,
    }
}

fn months(it: &Usage) -> Rows {
    let label = |month: NaiveDate| month.format("%b %Y").to_string();
    let rows = it.months.iter().map(|it| (label(it.month), it.billable_hours, it.connected_minutes));
    Rows {
        data: data("Month", rows),
        estimated: it.months.iter().map(|it| it.estimated).collect(),
        names: it.months.iter().map(|it| it.month.format("%Y-%m").to_string()).collect(),
    }
}

/// Every day of the covered time; those that the answer leaves out had nothing.
fn days(it: &Usage) -> Rows {
    let (first, last) = (it.from.date_naive(), it.until.date_naive());
    let covered = || first.iter_days().take_while(|day| *day <= last);
    let known = |day: NaiveDate| it.days.iter().find(|it| it.day == day);
    let rows = covered().map(|day| {
        let it = known(day);
        let label = day.format("%-d %b").to_string();
        (label, it.map_or(0, |it| it.billable_hours), it.map_or(0, |it| it.connected_minutes))
    });
    Rows {
        data: data("Day", rows),
        estimated: covered().map(|day| known(day).is_some_and(|it| it.estimated)).collect(),
        names: covered().map(|day| day.to_string()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing::usage, *};

    #[test]
    fn days_without_use_are_columns_too() {
        let Rows { data, estimated, names } = days(&usage());
        let labels: Vec<_> = data.rows.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels, ["31 Oct", "1 Nov", "2 Nov"]);
        assert_eq!(data.rows[2].values, [0.0, 0.0]);
        assert_eq!(names, ["2026-10-31", "2026-11-01", "2026-11-02"]);
        assert_eq!(estimated, [false, true, false]);
        assert_eq!(data.spoken(0), "31 Oct: Billable hours 3, Connected hours 2");
    }

    #[test]
    fn months_are_told_with_their_year() {
        let Rows { data, estimated, .. } = months(&usage());
        assert_eq!(data.spoken(1), "Nov 2026: Billable hours 2, Connected hours 0.5");
        assert_eq!(estimated, [false, true]);
    }
}
