//! Questions that no plan answers, and why.
//!
//! By classes of words, and by where they stand: "stop the zombies" is an order, "how many stops yesterday" is none.

use crate::{
    catalog::Catalog,
    questions::words::{BREAK, Word},
};

/// Orders; only as the first word of a statement, pleasantries aside.
const ORDERS: &[&str] = &[
    "delete",
    "remove",
    "terminate",
    "kill",
    "destroy",
    "drop",
    "update",
    "insert",
    "alter",
    "create",
    "stop",
    "start",
    "reboot",
    "restart",
    "rebuild",
    "shutdown",
    "grant",
    "truncate",
    "reset",
    "approve",
    "reject",
    "cancel",
    "enable",
    "disable",
    "migrate",
    "move",
    "resize",
    "assign",
    "unassign",
    "provision",
    "deploy",
    "launch",
    "power",
    "turn",
    "switch",
    "set",
    "tag",
    "untag",
    "send",
    "email",
    "mail",
    "schedule",
    "book",
    "execute",
    "run",
    "restore",
    "patch",
    "install",
    "uninstall",
    "encrypt",
    "modify",
    "fix",
    "repair",
    "log",
    "sign",
    "wipe",
    "archive",
    "revoke",
    "rename",
    "increase",
    "reduce",
    "upgrade",
    "downgrade",
    "buy",
    "order",
    "invite",
    "unlock",
    "block",
    "lock",
    "write",
    "translate",
    "draw",
    "sing",
    "stopp",
    "bounce",
    "decommission",
    "purge",
    "clean",
];

/// What may stand before an order.
const BEFORE_ORDERS: &[&str] = &[
    "please",
    "pls",
    "plz",
    "can",
    "could",
    "would",
    "will",
    "you",
    "u",
    "now",
    "then",
    "and",
    "just",
    "go",
    "ahead",
    "kindly",
    "hi",
    "hey",
    "hello",
    "ok",
    "okay",
    "let's",
    "lets",
    "quickly",
    "immediately",
    "also",
    "should",
    "skydesk",
    "to",
    "i",
    "want",
    "need",
    "like",
    "must",
];

const WHOLE: &[(&[&str], &str)] = &[
    (
        &[
            "password",
            "passwords",
            "secret",
            "secrets",
            "credential",
            "credentials",
            "passwd",
            "ignore",
            "prompt",
            "instructions",
            "jailbreak",
            "hashes",
            "api-key",
            "apikey",
            "sudo",
            "sql",
            "--",
            "xp_cmdshell",
            "pg_sleep",
            "information_schema",
            "pg_catalog",
            "union",
        ],
        "it asks about Skydesk's own workings, and only the data of the catalog can be asked about",
    ),
    (
        &[
            "cpu",
            "ram",
            "latency",
            "utilization",
            "utilisation",
            "bandwidth",
            "packet",
            "iops",
            "throughput",
            "lag",
            "jitter",
            "fps",
        ],
        "Skydesk does not know figures of performance",
    ),
    (
        &["tomorrow", "forecast", "predict", "prediction", "future", "upcoming", "projection", "extrapolate"],
        "it asks for something other than what Skydesk has recorded",
    ),
    (
        &[
            "weather",
            "joke",
            "poem",
            "capital",
            "president",
            "recipe",
            "football",
            "horoscope",
            "lottery",
            "song",
        ],
        "it is about something that Skydesk has no data of",
    ),
    (
        &[
            "budget",
            "budgets",
            "invoice",
            "invoices",
            "co2",
            "carbon",
            "emissions",
            "malware",
            "virus",
            "guardduty",
            "vpn",
            "azure",
            "gcp",
            "citrix",
            "vmware",
            "tickets",
            "helpdesk-tickets",
            "antivirus",
            "cve",
            "cves",
            "vulnerabilities",
            "keystrokes",
            "printers",
        ],
        "Skydesk has no data of that",
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
    ("going", "to", ""),
    ("phone", "number", "Skydesk has no data of that"),
    ("phone", "numbers", "Skydesk has no data of that"),
    ("disk", "space", "Skydesk knows the sizes of volumes, not how full they are"),
    ("over", "budget", "Skydesk has no data of that"),
    (
        "drop",
        "table",
        "it asks about Skydesk's own workings, and only the data of the catalog can be asked about",
    ),
    (
        "select",
        "from",
        "it asks about Skydesk's own workings, and only the data of the catalog can be asked about",
    ),
    (
        "password",
        "hash",
        "it asks about Skydesk's own workings, and only the data of the catalog can be asked about",
    ),
];

const FUTURE: &str = "it asks for something other than what Skydesk has recorded";
const READS_ONLY: &str = "questions only read; nothing in AWS or in Skydesk is changed by them";

/// Why a question cannot be answered, if words alone tell.
pub(super) fn refusal(words: &[Word]) -> Option<String> {
    let why = |it: &str| Some(format!("I can't answer that, because {it}."));
    for (n, word) in words.iter().enumerate() {
        let text = word.text.as_str();
        if let Some((_, reason)) = WHOLE.iter().find(|(them, _)| them.contains(&text)) {
            return why(reason);
        }
        let next = words.get(n + 1).map_or("", |it| it.text.as_str());
        if let Some((.., reason)) =
            PAIRS.iter().find(|(a, b, why)| *a == text && *b == next && !why.is_empty())
        {
            return why(reason);
        }
    }
    if words.len() <= 2 && words.first().is_some_and(|it| matches!(it.text.as_str(), "why" | "how")) {
        return why(FUTURE);
    }
    if is_lesson(words) {
        return why(
            "it asks how something is done or what it means, and questions only read what Skydesk has recorded",
        );
    }
    if is_order(words) { why(READS_ONLY) } else { None }
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
            matches!(words.last().map(|it| it.text.as_str()), Some("mean" | "stand"))
                || text(words.len() - 1) == "for"
        }
        ("explain" | "define", ..) => true,
        _ => false,
    }
}

/// A statement that begins with an order.
fn is_order(words: &[Word]) -> bool {
    let mut statements = words.split(|it| it.text == BREAK || it.text == ",");
    statements.any(|statement| {
        let mut rest = statement.iter().skip_while(|it| BEFORE_ORDERS.contains(&it.text.as_str()));
        let Some(first) = rest.next() else { return false };
        let Some(second) = rest.next() else { return false };
        if !ORDERS.contains(&first.text.as_str()) {
            return false;
        }
        // "stop events yesterday", "terminate recommendations", "tag values by …" are no orders: an object would have an
        // article, a number, or be a desktop, a name or all of them.
        let object = second.text.as_str();
        matches!(
            object,
            "the"
                | "all"
                | "every"
                | "these"
                | "those"
                | "this"
                | "that"
                | "my"
                | "our"
                | "them"
                | "it"
                | "any"
                | "desktop"
                | "desktops"
                | "workspace"
                | "workspaces"
                | "machine"
                | "machines"
                | "zombie"
                | "zombies"
                | "a"
                | "an"
                | "into"
                | "in"
                | "off"
                | "on"
                | "out"
                | "down"
                | "idle"
                | "unused"
                | "stopped"
                | "me"
                | "us"
                | "everything"
                | "everyone"
                | "half"
                | "up"
                | "back"
                | "both"
                | "user"
                | "running"
                | "broken"
                | "from"
                | "his"
                | "her"
                | "their"
                | "to"
                | "jobs"
                | "operation"
        ) && !(matches!(
            first.text.as_str(),
            "order" | "log" | "sign" | "run" | "power" | "increase" | "reduce" | "set"
        ) && matches!(object, "in" | "on" | "from"))
            || object.starts_with("ws-")
            || object.contains('.')
    })
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
