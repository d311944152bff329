//! What Cost Explorer tells, put together from its pages.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use contract::money::{Currency, Money};

/// One group of one period of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLine {
    /// The period's first day.
    pub from: NaiveDate,
    /// What it is grouped by, in the order that was asked for.
    pub keys: Vec<String>,
    pub amount: Money,
    pub currency: Currency,
    /// AWS may still change it.
    pub estimated: bool,
}

/// What distinguishes groups: AWS tells each once.
type Key = (NaiveDate, Vec<String>, Currency);

/// The lines of an answer. A line that came twice is there once, whatever the order of pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    lines: BTreeMap<Key, (Money, bool)>,
}

impl Costs {
    /// Takes what a page tells. Of two amounts for the same (the bill went on between two pages) the greater one holds,
    /// and is an estimate.
    pub fn add(&mut self, lines: impl IntoIterator<Item = CostLine>) {
        for it in lines {
            let told = (it.amount, it.estimated);
            self.lines
                .entry((it.from, it.keys, it.currency))
                .and_modify(|known| {
                    let differs = known.0 != told.0;
                    *known = (known.0.max(told.0), known.1 || told.1 || differs);
                })
                .or_insert(told);
        }
    }

    /// In the order of time and keys.
    pub fn lines(&self) -> impl Iterator<Item = CostLine> + '_ {
        self.lines.iter().map(|((from, keys, currency), (amount, estimated))| CostLine {
            from: *from,
            keys: keys.clone(),
            amount: *amount,
            currency: currency.clone(),
            estimated: *estimated,
        })
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether AWS may still change any of it.
    #[must_use]
    pub fn estimated(&self) -> bool {
        self.lines.values().any(|it| it.1)
    }

    /// The sum in each currency.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<Currency, Money> {
        let mut totals = BTreeMap::<Currency, Money>::new();
        for ((_, _, currency), (amount, _)) in &self.lines {
            let total = totals.entry(currency.clone()).or_default();
            *total = total.saturating_add(*amount);
        }
        totals
    }

    /// How much of what is grouped by a tag carries a value, 0 to 1: what desktops were charged before they had the tag, or
    /// before it was activated, does not.
    #[must_use]
    pub fn carried(&self, key: &str) -> f64 {
        let (mut carried, mut all) = (0.0, 0.0);
        for ((_, keys, _), (amount, _)) in &self.lines {
            let amount = amount.to_f64().abs();
            all += amount;
            if keys.first().is_some_and(|it| !value_of_tag_group(it, key).is_empty()) {
                carried += amount;
            }
        }
        if all > 0.0 { carried / all } else { 0.0 }
    }

    /// Whether this adds up to what AWS says of the same time without groups, within a cent: its amounts are rounded. If
    /// not, a page is missing.
    #[must_use]
    pub fn adds_up_to(&self, ungrouped: &Costs) -> bool {
        self.comes_to(&ungrouped.totals())
    }

    /// The same with sums that were made elsewhere.
    #[must_use]
    pub fn comes_to(&self, whole: &BTreeMap<Currency, Money>) -> bool {
        add_up(&self.totals(), whole)
    }

    /// Adds what each day comes to, whatever it is grouped by.
    pub fn add_to(&self, days: &mut Days) {
        for ((day, _, currency), (amount, _)) in &self.lines {
            let sum = days.entry(*day).or_default().entry(currency.clone()).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }
}

/// What days come to, in each currency.
pub type Days = BTreeMap<NaiveDate, BTreeMap<Currency, Money>>;

/// Days that are not told whole by resource: they do not add up to what the service is charged, within a cent.
#[must_use]
pub fn days_that_lack(by_resource: &Days, by_service: &Days) -> BTreeSet<NaiveDate> {
    let nothing = BTreeMap::new();
    let told = |day| by_resource.get(day).unwrap_or(&nothing);
    by_service.iter().filter(|(day, whole)| !add_up(told(day), whole)).map(|it| *it.0).collect()
}

/// Whether two sums are the same in each currency, within a cent: AWS's amounts are rounded.
fn add_up(told: &BTreeMap<Currency, Money>, whole: &BTreeMap<Currency, Money>) -> bool {
    let of = |totals: &BTreeMap<Currency, Money>, currency| totals.get(currency).copied().unwrap_or_default();
    told.keys()
        .chain(whole.keys())
        .all(|it| of(told, it).saturating_sub(of(whole, it)).nanos().abs() <= Money::from_cents(1).nanos())
}

/// The desktop that a resource of the service is: by its ARN or its bare id. Directories, pools and `NoResourceId` are
/// none.
///
/// ```
/// # use domain::billing::desktop_of_resource;
/// let arn = "arn:aws:workspaces:eu-west-1:111111111111:workspace/ws-0abc";
/// assert_eq!(desktop_of_resource(arn), Some("ws-0abc"));
/// assert_eq!(desktop_of_resource("NoResourceId"), None);
/// ```
#[must_use]
pub fn desktop_of_resource(resource: &str) -> Option<&str> {
    let id = resource.rsplit(['/', ':']).next()?;
    let is_id = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric());
    id.strip_prefix("ws-").filter(|it| is_id(it)).map(|_| id)
}

/// The value in `key$value`, as Cost Explorer writes groups by tag; empty for what does not carry the tag.
///
/// ```
/// # use domain::billing::value_of_tag_group;
/// assert_eq!(value_of_tag_group("Team$A$B", "Team"), "A$B");
/// assert_eq!(value_of_tag_group("Team$", "Team"), "");
/// ```
#[must_use]
pub fn value_of_tag_group<'a>(group: &'a str, key: &str) -> &'a str {
    group.strip_prefix(key).and_then(|it| it.strip_prefix('$')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(day: u32, resource: &str, cents: i64) -> CostLine {
        CostLine {
            from: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            keys: vec![resource.to_owned()],
            amount: Money::from_cents(cents),
            currency: Currency::usd(),
            estimated: false,
        }
    }

    fn days(pages: &[&[CostLine]]) -> Days {
        let mut days = Days::new();
        for page in pages {
            let mut costs = Costs::default();
            costs.add(page.iter().cloned());
            costs.add_to(&mut days);
        }
        days
    }

    #[test]
    fn a_day_that_lost_a_page_is_noticed_and_one_that_came_doubled_is_not() {
        let service = days(&[&[line(1, "", 900), line(2, "", 500), line(3, "", 0)]]);
        let first = [line(1, "ws-1", 600), line(1, "ws-2", 300), line(2, "ws-1", 200)];
        let second = [line(2, "ws-2", 250), line(2, "NoResourceId", 50)];
        assert!(days_that_lack(&days(&[&first, &second]), &service).is_empty());
        let twice: Vec<CostLine> = first.iter().chain(&first).cloned().collect();
        assert!(days_that_lack(&days(&[&twice, &second]), &service).is_empty());
        let lacking: Vec<_> = days_that_lack(&days(&[&first]), &service).into_iter().collect();
        assert_eq!(lacking, [line(2, "", 0).from]);
        assert_eq!(days_that_lack(&Days::new(), &service).len(), 2, "nothing is told of a day without costs");
        assert!(days_that_lack(&days(&[&first]), &Days::new()).is_empty(), "nothing to compare with");
    }
}
