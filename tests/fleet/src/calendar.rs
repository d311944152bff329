//! Public holidays, working days and month ends: one calendar for all, as a company with few offices has it.

use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};

/// How many working days before and after the turn of a month belong to closing the books.
const BOOKS: usize = 3;

/// Monday to Friday, and no public holiday.
pub(crate) fn is_working_day(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !is_holiday(date)
}

/// New Year, Good Friday, Easter Monday, Labour Day, Ascension, Whit Monday, and the two days of Christmas.
pub(crate) fn is_holiday(date: NaiveDate) -> bool {
    if matches!((date.month(), date.day()), (1 | 5, 1) | (12, 25 | 26)) {
        return true;
    }
    let after_easter = easter(date.year()).map(|it| (date - it).num_days());
    matches!(after_easter, Some(-2 | 1 | 39 | 50))
}

/// One of the last or the first three working days of a month.
pub(crate) fn is_turn_of_month(date: NaiveDate) -> bool {
    if !is_working_day(date) {
        return false;
    }
    let others = |step: i64| {
        let days = (1..31).map_while(move |n| date.checked_add_signed(TimeDelta::days(step * n)));
        days.take_while(|it| it.month() == date.month()).filter(|it| is_working_day(*it)).count()
    };
    others(1) < BOOKS || others(-1) < BOOKS
}

/// Sunday of Easter by the anonymous Gregorian algorithm.
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_is_when_it_was() {
        for it in ["2023-04-09", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25"] {
            assert_eq!(easter(day(it).year()), Some(day(it)));
        }
    }

    #[test]
    fn holidays_and_weekends_are_no_working_days() {
        for it in
            ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-14", "2026-05-25", "2026-12-25", "2026-11-21"]
        {
            assert!(!is_working_day(day(it)), "{it}");
        }
        assert!(is_working_day(day("2026-11-23")));
    }

    #[test]
    fn books_are_closed_around_the_turn_of_a_month() {
        let turns = |month: u32| {
            let days = (1..=31).filter_map(|it| NaiveDate::from_ymd_opt(2026, month, it));
            days.filter(|it| is_turn_of_month(*it)).map(|it| it.day()).collect::<Vec<_>>()
        };
        assert_eq!(turns(11), [2, 3, 4, 26, 27, 30]);
        assert_eq!(turns(5), [4, 5, 6, 27, 28, 29]);
    }
}
