//! Stretches that are open at one end and say where the other is by how long ago it was, or by the end of something; and
//! "the year", which has not ended.

use chrono::NaiveDate;
use contract::query::CalendarPeriod;

use super::{Stretch, duration, place, rolling, text};
use crate::questions::words::{BREAK, Word};

/// "more than 10 days ago", "over a month ago", "less than 6 hours ago".
pub(super) fn long_ago(words: &[Word]) -> Option<(Stretch, usize)> {
    let (earlier, skipped) = match (text(words, 0), text(words, 1)) {
        ("more" | "longer", "than") | ("at", "least") => (true, 2),
        ("over", _) => (true, 1),
        ("less" | "fewer", "than") => (false, 2),
        _ => return None,
    };
    let (it, taken) = duration(words.get(skipped..)?)?;
    if text(words, skipped + taken) != "ago" {
        return None;
    }
    let Stretch { since, .. } = rolling(it, false)?;
    let (since, before) = if earlier { (None, since) } else { (since, None) };
    Some((Stretch { since, before, unit: it.unit, rolling: None }, skipped + taken + 1))
}

/// "older than 10 days", "more than 10 days old": how old what began then is.
#[must_use]
pub fn age(words: &[Word]) -> Option<(Stretch, usize)> {
    let (skipped, old) = match (text(words, 0), text(words, 1)) {
        ("older", "than") => (2, 0),
        ("more", "than") => (2, 1),
        ("over", _) => (1, 1),
        _ => return None,
    };
    let (it, taken) = duration(words.get(skipped..)?)?;
    let taken = skipped + taken;
    if old == 1 && text(words, taken) != "old" {
        return None;
    }
    let before = rolling(it, false)?.since;
    Some((Stretch { since: None, before, unit: it.unit, rolling: None }, taken + old))
}

/// "until the end of June", "after the end of September", "since the end of last month".
pub(super) fn beside_an_end(words: &[Word], today: NaiveDate) -> Option<(Stretch, usize)> {
    let from = matches!(text(words, 0), "after" | "since" | "from");
    let to = matches!(text(words, 0), "before" | "until" | "till" | "by");
    let the = usize::from(text(words, 1) == "the");
    if !(from || to) || text(words, 1 + the) != "end" || text(words, 2 + the) != "of" {
        return None;
    }
    let (it, taken) = place(words.get(3 + the..)?, today)?;
    let end = Some(it.before.clone()?);
    let (since, before) = if from { (end, None) } else { (None, end) };
    Some((Stretch { since, before, ..it }, taken + 3 + the))
}

/// "costliest month of the year", "for the quarter", "the year's spend": the one that it is now, where nothing says which.
pub(super) fn current(words: &[Word]) -> Option<(Stretch, usize)> {
    let at = match (text(words, 0), text(words, 1), text(words, 2)) {
        ("in" | "over" | "for" | "of" | "during", "the", "whole" | "entire" | "full" | "complete") => 3,
        ("in" | "over" | "for" | "of" | "during", "the", _) => 2,
        ("the", _, "'s") => 1,
        _ => return None,
    };
    let period = match text(words, at) {
        "year" => CalendarPeriod::Year,
        "quarter" => CalendarPeriod::Quarter,
        "month" => CalendarPeriod::Month,
        _ => return None,
    };
    let ends = matches!(
        text(words, at + 1),
        "" | "," | "'s" | "by" | "per" | "and" | "with" | "without" | "top" | "please" | "for" | "split"
    );
    (ends || text(words, at + 1) == BREAK).then(|| (Stretch::whole(period, 0), at + 1))
}
