//! A question as words, and the form in which names are compared.
//!
//! Invariant: every word's place lies inside the question, and words come in the order of their places.

mod numerals;

use std::borrow::Cow;

use super::link::canonical;

/// A word with its place in the question, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower case.
    pub text: String,
    pub start: usize,
    pub end: usize,
    /// It stood between quotes: a text, whatever it says.
    pub quoted: bool,
}

/// A question, and the words that it is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// Those that were typed, or what the house means by them.
    pub words: Vec<Word>,
}

impl From<&str> for Question {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), words: words(text) }
    }
}

impl From<&Question> for Question {
    fn from(it: &Question) -> Self {
        it.clone()
    }
}

/// What parts two statements: a full stop, a dash between blanks, a parenthesis.
pub const BREAK: &str = ";";

/// Cuts at blanks and punctuation; names such as `eu-west-1`, `jane.smith` or `ws-0a1` stay whole. A comma is a word of
/// its own, and so are [`BREAK`]s between statements, `=`, `<`, and the `'s` of a possessive.
#[must_use]
pub fn words(question: &str) -> Vec<Word> {
    let chars: Vec<char> = question.chars().collect();
    let at = |n: usize| chars.get(n).copied().unwrap_or(' ');
    let mut words: Vec<Word> = Vec::new();
    let mut quoted = false;
    let mut single: Option<usize> = None;
    let mut n = 0;
    while n < chars.len() {
        let c = at(n);
        let start = n;
        if single.is_some_and(|end| end < n) {
            (quoted, single) = (false, None);
        }
        if let Some(end) = single_quotes(&chars, n).filter(|_| !quoted) {
            (quoted, single) = (true, Some(end));
        }
        if c == '→' || (c == '-' && at(n + 1) == '>') {
            n += if c == '→' { 1 } else { 2 };
            push(&mut words, "to", start, n, quoted);
            continue;
        }
        if is_part(c) || (c == '#' && at(n + 1).is_ascii_digit()) {
            n += 1;
            let arrow = |n: usize| at(n) == '-' && at(n + 1) == '>';
            while (is_part(at(n)) && !arrow(n)) || (at(n) == ',' && thousands(&chars, start, n)) {
                n += 1;
            }
            let text: String = chars.get(start..n).unwrap_or_default().iter().collect();
            cut(&text, start, quoted, &mut words);
            continue;
        }
        n += 1;
        let symbol = match c {
            '"' | '“' | '”' | '„' | '«' | '»' | '`' => {
                quoted = !quoted;
                continue;
            }
            '<' | '>' | '=' | '!' | '≥' | '≤' if c != '!' || at(n) == '=' => {
                if at(n) == '=' {
                    n += 1;
                }
                match (c, n - start) {
                    ('≥', _) | ('>', 2) => ">=",
                    ('≤', _) | ('<', 2) => "<=",
                    ('!', _) => "!=",
                    ('>', _) => ">",
                    ('<', _) => "<",
                    _ => "=",
                }
            }
            '#' => "number",
            '&' => "and",
            '+' => "plus",
            ',' => ",",
            ';' | ':' | '?' | '!' | '(' | ')' | '[' | ']' | '—' | '|' | '\n' => BREAK,
            _ => continue,
        };
        push(&mut words, symbol, start, n, false);
    }
    while words.last().is_some_and(|it| it.text == BREAK || it.text == ",") {
        words.pop();
    }
    join_names(&mut words);
    mend_than(&mut words);
    numerals::digits(words)
}

/// "more then one".
fn mend_than(words: &mut [Word]) {
    const MORE: &[&str] =
        &["more", "less", "fewer", "greater", "larger", "bigger", "smaller", "higher", "lower", "older"];
    for n in 1..words.len() {
        let (before, rest) = words.split_at_mut(n);
        if let (Some(more), Some(then)) = (before.last(), rest.first_mut())
            && then.text == "then"
            && MORE.contains(&more.text.as_str())
        {
            "than".clone_into(&mut then.text);
        }
    }
}

/// AWS's "EC2 - Other" is one name, of which the dash parts nothing.
fn join_names(words: &mut Vec<Word>) {
    let dash = words.windows(3).position(|it| {
        matches!(it, [ec2, dash, other] if ec2.text == "ec2" && dash.text == BREAK && other.text == "other")
    });
    if let Some(before) = dash {
        words.remove(before + 1);
    }
}

/// Where the text between single quotes that begin here ends. An apostrophe stands inside a word, after it ("users'"), or
/// for what was left out ahead of it ("'25", "'em").
fn single_quotes(chars: &[char], start: usize) -> Option<usize> {
    const MOST_WORDS: usize = 4;
    let is = |n: usize, what: fn(char) -> bool| chars.get(n).copied().is_some_and(what);
    let quote = |c| matches!(c, '\'' | '‘' | '’');
    let before = start.checked_sub(1).and_then(|it| chars.get(it));
    let opens = is(start, quote)
        && is(start + 1, char::is_alphanumeric)
        && before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ',' | ':' | '='));
    if !opens {
        return None;
    }
    let closes = |n: &usize| is(*n, quote) && !is(n + 1, is_part);
    let end = (start + 2..chars.len()).find(closes)?;
    let inside: String = chars.get(start + 1..end)?.iter().collect();
    let mut words = inside.split_whitespace();
    let first = words.next()?;
    let left_out = matches!(first, "s" | "em" | "til" | "tis" | "cause" | "n")
        || first.len() == 2 && first.chars().all(|c| c.is_ascii_digit());
    (!left_out && words.count() < MOST_WORDS).then_some(end)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '–' | '_' | '.' | '@' | '\'' | '’' | '%' | '/' | '$' | '€' | '+')
}

/// The comma of "1,000".
fn thousands(chars: &[char], start: usize, comma: usize) -> bool {
    let digit = |n: usize| chars.get(n).is_some_and(char::is_ascii_digit);
    let before = chars.get(start..comma).unwrap_or_default();
    before.iter().all(|it| it.is_ascii_digit() || matches!(it, '$' | '€' | ','))
        && digit(comma + 1)
        && digit(comma + 2)
        && digit(comma + 3)
        && !digit(comma + 4)
}

fn push(words: &mut Vec<Word>, text: &str, start: usize, end: usize, quoted: bool) {
    let parts = |it: &str| it == BREAK || it == ",";
    if text == BREAK && words.last().is_none_or(|it| parts(&it.text)) {
        if let Some(comma) = words.last_mut().filter(|it| it.text == ",") {
            comma.text = BREAK.to_owned();
        }
        return;
    }
    words.push(Word { text: text.to_owned(), start, end, quoted });
}

/// Words that end with a full stop without ending a sentence.
const SHORTENED: &[&str] = &[
    "no", "nr", "n", "vs", "dept", "approx", "incl", "excl", "avg", "max", "min", "acct", "w", "st", "op",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "qty", "e.g", "i.e",
    "etc", "est",
];

/// What stands between two blanks: one word, or a word with its `'s`, or several joined by a slash.
fn cut(raw: &str, start: usize, quoted: bool, words: &mut Vec<Word>) {
    let text: String = raw
        .chars()
        .filter(|c| *c != ',')
        .map(|c| match c {
            '’' => '\'',
            '–' => '-',
            '#' => ' ',
            _ => c,
        })
        .flat_map(char::to_lowercase)
        .collect();
    // Lower case of some letters is longer, and a comma is gone: the place is that of the whole.
    let end = start + raw.chars().count();
    match text.as_str() {
        "w/" => return push(words, "with", start, end, quoted),
        "w/o" => return push(words, "without", start, end, quoted),
        _ => {}
    }
    let trimmed = text.trim_start_matches(['\'', '.', '-', '/', ' ', '+']);
    let led = text.chars().count() - trimmed.chars().count();
    let body = trimmed.trim_end_matches(['.', '\'', '-', '/']);
    let trailed = trimmed.chars().count() - body.chars().count();
    let stops = trimmed.ends_with('.') && !SHORTENED.contains(&body);
    let (from, to) = (start + led, (end - trailed.min(end - start)).max(start + led));
    if body.is_empty() {
        return push(words, BREAK, start, end, quoted);
    }
    let lettered = |it: &str| it.len() >= 2 && it.chars().all(char::is_alphabetic);
    let slashed: Vec<&str> = body.split('/').collect();
    if slashed.len() > 1 && slashed.iter().all(|it| lettered(it)) {
        let mut at = from;
        for (n, part) in slashed.into_iter().enumerate() {
            if n > 0 && !matches!(part, "or") {
                push(words, ",", at - 1, at, quoted);
            }
            let next = at + part.chars().count();
            push(words, part, at, next, quoted);
            at = next + 1;
        }
    } else if let Some(owner) = body.strip_suffix("'s") {
        let apart = to.saturating_sub(2).max(from);
        push(words, owner, from, apart.max(from + 1), quoted);
        if !CONTRACTED.contains(&owner) {
            push(words, "'s", apart, to, quoted);
        }
    } else if let Some(name) = body.strip_suffix("wise").map(|it| it.trim_end_matches('-'))
        && name.len() > 3
        && !matches!(name, "other" | "like")
    {
        push(words, "by", from, to, quoted);
        push(words, name, from, to, quoted);
    } else if let Some(rest) = body.strip_prefix("non-") {
        push(words, "not", from, from + 4, quoted);
        push(words, rest, from + 4, to, quoted);
    } else {
        push(words, body, from, to, quoted);
    }
    if stops {
        push(words, BREAK, to, end, quoted);
    }
}

/// "what's" is "what is".
const CONTRACTED: &[&str] =
    &["what", "who", "that", "it", "there", "here", "where", "how", "let", "when", "which", "he", "she"];

/// How names are compared: letters and digits only, lower case. `eu west 1` and `EU-WEST-1` are the same, and so are
/// `AlwaysOn`, `always on` and `ALWAYS_ON`.
#[must_use]
pub fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The singular of a plural, by rule; other words as they are.
#[must_use]
pub fn singular(word: &str) -> Cow<'_, str> {
    if word.len() <= 3 || word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return Cow::Borrowed(word);
    }
    if let Some(start) = word.strip_suffix("ies") {
        return Cow::Owned(format!("{start}y"));
    }
    let sibilant = ["sses", "xes", "ches", "shes"].iter().any(|it| word.ends_with(it));
    Cow::Borrowed(word.strip_suffix(if sibilant { "es" } else { "s" }).unwrap_or(word))
}

/// As [`squash`], without number: `compute types` and `compute type` are the same.
#[must_use]
pub fn stem(text: &str) -> String {
    let mut stem = String::new();
    for word in text.split([' ', '-', '_']) {
        stem.push_str(&singular(&squash(word)));
    }
    stem
}

/// The longest name that is looked for, in words.
pub const MAX_NAME_WORDS: usize = 6;

/// Every run of up to [`MAX_NAME_WORDS`] words, squashed, with short forms written out, and without
/// number, for the database to look up; no duplicates.
#[must_use]
pub fn names(words: &[Word]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for start in 0..words.len() {
        let (mut name, mut written_out, mut single) = (String::new(), String::new(), String::new());
        for word in words.iter().skip(start).take(MAX_NAME_WORDS) {
            if word.text == "," || word.text == BREAK {
                break;
            }
            name.push_str(&squash(&word.text));
            written_out.push_str(&squash(canonical(&word.text)));
            single.push_str(&stem(canonical(&word.text)));
            for name in [&name, &written_out, &single] {
                if name.len() >= 2 && !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
    }
    names
}

/// A shorter part says too little. One of two letters says enough only beside what it is a value of.
const SHORTEST_PART: usize = 2;

/// What a value may be called in short, squashed: some of its words that follow each other, but not all. `contractors` for
/// `contractors.halden.example`, `contactcentre` for `Halden Contact Centre`, `priya` for `priya.nair`.
#[must_use]
pub fn parts(value: &str) -> Vec<String> {
    let words: Vec<&str> = value.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let mut parts: Vec<String> = Vec::new();
    for n in 1..words.len().min(MAX_NAME_WORDS) {
        for run in words.windows(n) {
            let part = squash(&run.concat());
            let lettered = part.chars().any(char::is_alphabetic);
            if lettered && part.chars().count() >= SHORTEST_PART && !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(question: &str) -> Vec<String> {
        words(question).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn names_stay_whole_and_sentences_end() {
        assert_eq!(
            texts("Stopped desktops of Jane.Smith in eu-west-1?"),
            ["stopped", "desktops", "of", "jane.smith", "in", "eu-west-1"]
        );
        assert_eq!(
            texts("over 1,000 desktops, or 'new' ones."),
            ["over", "1000", "desktops", ",", "or", "new", "ones"]
        );
        assert_eq!(words("how many?")[1], Word { text: "many".into(), start: 4, end: 8, quoted: false });
    }

    #[test]
    fn single_quotes_are_told_from_apostrophes() {
        let quoted = |question: &str| -> Vec<String> {
            words(question).into_iter().filter(|it| it.quoted).map(|it| it.text).collect()
        };
        assert_eq!(quoted("errors with 'no capacity' in them"), ["no", "capacity"]);
        assert_eq!(quoted("jobs containing ‘throttl’"), ["throttl"]);
        for plain in [
            "the users' desktops and the admins' desktops",
            "since Jan '25, what are the users' costs",
            "show 'em all, users' desktops",
            "priya's and marco's desktops",
            "\"Halden\"'s desktops and the users'",
        ] {
            assert!(words(plain).iter().all(|it| !it.quoted || it.text == "halden"), "{plain}");
        }
    }

    #[test]
    fn possessives_symbols_and_shorthand_are_told_apart() {
        assert_eq!(texts("what's jane.smith's cost"), ["what", "jane.smith", "'s", "cost"]);
        assert_eq!(texts("cost>=50 w/o tags"), ["cost", ">=", "50", "without", "tags"]);
        assert_eq!(texts("by account/region"), ["by", "account", ",", "region"]);
        assert_eq!(texts("Hi! Dept. Finance - how many"), ["hi", ";", "dept", "finance", ";", "how", "many"]);
        assert_eq!(texts("region-wise cost"), ["by", "region", "cost"]);
        assert!(words("title \"Q3 pack\"")[1].quoted);
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        assert_eq!(squash("EU West 1"), squash("eu-west-1"));
        assert_eq!(squash("Always On"), squash("ALWAYS_ON"));
        assert_eq!(stem("directories"), stem("directory"));
        assert_eq!(stem("compute types"), stem("compute type"));
    }

    proptest! {
        #[test]
        fn places_lie_inside_the_question(question in ".{0,80}") {
            let length = question.chars().count();
            for word in words(&question) {
                prop_assert!(word.start <= word.end && word.end <= length, "{word:?} in {question:?}");
            }
        }
    }
}
