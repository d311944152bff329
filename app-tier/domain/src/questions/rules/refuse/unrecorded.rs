//! What nobody has recorded, whatever the question names: causes, what would have been, what suits whom, when somebody
//! left. By the words alone, before anything is linked.

use super::orders::BEFORE_ORDERS;
use crate::questions::words::Word;

const SESSIONS: &str =
    "when people log off is not recorded: of each day Skydesk knows the minutes that they were connected";
const CAUSES: &str = "Skydesk records what happened, not what caused it";
const OTHERWISE: &str =
    "what something would have cost otherwise is not recorded: the page Savings can compute it";
const PRICES: &str = "Skydesk knows what was paid, not what AWS would ask";
const FETCHED: &str = "who fetched a report is not recorded, only who asked for it";
const BACKUPS: &str = "Skydesk has no data of backups";
const SUITS: &str = "what suits whom is for people to judge";

/// Why what is asked was never recorded.
pub(super) fn unrecorded(words: &[Word]) -> Option<&'static str> {
    let said: Vec<&str> = words.iter().filter(|it| !it.quoted).map(|it| it.text.as_str()).collect();
    let first = said.iter().take_while(|it| BEFORE_ORDERS.contains(it)).count();
    let asked = said.get(first..).unwrap_or_default();
    if asks_cause(asked) {
        return Some(CAUSES);
    }
    if asks_otherwise(asked) {
        return Some(OTHERWISE);
    }
    if said.windows(3).any(suits) {
        return Some(SUITS);
    }
    if asked.windows(3).any(|it| matches!(it, ["price", "of", "a" | "an"])) && !said.contains(&"average") {
        return Some(PRICES);
    }
    let report = said.iter().any(|it| it.starts_with("report") || it.starts_with("export"));
    if report
        && matches!(
            asked,
            ["who", "downloaded" | "download" | "opened" | "viewed" | "read" | "reads" | "fetched", ..]
        )
    {
        return Some(FETCHED);
    }
    if said.windows(2).any(|it| matches!(it, ["backed", "up"])) {
        return Some(BACKUPS);
    }
    asks_leaving(asked).then_some(SESSIONS)
}

/// "what caused the jump", "what is behind the rise".
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
    match asked {
        ["what" | "whats" | "what's", rest @ ..] => {
            let at = rest.iter().take_while(between).count();
            rest.get(at).is_some_and(|it| CAUSE.contains(it))
        }
        _ => false,
    }
}

/// "what would October have cost on AutoStop", "how much would it cost if everybody had a Power desktop". What advice
/// would save is recorded.
fn asks_otherwise(asked: &[&str]) -> bool {
    let advised =
        asked.iter().any(|it| it.starts_with("recommend") || it.starts_with("advi") || it.starts_with("sav"));
    let Some(would) = asked.iter().take(4).position(|it| *it == "would") else { return false };
    let rest = asked.get(would + 1..).unwrap_or_default();
    let spent =
        |it: &&str| matches!(*it, "cost" | "costs" | "paid" | "pay" | "spent" | "spend" | "been" | "come");
    let have = rest.iter().take(8).position(|it| *it == "have");
    let had = have.and_then(|at| rest.get(at + 1)).is_some_and(spent);
    let depends = rest.iter().position(|it| *it == "if").is_some_and(|at| rest.iter().take(at).any(spent));
    matches!(asked.first(), Some(&("what" | "how"))) && !advised && (had || depends)
}

/// "which bundle is best for Finance", "what size would be right for a developer".
fn suits(three: &[&str]) -> bool {
    matches!(
        three,
        ["is" | "are" | "be" | "works" | "work" | "'s", "best" | "better" | "right" | "ideal", "for" | "to"]
            | ["is" | "are" | "be" | "'s", "best", "suited" | "suitable"]
    )
}

/// "when did Kim log off", "who logged out before five". What somebody signs off, he approves.
fn asks_leaving(asked: &[&str]) -> bool {
    let leaves = asked.windows(2).any(|it| {
        matches!(
            it,
            ["log" | "logs" | "logged" | "logging", "off" | "out"] | ["sign" | "signed" | "signs", "out"]
        )
    });
    let asks = |it: &&str| matches!(*it, "when" | "who" | "time" | "whens");
    leaves && asked.iter().take(4).any(asks)
        || asked.iter().any(|it| matches!(*it, "logoff" | "logout" | "logoffs" | "logouts"))
}
