//! What a mark means because of those beside it.

use super::{Keyword, Mark, Meaning};
use crate::catalog::TAG_PREFIX;

/// "machines tagged Environment production": that word is no deed, and "not tagged with a project" no lack of every tag,
/// where a tag follows.
pub(super) fn tags(marks: &mut [Mark]) {
    let of_tag = |name: &str| name.contains(TAG_PREFIX);
    for n in 0..marks.len() {
        let Some((first, rest)) = marks.get_mut(n..).and_then(<[Mark]>::split_first_mut) else { return };
        if !matches!(first.text.as_str(), "tagged" | "not tagged" | "untagged") {
            continue;
        }
        let joins = |it: &Mark| it.text == "as" || it.text.split(' ').next() == Some("with");
        let joint = rest.iter().take_while(|it| it.meaning == Meaning::Noise || joins(it)).count();
        let Some(named) = rest.get(joint) else { continue };
        let meaning = match (&first.meaning, &named.meaning) {
            (Meaning::Value(_), Meaning::Field(name)) if of_tag(name) => Keyword::Tagged,
            (Meaning::Value(_), it) if it.dimensions().iter().any(|it| of_tag(it)) => Keyword::Tagged,
            (Meaning::Condition { .. }, Meaning::Field(name)) if of_tag(name) => Keyword::Without,
            (Meaning::Condition { .. }, it) if it.dimensions().iter().any(|it| of_tag(it)) => Keyword::Not,
            _ => continue,
        };
        first.meaning = Meaning::Keyword(meaning);
        for it in rest.iter_mut().take(joint) {
            it.meaning = Meaning::Noise;
        }
    }
}

/// The dimensions of the value that what comes next is joined to.
pub(super) fn joined_to(marks: &[Mark]) -> Vec<&str> {
    match marks {
        [.., value, joint] if matches!(joint.meaning, Meaning::Keyword(Keyword::And | Keyword::Or)) => {
            match &value.meaning {
                Meaning::Value(_) => value.meaning.dimensions(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
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
