//! What a mark means because of those beside it.

use contract::query::Grain;

use super::{
    Keyword, Mark, Meaning,
    lexicon::{is_called_in_short, is_of_people},
};
use crate::catalog::TAG_PREFIX;

/// So many marks may tell what happened on a day.
const MOST_BETWEEN: usize = 7;

/// What may stand between a word for tagging and the tag.
const JOINTS: &[&str] = &["with", "as", "with a", "with an", "with the", "a", "an", "the", "for"];

/// "machines tagged Environment production": that word is no deed, and "not tagged with a project" no lack of every tag,
/// where a tag follows.
pub(super) fn tags(marks: &mut [Mark]) {
    let of_tag = |name: &str| name.contains(TAG_PREFIX);
    let does = |it: &Mark| {
        it.meaning == Meaning::Keyword(Keyword::Who)
            || it.meaning.dimensions().iter().any(|it| is_of_people(it))
    };
    for n in 0..marks.len() {
        let (before, rest) = marks.split_at_mut(n);
        let Some((first, rest)) = rest.split_first_mut() else { return };
        let joins = |it: &&Mark| JOINTS.contains(&it.text.as_str());
        let joint = rest.iter().take_while(joins).count();
        let Some(named) = rest.get(joint) else { continue };
        let dimensions = named.meaning.dimensions();
        let field = matches!(&named.meaning, Meaning::Field(name) if of_tag(name));
        let meaning = match (first.text.as_str(), &first.meaning) {
            // "who tagged apollo desktops" asks for the deed.
            ("tagged", Meaning::Value(_))
                if (field || dimensions.iter().any(|it| of_tag(it))) && !before.last().is_some_and(does) =>
            {
                Keyword::Tagged
            }
            ("not tagged" | "untagged", Meaning::Condition { .. } | Meaning::Value(_))
                if field && !before.last().is_some_and(does) =>
            {
                Keyword::Without
            }
            ("not tagged", Meaning::Condition { .. })
                if !dimensions.is_empty() && dimensions.iter().all(|it| of_tag(it)) =>
            {
                Keyword::Not
            }
            _ => continue,
        };
        first.meaning = Meaning::Keyword(meaning);
        for it in rest.iter_mut().take(joint) {
            it.meaning = Meaning::Noise;
        }
    }
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
pub(super) fn since(marks: &mut [Mark]) {
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

/// "in May and June", "yesterday and today" are one stretch, unless the two are compared.
pub(super) fn side_by_side(marks: Vec<Mark>) -> Vec<Mark> {
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
            [.., first, and] if and.meaning == Meaning::Keyword(Keyword::And) => {
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
