//! Numbers that are written as words, as digits: "two hundred" is `200`, "the fifteenth" `15th`, "5 grand" `5000`.
//!
//! "One" stays, which is a pronoun more often, and so do "first", "second" and "third" away from a month.

use super::Word;
use crate::questions::times;

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
/// After these, "several" is a number.
const HAVING: &[&str] = &["with", "have", "has", "having", "had", "own", "owns", "use", "uses", "using"];

/// Every run of number words as one word of digits.
pub(super) fn digits(words: Vec<Word>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let rest = words.get(at..).unwrap_or_default();
        if let Some((number, unit, taken)) = part(rest).filter(|_| !word.quoted)
            && let Some(last) = rest.get(taken - 1)
        {
            let number = number.to_string();
            out.push(Word { text: number, start: word.start, end: word.end, quoted: false });
            out.push(Word { text: unit.to_owned(), start: last.start, end: last.end, quoted: false });
            at += taken;
            continue;
        }
        // "with several desktops"
        let had = out.last().is_some_and(|it| HAVING.contains(&it.text.as_str()));
        if had && matches!(word.text.as_str(), "several" | "multiple") && !word.quoted && rest.len() > 1 {
            let place = |text: &str| Word { text: text.to_owned(), ..word.clone() };
            out.extend(["more", "than", "1"].map(place));
            at += 1;
            continue;
        }
        let ranged = out.last().is_some_and(|it| matches!(it.text.as_str(), "between" | "from"));
        let found = if word.quoted {
            None
        } else {
            cardinal(rest, ranged).map(|(n, taken)| (n.to_string(), taken)).or_else(|| {
                ordinal(rest, out.last().map_or("", |it| it.text.as_str())).map(|(n, taken)| {
                    let suffix = match n {
                        1 | 21 | 31 => "st",
                        2 | 22 => "nd",
                        3 | 23 => "rd",
                        _ => "th",
                    };
                    (format!("{n}{suffix}"), taken)
                })
            })
        };
        match found {
            Some((text, taken)) => {
                let end = words.get(at + taken - 1).map_or(word.end, |it| it.end);
                out.push(Word { text, start: word.start, end, quoted: false });
                at += taken;
            }
            None => {
                out.push(word.clone());
                at += 1;
            }
        }
    }
    out
}

fn text(words: &[Word], n: usize) -> &str {
    words.get(n).map_or("", |it| it.text.as_str())
}

fn place(names: &[&str], word: &str) -> Option<u32> {
    names.iter().position(|it| *it == word).and_then(|it| u32::try_from(it).ok())
}

/// "half an hour", "a quarter of an hour", "half a day": how many of what, and how many words that is.
fn part(words: &[Word]) -> Option<(u32, &'static str, usize)> {
    let text = |n: usize| text(words, n);
    match (text(0), text(1), text(2)) {
        ("half", "an", "hour") | ("a", "half", "hour") => Some((30, "minutes", 3)),
        ("half", "hour", _) => Some((30, "minutes", 2)),
        ("half-hour", ..) => Some((30, "minutes", 1)),
        ("half", "a", "day") => Some((12, "hours", 3)),
        ("half", "day", _) => Some((12, "hours", 2)),
        ("a", "quarter", "of") if (text(3), text(4)) == ("an", "hour") => Some((15, "minutes", 5)),
        ("quarter", "of", "an") if text(3) == "hour" => Some((15, "minutes", 4)),
        ("one", "hour", _) => Some((1, "hour", 2)),
        _ => None,
    }
}

/// Below a hundred: "seven", "forty", "forty-five", "forty five".
fn small(words: &[Word]) -> Option<(u32, usize)> {
    let first = text(words, 0);
    if let Some(n) = place(&ONES, first) {
        return Some((n, 1));
    }
    if let Some((ten, one)) = first.split_once('-') {
        return Some((
            place(&TENS, ten)? * 10 + 20 + place(&ONES, one).filter(|it| (1..10).contains(it))?,
            1,
        ));
    }
    let tens = place(&TENS, first)? * 10 + 20;
    let more = place(&ONES, text(words, 1)).filter(|it| (1..10).contains(it));
    Some(more.map_or((tens, 1), |it| (tens + it, 2)))
}

fn scale(word: &str) -> Option<u32> {
    match word {
        "hundred" => Some(100),
        "thousand" | "grand" => Some(1000),
        "lakh" | "lakhs" => Some(100_000),
        "million" | "millions" => Some(1_000_000),
        _ => None,
    }
}

/// A number of one or more words; `None` for a lone "one" and for digits alone.
fn cardinal(words: &[Word], ranged: bool) -> Option<(u32, usize)> {
    let article = usize::from(text(words, 0) == "a");
    let (mut total, mut at, spelled) = match small(words) {
        Some((n, taken)) => (n, taken, true),
        None if scale(text(words, article)).is_some() && (article == 1 || text(words, 0) != "grand") => {
            (1, article, true)
        }
        None => (text(words, 0).parse().ok().filter(|it| *it < 1000)?, 1, false),
    };
    let mut scaled = false;
    while let Some(by) = scale(text(words, at)) {
        // More than that nobody counts, and "thousand thousand thousand thousand" is no number to anybody.
        total = total.checked_mul(by)?;
        at += 1;
        scaled = true;
        let joined = usize::from(text(words, at) == "and" && !ranged);
        if let Some((more, taken)) = small(words.get(at + joined..).unwrap_or_default())
            && more > 0
        {
            match scale(text(words, at + joined + taken)) {
                None => {
                    total = total.checked_add(more)?;
                    at += joined + taken;
                }
                // "two thousand five hundred"
                Some(next) if joined == 0 && next < by => {
                    total = total.checked_add(more.checked_mul(next)?)?;
                    at += taken + 1;
                }
                Some(_) => break,
            }
        }
    }
    let lone = text(words, 0) == "one" && at == 1;
    (scaled || spelled && !lone).then_some((total, at))
}

/// "fifteenth", "thirty-first"; "first" beside a month.
fn ordinal(words: &[Word], before: &str) -> Option<(u32, usize)> {
    let first = text(words, 0);
    let month = |it: &str| times::month_of(it).is_some();
    let (n, taken) = match (place(&ORDINALS, first), first.split_once('-')) {
        (Some(n), _) => (n, 1),
        (None, Some((ten, one))) => {
            (place(&TENS, ten)? * 10 + 20 + place(&ORDINALS, one).filter(|it| (1..10).contains(it))?, 1)
        }
        (None, None) => match first {
            "twentieth" => (20, 1),
            "thirtieth" => (30, 1),
            "twenty" | "thirty" => {
                let one = place(&ORDINALS, text(words, 1)).filter(|it| (1..10).contains(it))?;
                (place(&TENS, first)? * 10 + 20 + one, 2)
            }
            _ => return None,
        },
    };
    let after = text(words, taken);
    let dated = month(after) || after == "of" && month(text(words, taken + 1)) || month(before);
    // "the first of July", but "the third quarter" and "the first ten".
    let part = matches!(after, "quarter" | "half" | "calendar" | "qtr" | "week");
    (n > 0 && !part && (dated || n > 4)).then_some((n, taken))
}

#[cfg(test)]
mod tests {
    use crate::questions::words::words;

    #[test]
    fn what_is_too_great_to_count_stays_words() {
        let endless = "nine hundred thousand thousand thousand thousand thousand";
        let read: Vec<String> = words(endless).into_iter().map(|it| it.text).collect();
        assert!(read.iter().any(|it| it == "thousand"), "{read:?}");
        let edge =
            "four thousand thousand thousand two hundred ninety-four thousand thousand nine hundred thousand";
        let _ = words(edge);
    }

    #[test]
    fn numbers_in_words_are_numbers() {
        for (text, expected) in [
            ("two hundred dollars", "200 dollars"),
            ("one hundred sixty hours", "160 hours"),
            ("one hundred and eighty hours", "180 hours"),
            ("between eighty and one hundred seventy-five", "between 80 and 175"),
            ("between one hundred and two hundred", "between 100 and 200"),
            ("two thousand five hundred", "2500"),
            ("more than a grand", "more than 1000"),
            ("over a hundred", "over 100"),
            ("forty-eight hours", "48 hours"),
            ("twenty four hours", "24 hours"),
            ("which one", "which one"),
            ("windows eleven", "windows 11"),
            ("the thirty-first of october", "the 31st of october"),
            ("the third of March", "the 3rd of march"),
            ("since July first", "since july 1st"),
            ("the fifteenth", "the 15th"),
            ("the third quarter", "the third quarter"),
            ("the first ten", "the first 10"),
            ("5 grand", "5000"),
            ("under half an hour", "under 30 minutes"),
            ("a quarter of an hour", "15 minutes"),
            ("the last half day", "the last 12 hours"),
            ("exactly one hour", "exactly 1 hour"),
            ("the first half of 2026", "the first half of 2026"),
        ] {
            let read: Vec<String> = words(text).into_iter().map(|it| it.text).collect();
            assert_eq!(read.join(" "), expected, "{text}");
        }
    }
}
