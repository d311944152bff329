//! What Cost Explorer tells, put together from its pages.

use std::collections::BTreeMap;

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
        let (told, whole) = (self.totals(), ungrouped.totals());
        let of =
            |totals: &BTreeMap<Currency, Money>, currency| totals.get(currency).copied().unwrap_or_default();
        told.keys().chain(whole.keys()).all(|it| {
            of(&told, it).saturating_sub(of(&whole, it)).nanos().abs() <= Money::from_cents(1).nanos()
        })
    }
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
