//! The question as the model reads it: without any value.
//!
//! Where a value is called what the catalog calls something, as the field "running mode" of a change is, the words stay
//! beside the placeholder.

use super::slots::{Found, Slot};

/// More characters of a question than this are not read.
const LONGEST: usize = 600;
/// What stands where something was hidden that no slot is for.
const HIDDEN: &str = "…";

/// The question with each slot as `(v1: region)`, and those beyond hidden. What else could be a value is hidden: texts between
/// quotes, and words with a digit or an `@`.
pub(super) fn masked(question: &str, found: &Found) -> String {
    let named = found.slots.iter().zip(1..).skip(found.of_previous).map(|(it, n)| (it, Some(n)));
    let hidden = found.beyond.iter().map(|it| (it, None));
    let mut slots: Vec<(&Slot, Option<usize>)> = named.chain(hidden).collect();
    slots.sort_by_key(|(it, _)| (it.start, it.end));
    let chars: Vec<char> = question.chars().take(LONGEST).collect();
    let mut text = String::new();
    let mut quoted = false;
    let mut at = 0;
    let mut n = 0;
    while let Some((slot, name)) = slots.get(n).copied() {
        let start = slot.start.clamp(at, chars.len().max(at));
        plain(chars.get(at..start).unwrap_or_default(), &mut quoted, &mut text);
        // Places that overlap stand one after another: each entity has one of them.
        let (mut end, mut said) = (slot.end, start);
        let mut next = Some((slot, name));
        while let Some((slot, name)) = next {
            n += 1;
            if slot.shown {
                plain(chars.get(said.max(slot.start)..slot.end).unwrap_or_default(), &mut quoted, &mut text);
                said = said.max(slot.end);
            }
            text.push_str(&match name {
                None => format!(" {HIDDEN} "),
                Some(n) => format!(" (v{n}: {}) ", slot.label),
            });
            end = end.max(slot.end);
            next = slots.get(n).copied().filter(|(it, _)| it.start < end);
        }
        at = end;
    }
    plain(chars.get(at..).unwrap_or_default(), &mut quoted, &mut text);
    tidy(&text)
}

/// Text between slots.
fn plain(chars: &[char], quoted: &mut bool, text: &mut String) {
    let mut word = String::new();
    for c in chars.iter().copied().chain([' ']) {
        let quote = matches!(c, '"' | '“' | '”' | '„' | '«' | '»' | '`');
        if !quote && !c.is_whitespace() && !c.is_control() {
            word.push(c);
            continue;
        }
        let is_value = *quoted || word.chars().any(|c| c.is_numeric() || c == '@');
        match word.is_empty() {
            false if is_value => text.push_str(HIDDEN),
            _ => text.push_str(&word),
        }
        word.clear();
        if quote {
            *quoted = !*quoted;
        }
        text.push(' ');
    }
}

/// Single blanks, none before a comma or the end, and no `…` twice in a row.
fn tidy(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        if word != HIDDEN || words.last() != Some(&HIDDEN) {
            words.push(word);
        }
    }
    let mut tidy = String::new();
    for word in words {
        if !tidy.is_empty() && !word.starts_with([',', '.', '?', '!', ';', ':']) {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}
