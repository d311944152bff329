//! Words of the house's own, read as the words they stand for.
//!
//! A synonym is words for words, and deliberately knows no catalog: what it stands for is linked like anything that was
//! typed, with the asker's own rights, so that no synonym can reach what its reader may not ask about.
//!
//! Invariant: what is put in keeps the place of what was said, and is not looked through again, so that synonyms of
//! synonyms cannot go in circles.

use std::collections::HashMap;

use super::words::{BREAK, Question, Word, stem, words};

/// The house's words.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// By [`Synonyms::name`], the words of what is meant.
    meanings: HashMap<String, Vec<Word>>,
    /// Words of the longest phrase.
    longest: usize,
}

impl Synonyms {
    /// Of phrases and what they mean; of a phrase that is there twice, the last.
    #[must_use]
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut all = Self::default();
        for (phrase, means) in pairs {
            let name = Self::name(phrase);
            let means = words(means);
            if !name.is_empty() && !means.is_empty() {
                all.longest = all.longest.max(words(phrase).len());
                all.meanings.insert(name, means);
            }
        }
        all
    }

    /// The form in which phrases are compared: without case, punctuation and number.
    #[must_use]
    pub fn name(phrase: &str) -> String {
        words(phrase).iter().map(|it| stem(&it.text)).collect()
    }

    /// A question as the house means it. What stands between quotes is left alone.
    #[must_use]
    pub fn question(&self, text: &str) -> Question {
        let typed = words(text);
        let mut meant = Vec::with_capacity(typed.len());
        let mut at = 0;
        while let Some(word) = typed.get(at) {
            match self.longest_at(typed.get(at..).unwrap_or_default()) {
                Some((means, taken)) => {
                    let end = typed.get(at + taken - 1).map_or(word.end, |it| it.end);
                    meant.extend(means.iter().map(|it| Word { start: word.start, end, ..it.clone() }));
                    at += taken;
                }
                None => {
                    meant.push(word.clone());
                    at += 1;
                }
            }
        }
        Question { text: text.to_owned(), words: meant }
    }

    /// The longest phrase that words begin with: what it means, and how many words it has.
    fn longest_at(&self, typed: &[Word]) -> Option<(&[Word], usize)> {
        let mut name = String::new();
        let mut found = None;
        let said = typed.iter().take_while(|it| !it.quoted && it.text != "," && it.text != BREAK);
        for (taken, word) in (1..=self.longest).zip(said) {
            name.push_str(&stem(&word.text));
            if let Some(means) = self.meanings.get(&name) {
                found = Some((means.as_slice(), taken));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(question: &str) -> Vec<String> {
        let house = Synonyms::new([
            ("HQ", "Frankfurt"),
            ("pool machine", "desktops"),
            ("machine", "job"),
            ("burn rate", "cost per month"),
            ("job", "report"),
        ]);
        house.question(question).words.into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn the_longest_phrase_is_read_as_what_it_means_whatever_its_case_and_number() {
        assert_eq!(read("How many Pool-Machines in hq?"), ["how", "many", "desktops", "in", "frankfurt"]);
        assert_eq!(read("burn rate"), ["cost", "per", "month"]);
    }

    #[test]
    fn what_was_put_in_is_not_looked_through_again() {
        assert_eq!(read("machines and jobs"), ["job", "and", "report"]);
    }

    #[test]
    fn what_is_quoted_is_left_alone() {
        assert_eq!(read("named \"HQ\""), ["named", "hq"]);
    }

    #[test]
    fn a_phrase_does_not_reach_over_a_comma_or_the_end_of_a_sentence() {
        assert_eq!(read("a burn, rate it"), ["a", "burn", ",", "rate", "it"]);
        assert!(!read("did it burn. Rate of hours?").contains(&"cost".to_owned()));
    }

    #[test]
    fn what_is_put_in_has_the_place_of_what_was_said() {
        let question = Synonyms::new([("burn rate", "cost per month")]).question("the burn rate!");
        assert_eq!(
            question.words.iter().map(|it| (it.start, it.end)).collect::<Vec<_>>(),
            [(0, 3), (4, 13), (4, 13), (4, 13)]
        );
    }
}
