//! A question as words, and the form in which names are compared.

/// A word with its place in the question, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Lower case.
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// Cuts at blanks and punctuation; names such as `eu-west-1`, `jane.smith` or `ws-0a1` stay whole. A comma between words
/// is a word of its own.
#[must_use]
pub fn words(question: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current: Option<Word> = None;
    for (at, c) in question.chars().chain([' ']).enumerate() {
        if c.is_alphanumeric()
            || matches!(c, '-' | '_' | '.' | '@' | '\'' | '’' | '%' | '/' | '$' | '€' | '<' | '>' | '=')
        {
            let word = current.get_or_insert_with(|| Word { text: String::new(), start: at, end: at });
            word.text.extend(if c == '’' { '\'' } else { c }.to_lowercase());
            word.end = at + 1;
            continue;
        }
        let thousands =
            c == ',' && current.as_ref().is_some_and(|it| it.text.bytes().all(|b| b.is_ascii_digit()));
        if let Some(mut word) = current.take() {
            // Sentences end with a full stop, quotes with a quote.
            let kept = word.text.trim_end_matches(['.', '\'', '-', '/']).chars().count();
            let dropped = word.text.chars().count() - kept;
            word.end -= dropped.min(word.end - word.start);
            word.text = word.text.chars().take(kept).collect();
            let led = word.text.chars().count();
            word.text = word.text.trim_start_matches(['\'', '.', '-']).to_owned();
            word.start += led - word.text.chars().count();
            if !word.text.is_empty() {
                words.push(word);
            }
        }
        if c == ',' && !thousands {
            words.push(Word { text: ",".to_owned(), start: at, end: at + 1 });
        }
    }
    join_thousands(words)
}

/// `1` `000` of "1,000" are one number again.
fn join_thousands(words: Vec<Word>) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        match joined.last_mut() {
            Some(last)
                if word.start == last.end + 1
                    && word.text.len() == 3
                    && digits(&word.text)
                    && digits(&last.text)
                    && last.text.len() <= 3 =>
            {
                // Only a comma lies between: a blank would have been a word's end with the same distance, so look at both
                // lengths; "in 3 100" is nothing people write.
                last.text.push_str(&word.text);
                last.end = word.end;
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// How names are compared: letters and digits only, lower case. `eu west 1` and `EU-WEST-1` are the same, and so are
/// `AlwaysOn`, `always on` and `ALWAYS_ON`.
#[must_use]
pub fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The longest name that is looked for, in words.
pub const MAX_NAME_WORDS: usize = 6;

/// Every run of up to [`MAX_NAME_WORDS`] words, squashed, for the database to look up; no duplicates.
#[must_use]
pub fn names(words: &[Word]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for start in 0..words.len() {
        let mut name = String::new();
        for word in words.iter().skip(start).take(MAX_NAME_WORDS) {
            if word.text == "," {
                break;
            }
            name.push_str(&squash(&word.text));
            if name.len() >= 2 && !names.contains(&name) {
                names.push(name.clone());
            }
        }
    }
    names
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
        assert_eq!(words("how many?")[1], Word { text: "many".into(), start: 4, end: 8 });
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        assert_eq!(squash("EU West 1"), squash("eu-west-1"));
        assert_eq!(squash("Always On"), squash("ALWAYS_ON"));
    }

    proptest! {
        #[test]
        fn places_lie_inside_the_question(question in ".{0,80}") {
            let length = question.chars().count();
            for word in words(&question) {
                prop_assert!(word.start < word.end && word.end <= length, "{word:?} in {question:?}");
            }
        }
    }
}
