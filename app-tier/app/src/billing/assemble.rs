//! Sums of the database, put together as an answer: by currency, by group, by period, each figure with where it is from.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, NaiveDate, Utc};
use contract::{
    billing::{
        CostSource, CostStatus, CurrencyCosts, Figure, Forecast, Group, GroupKind, Part, Period,
        Reconciliation,
    },
    ids::AccountId,
    money::{Currency, Money},
};
use domain::billing::reconcile::reconcile;
use store::billing::{MonthSum, PartSum, ShortMonth, TagSum};

use super::period::month_of;

/// Groups that are listed; the others are one.
pub(super) const GROUPS: usize = 20;

/// What a group comes to in a period.
#[derive(Debug, Clone)]
pub(super) struct Line {
    from: NaiveDate,
    kind: GroupKind,
    label: String,
    figure: Figure,
}

impl Line {
    pub(super) fn of_service(it: MonthSum) -> Self {
        let status = if it.estimated { CostStatus::Estimated } else { CostStatus::Final };
        Self {
            from: it.from,
            kind: GroupKind::Value,
            label: it.key,
            figure: figure(it.nanos, it.currency, CostSource::Service, status, it.read_at),
        }
    }

    /// Of a value, or of several under one label.
    pub(super) fn of_tag(it: &TagSum, kind: GroupKind, label: &str, nanos: i64) -> Self {
        let figure = figure(nanos, it.currency.clone(), source(&it.source), status(&it.status), it.as_of);
        Self { from: it.month, kind, label: label.to_owned(), figure }
    }

    pub(super) fn of_part(it: &PartSum, kind: GroupKind) -> Self {
        Self { from: it.month, kind, label: kind.label().to_owned(), figure: part_figure(it) }
    }
}

fn figure(
    nanos: i64,
    currency: String,
    source: CostSource,
    status: CostStatus,
    as_of: DateTime<Utc>,
) -> Figure {
    Figure { amount: Money::from_nanos(nanos), currency: Currency(currency), source, status, as_of }
}

fn part_figure(it: &PartSum) -> Figure {
    figure(it.nanos, it.currency.clone(), source(&it.source), status(&it.status), it.as_of)
}

pub(super) fn source(name: &str) -> CostSource {
    CostSource::parse(name).unwrap_or(CostSource::Mixed)
}

pub(super) fn status(name: &str) -> CostStatus {
    CostStatus::parse(name).unwrap_or(CostStatus::Partial)
}

/// Adds a figure of the same currency: the worse of both status, and the older time.
fn merge(into: &mut Figure, other: &Figure) {
    into.amount = into.amount.saturating_add(other.amount);
    if into.source != other.source {
        into.source = CostSource::Mixed;
    }
    into.status = into.status.max(other.status);
    into.as_of = into.as_of.min(other.as_of);
}

fn merged<'a>(mut figures: impl Iterator<Item = &'a Figure>) -> Option<Figure> {
    let mut sum = figures.next()?.clone();
    figures.for_each(|it| merge(&mut sum, it));
    Some(sum)
}

type GroupKey = (GroupKind, String);

/// An answer in the making.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    groups: BTreeMap<Currency, BTreeMap<GroupKey, BTreeMap<NaiveDate, Figure>>>,
    reconciliation: BTreeMap<Currency, Vec<Reconciliation>>,
    pub(super) outlook: BTreeMap<Currency, Forecast>,
    /// Sums lack an account that was never read.
    pub(super) lacks_an_account: bool,
    /// Months of which a page went missing, of accounts.
    pub(super) short: Vec<ShortMonth>,
    /// Groups are accounts: what one lacks, the others do not.
    pub(super) by_account: bool,
}

impl Sheet {
    pub(super) fn add(&mut self, line: Line) {
        let groups = self.groups.entry(line.figure.currency.clone()).or_default();
        let periods = groups.entry((line.kind, line.label)).or_default();
        match periods.get_mut(&line.from) {
            Some(it) => merge(it, &line.figure),
            None => drop(periods.insert(line.from, line.figure)),
        }
    }

    /// Takes an amount off a group of the same period and currency.
    pub(super) fn take(&mut self, kind: GroupKind, line: &Line) {
        let groups = self.groups.entry(line.figure.currency.clone()).or_default();
        let key = (kind, kind.label().to_owned());
        if let Some(it) = groups.get_mut(&key).and_then(|it| it.get_mut(&line.from)) {
            it.amount = it.amount.saturating_sub(line.figure.amount);
        }
    }

    /// What the service comes to beyond its desktops, where AWS tells it.
    pub(super) fn add_differences(&mut self, totals: &[PartSum], parts: &[PartSum]) {
        for it in balances(totals, parts) {
            if let (Some(total), Some(difference)) = (it.total, it.difference) {
                let figure = Figure { amount: difference, ..total };
                let kind = GroupKind::Difference;
                self.add(Line { from: it.month, kind, label: kind.label().to_owned(), figure });
            }
        }
    }

    /// Desktops beside the service, for each account and month.
    pub(super) fn reconcile(&mut self, totals: &[PartSum], parts: &[PartSum]) {
        for it in balances(totals, parts) {
            let currency =
                it.total.as_ref().or(it.parts.first().map(|it| &it.figure)).map(|it| it.currency.clone());
            if let Some(currency) = currency {
                self.reconciliation.entry(currency).or_default().push(it);
            }
        }
    }

    pub(super) fn currencies(mut self) -> Vec<CurrencyCosts> {
        let named: BTreeSet<Currency> =
            self.groups.keys().chain(self.reconciliation.keys()).cloned().collect();
        let mut all: Vec<CurrencyCosts> = named.into_iter().filter_map(|it| self.currency(it)).collect();
        all.sort_by_key(|it| Reverse(it.total.amount));
        all
    }

    /// A group may lack something of a month that is short: of the account that it is, where groups are accounts.
    fn may_lack(&self, it: &ShortMonth, group: &str) -> bool {
        !self.by_account || it.account == group
    }

    /// What a group comes to in a period that lacks something is a part of it; so is, where nothing at all is known of a month,
    /// what the group comes to in all.
    fn group(
        &self,
        kind: GroupKind,
        label: String,
        mut periods: BTreeMap<NaiveDate, Figure>,
    ) -> Option<Group> {
        let short: Vec<&ShortMonth> = self.short.iter().filter(|it| self.may_lack(it, &label)).collect();
        for (from, figure) in &mut periods {
            if self.lacks_an_account || short.iter().any(|it| it.month == month_of(*from)) {
                figure.status = CostStatus::Partial;
            }
        }
        let mut it = group(kind, label, periods)?;
        if short.iter().any(|it| !it.told) {
            it.total.status = CostStatus::Partial;
        }
        Some(it)
    }

    fn currency(&mut self, currency: Currency) -> Option<CurrencyCosts> {
        let mut groups: Vec<Group> = self
            .groups
            .remove(&currency)
            .unwrap_or_default()
            .into_iter()
            .filter(|((kind, _), periods)| {
                // Nobody lacks the tag, or nothing is left over.
                *kind == GroupKind::Value || periods.values().any(|it| !it.amount.is_zero())
            })
            .filter_map(|((kind, label), periods)| self.group(kind, label, periods))
            .collect();
        groups.sort_by(|a, b| b.total.amount.cmp(&a.total.amount).then_with(|| a.label.cmp(&b.label)));
        shorten(&mut groups);
        let mut by_period: BTreeMap<NaiveDate, Vec<&Figure>> = BTreeMap::new();
        for it in groups.iter().flat_map(|it| &it.periods) {
            by_period.entry(it.from).or_default().push(&it.total);
        }
        let periods: Vec<Period> = by_period
            .into_iter()
            .filter_map(|(from, figures)| {
                let mut total = merged(figures.into_iter())?;
                if self.short.iter().any(|it| it.month == month_of(from)) {
                    total.status = CostStatus::Partial;
                }
                Some(Period { from, total })
            })
            .collect();
        let mut reconciliation = self.reconciliation.remove(&currency).unwrap_or_default();
        reconciliation.sort_by(|a, b| b.month.cmp(&a.month).then_with(|| a.account.cmp(&b.account)));
        let mut total = merged(periods.iter().map(|it| &it.total));
        if let Some(it) = total.as_mut().filter(|_| !self.short.is_empty()) {
            it.status = CostStatus::Partial;
        }
        // A currency that only desktops were reckoned in has no total of AWS's.
        let total =
            total.or_else(|| merged(reconciliation.iter().flat_map(|it| &it.parts).map(|it| &it.figure)))?;
        let forecast = self.outlook.remove(&currency);
        Some(CurrencyCosts { currency, total, periods, groups, forecast, reconciliation })
    }
}

fn group(kind: GroupKind, label: String, periods: BTreeMap<NaiveDate, Figure>) -> Option<Group> {
    let total = merged(periods.values())?;
    let periods = periods.into_iter().map(|(from, total)| Period { from, total }).collect();
    Some(Group { kind, label, total, periods })
}

/// Leaves the dearest values; the others become one group. Groups of another kind stay what they are.
fn shorten(groups: &mut Vec<Group>) {
    let values = groups.iter().filter(|it| it.kind == GroupKind::Value).count();
    if values <= GROUPS {
        return;
    }
    let mut seen = 0;
    let (kept, rest): (Vec<Group>, Vec<Group>) = groups.drain(..).partition(|it| match it.kind {
        GroupKind::Value => {
            seen += 1;
            seen < GROUPS
        }
        GroupKind::Others => false,
        GroupKind::Untagged | GroupKind::Difference => true,
    });
    let mut periods: BTreeMap<NaiveDate, Figure> = BTreeMap::new();
    for it in rest.iter().flat_map(|it| &it.periods) {
        match periods.get_mut(&it.from) {
            Some(sum) => merge(sum, &it.total),
            None => drop(periods.insert(it.from, it.total.clone())),
        }
    }
    let kind = GroupKind::Others;
    let status = rest.iter().map(|it| it.total.status).max();
    *groups = kept;
    groups.extend(group(kind, kind.label().to_owned(), periods).map(|mut it| {
        it.total.status = status.unwrap_or(it.total.status);
        it
    }));
}

/// The totals and the parts of one place.
type Both<'a> = (Vec<&'a PartSum>, Vec<&'a PartSum>);

/// Totals and parts of each account, month and currency, brought together.
fn balances(totals: &[PartSum], parts: &[PartSum]) -> Vec<Reconciliation> {
    let place = |it: &'_ PartSum| (it.account, it.month);
    let mut places: BTreeMap<(i64, NaiveDate), Both<'_>> = BTreeMap::new();
    totals.iter().for_each(|it| places.entry(place(it)).or_default().0.push(it));
    parts.iter().for_each(|it| places.entry(place(it)).or_default().1.push(it));
    let mut all = Vec::new();
    for ((account, month), (totals, parts)) in places {
        let amounts = |them: &[&PartSum]| -> Vec<(Currency, Money)> {
            them.iter().map(|it| (Currency(it.currency.clone()), Money::from_nanos(it.nanos))).collect()
        };
        let (told, known) = (amounts(&totals), amounts(&parts));
        let balances = reconcile(told.iter().map(|it| (&it.0, it.1)), known.iter().map(|it| (&it.0, it.1)));
        for (currency, balance) in balances {
            let of = |it: &&&PartSum| it.currency == currency.0;
            let name = totals.iter().chain(&parts).map(|it| it.name.clone()).next().unwrap_or_default();
            let mut parts: Vec<Part> = parts
                .iter()
                .filter(of)
                .map(|it| Part { desktops: it.desktops, figure: part_figure(it) })
                .collect();
            parts.sort_by_key(|it| (it.figure.source, it.figure.status));
            all.push(Reconciliation {
                account_id: AccountId(account),
                account: name,
                month,
                total: totals.iter().find(of).map(|it| part_figure(it)),
                parts,
                difference: balance.difference(),
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(month: u32, key: &str) -> MonthSum {
        MonthSum {
            from: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
            key: key.to_owned(),
            currency: "USD".to_owned(),
            nanos: 1_000_000_000,
            estimated: false,
            read_at: DateTime::UNIX_EPOCH,
        }
    }

    fn short(account: &str, month: u32, told: bool) -> ShortMonth {
        let month = NaiveDate::from_ymd_opt(2026, month, 1).unwrap();
        ShortMonth { account: account.to_owned(), month, told }
    }

    /// Which months, and which groups with which of their months, are told as a part.
    fn partial(short: Vec<ShortMonth>, by_account: bool) -> (Vec<String>, Vec<String>) {
        let mut sheet = Sheet { short, by_account, ..Sheet::default() };
        [sum(8, "a"), sum(9, "a"), sum(10, "a"), sum(10, "b"), sum(11, "b")]
            .into_iter()
            .for_each(|it| sheet.add(Line::of_service(it)));
        let any = !sheet.short.is_empty();
        let costs = sheet.currencies().remove(0);
        assert_eq!(costs.total.status == CostStatus::Partial, any);
        let is = |it: &&Period| it.total.status == CostStatus::Partial;
        let months = |of: &[Period]| -> Vec<String> {
            of.iter().filter(is).map(|it| it.from.format("%m").to_string()).collect()
        };
        let groups = costs.groups.iter().filter(|it| it.total.status == CostStatus::Partial);
        let groups = groups.map(|it| format!("{}:{}", it.label, months(&it.periods).join(","))).collect();
        (months(&costs.periods), groups)
    }

    fn of(months: &[&str], groups: &[&str]) -> (Vec<String>, Vec<String>) {
        let own = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect();
        (own(months), own(groups))
    }

    #[test]
    fn a_month_that_is_short_spoils_what_it_is_a_part_of() {
        assert_eq!(partial(vec![], false), of(&[], &[]));
        assert_eq!(partial(vec![short("x", 9, true)], false), of(&["09"], &["a:09"]));
        assert_eq!(partial(vec![short("x", 10, true)], false), of(&["10"], &["a:10", "b:10"]));
        // Whatever was charged in it is not known.
        assert_eq!(partial(vec![short("x", 7, false)], false), of(&[], &["a:", "b:"]));
    }

    #[test]
    fn what_an_account_lacks_the_others_do_not() {
        assert_eq!(partial(vec![short("b", 10, true)], true), of(&["10"], &["b:10"]));
        assert_eq!(partial(vec![short("b", 9, false)], true), of(&["09"], &["b:"]));
    }
}
