//! The deterministic reader: it answers only when every word of the question is accounted for.
//!
//! Deliberately narrow. What it reads, it reads in milliseconds and with certainty; the rest is left to the model, asked
//! back, or refused with the reason.

mod reader;

use contract::query::Plan;

use self::reader::Reader;
use super::link::{Keyword, Linked, Mark, Meaning};

/// What the rules make of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The only reading.
    Certain(Plan),
    /// Several readings, all complete.
    Ambiguous(Vec<Plan>),
    /// Something is left over. `guess` is what the rest says, if it says anything.
    Unsure { guess: Option<Plan> },
    /// It cannot be answered, and why.
    Refused(String),
}

/// Reads a linked question. `previous` is the plan that a follow-up edits.
#[must_use]
pub fn read(linked: &Linked, previous: Option<&Plan>) -> Outcome {
    if let Some(why) = refusal(linked) {
        return Outcome::Refused(why);
    }
    let says_something = |it: &&Mark| {
        !matches!(it.meaning, Meaning::Noise | Meaning::Unknown | Meaning::Keyword(_) | Meaning::Number(..))
    };
    if linked.marks.iter().filter(says_something).count() == 0 {
        return Outcome::Refused(nothing_named(linked));
    }
    let mut reader = Reader::new(linked.entity, previous.filter(|_| follows(linked)));
    for (n, mark) in linked.marks.iter().enumerate() {
        reader.take(mark, linked.marks.get(n + 1..).unwrap_or_default());
    }
    reader.finish()
}

/// "and in Frankfurt?" names no shape of its own.
fn follows(linked: &Linked) -> bool {
    let content = linked.marks.iter().filter(|it| it.meaning != Meaning::Noise);
    let first = content.clone().next();
    let starts = first.is_some_and(|it| {
        matches!(it.meaning, Meaning::Keyword(Keyword::FollowUp | Keyword::And | Keyword::By))
    });
    starts
        && !content.clone().any(|it| {
            matches!(it.meaning, Meaning::Entity | Meaning::Keyword(Keyword::Count | Keyword::List))
        })
}

fn nothing_named(linked: &Linked) -> String {
    format!(
        "I can't answer that, because it names nothing that Skydesk knows. You can ask about {}: for example “{}”.",
        linked.entity.plural,
        linked.entity.examples.first().unwrap_or(&"")
    )
}

/// Words that ask for something no plan can do.
fn refusal(linked: &Linked) -> Option<String> {
    for mark in &linked.marks {
        if mark.meaning != Meaning::Unknown {
            continue;
        }
        for (words, why) in REFUSED {
            if mark.text.split(' ').any(|word| words.contains(&word)) {
                return Some(format!("I can't answer that, because {why}."));
            }
        }
    }
    None
}

const REFUSED: &[(&[&str], &str)] = &[
    (
        &[
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
        ],
        "questions only read; nothing in AWS or in Skydesk is changed by them",
    ),
    (
        &[
            "password",
            "passwords",
            "secret",
            "secrets",
            "token",
            "tokens",
            "credential",
            "credentials",
            "hash",
            "hashes",
            "ignore",
            "prompt",
            "instructions",
            "system",
            "sql",
            "select",
            "table",
            "tables",
            "schema",
        ],
        "it asks about Skydesk's own workings, and only the data of the catalog can be asked about",
    ),
    (
        &[
            "price",
            "prices",
            "billed",
            "invoice",
            "dollars",
            "dollar",
            "usd",
            "$",
            "€",
            "euro",
            "euros",
            "expensive",
            "cheap",
            "cheapest",
            "savings",
            "save",
            "budget",
            "money",
        ],
        "of money it knows costs by account, region, service, user and month: for example “Total cost by account”",
    ),
    (
        &[
            "cpu",
            "memory",
            "ram",
            "latency",
            "performance",
            "load",
            "utilization",
            "utilisation",
            "bandwidth",
            "packet",
        ],
        "Skydesk does not know figures of performance",
    ),
    (
        &[
            "snapshot",
            "snapshots",
            "bucket",
            "buckets",
            "rds",
            "s3",
            "ec2",
            "lambda",
            "database",
            "databases",
            "booking",
            "bookings",
            "document",
            "documents",
            "cloudtrail",
        ],
        "Skydesk does not know those yet",
    ),
    (
        &[
            "tomorrow",
            "next",
            "forecast",
            "predict",
            "will",
            "future",
            "why",
            "should",
            "recommend",
            "weather",
            "joke",
            "poem",
            "capital",
            "president",
        ],
        "it asks for something other than what Skydesk has recorded",
    ),
];
