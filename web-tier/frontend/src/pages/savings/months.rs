//! The months of the ledger as a chart and its table. Pure.

use contract::{
    money::{Currency, Money},
    savings::{Savings, SavingsMonth},
};

use crate::{
    charts::{Data, Row, table::Table},
    format,
};

/// What the chart shows of one currency, oldest first.
#[derive(Debug, PartialEq)]
pub(super) struct Months {
    pub(super) data: Data,
    pub(super) estimated: Vec<bool>,
    pub(super) table: Table,
    /// The last month in words.
    pub(super) summary: String,
}

pub(super) fn months(it: &Savings, currency: &Currency) -> Months {
    let mut months: Vec<&SavingsMonth> = it.months.iter().filter(|it| it.currency == *currency).collect();
    months.sort_by_key(|it| it.month);
    let data = Data {
        dimension: "Month".to_owned(),
        series: vec!["Said to save".to_owned(), "Saved".to_owned()],
        rows: months
            .iter()
            .map(|it| Row {
                label: label(it),
                values: vec![value(it.predicted_of_realised), value(it.realised)],
            })
            .collect(),
        unit: currency.to_string(),
        money: true,
    };
    let heads = [
        "Month",
        "Said to save, all",
        "Said to save, of those told",
        "Saved",
        "Changes",
        "Not told",
        "Estimated",
    ];
    let amount = |it: Option<Money>| format::cents(value(it));
    let row = |it: &&SavingsMonth| {
        vec![
            it.month.format("%Y-%m").to_string(),
            amount(it.predicted),
            amount(it.predicted_of_realised),
            amount(it.realised),
            format::grouped(it.changes),
            format::grouped(it.untold),
            if it.estimated { "yes" } else { "no" }.to_owned(),
        ]
    };
    Months {
        estimated: months.iter().map(|it| it.estimated).collect(),
        table: Table {
            heads: heads.map(ToOwned::to_owned).into(),
            rows: months.iter().map(row).collect(),
            figures_from: 1,
        },
        summary: data.spoken(data.rows.len().saturating_sub(1)),
        data,
    }
}

fn label(it: &SavingsMonth) -> String {
    let so_far = if it.so_far { " so far" } else { "" };
    format!("{}{so_far}", it.month.format("%b %Y"))
}

fn value(it: Option<Money>) -> f64 {
    it.map_or(f64::NAN, Money::to_f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_drawn_oldest_first_and_currencies_apart() {
        let month = |month: &str, currency: &str, realised: Option<&str>| SavingsMonth {
            month: month.parse().unwrap(),
            currency: Currency(currency.into()),
            predicted: Some(Money::from_cents(1500)),
            realised: realised.map(|it| it.parse().unwrap()),
            predicted_of_realised: realised.map(|_| Money::from_cents(1000)),
            so_far: month.starts_with("2026-11"),
            changes: 3,
            untold: 1,
            estimated: false,
        };
        let it = Savings {
            from: "2026-10-01".parse().unwrap(),
            until: "2026-11-21".parse().unwrap(),
            months: vec![
                month("2026-11-01", "USD", Some("-2.5")),
                month("2026-11-01", "EUR", None),
                month("2026-10-01", "USD", None),
            ],
            items: vec![],
            total: vec![],
            cut: false,
        };
        let shown = months(&it, &Currency::usd());
        assert_eq!(
            shown.data.rows.iter().map(|it| it.label.as_str()).collect::<Vec<_>>(),
            ["Oct 2026", "Nov 2026 so far"]
        );
        assert_eq!(shown.summary, "Nov 2026 so far: Said to save 10.00, Saved −2.50");
        assert_eq!(shown.table.rows[0], ["2026-10", "15.00", "–", "–", "3", "1", "no"]);
        assert!(shown.table.csv().contains("2026-11,15.00,10.00,-2.50,3,1,no"));
    }
}
