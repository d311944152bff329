//! Talk around a question: "his manager is asking", "for the board pack", "i have a meeting in 10 min".
//!
//! A statement is left out only when another one asks the question and this one is plainly no part of it. Invariant: a
//! statement that could narrow the question ("in Ireland", "highest first") is never left out.

mod words;

use self::words::{ASKING, PURPOSES, SPEAKERS};
use crate::questions::link::{Keyword, Linked, Mark, Meaning};

/// Of each mark whether it is talk.
pub(super) fn asides(linked: &Linked) -> Vec<bool> {
    let marks = linked.marks.as_slice();
    let mut aside = vec![false; marks.len()];
    let statements = statements(marks);
    let main = statements
        .iter()
        .copied()
        .find(|it| asks(marks.get(it.0..it.1).unwrap_or_default()) && weight(marks, *it) > 0)
        .or_else(|| {
            statements.iter().copied().max_by_key(|it| (weight(marks, *it), std::cmp::Reverse(it.0)))
        });
    let Some(main) = main else { return aside };
    let pronoun = marks.get(main.0..main.1).unwrap_or_default().iter().any(|it| {
        matches!(it.text.as_str(), "he" | "she" | "him" | "her" | "his" | "they" | "their" | "theirs")
    });
    for it in statements.iter().filter(|it| **it != main) {
        let (from, to) = *it;
        let run = marks.get(from..to).unwrap_or_default();
        if is_talk(run, it.0 > main.0) {
            for (n, mark) in (from..to).zip(run) {
                // "got jane.smith on the phone - what desktop does she have"
                let asking = run.last().is_some_and(|it| ASKING.contains(&it.text.as_str()));
                let meant = from < main.0
                    && !asking
                    && (pronoun || !it_speaks(run))
                    && matches!(mark.meaning, Meaning::Value(_));
                if let Some(it) = aside.get_mut(n) {
                    *it = !meant;
                }
            }
        }
    }
    lead(marks, main, &mut aside);
    trail(marks, main, &mut aside);
    aside
}

/// Runs of marks between breaks and commas.
fn statements(marks: &[Mark]) -> Vec<(usize, usize)> {
    let mut statements = Vec::new();
    let mut from = 0;
    for (n, mark) in marks.iter().enumerate() {
        if mark.meaning == Meaning::Break || mark.text == "," {
            if n > from {
                statements.push((from, n));
            }
            from = n + 1;
        }
    }
    if from < marks.len() {
        statements.push((from, marks.len()));
    }
    statements
}

/// It has a question's or an order's word.
fn asks(run: &[Mark]) -> bool {
    let vague = |it: &Mark| matches!(it.text.as_str(), "somebody" | "someone" | "anyone" | "anybody");
    run.iter().filter(|it| !vague(it)).any(|it| {
        matches!(
            it.meaning,
            Meaning::Keyword(
                Keyword::HowMany
                    | Keyword::HowMuch
                    | Keyword::Which
                    | Keyword::Who
                    | Keyword::List
                    | Keyword::Any
                    | Keyword::Share
                    | Keyword::Top
                    | Keyword::Breakdown
                    | Keyword::Figure(_)
            )
        )
    }) && !run.first().is_some_and(|it| matches!(it.text.as_str(), "because" | "so" | "thanks" | "just"))
}

fn it_speaks(run: &[Mark]) -> bool {
    run.first().is_some_and(|it| SPEAKERS.contains(&it.text.split(' ').next().unwrap_or_default()))
}

fn says(mark: &Mark) -> bool {
    matches!(
        mark.meaning,
        Meaning::Entity
            | Meaning::Field(_)
            | Meaning::Figure(_)
            | Meaning::Value(_)
            | Meaning::Condition { .. }
            | Meaning::Time(_)
            | Meaning::Happened(..)
            | Meaning::Idle(..)
            | Meaning::Never(_)
            | Meaning::Quoted(_)
    )
}

fn weight(marks: &[Mark], (from, to): (usize, usize)) -> usize {
    marks.get(from..to).unwrap_or_default().iter().filter(|it| says(it)).count()
}

fn is_unknown(mark: &Mark) -> bool {
    mark.meaning == Meaning::Unknown
}

fn is_talk(run: &[Mark], after: bool) -> bool {
    let Some(first) = run.iter().find(|it| it.text != "and" && it.text != "but") else { return true };
    let words: Vec<&str> = run.iter().flat_map(|it| it.text.split(' ')).collect();
    let content = run.iter().filter(|it| says(it)).count();
    let unknown = run.iter().filter(|it| is_unknown(it)).count();
    if content == 0
        && unknown == 0
        && !run.iter().any(|it| {
            matches!(
                it.meaning,
                Meaning::Keyword(_) | Meaning::Number(..) | Meaning::Grain(..) | Meaning::TimeOf(_)
            )
        })
    {
        return true;
    }
    let opening = first.text.split(' ').next().unwrap_or_default();
    let speaker = SPEAKERS.contains(&opening);
    if speaker && (unknown > 0 || declares(run)) && !asks(run) {
        return true;
    }
    if speaker && after && content == 0 && !shapes(run) {
        return true;
    }
    // "finance is asking: …"
    let asks_at_end = words.last().is_some_and(|it| ASKING.contains(it));
    if !after && asks_at_end && content <= 1 && run.len() <= 5 {
        return true;
    }
    // "want to plan the migration to DCV"
    if after
        && matches!(opening, "want" | "wanna" | "gonna" | "need")
        && matches!(words.get(1), Some(&"to") | None)
        && !asks(run)
    {
        return true;
    }
    let purpose = words.iter().any(|it| PURPOSES.contains(it));
    let narrows = run
        .iter()
        .any(|it| matches!(it.meaning, Meaning::Value(_) | Meaning::Condition { .. } | Meaning::Quoted(_)));
    if purpose && (opening == "for" || (content == 0 && (1..=2).contains(&unknown))) && !narrows {
        return true;
    }
    let relative = matches!(
        first.meaning,
        Meaning::Keyword(
            Keyword::Which
                | Keyword::Who
                | Keyword::It
                | Keyword::Ones
                | Keyword::By
                | Keyword::Not
                | Keyword::Without
                | Keyword::Sort
                | Keyword::Sorted(_)
                | Keyword::Dated(_)
        )
    ) || matches!(first.meaning, Meaning::Keyword(Keyword::Each))
        && !words.iter().any(|it| matches!(*it, "we" | "i" | "they"));
    let gerund = run.iter().any(|it| is_unknown(it) && it.text.ends_with("ing"));
    let verb = declares(run);
    // "…, the region is Ireland" narrows; "…, subnets are running out" does not.
    let of_its_own = run.iter().any(|it| match &it.meaning {
        Meaning::Value(them) => run.iter().any(
            |other| matches!(&other.meaning, Meaning::Field(name) if them.iter().any(|(it, _)| it == name)),
        ),
        _ => false,
    });
    let named = matches!(first.meaning, Meaning::Field(_) | Meaning::Unknown | Meaning::Noise);
    !relative
        && !asks(run)
        && (verb && (unknown > 0 || !narrows || named && !of_its_own && after) || unknown > 0 && gerund)
}

/// It says how the answer is to look: "please separately", "sorted by user".
fn shapes(run: &[Mark]) -> bool {
    run.iter().any(|it| {
        matches!(
            it.meaning,
            Meaning::Grain(..)
                | Meaning::Keyword(
                    Keyword::Separately
                        | Keyword::By
                        | Keyword::Each
                        | Keyword::Sort
                        | Keyword::Sorted(_)
                        | Keyword::Dated(_)
                        | Keyword::Top
                        | Keyword::Most
                        | Keyword::Fewest
                        | Keyword::Share
                        | Keyword::Breakdown
                        | Keyword::OverTime
                )
        )
    })
}

/// A verb after its subject: "finance can't charge them back", "subnets are running out".
fn declares(run: &[Mark]) -> bool {
    const VERBS: &[&str] = &[
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "can",
        "can't",
        "cannot",
        "could",
        "wants",
        "want",
        "says",
        "say",
        "said",
        "keep",
        "keeps",
        "needs",
        "need",
        "asked",
        "asks",
        "complains",
        "complain",
        "thinks",
        "will",
        "should",
        "must",
        "may",
        "does",
        "do",
        "did",
        "don't",
        "won't",
        "rang",
        "called",
        "i",
        "it's",
        "burn",
        "cost",
        "told",
        "suspects",
        "suspect",
    ];
    // "machines nobody has connected to in 90 days": that verb narrows.
    let said =
        |it: &&Mark| !matches!(it.meaning, Meaning::Happened(..) | Meaning::Idle(..) | Meaning::Never(_));
    run.iter().filter(said).enumerate().any(|(n, it)| {
        let words: Vec<&str> = it.text.split(' ').collect();
        words.iter().enumerate().any(|(m, word)| (n > 0 || m > 0) && VERBS.contains(word))
    })
}

/// "Our CFO asks what …", "my boss wants to know how many …".
fn lead(marks: &[Mark], (from, to): (usize, usize), aside: &mut [bool]) {
    let run = marks.get(from..to).unwrap_or_default();
    let asking = run
        .iter()
        .take(7)
        .enumerate()
        .filter(|(_, it)| it.text.split(' ').any(|word| ASKING.contains(&word)));
    let Some(verb) = asking.map(|(n, _)| n).max() else { return };
    let rest = run.get(verb + 1..).unwrap_or_default();
    if !rest.iter().any(says) || !run.get(..=verb).unwrap_or_default().iter().any(is_unknown) {
        return;
    }
    // Whoever asks is named by a word or two, and none of them is asked about but a department ("finance is asking").
    let plain = run.get(..verb).unwrap_or_default().iter().all(|it| {
        is_unknown(it) && PURPOSES.contains(&it.text.as_str())
            || matches!(
                it.meaning,
                Meaning::Noise | Meaning::Hint | Meaning::Value(_) | Meaning::Keyword(Keyword::It)
            )
    });
    if plain {
        for it in aside.get_mut(from..=from + verb).unwrap_or_default() {
            *it = true;
        }
    }
}

/// "… for the board pack", "… for my director".
fn trail(marks: &[Mark], (from, to): (usize, usize), aside: &mut [bool]) {
    let run = marks.get(from..to).unwrap_or_default();
    let Some(at) = run.iter().rposition(|it| it.text.split(' ').next() == Some("for")) else { return };
    let after = run.get(at..).unwrap_or_default();
    let words: Vec<&str> = after.iter().flat_map(|it| it.text.split(' ')).collect();
    let purpose = words.iter().any(|it| PURPOSES.contains(it));
    let narrows = after
        .iter()
        .any(|it| matches!(it.meaning, Meaning::Value(_) | Meaning::Condition { .. } | Meaning::Quoted(_)));
    let unknown = after.iter().any(is_unknown);
    if purpose && unknown && !narrows && words.len() <= 7 && at > 0 {
        for it in aside.get_mut(from + at..to).unwrap_or_default() {
            *it = true;
        }
    }
}
