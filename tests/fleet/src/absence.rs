//! When somebody is not there although he would work: leave, long leave, illness.

use std::collections::BTreeSet;
use std::ops::Range;

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use crate::{calendar::is_working_day, chance::Chance};

/// The days on which somebody is away.
pub(crate) fn days(span: &Range<NaiveDate>, chance: &mut Chance) -> BTreeSet<NaiveDate> {
    let mut away = BTreeSet::new();
    for year in span.start.year()..=span.end.year() {
        leave(year, &mut away, chance);
    }
    illness(span, &mut away, chance);
    away
}

/// About six weeks a year: a long one in summer, Christmas, some odd weeks and days; rarely months, as for a child.
fn leave(year: i32, away: &mut BTreeSet<NaiveDate>, chance: &mut Chance) {
    if chance.happens(0.85) {
        off(year, chance.whole(152, 240), chance.whole(10, 21), away);
    }
    if chance.happens(0.6) {
        off(year, chance.whole(354, 358), chance.whole(8, 14), away);
    }
    for _ in 0..chance.whole(2, 5) {
        off(year, chance.whole(10, 345), chance.whole(1, 9), away);
    }
    if chance.happens(0.06) {
        off(year, chance.whole(20, 280), chance.whole(42, 110), away);
    }
}

fn off(year: i32, day_of_year: i64, length: i64, away: &mut BTreeSet<NaiveDate>) {
    let first = NaiveDate::from_yo_opt(year, 1);
    let days = (day_of_year - 1..day_of_year - 1 + length)
        .filter_map(|it| first?.checked_add_signed(TimeDelta::days(it)));
    away.extend(days);
}

/// Each working day may be the first of one to six days in bed.
fn illness(span: &Range<NaiveDate>, away: &mut BTreeSet<NaiveDate>, chance: &mut Chance) {
    for first in span.start.iter_days().take_while(|it| *it < span.end) {
        if is_working_day(first) && chance.happens(0.012) {
            let days = usize::try_from(chance.whole(1, 6)).unwrap_or(1);
            away.extend(first.iter_days().take(days));
        }
    }
}
