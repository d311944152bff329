//! Questions that no plan answers, and why.
//!
//! By classes of words, and by where they stand.

mod orders;
mod unrecorded;

use self::orders::{BEFORE_ORDERS, ORDERS, is_order};
use super::reader::Reading;
use crate::{
    catalog::Catalog,
    questions::{
        link::{Keyword, Meaning},
        words::{Word, singular},
    },
};

/// Words of somebody who wants the machine, not its data.
const MACHINERY: &[&str] = &[
    "prompt",
    "instructions",
    "jailbreak",
    "sudo",
    "sql",
    "--",
    "xp_cmdshell",
    "pg_sleep",
    "information_schema",
    "pg_catalog",
    "union",
];

/// What Skydesk has no data of, by words that nothing in the catalog or the database accounts for.
const TOPICS: &[(&str, &str)] = &[
    ("password passwords secret secrets credential credentials passwd hashes api-key apikey", WORKINGS),
    (
        "cpu ram latency bandwidth packet iops throughput lag lagging jitter fps",
        "Skydesk does not know figures of performance",
    ),
    ("cumulative cumulatively cumulated", RUNNING),
    ("tomorrow forecast predict prediction future upcoming projection extrapolate", FUTURE),
    (
        "weather joke poem capital president recipe football horoscope lottery song",
        "it is about something that Skydesk has no data of",
    ),
    (
        "budget budgets co2 carbon emissions malware virus guardduty vpn azure gcp citrix vmware \
         tickets helpdesk-tickets antivirus cve cves vulnerabilities keystrokes printers",
        NO_DATA,
    ),
];

/// Two words that together ask for what is not recorded.
const PAIRS: &[(&str, &str, &str)] = &[
    ("next", "month", FUTURE),
    ("next", "week", FUTURE),
    ("next", "year", FUTURE),
    ("next", "quarter", FUTURE),
    ("will", "be", FUTURE),
    ("will", "we", FUTURE),
    ("phone", "number", NO_DATA),
    ("phone", "numbers", NO_DATA),
    ("s3", "bucket", NO_DATA),
    ("s3", "buckets", NO_DATA),
    ("kms", "keys", NO_DATA),
    ("free", "disk", FULL),
    ("free", "space", FULL),
    ("space", "free", FULL),
    ("space", "left", FULL),
    ("over", "budget", NO_DATA),
];

const RUNNING: &str = "running totals cannot be told yet";
const FULL: &str = "Skydesk knows the sizes of volumes, not how full they are";
const FUTURE: &str = "it asks for something other than what Skydesk has recorded";
const NO_DATA: &str = "Skydesk has no data of that";
const READS_ONLY: &str = "questions only read; nothing in AWS or in Skydesk is changed by them";
const WORKINGS: &str =
    "it asks about Skydesk's own workings, and only the data of the catalog can be asked about";

fn because(why: &str) -> String {
    format!("I can't answer that, because {why}.")
}

/// Why what is asked is no question, whatever it names. A follow-up may drop a part of the plan before.
pub(super) fn no_question(words: &[Word], follows: bool) -> Option<String> {
    let text = |n: usize| words.get(n).filter(|it| !it.quoted).map_or("", |it| it.text.as_str());
    for n in 0..words.len() {
        let injected =
            matches!((text(n), text(n + 1)), ("drop", "table") | ("select", "from") | ("password", "hash"));
        let ignores = text(n) == "ignore"
            && matches!(text(n + 1), "the" | "all" | "your" | "previous" | "above")
            && (n + 1..words.len()).any(|it| matches!(text(it), "above" | "previous" | "rules" | "prior"));
        if injected || ignores || MACHINERY.contains(&text(n)) {
            return Some(because(WORKINGS));
        }
    }
    if (0..words.len()).any(|n| text(n) == "how" && text(n + 1) == "full") {
        return Some(because(FULL));
    }
    if (0..words.len()).any(|n| text(n) == "running" && matches!(text(n + 1), "total" | "totals")) {
        return Some(because(RUNNING));
    }
    let usual = |n: usize| matches!(text(n), "usually" | "typically" | "normally" | "generally");
    let times = |n: usize| text(n) == "time" || text(n) == "when" || text(n) == "hour";
    if (0..words.len()).any(usual) && (0..3).any(times) {
        return Some(because(NO_DATA));
    }
    if (0..words.len()).any(|n| text(n) == "api" && matches!(text(n + 1), "key" | "keys")) {
        return Some(because(WORKINGS));
    }
    if text(0).starts_with("who") && (0..words.len()).any(|n| (text(n), text(n + 1)) == ("on", "call")) {
        return Some(because(NO_DATA));
    }
    if words.len() <= 2 && matches!(text(0), "why" | "how") || asks_why(words) {
        return Some(because(FUTURE));
    }
    if let Some(why) = unrecorded::unrecorded(words) {
        return Some(because(why));
    }
    if words.windows(2).any(is_second_best) {
        return Some(because("what comes second cannot be told by itself yet: ask for the first few"));
    }
    if is_lesson(words) {
        return Some(because(
            "it asks how something is done or what it means, and questions only read what Skydesk has recorded",
        ));
    }
    is_order(words, follows).then(|| because(READS_ONLY))
}

/// Why what a reading could not account for has no answer. What the catalog or the database knows by that name is meant.
pub(super) fn topic(reading: &Reading) -> Option<String> {
    let text = |n: usize| reading.linked.marks.get(n).map_or("", |it| it.text.as_str());
    let unknown = reading
        .left
        .iter()
        .filter(|n| reading.linked.marks.get(**n).is_some_and(|it| it.meaning == Meaning::Unknown));
    unknown.copied().find_map(|n| {
        let of_topic = |it: &&(&str, &str)| it.0.split_whitespace().any(|word| word == text(n));
        let of_pair = |it: &&(&str, &str, &str)| {
            it.0 == text(n) && text(n + 1).starts_with(it.1)
                || it.1 == text(n) && n > 0 && text(n - 1).ends_with(it.0)
        };
        let topic = TOPICS.iter().find(of_topic).map(|it| it.1);
        topic.or_else(|| PAIRS.iter().find(of_pair).map(|it| it.2)).map(because)
    })
}

/// A name by its form ("ulrike.brandt", "jane@example.org", "DEV-00AA11BB") that means nothing in any reading: without it,
/// something else would be answered. What only looks for a text may look for any.
pub(super) fn stranger(readings: &[Reading]) -> Option<String> {
    let unknown = |reading: &Reading, start: usize| {
        reading.linked.marks.iter().any(|it| it.start == start && it.meaning == Meaning::Unknown)
    };
    let looks = |it: &Meaning| matches!(it, Meaning::Keyword(Keyword::Contains | Keyword::InTheName));
    let first = readings.first()?;
    if readings.iter().flat_map(|it| &it.linked.marks).any(|it| looks(&it.meaning)) {
        return None;
    }
    let stranger = first
        .linked
        .marks
        .iter()
        .find(|it| is_name(&it.raw) && readings.iter().all(|reading| unknown(reading, it.start)))?;
    Some(because(&format!("I do not know “{}”", stranger.raw)))
}

fn is_name(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let long = |it: &str| it.chars().count() > 1 && it.chars().all(|it| it.is_alphanumeric() || it == '-');
    let dotted =
        text.contains('.') && text.split('.').all(long) && !text.starts_with(|c: char| c.is_ascii_digit());
    let numbered = text.len() >= 8
        && text.contains('-')
        && text.contains(|c: char| c.is_ascii_digit())
        && text.starts_with(|c: char| c.is_alphabetic());
    dotted || numbered || text.contains('@')
}

/// "my hours", "reports I asked for", "my last operation": whose they are is not known; "my reports" are all that somebody
/// sees who sees no others.
pub(super) fn not_told_who(words: &[Word], catalog: &Catalog) -> Option<String> {
    const OF_SKYDESK: &[&str] = &["report", "export", "operation", "proposal", "request"];
    let text = |n: usize| words.get(n).filter(|it| !it.quoted).map_or("", |it| it.text.as_str());
    let mine = |n: usize| {
        let rank = matches!(text(n + 1), "last" | "latest" | "newest" | "own");
        let which = rank || matches!(text(n + 1), "open" | "pending" | "failed" | "recent");
        let what = text(n + 1 + usize::from(which));
        let one = singular(what);
        let own_alone = matches!(&*one, "report" | "export")
            && catalog.entity("reports").is_some_and(|it| catalog.own(it).is_some());
        // "I need it for my reports"
        let purpose = n > 0 && matches!(text(n - 1), "for" | "in" | "into");
        !purpose && !own_alone && OF_SKYDESK.contains(&&*one) && (rank || one != what)
            || matches!(text(n + 1), "hours" | "minutes" | "sessions")
    };
    let own = |n: usize| text(n) == "my" && mine(n);
    let done = |n: usize| n > 0 && text(n) == "i" && is_mine(text(n - 1), text(n + 1));
    // "what have I proposed"
    let did = |n: usize| {
        let verb = ["propos", "request", "approv", "reject"].iter().any(|it| text(n + 2).starts_with(it));
        verb && matches!(text(n), "have" | "did") && text(n + 1) == "i"
    };
    let unknown = (0..words.len()).any(|n| own(n) || done(n) || did(n));
    unknown.then(|| because("I am not told who asks: say the user name"))
}

/// "reports I asked for", of whoever asks.
fn is_mine(what: &str, did: &str) -> bool {
    let rows = matches!(
        what,
        "reports"
            | "exports"
            | "operations"
            | "ops"
            | "jobs"
            | "requests"
            | "desktops"
            | "machines"
            | "changes"
    );
    rows && (did.ends_with("ed") && did != "need" || matches!(did, "made" | "did" | "ran" | "own"))
}

/// "the second most expensive service", "third largest": a rank that is not the first.
fn is_second_best(pair: &[Word]) -> bool {
    const NTH: &[&str] = &["second", "third", "2nd", "3rd", "4th", "5th", "second-most", "next"];
    const MOST: &[&str] = &["most", "least", "best", "worst"];
    let [nth, rank] = pair else { return false };
    let superlative = rank.text.len() > 5 && rank.text.ends_with("est") && !rank.text.ends_with("quest");
    NTH.contains(&nth.text.as_str()) && (superlative || MOST.contains(&rank.text.as_str())) && !nth.quoted
}

/// "why is Priya's desktop in error"; of advice and of operations reasons are recorded.
fn asks_why(words: &[Word]) -> bool {
    const RECORDED: &[&str] = &["recommend", "advi", "suggest", "propos", "reason"];
    // Who proposes says why, and who rejects does not.
    const REFUSED: &[&str] = &["reject", "declin", "refus", "veto"];
    const ADVISED: &[&str] = &["recommend", "advi", "suggest"];
    const SAID: &[&str] =
        &["rec", "recs", "told", "want", "wants", "say", "says", "op", "ops", "operation", "operations"];
    let first = words.iter().map(|it| it.text.as_str()).find(|it| !BEFORE_ORDERS.contains(it));
    let how_come = words
        .windows(2)
        .take(3)
        .any(|it| matches!(it, [how, come] if how.text == "how" && come.text == "come"));
    let begins = |with: &[&str]| words.iter().any(|it| with.iter().any(|stem| it.text.starts_with(stem)));
    let turned_down = words
        .windows(2)
        .any(|it| matches!(it, [turn, down] if turn.text.starts_with("turn") && down.text == "down"));
    let recorded = begins(RECORDED) || words.iter().any(|it| SAID.contains(&it.text.as_str()));
    (first == Some("why") || how_come) && (!recorded || (begins(REFUSED) || turned_down) && !begins(ADVISED))
}

/// "how do I reboot my desktop", "what is a bundle", "what does AutoStop mean".
fn is_lesson(words: &[Word]) -> bool {
    let text = |n: usize| words.get(n).map_or("", |it| it.text.as_str());
    match (text(0), text(1), text(2)) {
        ("how", "can" | "do" | "to" | "could" | "should" | "would", next) => {
            let verb = if text(1) == "to" {
                next
            } else if matches!(next, "i" | "we" | "you" | "one") {
                text(3)
            } else {
                ""
            };
            ORDERS.contains(&verb) || matches!(verb, "connect" | "use" | "get" | "make" | "add" | "become")
        }
        ("what" | "whats", "is" | "are", "a" | "an") | ("what" | "whats", "a" | "an", _) => words.len() <= 5,
        ("what", "does" | "do", _) => {
            matches!(words.last().map(|it| it.text.as_str()), Some("stand"))
                || words.windows(2).any(|it| matches!(it, [i, mean] if i.text != "i" && mean.text == "mean"))
                || text(words.len() - 1) == "for"
        }
        ("explain" | "define", ..) => true,
        _ => false,
    }
}

/// Nothing in the question is known.
#[must_use]
pub fn nothing_named(catalog: &Catalog) -> String {
    let Some(first) = catalog.entities().first() else {
        return "I can't answer that, because your role may not ask about anything.".to_owned();
    };
    format!(
        "I can't answer that, because it names nothing that Skydesk knows. You can ask about {}: for example “{}”.",
        first.plural,
        first.examples.first().unwrap_or(&"")
    )
}
