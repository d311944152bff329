//! What costs more or less than the month before, in words and as a table. Pure.

use contract::{
    money::{Currency, Money},
    overview::OverviewCosts,
};

use crate::{charts::table::Table, format};

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    /// The desktop that it is.
    pub(super) desktop: Option<String>,
    pub(super) account: String,
    /// `+12.00 USD`
    pub(super) change: String,
    /// `40.00 → 52.00`, and where it may still change, that.
    pub(super) span: String,
}

#[derive(Debug, PartialEq)]
pub(super) struct Movers {
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
    pub(super) table: Table,
}

/// The greatest change first; services and desktops as they come, for both are in their own order of it.
pub(super) fn movers(it: &OverviewCosts) -> Movers {
    let services = it
        .services
        .iter()
        .map(|of| (of.service.clone(), None, &of.account, &of.currency, of.before, of.after, of.estimated));
    let desktops = it.desktops.iter().map(|of| {
        let id = Some(of.workspace_id.0.clone());
        (
            format!("Desktop of {}", of.user_name),
            id,
            &of.account,
            &of.currency,
            of.before,
            of.after,
            of.estimated,
        )
    });
    let all: Vec<_> = services.chain(desktops).collect();
    let heads = ["What", "Account", "Currency", "Month before", "Month", "Change", "Estimated"];
    let cells = |(name, _, account, currency, before, after, estimated): &(
        String,
        Option<String>,
        &String,
        &Currency,
        Money,
        Money,
        bool,
    )| {
        let cents = |it: Money| format::cents(it.to_f64());
        let sure = if *estimated { "yes" } else { "no" }.to_owned();
        let (before, after, change) = (*before, *after, after.saturating_sub(*before));
        vec![
            name.clone(),
            (*account).clone(),
            currency.to_string(),
            cents(before),
            cents(after),
            cents(change),
            sure,
        ]
    };
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: all.iter().map(cells).collect(),
        figures_from: 3,
    };
    let rows = all.into_iter().map(|(name, desktop, account, currency, before, after, estimated)| {
        let change = after.saturating_sub(before);
        let plus = if change.is_positive() { "+" } else { "" };
        let still = if estimated { ", estimated" } else { "" };
        Row {
            name,
            desktop,
            account: account.clone(),
            change: format!("{plus}{}", format::money(change, currency)),
            span: format!("{} → {}{still}", format::cents(before.to_f64()), format::cents(after.to_f64())),
        }
    });
    Movers { title: format!("What moved in {}", it.month.format("%B")), rows: rows.collect(), table }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movers_say_from_where_to_where() {
        let text = r#"{"month":"2026-10-01","idle":[],"open":[],
            "services":[{"account":"production","service":"AWS KMS","currency":"USD","before":"40","after":"52.5","estimated":false}],
            "desktops":[{"workspace_id":"ws-1","user_name":"ada","account":"production","currency":"EUR","before":"1204","after":"4","estimated":true}]}"#;
        let it = movers(&serde_json::from_str(text).unwrap());
        assert_eq!(it.title, "What moved in October");
        assert_eq!((it.rows[0].change.as_str(), it.rows[0].span.as_str()), ("+12.50 USD", "40.00 → 52.50"));
        assert_eq!(it.rows[1].desktop.as_deref(), Some("ws-1"));
        assert_eq!(
            (it.rows[1].change.as_str(), it.rows[1].span.as_str()),
            ("−1,200.00 EUR", "1,204.00 → 4.00, estimated")
        );
        assert_eq!(
            it.table.rows[1],
            ["Desktop of ada", "production", "EUR", "1,204.00", "4.00", "−1,200.00", "yes"]
        );
    }
}
