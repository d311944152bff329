//! The outcomes of a simulation as charts. Pure.

use contract::{
    money::{Currency, Money},
    simulations::{AtLimit, Outcomes},
};

use crate::{
    charts::{Data, Row, table::Table},
    format,
};

fn data(dimension: &str, of: &Outcomes, rows: Vec<(String, Money)>) -> Data {
    Data {
        dimension: dimension.to_owned(),
        series: vec!["Cost".to_owned()],
        rows: rows.into_iter().map(|(label, cost)| Row { label, values: vec![cost.to_f64()] }).collect(),
        unit: of.currency.to_string(),
        money: true,
    }
}

/// One rule beside the other.
pub(super) fn by_rule(of: &Outcomes) -> Data {
    let mut rows = vec![
        ("As it is".to_owned(), of.as_it_is),
        ("All in AlwaysOn".to_owned(), of.always_on),
        ("All in AutoStop".to_owned(), of.auto_stop),
    ];
    rows.extend(best(&of.limits).map(|it| (format!("Cost Optimizer, {} h", it.hours), it.cost)));
    rows.push(("Skydesk's advice".to_owned(), of.advice));
    rows.push(("The least possible".to_owned(), of.hindsight));
    data("Rule", of, rows)
}

/// The limit that costs least, the lowest of them.
fn best(limits: &[AtLimit]) -> Option<&AtLimit> {
    limits.iter().min_by_key(|it| (it.cost, it.hours))
}

/// Cost by the limit, with how often a mode changed in the table.
pub(super) fn by_limit(of: &Outcomes) -> (Data, Table) {
    let data = data("Limit", of, of.limits.iter().map(|it| (format!("{} h", it.hours), it.cost)).collect());
    let mut table = Table::of(&data);
    table.heads.push("Changes of mode".to_owned());
    for (row, it) in table.rows.iter_mut().zip(&of.limits) {
        row.push(format::grouped(it.switches));
    }
    (data, table)
}

/// Cost by the timeout, and what those desktops cost as they are.
pub(super) fn by_timeout(of: &Outcomes) -> (Data, String) {
    let rows = of.timeouts.choices.iter();
    let label = |minutes: u16| format::span(u32::from(minutes));
    let data = data("Timeout", of, rows.map(|it| (label(it.minutes), it.cost)).collect());
    (data, format::money(of.timeouts.as_it_is, &of.currency))
}

/// By how much one is below or above the other: `120.00 USD less, 12 %`.
pub(super) fn difference(cost: Money, than: Money, currency: &Currency) -> String {
    let saved = than.saturating_sub(cost);
    if saved.to_cents().is_zero() {
        return "no difference".to_owned();
    }
    let (amount, word) =
        if saved.is_positive() { (saved, "less") } else { (cost.saturating_sub(than), "more") };
    let share = format::percent(amount.nanos() / 1_000_000, than.nanos() / 1_000_000);
    let share = if share.is_empty() { share } else { format!(", {share}") };
    format!("{} {word}{share}", format::money(amount, currency))
}

#[cfg(test)]
mod tests {
    use contract::simulations::Timeouts;

    use super::*;

    fn outcomes() -> Outcomes {
        let usd = |it: i64| Money::from_cents(it * 100);
        let limit = |hours, cost| AtLimit { hours, cost: usd(cost), switches: 1200 };
        Outcomes {
            currency: Currency::usd(),
            desktops: 3,
            as_it_is: usd(100),
            always_on: usd(120),
            auto_stop: usd(110),
            advice: usd(88),
            hindsight: usd(85),
            limits: vec![limit(80, 95), limit(90, 92), limit(100, 92)],
            timeouts: Timeouts::default(),
        }
    }

    #[test]
    fn the_best_limit_stands_for_its_rule() {
        let data = by_rule(&outcomes());
        assert_eq!(data.rows[3].label, "Cost Optimizer, 90 h");
        assert_eq!(data.spoken(4), "Skydesk's advice: 88.00 USD");
        assert_eq!(by_limit(&outcomes()).1.rows[0], ["80 h", "95.00", "1,200"]);
    }

    #[test]
    fn differences_are_told_both_ways() {
        let usd = |it: i64| Money::from_cents(it);
        let said = |cost, than| difference(usd(cost), usd(than), &Currency::usd());
        assert_eq!(said(8_800, 10_000), "12.00 USD less, 12 %");
        assert_eq!(said(12_000, 10_000), "20.00 USD more, 20 %");
        assert_eq!(said(10_000, 10_000), "no difference");
        assert_eq!(said(100, 0), "1.00 USD more");
    }
}
