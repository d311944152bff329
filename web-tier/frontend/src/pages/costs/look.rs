//! What the page of costs shows, as it stands in the address. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};
use contract::billing::Step;

/// Spans to choose from: months, and days.
pub(super) const MONTHS: [u32; 4] = [3, 6, 13, 24];
pub(super) const DAYS: [u32; 3] = [14, 35, 91];
const USUAL_MONTHS: u32 = 13;
const USUAL_DAYS: u32 = 35;
pub(super) const TAG: &str = "tag:";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    /// `service`, `account`, `region` or `tag:NAME`.
    pub(crate) group_by: String,
    pub(crate) by: Step,
    /// Of `by`, today's among them.
    pub(crate) count: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self::from_pairs(&[])
    }
}

impl Look {
    pub(super) fn from_pairs(pairs: &[(String, String)]) -> Self {
        let value = |name: &str| pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        let group_by = match value("group_by") {
            Some(it @ ("account" | "region")) => it,
            Some(it) if it.len() > TAG.len() && it.starts_with(TAG) => it,
            _ => "service",
        };
        // What desktops with a tag cost is known by month alone.
        let by =
            value("by").and_then(Step::parse).filter(|_| !group_by.starts_with(TAG)).unwrap_or(Step::Month);
        let (spans, usual): (&[u32], u32) =
            if by == Step::Month { (&MONTHS, USUAL_MONTHS) } else { (&DAYS, USUAL_DAYS) };
        let count = value("count").and_then(|it| it.parse().ok()).filter(|it| spans.contains(it));
        Self { group_by: group_by.to_owned(), by, count: count.unwrap_or(usual) }
    }

    pub(super) fn to_pairs(&self) -> Vec<(String, String)> {
        let usual = if self.by == Step::Month { USUAL_MONTHS } else { USUAL_DAYS };
        let pairs = [
            ("group_by", self.group_by.clone(), self.group_by != "service"),
            ("by", self.by.name().to_owned(), self.by != Step::Month),
            ("count", self.count.to_string(), self.count != usual),
        ];
        pairs
            .into_iter()
            .filter(|(_, _, tell)| *tell)
            .map(|(name, value, _)| (name.to_owned(), value))
            .collect()
    }

    /// The same by another step, over its usual span.
    pub(super) fn by(&self, by: Step) -> Self {
        let count = if by == Step::Month { USUAL_MONTHS } else { USUAL_DAYS };
        Self { by, count, ..self.clone() }
    }

    /// By another group; what is known by month alone is shown so.
    pub(super) fn grouped(&self, group_by: String) -> Self {
        let it = Self { group_by, ..self.clone() };
        if it.group_by.starts_with(TAG) && it.by == Step::Day { it.by(Step::Month) } else { it }
    }

    /// From the first day to before the other: whole months, or days with today.
    pub(crate) fn range(&self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let first = today.with_day(1).unwrap_or(today);
        let back = self.count.saturating_sub(1);
        let range = match self.by {
            Step::Month => {
                first.checked_sub_months(Months::new(back)).zip(first.checked_add_months(Months::new(1)))
            }
            Step::Day => today.checked_sub_days(Days::new(back.into())).zip(today.succ_opt()),
        };
        range.unwrap_or((first, today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::url;

    fn read(text: &str) -> Look {
        Look::from_pairs(&url::pairs(text))
    }

    #[test]
    fn an_address_survives_and_nonsense_is_the_usual() {
        for address in ["", "group_by=region&by=day&count=14", "group_by=tag%3ATeam&count=3"] {
            assert_eq!(url::query(&read(address).to_pairs()), address);
        }
        for address in ["group_by=weather", "count=99999", "by=hour", "group_by=tag:"] {
            assert_eq!(read(address), read(""), "{address}");
        }
    }

    #[test]
    fn tags_are_by_month_alone() {
        assert_eq!(read("group_by=tag:Team&by=day").by, Step::Month);
        let days = read("group_by=region&by=day");
        assert_eq!(
            (days.grouped("tag:Team".into()).by, days.grouped("account".into()).by),
            (Step::Month, Step::Day)
        );
    }

    #[test]
    fn ranges_are_whole_months_or_days_with_today() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(read("count=3").range(day("2026-01-31")), (day("2025-11-01"), day("2026-02-01")));
        assert_eq!(read("by=day&count=14").range(day("2026-03-05")), (day("2026-02-20"), day("2026-03-06")));
    }
}
