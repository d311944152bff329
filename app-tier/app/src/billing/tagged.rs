//! Desktops by the values of a tag.
//!
//! A tag may have thousands of values over two years, of which an answer names a score: which those are is found out first,
//! so that the others are summed up as they come and never become groups of their own.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use contract::billing::GroupKind;
use store::billing::{PartSum, TagSum};

use super::assemble::{GROUPS, Line, Sheet};

/// The values; those without the tag; and the difference to the service, so that groups add up to the total.
pub(super) fn add(sheet: &mut Sheet, tagged: &[TagSum], totals: &[PartSum], parts: &[PartSum]) {
    for it in parts {
        sheet.add(Line::of_part(it, GroupKind::Untagged));
    }
    let named = dearest(tagged);
    for it in tagged {
        let mut rest = None;
        for (value, nanos) in it.values() {
            if !it.others && named.contains(&(it.currency.as_str(), value)) {
                sheet.add(Line::of_tag(it, GroupKind::Value, value, nanos));
            } else {
                rest = Some(rest.unwrap_or(0_i64).saturating_add(nanos));
            }
        }
        if let Some(nanos) = rest {
            sheet.add(Line::of_tag(it, GroupKind::Others, GroupKind::Others.label(), nanos));
        }
        // What has the tag is no part of what lacks it.
        let all = it.nanos.iter().fold(0_i64, |sum, it| sum.saturating_add(*it));
        sheet.take(GroupKind::Untagged, &Line::of_tag(it, GroupKind::Untagged, "", all));
    }
    sheet.add_differences(totals, parts);
}

/// The values, each with its currency, that are among the dearest of all periods together: one more than are listed, by
/// which the sheet sees that there are others.
fn dearest(tagged: &[TagSum]) -> HashSet<(&str, &str)> {
    let mut sums: HashMap<(&str, &str), i64> = HashMap::new();
    for it in tagged.iter().filter(|it| !it.others) {
        for (value, nanos) in it.values() {
            let sum = sums.entry((&it.currency, value)).or_default();
            *sum = sum.saturating_add(nanos);
        }
    }
    let mut by_currency: HashMap<&str, Vec<(Reverse<i64>, &str)>> = HashMap::new();
    for ((currency, value), nanos) in sums {
        by_currency.entry(currency).or_default().push((Reverse(nanos), value));
    }
    let mut kept = HashSet::new();
    for (currency, mut values) in by_currency {
        values.sort_unstable();
        kept.extend(values.into_iter().take(GROUPS + 1).map(|(_, value)| (currency, value)));
    }
    kept
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use contract::money::Money;

    use super::*;

    fn sum(month: u32, others: bool, values: &[(&str, i64)]) -> TagSum {
        TagSum {
            month: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
            others,
            currency: "USD".to_owned(),
            source: "model".to_owned(),
            status: "final".to_owned(),
            as_of: DateTime::UNIX_EPOCH,
            named: values.iter().map(|it| it.0.to_owned()).collect(),
            nanos: values.iter().map(|it| it.1 * 1_000_000_000).collect(),
        }
    }

    fn part(month: u32, units: i64) -> PartSum {
        PartSum {
            account: 1,
            name: "Production".to_owned(),
            month: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
            currency: "USD".to_owned(),
            source: "model".to_owned(),
            status: "final".to_owned(),
            nanos: units * 1_000_000_000,
            desktops: 1,
            as_of: DateTime::UNIX_EPOCH,
        }
    }

    fn groups(tagged: &[TagSum], parts: &[PartSum]) -> Vec<(String, String, usize)> {
        let mut sheet = Sheet::default();
        add(&mut sheet, tagged, &[], parts);
        let costs = sheet.currencies().remove(0);
        let told = |it: contract::billing::Group| (it.label, it.total.amount.to_string(), it.periods.len());
        let total = Money::checked_sum(costs.groups.iter().map(|it| it.total.amount)).unwrap();
        assert_eq!(total, costs.total.amount);
        costs.groups.into_iter().map(told).collect()
    }

    #[test]
    fn few_values_are_all_there_and_the_rest_lacks_the_tag() {
        let tagged = [sum(1, false, &[("a", 5), ("b", 2)]), sum(2, false, &[("a", 1)])];
        let is = |label: &str, amount: &str, months| (label.to_owned(), amount.to_owned(), months);
        assert_eq!(
            groups(&tagged, &[part(1, 10), part(2, 1)]),
            [is("a", "6.00", 2), is("Without the tag", "3.00", 2), is("b", "2.00", 1)]
        );
    }

    #[test]
    fn of_many_the_dearest_are_named_over_all_months_and_the_others_are_one() {
        let names: Vec<String> = (0..100).map(|it| format!("v{it:02}")).collect();
        // Dear in the first month is what is cheap in the second; in all the first ones are the dearest.
        let first: Vec<(&str, i64)> = names.iter().map(String::as_str).zip((1..=100).rev()).collect();
        let second: Vec<(&str, i64)> =
            names.iter().map(String::as_str).zip((1..=100).map(|it| it / 2)).collect();
        let tagged = [sum(1, false, &first), sum(2, false, &second), sum(2, true, &[("", 7)])];
        let all: i64 = first.iter().chain(&second).map(|it| it.1).sum::<i64>() + 7;
        let told = groups(&tagged, &[part(1, 5050), part(2, all - 5050)]);
        assert_eq!(told.len(), GROUPS, "{told:?}");
        let named: Vec<&str> = told.iter().map(|it| it.0.as_str()).filter(|it| it.starts_with('v')).collect();
        assert_eq!(named, names.iter().take(GROUPS - 1).map(String::as_str).collect::<Vec<_>>());
        let others: i64 =
            first.iter().chain(&second).filter(|it| !named.contains(&it.0)).map(|it| it.1).sum();
        assert_eq!(told[GROUPS - 1], ("Others".to_owned(), format!("{}.00", others + 7), 2));
    }
}
