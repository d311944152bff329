//! Months as AWS bills them: by UTC, renewed at 00:00 on the first. Daylight saving changes nothing.

use chrono::{Datelike, Days, NaiveDate};

/// The first day after the month of `date`.
pub(super) fn month_end(date: NaiveDate) -> NaiveDate {
    let (year, month) = (date.year(), date.month());
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    // Only the calendar's last month has no next one; it ends nothing then.
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(NaiveDate::MAX)
}

/// Days from `from` to before `until`.
pub(super) fn days_between(from: NaiveDate, until: NaiveDate) -> u32 {
    u32::try_from((until - from).num_days()).unwrap_or(0)
}

/// 28 to 31.
pub(super) fn days_in_month(date: NaiveDate) -> u32 {
    date.day() + days_between(date, month_end(date)) - 1
}

/// Days of the month that are left, `date` itself among them.
pub(super) fn days_left(date: NaiveDate) -> u32 {
    days_between(date, month_end(date))
}

/// The days from `from` to before `until`.
pub(super) fn days(from: NaiveDate, until: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..u64::from(days_between(from, until))).filter_map(move |it| from.checked_add_days(Days::new(it)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_days() {
        for (date, in_month, left) in [
            ("2026-02-01", 28, 28),
            ("2028-02-29", 29, 1),
            ("2100-02-28", 28, 1),
            ("2026-12-31", 31, 1),
            ("2026-11-21", 30, 10),
        ] {
            let date = date.parse().unwrap();
            assert_eq!((days_in_month(date), days_left(date)), (in_month, left), "{date}");
        }
        assert_eq!(month_end("2026-12-05".parse().unwrap()).to_string(), "2027-01-01");
        assert_eq!(days("2026-02-27".parse().unwrap(), "2026-03-02".parse().unwrap()).count(), 3);
    }
}
