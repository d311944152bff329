//! What nobody has recorded, whatever the question names: causes, what would have been, what suits whom, when somebody
//! left. By the words alone, before anything is linked.
//!
//! Invariant: what advice says, which is recorded, is never refused here.

use super::orders::BEFORE_ORDERS;
use crate::questions::words::Word;

const SESSIONS: &str =
    "when people log off is not recorded: of each day Skydesk knows the minutes that they were connected";
const HOURS: &str = "of use the days are recorded, and no hours of the day";
const CAUSES: &str = "Skydesk records what happened, not what caused it";
const OTHERWISE: &str = "what would have been otherwise is not recorded: the page Savings can compute it";
const SUITS: &str = "what suits whom is for people to judge";
const PRICES: &str = "Skydesk knows what was paid, not what AWS would ask";
const FETCHED: &str = "who fetched a report is not recorded, only who asked for it";
const BACKUPS: &str = "Skydesk has no data of backups";

/// Why what is asked was never recorded.
pub(super) fn unrecorded(words: &[Word]) -> Option<&'static str> {
    let said: Vec<&str> = words.iter().filter(|it| !it.quoted).map(|it| it.text.as_str()).collect();
    let first = said.iter().take_while(|it| BEFORE_ORDERS.contains(it)).count();
    let asked = said.get(first..).unwrap_or_default();
    if asks_what_if(asked) {
        return Some(OTHERWISE);
    }
    let advised = ["recommend", "advi", "sav"];
    if said.iter().any(|word| advised.iter().any(|it| word.starts_with(it))) {
        return None;
    }
    KINDS.iter().find(|(asks, _)| asks(asked)).map(|(_, why)| *why)
}

type Asks = fn(&[&str]) -> bool;

const KINDS: &[(Asks, &str)] = &[
    (asks_cause, CAUSES),
    (asks_otherwise, OTHERWISE),
    (asks_what_suits, SUITS),
    (asks_a_price, PRICES),
    (asks_who_fetched, FETCHED),
    (asks_for_backups, BACKUPS),
    (asks_leaving, SESSIONS),
    (asks_for_peaks, HOURS),
];

/// "what caused the jump", "what is behind the rise". What drives most of it, or by service, is a breakdown.
fn asks_cause(asked: &[&str]) -> bool {
    const CAUSE: &[&str] = &[
        "caused",
        "causes",
        "causing",
        "drove",
        "drive",
        "drives",
        "driving",
        "explains",
        "explain",
        "triggered",
        "behind",
    ];
    let between =
        |it: &&&str| matches!(**it, "is" | "was" | "has" | "'s" | "have" | "could" | "would" | "might");
    let cuts = |it: &&str| matches!(*it, "by" | "per" | "each" | "most" | "services" | "top");
    let ["what" | "whats" | "what's", rest @ ..] = asked else { return false };
    let at = rest.iter().take_while(between).count();
    rest.get(at).is_some_and(|it| CAUSE.contains(it)) && !asked.iter().any(cuts)
}

/// "what would we have saved if …", whatever it is about: advice is of what is to come.
fn asks_what_if(asked: &[&str]) -> bool {
    let would =
        |it: &[&str]| matches!(it, ["would", "i" | "you" | "we" | "it" | "they" | "that" | "this", "have"]);
    asked.contains(&"if") && asked.windows(3).any(would)
}

/// "what would October have cost on AutoStop", "how much would it cost if everybody had a Power desktop".
fn asks_otherwise(asked: &[&str]) -> bool {
    let (Some(&("what" | "how")), Some(would)) =
        (asked.first(), asked.iter().take(4).position(|it| *it == "would"))
    else {
        return false;
    };
    let rest = asked.get(would + 1..).unwrap_or_default();
    let spent =
        |it: &&str| matches!(*it, "cost" | "costs" | "paid" | "pay" | "spent" | "spend" | "been" | "come");
    let have = rest.iter().take(8).position(|it| *it == "have");
    let had = have.and_then(|at| rest.get(at + 1)).is_some_and(spent);
    let depends = rest.iter().position(|it| *it == "if").is_some_and(|at| rest.iter().take(at).any(spent));
    // "how much would you say we have spent"
    rest.first() != Some(&"you") && (had || depends)
}

/// "which bundle is best for Finance", "what size would be right for a developer".
fn asks_what_suits(asked: &[&str]) -> bool {
    asked.windows(3).any(|it| {
        matches!(
            it,
            ["is" | "are" | "be" | "works" | "work" | "'s", "best" | "better" | "right" | "ideal", "for"]
                | ["is" | "are" | "be" | "'s", "best", "suited" | "suitable"]
        )
    })
}

/// "price of a Power desktop in Ireland". What one cost at some time, or on average, was paid.
fn asks_a_price(asked: &[&str]) -> bool {
    const MONTHS: &[&str] =
        &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const PAID: &[&str] = &[
        "was",
        "paid",
        "pay",
        "did",
        "last",
        "this",
        "since",
        "year",
        "average",
        "avg",
        "mean",
        "typical",
        "median",
        "total",
        "by",
        "per",
        "yesterday",
        "quarter",
    ];
    let of_one = asked.windows(3).any(|it| matches!(it, ["price", "of", "a" | "an"]));
    of_one && !asked.iter().any(|word| PAID.contains(word) || MONTHS.iter().any(|it| word.starts_with(it)))
}

/// "who downloaded report 57", "how many times was each report downloaded".
fn asks_who_fetched(asked: &[&str]) -> bool {
    const FETCHES: &[&str] = &["download", "downloaded", "opened", "viewed", "read", "reads", "fetched"];
    let report = |it: &&str| it.starts_with("report") || it.starts_with("export");
    match asked {
        ["who", verb, what @ ..] => FETCHES.contains(verb) && what.iter().take(3).any(report),
        ["how", "often" | "many", what @ ..] => {
            what.iter().any(report) && what.last().is_some_and(|it| FETCHES.contains(it))
        }
        _ => false,
    }
}

/// "when was DEV-1 last backed up". Jobs may be backed up in a queue.
fn asks_for_backups(asked: &[&str]) -> bool {
    let when = matches!(asked.first(), Some(&("when" | "was" | "is" | "were" | "are" | "which")));
    when && asked.windows(2).any(|it| it == ["backed", "up"])
        && !asked.iter().any(|it| it.starts_with("queue"))
}

/// "peak hour of connections". Of calls and changes the hours are known.
fn asks_for_peaks(asked: &[&str]) -> bool {
    const USE: &[&str] =
        &["connections", "connection", "logins", "logons", "sessions", "usage", "use", "connected", "online"];
    let peak =
        asked.windows(2).any(|it| matches!(it, ["peak" | "busiest", "hour" | "hours" | "time" | "times"]));
    peak && asked.iter().any(|it| USE.contains(it))
}

/// "when did Kim log off", "who logged out before five". Who is logged out now is another matter, and what somebody signs
/// off he approves.
fn asks_leaving(asked: &[&str]) -> bool {
    let leaves = |it: &[&str]| {
        matches!(it, ["log" | "logs" | "logged", "off" | "out"] | ["sign" | "signs" | "signed", "out"])
    };
    let when = asked.iter().take(3).any(|it| matches!(*it, "when" | "time"));
    when && asked.windows(2).any(leaves)
        || matches!(asked, ["who", rest @ ..] if rest.get(..2).is_some_and(leaves))
}
