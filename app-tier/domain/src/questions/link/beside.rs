//! What a mark means because of those beside it.

mod hours;
mod names;
mod numbers;
mod parts;

use contract::query::Grain;

use super::{Keyword, Mark, Meaning, lexicon::is_called_in_short};
use crate::catalog::{Catalog, Entity};

/// So many marks may tell what happened on a day.
const MOST_BETWEEN: usize = 7;

/// Every mark by those beside it, and times that are one joined. Signs are mended before numbers get units by them, and
/// lengths become times before times are joined.
pub(super) fn settle(mut marks: Vec<Mark>, entity: &Entity, catalog: &Catalog) -> Vec<Mark> {
    names::tags(&mut marks);
    names::of_skydesk(&mut marks, entity);
    names::synced(&mut marks, entity);
    names::says_otherwise(&mut marks, entity);
    names::owners(&mut marks);
    names::parentheses(&mut marks);
    names::stuck(&mut marks);
    names::writes(&mut marks, entity);
    names::logs_in(&mut marks);
    names::rates(&mut marks);
    names::used_by(&mut marks, entity);
    names::joined(&mut marks, entity);
    names::one_before(&mut marks);
    names::versions(&mut marks, catalog);
    parts::errors(&mut marks, entity);
    parts::hosts(&mut marks, entity);
    parts::networks(&mut marks, entity);
    numbers::of_rows(&mut marks, entity);
    numbers::signs(&mut marks);
    numbers::hours(&mut marks, entity);
    hours::connected(&mut marks, entity);
    hours::bounded(&mut marks, entity);
    numbers::sides(&mut marks, entity, catalog);
    numbers::modes(&mut marks, entity);
    numbers::stale(&mut marks, entity);
    numbers::waiting(&mut marks);
    since(&mut marks);
    side_by_side(marks)
}

/// The directory or person that what comes next is joined to, by its dimensions.
pub(super) fn joined_to(marks: &[Mark]) -> Vec<&str> {
    match marks {
        [.., value, joint] if matches!(joint.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) => {
            match &value.meaning {
                Meaning::Value(_) => {
                    let all = value.meaning.dimensions().into_iter();
                    all.filter(|it| is_called_in_short(it)).collect()
                }
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// "since summer, say 1 June", "since the audit on 3 March": from that day on.
fn since(marks: &mut [Mark]) {
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some(Mark { meaning: Meaning::Time(stretch), .. }) = rest.first_mut() else { continue };
        let one_day = stretch.unit == Grain::Day && stretch.rolling.is_none() && stretch.before.is_some();
        let said = before
            .iter()
            .rev()
            .take(MOST_BETWEEN)
            .take_while(|it| {
                matches!(it.meaning, Meaning::Unknown | Meaning::Noise | Meaning::Break | Meaning::Hint)
            })
            .any(|it| it.text.split(' ').next() == Some("since"));
        if one_day && said {
            stretch.before = None;
        }
    }
}

/// "in May and June", "in May or June", "yesterday and today" are one stretch, unless the two are compared.
fn side_by_side(marks: Vec<Mark>) -> Vec<Mark> {
    let compares = |it: &Mark| {
        let Meaning::Keyword(it) = &it.meaning else { return false };
        matches!(
            it,
            Keyword::Versus
                | Keyword::Comparison
                | Keyword::Between
                | Keyword::Moved(_)
                | Keyword::Developed
                | Keyword::More(_)
                | Keyword::Separately
                | Keyword::Each
                | Keyword::OneBefore
        )
    };
    if marks.iter().any(compares) {
        return marks;
    }
    let mut joined: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks {
        let both = match joined.as_slice() {
            [.., first, and] if matches!(and.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) => {
                match (&first.meaning, &mark.meaning) {
                    (Meaning::Time(one), Meaning::Time(other)) => one.and(other),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(both) = both else {
            joined.push(mark);
            continue;
        };
        if let (Some(and), Some(first)) = (joined.pop(), joined.last_mut()) {
            first.text = format!("{} {} {}", first.text, and.text, mark.text);
            first.raw = format!("{} {} {}", first.raw, and.raw, mark.raw);
            first.end = mark.end;
            first.meaning = Meaning::Time(both);
        }
    }
    joined
}
