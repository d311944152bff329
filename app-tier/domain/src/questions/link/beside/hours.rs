//! Hours of use: those that are billed, unless it is said that somebody was connected.
//!
//! Invariant: what tells how a desktop is now narrows no hours of a time that has passed.

use super::{Keyword, Mark, Meaning};
use crate::{catalog::Entity, questions::link::Unit};

const CONNECTED: &str = "connected_minutes";
const BILLABLE: &str = "billable_hours";

/// "how many hours was Jana connected", "hours online by user": minutes of connection.
pub(super) fn connected(marks: &mut [Mark], entity: &Entity) {
    let figure = entity.words.measures.iter().find(|it| it.of == Some(CONNECTED));
    let Some(figure) = figure else { return };
    for n in 0..marks.len() {
        if !speaks_of_connection(marks, n) {
            continue;
        }
        let bare = |it: &Mark| is_billable(it) && matches!(it.text.as_str(), "hours" | "h");
        let beside = |at: Option<usize>| at.filter(|it| marks.get(*it).is_some_and(bare));
        let before = (0..n).rev().find(|it| marks.get(*it).is_some_and(|it| it.meaning != Meaning::Noise));
        let after =
            (n + 1..marks.len()).find(|it| marks.get(*it).is_some_and(|it| it.meaning != Meaning::Noise));
        // "how many hours was Jana connected"
        let asked = (1..n).find(|it| {
            let many = marks.get(it - 1).is_some_and(|it| it.meaning == Meaning::Keyword(Keyword::HowMany));
            many && marks.get(*it).is_some_and(bare)
        });
        let Some(at) = beside(before).or(beside(after)).or(asked) else { continue };
        if let Some(it) = marks.get_mut(at) {
            it.meaning = Meaning::Figure(figure);
        }
        if let Some(it) = marks.get_mut(n).filter(|it| matches!(it.meaning, Meaning::Value(_))) {
            it.meaning = Meaning::Noise;
        }
    }
    for n in 0..marks.len() {
        let near = marks.get(n + 1..).unwrap_or_default().iter().take(4).any(is_billable);
        // "who logged the most hours"
        if let Some(it) =
            marks.get_mut(n).filter(|it| near && matches!(it.text.as_str(), "logged" | "clocked"))
        {
            it.meaning = Meaning::Noise;
        }
        let Some([kind, hours]) = marks.get_mut(n..n + 2) else { return };
        if matches!(kind.text.as_str(), "idle" | "unused" | "business" | "office" | "wasted")
            && is_billable(hours)
        {
            hours.meaning = Meaning::Unknown;
        }
    }
}

fn is_billable(mark: &Mark) -> bool {
    matches!(mark.meaning, Meaning::Figure(it) if it.of == Some(BILLABLE))
}

/// "connected over 40 hours", "ran more than 200 hours".
pub(super) fn bounded(marks: &mut [Mark], entity: &Entity) {
    const RAN: &[&str] = &["ran", "run", "running", "up", "logged", "clocked", "were running"];
    if entity.dimension(CONNECTED).is_none() {
        return;
    }
    for n in 0..marks.len() {
        let says = |it: &Mark| matches!(it.meaning, Meaning::Noise | Meaning::Keyword(Keyword::Compare(_)));
        let rest = marks.get(n + 1..).unwrap_or_default();
        let count = rest.iter().take_while(|it| says(it)).count();
        let signed = rest.iter().take(count).any(|it| it.meaning != Meaning::Noise);
        let Some(Meaning::Number(hours, Some(Unit::Hours))) = rest.get(count).map(|it| &it.meaning) else {
            continue;
        };
        let minutes = hours * 60.0;
        // "at least 100 hours connected"
        let connection = speaks_of_connection(marks, n) || speaks_of_connection(marks, n + 2 + count);
        let Some(mark) = marks.get_mut(n).filter(|_| signed) else { continue };
        let now = matches!(&mark.meaning, Meaning::Value(_))
            && mark.meaning.dimensions().iter().all(|it| it.ends_with("state") || it.ends_with("connection"));
        if connection {
            if now {
                mark.meaning = Meaning::Noise;
            }
            if let Some(it) = marks.get_mut(n + 1 + count) {
                it.meaning = Meaning::Number(minutes, Some(Unit::Minutes));
            }
        } else if RAN.contains(&mark.text.as_str()) && (now || mark.meaning == Meaning::Unknown) {
            mark.meaning = Meaning::Noise;
        } else if now {
            mark.meaning = Meaning::Unknown;
        }
    }
}

/// "connected", "online", and not "connected desktops" or "that are online", which say how they are now.
fn speaks_of_connection(marks: &[Mark], n: usize) -> bool {
    const SAID: &[&str] = &["connected", "online", "logged in", "logged on", "signed in"];
    let Some(mark) = marks.get(n) else { return false };
    let said = SAID.iter().any(|it| mark.text.ends_with(it));
    let of = matches!(&mark.meaning, Meaning::TimeOf(_))
        || mark.meaning.dimensions().iter().any(|it| it.ends_with("connection"));
    let rows = marks.get(n + 1).is_some_and(|it| matches!(it.meaning, Meaning::Field(_) | Meaning::Entity));
    let that = marks.get(n.saturating_sub(2)..n).unwrap_or_default();
    let now = that.iter().any(|it| it.meaning == Meaning::Keyword(Keyword::It))
        && that.iter().any(|it| it.text == "are");
    said && of && !rows && !now
}
