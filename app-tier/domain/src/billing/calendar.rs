//! Which months are asked for, and from when on never again.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};

use crate::usage::Month;

/// Cost Explorer keeps the running month and so many before it.
pub const MONTHS_KEPT: u32 = 13;

/// A bill is closed in the first days of the next month; corrections come within some more. A month that is over for so
/// long, and that AWS no longer calls an estimate, is not asked for again.
pub const CLOSES_AFTER: Days = Days::new(10);

/// Cost Explorer tells costs by resource for so many days before today.
pub const RESOURCE_DAYS: Days = Days::new(14);

/// AWS knows a day whole after a day or two: so many before today are read again.
pub const RESOURCE_OVERLAP: Days = Days::new(2);

/// The months to ask for, the latest first: all that AWS keeps, without those that are closed.
#[must_use]
pub fn months_to_read(now: DateTime<Utc>, closed: &BTreeSet<NaiveDate>) -> Vec<Month> {
    let this_month = Month::of(now).first_day();
    (0..=MONTHS_KEPT)
        .filter_map(|back| this_month.checked_sub_months(Months::new(back)))
        .filter(|it| !closed.contains(it))
        .map(|it| Month::of(it.and_time(chrono::NaiveTime::MIN).and_utc()))
        .collect()
}

/// Whether the bill of a month may be taken for closed by now, by the calendar.
#[must_use]
pub fn may_close(month: Month, now: DateTime<Utc>) -> bool {
    let closes = month.next().first_day().checked_add_days(CLOSES_AFTER).unwrap_or(NaiveDate::MAX);
    now.date_naive() >= closes
}

/// The days to read by resource, `[from, until)`: those that were never read, and the latest ones again. `None` can only
/// come of a clock at the end of the calendar.
#[must_use]
pub fn resource_days(now: DateTime<Utc>, read: &BTreeSet<NaiveDate>) -> Option<(NaiveDate, NaiveDate)> {
    let today = now.date_naive();
    let oldest = today.checked_sub_days(RESOURCE_DAYS)?;
    let again = today.checked_sub_days(RESOURCE_OVERLAP)?;
    let from = oldest.iter_days().take_while(|it| *it < again).find(|it| !read.contains(it)).unwrap_or(again);
    Some((from, today.succ_opt()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        date(text).and_hms_opt(9, 0, 0).unwrap().and_utc()
    }

    #[test]
    fn the_latest_month_comes_first_and_a_closed_one_not_at_all() {
        let all = months_to_read(at("2026-03-31"), &BTreeSet::new());
        assert_eq!(
            (all.len(), all[0].first_day(), all[13].first_day()),
            (14, date("2026-03-01"), date("2025-02-01"))
        );
        let closed = all[1..].iter().map(|it| it.first_day()).collect();
        assert_eq!(months_to_read(at("2026-03-31"), &closed), all[..1]);
    }

    #[test]
    fn a_month_closes_ten_days_after_its_end() {
        let february = Month::of(at("2026-02-14"));
        assert!(!may_close(february, at("2026-02-28")) && !may_close(february, at("2026-03-10")));
        assert!(may_close(february, at("2026-03-11")));
    }

    #[test]
    fn days_by_resource_are_read_once_and_the_latest_again() {
        let today = at("2026-03-20");
        let days = |from: &str, until: &str| Some((date(from), date(until)));
        assert_eq!(resource_days(today, &BTreeSet::new()), days("2026-03-06", "2026-03-21"));
        let read: BTreeSet<_> = date("2026-03-01").iter_days().take(19).collect();
        assert_eq!(resource_days(today, &read), days("2026-03-18", "2026-03-21"));
        let gap = read.iter().copied().filter(|it| *it != date("2026-03-10")).collect();
        assert_eq!(resource_days(today, &gap), days("2026-03-10", "2026-03-21"));
    }
}
