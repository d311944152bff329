//! Filter text: `mode:ALWAYS_ON user:smith root>=100 berlin` becomes conditions and search words, with completion.
//!
//! Pure. Deliberately forgiving: what is not a condition on a known column is a word to search for, so nothing that
//! is typed is ever an error.

use super::{
    columns::{Column, ColumnKind, find},
    query::{Comparison, Term},
};

/// What a text says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub terms: Vec<Term>,
    /// The rest, for the search.
    pub words: String,
}

/// Reads a text.
#[must_use]
pub fn parse(text: &str, columns: &[Column]) -> Parsed {
    let mut parsed = Parsed::default();
    let mut words: Vec<String> = Vec::new();
    for token in tokens(text) {
        match condition(&token, columns) {
            Some(mut terms) => parsed.terms.append(&mut terms),
            None => words.push(token.replace('"', "")),
        }
    }
    parsed.words = words.join(" ");
    parsed
}

/// Splits at blanks outside of quotes.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if c.is_whitespace() && !quoted {
            tokens.push(String::new());
        } else if let Some(last) = tokens.last_mut() {
            last.push(c);
        }
    }
    tokens.retain(|it| !it.is_empty());
    tokens
}

/// A column's name in the API: `tag:Team` and `tags.Team` both mean `tags.Team`.
fn column_name(name: &str, columns: &[Column]) -> Option<(String, ColumnKind)> {
    for prefix in ["tags.", "tag."] {
        if let Some(tag) = name.strip_prefix(prefix).filter(|it| !it.is_empty()) {
            return Some((format!("tags.{}", tag.replace('"', "")), ColumnKind::Text));
        }
    }
    find(columns, name).map(|it| (it.name.to_owned(), it.kind))
}

fn condition(token: &str, columns: &[Column]) -> Option<Vec<Term>> {
    let at = token.find([':', '>', '<', '='])?;
    let (name, rest) = token.split_at(at);
    let (comparison, value) = if let Some(value) = rest.strip_prefix(">=").or(rest.strip_prefix(":>=")) {
        (Comparison::AtLeast, value)
    } else if let Some(value) = rest.strip_prefix("<=").or(rest.strip_prefix(":<=")) {
        (Comparison::AtMost, value)
    } else {
        (Comparison::Is, rest.strip_prefix([':', '='])?)
    };
    let (column, kind) = column_name(name, columns)?;
    if value.is_empty() || (comparison != Comparison::Is && !kind.is_ordered()) {
        return None;
    }
    let term = |value: &str| Term { column: column.clone(), comparison, value: spelled(value, kind) };
    if comparison == Comparison::Is && value == "\"\"" {
        return Some(vec![Term::is(column, "")]);
    }
    if comparison == Comparison::Is && !value.starts_with('"') {
        let values: Vec<&str> = value.split(',').filter(|it| !it.is_empty()).collect();
        return (!values.is_empty()).then(|| values.into_iter().map(term).collect());
    }
    Some(vec![term(value)])
}

/// A value as the API spells it: `alwaysOn` → `ALWAYS_ON`, `yes` → `true`, `smith` → `*smith*` for names.
fn spelled(value: &str, kind: ColumnKind) -> String {
    let is_quoted = value.starts_with('"');
    let value = value.replace('"', "");
    let bare = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    match kind {
        ColumnKind::Choice(known) => {
            known.iter().find(|it| bare(it) == bare(&value)).map_or(value, |it| (*it).to_owned())
        }
        ColumnKind::Bool => match value.to_lowercase().as_str() {
            "yes" | "true" | "on" => "true".to_owned(),
            "no" | "false" | "off" => "false".to_owned(),
            _ => value,
        },
        // The server's spelling of "a part of it"; quotes ask for the whole.
        ColumnKind::Name if !is_quoted && !value.trim_matches('*').is_empty() => {
            format!("*{}*", value.trim_matches('*'))
        }
        _ => value,
    }
}

/// An offer of the completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The whole text after taking it.
    pub text: String,
    /// What is shown.
    pub label: String,
    /// What it is, beside it.
    pub detail: String,
    /// It ends a condition, which becomes a chip at once.
    pub complete: bool,
}

/// At most this many are offered.
const OFFERS: usize = 8;

/// Offers for the word at the end: columns, and behind a colon their values. `more` adds values that the server knows.
#[must_use]
pub fn complete(text: &str, columns: &[Column], more: impl Fn(&str) -> Vec<String>) -> Vec<Suggestion> {
    let (before, word) = match text.rfind(char::is_whitespace) {
        Some(at) => {
            text.split_at(at + text.get(at..).and_then(|it| it.chars().next()).map_or(1, char::len_utf8))
        }
        None => ("", text),
    };
    let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
    if let Some((name, typed)) = word.split_once(':') {
        let Some(column) = find(columns, name) else { return Vec::new() };
        let (earlier, typed) = typed.rsplit_once(',').map_or(("", typed), |(e, t)| (e, t));
        let mut values: Vec<String> = match column.kind {
            ColumnKind::Choice(known) => known.iter().map(|it| (*it).to_owned()).collect(),
            ColumnKind::Bool => vec!["yes".to_owned(), "no".to_owned()],
            _ => Vec::new(),
        };
        for value in more(column.name) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.retain(|it| has(it, typed) || has(&it.replace('_', ""), typed));
        let comma = if earlier.is_empty() { "" } else { "," };
        return values
            .into_iter()
            .take(OFFERS)
            .map(|value| {
                let quoted = if column.kind == ColumnKind::Name || value.contains(char::is_whitespace) {
                    format!("\"{value}\"")
                } else {
                    value.clone()
                };
                Suggestion {
                    text: format!("{before}{name}:{earlier}{comma}{quoted} "),
                    label: value,
                    detail: column.label.to_owned(),
                    complete: true,
                }
            })
            .collect();
    }
    // What a name begins with comes before what it merely holds.
    let rank = |column: &Column| {
        let names = || std::iter::once(column.name).chain(column.aliases.iter().copied());
        if names().any(|it| it.to_lowercase().starts_with(&word.to_lowercase())) {
            Some(0)
        } else if names().any(|it| has(it, word)) || has(column.label, word) {
            Some(1)
        } else {
            None
        }
    };
    let mut found: Vec<(i32, &Column)> =
        columns.iter().filter_map(|it| rank(it).map(|rank| (rank, it))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found
        .into_iter()
        .take(OFFERS)
        .map(|(_, column)| {
            let name = column.aliases.first().unwrap_or(&column.name);
            let mark = if column.kind.is_ordered() { ">=" } else { ":" };
            Suggestion {
                text: format!("{before}{name}{mark}"),
                label: format!("{name}{mark}"),
                detail: column.label.to_owned(),
                complete: false,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column {
            name: "running_mode",
            label: "Running mode",
            aliases: &["mode"],
            kind: ColumnKind::Choice(&["AUTO_STOP", "ALWAYS_ON"]),
            sortable: true,
        },
        Column {
            name: "user_name",
            label: "User",
            aliases: &["user"],
            kind: ColumnKind::Name,
            sortable: true,
        },
        Column {
            name: "root_volume_gib",
            label: "Root volume",
            aliases: &["root"],
            kind: ColumnKind::Number,
            sortable: true,
        },
        Column {
            name: "root_encrypted",
            label: "Encrypted",
            aliases: &[],
            kind: ColumnKind::Bool,
            sortable: true,
        },
    ];

    fn shown(text: &str) -> (Vec<String>, String) {
        let parsed = parse(text, COLUMNS);
        (parsed.terms.iter().map(|it| format!("{}={}", it.parameter(), it.value)).collect(), parsed.words)
    }

    #[test]
    fn conditions_and_words_are_told_apart() {
        let (terms, words) =
            shown("mode:alwaysOn user:smith berlin root>=100 root<=500 root_encrypted:yes desk");
        assert_eq!(
            terms,
            [
                "running_mode=ALWAYS_ON",
                "user_name=*smith*",
                "min_root_volume_gib=100",
                "max_root_volume_gib=500",
                "root_encrypted=true"
            ]
        );
        assert_eq!(words, "berlin desk");
    }

    #[test]
    fn quotes_hold_blanks_together_and_commas_are_alternatives() {
        assert_eq!(
            shown(r#"user:"ada.smith" user:*ken mode:"""#).0,
            ["user_name=ada.smith", "user_name=*ken*", "running_mode="]
        );
        assert_eq!(
            shown(r#"tag.Team:"big data, two" mode:AUTO_STOP,ALWAYS_ON"#).0,
            ["tags.Team=big data, two", "running_mode=AUTO_STOP", "running_mode=ALWAYS_ON"]
        );
    }

    #[test]
    fn nothing_that_is_typed_is_an_error() {
        for text in ["mode:", "nothing:here", "a>=b", "user>=3", ":", "\"open", "12:30", "mode:,"] {
            let parsed = parse(text, COLUMNS);
            assert_eq!(parsed.terms, [], "{text}");
            assert_eq!(parsed.words, text.replace('"', ""), "{text}");
        }
    }

    #[test]
    fn columns_are_offered_by_their_beginning_first() {
        let offers: Vec<_> =
            complete("berlin ro", COLUMNS, |_| vec![]).into_iter().map(|it| it.text).collect();
        assert_eq!(offers, ["berlin root>=", "berlin root_encrypted:"]);
        assert_eq!(complete("", COLUMNS, |_| vec![]).len(), COLUMNS.len());
    }

    #[test]
    fn values_are_offered_behind_a_colon() {
        let offers = complete("mode:al", COLUMNS, |_| vec![]);
        assert_eq!(offers.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["mode:ALWAYS_ON "]);
        assert!(offers[0].complete);
        let offers = complete("x user:", COLUMNS, |name| vec![format!("of {name}")]);
        assert_eq!(offers[0].text, "x user:\"of user_name\" ");
        assert_eq!(complete("mode:AUTO_STOP,alw", COLUMNS, |_| vec![])[0].text, "mode:AUTO_STOP,ALWAYS_ON ");
    }
}
