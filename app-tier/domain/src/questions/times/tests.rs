//! Times in words, and what they are read as.

use super::*;
use crate::questions::words::words;

/// `since..before`, and how many words were left.
fn read(text: &str) -> String {
    let words = words(text);
    // A Saturday.
    let Some((it, n)) = stretch(&words, "2026-11-21".parse().unwrap()) else { return "none".into() };
    let end = |it: Option<Value>| it.map(|it| it.to_string()).unwrap_or_default();
    let left = words.len() - n;
    let left = if left == 0 { String::new() } else { format!(" +{left}") };
    format!("{}..{}{left}", end(it.since), end(it.before))
}

#[test]
fn what_is_relative_to_now_stays_so() {
    for (text, expected) in [
        ("today", "today.."),
        ("yesterday", "yesterday..today"),
        ("the day before yesterday", "2 days ago..yesterday"),
        ("in the last 30 days", "30 days ago.."),
        ("past two weeks by", "14 days ago.. +1"),
        ("past fortnight", "14 days ago.."),
        ("in the past month", "30 days ago.."),
        ("more than 10 days ago", "..10 days ago"),
        ("over 6 hours ago", "..6 hours ago"),
        ("less than two weeks ago", "14 days ago.."),
        ("until the end of last month", "..the start of this month"),
        ("last week", "the start of last week..the start of this week"),
        ("this month so far", "the start of this month.."),
        ("so far this year", "the start of this year.."),
        ("MTD", "the start of this month.."),
        ("quarter to date", "the start of this quarter.."),
        ("last 3 full months", "the start of the month 3 months ago..the start of this month"),
        ("in the last 24h", "24 hours ago.."),
        ("2 months ago", "the start of the month 2 months ago..the start of last month"),
        ("since last week", "the start of last week.."),
        ("since the start of the year", "the start of this year.."),
        ("3 days ago", "3 days ago..2 days ago"),
        ("a couple of weeks", "none"),
        ("the month before last", "the start of the month 2 months ago..the start of last month"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_has_a_place_in_the_calendar_is_a_date() {
    for (text, expected) in [
        ("since 3 march", "2026-03-03.."),
        ("before December 1st", "..2025-12-01"),
        ("in october", "2026-10-01..2026-11-01"),
        ("last november", "2025-11-01..2025-12-01"),
        ("on 2026-02-28", "2026-02-28..2026-03-01"),
        ("on 3/11", "2026-11-03..2026-11-04"),
        ("since monday", "2026-11-16.."),
        ("between 3 and 7 November", "2026-11-03..2026-11-08"),
        ("from March to June inclusive", "2026-03-01..2026-07-01"),
        ("from november to january", "2025-11-01..2026-02-01"),
        ("Mar-Jun", "2026-03-01..2026-07-01"),
        ("3-7 November", "2026-11-03..2026-11-08"),
        ("in Q3", "2026-07-01..2026-10-01"),
        ("Q2 2026", "2026-04-01..2026-07-01"),
        ("H1", "2026-01-01..2026-07-01"),
        ("since March 2025", "2025-03-01.."),
        ("after october", "2026-11-01.."),
        ("after the end of September", "2026-10-01.."),
        ("until end of june", "..2026-07-01"),
        ("since 1st april till end of june", "2026-04-01..2026-07-01"),
        ("in 2025", "2025-01-01..2026-01-01"),
        ("last weekend", "2026-11-14..2026-11-16"),
        ("sideways", "none"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_came_before_has_the_same_length() {
    let before = |text: &str| {
        let (it, _) = stretch(&words(text), "2026-11-21".parse().unwrap()).unwrap();
        let it = it.one_before().unwrap();
        format!("{}..{}", it.since.unwrap(), it.before.unwrap())
    };
    assert_eq!(before("this month"), "the start of last month..the start of this month");
    assert_eq!(before("last week"), "the start of the week 2 weeks ago..the start of last week");
    assert_eq!(before("yesterday"), "2 days ago..yesterday");
    assert_eq!(before("last 30 days"), "60 days ago..30 days ago");
    assert_eq!(before("last 24 hours"), "48 hours ago..24 hours ago");
    assert_eq!(before("october"), "2026-09-01..2026-10-01");
    assert_eq!(before("Q3"), "2026-04-01..2026-07-01");
}
