//! Costs over time as a stacked chart with its table. Pure.

use chrono::{Days, Months, NaiveDate};
use contract::{
    billing::{Billing, CostStatus, CurrencyCosts, Figure, Group, GroupKind, Step},
    money::Money,
};

use super::figure::words;
use crate::{
    charts::{Data, Row, table::Table},
    format,
};

/// Colours of the palette, less one for the forecast.
const SERIES: usize = 7;

/// See the module.
#[derive(Debug, PartialEq)]
pub(crate) struct Chart {
    pub(crate) data: Data,
    pub(crate) estimated: Vec<bool>,
    /// The series that is a forecast.
    pub(crate) forecast: Option<usize>,
    pub(crate) table: Table,
    pub(crate) summary: String,
}

/// What people call a group.
#[must_use]
pub(super) fn label(it: &Group) -> String {
    match it.kind {
        GroupKind::Value if it.label.is_empty() => "(none)".to_owned(),
        // Cost Explorer's word.
        GroupKind::Value if it.label == "NoRegion" => "No region".to_owned(),
        GroupKind::Value => it.label.clone(),
        kind => kind.label().to_owned(),
    }
}

/// All periods to the last that something is known of; those in which nothing was charged, too.
pub(crate) fn chart(it: &Billing, of: &CurrencyCosts) -> Chart {
    let running = running(it);
    let last = of.periods.iter().map(|it| it.from).max();
    let periods: Vec<NaiveDate> = last
        .map(|last| {
            std::iter::successors(Some(it.from), |at| next(*at, it.by)).take_while(|at| *at <= last).collect()
        })
        .unwrap_or_default();
    let (own, folded) =
        of.groups.split_at(of.groups.len().min(if of.groups.len() > SERIES { SERIES - 1 } else { SERIES }));
    let amount = |groups: &[Group], at: NaiveDate| -> f64 {
        let of = groups.iter().flat_map(|it| &it.periods).filter(|it| it.from == at);
        of.map(|it| it.total.amount).sum::<Money>().to_f64()
    };
    let ahead =
        of.forecast.as_ref().filter(|_| it.by == Step::Month).filter(|it| periods.contains(&it.month));
    let mut series: Vec<String> = own.iter().map(label).collect();
    if !folded.is_empty() {
        series.push(format!("{} others", folded.len()));
    }
    let forecast = ahead.map(|_| {
        series.push("Forecast to the end".to_owned());
        series.len() - 1
    });
    let row = |at: &NaiveDate| {
        let mut values: Vec<f64> = own.iter().map(|it| amount(std::slice::from_ref(it), *at)).collect();
        if !folded.is_empty() {
            values.push(amount(folded, *at));
        }
        if let Some(ahead) = ahead {
            let rest = ahead.expected.saturating_sub(ahead.to_date).to_f64().max(0.0);
            values.push(if *at == ahead.month { rest } else { 0.0 });
        }
        Row { label: shown(*at, it.by), values }
    };
    let data = Data {
        dimension: it.by.label().to_owned(),
        series,
        rows: periods.iter().map(row).collect(),
        unit: of.currency.to_string(),
        money: true,
    };
    let total = |at: &NaiveDate| of.periods.iter().find(|it| it.from == *at).map(|it| &it.total);
    let mut table = Table::of(&data);
    table.heads.extend(["Total".to_owned(), "Where it is from".to_owned()]);
    for (cells, at) in table.rows.iter_mut().zip(&periods) {
        cells.first_mut().into_iter().for_each(|it| *it = at.to_string());
        let told = total(at);
        cells.push(format::cents(told.map_or(0.0, |it| it.amount.to_f64())));
        cells.push(told.map_or_else(String::new, |it| words(it.source, it.status)));
    }
    Chart {
        estimated: periods
            .iter()
            .map(|at| total(at).is_some_and(|it| is_estimated(it.status, *at >= running)))
            .collect(),
        forecast,
        table,
        summary: format!("In all {}", format::money(of.total.amount, &of.currency)),
        data,
    }
}

/// What is partial is a whole that lacks a part, such as an account; it is told apart from what may still change.
fn is_estimated(status: CostStatus, runs: bool) -> bool {
    status == CostStatus::Estimated || runs && status == CostStatus::Partial
}

fn next(at: NaiveDate, by: Step) -> Option<NaiveDate> {
    match by {
        Step::Month => at.checked_add_months(Months::new(1)),
        Step::Day => at.checked_add_days(Days::new(1)),
    }
}

/// A period on the axis.
#[must_use]
pub(super) fn shown(at: NaiveDate, by: Step) -> String {
    at.format(if by == Step::Month { "%b %Y" } else { "%-d %b" }).to_string()
}

/// The last two periods that have ended, of those in which something was charged: the latest first.
#[must_use]
pub(super) fn whole(of: &CurrencyCosts, running: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let mut ended = of.periods.iter().rev().map(|it| it.from).filter(|it| *it < running);
    Some((ended.next()?, ended.next()?))
}

/// What a group was charged in a period.
#[must_use]
pub(super) fn charged(it: &Group, at: NaiveDate) -> Option<&Figure> {
    it.periods.iter().find(|it| it.from == at).map(|it| &it.total)
}

/// By how much the last whole period differs from the one before it, in percent; `None` where one of them is not there or free.
#[must_use]
pub(super) fn trend(it: &Group, (last, before): (NaiveDate, NaiveDate)) -> Option<f64> {
    let (last, before) = (charged(it, last)?.amount.to_f64(), charged(it, before)?.amount.to_f64());
    (before > 0.0).then(|| (last - before) / before * 100.0)
}

/// The period that runs: the last of an answer, whose bill is not yet what it will be.
#[must_use]
pub(super) fn running(it: &Billing) -> NaiveDate {
    let last = match it.by {
        Step::Month => it.until.checked_sub_months(Months::new(1)),
        Step::Day => it.until.pred_opt(),
    };
    last.unwrap_or(it.until)
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Two months and two services, the second month with a forecast.
    pub(in super::super) fn billing() -> Billing {
        let text = r#"{"group_by":"service","by":"month","from":"2026-09-01","until":"2026-12-01","readings":[],
            "cost_tag":{"key":"k","asked_at":null,"state":"unused","next":""},
            "asking":{"month":"2026-11-01","spent":"0.1","cap":"10"},"currencies":[{"currency":"USD","total":F150,
            "periods":[{"from":"2026-09-01","total":F100},{"from":"2026-11-01","total":F50}],
            "groups":[{"kind":"value","label":"Amazon WorkSpaces","total":F120,"periods":[{"from":"2026-09-01","total":F80},{"from":"2026-11-01","total":F40}]},
            {"kind":"untagged","label":"","total":F30,"periods":[{"from":"2026-09-01","total":F20},{"from":"2026-11-01","total":F10}]}],
            "forecast":{"month":"2026-11-01","to_date":"50","known_until":"2026-11-20","expected":"75","low":"70","high":"80","currency":"USD","days":19,"how":"H."},
            "reconciliation":[]}]}"#;
        let mut text = text.to_owned();
        for amount in ["150", "120", "100", "80", "50", "40", "30", "20", "10"] {
            let status = if amount == "50" { "estimated" } else { "final" };
            let figure = format!(
                r#"{{"amount":"{amount}","currency":"USD","source":"service","status":"{status}","as_of":"2026-11-21T04:00:00Z"}}"#
            );
            text = text
                .replace(&format!("F{amount},"), &format!("{figure},"))
                .replace(&format!("F{amount}}}"), &format!("{figure}}}"));
        }
        serde_json::from_str(&text).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::billing, *};

    #[test]
    fn months_without_a_charge_are_there_and_the_forecast_is_apart() {
        let it = billing();
        let shown = chart(&it, &it.currencies[0]);
        assert_eq!(shown.data.series, ["Amazon WorkSpaces", "Without the tag", "Forecast to the end"]);
        assert_eq!(
            shown.data.rows.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(),
            ["Sep 2026", "Oct 2026", "Nov 2026"]
        );
        assert_eq!(shown.data.rows[1].values, [0.0, 0.0, 0.0]);
        assert_eq!(shown.data.rows[2].values, [40.0, 10.0, 25.0]);
        assert_eq!((shown.forecast, shown.estimated), (Some(2), vec![false, false, true]));
        assert_eq!(
            shown.table.rows[2],
            ["2026-11-01", "40.00", "10.00", "25.00", "50.00", "Cost Explorer · estimated"]
        );
    }

    #[test]
    fn what_lacks_a_part_is_not_estimated_unless_it_runs() {
        assert!(is_estimated(CostStatus::Estimated, false) && is_estimated(CostStatus::Partial, true));
        assert!(!is_estimated(CostStatus::Partial, false) && !is_estimated(CostStatus::Final, true));
    }

    #[test]
    fn groups_beyond_the_palette_are_one() {
        let mut it = billing();
        let group = it.currencies[0].groups[0].clone();
        it.currencies[0].groups = (0..9).map(|n| Group { label: n.to_string(), ..group.clone() }).collect();
        let shown = chart(&it, &it.currencies[0]);
        assert_eq!(shown.data.series.len(), SERIES + 1);
        assert_eq!(shown.data.series[6], "3 others");
        assert_eq!(shown.data.rows[0].values[6], 240.0);
    }

    #[test]
    fn a_trend_needs_two_whole_periods() {
        let it = billing();
        let group = &it.currencies[0].groups[0];
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(whole(&it.currencies[0], running(&it)), None);
        let ended = whole(&it.currencies[0], day("2026-12-01")).unwrap();
        assert_eq!(ended, (day("2026-11-01"), day("2026-09-01")));
        assert_eq!(trend(group, ended), Some(-50.0));
        assert_eq!(trend(group, (day("2026-11-01"), day("2026-10-01"))), None);
    }
}
